"""Where a response and its model differ: unknown keys, nulls where the model says never, unreadable values."""

from collections.abc import Iterator
from typing import Any, Literal, TypeAlias, get_origin

import attrs

from tests.contract.kinds import takes_none
from tests.contract.reviewed import REVIEWED, reasons

Kind: TypeAlias = Literal["unknown", "null", "absent", "lost"]

REVIEWED_NULLS = reasons(REVIEWED.nullable_responses)


@attrs.frozen
class Difference:
    """A place where a response and its model differ.

    Attributes:
        kind: ``unknown``: the model lacks the key. ``null``: the model says that it is never null. ``absent``: the
            response lacks a key that the model says is always there. ``lost``: a value that could not be read.
        place: The model and the key: ``Customer.slug``.
    """

    kind: Kind
    place: str

    @property
    def is_failure(self) -> bool:
        """Whether the model is wrong, and not only older than the server or of more than one kind of object."""
        return self.kind in ("null", "lost") and self.place not in REVIEWED_NULLS


def differences(sent: Any, read: Any, place: str) -> Iterator[Difference]:
    """Compare the JSON of a response with what was read from it.

    A null for a list is not a difference, because it is read as an empty list.
    """
    if attrs.has(type(read)) and isinstance(sent, dict):
        fields = {field.name: field for field in attrs.fields(type(read))}
        for key in sent.keys() - fields.keys():
            yield Difference("unknown", f"{type(read).__name__}.{key}")
        for name, field in fields.items():
            here = f"{declared_in(type(read), name)}.{name}"
            never_null = not takes_none(field.type) and get_origin(field.type) is not list
            if name not in sent:
                if never_null:
                    yield Difference("absent", here)
            elif sent[name] is None:
                if never_null:
                    yield Difference("null", here)
            else:
                yield from differences(sent[name], getattr(read, name), here)
    elif isinstance(sent, list) and isinstance(read, list) and len(sent) == len(read):
        for one, other in zip(sent, read, strict=True):
            yield from differences(one, other, place)
    elif isinstance(sent, dict) and isinstance(read, dict) and sent.keys() == read.keys():
        for key, value in sent.items():
            yield from differences(value, read[key], place)
    elif (isinstance(sent, dict | list) or read is None) and sent is not None:
        yield Difference("lost", place)


def declared_in(model: type, name: str) -> str:
    """Return the name of the class that declares a field of a model, as `reviewed.toml` names it."""
    return next((each.__name__ for each in model.__mro__ if name in vars(each).get("__annotations__", {})), "?")
