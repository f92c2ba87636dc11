"""Taxes."""

from datetime import datetime
from decimal import Decimal

from lago_async.sandbox._money import drafts
from lago_async.sandbox._operations.catalogue import Catalogue
from lago_async.sandbox._operations.codes import check_name_and_code
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.catalogue import Tax
from lago_async.sandbox._state.store import Store


def tax_json(tax: Tax) -> JsonObject:
    """Return a tax as the objects that carry it show it."""
    return {
        "lago_id": tax.lago_id,
        "name": tax.name,
        "code": tax.code,
        "rate": float(tax.rate),
        "description": tax.description,
        "applied_to_organization": tax.applied_to_organization,
        # The server always sends zero for these.
        "add_ons_count": 0,
        "customers_count": 0,
        "plans_count": 0,
        "charges_count": 0,
        "commitments_count": 0,
        "created_at": to_iso(tax.created_at),
    }


def find_taxes(store: Store, codes: list[str]) -> list[Tax]:
    """Return the taxes with these codes, or refuse with a 404 if one is missing."""
    taxes = [store.taxes.find(code) for code in codes]
    known = [tax for tax in taxes if tax is not None]
    if len(known) != len(taxes):
        raise refusals.not_found("tax")
    return known


def full_tax_json(_: Store, tax: Tax) -> JsonObject:
    """Return a tax as its own operations show it."""
    return {**tax_json(tax), "applied_to_billing_entities_codes": list[Json](tax.entity_codes)}


TAXES = Catalogue(root="tax", records=lambda store: store.taxes, render=full_tax_json, order=lambda tax: (tax.name,))
handles("find_tax")(TAXES.find)
handles("find_all_taxes")(TAXES.list_all)


@handles("destroy_tax")
def destroy_tax(call: OperationCall) -> JsonObject:
    """Delete a tax, and take it off all that carries it; fees keep theirs."""
    store, tax = call.store, TAXES.record(call)
    drafts.flag(store, drafts.of_tax(store, tax))
    for code in tax.entity_codes:
        drafts.flag(store, drafts.of_entity(store, code))
    plans = store.all_plans()
    charges = [charge for plan in plans for charge in (*plan.charges, *plan.fixed_charges)]
    for owner in (*store.customers, *store.add_ons, *plans, *charges):
        owner.taxes = [one for one in owner.taxes if one is not tax]
    for plan in plans:
        of_commitment = store.commitment_taxes(plan)
        if tax in of_commitment:
            left: list[Json] = [tax_json(one) for one in of_commitment if one is not tax]
            plan.minimum_commitment = {**(plan.minimum_commitment or {}), "taxes": left}
    return TAXES.destroy(call)


def _rate(given: Fields) -> Decimal | None:
    """Return the rate that was sent; a text that is not a number counts as zero."""
    rate = given.decimal("rate")
    return Decimal(0) if rate is None and given.filled("rate") is not None else rate


@handles("create_tax")
def create_tax(call: OperationCall) -> JsonObject:
    """Create a tax."""
    store, given = call.store, call.envelope()
    found = refusals.FieldErrors()
    check_name_and_code(found, given, taken=store.taxes.find(given.text("code")) is not None)
    rate = _rate(given)
    if rate is None:
        found.add("rate", "value_is_mandatory")
    found.refuse()
    applied = bool(given.boolean("applied_to_organization"))
    tax = Tax(
        created_at=store.now,
        code=given.text("code") or "",
        name=given.text("name") or "",
        rate=rate or Decimal(0),
        description=given.text("description"),
        applied_to_organization=applied,
        entity_codes=(store.billing_entity_code,) if applied else (),
    )
    store.taxes.add(tax)
    if applied:
        drafts.flag(store, drafts.of_entity(store, store.billing_entity_code))
    return full_tax_json(store, tax)


@handles("update_tax")
def update_tax(call: OperationCall) -> JsonObject:
    """Change a tax; all that carries it shows the change, and drafts are computed again within five minutes."""
    store = call.store
    tax = TAXES.record(call)
    given = call.envelope()
    code = given.filled("code") if given.has("code") else tax.code
    name = given.filled("name") if given.has("name") else tax.name
    rate = _rate(given) if given.has("rate") else tax.rate
    found = refusals.FieldErrors()
    taken = code != tax.code and store.taxes.find(code) is not None
    check_name_and_code(found, Fields({"name": name, "code": code}), taken=taken)
    if rate is None:
        found.add("rate", "value_is_mandatory")
    found.refuse()
    drafts.flag(store, drafts.of_tax(store, tax))
    with store.taxes.changing(tax):
        tax.code = code or ""
    tax.name, tax.rate = name or "", rate or Decimal(0)
    if given.has("description"):
        tax.description = given.text("description")
    if given.has("applied_to_organization"):
        tax.applied_to_organization = bool(given.boolean("applied_to_organization"))
        others = tuple(one for one in tax.entity_codes if one != store.billing_entity_code)
        tax.entity_codes = (store.billing_entity_code, *others) if tax.applied_to_organization else others
        drafts.flag(store, drafts.of_entity(store, store.billing_entity_code))
    return full_tax_json(store, tax)


def applied_tax_id(owner: str, tax: Tax) -> str:
    """Return the id of a tax on an object: made of both ids, so that it stays the same."""
    return owner[:-12] + tax.lago_id[-12:]


def applied_tax_json(tax: Tax, amount_cents: int, currency: str, created_at: datetime) -> JsonObject:
    """Return a tax as a fee, an invoice or a credit note shows it."""
    return {
        "lago_tax_id": tax.lago_id,
        "tax_name": tax.name,
        "tax_code": tax.code,
        "tax_rate": float(tax.rate),
        "tax_description": tax.description,
        "amount_cents": amount_cents,
        "amount_currency": currency,
        "created_at": to_iso(created_at),
    }
