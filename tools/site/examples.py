"""An example of a call of each operation, made from the smallest valid requests that the tests send to the sandbox."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, cast

from tests.lago_async.sandbox.world import GATED, NEVER_MADE
from tests.sample_calls import arguments

if TYPE_CHECKING:
    from lago_async._table.rows import Row

WIDTH = 100
"""Characters per line of an example."""

VARIABLES: Mapping[str, str] = {
    "metric": "billable_metric_id",
    "add_on": "add_on_id",
    "filter": "charge_filter_id",
    "applied": "applied_coupon_id",
    "wallet": "wallet_id",
    "paid": "invoice_id",
    "paid_fee": "fee_id",
    "failed": "failed_invoice_id",
    "loose_fee": "fee_without_invoice_id",
    "invoice": "finalized_invoice_id",
    "draft": "draft_invoice_id",
    "payment": "payment_id",
    "receipt": "payment_receipt_id",
    "note": "credit_note_id",
    "asked": "payment_request_id",
    "hook": "webhook_endpoint_id",
    "quote": "quote_id",
    "quote_draft": "quote_version_id",
    "form": "order_form_id",
    "order": "order_id",
    "method": "payment_method_id",
    "bought": "bought_transaction_id",
    "granted": "granted_transaction_id",
    "consumed": "consuming_transaction_id",
    "request": "request_id",
    "activity": "activity_id",
}
"""The names that examples have for the ids that a server chooses, by their names in the tests' world."""

_WORDS = {"N": "Example"}


class Variable(str):
    """An id that a server chooses. In code it is a name."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def example(row: Row, path: str) -> str:
    """Return an example of a call on asyncio; ``path`` is that on a client: ``customers.find``."""
    names = {key: Variable(name) for key, name in VARIABLES.items()}
    positional, keywords = arguments(row, names)
    values = [("", value) for value in positional] + [(f"{name}=", value) for name, value in keywords.items()]
    code = _statement(row, path, values)
    names_of_times = [name for name in ("UTC", "date", "datetime") if re.search(rf"\b{name}\b", code)]
    imports = f"from datetime import {', '.join(names_of_times)}\n\n" if any(map(_is_time, keywords.values())) else ""
    return imports + code


def _statement(row: Row, path: str, values: list[tuple[str, object]]) -> str:
    if row.paged:
        return f"async for item in {_call(path, values, len('async for item in :'))}:\n    print(item)"
    if row.endpoint.returns in (None, type(None)):
        return f"await {_call(path, values, len('await '))}"
    start = f"{_result(row)} = await "
    return start + _call(path, values, len(start))


def blocking(code: str) -> str:
    """Return the example for ``lago_sync``."""
    return re.sub(r"\b(?:async|await) ", "", code)


def variables(code: str) -> list[str]:
    """Return the names of ids in an example that it does not assign itself."""
    return [name for name in VARIABLES.values() if re.search(rf"\b{name}\b", code)]


def refusal(row: Row) -> str | None:
    """Return why the sandbox refuses the example; None if it does not."""
    return GATED.get(row.name) or (None if row.paged else NEVER_MADE.get(row.name))


def _result(row: Row) -> str:
    root = row.root or ""
    return root if root.isidentifier() and root not in VARIABLES.values() else "result"


def _call(path: str, values: list[tuple[str, object]], taken: int) -> str:
    """Return a call: on one line, with a last body that is broken, or with one argument per line."""
    flat = f"client.{path}({', '.join(name + _literal(value) for name, value in values)})"
    if taken + len(flat) <= WIDTH:
        return flat
    *others, (name, last) = values
    before = "".join(f"{other}{_literal(value)}, " for other, value in others)
    return f"client.{path}({before}{name}{_literal(last, indent='', broken=True)})"


def _literal(value: object, *, indent: str = "", broken: bool = False) -> str:
    """Return the Python code of a value; ``broken`` puts each element of a container on a line of its own."""
    if isinstance(value, str) and not isinstance(value, Variable):
        return '"' + _WORDS.get(value, value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, datetime):
        return f"datetime({value.year}, {value.month}, {value.day}, tzinfo=UTC)"
    if not isinstance(value, dict | list):
        return repr(value)
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    elements = list(_elements(cast("dict[str, object] | list[object]", value)))
    if not broken:
        return f"{opening}{', '.join(name + _literal(element) for name, element in elements)}{closing}"
    inner = indent + "    "
    lines: list[str] = []
    for name, element in elements:
        flat = _literal(element)
        fits = len(inner) + len(name) + len(flat) + 1 <= WIDTH
        lines.append(f"{inner}{name}{flat if fits else _literal(element, indent=inner, broken=True)},\n")
    return f"{opening}\n{''.join(lines)}{indent}{closing}"


def _is_time(value: object) -> bool:
    return isinstance(value, date)  # and so a datetime


def _elements(value: dict[str, object] | list[object]) -> Iterator[tuple[str, object]]:
    if isinstance(value, dict):
        yield from ((f'"{key}": ', inner) for key, inner in value.items())
    else:
        yield from (("", inner) for inner in value)
