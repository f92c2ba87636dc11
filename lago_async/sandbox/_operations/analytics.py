"""Analytics: sums over invoices by month and currency.

Simplified: recurring revenue counts the fees of plans in the month of the invoice, and usage is listed by the day of
the invoice. The server spreads both over time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date

from lago_async.sandbox._money import amounts
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol.envelopes import PlainList
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text, encode
from lago_async.sandbox._state.invoices import Invoice


def _month(day: date) -> str:
    return f"{day:%Y-%m}-01T00:00:00.000Z"


def _invoices(call: OperationCall) -> list[Invoice]:
    """Return the finalized invoices that match, oldest first."""
    params = call.params
    currency, customer_id = params.filled("currency"), params.filled("external_customer_id")
    months, today = params.integer("months"), call.store.now.date()

    def recent(day: date) -> bool:
        return months is None or (today.year - day.year) * 12 + today.month - day.month < months

    return [
        invoice
        for invoice in call.store.invoices
        if invoice.status == "finalized"
        and currency in {None, invoice.currency}
        and customer_id in {None, invoice.customer.external_id}
        and recent(invoice.issuing_date)
    ]


def _grouped(
    invoices: Iterable[Invoice], key: Callable[[Invoice], tuple[str, ...]]
) -> list[tuple[tuple[str, ...], list[Invoice]]]:
    groups: defaultdict[tuple[str, ...], list[Invoice]] = defaultdict(list)
    for invoice in invoices:
        groups[key(invoice)].append(invoice)
    return sorted(groups.items())


def _listing(objects: Iterable[JsonObject]) -> PlainList:
    return PlainList([encode(item) for item in objects])


def _by_month(invoice: Invoice) -> tuple[str, ...]:
    return _month(invoice.issuing_date), invoice.currency


@handles("find_all_gross_revenues")
def find_all_gross_revenues(call: OperationCall) -> PlainList:
    """Return the invoiced amounts per month."""
    return _listing(
        {
            "month": month,
            "amount_cents": float(sum(amounts.total_cents(invoice) for invoice in group)),
            "currency": currency,
            "invoices_count": len(group),
            "billing_entity_id": None,
        }
        for (month, currency), group in _grouped(_invoices(call), _by_month)
    )


@handles("find_all_invoice_collections")
def find_all_invoice_collections(call: OperationCall) -> PlainList:
    """Return the invoiced amounts per month and payment status."""
    groups = _grouped(_invoices(call), lambda invoice: (*_by_month(invoice), invoice.payment_status))
    return _listing(
        {
            "month": month,
            "payment_status": status,
            "invoices_count": len(group),
            "amount_cents": float(sum(amounts.total_cents(invoice) for invoice in group)),
            "currency": currency,
        }
        for (month, currency, status), group in groups
    )


def _amounts(invoices: Iterable[Invoice], kind: str) -> dict[tuple[str, str, str], int]:
    """Return the fees of one kind by month, currency and code."""
    amounts: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for invoice in invoices:
        for fee in invoice.fees:
            if fee.kind == kind:
                month, currency = _by_month(invoice)
                amounts[month, currency, str(fee.item["code"])] += fee.amount_cents
    return amounts


@handles("find_all_invoiced_usages")
def find_all_invoiced_usages(call: OperationCall) -> PlainList:
    """Return the invoiced usage per month and metric."""
    return _listing(
        {"month": month, "code": code, "amount_cents": float(amount), "currency": currency}
        for (month, currency, code), amount in sorted(_amounts(_invoices(call), "charge").items())
    )


@handles("find_all_mrrs")
def find_all_mrrs(call: OperationCall) -> PlainList:
    """Return the fees of plans per month."""
    totals: defaultdict[tuple[str, str], int] = defaultdict(int)
    for (month, currency, _), amount in _amounts(_invoices(call), "subscription").items():
        totals[month, currency] += amount
    return _listing(
        {"month": month, "amount_cents": float(amount), "currency": currency}
        for (month, currency), amount in sorted(totals.items())
    )


@handles("find_all_overdue_balances")
def find_all_overdue_balances(call: OperationCall) -> PlainList:
    """Return the overdue amounts per month."""
    overdue = [invoice for invoice in _invoices(call) if invoice.payment_overdue]
    return _listing(
        {
            "month": month,
            "amount_cents": float(sum(amounts.due_cents(invoice) for invoice in group)),
            "currency": currency,
            "lago_invoice_ids": list[Json]([invoice.lago_id for invoice in group]),
            "billing_entity_id": None,
        }
        for (month, currency), group in _grouped(overdue, lambda item: (_month(item.payment_due_date), item.currency))
    )


@handles("find_all_usages")
def find_all_usages(call: OperationCall) -> PlainList:
    """Return the usage by the day it was invoiced."""
    code = call.params.filled("billable_metric_code")
    return _listing(
        {
            "organization_id": call.store.organization_id,
            "start_of_period_dt": None if fee.starts is None else fee.starts.date().isoformat(),
            "end_of_period_dt": None if fee.ends is None else fee.ends.date().isoformat(),
            "amount_currency": invoice.currency,
            "amount_cents": fee.amount_cents,
            "billable_metric_code": fee.charge.metric.code,
            "units": decimal_text(fee.units),
            "is_billable_metric_deleted": fee.charge.metric.deleted_at is not None,
        }
        for invoice in _invoices(call)
        for fee in invoice.fees
        if fee.charge is not None and code in {None, fee.charge.metric.code}
    )
