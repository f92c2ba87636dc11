"""Analytics: sums over invoices by month and currency.

They are what the server's queries return, with the types of their columns: sums of integers are decimals, written as
texts, and sums of floats are numbers.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal

from lago_async.sandbox._money import amounts
from lago_async.sandbox._money.recurring_revenue import first_of, monthly_revenue
from lago_async.sandbox._operations.billing_entities import default_entity, entity_codes
from lago_async.sandbox._operations.list_filters import day
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PlainList
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text, encode
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.invoices import Invoice, InvoiceFee
from lago_async.sandbox._state.periods import add_months

_LAST_DAYS = 30
_GRANULARITIES = ("daily", "weekly", "monthly")


class _Months:
    """The months that a call asks for, oldest first."""

    def __init__(self, call: OperationCall) -> None:
        today = call.store.now.date()
        self.first = first_of(call.store.created_at.date())
        wanted = call.params.integer("months")
        if wanted is not None:
            self.first = max(self.first, add_months(first_of(today), -max(wanted - 1, 0)))
        self.last = first_of(today)

    def hold(self, day: date) -> bool:
        """Return whether a day is in one of them."""
        return self.first <= day and first_of(day) <= self.last

    def all(self) -> list[date]:
        """Return their first days."""
        count = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month
        return [add_months(self.first, index) for index in range(count + 1)]


def _text(month: date) -> str:
    return f"{month:%Y-%m}-01T00:00:00.000Z"


def _currency(call: OperationCall) -> str | None:
    given = call.params.filled("currency")
    return None if given is None else given.upper()


def _customers(call: OperationCall) -> Callable[[Customer], bool]:
    """Return whether a customer is asked for; only some lists can be asked for one."""
    wanted = call.params.filled("external_customer_id")
    return lambda customer: wanted is None or (customer.external_id == wanted and customer.deleted_at is None)


def _billed_by(call: OperationCall) -> Callable[[Customer], bool]:
    """Return whether a customer has the billing entity that is asked for."""
    entity = call.params.filled("billing_entity_code")
    # One that does not exist does not filter, on the server either.
    entity = entity if entity in entity_codes(call.store) else None
    return lambda customer: entity in {None, customer.billing_entity_code}


def _finalized(call: OperationCall, *, by_customer: bool = True) -> list[Invoice]:
    """Return the finalized invoices that match and whose payment is not lost, oldest first."""
    months, currency, matches, billed = _Months(call), _currency(call), _customers(call), _billed_by(call)
    return [
        invoice
        for invoice in call.store.invoices
        if invoice.status == "finalized"
        and invoice.dispute_lost_at is None
        and currency in {None, invoice.currency}
        and billed(invoice.customer)
        and (not by_customer or matches(invoice.customer))
        and months.hold(invoice.issuing_date)
    ]


def _needs_licence(call: OperationCall) -> None:
    if not call.store.premium:
        raise refusals.forbidden("feature_unavailable")


def _listing(objects: Iterable[JsonObject]) -> PlainList:
    return PlainList([encode(item) for item in objects])


@handles("find_all_gross_revenues")
def find_all_gross_revenues(call: OperationCall) -> PlainList:
    """Return the invoiced amounts per month less what was refunded, and the fees in advance that have no invoice."""
    store, months, currency, matches = call.store, _Months(call), _currency(call), _customers(call)
    entity, billed = _entity(call), _billed_by(call)
    found: defaultdict[tuple[date, str], list[tuple[int, int]]] = defaultdict(list)
    for invoice in _finalized(call):
        refunded = sum(note.refund_cents for note in store.credit_notes if note.invoice is invoice)
        found[first_of(invoice.issuing_date), invoice.currency].append((1, amounts.total_cents(invoice) - refunded))
    for fee in store.fees:
        instant = fee.invoice is None and fee.pay_in_advance and matches(fee.customer) and billed(fee.customer)
        if instant and currency in {None, fee.currency} and months.hold(fee.created_at.date()):
            found[first_of(fee.created_at.date()), fee.currency].append((0, fee.amount_cents))
    return _listing(
        {
            "month": _text(month),
            "amount_cents": float(sum(amount for _, amount in parts)),
            "currency": code,
            "invoices_count": decimal_text(Decimal(sum(count for count, _ in parts))),
            "billing_entity_id": entity,
        }
        for (month, code), parts in sorted(found.items())
    )


def _entity(call: OperationCall) -> Json:
    """Return the id of the billing entity, which is the default one for everything."""
    return default_entity(call.store).lago_id


@handles("find_all_invoice_collections")
def find_all_invoice_collections(call: OperationCall) -> PlainList:
    """Return the invoiced amounts per month and payment status; a month without any is there, too."""
    _needs_licence(call)
    groups: defaultdict[tuple[date, str, str], list[int]] = defaultdict(list)
    for invoice in _finalized(call, by_customer=False):
        key = first_of(invoice.issuing_date), invoice.payment_status, invoice.currency
        groups[key].append(amounts.total_cents(invoice))
    shown: list[JsonObject] = []
    for month in _Months(call).all():
        mine = [(key, group) for key, group in sorted(groups.items()) if key[0] == month]
        rows: list[tuple[Json, Json, list[int]]] = [(key[1], key[2], group) for key, group in mine]
        if not rows and _currency(call) is None:
            rows = [(None, None, [])]
        shown += [
            {
                "month": _text(month),
                "payment_status": status,
                "invoices_count": len(group),
                "amount_cents": float(sum(group)),
                "currency": currency,
            }
            for status, currency, group in rows
        ]
    return _listing(shown)


@handles("find_all_invoiced_usages")
def find_all_invoiced_usages(call: OperationCall) -> PlainList:
    """Return the invoiced usage per month and metric without the share of coupons, newest month and most first."""
    _needs_licence(call)
    months, currency, billed = _Months(call), _currency(call), _billed_by(call)
    found: defaultdict[tuple[date, str, str], Decimal] = defaultdict(Decimal)
    for fee in call.store.fees:
        day = fee.created_at.date()
        invoiced = fee.invoice is not None and fee.invoice.dispute_lost_at is None and fee.charge is not None
        if invoiced and billed(fee.customer) and currency in {None, fee.currency} and months.hold(day):
            found[first_of(day), str(fee.item["code"]), fee.currency] += fee.taxed_cents
    ordered = sorted(found.items(), key=lambda item: (item[0][0], item[1]), reverse=True)
    return _listing(
        {"month": _text(month), "code": code, "currency": unit, "amount_cents": float(amount)}
        for (month, code, unit), amount in ordered
    )


@handles("find_all_mrrs")
def find_all_mrrs(call: OperationCall) -> PlainList:
    """Return the recurring revenue per month; a month without any is there, too."""
    _needs_licence(call)
    wanted, billed = _currency(call), _billed_by(call)
    invoices = [
        invoice
        for invoice in call.store.invoices
        if invoice.status == "finalized" and invoice.dispute_lost_at is None and billed(invoice.customer)
    ]
    revenue = monthly_revenue(invoices)
    shown: list[JsonObject] = []
    for month in _Months(call).all():
        rows: list[tuple[Json, Json]] = [
            (decimal_text(amount), currency)
            for (of_month, currency), amount in sorted(revenue.items())
            if of_month == month and wanted in {None, currency}
        ]
        if not rows and wanted is None:
            rows = [(None, None)]
        shown += [{"month": _text(month), "amount_cents": amount, "currency": currency} for amount, currency in rows]
    return _listing(shown)


@handles("find_all_overdue_balances")
def find_all_overdue_balances(call: OperationCall) -> PlainList:
    """Return the overdue amounts per month in which they were due."""
    months, currency, matches = _Months(call), _currency(call), _customers(call)
    billed = _billed_by(call)
    groups: defaultdict[tuple[date, str], list[Invoice]] = defaultdict(list)
    for invoice in call.store.invoices:
        due = invoice.payment_due_date
        wanted = invoice.payment_overdue and matches(invoice.customer) and currency in {None, invoice.currency}
        if wanted and billed(invoice.customer) and months.hold(due):
            groups[first_of(due), invoice.currency].append(invoice)
    return _listing(
        {
            "month": _text(month),
            "amount_cents": decimal_text(Decimal(sum(amounts.due_cents(invoice) for invoice in group))),
            "currency": code,
            "lago_invoice_ids": list[Json]([invoice.lago_id for invoice in group]),
            "billing_entity_id": _entity(call),
        }
        for (month, code), group in sorted(groups.items(), key=lambda item: item[0])
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
