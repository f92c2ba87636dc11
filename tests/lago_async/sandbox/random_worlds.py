"""Worlds drawn at random: a catalog, customers, and what happens to them in some months.

A seed always gives the same story, so that it can be told twice: with one jump of the clock between two steps, or with
many.
"""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from lago_async.sandbox import Sandbox
from tests.lago_async.sandbox.billed_lives import PriceHistory, billed_lives

ZONES = ("UTC", "UTC", "America/Los_Angeles", "Asia/Tokyo", "Europe/Paris", "Asia/Kathmandu")
METRICS: dict[str, Any] = {
    "calls": {"aggregation_type": "count_agg"},
    "size": {"aggregation_type": "sum_agg", "field_name": "gb"},
    "peak": {"aggregation_type": "max_agg", "field_name": "gb"},
    "users": {"aggregation_type": "unique_count_agg", "field_name": "user"},
    "seats": {"aggregation_type": "sum_agg", "field_name": "gb", "recurring": True},
    "members": {"aggregation_type": "unique_count_agg", "field_name": "user", "recurring": True},
    "last": {"aggregation_type": "latest_agg", "field_name": "gb"},
    "held": {
        "aggregation_type": "weighted_sum_agg",
        "field_name": "gb",
        "weighted_interval": "seconds",
        "recurring": True,
    },
}
RANGES = [
    {"from_value": 0, "to_value": 3, "per_unit_amount": "3", "flat_amount": "1"},
    {"from_value": 4, "to_value": 10, "per_unit_amount": "1.5", "flat_amount": "0.5"},
    {"from_value": 11, "to_value": None, "per_unit_amount": "0.105", "flat_amount": "0"},
]
PROPERTIES: dict[str, Any] = {
    "standard": {"amount": "0.333"},
    "package": {"amount": "3.5", "package_size": 3, "free_units": 1},
    "graduated": {"graduated_ranges": RANGES},
    "volume": {"volume_ranges": RANGES},
    "percentage": {"rate": "1.5", "fixed_amount": "0.1", "free_units_per_events": 1},
}
_PERIODS_PER_YEAR = {"weekly": 52, "monthly": 12, "quarterly": 4, "semiannual": 2, "yearly": 1}
COUNTED = ("seats", "members", "size", "users", "calls")


def _charge(rng: random.Random, name: str, lago_id: str) -> dict[str, Any]:
    model = rng.choice(list(PROPERTIES))
    if name in ("last", "held", "peak") and model == "percentage":
        model = "standard"
    charge: dict[str, Any] = {
        "billable_metric_id": lago_id,
        "charge_model": model,
        "properties": dict(PROPERTIES[model]),
    }
    draw = rng.random()
    if draw < 0.2 and name in COUNTED and model != "volume":
        charge["pay_in_advance"] = True
        if rng.random() < 0.5:
            charge["invoiceable"] = False
            if rng.random() < 0.5:
                charge["regroup_paid_fees"] = "invoice"
        if name in ("seats", "members") and model == "standard" and rng.random() < 0.5:
            charge["prorated"] = True
    elif draw < 0.35 and name in ("seats", "members") and model in ("standard", "graduated", "volume"):
        charge["prorated"] = True
    elif draw < 0.5:
        charge["min_amount_cents"] = rng.choice([500, 10000])
    if rng.random() < 0.15 and model == "standard":
        charge["properties"]["pricing_group_keys"] = ["region"]
    return charge


def _plan(rng: random.Random, metrics: dict[str, str], add_on: dict[str, Any]) -> dict[str, Any]:
    interval = rng.choice(["monthly", "monthly", "weekly", "quarterly", "semiannual", "yearly"])
    chosen = rng.sample(sorted(metrics), k=rng.randint(1, 3))
    plan: dict[str, Any] = {
        "interval": interval,
        "amount_cents": rng.choice([0, 999, 3100, 12000]),
        "amount_currency": rng.choice(["EUR", "EUR", "EUR", "USD"]),
        "pay_in_advance": rng.random() < 0.45,
        "charges": [_charge(rng, name, metrics[name]) for name in chosen],
    }
    if interval in ("yearly", "semiannual"):
        plan["bill_charges_monthly"] = rng.random() < 0.5
        plan["bill_fixed_charges_monthly"] = rng.random() < 0.5
    if rng.random() < 0.2:
        plan["trial_period"] = rng.choice([5, 10, 30])
    if rng.random() < 0.2:
        plan["minimum_commitment"] = {"amount_cents": rng.choice([2000, 60000])}
    if rng.random() < 0.2:
        plan["usage_thresholds"] = [{"amount_cents": 300}, {"amount_cents": 200, "recurring": True}]
    if rng.random() < 0.25:
        fixed = {
            "add_on_id": add_on["lago_id"],
            "charge_model": "standard",
            "units": rng.choice(["1", "3"]),
            "pay_in_advance": rng.random() < 0.5,
            "prorated": rng.random() < 0.5,
            "properties": {"amount": rng.choice(["10", "4.5"])},
        }
        plan["fixed_charges"] = [fixed]
    return plan


