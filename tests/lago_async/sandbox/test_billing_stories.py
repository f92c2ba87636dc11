"""Small worlds with the numbers that a running Lago server gave for them."""

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from lago_async.sandbox import Sandbox

RANGES = [
    {"from_value": 0, "to_value": 5, "per_unit_amount": "10", "flat_amount": "100"},
    {"from_value": 6, "to_value": None, "per_unit_amount": "5", "flat_amount": "50"},
]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class World:
    """One customer, ``cus``, whose subscription is ``sub`` and whose plan is ``plan`` unless a story says more."""

    def __init__(self, now: str) -> None:
        self.sandbox = Sandbox(now=at(now), premium=True)
        self.do: Any = self.sandbox.perform
        self.numbers = count()

    def to(self, text: str) -> None:
        self.sandbox.advance(to=at(text))

    def tax(self, rate: float, code: str = "t", *, everyone: bool = True) -> Any:
        return self.do(
            "create_tax", {"name": code, "code": code, "rate": str(rate), "applied_to_organization": everyone}
        )

    def customer(self, **fields: Any) -> Any:
        return self.do("create_customer", {"external_id": "cus", "currency": "EUR", **fields})

    def metric(self, code: str = "m", kind: str = "count_agg", field: str | None = None, **fields: Any) -> Any:
        given = {"name": code, "code": code, "aggregation_type": kind, "field_name": field, **fields}
        return self.do("create_billable_metric", given)["lago_id"]

    def charge(self, metric: str, amount: str = "1", model: str = "standard", **fields: Any) -> dict[str, Any]:
        properties = fields.pop("properties", {"amount": amount})
        return {"billable_metric_id": metric, "charge_model": model, "properties": properties, **fields}

    def plan(
        self,
        amount: int = 0,
        *charges: dict[str, Any],
        code: str = "plan",
        interval: str = "monthly",
        advance: bool = False,
        **fields: Any,
    ) -> Any:
        given = {"amount_cents": amount, "amount_currency": "EUR", "pay_in_advance": advance, "charges": list(charges)}
        return self.do("create_plan", {"name": code, "code": code, "interval": interval, **given, **fields})

    def subscribe(self, plan: str = "plan", *, sub: str = "sub", **fields: Any) -> Any:
        given = {"external_customer_id": "cus", "external_id": sub, "plan_code": plan, **fields}
        return self.do("create_subscription", given)

    def end(self, sub: str = "sub") -> Any:
        return self.do("destroy_subscription", None, sub)

    def event(self, code: str = "m", times: int = 1, **properties: object) -> None:
        for _ in range(times):
            given = {"transaction_id": str(next(self.numbers)), "external_subscription_id": "sub", "code": code}
            self.do("create_event", {**given, "properties": properties})

    def wallet(self, **fields: Any) -> Any:
        return self.do(
            "create_wallet", {"external_customer_id": "cus", "rate_amount": "1", "currency": "EUR", **fields}
        )

    def coupon(self, code: str = "off", cents: int | None = None, **fields: Any) -> None:
        kind: dict[str, Any] = {"coupon_type": "fixed_amount", "amount_cents": cents, "amount_currency": "EUR"}
        if cents is None:
            kind = {"coupon_type": "percentage"}
        given = {"name": code, "code": code, "frequency": "once", "expiration": "no_expiration", **kind, **fields}
        self.do("create_coupon", given)
        self.do("apply_coupon", {"external_customer_id": "cus", "coupon_code": code})

    @property
    def invoices(self) -> list[Any]:
        """All invoices in full, oldest first."""
        listed = self.do("find_all_invoices", {"per_page": 100})
        found = [self.do("find_invoice", None, item["lago_id"]) for item in reversed(listed)]
        return sorted(found, key=lambda item: item["created_at"])

    def totals(self, field: str = "total_amount_cents") -> list[Any]:
        return [item[field] for item in self.invoices]

    def fees(self, kind: str, invoice: int = -1) -> list[int]:
        return sorted(fee["amount_cents"] for fee in self.invoices[invoice]["fees"] if fee["item"]["type"] == kind)

    @property
    def notes(self) -> Any:
        return self.do("find_all_credit_notes")

    @property
    def usage(self) -> Any:
        given = {"external_subscription_id": "sub"}
        return self.do("find_customer_current_usage", given, "cus")


