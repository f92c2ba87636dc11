"""What the sandbox remembers: its clock, and the collections of records."""

import threading
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Generic, TypeVar
from uuid import uuid4

from lago_async.sandbox._state.invoice_records import (
    Consumption,
    CreditNote,
    Invoice,
    InvoiceFee,
    Payment,
    PaymentMethod,
    PaymentReceipt,
    PaymentRequest,
    Wallet,
    WalletTransaction,
)
from lago_async.sandbox._state.records import (
    AddOn,
    Alert,
    ApiLog,
    AppliedCoupon,
    BillableMetric,
    Coupon,
    Customer,
    Event,
    Feature,
    Plan,
    Record,
    Subscription,
    Tax,
    Thing,
)

_Kind = TypeVar("_Kind", bound=Record)


_API_LOGS_KEPT = 1000


def _id(record: Record) -> str:
    return record.lago_id


class Collection(Generic[_Kind]):
    """The records of one resource: found by their key while they are kept, counted for ever."""

    def __init__(self, key: Callable[[_Kind], str]) -> None:
        self._key = key
        self._kept: dict[str, _Kind] = {}
        self.ever_added: int = 0

    def __iter__(self) -> Iterator[_Kind]:
        return iter(self._kept.values())

    def add(self, record: _Kind) -> None:
        """Keep a record whose key is free."""
        self.ever_added += 1
        self._kept[self._key(record)] = record

    def find(self, key: str | None) -> _Kind | None:
        """The kept record with this key."""
        return None if key is None else self._kept.get(key)

    @contextmanager
    def changing(self, record: _Kind) -> Generator[None]:
        """Keep a record to be found while what it is found by may change."""
        del self._kept[self._key(record)]
        try:
            yield
        finally:
            self._kept[self._key(record)] = record

    def discard(self, record: _Kind, at: datetime) -> None:
        """Delete softly: the record is no longer found, and its key is free again."""
        record.deleted_at = at
        del self._kept[self._key(record)]

    def newest_first(self) -> list[_Kind]:
        """The kept records in the order lists have."""
        return sorted(self, key=lambda record: (record.created_at, record.order), reverse=True)


class _Timeline:
    """The events of one subscription and metric. They mostly come in order, so sorting waits until somebody looks."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._sorted = True

    def add(self, event: Event) -> None:
        if self._events and event.timestamp < self._events[-1].timestamp:
            self._sorted = False
        self._events.append(event)

    def between(self, start: datetime, end: datetime) -> list[Event]:
        if not self._sorted:
            self._events.sort(key=_timestamp)
            self._sorted = True
        return self._events[
            bisect_left(self._events, start, key=_timestamp) : bisect_left(self._events, end, key=_timestamp)
        ]


def _timestamp(event: Event) -> datetime:
    return event.timestamp


class EventLog:
    """All events, by subscription and metric code; neither has to exist for an event to be taken."""

    def __init__(self) -> None:
        self._timelines: defaultdict[tuple[str | None, str], _Timeline] = defaultdict(_Timeline)
        self._seen: dict[tuple[str | None, str], Event] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def newest_first(self) -> Iterator[Event]:
        """All events, those that came last first."""
        return reversed(self._seen.values())

    def add(self, event: Event) -> None:
        """Keep an event that is new."""
        self._seen[event.external_subscription_id, event.transaction_id] = event
        self._timelines[event.external_subscription_id, event.code].add(event)

    def holds(self, external_subscription_id: str | None, transaction_id: str) -> bool:
        """Whether this transaction has been sent for this subscription before."""
        return (external_subscription_id, transaction_id) in self._seen

    def between(self, external_subscription_id: str, code: str, start: datetime, end: datetime) -> list[Event]:
        """Events from ``start`` up to, and without, ``end``, in order of time."""
        timeline = self._timelines.get((external_subscription_id, code))
        return [] if timeline is None else timeline.between(start, end)


class Store:
    """The whole state. Whoever reads or writes it holds ``lock``."""

    def __init__(self, *, now: datetime, premium: bool, front_url: str, payment_providers: Mapping[str, str]) -> None:
        self.lock: AbstractContextManager[bool] = threading.RLock()
        self.now = now
        self.premium = premium
        self.front_url = front_url
        self.payment_providers: dict[str, str] = dict(payment_providers)
        self.url = ""
        self.files: dict[str, list[str]] = {}
        self.organization_id: str = str(uuid4())
        self.document_number_prefix: str = f"SAN-{self.organization_id[-4:].upper()}"
        self.billing_entity_code = "sandbox"
        self.taxes: Collection[Tax] = Collection[Tax](lambda tax: tax.code)
        self.billable_metrics: Collection[BillableMetric] = Collection[BillableMetric](lambda metric: metric.code)
        self.plans: Collection[Plan] = Collection[Plan](lambda plan: plan.code)
        self.coupons: Collection[Coupon] = Collection[Coupon](lambda coupon: coupon.code)
        self.customers: Collection[Customer] = Collection[Customer](lambda customer: customer.external_id)
        self.applied_coupons: dict[str, AppliedCoupon] = {}
        self.subscriptions: defaultdict[str, list[Subscription]] = defaultdict(list)
        self.add_ons: Collection[AddOn] = Collection[AddOn](lambda add_on: add_on.code)
        self.features: Collection[Feature] = Collection[Feature](lambda feature: feature.code)
        self.invoices: Collection[Invoice] = Collection[Invoice](_id)
        self.drafts: list[Invoice] = []
        self.invoice_numbers: Counter[str] = Counter()
        self.fees: Collection[InvoiceFee] = Collection[InvoiceFee](_id)
        self.credit_notes: Collection[CreditNote] = Collection[CreditNote](_id)
        self.payments: Collection[Payment] = Collection[Payment](_id)
        self.payment_receipts: Collection[PaymentReceipt] = Collection[PaymentReceipt](_id)
        self.payment_requests: Collection[PaymentRequest] = Collection[PaymentRequest](_id)
        self.payment_methods: Collection[PaymentMethod] = Collection[PaymentMethod](_id)
        self.wallets: Collection[Wallet] = Collection[Wallet](_id)
        self.wallet_transactions: Collection[WalletTransaction] = Collection[WalletTransaction](_id)
        self.consumptions: list[Consumption] = []
        # The id of a subscription's external id or of a wallet, and the alert's code.
        self.alerts: defaultdict[str, dict[str, Alert]] = defaultdict(dict)
        self.things: defaultdict[str, dict[str, Thing]] = defaultdict(dict)
        self.api_logs: deque[ApiLog] = deque(maxlen=_API_LOGS_KEPT)
        self.events: EventLog = EventLog()

    def all_subscriptions(self) -> Iterator[Subscription]:
        """Every subscription there has been."""
        for subscriptions in self.subscriptions.values():
            yield from subscriptions

    def subscription(self, external_id: str | None, status: str) -> Subscription | None:
        """The subscription of that id and status; of several active ones the one started last."""
        found = [each for each in self.subscriptions.get(external_id or "", ()) if each.status == status]
        return max(found, key=lambda each: (each.started_at or each.created_at, each.order), default=None)

    def organization_taxes(self) -> list[Tax]:
        """The taxes of everything that has no taxes of its own."""
        return [tax for tax in self.taxes if tax.applied_to_organization]
