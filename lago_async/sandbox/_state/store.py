"""The whole state of a sandbox: its clock, and the collections of records."""

import threading
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from decimal import Decimal
from uuid import uuid4

from lago_async.sandbox._state.alerts import Alert
from lago_async.sandbox._state.api_logs import ApiLog
from lago_async.sandbox._state.catalogue import AddOn, BillableMetric, Tax
from lago_async.sandbox._state.collection import Collection
from lago_async.sandbox._state.coupons import AppliedCoupon, Coupon
from lago_async.sandbox._state.customers import BillingDefaults, Customer
from lago_async.sandbox._state.events import EventLog
from lago_async.sandbox._state.features import Feature
from lago_async.sandbox._state.history import History
from lago_async.sandbox._state.in_advance import InAdvanceCount
from lago_async.sandbox._state.invoices import CreditNote, Invoice, InvoiceFee
from lago_async.sandbox._state.outbox import ENDPOINTS, Happening, Outbox
from lago_async.sandbox._state.payments import Payment, PaymentMethod, PaymentReceipt, PaymentRequest
from lago_async.sandbox._state.plain_objects import PlainObject
from lago_async.sandbox._state.plans import Plan
from lago_async.sandbox._state.products import PlanRateCard, Product, ProductCategory, RateCard
from lago_async.sandbox._state.quotes import Order, OrderForm, Quote, QuoteVersion
from lago_async.sandbox._state.record import Record
from lago_async.sandbox._state.subscriptions import Subscription
from lago_async.sandbox._state.wallets import Consumption, Wallet, WalletTransaction

_API_LOGS_KEPT = 1000


def _nobody() -> None:
    """Wake the sender of webhooks where there is none."""


def _id(record: Record) -> str:
    return record.lago_id


