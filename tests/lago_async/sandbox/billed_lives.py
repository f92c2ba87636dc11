"""The windows of usage that were billed for each life of a subscription, and those that the server's rules ask for.

Every second of a life is billed once. The server breaks that in two cases, which `docs/sandbox.md` tells, and the
sandbox does the same.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from lago_async.sandbox._state.periods import first_days

Window = tuple[datetime, datetime]
_CLOSING = ("subscription_periodic", "subscription_terminating")
_SECOND = timedelta(seconds=1)


class PriceHistory:
    """The price per year of each plan, at any time."""

    def __init__(self) -> None:
        self._noted: dict[str, list[tuple[datetime, int]]] = {}

    def note(self, plan: str, at: datetime, cents: int) -> None:
        """Note the price of a plan from a time on."""
        self._noted.setdefault(plan, []).append((at, cents))

    def change(self, old: str, new: str, at: datetime) -> str:
        """Return what a change of the plan is by the prices that the clock finds at a time."""
        before, after = (
            next(cents for since, cents in reversed(self._noted[plan]) if since < at) for plan in (old, new)
        )
        return "upgrade" if before <= after else "downgrade"


@attrs.frozen
class BilledLife:
    """A subscription from its start to its end, and the windows of its usage that are on invoices."""

    name: str
    plan: str
    began: datetime
    known_from: datetime  # periods that closed before it was created are never billed
    ended: datetime | None
    runs_from: datetime | None  # the start of the usage that is not billed yet
    periodic: list[Window]
    last: Window | None  # of the invoice that its end made
    #: What the change that ended it was when it was asked for, and what by the prices when the invoice was computed.
    asked: str | None
    computed: str | None
    #: Whether it ended in a month in which its plan bills nothing but fixed charges.
    ended_without_usage: bool


def billed_lives(sandbox: Any, invoices: Iterable[dict[str, Any]], prices: PriceHistory) -> list[BilledLife]:
    """Return all lives, without those of customers who may have no invoice of an empty window."""
    customers = {item["external_id"]: item for item in sandbox.perform("find_all_customers", {"per_page": 10_000})}
    plans = {item["code"]: item for item in sandbox.perform("find_all_plans", {"per_page": 10_000})}
    query = {"status": ["active", "terminated"], "per_page": 10_000}
    lives = sandbox.perform("find_all_subscriptions", query)
    billed: dict[str, list[tuple[dict[str, Any], dict[str, Any]]]] = {item["lago_id"]: [] for item in lives}
    for invoice in invoices:
        for period in invoice["billing_periods"]:
            if period["invoicing_reason"] in _CLOSING:
                billed[period["lago_subscription_id"]].append((invoice, period))
    found: list[BilledLife] = []
    for item in lives:
        customer = customers[item["external_customer_id"]]
        if customer["finalize_zero_amount_invoice"] != "skip":
            after = _following(item, lives)
            life = _life(sandbox, item, customer, plans[item["plan_code"]], billed[item["lago_id"]])
            if after is not None and life.ended is not None:
                asked = "downgrade" if _time(after["created_at"]) < life.ended else "upgrade"
                at = _computed_at(life.ended, customer)
                if at > sandbox.now:  # still a draft
                    at = life.ended
                computed = asked
                if asked == "downgrade" or at != life.ended:
                    computed = prices.change(item["plan_code"], after["plan_code"], at)
                life = attrs.evolve(life, asked=asked, computed=computed)
            found.append(life)
    return sorted(found, key=lambda life: (life.name, life.known_from, life.plan))


def _following(item: dict[str, Any], lives: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the life that has taken the place of one."""
    same = (
        other
        for other in lives
        if (other["external_id"], other["plan_code"]) == (item["external_id"], item["next_plan_code"])
        and item["terminated_at"] is not None
        and _time(other["started_at"]) == _time(item["terminated_at"])
    )
    return min(same, key=lambda other: other["created_at"], default=None)


