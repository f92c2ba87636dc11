"""The fields that everything in the catalogue of products has: code, name and description."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TypeVar

from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.products import CatalogueRecord, Product, ProductCategory, ProductFilter

_RecordT = TypeVar("_RecordT", bound=CatalogueRecord)
_Shown = ProductCategory | Product | ProductFilter


def record_json(record: CatalogueRecord) -> JsonObject:
    """Return the common fields of a record as responses show them."""
    return {
        "lago_id": record.lago_id,
        "name": record.name,
        "code": record.code,
        "description": record.description,
        "created_at": to_iso(record.created_at),
        "updated_at": to_iso(record.updated_at),
    }


def is_given(given: Fields, name: str) -> bool:
    """Return whether a scalar or null was sent; the server drops lists and objects where it expects a scalar."""
    return given.has(name) and not isinstance(given.raw(name), list | dict)


def given_code(given: Fields) -> str | None:
    """Return the code without the spaces around it; the server fails on a number."""
    code = given.raw("code")
    if isinstance(code, bool | int | float):
        raise refusals.crashed()
    return code.strip() if isinstance(code, str) else None


def checked_names(
    found: refusals.FieldErrors, given: Fields, own: CatalogueRecord | None, is_taken: Callable[[str], bool]
) -> tuple[str, str]:
    """Return the code and the name to store: as sent, or those of the record that changes; report what is wrong."""
    code = given_code(given) if own is None or is_given(given, "code") else own.code
    name = given.text("name") if own is None or is_given(given, "name") else own.name
    if not code:
        found.add("code", "value_is_mandatory")
    elif (own is None or code != own.code) and is_taken(code):
        found.add("code", "value_already_exist")
    if name is None or not name.strip():
        found.add("name", "value_is_mandatory")
    return code or "", name or ""


def change_texts(record: CatalogueRecord, given: Fields, name: str, now: datetime) -> None:
    """Store the name, and the description if it was sent."""
    record.name, record.updated_at = name, now
    if is_given(given, "description"):
        record.description = given.text("description")


def change_display_name(record: _Shown, given: Fields) -> None:
    """Store the name for invoices if it was sent."""
    if is_given(given, "invoice_display_name"):
        record.invoice_display_name = given.text("invoice_display_name")


def searched(records: Iterable[_RecordT], params: Fields) -> list[_RecordT]:
    """Return the records whose name or code contains ``search_term``; all of them without one."""
    term = (params.filled("search_term") or "").lower()
    return [record for record in records if term in record.name.lower() or term in record.code.lower()]


def codes_of(params: Fields, name: str) -> list[str]:
    """Return the codes of a filter of a list, which may be one text or a list; blank ones are ignored."""
    given = params.strings(name)
    return [code for code in (given if given is not None else [params.text(name) or ""]) if code.strip()]
