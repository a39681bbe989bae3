"""Templates as data: tags, anchors, globals, and what refers to what."""

from pathlib import Path
from typing import Any

import pytest

from checks.templates import load, names_in, target_of

TEMPLATE = """
Parameters:
  Stage: {Type: String}
Globals:
  Function:
    Timeout: 10
    Environment: {Variables: {COMMON: !Ref Stage, COLOUR: red}}
Resources:
  SellFunction:
    Type: AWS::Serverless::Function
    Properties: &selling
      Timeout: 20
      Environment: {Variables: {COLOUR: blue}}
      Policies:
        - Statement: [{Action: a:B, Resource: !GetAtt DeskTable.Arn}]
  GiveFunction:
    Type: AWS::Serverless::Function
    Properties: {<<: *selling, Timeout: 30}
  DeskTable:
    Type: AWS::DynamoDB::Table
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "desks" / "template.yaml"
    path.parent.mkdir()
    path.write_text(TEMPLATE)
    return path


def test_a_function_has_its_own_values_and_those_of_all_functions(path: Path) -> None:
    sell, give = load(path).functions().values()
    assert sell["Environment"]["Variables"] == {"COMMON": {"Ref": "Stage"}, "COLOUR": "blue"}
    assert (sell["Timeout"], give["Timeout"]) == (20, 30)


def test_policies_are_found_with_who_has_them(path: Path) -> None:
    statement = {"Action": "a:B", "Resource": {"Fn::GetAtt": ["DeskTable", "Arn"]}}
    assert load(path).policy_statements() == [("SellFunction", statement), ("GiveFunction", statement)]


def test_a_template_knows_its_names_and_those_that_sam_makes(path: Path) -> None:
    template = load(path)
    assert template.name == "desks"
    assert template.resources("DynamoDB::Table") == {"DeskTable": {}}
    assert {"Stage", "DeskTable", "SellFunctionRole"} <= template.names()


@pytest.mark.parametrize(
    ("value", "names"),
    [
        ({"Ref": "A"}, {"A"}),
        ({"Fn::GetAtt": ["A", "Arn"]}, {"A"}),
        ({"Fn::Sub": "x-${A}/${B.Arn}/${!Literal}"}, {"A", "B"}),
        ({"Fn::Sub": ["${A}-${Own}", {"Own": {"Ref": "B"}}]}, {"A", "B"}),
        ([{"deep": [{"Ref": "A"}]}, "text", 7], {"A"}),
    ],
)
def test_every_name_that_a_value_refers_to_is_found(value: Any, names: set[str]) -> None:
    assert names_in(value) == names


def test_a_plain_text_refers_to_nothing() -> None:
    assert target_of("arn:aws:sqs") is None
