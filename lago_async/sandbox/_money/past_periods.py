"""Billed periods as past usage lists them: the fees of a subscription on an invoice."""

from lago_async.sandbox._money import usage_views
from lago_async.sandbox._money.usage import MeteredCharge, UsageFee
from lago_async.sandbox._protocol import timestamps
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.invoices import BilledPeriod, InvoiceFee
from lago_async.sandbox._state.plans import Charge
from lago_async.sandbox._state.subscriptions import UsagePeriod


def _usage_fee(fee: InvoiceFee) -> UsageFee:
    return UsageFee(
        charge_filter=fee.charge_filter,
        grouped_by=fee.grouped_by,
        units=fee.units,
        total_units=fee.units if fee.total_units is None else fee.total_units,
        events_count=fee.events_count or 0,
        amount_cents=fee.amount_cents,
        precise_cents=fee.precise_cents,
        unit_amount=fee.unit_amount,
        taxes_amount_cents=fee.taxes_cents,
        presentation=fee.presentation,
    )


def _metered(period: BilledPeriod) -> list[MeteredCharge]:
    """Return the charges of all subscriptions with the period's external id on its invoice, by the metrics' names."""
    by_charge: dict[Charge, list[UsageFee]] = {}
    for fee in period.invoice.fees:
        subscription = fee.subscription
        same = subscription is not None and subscription.external_id == period.subscription.external_id
        if fee.kind == "charge" and fee.charge is not None and same:
            by_charge.setdefault(fee.charge, []).append(_usage_fee(fee))
    ordered = sorted(by_charge, key=lambda charge: (charge.metric.name, charge.order))
    return [MeteredCharge(charge, by_charge[charge]) for charge in ordered]


def usage_period(period: BilledPeriod) -> UsagePeriod | None:
    """Return a billed period; None if it is not about usage. It is kept until the invoice is computed again."""
    start, end, invoice = period.boundaries.charges_start, period.boundaries.charges_end, period.invoice
    if start is None or end is None:
        return None
    if period.usage is not None:
        return period.usage
    taxes = sum(fee.taxes_cents for fee in invoice.fees)
    head: JsonObject = {
        "from_datetime": timestamps.to_iso(start),
        "to_datetime": timestamps.to_iso(end),
        "issuing_date": invoice.issuing_date.isoformat(),
        "currency": invoice.currency,
        "amount_cents": invoice.fees_cents,
        "total_amount_cents": invoice.fees_cents + taxes,
        "taxes_amount_cents": taxes,
        "lago_invoice_id": invoice.lago_id,
    }
    charges = [
        (item.charge.metric.code, encode(usage_views.charge_usage_json(item, invoice.currency)))
        for item in _metered(period)
    ]
    period.usage = UsagePeriod(
        created_at=invoice.created_at,
        charges_from=start,
        head=encode(head)[:-1] + b',"charges_usage":[',
        charges=charges,
    )
    return period.usage
