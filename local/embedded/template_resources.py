"""Resource types that ministack's CloudFormation lacks, and properties that its provisioners drop.

Provisioners run on the event loop: they call service functions directly and never our own HTTP port.
"""

import json
from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch, eventbridge, lambda_svc, sns, stepfunctions
from ministack.services.cloudformation import provisioners

from embedded import identity
from embedded.overlay import OverlayMismatch

Properties = dict[str, Any]
Created = tuple[str, dict[str, Any]]
Create = Callable[[str, Properties, str], Created]
Delete = Callable[[str, Properties], None]


def install() -> None:
    for kind, (create, delete) in NEW_TYPES.items():
        provisioners._RESOURCE_HANDLERS[kind] = {
            "create": create,
            "update": _updater(create),
            "update_with_logical_id": True,
            "delete": delete,
        }
    _before("AWS::SNS::Topic", _name_fifo_topic)
    _before("AWS::Lambda::EventSourceMapping", _refuse_without_permission)
    _before("AWS::Lambda::EventSourceMapping", _read_concurrency)
    _before("AWS::Lambda::Function", _write_out_variables)
    _after("AWS::SNS::Topic", _keep_topic_attributes)
    _after("AWS::Lambda::Function", _keep_function_settings)


def _updater(create: Create) -> Callable[..., Created]:
    """Each of these types is written as a whole: an update is a create under the same name."""

    def update(physical_id: str, old: Properties, new: Properties, stack: str, logical_id: str) -> Created:
        return create(logical_id, new, stack)

    return update


def _handlers(kind: str) -> dict[str, Any]:
    if kind not in provisioners._RESOURCE_HANDLERS:
        raise OverlayMismatch(f"ministack's CloudFormation no longer knows {kind}: see {__name__}")
    return provisioners._RESOURCE_HANDLERS[kind]  # type: ignore[no-any-return]


def _before(kind: str, prepare: Callable[[str, Properties, str], Properties]) -> None:
    handlers = _handlers(kind)
    create, update = handlers["create"], handlers["update"]

    def prepared_create(logical_id: str, properties: Properties, stack: str) -> Any:
        return create(logical_id, prepare(logical_id, properties, stack), stack)

    def prepared_update(
        physical_id: str, old: Properties, new: Properties, stack: str, *logical_id: str
    ) -> Any:
        name = logical_id[0] if logical_id else physical_id
        return update(physical_id, prepare(name, old, stack), prepare(name, new, stack), stack, *logical_id)

    handlers.update(create=prepared_create, update=prepared_update)


def _after(kind: str, keep: Callable[[str, Properties], None]) -> None:
    handlers = _handlers(kind)
    create, update = handlers["create"], handlers["update"]

    def kept_create(logical_id: str, properties: Properties, *rest: Any) -> Any:
        created = create(logical_id, properties, *rest)
        keep(created[0], properties)
        return created

    def kept_update(physical_id: str, old: Properties, new: Properties, *rest: Any) -> Any:
        updated = update(physical_id, old, new, *rest)
        keep(updated[0], new)
        return updated

    handlers.update(create=kept_create, update=kept_update)


def _answer(response: tuple[int, Any, bytes]) -> dict[str, Any]:
    """What the service answered; raises ValueError with its message when it refused."""
    status, _, body = response
    answer: dict[str, Any] = json.loads(body or b"{}")
    if status >= 400:
        raise ValueError(answer.get("message") or answer.get("Message") or str(answer))
    return answer


# --- properties


def _name_fifo_topic(logical_id: str, properties: Properties, stack: str) -> Properties:
    if not provisioners._cfn_bool(properties.get("FifoTopic")) or properties.get("TopicName"):
        return properties
    name = provisioners._physical_name(stack, logical_id, max_len=251)
    return {**properties, "TopicName": f"{name}.fifo"}


def _keep_topic_attributes(arn: str, properties: Properties) -> None:
    attributes = sns._topics[arn]["attributes"]
    for name in ("FifoTopic", "ContentBasedDeduplication"):
        if name in properties:
            attributes[name] = str(provisioners._cfn_bool(properties[name])).lower()
    for name in ("KmsMasterKeyId", "FifoThroughputScope", "TracingConfig", "SignatureVersion"):
        if name in properties:
            attributes[name] = str(properties[name])


def _write_out_variables(logical_id: str, properties: Properties, stack: str) -> Properties:
    """CloudFormation makes text of a variable that the template has as a number or a truth value."""
    variables = (properties.get("Environment") or {}).get("Variables") or {}
    texts = {
        name: value if isinstance(value, str) else json.dumps(value) for name, value in variables.items()
    }
    return {**properties, "Environment": {"Variables": texts}}


def _keep_function_settings(name: str, properties: Properties) -> None:
    function = lambda_svc._functions[name]
    function["config"]["DeadLetterConfig"] = properties.get("DeadLetterConfig") or {}
    reserved = properties.get("ReservedConcurrentExecutions")
    function["concurrency"] = None if reserved is None else int(reserved)


def _refuse_without_permission(logical_id: str, properties: Properties, stack: str) -> Properties:
    """AWS tries the execution role when a mapping is made."""
    function, *_ = provisioners._lambda_function_for_cfn_ref(properties["FunctionName"])
    source = properties.get("EventSourceArn") or ""
    for action in SOURCE_ACTIONS.get(source.split(":")[2] if source else "", ()):
        if function and identity.denial(function["config"]["Role"], action, source):
            call, service = action.split(":")[1], action.split(":")[0].upper()
            raise ValueError(
                f"The provided execution role does not have permissions to call {call} on {service}: {source}"
            )
    return properties