def test_a_plan_in_advance_is_billed_for_the_rest_of_its_week_in_the_customers_zone() -> None:
    world = World("2023-06-16T05:00:00")
    world.customer(timezone="America/Denver")
    world.plan(700, interval="weekly", advance=True)
    world.subscribe()
    assert world.totals() == [400]


def test_a_period_in_advance_names_the_windows_of_the_plan_and_of_usage() -> None:
    world = World("2023-12-16T05:00:00")
    world.customer()
    world.plan(700, advance=True)
    world.subscribe()
    world.to("2024-02-01T12:12:00")
    period = world.invoices[-1]["billing_periods"][0]
    assert (period["subscription_from_datetime"], period["subscription_to_datetime"]) == (
        "2024-02-01T00:00:00Z",
        "2024-02-29T23:59:59Z",
    )
    assert (period["charges_from_datetime"], period["charges_to_datetime"]) == (
        "2024-01-01T00:00:00Z",
        "2024-01-31T23:59:59Z",
    )
    assert world.totals()[-1] == 700


@pytest.mark.parametrize(
    ("amount", "rate", "expected"), [(20_000, 25, (19_333, 4_833, 24_166)), (16_000, 25, (15_467, 3_867, 19_334))]
)
def test_ending_a_plan_in_advance_gives_back_the_unused_days_with_their_taxes(
    amount: int, rate: int, expected: tuple[int, int, int]
) -> None:
    world = World("2025-09-18T16:00:00")
    world.tax(rate)
    world.customer()
    world.plan(amount, advance=True)
    world.subscribe(billing_time="anniversary")
    world.end()
    names = ("sub_total_excluding_taxes_amount_cents", "taxes_amount_cents", "total_amount_cents")
    assert [tuple(note[name] for name in names) for note in world.notes] == [expected]


@pytest.mark.parametrize(
    ("start", "interval", "amount", "ends", "expected"),
    [
        ("2022-12-01", "monthly", 3100, "2022-12-18", 1800),  # midnight: the day that begins counts
        ("2024-05-20T10:00:00", "quarterly", 91_000, "2024-06-20T10:00:00", 32_000),
        ("2023-09-01", "monthly", 1000, "2023-10-01T00:15:00", 32),  # after the month was billed
    ],
)
def test_an_ended_subscription_is_billed_through_its_last_day(
    start: str, interval: str, amount: int, ends: str, expected: int
) -> None:
    world = World(start)
    world.customer()
    world.plan(amount, interval=interval)
    world.subscribe()
    world.to(ends)
    world.end()
    assert world.fees("subscription") == [expected]


def test_an_event_at_the_moment_of_the_end_is_billed() -> None:
    world = World("2023-09-01")
    world.customer()
    world.plan(0, world.charge(world.metric(), "8"))
    world.subscribe()
    world.to("2023-09-25T06:00:00")
    world.event()
    world.end()
    assert world.totals() == [800]


def test_an_upgrade_is_one_invoice_and_its_day_belongs_to_the_new_plan() -> None:
    world = World("2023-08-01")
    world.customer()
    world.plan(10_000, code="old")
    world.plan(20_000, code="new")
    world.subscribe("old")
    world.to("2023-08-21T12:00:00")
    world.subscribe("new")
    assert world.fees("subscription") == [6452]
    world.to("2023-09-01")
    assert world.fees("subscription") == [7097]


