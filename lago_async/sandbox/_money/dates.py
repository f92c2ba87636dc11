"""The windows of a billing: which days and seconds of a subscription an invoice is about, by the reason for it."""

from datetime import date, datetime, timedelta, tzinfo

from lago_async.sandbox._state.history import History
from lago_async.sandbox._state.invoices import Boundaries
from lago_async.sandbox._state.periods import end_of_day, first_days, local_date, midnight
from lago_async.sandbox._state.subscriptions import Subscription

_DAY = timedelta(days=1)


class Dates:
    """The dates of a subscription, seen from one time.

    Normally that time is in the first day of a period, and the period before it is billed (the plan itself:
    the one that begins, if it is paid in advance). With ``running`` it is the period that contains the time: current
    usage, progressive billing, and a subscription that ends for an upgrade. ``alive`` ignores that it has ended.
    """

    def __init__(self, subscription: Subscription, at: datetime, *, running: bool = False, alive: bool = False) -> None:
        self._subscription = subscription
        self._plan = subscription.plan
        self._zone: tzinfo = subscription.customer.zone
        self._today = local_date(at, self._zone)
        self._running = running
        self._at = at
        self._ended = not alive and subscription.terminated_by(at)
        self._has_ended = not alive and subscription.status == "terminated"

    def _period(self, day: date, interval: str) -> tuple[date, date]:
        """Return the first days of the period that contains a day, and of the next one."""
        return first_days(day, interval, self._subscription.anchor)

    def _before(self, interval: str) -> date:
        """Return a day of the period that is billed in arrears."""
        if self._running:
            return self._today
        return self._period(self._today, interval)[0] - _DAY

    def _first_day(self) -> date:
        """Return the first day of the plan's own period."""
        interval = self._plan.interval
        ended_in_arrears = self._ended and not self._plan.pay_in_advance and not self._subscription.downgraded
        day = self._today if self._plan.pay_in_advance or ended_in_arrears else self._before(interval)
        return self._period(day, interval)[0]

    def _first_day_of_usage(self, interval: str) -> date:
        """Return the first day of the period whose charges, or fixed charges, are billed."""
        ended_for_good = self._ended and self._subscription.following is None
        ended_in_arrears = self._ended and not self._plan.pay_in_advance and not self._subscription.downgraded
        day = self._today if ended_for_good or ended_in_arrears else self._before(interval)
        return self._period(day, interval)[0]

    def _length(self, day: date, interval: str) -> int:
        """Return the number of days of the period that contains a day."""
        first, following = self._period(day, interval)
        return (following - first).days

    @property
    def start(self) -> datetime:
        """The start of the plan's period; of the first one, the start of the day on which the subscription began."""
        began = self._subscription.started_at
        start = midnight(self._first_day(), self._zone)
        if began is not None and start < began:
            return midnight(local_date(began, self._zone), self._zone)
        return start

    @property
    def end(self) -> datetime:
        """The end of the plan's period, or of the subscription."""
        end = end_of_day(self._period(self._first_day(), self._plan.interval)[1] - _DAY, self._zone)
        ended = self._subscription.terminated_at
        if self._ended and ended is not None and end > ended:
            end = ended
        return max(end, self._subscription.started_at or end)

    def _window(self, interval: str) -> tuple[datetime, datetime]:
        subscription = self._subscription
        first = self._first_day_of_usage(interval)
        start = midnight(first, self._zone)
        end = end_of_day(self._period(first, interval)[1] - _DAY, self._zone)
        ended, began = subscription.terminated_at, subscription.started_at
        if self._has_ended and ended is not None and ended <= end:
            end = ended
        if began is not None:
            start, end = max(start, began), max(end, began)
        return start, end

    @property
    def _in_first_month(self) -> bool:
        """Whether the time is in the first month of the plan's period."""
        return self._period(self._today, "monthly")[0] == self._period(self._today, self._plan.interval)[0]

    def first_month(self) -> bool:
        """Return whether the plan itself is billed at this time; its charges are billed every month."""
        return self._in_first_month

    def first_month_of_first_period(self) -> bool:
        """Return whether this is the first month of the first period of the subscription."""
        began = self._subscription.subscription_at.astimezone(self._zone)
        return self._in_first_month and self._period(self._today, "monthly")[0].year == began.year

    def charges_window(self) -> tuple[datetime, datetime] | None:
        """Return the window of usage."""
        plan = self._plan
        only_fixed = plan.has_months and plan.bill_fixed_charges_monthly and not plan.bill_charges_monthly
        if only_fixed and not self._running and not self._in_first_month:
            return None
        return self._window(plan.charges_interval)

    def fixed_window(self) -> tuple[datetime, datetime] | None:
        """Return the window of fixed charges."""
        plan = self._plan
        only_usage = plan.has_months and plan.bill_charges_monthly and not plan.bill_fixed_charges_monthly
        if only_usage and not self._in_first_month:
            return None
        return self._window(plan.fixed_charges_interval)

    @property
    def charges_days(self) -> int:
        """The number of days of the whole period of the charges."""
        interval = self._plan.charges_interval
        return self._length(self._first_day_of_usage(interval), interval)

    @property
    def fixed_days(self) -> int:
        """The number of days of the whole period of the fixed charges."""
        interval = self._plan.fixed_charges_interval
        return self._length(self._first_day_of_usage(interval), interval)

    @property
    def period_days(self) -> int:
        """The number of days of the plan's whole period."""
        return self._length(self._first_day(), self._plan.interval)

    def days_of_period_with(self, at: datetime) -> int:
        """Return the number of days of the plan's period that contains a time."""
        return self._length(local_date(at, self._zone), self._plan.interval)

    @property
    def last_day_of_running_period(self) -> date:
        """The last day of the plan's period that contains the time."""
        return self._period(self._today, self._plan.interval)[1] - _DAY

    @property
    def end_of_period(self) -> datetime:
        """The last instant of the plan's period."""
        return self.whole_period[1]

    @property
    def start_of_running_period(self) -> datetime:
        """The start of the plan's period that contains the time."""
        return midnight(self._period(self._today, self._plan.interval)[0], self._zone)

    @property
    def whole_period(self) -> tuple[datetime, datetime]:
        """The plan's whole period, however late the subscription began or early it ended."""
        first = self._period(self._before(self._plan.interval), self._plan.interval)[0]
        last = self._period(self._first_day(), self._plan.interval)[1] - _DAY
        return midnight(first, self._zone), end_of_day(last, self._zone)

    def boundaries(self) -> Boundaries:
        """Return all windows."""
        charges, fixed = self.charges_window(), self.fixed_window()
        return Boundaries(
            timestamp=self._at,
            start=self.start,
            end=self.end,
            charges_start=None if charges is None else charges[0],
            charges_end=None if charges is None else charges[1],
            charges_days=self.charges_days,
            fixed_start=None if fixed is None else fixed[0],
            fixed_end=None if fixed is None else fixed[1],
            fixed_days=self.fixed_days,
        )


