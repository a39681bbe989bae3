"""Step Functions in memory: the real definitions, one attempt of one state at a time, in any interleaving."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.integration.choreography.clock import WorldTime
from tests.integration.choreography.mishaps import Crash
from tests.integration.orchestration.language import Failure, State, evaluated

type Perform = Callable[[str, Any], Any]

FAULT = "Lambda.Unknown"


@dataclass(eq=False)
class Execution:
    """One execution, or one iteration of a map. What it `awaits` is a task token or executions inside.

    `trouble` is what the next attempt meets: `late` it takes effect when it is over, `broken` all fail.
    """

    machine: str
    name: str
    states: dict[str, State]
    at: str
    value: Any
    deadline: datetime
    given: Any = None
    variables: dict[str, Any] = field(default_factory=dict)
    retried: Counter[int] = field(default_factory=Counter)
    status: str = "RUNNING"
    error: str | None = None
    token: str | None = None
    answer: Failure | bool = False
    inside: list["Execution"] = field(default_factory=list)
    wakes_at: datetime | None = None
    gives_up_at: datetime | None = None
    trouble: str | None = None
    busy: bool = False

    @property
    def runs(self) -> bool:
        return self.status == "RUNNING"

    @property
    def is_ready(self) -> bool:
        """Whether an attempt would come to anything now."""
        if not self.runs or self.busy or (self.wakes_at and WorldTime.moment < self.wakes_at):
            return False
        if self.gives_up_at and WorldTime.moment >= self.gives_up_at:
            return True
        return bool(self.answer or not self.token) and not any(each.runs for each in self.inside)

    @property
    def state(self) -> State:
        return self.states[self.at]

    def states_object(self, **more: Any) -> dict[str, Any]:
        context = {
            "Execution": {"Id": f"{self.machine}:{self.name}", "Name": self.name},
            "State": {"Name": self.at, "RetryCount": self.retried.total()},
            "Task": {"Token": self.token},
        }
        context |= more.pop("context", {})
        return {"input": self.value, "context": context, **more}

    def field(self, value: Any, **more: Any) -> Any:
        return evaluated(value, self.variables, self.states_object(**more))

    def leave(self, step: Mapping[str, Any], **more: Any) -> None:
        """By a state or one of its catchers, to the state that it names."""
        assigned = self.field(step.get("Assign", {}), **more)
        self.value = self.field(step.get("Output", self.value), **more)
        self.variables |= assigned
        self.at = step["Next"]
        self.retried.clear()
        self.trouble = self.gives_up_at = None
        self.wait_for_nothing()

    def wait_for_nothing(self) -> None:
        self.token, self.answer, self.inside = None, False, []

    def end(self, status: str, error: str | None = None) -> None:
        self.status, self.error = status, error
        self.wait_for_nothing()


class Machines:
    """All executions by machine and name; `late` is what takes effect after its attempt was given up.

    `perform` does what a task's resource says, with its arguments. `ended` are executions as they end.
    """

    def __init__(self, definitions: dict[str, State], perform: Perform) -> None:
        self.definitions = definitions
        self._perform = perform
        self.all: dict[tuple[str, str], Execution] = {}
        self.branches: list[Execution] = []
        self.late: list[Callable[[], Any]] = []
        self.ended: list[Execution] = []

    def start(self, machine: str, name: str, given: Any) -> bool:
        """False if there was one of that name."""
        if (machine, name) in self.all:
            return False
        made = self.definitions[machine]
        until = WorldTime.moment + timedelta(seconds=made["TimeoutSeconds"])
        self.all[machine, name] = Execution(
            machine, name, made["States"], made["StartAt"], given, until, given
        )
        return True

    @property
    def running(self) -> list[Execution]:
        return [each for each in (*self.all.values(), *self.branches) if each.runs]

    def advance(self, execution: Execution) -> None:
        """One attempt at the state where it is."""
        execution.busy = True
        try:
            self._step(execution)
        except Failure as failure:
            if execution.runs:
                self._fail(execution, failure)
        finally:
            execution.busy = False

    def stop(self, execution: Execution, status: str = "ABORTED") -> None:
        """By a person, or by its time. What it has inside is stopped with it, as far as that goes."""
        inside = execution.inside
        self._end(execution, status)
        for each in inside:
            if each.runs:
                self.stop(each, "ABORTED")

    def answer(self, token: str, answer: Failure | bool) -> bool:
        """False if nothing waits under the token, or it was used."""
        for each in self.running:
            if each.token == token and not each.answer:
                each.answer = answer
                return True
        return False

    def time_out(self) -> None:
        for each in list(self.all.values()):
            if each.runs and not each.busy and WorldTime.moment > each.deadline:
                self.stop(each, "TIMED_OUT")

    def _end(self, execution: Execution, status: str, error: str | None = None) -> None:
        execution.end(status, error)
        if execution.given is not None:
            self.ended.append(execution)

    def _step(self, execution: Execution) -> None:
        state = execution.state
        match state["Type"]:
            case "Pass":
                execution.leave(state)
            case "Choice":
                fitting = (it for it in state["Choices"] if execution.field(it["Condition"]))
                execution.leave(next(fitting, {"Next": state.get("Default")}))
            case "Succeed":
                self._end(execution, "SUCCEEDED")
            case "Fail":
                self._end(execution, "FAILED", execution.field(state["Error"]))
            case "Wait":
                self._wait(execution, state)
            case "Map":
                self._map(execution, state)
            case "Task":
                self._attempt(execution, state)
            case other:
                raise NotImplementedError(other)

    @staticmethod
    def _wait(execution: Execution, state: State) -> None:
        if execution.answer:
            execution.leave(state)
            return
        execution.wakes_at = WorldTime.moment + timedelta(seconds=execution.field(state["Seconds"]))
        execution.answer = True

    def _map(self, execution: Execution, state: State) -> None:
        if not execution.inside:
            inner = state["ItemProcessor"]
            for item in execution.field(state["Items"]):
                context = {"Map": {"Item": {"Value": item}}}
                value = execution.field(state["ItemSelector"], context=context)
                branch = Execution(
                    execution.machine,
                    execution.name,
                    inner["States"],
                    inner["StartAt"],
                    value,
                    execution.deadline,
                )
                execution.inside.append(branch)
            self.branches += execution.inside
            return
        execution.leave(state, result=[])

    def _attempt(self, execution: Execution, state: State) -> None:
        if execution.trouble == "broken":
            raise Failure(FAULT)
        if not (execution.token or execution.inside):
            self._begin(execution, state)
            return
        if isinstance(execution.answer, Failure):
            raise execution.answer
        if not execution.answer and execution.token:
            raise Failure("States.Timeout")
        if any(each.status != "SUCCEEDED" for each in execution.inside):
            raise Failure(
                "States.Timeout" if any(it.runs for it in execution.inside) else "States.TaskFailed"
            )
        execution.leave(state, result={})

    def _begin(self, execution: Execution, state: State) -> None:
        """What the task is for; one with a token or an execution inside then waits."""
        resource = state["Resource"].rpartition(":::")[2]
        waits = resource.endswith(("waitForTaskToken", "startExecution.sync:2"))
        execution.token = uuid4().hex if resource.endswith("waitForTaskToken") else None
        token = execution.token
        arguments = execution.field(state["Arguments"])
        seconds = execution.field(state["TimeoutSeconds"])
        execution.gives_up_at = WorldTime.moment + timedelta(seconds=seconds) if waits else None
        if execution.trouble == "late":
            execution.trouble = None
            self.late.append(lambda: self._perform(resource, arguments))
            raise Failure(FAULT if waits else "States.Timeout")
        result = self._done(resource, arguments)
        if not execution.runs:
            return
        if resource.startswith("states:startExecution"):
            execution.inside = [self.all[arguments["StateMachineArn"], arguments["Name"]]]
        elif token is None:
            execution.leave(state, result={"Payload": result})

    def _done(self, resource: str, arguments: Any) -> Any:
        try:
            return self._perform(resource, json.loads(json.dumps(arguments)))
        except Crash:
            raise Failure(FAULT) from None

    def _fail(self, execution: Execution, failure: Failure) -> None:
        """Try again, go where the state says, or end."""
        if execution.answer is True:
            execution.leave(execution.state, result={})
            return
        execution.wait_for_nothing()
        for place, retrier in enumerate(execution.state.get("Retry", [])):
            if failure.is_one_of(retrier["ErrorEquals"]):
                if execution.retried[place] < retrier.get("MaxAttempts", 3):
                    self._try_again(execution, place, retrier)
                    return
                break
        for catcher in execution.state.get("Catch", []):
            if failure.is_one_of(catcher["ErrorEquals"]):
                execution.leave(catcher, errorOutput=failure.told)
                return
        self._end(execution, "FAILED", failure.error)

    def _try_again(self, execution: Execution, place: int, retrier: State) -> None:
        """With full jitter, which may be at once; without, after the whole time."""
        wait = retrier["IntervalSeconds"] * retrier["BackoffRate"] ** execution.retried[place]
        wait = 0 if retrier.get("JitterStrategy") == "FULL" else min(wait, retrier["MaxDelaySeconds"])
        execution.wakes_at = WorldTime.moment + timedelta(seconds=wait)
        execution.retried[place] += 1
