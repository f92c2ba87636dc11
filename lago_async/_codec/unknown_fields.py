"""The fields of a response that no model has yet, by the object that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import attrs

if TYPE_CHECKING:
    from lago_async.models import Json


class UnknownFields:
    """The objects of one result, each with the fields that the server sent and its model lacks.

    It compares the result with the JSON that it was read from, so reading itself keeps nothing for it. Objects that the
    program has changed meanwhile, or that stand elsewhere in their list, are not taken for others: they are not found.
    """

    def __init__(self, result: object, sent: Json) -> None:
        """Compare a result with its JSON, object by object; without recursion, because JSON may be of any depth."""
        # With the object itself: an object that is freed would leave its id to another.
        self._found: dict[int, tuple[object, dict[str, Json]]] = {}
        waiting: list[tuple[object, Json]] = [(result, sent)]
        while waiting:
            read, json = waiting.pop()
            if isinstance(json, list):
                if isinstance(read, list) and len(cast("list[object]", read)) == len(json):
                    waiting += zip(cast("list[object]", read), json, strict=True)
            elif isinstance(json, dict):
                if isinstance(read, dict):
                    members = cast("dict[str, object]", read)
                    waiting += [(members[name], value) for name, value in json.items() if name in members]
                elif attrs.has(type(read)):
                    names = {field.name for field in attrs.fields(cast("Any", type(read)))}
                    pairs = [(getattr(read, name), value) for name, value in json.items() if name in names]
                    if not all(map(_may_be, pairs)):
                        continue
                    waiting += pairs
                    self._found[id(read)] = read, {key: value for key, value in json.items() if key not in names}

    def of(self, read: object) -> dict[str, Json] | None:
        """Return the unknown fields of an object, which may be none; None if the object is not in the result."""
        found = self._found.get(id(read))
        return None if found is None or found[0] is not read else found[1]


def _may_be(pair: tuple[object, object]) -> bool:
    """Tell whether a value may have been read from JSON, as far as texts show it."""
    read, json = pair
    return read == json or not (isinstance(read, str) and isinstance(json, str))