def _computed_at(billed: datetime, customer: dict[str, Any]) -> datetime:
    """Return when an invoice is computed for the last time: at the end of the days of grace."""
    grace = customer["billing_configuration"]["invoice_grace_period"]
    if not grace:
        return billed
    day = _local(billed, customer) + timedelta(days=grace)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _life(
    sandbox: Any,
    item: dict[str, Any],
    customer: dict[str, Any],
    plan: dict[str, Any],
    billed: list[tuple[dict[str, Any], dict[str, Any]]],
) -> BilledLife:
    ended = None if item["terminated_at"] is None else _time(item["terminated_at"])
    runs_from = None
    if ended is None:
        query = {"external_subscription_id": item["external_id"]}
        usage = sandbox.perform("find_customer_current_usage", query, item["external_customer_id"])
        runs_from = _time(usage["from_datetime"])
    windows: dict[str, list[Window]] = {reason: [] for reason in _CLOSING}
    for _, period in billed:
        if period["charges_from_datetime"] is not None:
            window = (_time(period["charges_from_datetime"]), _time(period["charges_to_datetime"]))
            windows[period["invoicing_reason"]].append(window)
    periodic, last = (sorted(windows[reason]) for reason in _CLOSING)
    return BilledLife(
        name=item["external_id"],
        plan=item["plan_code"],
        began=_time(item["started_at"]),
        known_from=max(_time(item["started_at"]), _time(item["created_at"])),
        ended=ended,
        runs_from=runs_from,
        periodic=periodic,
        last=last[0] if last else None,
        asked=None,
        computed=None,
        ended_without_usage=ended is not None and _bills_only_fixed_charges(item, customer, plan, ended),
    )


def _bills_only_fixed_charges(
    item: dict[str, Any], customer: dict[str, Any], plan: dict[str, Any], at: datetime
) -> bool:
    """Return whether a plan bills fixed charges in a month, and usage with the first month of a period only."""
    if not plan["bill_fixed_charges_monthly"] or plan["bill_charges_monthly"]:
        return False
    today, began = _local(at, customer), _local(_time(item["subscription_at"]), customer)
    anchor = None if item["billing_time"] == "calendar" else began
    return first_days(today, "monthly", anchor)[0] != first_days(today, plan["interval"], anchor)[0]


def _local(at: datetime, customer: dict[str, Any]) -> date:
    return at.astimezone(ZoneInfo(customer["applicable_timezone"])).date()


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def wrong_windows(life: BilledLife) -> Iterator[str]:
    """Yield what is billed twice or never in a life, and what the server's exceptions do not account for."""
    title = f"{life.name} on {life.plan}"
    windows = list(life.periodic)
    end = life.ended if life.runs_from is None else life.runs_from
    if life.asked == life.computed:
        if life.last is not None:
            windows.append(life.last)
        elif life.ended_without_usage:
            end = None
    else:
        end = None
        yield from _of_another_kind(title, life)
    for (_, before), (after, _) in pairwise(windows):
        if after - before != _SECOND:
            yield f"{title} is billed until {before}, and then from {after}"
    if windows and windows[0][0] > life.known_from:
        yield f"{title} runs from {life.known_from}, and is billed from {windows[0][0]}"
    if end is None:
        return
    if not windows:
        if life.runs_from is None or end > life.known_from:
            yield f"{title} runs from {life.known_from} to {end}, and is never billed"
    elif end - windows[-1][1] not in {_SECOND, timedelta(0)}:
        yield f"{title} is billed until {windows[-1][1]}, and what comes next begins at {end}"


def _of_another_kind(title: str, life: BilledLife) -> Iterator[str]:
    """Yield what differs from the window of the other kind of change, which the server bills by the prices of now."""
    if life.computed == "upgrade":
        # The period that has just begun, of which nothing is over; the one before is never billed.
        expected = None if life.ended is None else (life.ended, life.ended)
    else:
        # The period before, which is billed already; the one that the change has ended is never billed.
        expected = life.periodic[-1] if life.periodic else (life.began, life.began)
    if life.last != expected:
        yield f"{title}, {life.asked} that the prices made {life.computed}, is billed for {life.last}, not {expected}"