class Story:
    """One world, and how its clock is moved: ``advance`` gets the sandbox and the time to reach."""

    def __init__(self, seed: int, advance: Callable[[Sandbox, datetime], None]) -> None:
        self.rng = random.Random(seed)
        self.advance = advance
        self.start = datetime(2026, 1, self.rng.randint(1, 31), self.rng.choice([0, 9, 15]), tzinfo=UTC)
        self.sandbox: Any = Sandbox(now=self.start, premium=True)
        self.numbers = 0
        self.alive: list[tuple[str, str]] = []
        self.wallet: str | None = None
        self.prices = PriceHistory()

    def _note_price(self, plan: dict[str, Any]) -> None:
        self.prices.note(plan["code"], self.sandbox.now, plan["amount_cents"] * _PERIODS_PER_YEAR[plan["interval"]])

    def _catalog(self) -> list[str]:
        rng, perform = self.rng, self.sandbox.perform
        for name, rate in rng.sample([("vat", "20"), ("odd", "8.875")], k=rng.randint(0, 2)):
            perform("create_tax", {"name": name, "code": name, "rate": rate, "applied_to_organization": True})
        setup = perform(
            "create_add_on", {"name": "Set-up", "code": "setup", "amount_cents": 333, "amount_currency": "EUR"}
        )
        metrics = {
            name: perform("create_billable_metric", {"name": name, "code": name, **METRICS[name]})["lago_id"]
            for name in rng.sample(sorted(METRICS), k=4)
        }
        for code in ("small", "big"):
            self._note_price(perform("create_plan", {"name": code, "code": code, **_plan(rng, metrics, setup)}))
        return sorted(metrics)

    def _customers(self) -> None:
        rng, perform = self.rng, self.sandbox.perform
        for who in ("one", "two")[: rng.randint(1, 2)]:
            given: dict[str, Any] = {"external_id": who, "timezone": rng.choice(ZONES)}
            if rng.random() < 0.3:
                anchor = rng.choice(["current_period_end", "next_period_start"])
                given["billing_configuration"] = {
                    "invoice_grace_period": rng.choice([2, 5]),
                    "subscription_invoice_issuing_date_anchor": anchor,
                }
            if rng.random() < 0.2:
                given["finalize_zero_amount_invoice"] = "skip"
            perform("create_customer", given)
            for turn in range(rng.randint(1, 2)):
                self._subscribe(who, f"{who}_{turn}")
        if rng.random() < 0.5:
            coupon = {
                "name": "Off",
                "code": "off",
                "coupon_type": "percentage",
                "percentage_rate": "33.33",
                "frequency": rng.choice(["once", "recurring", "forever"]),
                "frequency_duration": 2,
                "expiration": "no_expiration",
            }
            perform("create_coupon", coupon)
            perform("apply_coupon", {"external_customer_id": "one", "coupon_code": "off"})

    def _subscribe(self, who: str, sub: str) -> None:
        rng = self.rng
        given: dict[str, Any] = {
            "external_customer_id": who,
            "external_id": sub,
            "plan_code": rng.choice(["small", "big"]),
            "billing_time": rng.choice(["calendar", "anniversary"]),
        }
        draw = rng.random()
        if draw < 0.2:
            given["subscription_at"] = (self.start - timedelta(days=rng.randint(1, 40))).isoformat()
        elif draw < 0.35:
            given["subscription_at"] = (self.start + timedelta(days=rng.randint(1, 9), hours=3)).isoformat()
        if rng.random() < 0.2:
            given["ending_at"] = (self.start + timedelta(days=rng.randint(25, 60), hours=5)).isoformat()
        if rng.random() < 0.2:
            given["consolidate_invoice"] = False
        self.sandbox.perform("create_subscription", given)
        self.alive.append((who, sub))

    def _open_wallet(self) -> None:
        rng = self.rng
        given: dict[str, Any] = {
            "external_customer_id": "one",
            "rate_amount": rng.choice(["1", "2.5"]),
            "currency": "EUR",
            "granted_credits": rng.choice(["10", "33.33", "0"]),
            "paid_credits": rng.choice(["0", "20"]),
        }
        if rng.random() < 0.4:
            given["expiration_at"] = (self.start + timedelta(days=40, hours=7)).isoformat()
        draw = rng.random()
        if draw < 0.3:
            interval = rng.choice(["weekly", "monthly"])
            rule = {"trigger": "interval", "interval": interval, "granted_credits": "5"}
            given["recurring_transaction_rules"] = [rule]
        elif draw < 0.5:
            rule = {"trigger": "threshold", "threshold_credits": "5", "granted_credits": "7"}
            given["recurring_transaction_rules"] = [rule]
        self.wallet = self.sandbox.perform("create_wallet", given)["lago_id"]

    def _events(self, metrics: list[str], now: datetime) -> None:
        rng = self.rng
        _, sub = rng.choice(self.alive)
        for _ in range(rng.randint(1, 6)):
            self.numbers += 1
            properties = {
                "gb": rng.choice(["1", "2.5", "10", "0.1", "-1"]),
                "user": rng.choice("abc"),
                "region": rng.choice(["eu", "us"]),
            }
            if rng.random() < 0.1:
                properties["operation_type"] = "remove"
            event = {
                "transaction_id": str(self.numbers),
                "external_subscription_id": sub,
                "code": rng.choice(metrics),
                "timestamp": (now - timedelta(hours=rng.randint(0, 60))).timestamp(),
                "properties": properties,
            }
            self.sandbox.perform("create_event", event)

    def _try(self, operation: str, given: dict[str, Any] | None, *path: str) -> None:
        """Perform an operation that the world may refuse."""
        try:
            self.sandbox.perform(operation, given, *path)
        except ValueError as error:
            if "answered 500" in str(error):
                raise

    def tell(self) -> "Story":
        """Tell the story, and return it."""
        rng = self.rng
        metrics = self._catalog()
        self._customers()
        if rng.random() < 0.5:
            self._open_wallet()
        now = self.start
        steps = ["events", "events", "events", "wait", "wait", "change", "end", "one_off", "reprice", "pay"]
        for _ in range(rng.randint(6, 12)):
            self._step(rng.choice(steps), metrics, now)
            now = self._wait(now, rng.choice([0, 0, 3, 9, 16, 31]))
        self._wait(now, 40)
        return self

    def _wait(self, now: datetime, days: int) -> datetime:
        if not days:
            return now
        now = (now + timedelta(days=days)).replace(hour=self.rng.choice([0, 9, 18]), minute=0)
        self.advance(self.sandbox, now)
        return now

    def _step(self, step: str, metrics: list[str], now: datetime) -> None:
        rng = self.rng
        who, sub = rng.choice(self.alive)
        match step:
            case "events":
                self._events(metrics, now)
            case "change":
                given: dict[str, Any] = {
                    "external_customer_id": who,
                    "external_id": sub,
                    "plan_code": rng.choice(["small", "big"]),
                }
                self._try("create_subscription", given)
            case "end":
                self._try("destroy_subscription", None, sub)
            case "one_off":
                given = {
                    "external_customer_id": who,
                    "currency": "EUR",
                    "fees": [{"add_on_code": "setup", "units": 2.5}],
                }
                self._try("create_invoice", given)
            case "reprice":
                plan = self.sandbox.perform("update_plan", {"amount_cents": rng.choice([111, 9000])}, "small")
                self._note_price(plan)
            case "pay":
                for fee in self.sandbox.perform("find_all_fees"):
                    if fee["lago_invoice_id"] is None:
                        self._try("update_fee", {"payment_status": "succeeded"}, fee["lago_id"])


def everything(story: Story) -> dict[str, Any]:
    """Return all that was billed, without ids."""
    sandbox = story.sandbox
    invoices = [sandbox.perform("find_invoice", None, item["lago_id"]) for item in _all(sandbox, "find_all_invoices")]
    return {
        "invoices": [without_ids(item) for item in invoices],
        "fees": [without_ids(item) for item in _all(sandbox, "find_all_fees")],
        "notes": [without_ids(item) for item in _all(sandbox, "find_all_credit_notes")],
        "wallets": [without_ids(item) for item in _all(sandbox, "find_all_wallets")],
        "lives": billed_lives(sandbox, invoices, story.prices),
    }


def _all(sandbox: Any, operation: str) -> Any:
    return sandbox.perform(operation, {"per_page": 10_000})


def without_ids(value: Any) -> Any:
    """Return JSON without what each run of a story has of its own."""
    if isinstance(value, dict):
        return {key: without_ids(item) for key, item in value.items() if "lago" not in key and "url" not in key}
    if isinstance(value, list):
        return [without_ids(item) for item in value]
    return value
