"""Invoices as responses show them."""

from lago_async.sandbox._money import amounts
from lago_async.sandbox._operations import customer_views
from lago_async.sandbox._operations.fees import fee_json
from lago_async.sandbox._operations.subscription_views import listed_json as subscription_listed_json
from lago_async.sandbox._operations.taxes import applied_tax_id, applied_tax_json
from lago_async.sandbox._operations.usage_thresholds import threshold_json
from lago_async.sandbox._protocol.timestamps import to_iso, to_iso_ms, to_iso_or_null
from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state import documents
from lago_async.sandbox._state.invoices import BilledPeriod, Credit, Invoice, InvoiceMetadata
from lago_async.sandbox._state.store import Store

# The statuses of invoices that have a document.
_DOCUMENTED = ("finalized", "voided")


def _customer_url(store: Store, invoice: Invoice) -> str:
    return f"{store.front_url}/{store.slug}/customer/{invoice.customer.lago_id}"


def _file_url(store: Store, invoice: Invoice) -> str | None:
    """Return the link to the document, which the server renders soon after the invoice is finalized."""
    if invoice.file_name is None and invoice.status in _DOCUMENTED:
        invoice.file_name = f"invoices/{invoice.lago_id}.pdf"
        total = f"{amounts.total_cents(invoice)} {invoice.currency} subunits"
        documents.make(store, invoice.file_name, [f"Invoice {invoice.number}", total])
    return None if invoice.file_name is None else documents.url(store, invoice.file_name)


def before_rendering(shown: JsonObject) -> JsonObject:
    """Return an invoice as the response to its finalization shows it: the document is not rendered yet."""
    return {**shown, "file_url": None}


def _applied_thresholds(invoice: Invoice) -> JsonObject:
    """Return the usage thresholds that an invoice of progressive billing is for; others don't have the field."""
    if invoice.invoice_type != "progressive_billing":
        return {}
    return {
        "applied_usage_thresholds": [
            {
                "lifetime_usage_amount_cents": reached,
                "created_at": to_iso(at),
                "usage_threshold": threshold_json(threshold),
            }
            for subscription in invoice.subscriptions
            for threshold, at, reached in subscription.reached_thresholds
            if threshold in invoice.usage_thresholds and at == invoice.created_at
        ]
    }


def _web_url(store: Store, invoice: Invoice) -> str | None:
    """Return the link to an invoice in the app; a deleted one has none."""
    return None if invoice.deleted_at else f"{_customer_url(store, invoice)}/invoice/{invoice.lago_id}/overview"


def base_json(store: Store, invoice: Invoice) -> JsonObject:
    """Return an invoice without customer, fees and other nested objects."""
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
        "payment_dispute_lost_at": None if lost is None else to_iso_ms(lost),
        "payment_overdue": invoice.payment_overdue,
        "currency": invoice.currency,
        "purchase_order_number": invoice.purchase_order_number,
        "fees_amount_cents": invoice.fees_cents,
        "taxes_amount_cents": invoice.taxes_cents,
        "progressive_billing_credit_amount_cents": invoice.progressive_cents,
        "coupons_amount_cents": invoice.coupons_cents,
        "credit_notes_amount_cents": invoice.credit_notes_cents,
        "sub_total_excluding_taxes_amount_cents": amounts.sub_total_cents(invoice),
        "sub_total_including_taxes_amount_cents": amounts.with_taxes_cents(invoice),
        "total_amount_cents": amounts.total_cents(invoice),
        "total_due_amount_cents": amounts.due_cents(invoice),
        "total_paid_amount_cents": invoice.paid_cents,
        "total_offsetted_credit_note_amount_cents": invoice.offset_cents,
        "prepaid_credit_amount_cents": invoice.prepaid_granted_cents + invoice.prepaid_purchased_cents,
        # Null where no prepaid credit was used at all.
        "prepaid_granted_credit_amount_cents": invoice.prepaid_granted_cents or None,
        "prepaid_purchased_credit_amount_cents": invoice.prepaid_purchased_cents or None,
        "file_url": _file_url(store, invoice),
        "xml_url": None,
        "web_url": _web_url(store, invoice),
        "version_number": 4,
        "self_billed": False,
        "created_at": to_iso(invoice.created_at),
        "updated_at": to_iso(invoice.updated_at),
        "voided_at": to_iso_or_null(invoice.voided_at),
        **_applied_thresholds(invoice),
    }


def credit_json(credit: Credit) -> JsonObject:
    """Return an amount that was taken off an invoice, and its source."""
    invoice = credit.invoice
    item: JsonObject = {}
    if credit.applied_coupon is not None:
        coupon = credit.applied_coupon.coupon
        item = {
            "lago_item_id": coupon.lago_id,
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
    elif credit.progressive_invoice is not None:
        source = credit.progressive_invoice
        item = {
            "lago_item_id": source.lago_id,
            "type": "invoice",
            "code": source.number,
            "name": source.number,
            "description": None,
        }
    return {
        "lago_id": credit.lago_id,
        "amount_cents": credit.amount_cents,
        "amount_currency": invoice.currency,
        "before_taxes": credit.credit_note is None,
        "item": item,
        "invoice": {"lago_id": invoice.lago_id, "payment_status": invoice.payment_status},
    }


def _period_json(period: BilledPeriod) -> JsonObject:
    """Return the windows of a subscription on an invoice."""
    bounds, subscription = period.boundaries, period.subscription
    return {
        "lago_subscription_id": subscription.lago_id,
        "external_subscription_id": subscription.external_id,
        "lago_plan_id": subscription.plan.lago_id,
        "subscription_from_datetime": to_iso(bounds.start),
        "subscription_to_datetime": to_iso(bounds.end),
        "charges_from_datetime": to_iso_or_null(bounds.charges_start),
        "charges_to_datetime": to_iso_or_null(bounds.charges_end),
        "fixed_charges_from_datetime": to_iso_or_null(bounds.fixed_start),
        "fixed_charges_to_datetime": to_iso_or_null(bounds.fixed_end),
        "invoicing_reason": period.reason,
    }


def _metadata_json(item: InvoiceMetadata) -> JsonObject:
    return {"lago_id": item.lago_id, "key": item.key, "value": item.value, "created_at": to_iso(item.created_at)}


def listed_json(store: Store, invoice: Invoice) -> JsonObject:
    """Return an invoice as lists show it."""
    return {
        **base_json(store, invoice),
        "customer": customer_views.embedded_json(invoice.customer),
        "metadata": [_metadata_json(item) for item in invoice.metadata],
        "applied_taxes": [
            {
                "lago_id": applied_tax_id(invoice.taxes_id, tax),
                "lago_invoice_id": invoice.lago_id,
                "fees_amount_cents": base,
                **applied_tax_json(tax, amount, invoice.currency, invoice.taxed_at or invoice.created_at),
            }
            for tax, base, amount in amounts.taxes(invoice)
        ],
    }


def invoice_json(store: Store, invoice: Invoice) -> JsonObject:
    """Return an invoice with all nested objects."""
    return {
        **listed_json(store, invoice),
        "applied_invoice_custom_sections": [],
        "billing_periods": [_period_json(period) for period in invoice.periods],
        "credits": [credit_json(credit) for credit in invoice.credits],
        "fees": [fee_json(fee) for fee in invoice.fees],
        "subscriptions": [subscription_listed_json(store, subscription) for subscription in invoice.subscriptions],
        "error_details": [],
    }
