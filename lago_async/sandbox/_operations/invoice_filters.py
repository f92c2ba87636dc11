"""The filters of lists of invoices."""

from collections.abc import Callable

from lago_async.sandbox._money import amounts
from lago_async.sandbox._operations import list_filters
from lago_async.sandbox._operations.billing_entities import entity_codes
from lago_async.sandbox._operations.customer_filters import mentions
from lago_async.sandbox._operations.registry import OperationCall
from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.invoices import Invoice

_STATUSES = ("draft", "finalized", "voided", "failed", "pending")


def invoice_conditions(call: OperationCall) -> list[Callable[[Invoice], bool]]:
    """Return the conditions that the query sets; refuse the values that the server refuses."""
    params = call.params
    conditions: list[Callable[[Invoice], bool]] = [lambda invoice: invoice.status in _STATUSES]

    def accept(accepted: list[str], value: Callable[[Invoice], str]) -> None:
        if accepted:
            conditions.append(lambda invoice: value(invoice) in accepted)

    def require(value: Callable[[Invoice], bool], *, wanted: bool | None) -> None:
        if wanted is not None:
            conditions.append(lambda invoice: value(invoice) is wanted)

    entities = list_filters.entity_codes(call, entity_codes(call.store))
    found = list_filters.QueryErrors()
    settlements = list_filters.one_of(found, call, "settlements")
    payments = list_filters.one_of(found, call, "payment_status", "payment_statuses")
    statuses = list_filters.one_of(found, call, "status", "statuses")
    flags = {
        name: list_filters.flag(found, params, name) for name in ("self_billed", "partially_paid", "payment_overdue")
    }
    found.refuse()
    currency, kind = params.filled("currency"), params.filled("invoice_type")
    accept(entities, lambda invoice: invoice.customer.billing_entity_code)
    accept(payments, lambda invoice: invoice.payment_status)
    accept(statuses, lambda invoice: invoice.status)
    accept([] if currency is None else [currency], lambda invoice: invoice.currency)
    accept(params.strings("invoice_type") or ([] if kind is None else [kind]), lambda invoice: invoice.invoice_type)
    require(lambda invoice: invoice.payment_overdue, wanted=flags["payment_overdue"])
    require(lambda invoice: invoice.dispute_lost_at is not None, wanted=params.boolean("payment_dispute_lost"))
    require(lambda _: False, wanted=flags["self_billed"])
    require(lambda invoice: 0 < invoice.paid_cents < amounts.total_cents(invoice), wanted=flags["partially_paid"])
    if settlements:
        conditions.append(lambda invoice: "credit_note" in settlements and invoice.offset_cents > 0)
    lowest, highest = params.integer("amount_from"), params.integer("amount_to")
    since, until = list_filters.day(params, "issuing_date_from"), list_filters.day(params, "issuing_date_to")
    term, order = params.filled("search_term"), params.filled("purchase_order_number")
    if lowest is not None:
        conditions.append(lambda invoice: amounts.total_cents(invoice) >= lowest)
    if highest is not None:
        conditions.append(lambda invoice: amounts.total_cents(invoice) <= highest)
    if since is not None:
        conditions.append(lambda invoice: invoice.issuing_date >= since)
    if until is not None:
        conditions.append(lambda invoice: invoice.issuing_date <= until)
    if order is not None:
        conditions.append(lambda invoice: (invoice.purchase_order_number or "").lower() == order.lower())
    if term is not None:
        conditions.append(_search(call, term.strip()))
    for key, value in (params.mapping("metadata") or {}).items():
        conditions.append(_metadata_condition(key, value))
    return conditions


def _search(call: OperationCall, term: str) -> Callable[[Invoice], bool]:
    """Search in numbers, for an id, and among the customers unless the list is of one customer."""
    of_one = call.route.path.startswith("/customers/") or call.params.filled("external_customer_id") is not None
    return lambda invoice: (
        term.lower() in invoice.number.lower()
        or term.lower() == invoice.lago_id
        or (not of_one and mentions(invoice.customer, term))
    )


def _metadata_condition(key: str, value: Json) -> Callable[[Invoice], bool]:
    return lambda invoice: {item.key: item.value for item in invoice.metadata}.get(key) == (value or None)