def test_an_upgrade_in_advance_gives_back_the_rest_and_bills_the_new_plan() -> None:
    world = World("2023-06-29T12:12:00")
    world.customer()
    world.plan(1000, code="monthly", advance=True)
    world.plan(12_000, code="yearly", interval="yearly", advance=True)
    world.subscribe("monthly", billing_time="anniversary")
    world.to("2023-09-28T05:00:00")
    assert world.totals("fees_amount_cents") == [1000, 1000, 1000]
    world.subscribe("yearly", billing_time="anniversary")
    assert [note["credit_amount_cents"] for note in world.notes] == [32]
    assert world.totals("fees_amount_cents")[-1] == round(275 * 12_000 / 366)


def test_a_downgrade_waits_for_the_end_of_the_period() -> None:
    world = World("2023-07-19T12:12:00")
    world.customer()
    world.plan(10_000, code="dear")
    world.plan(1000, code="cheap")
    world.subscribe("dear")
    world.to("2023-08-21T23:59:59")
    world.subscribe("cheap")
    world.to("2023-10-01")
    assert world.totals("fees_amount_cents") == [round(10_000 * 13 / 31), 10_000, 1000]


def test_a_trial_in_advance_is_billed_when_it_ends() -> None:
    world = World("2024-03-04T21:00:00")
    world.customer()
    world.plan(3500, advance=True, trial_period=7)
    world.subscribe()
    world.to("2024-03-11T22:00:00")
    assert world.totals() == [2371]
    assert world.do("find_subscription", None, "sub")["trial_ended_at"] == "2024-03-11T21:00:00Z"


@pytest.mark.parametrize(
    ("interval", "billing", "start", "bill", "expected"),
    [
        ("weekly", "calendar", "2023-02-01", "2023-02-06T01:00:00", 642_857),
        ("monthly", "anniversary", "2023-02-04", "2023-03-04T01:00:00", 900_000),
        ("quarterly", "calendar", "2023-02-04", "2023-04-01T01:00:00", 560_000),
    ],
)
def test_what_is_missing_to_a_minimum_commitment_is_billed(
    interval: str, billing: str, start: str, bill: str, expected: int
) -> None:
    world = World(start)
    world.customer()
    world.plan(100_000, interval=interval, minimum_commitment={"amount_cents": 1_000_000})
    world.subscribe(billing_time=billing)
    world.to(bill)
    assert world.fees("commitment", 0) == [expected]


def test_the_minimum_of_a_charge_is_prorated_to_the_end() -> None:
    world = World("2023-01-08")
    world.tax(20)
    world.customer()
    metric = world.metric(filters=[{"key": "region", "values": ["europe", "usa"]}])
    filters = [
        {"values": {"region": ["europe"]}, "properties": {"amount": "20"}},
        {"values": {"region": ["usa"]}, "properties": {"amount": "50"}},
    ]
    world.plan(5000, world.charge(metric, "0", min_amount_cents=10_000, filters=filters), advance=True)
    world.subscribe()
    assert world.totals() == [4645]
    world.to("2023-02-25T08:00:00")
    world.event(region="usa")
    world.event(region="europe")
    world.end()
    last = world.invoices[-1]
    assert world.fees("charge") == [0, 1929, 2000, 5000]
    assert (last["credit_notes_amount_cents"], last["total_amount_cents"]) == (643, 10_072)


def test_graduated_charges_owe_the_first_flat_amount_without_usage() -> None:
    world = World("2024-03-05")
    world.customer()
    world.plan(0, world.charge(world.metric(), model="graduated", properties={"graduated_ranges": RANGES}))
    world.subscribe()
    assert world.usage["amount_cents"] == 10_000
    world.event(times=8)
    assert world.usage["amount_cents"] == 21_500


def test_prorated_seats_in_advance_are_paid_for_the_days_that_are_left() -> None:
    world = World("2024-02-23T01:00:00")
    world.customer()
    metric = world.metric(kind="unique_count_agg", field="item", recurring=True)
    world.plan(0, world.charge(metric, prorated=True, pay_in_advance=True))
    world.subscribe()
    world.event(item="seat")
    assert (world.usage["charges_usage"][0]["units"], world.usage["amount_cents"]) == ("1.0", 24)
    world.to("2024-02-29T01:01:00")
    world.event(item="seat", operation_type="remove")
    assert (world.usage["charges_usage"][0]["units"], world.usage["amount_cents"]) == ("0.0", 24)


