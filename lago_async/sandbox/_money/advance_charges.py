"""The invoice of fees in advance that were paid one by one."""

from collections.abc import Sequence
from datetime import datetime

from lago_async.sandbox._money import amounts, invoicing
from lago_async.sandbox._money.dates import Dates
from lago_async.sandbox._state.invoices import BilledPeriod, InvoiceFee
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription


def _paid(store: Store, subscription: Subscription, at: datetime, *, closed_only: bool) -> list[InvoiceFee]:
    """Return the paid fees of a subscription that are on no invoice."""
    return [
        fee
        for fee in store.history(subscription).fees
        if fee.invoice is None
        and fee.payment_status == "succeeded"
        and fee.status_at is not None
        and fee.status_at <= at
        and (
            not closed_only
            or fee.boundaries is None
            or fee.boundaries.charges_end is None
            or fee.boundaries.charges_end <= at
        )
    ]


def _regroups(subscription: Subscription) -> bool:
    return any(
        charge.pay_in_advance and not charge.invoiceable and charge.regroup_paid_fees == "invoice"
        for charge in subscription.plan.charges
    )


def regroup(store: Store, ended: Sequence[Subscription], at: datetime) -> None:
    """Put on one invoice the paid fees of these subscriptions and of their earlier lives."""
    if not ended:
        return
    closed_only = all(item.status == "active" and item.following is None for item in ended)
    names = {item.external_id for item in ended}
    groups: dict[str | None, list[Subscription]] = {}
    for name in names:
        for subscription in store.subscriptions.get(name, ()):
            if subscription.customer is ended[0].customer and _paid(store, subscription, at, closed_only=closed_only):
                groups.setdefault(subscription.purchase_order_number, []).append(subscription)
    found = [subscription for group in groups.values() for subscription in group]
    if not any(_regroups(subscription) for subscription in found):
        return
    for order_number, subscriptions in groups.items():
        invoice = invoicing.new_invoice(
            store,
            ended[0].customer,
            invoice_type="advance_charges",
            currency=ended[0].plan.amount_currency,
            timestamp=at,
            purchase_order_number=order_number,
        )
        for subscription in subscriptions:
            invoice.periods.append(
                BilledPeriod(
                    created_at=store.now,
                    invoice=invoice,
                    subscription=subscription,
                    boundaries=Dates(subscription, at).boundaries(),
                    reason="in_advance_charge_periodic",
                    recurring=False,
                )
            )
            for fee in _paid(store, subscription, at, closed_only=closed_only):
                fee.invoice = invoice
                invoice.fees.append(fee)
        amounts.compute(invoice)
        invoice.taxes_cents = sum(fee.taxes_cents for fee in invoice.fees)
        invoicing.finish(store, invoice)
        if invoice.status == "finalized":
            invoicing.pay(store, invoice, amounts.total_cents(invoice))
