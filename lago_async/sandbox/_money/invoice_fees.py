"""The fees on invoices: one function per kind of fee."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

from lago_async._currencies import exponent
from lago_async.sandbox._money import rounding
from lago_async.sandbox._money.dates import running
from lago_async.sandbox._money.taxes import applicable_taxes, copies
from lago_async.sandbox._money.usage import UsageFee
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.catalogue import AddOn, Tax
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.invoices import Boundaries, InvoiceFee
from lago_async.sandbox._state.plans import Charge, ChargeFilter, FixedCharge
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription

ONE = Decimal(1)


def per_unit(amount_cents: int | Decimal, units: Decimal, currency: str) -> Decimal:
    """Return the price of one unit in the currency's main unit."""
    return rounding.quotient(Decimal(amount_cents).scaleb(-exponent(currency)), units)


def _stored_price(amount_cents: int, currency: str) -> Decimal:
    """Return the price of the one unit of a fee as the server keeps it, which writes it as a binary number."""
    return rounding.stored_binary(per_unit(amount_cents, ONE, currency))


def _whole_days(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """Return the start of the first day and the last second of the last one, by dates in UTC."""
    first, last = start.astimezone(UTC).date(), end.astimezone(UTC).date()
    day = timedelta(days=1, seconds=-1)
    return datetime.combine(first, time(), UTC), datetime.combine(last, time(), UTC) + day


def charge_dates(subscription: Subscription, boundaries: Boundaries, *, period: bool) -> tuple[datetime, datetime]:
    """Return the dates that the fee of a charge shows; with ``period``, those of the period that runs then."""
    if not period:
        return boundaries.charges_start or boundaries.start, boundaries.charges_end or boundaries.end
    now = running(subscription, boundaries.timestamp)
    return _whole_days(now.charges_start or now.start, now.charges_end or now.end)


def charge_item(charge: Charge, accepted: ChargeFilter | None, grouped_by: dict[str, Json]) -> JsonObject:
    """Describe what the fee of a charge is for."""
    metric = charge.metric
    values: Json = None
    if accepted is not None:
        values = {key: list[Json](item) for key, item in accepted.values.items()}
    return {
        "type": "charge",
        "code": metric.code,
        "name": metric.name,
        "description": metric.description,
        "invoice_display_name": charge.invoice_display_name or metric.name,
        "filters": values,
        "filter_invoice_display_name": None if accepted is None else accepted.display_name,
        "lago_item_id": metric.lago_id,
        "item_type": "BillableMetric",
        "grouped_by": grouped_by,
    }


def charge_fee(
    store: Store, subscription: Subscription, charge: Charge, fee: UsageFee, *, boundaries: Boundaries
) -> InvoiceFee:
    """Return the fee for the usage of a charge, or of one of its filters or groups."""
    taxes = applicable_taxes(store, subscription.customer, subscription.plan, charge.taxes)
    starts, ends = charge_dates(subscription, boundaries, period=charge.pay_in_advance)
    return InvoiceFee(
        created_at=store.now,
        kind="charge",
        customer=subscription.customer,
        currency=subscription.plan.amount_currency,
        amount_cents=fee.amount_cents,
        precise_cents=fee.precise_cents,
        units=fee.units,
        total_units=fee.total_units,
        unit_amount=fee.unit_amount,
        events_count=fee.events_count,
        taxes=copies(taxes),
        subscription=subscription,
        charge=charge,
        charge_filter=fee.charge_filter,
        grouped_by=fee.grouped_by,
        # Of what is billed in advance, only a fee without an invoice says so.
        pay_in_advance=charge.pay_in_advance and not charge.invoiceable,
        boundaries=boundaries,
        starts=starts,
        ends=ends,
        presentation=fee.presentation,
        amount_details=fee.details(),
        item=charge_item(charge, fee.charge_filter, dict(fee.grouped_by)),
    )


def true_up_fee(parent: InvoiceFee, *, amount_cents: int, precise_cents: Decimal) -> InvoiceFee:
    """Return the fee for what is missing to the minimum of a charge."""
    made = InvoiceFee(
        created_at=parent.created_at,
        kind="charge",
        customer=parent.customer,
        currency=parent.currency,
        amount_cents=amount_cents,
        precise_cents=precise_cents,
        units=ONE,
        total_units=ONE,
        unit_amount=per_unit(precise_cents, ONE, parent.currency),
        events_count=0,
        taxes=list(parent.taxes),
        subscription=parent.subscription,
        charge=parent.charge,
        grouped_by=parent.grouped_by,
        true_up_parent=parent,
        pay_in_advance=parent.pay_in_advance,
        boundaries=parent.boundaries,
        starts=parent.starts,
        ends=parent.ends,
        amount_details=parent.amount_details,
        item={**parent.item, "filters": None, "filter_invoice_display_name": None},
    )
    parent.true_up = made
    return made


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
    store: Store, subscription: Subscription, *, precise_cents: Decimal, boundaries: Boundaries
) -> InvoiceFee:
    """Return the fee for the plan itself."""
    plan = subscription.plan
    amount = rounding.whole(precise_cents)
    return InvoiceFee(
        created_at=store.now,
        kind="subscription",
        customer=subscription.customer,
        currency=plan.amount_currency,
        amount_cents=amount,
        precise_cents=precise_cents,
        units=ONE,
        unit_amount=_stored_price(amount, plan.amount_currency),
        taxes=copies(applicable_taxes(store, subscription.customer, plan)),
        subscription=subscription,
        pay_in_advance=plan.pay_in_advance,
        boundaries=boundaries,
        starts=boundaries.start,
        ends=boundaries.end,
        amount_details={"plan_amount_cents": plan.amount_cents},
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
    precise_cents: Decimal,
    units: Decimal,
    unit_amount: Decimal,
    boundaries: Boundaries,
) -> InvoiceFee:
    """Return the fee for the units of a fixed charge."""
    add_on = charge.add_on
    own = charge.taxes
    return InvoiceFee(
        created_at=store.now,
        kind="fixed_charge",
        customer=subscription.customer,
        currency=subscription.plan.amount_currency,
        amount_cents=amount_cents,
        precise_cents=precise_cents,
        units=units,
        total_units=units,
        unit_amount=unit_amount,
        taxes=copies(applicable_taxes(store, subscription.customer, subscription.plan, own)),
        subscription=subscription,
        fixed_charge=charge,
        pay_in_advance=charge.pay_in_advance,
        boundaries=boundaries,
        starts=boundaries.fixed_start,
        ends=boundaries.fixed_end,
        item=_plain_item(
            kind="fixed_charge",
            item_type="AddOn",
            lago_id=add_on.lago_id,
            code=add_on.code,
            name=add_on.name,
            shown=charge.invoice_display_name or add_on.invoice_display_name,
        ),
    )