def _read_concurrency(logical_id: str, properties: Properties, stack: str) -> Properties:
    """A parameter's value is text, also of type Number; ministack compares it as a number."""
    scaling = properties.get("ScalingConfig")
    if not scaling:
        return properties
    return {
        **properties,
        "ScalingConfig": {**scaling, "MaximumConcurrency": int(scaling["MaximumConcurrency"])},
    }


SOURCE_ACTIONS = {
    "sqs": ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"),
    "dynamodb": ("dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"),
}


# --- types


def _create_archive(logical_id: str, properties: Properties, stack: str) -> Created:
    name = properties.get("ArchiveName") or provisioners._physical_name(stack, logical_id, max_len=48)
    wanted: Properties = {
        "ArchiveName": name,
        "EventSourceArn": properties["SourceArn"],
        "Description": properties.get("Description", ""),
        "RetentionDays": int(properties.get("RetentionDays", 0)),
    }
    if properties.get("EventPattern"):
        wanted["EventPattern"] = json.dumps(properties["EventPattern"])
    exists = name in eventbridge._archives
    answer = _answer((eventbridge._update_archive if exists else eventbridge._create_archive)(wanted))
    return name, {"Arn": answer["ArchiveArn"], "ArchiveName": name}


def _delete_archive(name: str, properties: Properties) -> None:
    eventbridge._delete_archive({"ArchiveName": name})


def _create_bus_policy(logical_id: str, properties: Properties, stack: str) -> Created:
    bus, sid = properties.get("EventBusName", "default"), properties["StatementId"]
    policy = eventbridge._event_bus_policies.get(bus) or {"Version": "2012-10-17", "Statement": []}
    others = [each for each in policy["Statement"] if each.get("Sid") != sid]
    statement = properties.get("Statement") or {"Effect": "Allow", "Principal": properties["Principal"]}
    eventbridge._event_bus_policies[bus] = {**policy, "Statement": [*others, {**statement, "Sid": sid}]}
    return f"{bus}|{sid}", {}


def _delete_bus_policy(physical_id: str, properties: Properties) -> None:
    eventbridge._remove_permission(
        {"EventBusName": properties.get("EventBusName", "default"), "StatementId": properties["StatementId"]}
    )


def _create_composite_alarm(logical_id: str, properties: Properties, stack: str) -> Created:
    name = properties.get("AlarmName") or provisioners._physical_name(stack, logical_id, max_len=255)
    _answer(cloudwatch._put_composite_alarm({}, {**properties, "AlarmName": name}, False, is_json=True))
    return name, {"Arn": cloudwatch._composite_alarms[name]["AlarmArn"]}


def _delete_composite_alarm(name: str, properties: Properties) -> None:
    cloudwatch._delete_alarms({}, {"AlarmNames": [name]}, False, is_json=True)


def _create_machine_version(logical_id: str, properties: Properties, stack: str) -> Created:
    wanted = {
        "stateMachineArn": properties["StateMachineArn"],
        "description": properties.get("Description", ""),
    }
    arn = _answer(stepfunctions._publish_state_machine_version(wanted))["stateMachineVersionArn"]
    return arn, {"Arn": arn}


def _delete_machine_version(arn: str, properties: Properties) -> None:
    _answer(stepfunctions._delete_state_machine_version({"stateMachineVersionArn": arn}))


def _create_machine_alias(logical_id: str, properties: Properties, stack: str) -> Created:
    name = properties.get("Name") or provisioners._physical_name(stack, logical_id, max_len=80)
    preference = properties.get("DeploymentPreference") or {}
    routes = properties.get("RoutingConfiguration") or [
        {"StateMachineVersionArn": preference["StateMachineVersionArn"], "Weight": 100}
    ]
    routing = [
        {"stateMachineVersionArn": each["StateMachineVersionArn"], "weight": int(each["Weight"])}
        for each in routes
    ]
    arn = f"{routing[0]['stateMachineVersionArn'].rsplit(':', 1)[0]}:{name}"
    wanted = {"name": name, "routingConfiguration": routing, "description": properties.get("Description", "")}
    if arn in stepfunctions._state_machine_aliases:
        _answer(stepfunctions._update_state_machine_alias({**wanted, "stateMachineAliasArn": arn}))
    else:
        _answer(stepfunctions._create_state_machine_alias(wanted))
    return arn, {"Arn": arn}


def _delete_machine_alias(arn: str, properties: Properties) -> None:
    stepfunctions._delete_state_machine_alias({"stateMachineAliasArn": arn})


NEW_TYPES: dict[str, tuple[Create, Delete]] = {
    "AWS::CloudWatch::CompositeAlarm": (_create_composite_alarm, _delete_composite_alarm),
    "AWS::Events::Archive": (_create_archive, _delete_archive),
    "AWS::Events::EventBusPolicy": (_create_bus_policy, _delete_bus_policy),
    "AWS::StepFunctions::StateMachineAlias": (_create_machine_alias, _delete_machine_alias),
    "AWS::StepFunctions::StateMachineVersion": (_create_machine_version, _delete_machine_version),
}
