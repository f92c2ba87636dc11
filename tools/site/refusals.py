"""The refusals of each operation by their codes: those of its documentation, and those that a running Lago answered."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from tests.contract.recordings import exchanges
from tools.site import docstrings

if TYPE_CHECKING:
    from lago_async._table.rows import Row

_STATUS: Final[Mapping[str, int]] = {
    "BadRequestError": 400,
    "UnauthorizedError": 401,
    "ForbiddenError": 403,
    "NotFoundError": 404,
    "NotAllowedError": 405,
    "ValidationError": 422,
    "RateLimitError": 429,
}
_EXCEPTION: Final[Mapping[int, str]] = {status: name for name, status in _STATUS.items()}
_CODE: Final = re.compile(r"``([a-z]+(?:_[a-z]+)+)``")
_WORD: Final = re.compile(r"[a-z_]+")
_WITHOUT_CODE: Final = "The body is missing or empty, or a value has the wrong form."
_MOST_FIELDS: Final = 12
"""Fields that are listed for a refusal, so that a table stays readable."""


@attrs.frozen
class Refusal:
    """A refusal of an operation.

    Attributes:
        status: The HTTP status.
        code: The code of the response; None for the refusals that have none.
        exception: The name of the exception.
        when: Its documentation, and the fields that were refused.
    """

    status: int
    code: str | None
    exception: str
    when: str


def refusals(row: Row) -> list[Refusal]:
    """Return the refusals of an operation by status, without those that all operations have."""
    recorded = _recorded().get(row.name, {})
    found: dict[tuple[int, str | None], Refusal] = {}
    for exception, text in docstrings.read(row.function).raises.items():
        status = _STATUS[exception]
        codes: list[str | None] = [*_codes_of(exception, text)]
        for code in codes or [_default(status)]:
            found[status, code] = Refusal(status, code, exception, text)
    for (status, code), fields in recorded.items():
        listed = "; ".join(f"``{name}``: {', '.join(sorted(codes))}" for name, codes in _shortened(fields))
        known = found.get((status, code))
        said = known.when if known else _WITHOUT_CODE if code is None else ""
        found[status, code] = Refusal(status, code, _EXCEPTION[status], f"{said} {listed}".strip())
    return [found[key] for key in sorted(found, key=lambda key: (key[0], key[1] or ""))]


def grouped(row: Row) -> list[tuple[int, str, list[str], str]]:
    """Return the rows of a table: status, exception, the codes with the same documentation, and that documentation."""
    rows: dict[tuple[int, str, str], list[str]] = {}
    for refusal in refusals(row):
        codes = rows.setdefault((refusal.status, refusal.exception, refusal.when), [])
        codes += [refusal.code] if refusal.code is not None else []
    return [(status, exception, codes, when) for (status, exception, when), codes in rows.items()]


def by_code() -> dict[str, list[tuple[Row, Refusal]]]:
    """Return all refusals that have a code, by code."""
    from lago_async._registry import ENDPOINTS

    codes: dict[str, list[tuple[Row, Refusal]]] = defaultdict(list)
    for row in ENDPOINTS.rows:
        for refusal in refusals(row):
            if refusal.code is not None:
                codes[refusal.code].append((row, refusal))
    return dict(sorted(codes.items()))


def _codes_of(exception: str, text: str) -> Iterator[str]:
    """Yield the codes that the documentation names. Those of fields stand after the name of the field."""
    for match in _CODE.finditer(text):
        if exception != "ValidationError" or match[1] == "provider_error":
            yield match[1]


def _default(status: int) -> str | None:
    return "validation_errors" if status == _STATUS["ValidationError"] else None


def _shortened(fields: Mapping[str, set[str]]) -> list[tuple[str, set[str]]]:
    return sorted(fields.items())[:_MOST_FIELDS]


@cache
def _recorded() -> dict[str, dict[tuple[int, str | None], dict[str, set[str]]]]:
    """Return the refused fields and their codes by operation, status and code."""
    found: dict[str, dict[tuple[int, str | None], dict[str, set[str]]]] = {}
    for exchange in exchanges():
        if exchange.status not in _EXCEPTION or exchange.status == _STATUS["UnauthorizedError"]:
            continue
        response: Any = exchange.response
        body = cast("dict[str, Any]", response) if isinstance(response, dict) else {}
        refused = found.setdefault(exchange.operation, {}).setdefault((exchange.status, body.get("code")), {})
        for field, codes in _fields(body.get("error_details")):
            refused.setdefault(field, set()).update(codes)
    return found


def _fields(details: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields that a response names, with their codes; an index is that of a list that the caller sent."""
    named = cast("dict[str, Any]", details) if isinstance(details, dict) else {}
    for name, value in named.items():
        if isinstance(value, list):
            said = cast("list[object]", value)
            codes = [code for code in said if isinstance(code, str) and _WORD.fullmatch(code)]
            if codes and not name.isdecimal():
                yield name, codes
        elif isinstance(value, dict):
            yield from _fields(cast("dict[str, Any]", value))
