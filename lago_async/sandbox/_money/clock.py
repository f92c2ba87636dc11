"""The clock: moving it does everything that falls due on the way, in order of time."""

import heapq
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from itertools import count

import attrs

from lago_async.sandbox._money import (
    billing,
    discounts,
    drafts,
    lifecycle,
    order_times,
    prepaid,
    reminders,
    top_ups,
    usage_checks,
)
from lago_async.sandbox._money.dates import is_billing_day, next_billing_day
from lago_async.sandbox._money.job_times import next_hour
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.invoices import Invoice
from lago_async.sandbox._state.outbox import ENDPOINTS
from lago_async.sandbox._state.periods import MONTHS, add_months, local_date, midnight
from lago_async.sandbox._state.quotes import Order, OrderForm
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription
from lago_async.sandbox._state.wallets import RecurringRule, Wallet


class ClockJob(IntEnum):
    """The server's jobs, in the order in which they run within an hour."""

    START = 0
    REFRESH = 1
    END = 2
    CLOSE = 3
    FINALIZE = 4
    EXPIRE_COUPONS = 5
    END_TRIAL = 6
    EXPIRE_WALLET = 7
    TOP_UP = 8
    OVERDUE = 9
    TELL_END = 10
    EXPIRE_FORM = 11
    EXECUTE_ORDER = 12


@attrs.frozen
class _Entry:
    """A job. Its due time may have changed by the time it comes, so it is asked again."""

    job: ClockJob
    order: int
    still_due: Callable[[], datetime | None]
    run: Callable[[], None]


def _from_midnight(now: datetime, day: date, subscription: Subscription) -> datetime | None:
    """Return when a job of a local day runs next: at its start, or at the next full hour of that day."""
    zone = subscription.customer.zone
    begins = midnight(day, zone)
    if begins >= now:
        return begins
    return next_hour(now) if local_date(now, zone) == day else None


def _starts(store: Store, subscription: Subscription) -> datetime | None:
    if subscription.status != "pending" or subscription.previous is not None:
        return None
    zone = subscription.customer.zone
    return max(midnight(local_date(subscription.subscription_at, zone), zone), store.now)


def _ends(store: Store, subscription: Subscription) -> datetime | None:
    if subscription.status != "active" or subscription.ending_at is None:
        return None
    day = local_date(subscription.ending_at, subscription.customer.zone)
    return _from_midnight(store.now, day, subscription)


def _trial_ends(store: Store, subscription: Subscription) -> datetime | None:
    if subscription.status != "active" or subscription.trial_ended_at is not None or subscription.trial_end is None:
        return None
    return next_hour(max(subscription.trial_end, store.now))


def _closes(store: Store, subscription: Subscription) -> datetime | None:
    """Return when the next period of a subscription closes."""
    if subscription.status != "active" or subscription.started_at is None:
        return None
    zone, now = subscription.customer.zone, store.now
    today, began = local_date(now, zone), local_date(subscription.started_at, zone)
    day = today if is_billing_day(subscription, today) else next_billing_day(subscription, today)
    while True:
        ends_then = subscription.ending_at is not None and local_date(subscription.ending_at, zone) == day
        billed = day == today and billing.billed_today(store, subscription)
        if began < day and not ends_then and not billed:
            due = _from_midnight(now, day, subscription)
            if due is not None:
                return due
        day = next_billing_day(subscription, day)


def _customer_closes(store: Store, customer: Customer) -> datetime | None:
    closing = (_closes(store, item) for item in store.subscriptions_of(customer))
    return min((due for due in closing if due is not None), default=None)


def _close(store: Store, customer: Customer) -> None:
    """Bill all periods of a customer that close now; a change that waits for this is carried out."""
    closing = [item for item in store.subscriptions_of(customer) if _closes(store, item) == store.now]
    billed: list[Subscription] = []
    for subscription in closing:
        following = subscription.following
        if following is not None and following.status == "pending":
            lifecycle.carry_out(store, subscription, following)
        else:
            billed.append(subscription)
    if billed:
        billing.bill_periods(store, billed)


def _finalizes(store: Store, invoice: Invoice) -> datetime | None:
    if invoice.status != "draft" or invoice.finalize_at is None:
        return None
    return max(invoice.finalize_at, store.now)