def test_paid_fees_in_advance_are_regrouped_when_the_period_closes() -> None:
    world = World("2024-06-05T10:00:00")
    world.tax(20)
    world.customer()
    metric = world.metric("cards", "unique_count_agg", "item", recurring=True)
    fields: dict[str, Any] = {
        "pay_in_advance": True,
        "invoiceable": False,
        "prorated": True,
        "regroup_paid_fees": "invoice",
    }
    world.plan(49, world.charge(metric, "30.12", **fields), advance=True)
    world.subscribe()
    for day in range(11, 16):
        world.to(f"2024-06-{day}T10:00:00")
        world.event("cards", item=f"card {day}")
    fees = [fee for fee in world.do("find_all_fees") if fee["item"]["type"] == "charge"]
    assert [fee["amount_cents"] for fee in fees] == [2008, 1908, 1807, 1707, 1606]
    for fee in fees[:3]:
        world.do("update_fee", {"payment_status": "succeeded"}, fee["lago_id"])
    world.to("2024-07-01T00:10:00")
    grouped = [item for item in world.invoices if item["invoice_type"] == "advance_charges"]
    assert [item["fees_amount_cents"] for item in grouped] == [2008 + 1908 + 1807]


@pytest.mark.parametrize(
    ("advance", "prorated", "first", "second"),
    [
        (True, False, [1000, 1500], [1000, 1500]),
        (True, True, [419, 629], [1000, 1500]),
        (False, False, None, [1000, 1500]),
        (False, True, None, [419, 629]),
    ],
)
def test_fixed_charges_are_billed_in_advance_or_arrears_in_full_or_by_days(
    advance: bool, prorated: bool, first: list[int] | None, second: list[int]
) -> None:
    world = World("2023-07-19T12:12:00")
    world.customer()
    fixed = []
    for code, units, amount in (("a", "10", "1"), ("b", "5", "3")):
        given = {"name": code, "code": code, "amount_cents": 1, "amount_currency": "EUR"}
        add_on = world.do("create_add_on", given)["lago_id"]
        charge = {"add_on_id": add_on, "units": units, "properties": {"amount": amount}, "charge_model": "standard"}
        fixed.append({**charge, "pay_in_advance": advance, "prorated": prorated})
    world.plan(10_000, fixed_charges=fixed)
    world.subscribe()
    assert [world.fees("fixed_charge", number) for number in range(len(world.invoices))] == [first] * (
        first is not None
    )
    world.to("2023-08-01")
    assert (world.fees("fixed_charge"), world.fees("subscription")) == (second, [4194])


def test_two_plans_of_a_customer_are_one_invoice_that_coupons_cover() -> None:
    world = World("2023-01-01")
    world.customer()
    for code, amount in (("p1", 10_000), ("p2", 5000)):
        world.plan(amount, code=code)
        world.subscribe(code, sub=code)
    world.coupon("c1", 10_000)
    world.coupon("c2", 10_000)
    world.to("2023-02-01")
    assert (world.totals(), world.fees("subscription")) == ([0], [5000, 10_000])


def test_a_recurring_coupon_ends_after_its_invoices() -> None:
    world = World("2023-01-01")
    world.customer()
    world.plan(10_000)
    world.subscribe()
    world.coupon(percentage_rate="20", frequency="recurring", frequency_duration=2)
    world.to("2023-04-01")
    assert world.totals() == [8000, 8000, 10_000]


def test_fees_below_a_cent_keep_their_exact_amounts() -> None:
    world = World("2025-01-01")
    world.tax(40, everyone=False)
    world.customer()
    amounts = ["0.004"] * 6 + ["0.01"] * 2
    charges = [world.charge(world.metric(f"m{n}"), amount, tax_codes=["t"]) for n, amount in enumerate(amounts)]
    world.plan(0, *charges)
    world.subscribe(billing_time="anniversary")
    for number in range(len(amounts)):
        world.event(f"m{number}")
    world.to("2025-02-01")
    assert world.fees("charge") == [0] * 6 + [1] * 2
    assert (world.totals("taxes_amount_cents"), world.totals()) == ([1], [3])