class Store:
    """The whole state. Readers and writers hold ``lock``."""

    OF_THE_PROCESS = frozenset({"lock", "url", "hmac_key", "render_webhooks", "wake_sender", "execute_order"})
    """The attributes that belong to a running sandbox, not to its world: no copy and no file has them."""

    def __init__(
        self,
        *,
        now: datetime,
        premium: bool,
        front_url: str,
        payment_providers: Mapping[str, str],
        feature_flags: frozenset[str] = frozenset(),
        strict: bool = True,
    ) -> None:
        self.lock: AbstractContextManager[bool] = threading.RLock()
        self.now = now
        self.created_at = now
        self.premium = premium
        self.strict = strict
        self.feature_flags: frozenset[str] = feature_flags
        self.front_url = front_url
        self.payment_providers: dict[str, str] = dict(payment_providers)
        self.url = ""
        self.files: dict[str, list[str]] = {}
        self.uploads: dict[str, tuple[bytes, str]] = {}  # content and its type, by name
        self.organization_id: str = str(uuid4())
        # The same in every sandbox, so that two runs of a test can be compared.
        self.document_number_prefix: str = "SAN-0001"
        self.billing_entity_code = "sandbox"
        self._billing_defaults = dict[str, BillingDefaults]()
        self.slug = "sandbox"
        self.taxes: Collection[Tax] = Collection[Tax](lambda tax: tax.code)
        self.billable_metrics: Collection[BillableMetric] = Collection[BillableMetric](lambda metric: metric.code)
        self.plans: Collection[Plan] = Collection[Plan](lambda plan: plan.code)
        self.coupons: Collection[Coupon] = Collection[Coupon](lambda coupon: coupon.code)
        self.customers: Collection[Customer] = Collection[Customer](lambda customer: customer.external_id)
        self.applied_coupons: dict[str, AppliedCoupon] = {}
        self.subscriptions: defaultdict[str, list[Subscription]] = defaultdict(list)
        self._scheduled: list[Subscription] = []
        self._histories: defaultdict[str, History] = defaultdict(History)
        self._by_customer: defaultdict[str, list[Subscription]] = defaultdict(list)
        self.add_ons: Collection[AddOn] = Collection[AddOn](lambda add_on: add_on.code)
        self.features: Collection[Feature] = Collection[Feature](lambda feature: feature.code)
        self.invoices: Collection[Invoice] = Collection[Invoice](_id)
        self.drafts: list[Invoice] = []
        self.payable: list[Invoice] = []  # what may become overdue, in the order in which it was finalized
        self.open_invoices: list[Invoice] = []  # they wait for their payment, and are on no list
        self.flagged: dict[str, Customer] = {}  # whose wallets are refreshed next
        self.watched: dict[str, Wallet] = {}  # wallets whose new alerts look at them next
        self.active: dict[str, Subscription] = {}  # whose usage is looked at next
        self.invoice_numbers: Counter[str] = Counter()
        self.fees: Collection[InvoiceFee] = Collection[InvoiceFee](_id)
        self.credit_notes: Collection[CreditNote] = Collection[CreditNote](_id)
        self.payments: Collection[Payment] = Collection[Payment](_id)
        self.payment_receipts: Collection[PaymentReceipt] = Collection[PaymentReceipt](_id)
        self.payment_requests: Collection[PaymentRequest] = Collection[PaymentRequest](_id)
        self.payment_methods: Collection[PaymentMethod] = Collection[PaymentMethod](_id)
        self.wallets: Collection[Wallet] = Collection[Wallet](_id)
        self.wallet_transactions: Collection[WalletTransaction] = Collection[WalletTransaction](_id)
        self.quotes: Collection[Quote] = Collection[Quote](_id)
        self.quote_versions: Collection[QuoteVersion] = Collection[QuoteVersion](_id)
        self.quote_owners: dict[str, str] = {}  # ids by email address
        self.order_forms: Collection[OrderForm] = Collection[OrderForm](_id)
        self.orders: Collection[Order] = Collection[Order](_id)
        self.product_categories: Collection[ProductCategory] = Collection[ProductCategory](lambda one: one.code)
        self.products: Collection[Product] = Collection[Product](lambda product: product.code)
        self.rate_cards: Collection[RateCard] = Collection[RateCard](lambda card: card.code)
        self.plan_rate_cards: list[PlanRateCard] = []
        # Values that recurring weighted sums had reached, by external id, charge, filter and group.
        self.reached_sums: defaultdict[tuple[object, ...], list[tuple[datetime, Decimal]]] = defaultdict(list)
        self.in_advance: defaultdict[tuple[object, ...], list[InAdvanceCount]] = defaultdict(list)
        self.consumptions: list[Consumption] = []
        # By the external id of a subscription or the id of a wallet, then by the alert's code.
        self.alerts: defaultdict[str, dict[str, Alert]] = defaultdict(dict)
        self.plain_objects: defaultdict[str, dict[str, PlainObject]] = defaultdict(dict)
        self.api_logs: deque[ApiLog] = deque(maxlen=_API_LOGS_KEPT)
        self.events: EventLog = EventLog()
        self.hmac_key: str = str(uuid4())
        self.outbox: Outbox = Outbox()
        # Set by what serves this store: views are above the state, and so is what sends.
        self.render_webhooks: Callable[[Store], None] | None = None
        self.wake_sender: Callable[[], None] = _nobody
        # Set like `render_webhooks`: the clock executes orders that have a time, and operations are above the clock.
        self.execute_order: Callable[[Store, Order], None] | None = None

    def emit(self, webhook_type: str, subject: Record, detail: object = None) -> None:
        """Have the endpoints told that something has happened, once what goes on now is done."""
        if self.plain_objects[ENDPOINTS]:
            self.outbox.add(Happening(webhook_type=webhook_type, subject=subject, detail=detail))

    def tell(self) -> None:
        """Render the webhooks for what has happened: they show it as it is now."""
        if self.render_webhooks is not None and self.plain_objects[ENDPOINTS]:
            self.render_webhooks(self)
            self.wake_sender()

    def become(self, other: "Store") -> None:
        """Take over the world of another store, which is not used any more. The lock is held."""
        kept = {name: getattr(self, name) for name in self.OF_THE_PROCESS}
        vars(self).update(vars(other) | kept)

    def flag(self, customer: Customer) -> None:
        """Note that the wallets of a customer await a refresh, which the server's job does for those with a licence."""
        if not any(item.customer is customer and item.terminated_at is None for item in self.wallets):
            return
        if not customer.awaits_refresh:
            customer.awaits_refresh, customer.updated_at = True, self.now
        if self.premium:
            self.refresh(customer)

    def refresh(self, customer: Customer) -> None:
        """Have the wallets of a customer refreshed after what goes on now."""
        self.flagged[customer.lago_id] = customer

    def watch(self, subscription: Subscription) -> None:
        """Have the usage of a subscription looked at after what goes on now."""
        self.active[subscription.lago_id] = subscription

    def track(self, subscription: Subscription) -> None:
        """Have the usage of a subscription looked at after what goes on now, and the wallets that pay for it."""
        self.watch(subscription)
        self.flag(subscription.customer)

    def subscriptions_of(self, customer: Customer) -> list[Subscription]:
        """Return the subscriptions of a customer, past ones included."""
        return self._by_customer[customer.lago_id]

    def customers_billed(self) -> list[Customer]:
        """Return the customers that have subscriptions, deleted ones included."""
        return [mine[0].customer for mine in self._by_customer.values() if mine]

    def history(self, subscription: Subscription) -> History:
        """Return what a subscription was billed for."""
        return self._histories[subscription.lago_id]

    def schedule(self, subscription: Subscription) -> None:
        """Have the clock look at what a subscription has on its agenda now."""
        self._scheduled.append(subscription)

    def take_scheduled(self) -> list[Subscription]:
        """Return the subscriptions whose agenda has changed, and forget them."""
        found, self._scheduled = self._scheduled, []
        return found

    def add_subscription(self, subscription: Subscription) -> None:
        """Add a subscription to those with its external id."""
        lives = self.subscriptions[subscription.external_id]
        subscription.first_life = lives[0].first_life or lives[0] if lives else None
        lives.append(subscription)
        self._by_customer[subscription.customer.lago_id].append(subscription)

    def all_subscriptions(self) -> Iterator[Subscription]:
        """Iterate over all subscriptions, past ones included."""
        for subscriptions in self.subscriptions.values():
            yield from subscriptions

    def subscription(self, external_id: str | None, status: str) -> Subscription | None:
        """Return the subscription with this id and status; of several, the one that started last."""
        found = [
            subscription
            for subscription in self.subscriptions.get(external_id or "", ())
            if subscription.status == status
        ]
        return max(
            found,
            key=lambda subscription: (subscription.started_at or subscription.created_at, subscription.order),
            default=None,
        )

    def all_plans(self) -> list[Plan]:
        """Return the common plans that are not deleted, and those that subscriptions have."""
        plans = (*self.plans, *(subscription.plan for subscription in self.all_subscriptions()))
        return list({plan.lago_id: plan for plan in plans}.values())

    def commitment_taxes(self, plan: Plan) -> list[Tax]:
        """Return the taxes of the minimum commitment of a plan."""
        shown = (plan.minimum_commitment or {}).get("taxes")
        codes = [item.get("code") for item in shown if isinstance(item, dict)] if isinstance(shown, list) else []
        found = [self.taxes.find(code) for code in codes if isinstance(code, str)]
        return [tax for tax in found if tax is not None]

    def entity_taxes(self, code: str) -> list[Tax]:
        """Return the taxes of a billing entity, which everything has that has no taxes of its own."""
        return [tax for tax in self.taxes if code in tax.entity_codes]

    def billing_defaults(self, code: str) -> BillingDefaults:
        """Return the settings that the customers of a billing entity have from it."""
        return self._billing_defaults.setdefault(code, BillingDefaults())