def _coupons_expire(store: Store) -> datetime | None:
    due = (item.expiration_at for item in store.coupons if item.terminated_at is None and item.expiration_at)
    first = min(due, default=None)
    return None if first is None else next_hour(max(first, store.now))


def _expires(store: Store, wallet: Wallet) -> datetime | None:
    if wallet.terminated_at is not None or wallet.expiration_at is None:
        return None
    return next_hour(max(wallet.expiration_at, store.now))


def _rule_days(rule: RecurringRule, first: date, today: date) -> Iterator[date]:
    """Return the days on which a rule applies, from today on."""
    interval = rule.text("interval") or "monthly"
    if interval == "weekly":
        day = first + timedelta(days=-((first - today).days // 7) * 7 if today > first else 0)
        while True:
            if day >= today:
                yield day
            day += timedelta(days=7)
    step, count = MONTHS[interval], 0
    while True:
        day = add_months(first, count * step)
        if day >= today:
            yield day
        count += 1


def _tops_up(store: Store, wallet: Wallet, rule: RecurringRule) -> datetime | None:
    """Return when a rule by interval applies next: once a day, and not on the day on which the wallet was made."""
    if wallet.terminated_at is not None or rule.text("trigger") != "interval" or rule not in wallet.rules:
        return None
    zone = wallet.customer.zone
    begins = rule.started_at or wallet.created_at
    made, today = local_date(wallet.created_at, zone), local_date(store.now, zone)
    applied = [item.applied_at for item in wallet.rules if item.applied_at is not None]
    used = {local_date(at, zone) for at in applied}
    for day in _rule_days(rule, local_date(begins, zone), today):
        due = midnight(day, zone)
        if due < store.now:
            due = next_hour(store.now) if day == today else due
        if day == made or day in used or due < store.now or local_date(due, zone) != day:
            continue
        return due if rule.active(due) else None
    return None


class _Agenda:
    """The jobs that fall due until a time, in order; ``runs`` returns when a job that is due is run."""

    def __init__(self, store: Store, target: datetime, runs: Callable[[datetime], datetime] | None = None) -> None:
        self._store = store
        self._target = target
        self._runs = runs
        self._heap: list[tuple[datetime, int, int, int, _Entry]] = []
        self._added = count()
        self._known_drafts: set[str] = set()
        self._known_payable = 0
        # Jobs that do nothing but tell.
        self._tells = bool(store.plain_objects[ENDPOINTS])
        for customer in list(store.customers_billed()):
            self._of_customer(customer)
        self._of_store()

    def _add(
        self, job: ClockJob, order: int, still_due: Callable[[], datetime | None], run: Callable[[], None]
    ) -> None:
        self._schedule(_Entry(job, order, still_due, run))

    def _schedule(self, entry: _Entry) -> None:
        due = self._due(entry)
        if due is not None and due <= self._target:
            heapq.heappush(self._heap, (due, entry.job, entry.order, next(self._added), entry))

    def _due(self, entry: _Entry) -> datetime | None:
        due = entry.still_due()
        return due if due is None or self._runs is None else self._runs(due)

    def _of_customer(self, customer: Customer) -> None:
        store = self._store
        for item in store.subscriptions_of(customer):
            self._of_subscription(item)
        self._of_closes(customer)

    def _of_closes(self, customer: Customer) -> None:
        store = self._store
        self._add(
            ClockJob.CLOSE, customer.order, lambda: _customer_closes(store, customer), lambda: _close(store, customer)
        )

    def _of_subscription(self, item: Subscription) -> None:
        store = self._store
        if item.status == "pending":
            self._add(
                ClockJob.START,
                item.order,
                lambda: _starts(store, item),
                lambda: lifecycle.start(store, item, store.now),
            )
        elif item.status == "active":
            # Each move of the clock comes here, and most subscriptions have neither a trial nor an end.
            if item.trial_end is not None:
                self._add(
                    ClockJob.END_TRIAL,
                    item.order,
                    lambda: _trial_ends(store, item),
                    lambda: lifecycle.end_trial(store, item),
                )
            if item.ending_at is not None:
                self._of_end(item)

    def _of_end(self, item: Subscription) -> None:
        store = self._store
        self._add(ClockJob.END, item.order, lambda: _ends(store, item), lambda: lifecycle.terminate(store, item))
        if self._tells:
            self._add(
                ClockJob.TELL_END,
                item.order,
                lambda: reminders.tells_end(store, item),
                lambda: reminders.tell_end(store, item),
            )

    def _of_store(self) -> None:
        """Add what is new: drafts, wallets, and customers whose usage is looked at."""
        store = self._store
        self._add(ClockJob.EXPIRE_COUPONS, 0, lambda: _coupons_expire(store), lambda: discounts.expire_coupons(store))
        for wallet in store.wallets:
            self._of_wallet(wallet)
        for form in store.order_forms:
            self._of_form(form)
        for order in store.orders:
            self._of_order(order)
        self._of_drafts()
        store.payable = [
            item for item in store.payable if not item.payment_overdue and reminders.may_become_overdue(item)
        ]
        self._of_payable()

    def _of_form(self, form: OrderForm) -> None:
        store = self._store
        self._add(
            ClockJob.EXPIRE_FORM,
            form.order,
            lambda: order_times.form_expires(store, form),
            lambda: order_times.expire_form(store, form),
        )

    def _of_order(self, order: Order) -> None:
        store = self._store
        self._add(
            ClockJob.EXECUTE_ORDER,
            order.order,
            lambda: order_times.order_executes(store, order),
            lambda: order_times.execute(store, order),
        )

    def _of_payable(self) -> None:
        for invoice in self._store.payable[self._known_payable :]:
            self._of_unpaid(invoice)
        self._known_payable = len(self._store.payable)

    def _of_unpaid(self, invoice: Invoice) -> None:
        store = self._store
        self._add(
            ClockJob.OVERDUE,
            invoice.order,
            lambda: reminders.becomes_overdue(store, invoice),
            lambda: reminders.mark_overdue(store, invoice),
        )

    def _of_drafts(self) -> None:
        store = self._store
        for invoice in store.drafts:
            if invoice.lago_id not in self._known_drafts:
                self._known_drafts.add(invoice.lago_id)
                self._of_draft(invoice)

    def _of_draft(self, invoice: Invoice) -> None:
        store = self._store
        self._add(
            ClockJob.FINALIZE,
            invoice.order,
            lambda: _finalizes(store, invoice),
            lambda: billing.finalize(store, invoice),
        )
        # Only requests flag drafts, not jobs, so one that is not flagged now will not be on the way.
        if invoice.refresh_at is not None:
            self._add(
                ClockJob.REFRESH,
                invoice.order,
                lambda: drafts.refreshes(store, invoice),
                lambda: billing.refresh(store, invoice),
            )

    def _of_wallet(self, wallet: Wallet) -> None:
        store = self._store
        self._add(
            ClockJob.EXPIRE_WALLET,
            wallet.order,
            lambda: _expires(store, wallet),
            lambda: prepaid.terminate(store, wallet),
        )
        for rule in wallet.rules:
            self._of_rule(wallet, rule)

    def _of_rule(self, wallet: Wallet, rule: RecurringRule) -> None:
        store = self._store
        self._add(
            ClockJob.TOP_UP,
            rule.order,
            lambda: _tops_up(store, wallet, rule),
            lambda: top_ups.apply_interval_rule(store, wallet, rule),
        )

    @property
    def first(self) -> datetime | None:
        """When the first entry is due."""
        return self._heap[0][0] if self._heap else None

    def run(self) -> None:
        """Do everything that is due."""
        store = self._store
        while self._heap:
            expected, _, _, _, entry = heapq.heappop(self._heap)
            due = self._due(entry)
            if due != expected:
                self._schedule(entry)
                continue
            store.now = expected
            entry.run()
            usage_checks.look(store)
            store.tell()
            for subscription in store.take_scheduled():
                self._of_subscription(subscription)
                self._of_closes(subscription.customer)
            self._schedule(entry)
            self._of_drafts()
            self._of_payable()


def advance(store: Store, target: datetime, runs: Callable[[datetime], datetime] | None = None) -> None:
    """Move the clock to ``target``; everything that falls due before is done in order of time.

    ``runs`` returns when what is due is done, for a server whose jobs ran at some hours only.
    """
    if target < store.now:
        raise ValueError(
            f"time only moves forward: it is {store.now.isoformat()}, and {target.isoformat()} is before that"
        )
    store.take_scheduled()
    _Agenda(store, target, runs).run()
    store.now = target
    store.wake_sender()


def next_due(store: Store) -> datetime | None:
    """Return when something falls due next; None if nothing ever does."""
    return _Agenda(store, datetime.max.replace(tzinfo=UTC)).first