def test_a_void_invoice_is_credited_in_part_and_the_rest_is_a_void_note() -> None:
    world = World("2023-01-01")
    world.tax(20)
    world.customer()
    world.do("create_add_on", {"name": "a", "code": "a", "amount_cents": 1000, "amount_currency": "EUR"})
    invoice = world.do("create_invoice", {"external_customer_id": "cus", "fees": [{"add_on_code": "a"}]})["lago_id"]
    world.do("create_payment", {"invoice_id": invoice, "amount_cents": 300, "reference": "r"})
    world.do("void_invoice", {"generate_credit_note": True, "credit_amount": 300, "refund_amount": 300}, invoice)
    names = ("credit_status", "credit_amount_cents", "refund_amount_cents", "total_amount_cents")
    found = [tuple(note[name] for name in names) for note in reversed(world.notes)]
    assert found == [("available", 300, 300, 600), ("voided", 600, 0, 600)]


def test_a_wallet_for_some_metrics_pays_their_invoices_to_the_cent() -> None:
    world = World("2025-01-01")
    world.tax(24, everyone=False)
    world.customer()
    fields: dict[str, Any] = {"pay_in_advance": True, "tax_codes": ["t"]}
    one, two = world.metric("one"), world.metric("two")
    other = world.charge(world.metric("other"), "10", pay_in_advance=True)
    world.plan(0, world.charge(one, "14.29", **fields), world.charge(two, "14.27", **fields), other)
    world.subscribe()
    wallet = world.wallet(granted_credits="39.00", applies_to={"billable_metric_codes": ["one", "two"]})
    for code in ("other", "one", "two"):
        world.event(code)
    assert sorted(world.totals("prepaid_credit_amount_cents")) == [0, 1769, 1772]
    assert world.do("find_wallet", None, wallet["lago_id"])["balance_cents"] == 359


def test_voided_credits_keep_five_decimals() -> None:
    world = World("2025-01-01")
    world.customer()
    wallet = world.wallet(granted_credits="100")["lago_id"]
    (voided,) = world.do("create_wallet_transaction", {"wallet_id": wallet, "voided_credits": "14.28444999"})
    assert (voided["amount"], voided["credit_amount"]) == ("14.28", "14.28444")
    found = world.do("find_wallet", None, wallet)
    assert (Decimal(found["credits_balance"]), found["balance_cents"]) == (Decimal("85.71556"), 8572)


def test_an_expired_wallet_pays_nothing_however_far_the_clock_jumps() -> None:
    world = World("2024-06-01")
    world.customer()
    world.plan(1000)
    world.wallet(granted_credits="10", expiration_at="2024-06-20T00:00:00Z")
    world.subscribe()
    world.to("2024-08-01")
    assert world.totals() == [1000, 1000]


def test_an_invoice_for_credits_that_needs_its_payment_is_invisible_until_then() -> None:
    world = World("2025-01-02")
    world.customer()
    wallet = world.wallet(granted_credits="10", invoice_requires_successful_payment=True)["lago_id"]
    (bought,) = world.do("create_wallet_transaction", {"wallet_id": wallet, "paid_credits": "15"})
    assert (bought["status"], world.invoices) == ("pending", [])
    assert world.do("find_wallet", None, wallet)["credits_balance"] == "10.0"


def test_a_wallet_is_topped_up_by_rules() -> None:
    world = World("2024-01-15")
    world.customer()
    world.plan(0, world.charge(world.metric(), "3"))
    world.subscribe()
    rule = {"trigger": "interval", "interval": "monthly", "granted_credits": "5"}
    monthly = world.wallet(granted_credits="10", recurring_transaction_rules=[rule])["lago_id"]
    world.to("2024-03-15")
    assert world.do("find_wallet", None, monthly)["credits_balance"] == "20.0"
    world.do("destroy_wallet", None, monthly)
    rule = {"trigger": "threshold", "threshold_credits": "5", "granted_credits": "7"}
    watched = world.wallet(granted_credits="10", code="watched", recurring_transaction_rules=[rule])["lago_id"]
    world.event(times=2)
    found = world.do("find_wallet", None, watched)
    assert (found["credits_balance"], found["credits_ongoing_balance"]) == ("17.0", "11.0")