def commitment_fee(
    store: Store,
    subscription: Subscription,
    *,
    amount_cents: int,
    precise_cents: Decimal,
    taxes: Sequence[Tax],
    starts: datetime,
    ends: datetime,
) -> InvoiceFee:
    """Return the fee for what is missing to the minimum commitment of a plan."""
    plan = subscription.plan
    commitment = plan.minimum_commitment or {}
    shown = commitment.get("invoice_display_name")
    return InvoiceFee(
        created_at=store.now,
        kind="commitment",
        customer=subscription.customer,
        currency=plan.amount_currency,
        amount_cents=amount_cents,
        precise_cents=precise_cents,
        units=ONE,
        unit_amount=_stored_price(amount_cents, plan.amount_currency),
        taxes=copies(taxes),
        subscription=subscription,
        starts=starts,
        ends=ends,
        item=_plain_item(
            kind="commitment",
            item_type="Subscription",
            lago_id=subscription.lago_id,
            code=plan.code,
            name=plan.name,
            shown=shown if isinstance(shown, str) and shown else "Minimum commitment",
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
    precise = units * unit_amount_cents
    return InvoiceFee(
        created_at=store.now,
        kind="add_on",
        customer=customer,
        currency=currency,
        amount_cents=rounding.whole(precise),
        precise_cents=precise,
        units=units,
        unit_amount=_stored_price(unit_amount_cents, currency),
        taxes=copies(taxes),
        item=_plain_item(
            kind="add_on",
            item_type="AddOn",
            lago_id=add_on.lago_id,
            code=add_on.code,
            name=add_on.name,
            shown=shown or add_on.invoice_display_name,
        ),
    )
