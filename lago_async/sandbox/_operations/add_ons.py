"""Add-ons."""

from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.codes import check_name_and_code
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.taxes import find_taxes, tax_json
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.catalogue import AddOn
from lago_async.sandbox._state.store import Store


def add_on_json(_: Store, add_on: AddOn) -> JsonObject:
    """Return an add-on as responses show it."""
    return {
        "lago_id": add_on.lago_id,
        "name": add_on.name,
        "invoice_display_name": add_on.invoice_display_name,
        "code": add_on.code,
        "amount_cents": add_on.amount_cents,
        "amount_currency": add_on.amount_currency,
        "description": add_on.description,
        "created_at": to_iso(add_on.created_at),
        "taxes": [tax_json(tax) for tax in add_on.taxes],
    }


ADD_ONS = Catalogue(root="add_on", records=lambda store: store.add_ons, render=add_on_json)
handles("find_add_on")(ADD_ONS.find)
handles("find_all_add_ons")(ADD_ONS.list_all)
handles("destroy_add_on")(ADD_ONS.destroy)


def _add_on(store: Store, given: Fields, before: AddOn | None = None) -> AddOn:
    name, code = given.filled("name"), given.filled("code")
    amount, currency = given.integer("amount_cents"), given.text("amount_currency")
    found = refusals.FieldErrors()
    check_name_and_code(found, given, taken=store.add_ons.find(code) not in {None, before})
    if amount is None:
        found.add("amount_cents", "value_is_mandatory")
    elif amount < 0:
        found.add("amount_cents", "value_is_out_of_range")
    if currency not in CURRENCIES:
        found.add("amount_currency", "value_is_invalid")
    found.refuse()
    codes = given.strings("tax_codes")
    kept = [] if before is None else before.taxes
    return AddOn(
        created_at=store.now,
        code=code or "",
        name=name or "",
        invoice_display_name=given.text("invoice_display_name"),
        description=given.text("description"),
        amount_cents=amount or 0,
        amount_currency=currency or "",
        taxes=kept if codes is None else find_taxes(store, codes),
    )


@handles("create_add_on")
def create_add_on(call: OperationCall) -> JsonObject:
    """Create an add-on."""
    add_on = _add_on(call.store, call.envelope())
    call.store.add_ons.add(add_on)
    return add_on_json(call.store, add_on)


@handles("update_add_on")
def update_add_on(call: OperationCall) -> JsonObject:
    """Change an add-on."""
    store = call.store
    add_on = ADD_ONS.record(call)
    changed = _add_on(store, call.envelope().over(add_on_json(store, add_on)), add_on)
    with store.add_ons.changing(add_on):
        add_on.code = changed.code
    for name in ("name", "invoice_display_name", "description", "amount_cents", "amount_currency", "taxes"):
        setattr(add_on, name, getattr(changed, name))
    return add_on_json(store, add_on)
