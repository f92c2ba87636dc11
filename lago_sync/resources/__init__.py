# GENERATED from the modules of lago_async/resources by `python -m tools.generate`. Do not edit.
"""The blocking face of the endpoint table: one module per resource group."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final, NoReturn

from lago_async._name_hints import missing_group

if TYPE_CHECKING:
    from lago_async._table.messages import Request, Response
    from lago_async.client import LagoClient as AsyncLagoClient
    from lago_sync._sender import ConcurrentCalls
    from lago_sync.resources.activity_logs import ActivityLogs
    from lago_sync.resources.add_ons import AddOns
    from lago_sync.resources.analytics import Analytics
    from lago_sync.resources.api_logs import ApiLogs
    from lago_sync.resources.applied_rate_cards import AppliedRateCards
    from lago_sync.resources.billable_metrics import BillableMetrics
    from lago_sync.resources.billing_entities import BillingEntities
    from lago_sync.resources.coupons import Coupons
    from lago_sync.resources.credit_notes import CreditNotes
    from lago_sync.resources.customers import Customers
    from lago_sync.resources.entitlements import Entitlements
    from lago_sync.resources.events import Events
    from lago_sync.resources.features import Features
    from lago_sync.resources.fees import Fees
    from lago_sync.resources.invoices import Invoices
    from lago_sync.resources.order_forms import OrderForms
    from lago_sync.resources.orders import Orders
    from lago_sync.resources.organizations import Organizations
    from lago_sync.resources.payment_methods import PaymentMethods
    from lago_sync.resources.payment_receipts import PaymentReceipts
    from lago_sync.resources.payment_requests import PaymentRequests
    from lago_sync.resources.payments import Payments
    from lago_sync.resources.plans import Plans
    from lago_sync.resources.product_categories import ProductCategories
    from lago_sync.resources.products import Products
    from lago_sync.resources.quote_versions import QuoteVersions
    from lago_sync.resources.quotes import Quotes
    from lago_sync.resources.rate_cards import RateCards
    from lago_sync.resources.security_logs import SecurityLogs
    from lago_sync.resources.subscriptions import Subscriptions
    from lago_sync.resources.taxes import Taxes
    from lago_sync.resources.wallets import Wallets
    from lago_sync.resources.webhook_endpoints import WebhookEndpoints
    from lago_sync.resources.webhooks import Webhooks

__all__ = ["Resources"]

_GROUPS: Final = (
    "activity_logs",
    "add_ons",
    "analytics",
    "api_logs",
    "applied_rate_cards",
    "billable_metrics",
    "billing_entities",
    "coupons",
    "credit_notes",
    "customers",
    "entitlements",
    "events",
    "features",
    "fees",
    "invoices",
    "order_forms",
    "orders",
    "organizations",
    "payment_methods",
    "payment_receipts",
    "payment_requests",
    "payments",
    "plans",
    "product_categories",
    "products",
    "quote_versions",
    "quotes",
    "rate_cards",
    "security_logs",
    "subscriptions",
    "taxes",
    "wallets",
    "webhook_endpoints",
    "webhooks",
)


class Resources:
    """One attribute per resource group; each loads its rows and models when it is first used."""

    if not TYPE_CHECKING:  # a type checker knows the names itself

        def __getattr__(self, name: str) -> NoReturn:
            raise missing_group(type(self), name, _GROUPS)

    _async: AsyncLagoClient

    @abstractmethod
    def send(self, request: Request, /) -> Response:
        """Send a prepared request, and return the response, whatever its status."""

    @abstractmethod
    def send_all(self, requests: Sequence[Request], /, *, concurrency: int) -> list[Response]:
        """Send prepared requests, ``concurrency`` at a time; return the responses in their order."""

    @abstractmethod
    def _calls(self) -> ConcurrentCalls:
        """Return a sender of concurrent requests."""

    @cached_property
    def activity_logs(self) -> ActivityLogs:
        """The activity log: the actions on objects. Needs a premium licence."""
        from lago_sync.resources.activity_logs import ActivityLogs

        return ActivityLogs(self, self._async.activity_logs)

    @cached_property
    def add_ons(self) -> AddOns:
        """Add-ons: the items of one-off invoices and fixed charges."""
        from lago_sync.resources.add_ons import AddOns

        return AddOns(self, self._async.add_ons)

    @cached_property
    def analytics(self) -> Analytics:
        """Revenue, invoices and usage over time. The results are complete lists, not pages."""
        from lago_sync.resources.analytics import Analytics

        return Analytics(self, self._async.analytics)

    @cached_property
    def api_logs(self) -> ApiLogs:
        """The log of API calls. Needs a premium licence."""
        from lago_sync.resources.api_logs import ApiLogs

        return ApiLogs(self, self._async.api_logs)

    @cached_property
    def applied_rate_cards(self) -> AppliedRateCards:
        """The rate cards that plans have, below ``/api/v2``. Lago stores them, but does not bill them yet."""
        from lago_sync.resources.applied_rate_cards import AppliedRateCards

        return AppliedRateCards(self, self._async.applied_rate_cards)

    @cached_property
    def billable_metrics(self) -> BillableMetrics:
        """Billable metrics: the definitions of how events are counted."""
        from lago_sync.resources.billable_metrics import BillableMetrics

        return BillableMetrics(self, self._async.billable_metrics)

    @cached_property
    def billing_entities(self) -> BillingEntities:
        """Billing entities: the companies that issue invoices."""
        from lago_sync.resources.billing_entities import BillingEntities

        return BillingEntities(self, self._async.billing_entities)

    @cached_property
    def coupons(self) -> Coupons:
        """Coupons, and their application to customers."""
        from lago_sync.resources.coupons import Coupons

        return Coupons(self, self._async.coupons)

    @cached_property
    def credit_notes(self) -> CreditNotes:
        """Credit notes, with their metadata."""
        from lago_sync.resources.credit_notes import CreditNotes

        return CreditNotes(self, self._async.credit_notes)

    @cached_property
    def customers(self) -> Customers:
        """Customers, with their usage, portal and checkout links, and applied coupons."""
        from lago_sync.resources.customers import Customers

        return Customers(self, self._async.customers)

    @cached_property
    def entitlements(self) -> Entitlements:
        """Entitlements: the features that plans and subscriptions grant, with their limits."""
        from lago_sync.resources.entitlements import Entitlements

        return Entitlements(self, self._async.entitlements)

    @cached_property
    def events(self) -> Events:
        """Events: sending, finding and pricing them."""
        from lago_sync.resources.events import Events

        return Events(self, self._async.events)

    @cached_property
    def features(self) -> Features:
        """Features and their privileges, which plans can grant."""
        from lago_sync.resources.features import Features

        return Features(self, self._async.features)

    @cached_property
    def fees(self) -> Fees:
        """Fees: the lines of invoices."""
        from lago_sync.resources.fees import Fees

        return Fees(self, self._async.fees)

    @cached_property
    def invoices(self) -> Invoices:
        """Invoices: creating one-off invoices; finding, finalising, voiding and paying all kinds."""
        from lago_sync.resources.invoices import Invoices

        return Invoices(self, self._async.invoices)

    @cached_property
    def order_forms(self) -> OrderForms:
        """Order forms: what customers sign after a quote was approved."""
        from lago_sync.resources.order_forms import OrderForms

        return OrderForms(self, self._async.order_forms)

    @cached_property
    def orders(self) -> Orders:
        """Orders: signed order forms, which are executed."""
        from lago_sync.resources.orders import Orders

        return Orders(self, self._async.orders)

    @cached_property
    def organizations(self) -> Organizations:
        """The organisation that the API key belongs to."""
        from lago_sync.resources.organizations import Organizations

        return Organizations(self, self._async.organizations)

    @cached_property
    def payment_methods(self) -> PaymentMethods:
        """Customers' payment methods."""
        from lago_sync.resources.payment_methods import PaymentMethods

        return PaymentMethods(self, self._async.payment_methods)

    @cached_property
    def payment_receipts(self) -> PaymentReceipts:
        """Receipts for payments."""
        from lago_sync.resources.payment_receipts import PaymentReceipts

        return PaymentReceipts(self, self._async.payment_receipts)

    @cached_property
    def payment_requests(self) -> PaymentRequests:
        """Payment requests: overdue invoices that a customer pays together."""
        from lago_sync.resources.payment_requests import PaymentRequests

        return PaymentRequests(self, self._async.payment_requests)

    @cached_property
    def payments(self) -> Payments:
        """Payments of invoices and of payment requests."""
        from lago_sync.resources.payments import Payments

        return Payments(self, self._async.payments)

    @cached_property
    def plans(self) -> Plans:
        """Plans, with their charges, fixed charges and metadata."""
        from lago_sync.resources.plans import Plans

        return Plans(self, self._async.plans)

    @cached_property
    def product_categories(self) -> ProductCategories:
        """Product categories: groups of products of the catalogue, below ``/api/v2``."""
        from lago_sync.resources.product_categories import ProductCategories

        return ProductCategories(self, self._async.product_categories)

    @cached_property
    def products(self) -> Products:
        """Products of the catalogue, and their filters, below ``/api/v2``."""
        from lago_sync.resources.products import Products

        return Products(self, self._async.products)

    @cached_property
    def quote_versions(self) -> QuoteVersions:
        """The versions of quotes: finding, approving, voiding and cloning them."""
        from lago_sync.resources.quote_versions import QuoteVersions

        return QuoteVersions(self, self._async.quote_versions)

    @cached_property
    def quotes(self) -> Quotes:
        """Quotes: offers to customers. Lago's own app drafts them."""
        from lago_sync.resources.quotes import Quotes

        return Quotes(self, self._async.quotes)

    @cached_property
    def rate_cards(self) -> RateCards:
        """Rate cards: the prices of products, and how they change over time, below ``/api/v2``."""
        from lago_sync.resources.rate_cards import RateCards

        return RateCards(self, self._async.rate_cards)

    @cached_property
    def security_logs(self) -> SecurityLogs:
        """The security log: who changed keys, users, roles and settings."""
        from lago_sync.resources.security_logs import SecurityLogs

        return SecurityLogs(self, self._async.security_logs)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """Subscriptions, with their charges, alerts and lifetime usage."""
        from lago_sync.resources.subscriptions import Subscriptions

        return Subscriptions(self, self._async.subscriptions)

    @cached_property
    def taxes(self) -> Taxes:
        """Taxes, which are applied to customers, plans, charges, add-ons and billing entities."""
        from lago_sync.resources.taxes import Taxes

        return Taxes(self, self._async.taxes)

    @cached_property
    def wallets(self) -> Wallets:
        """Wallets of prepaid credits, with their transactions, alerts and metadata."""
        from lago_sync.resources.wallets import Wallets

        return Wallets(self, self._async.wallets)

    @cached_property
    def webhook_endpoints(self) -> WebhookEndpoints:
        """Webhook endpoints: your addresses that the server sends webhooks to; at most ten."""
        from lago_sync.resources.webhook_endpoints import WebhookEndpoints

        return WebhookEndpoints(self, self._async.webhook_endpoints)

    @cached_property
    def webhooks(self) -> Webhooks:
        """The public key that verifies webhooks."""
        from lago_sync.resources.webhooks import Webhooks

        return Webhooks(self, self._async.webhooks)
