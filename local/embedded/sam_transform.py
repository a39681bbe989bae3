"""The SAM transform gets the stack's parameters, SSM ones resolved, as on AWS; ministack gives it none.

Without them the translator writes each parameter's default, which for an SSM parameter is only its name,
into what it generates, such as the authorizers of an API.
"""

import contextvars
from typing import Any

from ministack.services.cloudformation import changesets, engine, handlers
from samtranslator.translator import transform

from embedded.overlay import wrap

_parameters: contextvars.ContextVar[dict[str, str]] = contextvars.ContextVar("parameters")


def install() -> None:
    for module in (changesets, handlers):
        wrap(module, "_apply_transforms", "template provided_params")(_with_parameters)

    @wrap(transform, "transform", "input_fragment parameter_values managed_policy_loader")
    def translate(original: Any, fragment: Any, values: dict[str, str], *rest: Any) -> Any:
        return original(fragment, {**values, **_parameters.get({})}, *rest)


def _with_parameters(original: Any, template: Any, provided: Any = None, previous: Any = None) -> Any:
    before = _parameters.set(engine._transform_parameters(template, provided, previous))
    try:
        return original(template, provided, previous)
    finally:
        _parameters.reset(before)
