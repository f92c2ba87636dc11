"""The payload of each webhook: the object it is about, with the parts of it that the server includes."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import attrs

from lago_async.sandbox._operations import (
    billable_metrics,
    credit_note_views,
    customer_views,
    entitlement_views,
    features,
    fees,
    invoice_views,
    order_forms,
    orders,
    payment_receipts,
    payment_requests,
    plans,
    quotes,
    subscription_views,
    triggered_alerts,
    wallet_views,
)
from lago_async.sandbox._operations.usage_thresholds import threshold_json
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.alerts import TriggeredAlert
from lago_async.sandbox._state.catalogue import BillableMetric
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.features import Feature
from lago_async.sandbox._state.invoices import CreditNote, Invoice, InvoiceFee
from lago_async.sandbox._state.outbox import ENDPOINTS, Happening, Payload, subscribed
from lago_async.sandbox._state.payments import PaymentReceipt, PaymentRequest
from lago_async.sandbox._state.plans import Plan, UsageThreshold
from lago_async.sandbox._state.quotes import Order, OrderForm, QuoteVersion
from lago_async.sandbox._state.record import Record
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription
from lago_async.sandbox._state.wallets import Wallet, WalletTransaction

_RecordT = TypeVar("_RecordT", bound=Record)

# The nested objects that an invoice can have; each webhook includes some of them.
_INVOICE_PARTS = (
    "customer",
    "subscriptions",
    "billing_periods",
    "fees",
    "credits",
    "applied_taxes",
    "applied_invoice_custom_sections",
    "error_details",
    "metadata",
)


@attrs.frozen
class _Template:
    """The name of the object in the payload, and the view that shows it."""

    object_type: str
    view: Callable[[Store, Happening], JsonObject]


def _of(object_type: str, kind: type[_RecordT], view: Callable[[Store, _RecordT], JsonObject]) -> _Template:
    """Return the template of webhooks that are about one kind of records."""

    def show(store: Store, happening: Happening) -> JsonObject:
        subject = happening.subject
        if not isinstance(subject, kind):
            raise TypeError(f"{happening.webhook_type} is about a {kind.__name__}, not a {type(subject).__name__}")
        return view(store, subject)

    return _Template(object_type, show)


def _invoice(*parts: str, rendered: bool = True, deleted: bool = False) -> _Template:
    """Return the template of an invoice with some parts; its document is there when it was ``rendered``."""

    def show(store: Store, invoice: Invoice) -> JsonObject:
        shown = invoice_views.invoice_json(store, invoice)
        for part in _INVOICE_PARTS:
            if part not in parts:
                del shown[part]
        # Here the server shows the customer without its integrations.
        shown["customer"] = customer_views.plain_json(invoice.customer)
        if deleted:
            shown["status"] = "deleted"
        return shown if rendered else invoice_views.before_rendering(shown)

    return _of("invoice", Invoice, show)


def _dispute(store: Store, invoice: Invoice) -> JsonObject:
    customer = customer_views.plain_json(invoice.customer)
    return {"invoice": {**invoice_views.base_json(store, invoice), "customer": customer}}


def _credit_note(*, rendered: bool) -> _Template:
    def show(store: Store, note: CreditNote) -> JsonObject:
        shown = credit_note_views.note_json(store, note)
        del shown["error_details"]
        shown["customer"] = customer_views.plain_json(note.invoice.customer)
        if rendered:
            del shown["items"], shown["applied_taxes"]
            return shown
        return {**shown, "file_url": None}

    return _of("credit_note", CreditNote, show)


def _receipt(*, rendered: bool) -> _Template:
    def show(store: Store, receipt: PaymentReceipt) -> JsonObject:
        shown = payment_receipts.receipt_json(store, receipt)
        return shown if rendered else {**shown, "file_url": None}

    return _of("payment_receipt", PaymentReceipt, show)


def _customer(_: Store, customer: Customer) -> JsonObject:
    shown = customer_views.listed_json(customer)
    del shown["taxes"]
    return shown


def _plan(store: Store, plan: Plan) -> JsonObject:
    shown = plans.listed_json(store, plan)
    del shown["applicable_usage_thresholds"]
    return shown


def _deleted_plan(store: Store, plan: Plan) -> JsonObject:
    shown = _plan(store, plan)
    del shown["entitlements"]
    return shown


def _failed_payment(_: Store, invoice: Invoice) -> JsonObject:
    customer = invoice.customer
    return {
        "lago_invoice_id": invoice.lago_id,
        "lago_customer_id": customer.lago_id,
        "external_customer_id": customer.external_id,
        "provider_customer_id": None,
        "payment_provider": None,
        "payment_provider_code": None,
        "provider_error": None,
        "error_details": {"code": "customer_must_have_payment_provider"},
    }


def _subscription(store: Store, subscription: Subscription) -> JsonObject:
    shown = subscription_views.plain_json(store, subscription)
    del shown["applied_invoice_custom_sections"]
    return {**shown, "customer": customer_views.plain_json(subscription.customer)}


def _entitled_subscription(store: Store, subscription: Subscription) -> JsonObject:
    entitlements = entitlement_views.subscription_entitlements_json(store, subscription)
    return {**_subscription(store, subscription), "entitlements": entitlements}


def _passed_threshold(store: Store, happening: Happening) -> JsonObject:
    subscription, threshold = happening.subject, happening.detail
    if not isinstance(subscription, Subscription) or not isinstance(threshold, UsageThreshold):
        raise TypeError("a threshold is passed by a subscription")
    shown = subscription_views.subscription_json(store, subscription)
    return {
        **_subscription(store, subscription),
        "applicable_usage_thresholds": shown["applicable_usage_thresholds"],
        "usage_threshold": threshold_json(threshold),
    }


def _wallet(_: Store, wallet: Wallet) -> JsonObject:
    shown = wallet_views.wallet_json(wallet)
    for part in ("applies_to", "applied_invoice_custom_sections"):
        del shown[part]
    return shown


def _depleted_wallet(store: Store, wallet: Wallet) -> JsonObject:
    shown = _wallet(store, wallet)
    del shown["recurring_transaction_rules"]
    return shown


def _transaction(store: Store, transaction: WalletTransaction) -> JsonObject:
    shown = wallet_views.transaction_json(transaction)
    return {**shown, "wallet": _depleted_wallet(store, transaction.wallet)}


def _fee(_: Store, fee: InvoiceFee) -> JsonObject:
    return fees.fee_json(fee)


def _feature(store: Store, feature: Feature) -> JsonObject:
    return features.feature_json(store, feature)


def _metric(_: Store, metric: BillableMetric) -> JsonObject:
    return billable_metrics.plain_json(metric)


def _order(store: Store, order: Order) -> JsonObject:
    shown = orders.order_json(store, order)
    del shown["billing_snapshot"]
    return shown


_WHOLE_INVOICE = ("customer", "subscriptions", "billing_periods", "fees", "credits", "applied_taxes")

TEMPLATES: Mapping[str, _Template] = {
    "alert.triggered": _of("triggered_alert", TriggeredAlert, triggered_alerts.triggered_alert_json),
    "billable_metric.created": _of("billable_metric", BillableMetric, _metric),
    "billable_metric.deleted": _of("billable_metric", BillableMetric, _metric),
    "billable_metric.updated": _of("billable_metric", BillableMetric, _metric),
    "credit_note.created": _credit_note(rendered=False),
    "credit_note.generated": _credit_note(rendered=True),
    "customer.created": _of("customer", Customer, _customer),
    "customer.updated": _of("customer", Customer, _customer),
    "feature.created": _of("feature", Feature, _feature),
    "feature.deleted": _of("feature", Feature, _feature),
    "feature.updated": _of("feature", Feature, _feature),
    "fee.created": _of("fee", InvoiceFee, _fee),
    "invoice.created": _invoice(*_WHOLE_INVOICE, "applied_invoice_custom_sections", rendered=False),
    "invoice.deleted": _invoice(*_WHOLE_INVOICE, deleted=True),
    "invoice.drafted": _invoice(*_WHOLE_INVOICE, "error_details"),
    "invoice.generated": _invoice("customer"),
    "invoice.one_off_created": _invoice(
        "customer", "fees", "applied_taxes", "applied_invoice_custom_sections", rendered=False
    ),
    "invoice.paid_credit_added": _invoice(
        "customer", "fees", "applied_taxes", "applied_invoice_custom_sections", rendered=False
    ),
    "invoice.payment_dispute_lost": _of("payment_dispute_lost", Invoice, _dispute),
    "invoice.payment_failure": _of("payment_provider_invoice_payment_error", Invoice, _failed_payment),
    "invoice.payment_overdue": _invoice("customer", "fees", "applied_taxes"),
    "invoice.payment_status_updated": _invoice("customer", "fees"),
    "invoice.ready_to_finalize": _invoice(*_WHOLE_INVOICE, "error_details"),
    "invoice.voided": _invoice(*_WHOLE_INVOICE),
    "order.created": _of("order", Order, _order),
    "order.executed": _of("order", Order, _order),
    "order_form.created": _of("order_form", OrderForm, order_forms.form_json),
    "order_form.expired": _of("order_form", OrderForm, order_forms.form_json),
    "order_form.signed": _of("order_form", OrderForm, order_forms.form_json),
    "order_form.voided": _of("order_form", OrderForm, order_forms.form_json),
    "payment_receipt.created": _receipt(rendered=False),
    "payment_receipt.generated": _receipt(rendered=True),
    "payment_request.created": _of("payment_request", PaymentRequest, payment_requests.request_json),
    "plan.created": _of("plan", Plan, _plan),
    "plan.deleted": _of("plan", Plan, _deleted_plan),
    "plan.updated": _of("plan", Plan, _plan),
    "quote.approved": _of("quote", QuoteVersion, quotes.version_with_quote_json),
    "quote.created": _of("quote", QuoteVersion, quotes.version_with_quote_json),
    "quote.voided": _of("quote", QuoteVersion, quotes.version_with_quote_json),
    "subscription.started": _of("subscription", Subscription, _entitled_subscription),
    "subscription.terminated": _of("subscription", Subscription, _subscription),
    "subscription.termination_alert": _of("subscription", Subscription, _subscription),
    "subscription.trial_ended": _of("subscription", Subscription, _subscription),
    "subscription.updated": _of("subscription", Subscription, _entitled_subscription),
    "subscription.usage_threshold_reached": _Template("subscription", _passed_threshold),
    "wallet.created": _of("wallet", Wallet, _wallet),
    "wallet.depleted_ongoing_balance": _of("wallet", Wallet, _depleted_wallet),
    "wallet.terminated": _of("wallet", Wallet, _wallet),
    "wallet.updated": _of("wallet", Wallet, _wallet),
    "wallet_transaction.created": _of("wallet_transaction", WalletTransaction, _transaction),
    "wallet_transaction.updated": _of("wallet_transaction", WalletTransaction, _transaction),
}
"""The webhooks that the sandbox sends. The others are about providers and integrations, which it does not have."""


def render(store: Store) -> None:
    """Make the webhooks for what has happened, for the endpoints that want them."""
    for happening in store.outbox.take_happened():
        endpoints = subscribed(store.plain_objects[ENDPOINTS].values(), happening.webhook_type)
        if not endpoints:
            continue
        template = TEMPLATES[happening.webhook_type]
        content: JsonObject = {
            "webhook_type": happening.webhook_type,
            "object_type": template.object_type,
            "organization_id": store.organization_id,
            template.object_type: template.view(store, happening),
        }
        payload = Payload(
            webhook_type=happening.webhook_type,
            object_type=template.object_type,
            body=encode(content),
        )
        store.outbox.post(payload, endpoints, store.now)
