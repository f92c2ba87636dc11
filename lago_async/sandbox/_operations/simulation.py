"""Refuse fields that the sandbox does not simulate where they are given: a wrong number in silence would be worse.

A sandbox that is not strict keeps or ignores these fields, and bills as if they had not been sent.
"""

from collections.abc import Callable, Mapping
from typing import TypeAlias

import attrs

from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.plans import Plan
from lago_async.sandbox._state.store import Store


@attrs.frozen
class Unsimulated:
    """A field that would change an amount, a date or a state. ``given`` tells whether it asks for that."""

    field: str
    given: "Asks"
    reason: str


Asks: TypeAlias = Callable[[Store, Fields, Customer | None], bool]
"""Whether a request with these fields, about this customer, asks for what is not simulated."""


def _is_true(name: str) -> Asks:
    return lambda _, given, __: given.boolean(name) is True


def _is_filled(name: str) -> Asks:
    return lambda _, given, __: given.raw(name) not in (None, "", [], {})


def _is_text(name: str, *values: str) -> Asks:
    return lambda _, given, __: given.text(name) in values


def _other_entity(store: Store, given: Fields, customer: Customer | None) -> bool:
    usual = store.billing_entity_code if customer is None else customer.billing_entity_code
    return given.filled("billing_entity_code") not in {None, usual}


def _moves_invoiced(store: Store, given: Fields, customer: Customer | None) -> bool:
    if customer is None or not given.has("billing_entity_code"):
        return False
    moves = (given.filled("billing_entity_code") or store.billing_entity_code) != customer.billing_entity_code
    return moves and any(invoice.customer is customer for invoice in (*store.invoices, *store.drafts))


def _tax_provider(_: Store, given: Fields, __: Customer | None) -> bool:
    kinds = {item.text("integration_type") for item in given.list_of_fields("integration_customers") or []}
    return bool(kinds & {"anrok", "avalara"})


_ENTITY = Unsimulated("billing_entity_code", _other_entity, "everything is billed by the entity of the customer")
_ENTITY_ID = Unsimulated("billing_entity_id", _is_filled("billing_entity_id"), _ENTITY.reason)

TABLE: Mapping[str, tuple[Unsimulated, ...]] = {
    "charge": (
        Unsimulated("applied_pricing_unit", _is_filled("applied_pricing_unit"), "there are no pricing units"),
        Unsimulated("accepts_target_wallet", _is_true("accepts_target_wallet"), "events do not choose a wallet"),
    ),
    "subscription": (
        Unsimulated("activation_rules", _is_filled("activation_rules"), "no subscription waits for a payment"),
        _ENTITY,
        _ENTITY_ID,
    ),
    "wallet": (_ENTITY, _ENTITY_ID),
    "wallet_transaction": (
        Unsimulated(
            "voided_transaction_id", _is_filled("voided_transaction_id"), "credits are voided in their usual order"
        ),
    ),
    "customer": (
        Unsimulated("billing_entity_code", _moves_invoiced, "a customer who has invoices stays with the entity"),
        Unsimulated("account_type", _is_text("account_type", "partner"), "no invoice is self-billed"),
        Unsimulated("integration_customers", _tax_provider, "there is no tax provider"),
    ),
    "billing_entity": (
        Unsimulated("eu_tax_management", _is_true("eu_tax_management"), "taxes do not follow from addresses"),
        Unsimulated(
            "document_numbering",
            _is_text("document_numbering", "per_billing_entity", "per_organization"),
            "invoices are numbered per customer",
        ),
    ),
    "invoice": (_ENTITY,),
    "previewed_subscriptions": (
        Unsimulated("plan_code", _is_filled("plan_code"), "a change of the plan is not previewed"),
        Unsimulated("terminated_at", _is_filled("terminated_at"), "an end is not previewed"),
    ),
}


def refuse_unsimulated(store: Store, kind: str, given: Fields, customer: Customer | None = None) -> None:
    """Refuse what would have an effect on the server, and has none here."""
    if not store.strict:
        return
    found = refusals.FieldErrors()
    for item in TABLE[kind]:
        if item.given(store, given, customer):
            found.add(item.field, refusals.NOT_SIMULATED)
    found.refuse()


def refuse_cascade(store: Store, plan: Plan, given: Fields) -> None:
    """Refuse a change that the plans of single subscriptions would follow: here they stay as they are."""
    if not (store.strict and given.boolean("cascade_updates")):
        return
    if any(subscription.plan.parent is plan for subscription in store.all_subscriptions()):
        raise refusals.invalid_field("cascade_updates", refusals.NOT_SIMULATED)
