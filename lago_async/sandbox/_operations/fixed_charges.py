"""Fixed charges: created, changed and shown."""

from collections.abc import Collection, Iterable
from decimal import Decimal

import attrs

from lago_async.sandbox._operations.charges import checked_properties
from lago_async.sandbox._operations.codes import free_code
from lago_async.sandbox._operations.taxes import find_taxes, tax_json
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject, decimal_text
from lago_async.sandbox._state.catalogue import AddOn
from lago_async.sandbox._state.plans import FixedCharge
from lago_async.sandbox._state.store import Store

_FIXED_MODELS = ("standard", "graduated", "volume")


def fixed_charge_json(charge: FixedCharge) -> JsonObject:
    """Return a fixed charge as its plan shows it."""
    return {
        "lago_id": charge.lago_id,
        "lago_add_on_id": charge.add_on.lago_id,
        "invoice_display_name": charge.invoice_display_name,
        "add_on_code": charge.add_on.code,
        "created_at": to_iso(charge.created_at),
        "code": charge.code,
        "charge_model": charge.charge_model,
        "pay_in_advance": charge.pay_in_advance,
        "prorated": charge.prorated,
        "properties": charge.properties,
        "units": decimal_text(charge.units),
        "lago_parent_id": charge.parent_id,
        "taxes": [tax_json(tax) for tax in charge.taxes],
    }


def _add_on(store: Store, given: Fields) -> AddOn:
    code, lago_id = given.filled("add_on_code"), given.filled("add_on_id")
    for add_on in store.add_ons:
        if add_on.lago_id == lago_id or (lago_id is None and add_on.code == code):
            return add_on
    raise refusals.not_found("add_ons")


def _units(given: Fields, default: Decimal) -> Decimal:
    units = given.decimal("units") if given.has("units") else default
    if units is None or units < 0:
        raise refusals.invalid_field("units", "value_is_mandatory" if units is None else "value_is_out_of_range")
    return units


def new_fixed_charge(store: Store, given: Fields, taken: Collection[str]) -> FixedCharge:
    """Return a fixed charge as it was sent; without a code it takes its add-on's code."""
    add_on = _add_on(store, given)
    model = given.filled("charge_model")
    if model not in _FIXED_MODELS:
        raise refusals.invalid_field("charge_model", "value_is_mandatory" if model is None else "value_is_invalid")
    return FixedCharge(
        created_at=store.now,
        code=free_code(given, add_on.code, taken),
        add_on=add_on,
        charge_model=model,
        invoice_display_name=given.text("invoice_display_name"),
        pay_in_advance=bool(given.boolean("pay_in_advance")),
        prorated=bool(given.boolean("prorated")),
        units=Decimal(0) if given.raw("units") is None else _units(given, Decimal(0)),
        properties=checked_properties(model, given),
        taxes=find_taxes(store, given.strings("tax_codes") or []),
    )


def update_fixed_charge(store: Store, charge: FixedCharge, given: Fields) -> None:
    """Change the fields that were sent; the add-on stays."""
    model = given.text("charge_model") or charge.charge_model
    if model not in _FIXED_MODELS:
        raise refusals.invalid_field("charge_model", "value_is_invalid")
    remodelled = given.has("properties") or model != charge.charge_model
    properties = checked_properties(model, given) if remodelled else charge.properties
    units = _units(given, charge.units)
    codes = given.strings("tax_codes")
    taxes = charge.taxes if codes is None else find_taxes(store, codes)
    charge.charge_model, charge.properties, charge.units, charge.taxes = model, properties, units, taxes
    if given.has("invoice_display_name"):
        charge.invoice_display_name = given.text("invoice_display_name")
    for name in ("pay_in_advance", "prorated"):
        value = given.boolean(name)
        if value is not None:
            setattr(charge, name, value)


def new_fixed_charges(store: Store, given: Iterable[Fields], kept: Iterable[FixedCharge] = ()) -> list[FixedCharge]:
    """Return the fixed charges of a plan: those sent with the id of a kept one change it, all others are new."""
    known = {charge.lago_id: charge for charge in kept}
    charges: list[FixedCharge] = []
    for item in given:
        charge = known.get(item.text("id") or "")
        if charge is None:
            charge = new_fixed_charge(store, item, {taken.code for taken in charges})
        else:
            charge = attrs.evolve(charge)
            update_fixed_charge(store, charge, item)
        charges.append(charge)
    return charges
