"""The account of the matrix on the embedded AWS: tables, queues, machines, and the function behind them."""

import io
import json
import os
import sysconfig
import threading
import zipfile
from typing import Any
from uuid import uuid4

import boto3

from checks.templates import ROOT, service
from sandbox.emulator import REGION
from tests.integration.tables import make_table
from tests.matrix.cells import AWAIT, COMPENSATE, GROUP, PROCESS
from tests.matrix.machines import definition
from tests.matrix.partner import TABLES

TRUST = {"Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "*"}}]}
ALL = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
SERVICES = [ROOT / f"services/{name}/src" for name in ("bookings", "payment-provider")]
PATHS = (sysconfig.get_path("purelib"), ROOT / "shared", *SERVICES, ROOT)


class Account:
    """`machines` are those made so far, by name and the tasks that are to fail in them."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.RLock()
        self.machines: dict[tuple[str, frozenset[str]], str] = {}
        self._make()

    def client(self, service: str) -> Any:
        keys = {"aws_access_key_id": "test", "aws_secret_access_key": "test"}
        return boto3.client(service, endpoint_url=self._url, region_name=REGION, **keys)  # type: ignore[call-overload]

    def _make(self) -> None:
        database, queues = self.client("dynamodb"), self.client("sqs")
        for name in ("BookingsTable", "FlightsTable", "GroupsTable"):
            make_table("bookings", name, database)
        for name in TABLES:
            make_table("payment-provider", name, database)
        database.create_table(
            TableName="late-calls",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "call", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "call", "KeyType": "HASH"}],
        )
        roles = self.client("iam")
        role = roles.create_role(RoleName="matrix", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        roles.put_role_policy(RoleName="matrix", PolicyName="all", PolicyDocument=json.dumps(ALL))
        self._role = role
        self.dlq = queues.create_queue(QueueName="booking-dlq")["QueueUrl"]
        failed = queues.create_queue(QueueName="failed-bookings")["QueueUrl"]
        topic = self.client("sns").create_topic(Name="booking-notices")["TopicArn"]
        self._values = {
            "StandIn": self._stand_in(),
            "TransferTimeoutSeconds": "2",
            "FlightsTableName": "FlightsTable",
            "BookingNoticesTopicArn": topic,
            "BookingDlqUrl": self.dlq,
            "FailedBookingsQueueUrl": failed,
            "GroupConcurrency": "2",
        }
        self._let_undoings_be_started()
        self._hear_of_ends()

    def _stand_in(self) -> str:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as zipped:
            zipped.writestr("empty.txt", "")
        self._environment = {
            "PYTHONPATH": os.pathsep.join(str(path) for path in PATHS),
            "BOOKINGS_TABLE_NAME": "BookingsTable",
            "FLIGHTS_TABLE_NAME": "FlightsTable",
            "GROUPS_TABLE_NAME": "GroupsTable",
            "POWERTOOLS_SERVICE_NAME": "bookings",
            "POWERTOOLS_METRICS_NAMESPACE": "Jetbridge",
            "POWERTOOLS_TRACE_DISABLED": "true",
        }
        made = self.client("lambda").create_function(
            FunctionName="stand-in",
            Runtime="python3.13",
            Handler="tests.matrix.stand_in.handler",
            Role=self._role,
            Code={"ZipFile": archive.getvalue()},
            Timeout=10,
            Environment={"Variables": self._environment},
        )
        return str(made["FunctionArn"])

    def _let_undoings_be_started(self) -> None:
        undoing = {"UNDOING_ARN": self.machine(COMPENSATE, frozenset())}
        variables = self._environment | undoing
        self.client("lambda").update_function_configuration(
            FunctionName="stand-in", Environment={"Variables": variables}
        )

    def _hear_of_ends(self) -> None:
        """The template's rules, for executions of groups and of the bookings inside."""
        stand_in, booking = self._values["StandIn"], self.machine(PROCESS, frozenset())
        group = booking.partition(f":{PROCESS}")[0] + f":{GROUP}-"
        undoing = {"Arn": self.machine(COMPENSATE, frozenset()), "RoleArn": self._role}
        self._rule("EndedExecutionsRule", booking, undoing)
        rule = service("bookings").resources("Events::Rule")["EndedGroupsRule"]
        transformer = rule["Targets"][0]["InputTransformer"]
        task = {"state": "Settle Group", "resource": "arn:aws:states:::lambda:invoke", "attempt": 0}
        wrapped = json.dumps(task)[:-1] + f', "payload": {transformer["InputTemplate"]}}}'
        transformed = {"InputTransformer": transformer | {"InputTemplate": wrapped}}
        self._rule("EndedGroupsRule", {"prefix": group}, {"Arn": stand_in} | transformed)
        self.client("lambda").add_permission(
            FunctionName="stand-in",
            StatementId="rules",
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
        )

    def _rule(self, name: str, machine: str | dict[str, str], target: dict[str, Any]) -> None:
        events = self.client("events")
        pattern = service("bookings").resources("Events::Rule")[name]["EventPattern"]
        pattern = pattern | {"detail": pattern["detail"] | {"stateMachineArn": [machine]}}
        events.put_rule(Name=name, EventPattern=json.dumps(pattern))
        events.put_targets(Rule=name, Targets=[{"Id": "target"} | target])

    def machine(self, name: str, faulty: frozenset[str]) -> str:
        with self._lock:
            if (name, faulty) not in self.machines:
                nested = {}
                if name == PROCESS:
                    nested = {"AwaitSupplierAliasArn": self.machine(AWAIT, faulty)}
                if name == GROUP:
                    nested = {"ProcessBookingAliasArn": self.machine(PROCESS, frozenset())}
                made = self.client("stepfunctions").create_state_machine(
                    name=f"{name}-{uuid4().hex[:8]}",
                    definition=definition(name, faulty, self._values | nested),
                    roleArn=self._role,
                )
                self.machines[name, faulty] = made["stateMachineArn"]
            return self.machines[name, faulty]
