# GENERATED from the modules of lago_async/resources by `python -m tools.generate`. Do not edit.
"""The endpoint table: one module per resource group, one decorated stub per operation."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING, Final, NoReturn

from lago_async._name_hints import missing_group

if TYPE_CHECKING:
    from lago_async._table.messages import Request, Response
    from lago_async.resources.activity_logs import ActivityLogs
    from lago_async.resources.add_ons import AddOns
    from lago_async.resources.analytics import Analytics
    from lago_async.resources.api_logs import ApiLogs
    from lago_async.resources.applied_rate_cards import AppliedRateCards
    from lago_async.resources.billable_metrics import BillableMetrics
    from lago_async.resources.billing_entities import BillingEntities
    from lago_async.resources.coupons import Coupons
    from lago_async.resources.credit_notes import CreditNotes
    from lago_async.resources.customers import Customers
    from lago_async.resources.entitlements import Entitlements
    from lago_async.resources.events import Events
    from lago_async.resources.features import Features
    from lago_async.resources.fees import Fees
    from lago_async.resources.invoices import Invoices
    from lago_async.resources.order_forms import OrderForms
    from lago_async.resources.orders import Orders
    from lago_async.resources.organizations import Organizations
    from lago_async.resources.payment_methods import PaymentMethods
    from lago_async.resources.payment_receipts import PaymentReceipts
    from lago_async.resources.payment_requests import PaymentRequests
    from lago_async.resources.payments import Payments
    from lago_async.resources.plans import Plans
    from lago_async.resources.product_categories import ProductCategories
    from lago_async.resources.products import Products
    from lago_async.resources.quote_versions import QuoteVersions
    from lago_async.resources.quotes import Quotes
    from lago_async.resources.rate_cards import RateCards
    from lago_async.resources.security_logs import SecurityLogs
    from lago_async.resources.subscriptions import Subscriptions
    from lago_async.resources.taxes import Taxes
    from lago_async.resources.wallets import Wallets
    from lago_async.resources.webhook_endpoints import WebhookEndpoints
    from lago_async.resources.webhooks import Webhooks

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

    @abstractmethod
    async def send(self, request: Request, /) -> Response:
        """Send a prepared request, and return the response, whatever its status."""

    @cached_property
    def activity_logs(self) -> ActivityLogs:
        """The activity log: the actions on objects. Needs a premium licence."""
        from lago_async.resources.activity_logs import ActivityLogs

        return ActivityLogs(self)

    @cached_property
    def add_ons(self) -> AddOns:
        """Add-ons: the items of one-off invoices and fixed charges."""
        from lago_async.resources.add_ons import AddOns

        return AddOns(self)

    @cached_property
    def analytics(self) -> Analytics:
        """Revenue, invoices and usage over time. The results are complete lists, not pages."""
        from lago_async.resources.analytics import Analytics

        return Analytics(self)

    @cached_property
    def api_logs(self) -> ApiLogs:
        """The log of API calls. Needs a premium licence."""
        from lago_async.resources.api_logs import ApiLogs

        return ApiLogs(self)

    @cached_property
    def applied_rate_cards(self) -> AppliedRateCards:
        """The rate cards that plans have, below ``/api/v2``. Lago stores them, but does not bill them yet."""
        from lago_async.resources.applied_rate_cards import AppliedRateCards

        return AppliedRateCards(self)

    @cached_property
    def billable_metrics(self) -> BillableMetrics:
        """Billable metrics: the definitions of how events are counted."""
        from lago_async.resources.billable_metrics import BillableMetrics

        return BillableMetrics(self)

    @cached_property
    def billing_entities(self) -> BillingEntities:
        """Billing entities: the companies that issue invoices."""
        from lago_async.resources.billing_entities import BillingEntities

        return BillingEntities(self)

    @cached_property
    def coupons(self) -> Coupons:
        """Coupons, and their application to customers."""
        from lago_async.resources.coupons import Coupons

        return Coupons(self)

    @cached_property
    def credit_notes(self) -> CreditNotes:
        """Credit notes, with their metadata."""
        from lago_async.resources.credit_notes import CreditNotes

        return CreditNotes(self)

    @cached_property
    def customers(self) -> Customers:
        """Customers, with their usage, portal and checkout links, and applied coupons."""
        from lago_async.resources.customers import Customers

        return Customers(self)

    @cached_property
    def entitlements(self) -> Entitlements:
        """Entitlements: the features that plans and subscriptions grant, with their limits."""
        from lago_async.resources.entitlements import Entitlements

        return Entitlements(self)

    @cached_property
    def events(self) -> Events:
        """Events: sending, finding and pricing them."""
        from lago_async.resources.events import Events

        return Events(self)

    @cached_property
    def features(self) -> Features:
        """Features and their privileges, which plans can grant."""
        from lago_async.resources.features import Features

        return Features(self)

    @cached_property
    def fees(self) -> Fees:
        """Fees: the lines of invoices."""
        from lago_async.resources.fees import Fees

        return Fees(self)

    @cached_property
    def invoices(self) -> Invoices:
        """Invoices: creating one-off invoices; finding, finalising, voiding and paying all kinds."""
        from lago_async.resources.invoices import Invoices

        return Invoices(self)

    @cached_property
    def order_forms(self) -> OrderForms:
        """Order forms: what customers sign after a quote was approved."""
        from lago_async.resources.order_forms import OrderForms

        return OrderForms(self)

    @cached_property
    def orders(self) -> Orders:
        """Orders: signed order forms, which are executed."""
        from lago_async.resources.orders import Orders

        return Orders(self)

    @cached_property
    def organizations(self) -> Organizations:
        """The organisation that the API key belongs to."""
        from lago_async.resources.organizations import Organizations

        return Organizations(self)

    @cached_property
    def payment_methods(self) -> PaymentMethods:
        """Customers' payment methods."""
        from lago_async.resources.payment_methods import PaymentMethods

        return PaymentMethods(self)

    @cached_property
    def payment_receipts(self) -> PaymentReceipts:
        """Receipts for payments."""
        from lago_async.resources.payment_receipts import PaymentReceipts

        return PaymentReceipts(self)

    @cached_property
    def payment_requests(self) -> PaymentRequests:
        """Payment requests: overdue invoices that a customer pays together."""
        from lago_async.resources.payment_requests import PaymentRequests

        return PaymentRequests(self)

    @cached_property
    def payments(self) -> Payments:
        """Payments of invoices and of payment requests."""
        from lago_async.resources.payments import Payments

        return Payments(self)

    @cached_property
    def plans(self) -> Plans:
        """Plans, with their charges, fixed charges and metadata."""
        from lago_async.resources.plans import Plans

        return Plans(self)

    @cached_property
    def product_categories(self) -> ProductCategories:
        """Product categories: groups of products of the catalogue, below ``/api/v2``."""
        from lago_async.resources.product_categories import ProductCategories

        return ProductCategories(self)

    @cached_property
    def products(self) -> Products:
        """Products of the catalogue, and their filters, below ``/api/v2``."""
        from lago_async.resources.products import Products

        return Products(self)

    @cached_property
    def quote_versions(self) -> QuoteVersions:
        """The versions of quotes: finding, approving, voiding and cloning them."""
        from lago_async.resources.quote_versions import QuoteVersions

        return QuoteVersions(self)

    @cached_property
    def quotes(self) -> Quotes:
        """Quotes: offers to customers. Lago's own app drafts them."""
        from lago_async.resources.quotes import Quotes

        return Quotes(self)

    @cached_property
    def rate_cards(self) -> RateCards:
        """Rate cards: the prices of products, and how they change over time, below ``/api/v2``."""
        from lago_async.resources.rate_cards import RateCards

        return RateCards(self)

    @cached_property
    def security_logs(self) -> SecurityLogs:
        """The security log: who changed keys, users, roles and settings."""
        from lago_async.resources.security_logs import SecurityLogs

        return SecurityLogs(self)

    @cached_property
    def subscriptions(self) -> Subscriptions:
        """Subscriptions, with their charges, alerts and lifetime usage."""
        from lago_async.resources.subscriptions import Subscriptions

        return Subscriptions(self)

    @cached_property
    def taxes(self) -> Taxes:
        """Taxes, which are applied to customers, plans, charges, add-ons and billing entities."""
        from lago_async.resources.taxes import Taxes

        return Taxes(self)

    @cached_property
    def wallets(self) -> Wallets:
        """Wallets of prepaid credits, with their transactions, alerts and metadata."""
        from lago_async.resources.wallets import Wallets

        return Wallets(self)

    @cached_property
    def webhook_endpoints(self) -> WebhookEndpoints:
        """Webhook endpoints: your addresses that the server sends webhooks to; at most ten."""
        from lago_async.resources.webhook_endpoints import WebhookEndpoints

        return WebhookEndpoints(self)

    @cached_property
    def webhooks(self) -> Webhooks:
        """The public key that verifies webhooks."""
        from lago_async.resources.webhooks import Webhooks

        return Webhooks(self)
