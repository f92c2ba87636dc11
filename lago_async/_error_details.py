"""The texts in ``error_details``, each with its place, for every shape that the server has and for any other JSON."""

from __future__ import annotations

from itertools import repeat
from typing import TYPE_CHECKING, Final, NamedTuple, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from lago_async.models._base import Json

__all__ = ["Detail", "details_in", "fields_in"]

_LONGEST_PLACE: Final = 1_000  # characters; the server's own are short
_NESTED: Final = "Validation errors: "


class Detail(NamedTuple):
    """One place of ``error_details``, and what stands there.

    Attributes:
        place: The keys that lead there: ``external_id``, ``3.transaction_id``.
        values: The texts or other values there, none of them an object or a list.
        is_list: Whether they stand in a list, as the server's codes do.
    """

    place: str
    values: Sequence[Json]
    is_list: bool


def details_in(json: Json) -> Iterator[Detail]:
    """Yield every place that holds a value; without recursion, for JSON of any depth.

    The server refuses alerts that are created together with the objects and, as JSON within a text, with their errors:
    ``{"1": {"params": {...}, "errors": "Validation errors: {...}"}}``. Those errors count as ``{"1": {...}}``.
    """
    waiting: list[Iterator[tuple[str, Json]]] = [iter([("", json)])]
    while waiting:
        entry = next(waiting[-1], None)
        if entry is None:
            waiting.pop()
            continue
        place, value = entry
        if isinstance(value, dict) and value:
            waiting.append(_members(place, value))
        elif isinstance(value, list) and any(isinstance(item, dict | list) for item in value):
            waiting.append(zip(repeat(place), value))
        else:
            values: Sequence[Json] = value if isinstance(value, list) else [] if isinstance(value, dict) else [value]
            yield Detail(place, values, isinstance(value, list))


def fields_in(json: Json) -> dict[str, list[str]]:
    """Return the texts that the server has for each field, by the place of the field.

    Texts stand in a list, but for a whole event of a batch: ``{"3": "expression_evaluation_failed: ..."}``.
    """
    fields: dict[str, list[str]] = {}
    for place, values, is_list in details_in(json):
        if place and (is_list or (values and place.isdecimal())) and all(isinstance(value, str) for value in values):
            fields.setdefault(place, []).extend(cast("Sequence[str]", values))
    return fields


def _members(place: str, value: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    if value.keys() == {"params", "errors"} and isinstance(value["errors"], str):
        yield place, _parsed(value["errors"])
        value = {"params": value["params"]}
    for key, item in value.items():
        yield (f"{place}.{key}" if place else key)[:_LONGEST_PLACE], item


def _parsed(errors: str) -> Json:
    """Return the errors of one object among several: by field, or else a list with the server's text."""
    import json

    if errors.startswith(_NESTED):
        try:
            return cast("Json", json.loads(errors.removeprefix(_NESTED)))
        except (ValueError, RecursionError):
            pass
    return [errors]
