"""Drafts that the server's job computes again by itself, within five minutes after a change that flags them.

Changes of plans, taxes and metrics flag drafts, even where they change no amount. Usage, coupons, credit notes and the
operations on single charges don't.
"""

from collections.abc import Iterable
from datetime import datetime

from lago_async.sandbox._money.job_times import next_five_minutes
from lago_async.sandbox._state.catalogue import BillableMetric, Tax
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.invoices import Invoice
from lago_async.sandbox._state.plans import Plan
from lago_async.sandbox._state.store import Store


def flag(store: Store, invoices: Iterable[Invoice]) -> None:
    """Have drafts computed again when the job runs next."""
    runs = next_five_minutes(store.now)
    for invoice in invoices:
        invoice.refresh_at = runs


def refreshes(store: Store, invoice: Invoice) -> datetime | None:
    """Return when a draft is computed again; never if all its subscriptions have ended."""
    if invoice.status != "draft" or invoice.refresh_at is None:
        return None
    if all(subscription.status != "active" for subscription in invoice.subscriptions):
        return None
    return max(invoice.refresh_at, store.now)


def of_customer(store: Store, customer: Customer) -> list[Invoice]:
    """Return the drafts of a customer."""
    return [invoice for invoice in store.drafts if invoice.customer is customer]


def of_entity(store: Store, code: str) -> list[Invoice]:
    """Return the drafts of the customers of a billing entity."""
    return [invoice for invoice in store.drafts if invoice.customer.billing_entity_code == code]


def of_plan(store: Store, plan: Plan) -> list[Invoice]:
    """Return the drafts of the subscriptions that have this very plan."""
    return [invoice for invoice in store.drafts if any(item.plan is plan for item in invoice.subscriptions)]


def of_metric(store: Store, metric: BillableMetric) -> list[Invoice]:
    """Return the drafts of the subscriptions whose plans have a price for a metric."""

    def prices(plan: Plan) -> bool:
        return any(charge.metric is metric for charge in plan.charges)

    return [invoice for invoice in store.drafts if any(prices(item.plan) for item in invoice.subscriptions)]


def of_tax(store: Store, tax: Tax) -> list[Invoice]:
    """Return the drafts of the customers that have a tax, of their own or from their billing entity.

    The server does not look at the taxes of plans and charges here.
    """

    def has(customer: Customer) -> bool:
        return tax in customer.taxes or (not customer.taxes and customer.billing_entity_code in tax.entity_codes)

    return [invoice for invoice in store.drafts if has(invoice.customer)]
