"""The invoice of one period of a subscription.

Simplified compared with the server: there are no trials, minimum commitments, progressive billing or proration of
charges, and a termination makes no credit note. A plan that is paid in advance is charged for the next period when a
period closes; so the fee of the very first period, which the server invoices at once, is on no invoice. Fixed charges
are billed at the end of the plan's own interval.
"""

from datetime import datetime, timedelta

from lago_async._currencies import exponent
from lago_async.sandbox._money import amounts, invoice_fees, invoicing, pricing, rounding, usage, usage_views
from lago_async.sandbox._money.aggregation import Aggregation
from lago_async.sandbox._money.rounding import half_up
from lago_async.sandbox._protocol import timestamps
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.invoices import InvoiceFee
from lago_async.sandbox._state.periods import Period, share
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription, UsagePeriod


def subscription_fee_cents(subscription: Subscription, at: datetime, closed_at: datetime) -> int:
    """Return the price of the plan itself on the invoice made at ``closed_at``, for the period that contains ``at``."""
    plan, zone = subscription.plan, subscription.customer.zone
    whole = subscription.period_at(at, plan.interval)
    terminated = subscription.terminated_at is not None
    if not terminated and whole.end != closed_at:
        return 0  # charges are billed more often than the plan
    if plan.pay_in_advance:
        return 0 if terminated else plan.amount_cents
    used = Period(max(whole.start, subscription.started_at or whole.start), min(whole.end, closed_at))
    return half_up(plan.amount_cents * share(used, whole, zone))


def _fixed_fees(store: Store, subscription: Subscription, at: datetime, closed_at: datetime) -> list[InvoiceFee]:
    """Return the fees of the fixed charges on the invoice made at ``closed_at``."""
    plan, customer = subscription.plan, subscription.customer
    whole = subscription.period_at(at, plan.interval)
    if whole.end != closed_at:
        return []
    fees: list[InvoiceFee] = []
    for charge in plan.fixed_charges:
        price = pricing.price(charge.charge_model, charge.properties, Aggregation(charge.units, 0))
        amount = rounding.to_cents(price, exponent(plan.amount_currency))
        taxes = charge.taxes or charge.add_on.taxes or usage.applicable_taxes(store, customer, plan)
        fees.append(
            invoice_fees.fixed_charge_fee(store, subscription, charge, amount_cents=amount, taxes=taxes, period=whole)
        )
    return [fee for fee in fees if fee.amount_cents]


def _billing_period(subscription: Subscription, whole: Period, charged: Period) -> JsonObject:
    """Return the bounds of the period as the invoice shows them."""
    last_second = timedelta(seconds=1)
    return {
        "lago_subscription_id": subscription.lago_id,
        "external_subscription_id": subscription.external_id,
        "lago_plan_id": subscription.plan.lago_id,
        "subscription_from_datetime": timestamps.to_iso(max(whole.start, subscription.started_at or whole.start)),
        "subscription_to_datetime": timestamps.to_iso(whole.end - last_second),
        "charges_from_datetime": timestamps.to_iso(charged.start),
        "charges_to_datetime": timestamps.to_iso(charged.end - last_second),
        "fixed_charges_from_datetime": timestamps.to_iso(whole.start),
        "fixed_charges_to_datetime": timestamps.to_iso(whole.end - last_second),
        "invoicing_reason": "subscription_periodic"
        if subscription.terminated_at is None
        else "subscription_terminating",
    }


def bill_period(store: Store, subscription: Subscription, at: datetime, closed_at: datetime) -> None:
    """Invoice the usage period that contains ``at``, cut off at ``closed_at``, and keep it for past usage."""
    period = subscription.charges_period_at(at)
    charged = Period(period.start, closed_at)
    plan, customer = subscription.plan, subscription.customer
    kept = usage.billed(usage.charge_usages(store, subscription, plan.charges, charged))
    plan_taxes = usage.applicable_taxes(store, customer, plan)
    whole = subscription.period_at(at, plan.interval)
    fees: list[InvoiceFee] = []
    fee_cents = subscription_fee_cents(subscription, at, closed_at)
    if fee_cents:
        fees.append(
            invoice_fees.subscription_fee(store, subscription, amount_cents=fee_cents, taxes=plan_taxes, period=whole)
        )
    for charge_usage in kept:
        taxes = usage.applicable_taxes(store, customer, plan, charge_usage.charge)
        fees += [
            invoice_fees.charge_fee(subscription, charge_usage.charge, fee, taxes=taxes, period=charged, store=store)
            for fee in charge_usage.fees
            if charge_usage.charge.invoiceable
        ]
    fees += _fixed_fees(store, subscription, at, closed_at)
    amount = sum(fee.amount_cents for fee in fees)
    taxes_cents = sum(amounts.fee_taxes_cents(fee) for fee in fees)
    grace = customer.billing.get("invoice_grace_period")
    invoice = invoicing.new_invoice(
        store,
        customer,
        invoice_type="subscription",
        currency=plan.amount_currency,
        fees=fees,
        subscriptions=[subscription],
        grace_days=grace if isinstance(grace, int) else 0,
    )
    invoice.billing_periods.append(_billing_period(subscription, whole, charged))
    invoice.purchase_order_number = subscription.purchase_order_number
    # The last second of the period; of a terminated subscription, the time of its end.
    shown_end = closed_at if subscription.terminated_at is not None else closed_at - timedelta(seconds=1)
    head = encode(
        {
            "from_datetime": timestamps.to_iso(period.start),
            "to_datetime": timestamps.to_iso(shown_end),
            "issuing_date": invoice.issuing_date.isoformat(),
            "currency": plan.amount_currency,
            "amount_cents": amount,
            "total_amount_cents": amount + taxes_cents,
            "taxes_amount_cents": taxes_cents,
            "lago_invoice_id": invoice.lago_id,
        }
    )
    charges = [
        (charge_usage.charge.metric.code, encode(usage_views.charge_usage_json(charge_usage, plan.amount_currency)))
        for charge_usage in kept
    ]
    record = UsagePeriod(
        created_at=store.now, charges_from=period.start, head=head[:-1] + b',"charges_usage":[', charges=charges
    )
    subscription.periods.append(record)
