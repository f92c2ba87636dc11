"""Demo data of a business: a few large customers and a long tail, who join, grow, shrink, upgrade and leave."""

from __future__ import annotations

import random
from typing import Final

import attrs

from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._server.server import Sandbox

_CITIES: Final = (
    "Lyon", "Porto", "Ghent", "Turin", "Graz", "Tartu", "Cork", "Malmö", "Gdańsk", "Bergen", "Split", "Zürich",
    "Leipzig", "Utrecht", "Bilbao", "Turku", "Brno", "Basel", "Aarhus",
)  # fmt: skip
_TRADES: Final = (
    "Freight", "Robotics", "Mobility", "Energy", "Foods", "Health", "Optics", "Media", "Textiles", "Games", "Mills",
    "Tools", "Maps",
)  # fmt: skip

# code, name, monthly fee in cents, currency, price of an hour, price of a gigabyte
_PLANS: Final = (
    ("starter", "Starter", 1_900, "EUR", "0.45", "0.12"),
    ("scale", "Scale", 49_000, "EUR", "0.28", "0.06"),
    ("growth-us", "Growth US", 5_900, "USD", "0.40", "0.11"),
)
_NEW_PRICE: Final = 5_900
"""What the plan "growth" costs from the third month on, instead of 4,900 cents."""

_BATCH: Final = 100  # events of a call


@attrs.frozen
class _Company:
    """One customer.

    Attributes:
        number: Its number, from the largest on.
        plan: The plan that it begins with.
        size: How much it uses, in the first month.
        trend: How its use changes from one month to the next.
        joins: The month in which it joins.
        leaves: The month in the middle of which it leaves; None if it stays.
        upgrades: The month at whose beginning it changes to "growth"; None if it does not.
    """

    number: int
    plan: str
    size: float
    trend: float
    joins: int = 0
    leaves: int | None = None
    upgrades: int | None = None

    @property
    def external_id(self) -> str:
        return f"customer-{self.number:04}"

    @property
    def subscription(self) -> str:
        return f"{self.external_id}-main"

    @property
    def name(self) -> str:
        # 19 cities and 13 trades have no common divisor, so that no two of 247 customers have the same name.
        rounds = self.number // (len(_CITIES) * len(_TRADES))
        place = self.number * 7
        return f"{_CITIES[place % len(_CITIES)]} {_TRADES[place % len(_TRADES)]}{f' {rounds + 1}' if rounds else ''}"

    @property
    def currency(self) -> str:
        return "USD" if self.plan == "growth-us" else "EUR"


def _company(number: int, customers: int) -> _Company:
    dice = random.Random(f"demo {number}")  # noqa: S311 - the same data every time
    place = number - 1
    plan = "starter" if place > customers * 0.45 else "growth"
    if place <= max(1, customers * 0.06):
        plan = "scale"
    elif number % 5 == 0:
        plan = "growth-us"
    trend = 1 + (dice.random() - 0.4) * 0.4
    joins = 1 + dice.randrange(2) if number % 7 == 3 else 0
    leaves = joins + 1 + dice.randrange(2) if number % 9 == 5 else None
    upgrades = 2 if plan == "starter" and number % 6 == 1 and leaves is None else None
    return _Company(number, plan, 4_000 / place**1.15 * (0.8 + 0.4 * dice.random()), trend, joins, leaves, upgrades)


class Business:
    """The customers of a business besides the first one of the demo data.

    Args:
        sandbox: The sandbox that has them.
        customers: How many customers there are, with the first one.
    """

    def __init__(self, sandbox: Sandbox, customers: int) -> None:
        self._sandbox = sandbox
        self._companies = [_company(number, customers) for number in range(2, customers + 1)]
        self._month = -1

    def add_plans(self, storage_id: str) -> None:
        """Create a metric, and the plans that the first customer does not have.

        Args:
            storage_id: Lago's id of the metric of gigabytes.
        """
        metric = self._sandbox.perform(
            "create_billable_metric",
            {"name": "Compute hours", "code": "compute", "aggregation_type": "sum_agg", "field_name": "hours"},
        )
        compute_id = metric["lago_id"] if isinstance(metric, dict) else None
        for code, name, fee, currency, hour, gigabyte in _PLANS:
            self._sandbox.perform(
                "create_plan",
                {
                    "name": name, "code": code, "interval": "monthly", "amount_cents": fee, "amount_currency": currency,
                    "pay_in_advance": False,
                    "charges": [
                        {"billable_metric_id": compute_id, "charge_model": "standard", "properties": {"amount": hour}},
                        {
                            "billable_metric_id": storage_id, "charge_model": "standard",
                            "properties": {"amount": gigabyte},
                        },
                    ],
                },
            )  # fmt: skip

    def begin_month(self) -> None:
        """Let customers join and upgrade, and use their plans; from the third month on, one plan costs more."""
        self._month += 1
        if self._month == 2:
            self._sandbox.perform("update_plan", {"amount_cents": _NEW_PRICE}, "growth")
        for company in self._companies:
            if company.joins == self._month == 0:
                self._join(company)
            elif company.upgrades == self._month:
                self._subscribe(company, "growth")
        self._use()

    def go_on_in_the_middle_of_a_month(self) -> None:
        """Let customers join and leave."""
        for company in self._companies:
            if company.joins == self._month > 0:
                self._join(company)
            elif company.leaves == self._month:
                self._sandbox.perform("destroy_subscription", None, company.subscription)

    def close(self) -> None:
        """Let the customers join that would have joined later."""
        for company in self._companies:
            if company.joins > self._month:
                self._join(company)

    def _join(self, company: _Company) -> None:
        self._sandbox.perform(
            "create_customer",
            {
                "external_id": company.external_id,
                "name": company.name,
                "currency": company.currency,
                "country": "US" if company.currency == "USD" else "FR",
                "email": f"billing@{company.external_id}.example",
            },
        )
        self._subscribe(company, company.plan)

    def _subscribe(self, company: _Company, plan: str) -> None:
        self._sandbox.perform(
            "create_subscription",
            {
                "external_customer_id": company.external_id,
                "external_id": company.subscription,
                "plan_code": plan,
            },
        )

    def _use(self) -> None:
        """Send the events of a month."""
        noon = int(self._sandbox.now.timestamp())
        events: list[Json] = []
        for company in self._companies:
            month = self._month
            if month < company.joins or (month == company.joins and month > 0):
                continue  # it has not joined yet
            if company.leaves is not None and month > company.leaves:
                continue
            dice = random.Random(f"{company.number} {month}")  # noqa: S311 - the same data every time
            amount = company.size * company.trend**month * (0.93 + 0.14 * dice.random())
            for code, field, much in (("compute", "hours", amount), ("storage", "gigabytes", 10 + amount * 1.7)):
                events.append(
                    {
                        "transaction_id": f"{company.number}-{month}-{code}",
                        "external_subscription_id": company.subscription,
                        "code": code,
                        "timestamp": noon,
                        "properties": {field: round(much, 1)},
                    }
                )
        for start in range(0, len(events), _BATCH):
            self._sandbox.perform("create_batch_events", events[start : start + _BATCH])
