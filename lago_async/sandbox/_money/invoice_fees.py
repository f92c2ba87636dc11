"""The fees on invoices: one function per kind of fee."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from lago_async._currencies import exponent
from lago_async.sandbox._money.rounding import half_up
from lago_async.sandbox._money.usage import UsageFee
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.catalogue import AddOn, Tax
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.invoices import InvoiceFee
from lago_async.sandbox._state.periods import Period
from lago_async.sandbox._state.plans import Charge, FixedCharge
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription


def per_unit(amount_cents: int, units: Decimal, currency: str) -> Decimal:
    """Return the price of one unit in the currency's main unit."""
    amount = Decimal(amount_cents).scaleb(-exponent(currency))
    return amount / units if units else Decimal(0)


def charge_fee(
    subscription: Subscription, charge: Charge, fee: UsageFee, *, taxes: Sequence[Tax], period: Period, store: Store
) -> InvoiceFee:
    """Return the fee for the usage of a charge, or of one of its filters or groups."""
    metric, accepted = charge.metric, fee.charge_filter
    values: Json = None
    if accepted is not None:
        values = {key: list[Json](item) for key, item in accepted.values.items()}
    currency = subscription.plan.amount_currency
    return InvoiceFee(
        created_at=store.now,
        kind="charge",
        customer=subscription.customer,
        currency=currency,
        amount_cents=fee.amount_cents,
        units=fee.units,
        unit_amount=per_unit(fee.amount_cents, fee.units, currency),
        events_count=fee.events_count,
        taxes=list(taxes),
        subscription=subscription,
        charge=charge,
        charge_filter=accepted,
        pay_in_advance=charge.pay_in_advance,
        starts=period.start,
        ends=period.end - timedelta(seconds=1),
        presentation=fee.presentation,
        item={
            "type": "charge",
            "code": metric.code,
            "name": metric.name,
            "description": metric.description,
            "invoice_display_name": charge.invoice_display_name or metric.name,
            "filters": values,
            "filter_invoice_display_name": None if accepted is None else accepted.display_name,
            "lago_item_id": metric.lago_id,
            "item_type": "BillableMetric",
            "grouped_by": dict(fee.grouped_by),
        },
    )


def _plain_item(*, kind: str, item_type: str, lago_id: str, code: str, name: str, shown: str | None) -> JsonObject:
    """Describe the item that a fee is for, as a fee without filters and groups shows it."""
    return {
        "type": kind,
        "code": code,
        "name": name,
        "description": None,
        "invoice_display_name": shown or name,
        "filters": None,
        "filter_invoice_display_name": None,
        "lago_item_id": lago_id,
        "item_type": item_type,
        "grouped_by": {},
    }


def subscription_fee(
    store: Store, subscription: Subscription, *, amount_cents: int, taxes: Sequence[Tax], period: Period
) -> InvoiceFee:
    """Return the fee for the plan itself."""
    plan = subscription.plan
    return InvoiceFee(
        created_at=store.now,
        kind="subscription",
        customer=subscription.customer,
        currency=plan.amount_currency,
        amount_cents=amount_cents,
        units=Decimal(1),
        unit_amount=per_unit(amount_cents, Decimal(1), plan.amount_currency),
        taxes=list(taxes),
        subscription=subscription,
        pay_in_advance=plan.pay_in_advance,
        starts=period.start,
        ends=period.end - timedelta(seconds=1),
        item=_plain_item(
            kind="subscription",
            item_type="Subscription",
            lago_id=subscription.lago_id,
            code=plan.code,
            name=plan.name,
            shown=subscription.name or plan.invoice_display_name,
        ),
    )


def fixed_charge_fee(
    store: Store,
    subscription: Subscription,
    charge: FixedCharge,
    *,
    amount_cents: int,
    taxes: Sequence[Tax],
    period: Period,
) -> InvoiceFee:
    """Return the fee for the units of a fixed charge."""
    add_on, currency = charge.add_on, subscription.plan.amount_currency
    return InvoiceFee(
        created_at=store.now,
        kind="fixed_charge",
        customer=subscription.customer,
        currency=currency,
        amount_cents=amount_cents,
        units=charge.units,
        unit_amount=per_unit(amount_cents, charge.units, currency),
        taxes=list(taxes),
        subscription=subscription,
        fixed_charge_id=charge.lago_id,
        pay_in_advance=charge.pay_in_advance,
        starts=period.start,
        ends=period.end - timedelta(seconds=1),
        item=_plain_item(
            kind="fixed_charge",
            item_type="AddOn",
            lago_id=add_on.lago_id,
            code=add_on.code,
            name=add_on.name,
            shown=charge.invoice_display_name,
        ),
    )


def add_on_fee(
    store: Store,
    customer: Customer,
    add_on: AddOn,
    *,
    currency: str,
    units: Decimal,
    unit_amount_cents: int,
    taxes: Sequence[Tax],
    shown: str | None,
) -> InvoiceFee:
    """Return the fee for an add-on on a one-off invoice."""
    return InvoiceFee(
        created_at=store.now,
        kind="add_on",
        customer=customer,
        currency=currency,
        amount_cents=half_up(Fraction(units) * unit_amount_cents),
        units=units,
        unit_amount=per_unit(unit_amount_cents, Decimal(1), currency),
        taxes=list(taxes),
        item=_plain_item(
            kind="add_on",
            item_type="AddOn",
            lago_id=add_on.lago_id,
            code=add_on.code,
            name=add_on.name,
            shown=shown or add_on.invoice_display_name,
        ),
    )
