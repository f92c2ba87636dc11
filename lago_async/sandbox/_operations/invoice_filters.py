"""The filters of lists of invoices."""

from collections.abc import Callable
from datetime import date

from lago_async.sandbox._money import amounts
from lago_async.sandbox._operations.customer_filters import mentions
from lago_async.sandbox._operations.enumeration_filters import checked
from lago_async.sandbox._operations.registry import OperationCall
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.invoices import Invoice


def _date(params: Fields, name: str) -> date | None:
    value = params.filled(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise refusals.invalid_field(name, "invalid_date") from None


def invoice_conditions(call: OperationCall) -> list[Callable[[Invoice], bool]]:
    """Return the conditions that the query sets."""
    params, today = call.params, call.store.now.date()
    conditions: list[Callable[[Invoice], bool]] = []

    def value_in(accepted: list[str], value: Callable[[Invoice], str | None]) -> None:
        if accepted:
            conditions.append(lambda invoice: value(invoice) in accepted)

    def one_of(plural: str, singular: str, value: Callable[[Invoice], str]) -> None:
        single = params.filled(singular)
        value_in(params.strings(plural) or ([] if single is None else [single]), value)

    def flag(name: str, value: Callable[[Invoice], bool]) -> None:
        wanted = params.boolean(name)
        if wanted is not None:
            conditions.append(lambda invoice: value(invoice) is wanted)

    settlements = checked(call, "settlements")
    value_in(checked(call, "status", "statuses"), lambda invoice: invoice.status)
    value_in(checked(call, "payment_status", "payment_statuses"), lambda invoice: invoice.payment_status)
    value_in(settlements, lambda invoice: "credit_note" if _is_settled_by_notes(call, invoice) else None)
    one_of("billing_entity_codes", "billing_entity_code", lambda invoice: invoice.customer.billing_entity_code)
    one_of("currencies", "currency", lambda invoice: invoice.currency)
    one_of("invoice_types", "invoice_type", lambda invoice: invoice.invoice_type)
    flag("payment_overdue", lambda invoice: amounts.is_overdue(invoice, today))
    flag("payment_dispute_lost", lambda invoice: invoice.dispute_lost_at is not None)
    flag("self_billed", lambda _: False)
    flag("partially_paid", lambda invoice: 0 < invoice.paid_cents < amounts.total_cents(invoice))
    lowest, highest = params.integer("amount_from"), params.integer("amount_to")
    since, until = _date(params, "issuing_date_from"), _date(params, "issuing_date_to")
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
        conditions.append(lambda invoice: invoice.purchase_order_number == order)
    if term is not None:
        conditions.append(lambda invoice: mentions(invoice.customer, term, invoice.lago_id, invoice.number))
    for key, value in (params.mapping("metadata") or {}).items():
        conditions.append(_metadata_condition(key, value))
    return conditions


def _is_settled_by_notes(call: OperationCall, invoice: Invoice) -> bool:
    """Return whether a credit note was offset against an invoice; the server notes no settlement by payments."""
    return any(note.invoice is invoice and note.offset_cents > 0 for note in call.store.credit_notes)


def _metadata_condition(key: str, value: Json) -> Callable[[Invoice], bool]:
    return lambda invoice: {item.key: item.value for item in invoice.metadata}.get(key) == (value or None)