def test_a_threshold_bills_the_usage_so_far_and_the_period_credits_it() -> None:
    world = World("2022-12-01")
    world.customer()
    metric = world.metric(kind="sum_agg", field="total")
    world.plan(3100, world.charge(metric, "0.0002"), usage_thresholds=[{"amount_cents": 20_000}])
    world.subscribe()
    world.to("2022-12-06")
    world.event(total=1_000_000)
    assert world.totals() == [20_000]
    world.to("2022-12-16")
    world.event(total=1_000_000)
    world.to("2023-01-01")
    last = world.invoices[-1]
    assert (last["fees_amount_cents"], last["progressive_billing_credit_amount_cents"]) == (43_100, 20_000)
    assert world.totals() == [20_000, 23_100]


def test_a_draft_counts_late_usage_until_it_is_final() -> None:
    world = World("2023-01-01")
    world.customer(billing_configuration={"invoice_grace_period": 3})
    world.plan(1000, world.charge(world.metric(), "3"))
    world.subscribe()
    world.to("2023-02-01")
    given = {"transaction_id": "late", "external_subscription_id": "sub", "code": "m"}
    world.do("create_event", {**given, "timestamp": at("2023-01-31").timestamp()})
    assert [(item["status"], item["fees_amount_cents"]) for item in world.invoices] == [("draft", 1000)]
    world.to("2023-02-04")
    found = [(item["status"], item["fees_amount_cents"], item["issuing_date"]) for item in world.invoices]
    assert found == [("finalized", 1300, "2023-02-04")]


def test_a_deleted_plan_ends_its_subscriptions_and_bills_them() -> None:
    world = World("2026-01-01")
    world.customer()
    world.plan(3100)
    world.subscribe()
    world.to("2026-01-10T12:00:00")
    world.do("destroy_plan", None, "plan")
    assert world.do("find_subscription", {"status": "terminated"}, "sub")["terminated_at"] == "2026-01-10T12:00:00Z"
    assert world.totals() == [1000]


def test_a_new_life_of_an_external_id_begins_where_the_old_one_ended() -> None:
    world = World("2026-01-01")
    world.customer()
    world.plan(0, world.charge(world.metric(), "1"))
    world.subscribe()
    world.to("2026-01-05")
    world.event()
    world.to("2026-01-10")
    world.end()
    world.to("2026-01-20")
    world.subscribe(subscription_at="2026-01-01T00:00:00Z")
    world.to("2026-02-01")
    assert world.totals() == [100, 0]
    assert world.invoices[-1]["billing_periods"][0]["charges_from_datetime"] == "2026-01-10T00:00:00Z"


def test_taxes_stay_as_they_were_when_an_invoice_was_made() -> None:
    world = World("2026-01-01")
    world.tax(20)
    world.customer()
    world.plan(1000)
    world.subscribe()
    world.to("2026-02-01")
    world.do("update_tax", {"rate": "10"}, "t")
    world.to("2026-03-01")
    assert world.totals() == [1200, 1100]


def test_a_weighted_sum_carries_over_and_weighs_each_level_with_its_time() -> None:
    world = World("2026-01-01")
    world.customer()
    metric = world.metric(kind="weighted_sum_agg", field="gb", weighted_interval="seconds", recurring=True)
    world.plan(0, world.charge(metric, "10"))
    world.subscribe()
    world.to("2026-01-16T12:00:00")
    world.event(gb=2)
    world.to("2026-03-01")
    assert [fee["units"] for item in world.invoices for fee in item["fees"] if fee["item"]["type"] == "charge"] == [
        "1.0",
        "2.0",
    ]
