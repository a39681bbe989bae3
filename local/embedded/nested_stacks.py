"""A nested stack is a stack, made by the same API calls: so it has transforms, SSM parameters and rollback.

Its provisioners run on threads of their own (ministack's `_runs_on_worker_thread`), so they may call our API.
"""

import time
import uuid
from typing import Any

from botocore.exceptions import ClientError
from ministack.services import ssm
from ministack.services.cloudformation import (
    _stack_events,
    _stacks,
    changesets,
    handlers,
    provisioners,
    stacks,
)

from embedded import identity
from embedded.overlay import wrap

NESTED = "AWS::CloudFormation::Stack"
NO_UPDATES = "No updates are to be performed."
POLL_SECONDS = 0.02

Properties = dict[str, Any]
Provisioned = tuple[str, dict[str, str]]


def install() -> None:
    provisioners._RESOURCE_HANDLERS[NESTED].update(create=_create, update=_update, delete=_delete)

    @wrap(stacks, "_update_resource", "resource_type physical_id old_props new_props stack_name")
    def update_always(
        original: Any, kind: str, physical_id: str, old: Properties, new: Properties, parent: str, *rest: Any
    ) -> Any:
        """AWS looks into every nested stack on every update: what it needs may have changed outside."""
        if kind == NESTED and old == new:
            return _update(physical_id, old, new, parent)
        return original(kind, physical_id, old, new, parent, *rest)

    @wrap(changesets, "_diff_resources", "old_template new_template resources")
    def diff(original: Any, old: Any, new: Any, resources: Any = None, *rest: Any) -> list[dict[str, Any]]:
        changes: list[dict[str, Any]] = original(old, new, resources, *rest)
        seen = {change["ResourceChange"]["LogicalResourceId"] for change in changes}
        return changes + [_change(each) for each in _outdated_children(resources or {}) if each not in seen]

    @wrap(handlers, "_stack_has_no_updates", "stack template")
    def has_no_updates(original: Any, stack: dict[str, Any], *rest: Any) -> bool:
        return bool(original(stack, *rest)) and not _outdated_children(stack["_resources"])


def _create(logical_id: str, properties: Properties, parent: str) -> Provisioned:
    """Raises ValueError with the child's own reason, after the child has been rolled back and deleted."""
    name = f"{parent}-{logical_id}-{uuid.uuid4().hex[:12].upper()}"
    keep_failed = bool(_stacks[parent].get("DisableRollback"))
    client = identity.client("cloudformation")
    _call(client.create_stack, name, properties, parent, DisableRollback=keep_failed)
    child = _stacks[name]
    child["ParentId"] = _stacks[parent]["StackId"]
    child["RootId"] = _stacks[parent].get("RootId") or _stacks[parent]["StackId"]
    if _settled(name) == "CREATE_COMPLETE":
        return child["StackId"], _outputs(name)
    reason = _reason(name, "created")
    if not keep_failed:
        _delete(child["StackId"], properties)
    raise ValueError(reason)


def _update(physical_id: str, old: Properties, new: Properties, parent: str) -> Provisioned:
    name = _name(physical_id)
    try:
        _call(identity.client("cloudformation").update_stack, name, new, parent)
    except ValueError as refused:
        if NO_UPDATES in str(refused):
            return physical_id, _outputs(name)
        raise
    if _settled(name) != "UPDATE_COMPLETE":
        raise ValueError(_reason(name, "updated"))
    return physical_id, _outputs(name)


def _delete(physical_id: str, properties: Properties) -> None:
    name = _name(physical_id)
    if name not in _stacks:
        return
    identity.client("cloudformation").delete_stack(StackName=physical_id)
    if _settled(name, ("DELETE_COMPLETE", "DELETE_FAILED")) != "DELETE_COMPLETE":
        raise ValueError(_reason(name, "deleted"))


def _call(operation: Any, name: str, properties: Properties, parent: str, **more: Any) -> None:
    parameters = properties.get("Parameters") or {}
    tags = provisioners._tag_map(properties.get("Tags"))
    try:
        operation(
            StackName=name,
            TemplateURL=properties["TemplateURL"],
            Parameters=[
                {"ParameterKey": key, "ParameterValue": str(value)} for key, value in parameters.items()
            ],
            Capabilities=provisioners._parent_capabilities(parent),
            Tags=[{"Key": key, "Value": value} for key, value in tags.items() if not key.startswith("aws:")],
            **more,
        )
    except ClientError as refused:
        raise ValueError(refused.response["Error"]["Message"]) from refused


def _settled(name: str, ends: tuple[str, ...] = ()) -> str:
    """The status in which the operation ends: one of `ends`, or any that is not IN_PROGRESS."""
    while (status := str(_stacks[name]["StackStatus"])).endswith("_IN_PROGRESS") or (
        ends and status not in ends
    ):
        time.sleep(POLL_SECONDS)
    return status


def _outputs(name: str) -> dict[str, str]:
    return {f"Outputs.{each['OutputKey']}": each["OutputValue"] for each in _stacks[name]["Outputs"]}


def _reason(name: str, participle: str) -> str:
    """AWS's sentence, and behind it what AWS leaves in the child's own events."""
    stack = _stacks[name]
    verb = {"created": "create", "updated": "update", "deleted": "delete"}[participle]
    operation = []
    for event in reversed(_stack_events[stack["StackId"]]):  # oldest operation last
        operation.append(event)
        if event["LogicalResourceId"] == name and event["ResourceStatus"] == f"{verb.upper()}_IN_PROGRESS":
            break
    failures = {
        event["LogicalResourceId"]: event.get("ResourceStatusReason", "")
        for event in operation
        if event["ResourceStatus"].endswith("_FAILED") and event["LogicalResourceId"] != name
    }
    listed = ", ".join(failures)
    because = "; ".join(f"{resource}: {why}" for resource, why in failures.items())
    return (
        f"Embedded stack {stack['StackId']} was not successfully {participle}: "
        f"The following resource(s) failed to {verb}: [{listed}]. "
        f"{because or stack.get('StackStatusReason', '')}"
    )


def _name(physical_id: str) -> str:
    return str(provisioners._nested_stack_lookup_name(physical_id))


def _outdated_children(resources: dict[str, Any]) -> list[str]:
    """Logical ids of nested stacks that read an SSM parameter whose value has changed since."""
    return [
        logical_id
        for logical_id, resource in resources.items()
        if resource["ResourceType"] == NESTED and _is_outdated(_name(resource["PhysicalResourceId"]))
    ]


def _is_outdated(name: str) -> bool:
    stack = _stacks.get(name) or {}
    parameters = (stack.get("_resolved_params") or {}).values()
    changed = any(
        p["Value"] != ssm.resolve_parameter_value(p["SsmName"]) for p in parameters if "SsmName" in p
    )
    return changed or bool(_outdated_children(stack.get("_resources") or {}))


def _change(logical_id: str) -> dict[str, Any]:
    detail = {
        "Target": {"Attribute": "Properties", "Name": "Parameters", "RequiresRecreation": "Never"},
        "Evaluation": "Dynamic",
        "ChangeSource": "Automatic",
    }
    return {
        "ResourceChange": {
            "Action": "Modify",
            "LogicalResourceId": logical_id,
            "ResourceType": NESTED,
            "Replacement": "False",
            "Scope": ["Properties"],
            "Details": [detail],
        }
    }
