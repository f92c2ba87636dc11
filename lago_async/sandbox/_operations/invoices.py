"""Invoices: found and listed, made of add-ons, changed."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from lago_async.sandbox._money import currencies, invoicing
from lago_async.sandbox._operations import customers
from lago_async.sandbox._operations.fees import applied_tax_id, applied_tax_json, fee_json
from lago_async.sandbox._operations.registry import Call, Page, handles
from lago_async.sandbox._operations.subscriptions import listed_json as subscription_listed_json
from lago_async.sandbox._operations.taxes import find_taxes
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode, iso_ms, iso_or_null
from lago_async.sandbox._protocol.wire import iso as iso_text
from lago_async.sandbox._state import documents
from lago_async.sandbox._state.invoice_records import Credit, Invoice, InvoiceFee, InvoiceMetadata
from lago_async.sandbox._state.records import Customer
from lago_async.sandbox._state.store import Store

_PAYMENT_STATUSES = ("pending", "succeeded", "failed")
_METADATA_MAX = 5


def base_json(store: Store, invoice: Invoice) -> JsonObject:
    """An invoice without what hangs off it."""
    lost = invoice.dispute_lost_at
    return {
        "lago_id": invoice.lago_id,
        "billing_entity_code": invoice.customer.billing_entity_code,
        "sequential_id": invoice.sequential_id,
        "number": invoice.number,
        "issuing_date": invoice.issuing_date.isoformat(),
        "payment_due_date": invoice.payment_due_date.isoformat(),
        "net_payment_term": invoice.net_payment_term,
        "invoice_type": invoice.invoice_type,
        "status": invoice.status,
        "payment_status": invoice.payment_status,
        "payment_dispute_lost_at": None if lost is None else iso_ms(lost),
        "payment_overdue": invoice.overdue(store.now.date()),
        "currency": invoice.currency,
        "purchase_order_number": invoice.purchase_order_number,
        "fees_amount_cents": invoice.fees_cents,
        "taxes_amount_cents": invoice.taxes_cents,
        "progressive_billing_credit_amount_cents": 0,
        "coupons_amount_cents": invoice.coupons_cents,
        "credit_notes_amount_cents": invoice.credit_notes_cents,
        "sub_total_excluding_taxes_amount_cents": invoice.fees_cents - invoice.coupons_cents,
        "sub_total_including_taxes_amount_cents": invoice.with_taxes_cents,
        "total_amount_cents": invoice.total_cents,
        "total_due_amount_cents": invoice.due_cents,
        "total_paid_amount_cents": invoice.paid_cents,
        "total_offsetted_credit_note_amount_cents": invoice.offset_cents,
        "prepaid_credit_amount_cents": invoice.prepaid_granted_cents + invoice.prepaid_purchased_cents,
        "prepaid_granted_credit_amount_cents": invoice.prepaid_granted_cents,
        "prepaid_purchased_credit_amount_cents": invoice.prepaid_purchased_cents,
        "file_url": None if invoice.file_name is None else documents.url(store, invoice.file_name),
        "xml_url": None,
        "web_url": f"{store.front_url}/customer/{invoice.customer.lago_id}/invoice/{invoice.lago_id}/overview",
        "version_number": 4,
        "self_billed": False,
        "created_at": iso_text(invoice.created_at),
        "updated_at": iso_text(invoice.updated_at),
        "voided_at": iso_or_null(invoice.voided_at),
        "applied_usage_thresholds": [],
    }


def credit_json(credit: Credit) -> JsonObject:
    """What was taken off an invoice, and by what."""
    invoice = credit.invoice
    item: JsonObject = {}
    if credit.applied_coupon is not None:
        coupon = credit.applied_coupon.coupon
        item = {
            "lago_item_id": credit.applied_coupon.lago_id,
            "type": "coupon",
            "code": coupon.code,
            "name": coupon.name,
            "description": coupon.description,
        }
    elif credit.credit_note is not None:
        note = credit.credit_note
        item = {
            "lago_item_id": note.lago_id,
            "type": "credit_note",
            "code": note.number,
            "name": note.invoice.number,
            "description": note.description,
        }
    return {
        "lago_id": credit.lago_id,
        "amount_cents": credit.amount_cents,
        "amount_currency": invoice.currency,
        "before_taxes": credit.applied_coupon is not None,
        "item": item,
        "invoice": {"lago_id": invoice.lago_id, "payment_status": invoice.payment_status},
    }


def _metadata_json(item: InvoiceMetadata) -> JsonObject:
    return {"lago_id": item.lago_id, "key": item.key, "value": item.value, "created_at": iso_text(item.created_at)}


def listed_json(store: Store, invoice: Invoice) -> JsonObject:
    """An invoice as lists show it."""
    return {
        **base_json(store, invoice),
        "customer": customers.embedded_json(invoice.customer),
        "metadata": [_metadata_json(item) for item in invoice.metadata],
        "applied_taxes": [
            {
                "lago_id": applied_tax_id(invoice, tax),
                "lago_invoice_id": invoice.lago_id,
                "fees_amount_cents": base,
                **applied_tax_json(tax, amount, invoice.currency, invoice.created_at),
            }
            for tax, base, amount in invoice.taxes()
        ],
    }


def invoice_json(store: Store, invoice: Invoice) -> JsonObject:
    """An invoice with everything in it."""
    return {
        **listed_json(store, invoice),
        "applied_invoice_custom_sections": [],
        "billing_periods": [{**period} for period in invoice.billing_periods],
        "credits": [credit_json(credit) for credit in invoice.credits],
        "fees": [fee_json(fee) for fee in invoice.fees],
        "subscriptions": [subscription_listed_json(store, each) for each in invoice.subscriptions],
        "error_details": [],
    }


def find(call: Call) -> Invoice:
    """The invoice that the path names."""
    return by_id(call.store, call.identifier)


def by_id(store: Store, lago_id: str | None) -> Invoice:
    """The invoice with this id, or a 404."""
    invoice = store.invoices.find(lago_id)
    if invoice is None:
        raise refusals.not_found("invoice")
    return invoice


@handles("find_invoice")
def find_invoice(call: Call) -> JsonObject:
    """One invoice."""
    return invoice_json(call.store, find(call))


def _date(params: Fields, name: str) -> date | None:
    value = params.filled(name)
    if value is None:
        return None
    try:
        return date.fromisoformat(value[:10])
    except ValueError:
        raise refusals.invalid_field(name, "invalid_date") from None


def _conditions(call: Call) -> list[Callable[[Invoice], bool]]:
    """What the query asks of each invoice."""
    params, today = call.params, call.store.now.date()
    conditions: list[Callable[[Invoice], bool]] = []

    def one_of(plural: str, singular: str, value: Callable[[Invoice], str]) -> None:
        single = params.filled(singular)
        accepted = params.strings(plural) or ([] if single is None else [single])
        if accepted:
            conditions.append(lambda invoice: value(invoice) in accepted)

    def flag(name: str, value: Callable[[Invoice], bool]) -> None:
        wanted = params.boolean(name)
        if wanted is not None:
            conditions.append(lambda invoice: value(invoice) is wanted)

    one_of("statuses", "status", lambda invoice: invoice.status)
    one_of("payment_statuses", "payment_status", lambda invoice: invoice.payment_status)
    one_of("billing_entity_codes", "billing_entity_code", lambda invoice: invoice.customer.billing_entity_code)
    one_of("currencies", "currency", lambda invoice: invoice.currency)
    one_of("invoice_types", "invoice_type", lambda invoice: invoice.invoice_type)
    flag("payment_overdue", lambda invoice: invoice.overdue(today))
    flag("payment_dispute_lost", lambda invoice: invoice.dispute_lost_at is not None)
    flag("self_billed", lambda _: False)
    flag("partially_paid", lambda invoice: 0 < invoice.paid_cents < invoice.total_cents)
    lowest, highest = params.integer("amount_from"), params.integer("amount_to")
    since, until = _date(params, "issuing_date_from"), _date(params, "issuing_date_to")
    term, order = params.filled("search_term"), params.filled("purchase_order_number")
    if lowest is not None:
        conditions.append(lambda invoice: invoice.total_cents >= lowest)
    if highest is not None:
        conditions.append(lambda invoice: invoice.total_cents <= highest)
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


def mentions(customer: Customer, term: str, *texts: str) -> bool:
    """Whether one of these texts, or a name of the customer, has the term in it."""
    names = (customer.columns.get(name) for name in ("name", "firstname", "lastname", "legal_name", "email"))
    searched = (*texts, customer.external_id, *(name for name in names if isinstance(name, str)))
    return any(term.lower() in text.lower() for text in searched)


def _metadata_condition(key: str, value: Json) -> Callable[[Invoice], bool]:
    return lambda invoice: {item.key: item.value for item in invoice.metadata}.get(key) == (value or None)


def _page(call: Call, customer_id: str | None) -> Page:
    conditions = _conditions(call)
    store = call.store
    found = [
        invoice
        for invoice in store.invoices.newest_first()
        if customer_id in {None, invoice.customer.external_id} and all(matches(invoice) for matches in conditions)
    ]
    return Window.of(call.params).page(found, lambda invoice: encode(listed_json(store, invoice)))


@handles("find_all_invoices")
def find_all_invoices(call: Call) -> Page:
    """Invoices of everybody that match, newest first."""
    return _page(call, call.params.filled("external_customer_id") or call.params.filled("customer_external_id"))


@handles("find_all_customer_invoices")
def find_all_customer_invoices(call: Call) -> Page:
    """Invoices of one customer, who has to exist."""
    return _page(call, customers.find(call.store, call.identifier).external_id)


def _one_off_fee(store: Store, customer: Customer, currency: str, given: Fields) -> InvoiceFee:
    add_on = store.add_ons.find(given.text("add_on_code"))
    if add_on is None:
        raise refusals.not_found("add_on")
    codes = given.strings("tax_codes")
    taxes = add_on.taxes or customer.taxes or store.organization_taxes()
    units, unit_amount = given.decimal("units"), given.integer("unit_amount_cents")
    fee = invoicing.add_on_fee(
        store,
        customer,
        add_on,
        currency,
        Decimal(1) if units is None else units,
        add_on.amount_cents if unit_amount is None else unit_amount,
        taxes if codes is None else find_taxes(store, codes),
        given.filled("invoice_display_name"),
    )
    fee.description = given.text("description") if given.has("description") else add_on.description
    return fee


@handles("create_invoice")
def create_invoice(call: Call) -> JsonObject:
    """Invoice add-ons at once; what is not said of one is taken from it."""
    store, given = call.store, call.envelope()
    customer = customers.find(store, given.filled("external_customer_id"))
    wanted = given.list_of_fields("fees")
    if not wanted:
        raise refusals.not_found("fees")
    currency = given.filled("currency") or customer.currency
    if currency is None or currency not in currencies.CURRENCIES:
        raise refusals.invalid_field("currency", "value_is_invalid")
    if customer.currency not in {None, currency}:
        raise refusals.invalid_field("currency", "currencies_does_not_match")
    fees = [_one_off_fee(store, customer, currency, each) for each in wanted]
    customer.columns["currency"] = currency
    invoice = invoicing.new_invoice(store, customer, "one_off", currency, fees)
    invoice.purchase_order_number = given.text("purchase_order_number")
    return invoice_json(store, invoice)


def _metadata(store: Store, invoice: Invoice, wanted: list[Fields]) -> list[InvoiceMetadata]:
    """Full replacement by id, as with customers."""
    if len(wanted) > _METADATA_MAX:
        raise refusals.invalid_field("metadata", "invalid_count")
    known = {item.lago_id: item for item in invoice.metadata}
    items: list[InvoiceMetadata] = []
    for each in wanted:
        old = known.get(each.text("id") or "")
        shown = each if old is None else each.over({"key": old.key, "value": old.value})
        key, value = shown.filled("key"), shown.filled("value")
        if key is None or value is None:
            raise refusals.invalid_field("key" if key is None else "value", "value_is_mandatory")
        item = InvoiceMetadata(created_at=store.now, key=key, value=value)
        if old is not None:
            item.lago_id, item.created_at = old.lago_id, old.created_at
        items.append(item)
    return items


@handles("update_invoice")
def update_invoice(call: Call) -> JsonObject:
    """Say whether an invoice was paid, or give it metadata; a draft takes neither."""
    store, invoice, given = call.store, find(call), call.envelope()
    status = given.filled("payment_status")
    wanted = given.list_of_fields("metadata")
    if invoice.status == "voided":
        raise refusals.not_allowed("update_on_voided_invoice")
    if status is not None and status not in _PAYMENT_STATUSES:
        raise refusals.invalid_field("payment_status", "value_is_invalid")
    if invoice.status == "draft":
        if status is not None:
            raise refusals.not_allowed("payment_status_update_on_draft_invoice")
        if wanted is not None:
            raise refusals.not_allowed("metadata_on_draft_invoice")
    if wanted is not None:
        invoice.metadata = _metadata(store, invoice, wanted)
    if status is not None and status != invoice.payment_status:
        invoicing.set_payment_status(store, invoice, status)
    invoice.updated_at = store.now
    return invoice_json(store, invoice)
