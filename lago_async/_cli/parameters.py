"""Options for the query parameters of an operation: typed, repeatable and limited as the endpoint table says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

from lago_async._cli.values import day, day_or_time, not_empty, pair
from lago_async._table.query import ParameterType

if TYPE_CHECKING:
    from lago_async._table.query import QueryParameter

RESERVED: Final = frozenset({
    "all", "columns", "dry_run", "format", "help", "json", "output", "profile", "query", "quiet", "raw_text", "set",
    "timeout", "yes",
})  # fmt: skip
"""The names of options that commands have by themselves."""

_LISTS: Final = frozenset({ParameterType.STRINGS, ParameterType.STRINGS_OR_INTEGERS, ParameterType.MAPPING})


def option_name(parameter: QueryParameter) -> str:
    """Return the name of a parameter's option, without the dashes in front."""
    name = f"{parameter.name}_parameter" if parameter.name in RESERVED else parameter.name
    return name.replace("_", "-")


def option_of(parameter: QueryParameter, text: str, *, deprecated: str | None) -> click.Option:
    """Return the option of a query parameter.

    Args:
        parameter: The parameter.
        text: What the table says about it.
        deprecated: What to use instead; None if it is not deprecated.
    """
    name = option_name(parameter)
    attribute = _attribute(parameter)
    if deprecated is not None:
        text = f"{text} Deprecated: use {deprecated.replace('_', '-')}.".lstrip()
    if parameter.type is ParameterType.BOOLEAN:
        return click.Option(
            [attribute, f"--{name}/--no-{name}"], default=None, required=parameter.required, help=text or None
        )
    kind, metavar = _type_of(parameter)
    return click.Option(
        [attribute, f"--{name}"],
        type=kind,
        metavar=metavar,
        multiple=parameter.type in _LISTS,
        required=parameter.required,
        help=text or None,
    )


def values_of(parameters: Sequence[QueryParameter], given: Mapping[str, Any]) -> dict[str, object]:
    """Return the values of query parameters from what click has parsed; without those that were not given."""
    values: dict[str, object] = {}
    for parameter in parameters:
        value = given.get(_attribute(parameter))
        if value is None or (parameter.type in _LISTS and not value):
            continue
        values[parameter.name] = _mapping_of(parameter, value) if parameter.type is ParameterType.MAPPING else value
    return values


def _mapping_of(parameter: QueryParameter, pairs: Sequence[tuple[str, str]]) -> dict[str, str]:
    mapping = dict(pairs)
    if len(mapping) < len(pairs):
        raise click.UsageError(f"--{option_name(parameter)} has one key twice, and the server would see one of them")
    return mapping


def _attribute(parameter: QueryParameter) -> str:
    """Return the name under which click keeps the value; apart from those of the options of all commands."""
    return f"query_{parameter.name}"


def _type_of(parameter: QueryParameter) -> tuple[Any, str | None]:
    """Return the type for click, and how help shows it; None for click's own way."""
    if parameter.values:
        return click.Choice(list(parameter.values)), None
    match parameter.type:
        case ParameterType.POSITIVE_INT:
            return click.IntRange(min=1), "N"
        case ParameterType.INTEGER:
            return click.INT, "N"
        case ParameterType.DATE:
            return day, "DATE"
        case ParameterType.DATETIME:
            return day_or_time, "TIME"
        case ParameterType.MAPPING:
            return pair, "KEY=VALUE"
        case _:
            return not_empty if parameter.required else click.STRING, "TEXT"
