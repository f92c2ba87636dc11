"""Fixed charges: created, changed and shown."""

from collections.abc import Collection, Iterable
from decimal import Decimal

import attrs

from lago_async.sandbox._money import charge_properties
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
    if code is None and lago_id is None:
        raise refusals.crashed()
    for add_on in store.add_ons:
        if add_on.lago_id == lago_id or (lago_id is None and add_on.code == code):
            return add_on
    raise refusals.not_found("add_on")


def check_add_ons(store: Store, given: Iterable[Fields]) -> None:
    """Refuse fixed charges of a plan for unknown add-ons, before anything else of them is looked at."""
    if not {item.filled("add_on_id") for item in given} - {None} <= {add_on.lago_id for add_on in store.add_ons}:
        raise refusals.not_found("add_ons")


def _check(store: Store, charge: FixedCharge, units: Decimal | None, taken: Collection[str]) -> None:
    """Refuse a fixed charge that breaks a rule; all errors are reported."""
    found = refusals.FieldErrors()
    if units is None or units < 0:
        found.add("units", "value_is_mandatory" if units is None else "value_is_out_of_range")
    if not charge.charge_model:
        found.add("charge_model", "value_is_mandatory")
    if not charge.code:
        found.add("code", "value_is_mandatory")
    elif charge.code in taken:
        found.add("code", "value_already_exist")
    if not charge.properties:
        found.add("properties", "value_is_mandatory")
    if charge.pay_in_advance and charge.charge_model == "volume":
        found.add("pay_in_advance", "invalid_charge_model")
    if charge.prorated and charge.pay_in_advance and charge.charge_model == "graduated":
        found.add("prorated", "invalid_charge_model")
    if charge.properties:
        wrong = charge_properties.property_errors(charge.charge_model, charge.properties, premium=store.premium)
        for code in wrong:
            found.add("properties", code)
    found.refuse()


def _model(given: Fields) -> str:
    """Return the model that was sent; the server fails on one that fixed charges don't have."""
    model = given.filled("charge_model")
    if model not in {None, *_FIXED_MODELS}:
        raise refusals.crashed()
    return model or ""


def _properties(model: str, given: Fields, sent_model: str) -> JsonObject:
    properties = given.mapping("properties") or charge_properties.default_properties(sent_model)
    return charge_properties.kept_properties(model, properties)


def new_fixed_charge(store: Store, given: Fields, taken: Collection[str], *, coded: bool = False) -> FixedCharge:
    """Return a fixed charge as it was sent. ``coded`` ones need a code; others have their add-on's by default."""
    add_on = _add_on(store, given)
    model = _model(given)
    units = given.decimal("units") if given.raw("units") is not None else Decimal(0)
    charge = FixedCharge(
        created_at=store.now,
        code=given.filled("code") or ("" if coded else free_code(Fields({}), add_on.code, taken)),
        add_on=add_on,
        charge_model=model,
        invoice_display_name=given.text("invoice_display_name"),
        pay_in_advance=bool(given.boolean("pay_in_advance")),
        prorated=bool(given.boolean("prorated")),
        units=units or Decimal(0),
        properties=_properties(model, given, model),
        taxes=[],
    )
    _check(store, charge, units, taken)
    charge.taxes = find_taxes(store, given.strings("tax_codes") or [])
    return charge


def update_fixed_charge(
    store: Store, charge: FixedCharge, given: Fields, taken: Collection[str], *, attached: bool
) -> None:
    """Assign a fixed charge of a plan: what was not sent takes its default, and the way of billing stays."""
    sent = _model(given)
    model = charge.charge_model if attached else sent
    units = given.decimal("units")
    changed = attrs.evolve(
        charge,
        charge_model=model,
        invoice_display_name=given.text("invoice_display_name"),
        units=units or Decimal(0),
        properties=_properties(model, given, sent),
        code=charge.code if attached else given.filled("code") or charge.code,
    )
    _check(store, changed, units, taken)
    codes = given.strings("tax_codes")
    changed.taxes = charge.taxes if codes is None else find_taxes(store, codes)
    _assign(charge, changed)


def override_fixed_charge(store: Store, charge: FixedCharge, given: Fields) -> None:
    """Override the fields of a subscription's own fixed charge that were sent."""
    changed = attrs.evolve(charge)
    units = given.decimal("units") if given.has("units") else charge.units
    changed.units = units or Decimal(0)
    if given.has("properties"):
        changed.properties = charge_properties.kept_properties(charge.charge_model, given.mapping("properties") or {})
    if given.has("invoice_display_name"):
        changed.invoice_display_name = given.text("invoice_display_name")
    _check(store, changed, units, ())
    codes = given.strings("tax_codes")
    changed.taxes = charge.taxes if codes is None else find_taxes(store, codes)
    _assign(charge, changed)


def _assign(charge: FixedCharge, changed: FixedCharge) -> None:
    for name in ("charge_model", "invoice_display_name", "units", "properties", "code", "taxes"):
        setattr(charge, name, getattr(changed, name))


def new_fixed_charges(
    store: Store, given: Iterable[Fields], kept: Iterable[FixedCharge] = (), *, attached: bool = False
) -> list[FixedCharge]:
    """Return the fixed charges of a plan: those sent with the id of a kept one change it, all others are new.

    The server takes no ``add_on_code`` inside of a plan, and fails without ``add_on_id``.
    """
    known = {charge.lago_id: charge for charge in kept}
    charges: list[FixedCharge] = []
    for item in given:
        old = known.get(item.text("id") or "")
        taken = {one.code for one in (*charges, *known.values()) if old is None or one.lago_id != old.lago_id}
        if old is None:
            permitted = Fields({name: value for name, value in item.items() if name != "add_on_code"})
            charge = new_fixed_charge(store, permitted, taken)
        else:
            charge = attrs.evolve(old)
            update_fixed_charge(store, charge, item, taken, attached=attached)
        charges.append(charge)
    return charges