def running(subscription: Subscription, at: datetime) -> Boundaries:
    """Return the windows of the period that runs."""
    return Dates(subscription, at, running=True).boundaries()


def _billed_before(history: History, subscription: Subscription, wanted: Boundaries, *, recurring: bool) -> bool:
    """Return whether an invoice is about exactly these windows."""
    plan = subscription.plan
    for period in history.periods:
        known = period.boundaries
        if recurring and not period.recurring:
            continue
        if (known.start, known.end) != (wanted.start, wanted.end):
            continue
        by_month = plan.has_months and plan.bill_charges_monthly
        if by_month and (known.charges_start, known.charges_end) != (wanted.charges_start, wanted.charges_end):
            continue
        by_month = plan.has_months and plan.bill_fixed_charges_monthly
        if by_month and (known.fixed_start, known.fixed_end) != (wanted.fixed_start, wanted.fixed_end):
            continue
        return True
    return False


def ending_dates(history: History, subscription: Subscription, at: datetime, found: Dates) -> Dates:
    """Return the dates to bill at the end of a subscription.

    One that ends in the first day of a period, whose invoice was not made yet, is billed for the period before.
    """
    ended_for_good = subscription.status == "terminated" and subscription.following is None
    began = subscription.started_at
    if not ended_for_good or began is None or at - _DAY < began:
        return found
    yesterday = Dates(subscription, at - _DAY, running=True, alive=True).charges_window()
    if yesterday is None or at < yesterday[1] or at - yesterday[1] >= _DAY:
        return found
    before = Dates(subscription, at, alive=True)
    return found if _billed_before(history, subscription, before.boundaries(), recurring=True) else before


def invoiced_in_advance(history: History, subscription: Subscription, ended: datetime) -> bool:
    """Return whether the running period of an ended subscription was invoiced when it began."""
    begins = Dates(subscription, ended, alive=True).start_of_running_period
    if subscription.started_at is not None and begins < subscription.started_at:
        return True
    return _billed_before(history, subscription, Dates(subscription, begins, alive=True).boundaries(), recurring=False)


def next_billing_day(subscription: Subscription, after: date) -> date:
    """Return the next day after ``after`` on which a period closes."""
    plan = subscription.plan
    monthly = plan.has_months and (plan.bill_charges_monthly or plan.bill_fixed_charges_monthly)
    return first_days(after, "monthly" if monthly else plan.interval, subscription.anchor)[1]


def is_billing_day(subscription: Subscription, day: date) -> bool:
    """Return whether a period closes on the day before."""
    return next_billing_day(subscription, day - _DAY) == day
