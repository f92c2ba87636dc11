"""Analytics: sums over invoices by month and currency.

Simplified: recurring revenue counts the fees of plans in the month of the invoice, and usage is listed by the start of
the period that was billed. The server spreads both over time.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal

from lago_async.sandbox._money import amounts
from lago_async.sandbox._operations.billing_entities import entity_codes
from lago_async.sandbox._operations.list_filters import day
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PlainList
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text, encode
from lago_async.sandbox._state.invoices import Invoice, InvoiceFee

_LAST_DAYS = 30
_GRANULARITIES = ("daily", "weekly", "monthly")


def _month(day: date) -> str:
    return f"{day:%Y-%m}-01T00:00:00.000Z"


def _invoices(call: OperationCall) -> list[Invoice]:
    """Return the finalized invoices that match, oldest first."""
    params = call.params
    currency, customer_id = params.filled("currency"), params.filled("external_customer_id")
    months, today = params.integer("months"), call.store.now.date()
    # An entity that does not exist does not filter, on the server either.
    entity = params.filled("billing_entity_code")
    entity = entity if entity in entity_codes(call.store) else None

    def recent(day: date) -> bool:
        return months is None or (today.year - day.year) * 12 + today.month - day.month < months

    return [
        invoice
        for invoice in call.store.invoices
        if invoice.status == "finalized"
        and currency in {None, invoice.currency}
        and customer_id in {None, invoice.customer.external_id}
        and entity in {None, invoice.customer.billing_entity_code}
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


def _usage_fees(call: OperationCall) -> list[InvoiceFee]:
    """Return the fees of usage that match. Without a licence, only the last 30 days are shown, and of one metric."""
    params, premium = call.params, call.store.premium
    fees = [fee for invoice in call.store.invoices for fee in invoice.fees if invoice.status == "finalized"]
    code = params.filled("billable_metric_code")
    since = day(params, "from_date") if premium else call.store.now.date() - timedelta(days=_LAST_DAYS)
    until = day(params, "to_date") if premium else None
    recurring = params.boolean("is_billable_metric_recurring")

    def equal(name: str, value: object) -> bool:
        return not premium or params.filled(name) in {None, value}

    def matches(fee: InvoiceFee) -> bool:
        charge, subscription, customer = fee.charge, fee.subscription, fee.customer
        return (
            charge is not None
            and subscription is not None
            and code in {None, charge.metric.code}
            and (since is None or (fee.starts is not None and fee.starts.date() >= since))
            and (until is None or (fee.starts is not None and fee.starts.date() <= until))
            and (not premium or recurring is None or charge.metric.recurring is recurring)
            and equal("currency", fee.currency)
            and equal("external_customer_id", customer.external_id)
            and equal("customer_type", customer.columns.get("customer_type"))
            and equal("customer_country", customer.columns.get("country"))
            and equal("external_subscription_id", subscription.external_id)
            and equal("plan_code", subscription.plan.code)
        )

    return [fee for fee in fees if matches(fee)]


def _interval(at: date, granularity: str | None) -> tuple[date, date]:
    """Return the first and the last day of the interval that contains a day."""
    if granularity == "weekly":
        first = at - timedelta(days=at.weekday())
        return first, first + timedelta(days=6)
    if granularity == "monthly":
        first = at.replace(day=1)
        return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return at, at


@handles("find_all_usages")
def find_all_usages(call: OperationCall) -> PlainList:
    """Return the billed usage by day, week or month."""
    granularity = call.params.filled("time_granularity") if call.store.premium else None
    if granularity not in {None, *_GRANULARITIES}:
        raise refusals.invalid_field("time_granularity", "value_is_invalid")
    amounts: defaultdict[tuple[date, date, str, str], list[InvoiceFee]] = defaultdict(list)
    for fee in _usage_fees(call):
        if fee.starts is not None and fee.charge is not None:
            interval = _interval(fee.starts.date(), granularity)
            amounts[(*interval, fee.charge.metric.code, fee.currency)].append(fee)
    return _listing(
        {
            "organization_id": call.store.organization_id,
            "start_of_period_dt": first.isoformat(),
            "end_of_period_dt": last.isoformat(),
            "amount_currency": currency,
            "amount_cents": sum(fee.amount_cents for fee in fees),
            "billable_metric_code": code,
            "units": decimal_text(sum((fee.units for fee in fees), Decimal(0))),
            "is_billable_metric_deleted": fees[-1].charge is not None and fees[-1].charge.metric.deleted_at is not None,
        }
        for (first, last, code, currency), fees in sorted(amounts.items(), key=lambda item: item[0])
    )
