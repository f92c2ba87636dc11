"""The options of one list on the command line: its path parameters and filters, typed by the endpoint table."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from lago_async._table.query import ParameterType
from lago_async.usage._export.moments import utc_now
from lago_async.usage._time_words import limit, span_of

if TYPE_CHECKING:
    from lago_async._table.endpoint import Endpoint
    from lago_async._table.query import QueryParameter

_OWN: Final = frozenset({"page", "per_page"})
_SWITCHES: Final = {"yes": True, "true": True, "no": False, "false": False}


def option_of(name: str) -> str:
    """Return the option of a parameter: ``--payment-status`` for ``payment_status``."""
    return f"--{name.replace('_', '-')}"


def add_filters(parser: argparse.ArgumentParser, endpoint: Endpoint) -> None:
    """Add the options of a list. Deprecated parameters have none."""
    group = parser.add_argument_group("which objects")
    for name in endpoint.path_params:
        group.add_argument(
            option_of(name), dest=f"path_{name}", required=True, type=_filled, metavar="TEXT", help="whose list it is"
        )
    for parameter in filters_of(endpoint):
        several = parameter.type in _SEVERAL
        group.add_argument(
            option_of(parameter.name),
            dest=f"filter_{parameter.name}",
            required=parameter.required,
            type=_reader(parameter),
            action="append" if several else "store",
            # The server ignores most unknown values, and would send the whole list.
            choices=parameter.values or None,
            metavar=_METAVARS.get(parameter.type, "TEXT"),
            help=_help(parameter, several=several),
        )


def filters_of(endpoint: Endpoint) -> list[QueryParameter]:
    """Return the query parameters that have an option."""
    left_out: set[str | None] = {*_OWN, endpoint.disables_paging}
    if isinstance(endpoint.deprecated, Mapping):
        left_out.update(endpoint.deprecated)
    return [parameter for parameter in endpoint.query if parameter.name not in left_out]


def arguments_of(parsed: argparse.Namespace, endpoint: Endpoint) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return the path parameters and the filters that were given."""
    given: dict[str, Any] = vars(parsed)
    filters: dict[str, Any] = {}
    for parameter in filters_of(endpoint):
        value = given[f"filter_{parameter.name}"]
        if value is not None:
            filters[parameter.name] = dict(value) if parameter.type is ParameterType.MAPPING else value
    return tuple(given[f"path_{name}"] for name in endpoint.path_params), filters


_SEVERAL: Final = frozenset({ParameterType.STRINGS, ParameterType.STRINGS_OR_INTEGERS, ParameterType.MAPPING})

_METAVARS: Final = {
    ParameterType.INTEGER: "N",
    ParameterType.POSITIVE_INT: "N",
    ParameterType.BOOLEAN: "YES/NO",
    ParameterType.DATETIME: "TIME",
    ParameterType.DATE: "DAY",
    ParameterType.MAPPING: "KEY=VALUE",
}


def _help(parameter: QueryParameter, *, several: bool) -> str:
    parts = [", ".join(parameter.values)] if parameter.values else []
    if several:
        parts.append("may be given several times")
    if parameter.type in {ParameterType.DATETIME, ParameterType.DATE} and not is_upper(parameter.name):
        parts.append("also in words: 2026-01, 'last month'")
    return "; ".join(parts).replace("%", "%%")


def is_upper(name: str) -> bool:
    """Return whether a parameter is the end of a range."""
    return name.endswith("_to") or name.startswith("to_")


def _reader(parameter: QueryParameter) -> Callable[[str], Any]:
    match parameter.type:
        case ParameterType.INTEGER | ParameterType.POSITIVE_INT:
            return _integer
        case ParameterType.BOOLEAN:
            return _switch
        case ParameterType.MAPPING:
            return _pair
        case ParameterType.DATETIME | ParameterType.DATE:
            return lambda text: _time(text, parameter)
        case _:
            return _filled


def _filled(text: str) -> str:
    if not text:
        raise argparse.ArgumentTypeError("it is empty")
    return text


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number") from None


def _switch(text: str) -> bool:
    if text.lower() not in _SWITCHES:
        raise argparse.ArgumentTypeError(f"{text!r} is neither yes nor no")
    return _SWITCHES[text.lower()]


def _pair(text: str) -> tuple[str, str]:
    key, separator, value = text.partition("=")
    if not separator or not key:
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form KEY=VALUE")
    return key, value


def _time(text: str, parameter: QueryParameter) -> datetime | date:
    """Return a day as a day, because the server decides by the parameter whether its beginning or end is meant."""
    try:
        if is_upper(parameter.name):
            span = limit(text, utc_now(), option=option_of(parameter.name))
        else:
            span = span_of(text, utc_now())
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if parameter.type is ParameterType.DATE:
        if span.is_instant:
            raise argparse.ArgumentTypeError(f"{text!r} is a time; name a day")
        return span.begin.date()
    return span.begin.date() if span.is_day else span.begin
