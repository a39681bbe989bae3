"""Ids made from what happened, so that the same thing told twice has the same id."""

from uuid import UUID, uuid4, uuid5

_NAMESPACE = UUID("6a8f2c1e-5d0b-4b57-9f1a-0c3e7d2b9a41")


def stable_id(*parts: str) -> str:
    """The same parts give the same id. Lengths are part of it, so ("a", "bc") is not ("ab", "c")."""
    return str(uuid5(_NAMESPACE, "".join(f"{len(part)}:{part}" for part in parts)))


def event_id(source: str, entity_id: str, version: int) -> str:
    """The id of the event that the entity's change to `version` is.

    `source` is part of it: an order, its hold and its payment share their id and count their own versions.
    """
    return stable_id(source, entity_id, str(version))


def random_id() -> str:
    return str(uuid4())
