"""The project's templates as data: anchors and merges resolved, short tags as their long forms."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
PATHS = sorted(ROOT.glob("services/*/template.yaml"))

type Properties = dict[str, Any]


class _Loader(yaml.SafeLoader):
    """Knows CloudFormation's tags."""


def _tag(loader: yaml.Loader, suffix: str, node: yaml.Node) -> Any:
    value: Any
    match node:
        case yaml.ScalarNode():
            value = loader.construct_scalar(node)
        case yaml.SequenceNode():
            value = loader.construct_sequence(node, deep=True)
        case yaml.MappingNode():
            value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in ("Ref", "Condition") else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _tag)


@dataclass(frozen=True, slots=True)
class Template:
    """`name` is the service's folder; `body` the whole document."""

    name: str
    path: Path
    body: dict[str, Any]

    def resources(self, kind: str) -> dict[str, Properties]:
        """Properties by logical id of every resource of the type `AWS::` + `kind`."""
        return {
            name: resource.get("Properties", {})
            for name, resource in self.body["Resources"].items()
            if resource["Type"] == f"AWS::{kind}"
        }

    def functions(self) -> dict[str, Properties]:
        """Functions with the globals merged in, as SAM does: a function's own value wins."""
        common = self.body.get("Globals", {}).get("Function", {})
        return {name: _merged(common, own) for name, own in self.resources("Serverless::Function").items()}

    def names(self) -> set[str]:
        """Every name that may be referred to: parameters, resources, and those that SAM makes beside them."""
        machines = self.resources("Serverless::StateMachine").items()
        roles = {f"{name}Role" for name in self.functions()}
        aliases = {
            f"{name}Alias{it['AutoPublishAlias']}" for name, it in machines if "AutoPublishAlias" in it
        }
        stages = {f"{name}.Stage" for name in self.resources("Serverless::Api")}
        return {*self.body["Resources"], *self.body.get("Parameters", {}), *roles, *aliases, *stages}

    def policy_statements(self) -> list[tuple[str, dict[str, Any]]]:
        """Every statement of every identity policy, with the logical id of who has it."""
        holders = {**self.functions(), **self.resources("Serverless::StateMachine")}
        inline = [(name, it) for name, own in holders.items() for it in own.get("Policies", [])]
        roles = self.resources("IAM::Role").items()
        inline += [(name, it["PolicyDocument"]) for name, role in roles for it in role.get("Policies", [])]
        inline += [(name, it["PolicyDocument"]) for name, it in self.resources("IAM::Policy").items()]
        return [(name, it) for name, document in inline for it in document["Statement"]]


def _merged(common: Any, own: Any) -> Any:
    if isinstance(common, dict) and isinstance(own, dict):
        return {key: _merged(common.get(key), own.get(key, common.get(key))) for key in {**common, **own}}
    return own if own is not None else common


@cache
def load(path: Path) -> Template:
    return Template(path.parent.name, path, yaml.load(path.read_text(), Loader=_Loader))  # noqa: S506


def service(name: str) -> Template:
    return load(ROOT / "services" / name / "template.yaml")


def target_of(reference: Any) -> str | None:
    """The logical id that `!Ref`, `!GetAtt` or a `!Sub` of one name refers to; None for anything else."""
    match reference:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return name
    return None


def names_in(value: Any) -> set[str]:
    """Every logical id or parameter that a value refers to, however deep."""
    match value:
        case {"Ref": str(name)} | {"Fn::GetAtt": [str(name), *_]}:
            return {name}
        case {"Fn::Sub": str(text)}:
            return _substituted(text)
        case {"Fn::Sub": [str(text), dict(given)]}:
            return (_substituted(text) - given.keys()) | names_in(list(given.values()))
        case dict():
            return set().union(*(names_in(part) for part in value.values()))
        case list():
            return set().union(*(names_in(part) for part in value))
    return set()


def _substituted(text: str) -> set[str]:
    """`${Name.Attribute}` as `Name`; `${!Literal}` is text."""
    parts = text.split("${")[1:]
    return {name.split("}")[0].split(".")[0] for name in parts if not name.startswith("!")}
