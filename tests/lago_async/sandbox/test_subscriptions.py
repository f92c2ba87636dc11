"""Subscriptions start, change plans and end; time has the effects of Lago's clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lago_async.sandbox import Sandbox
from lago_async.sandbox._protocol.wire import Json, JsonObject
from tests.lago_async.sandbox.conftest import Answered, Caller

PLAN: JsonObject = {"name": "P", "interval": "monthly", "amount_currency": "EUR", "pay_in_advance": False}


def utc(year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, second, tzinfo=UTC)


def details(answer: Answered) -> Any:
    assert answer.status == 422, answer.body
    return answer.body["error_details"]


@pytest.fixture
def plans(sandbox: Sandbox) -> None:
    for code, amount in (("small", 1000), ("big", 5000)):
        sandbox.perform("create_plan", {**PLAN, "code": code, "amount_cents": amount})


async def subscribe(call: Caller, plan: str = "small", **fields: Any) -> Answered:
    given = {"external_customer_id": "cus", "external_id": "sub", "plan_code": plan, **fields}
    return await call.post("/subscriptions", {"subscription": given})


async def test_subscribing_creates_the_customer_and_sets_the_currency(call: Caller, plans: None) -> None:
    subscription = (await subscribe(call))["subscription"]
    assert (subscription["status"], subscription["billing_time"]) == ("active", "calendar")
    assert subscription["started_at"] == "2026-01-01T00:00:00.000Z"
    assert subscription["current_billing_period_ending_at"] == "2026-01-31T23:59:59Z"
    assert subscription["plan"]["code"] == "small"
    assert subscription["on_termination_credit_note"] is None
    assert (await call.get("/customers/cus"))["customer"]["currency"] == "EUR"


async def test_the_same_id_and_plan_give_the_same_subscription(call: Caller, plans: None) -> None:
    first = (await subscribe(call))["subscription"]
    assert (await subscribe(call))["subscription"] == first


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"external_id": ""}, {"external_id": ["value_is_mandatory"]}),
        ({"external_customer_id": None}, {"external_customer_id": ["value_is_mandatory"]}),
        ({"billing_time": "lunar"}, {"billing_time": ["value_is_invalid"]}),
        ({"subscription_at": "soon"}, {"subscription_at": ["invalid_date"]}),
        ({"ending_at": "2025-01-01T00:00:00Z"}, {"ending_at": ["invalid_date"]}),
    ],
)
async def test_what_makes_no_sense_is_refused(
    call: Caller, plans: None, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert details(await subscribe(call, **fields)) == expected
    assert (await call.get("/customers/cus")).status == 404


async def test_an_unknown_plan_is_not_found(call: Caller) -> None:
    answer = await subscribe(call, "no")
    assert (answer.status, answer.body["code"]) == (404, "plan_not_found")


async def test_plan_overrides_need_premium(call: Caller, plans: None) -> None:
    answer = await subscribe(call, plan_overrides={"amount_cents": 1})
    assert (answer.status, answer.body["code"]) == (403, "feature_unavailable")


async def test_an_overriding_plan_has_neither_the_taxes_nor_the_commitment_of_its_plan(
    premium: Sandbox, premium_call: Caller
) -> None:
    premium.perform("create_tax", {"name": "V", "code": "v", "rate": "20"})
    taxed: JsonObject = {"tax_codes": ["v"], "minimum_commitment": {"amount_cents": 5000}}
    premium.perform("create_plan", {**PLAN, "code": "small", "amount_cents": 1000, **taxed})
    made = (await subscribe(premium_call, plan_overrides={"amount_cents": 700}))["subscription"]["plan"]
    assert (made["amount_cents"], made["taxes"], made.get("minimum_commitment")) == (700, [], None)
    premium.advance(to=utc(2026, 2, 1))
    (invoice,) = (await premium_call.get("/invoices"))["invoices"]
    assert (invoice["fees_amount_cents"], invoice["taxes_amount_cents"]) == (700, 0)
    own = {"amount_cents": 800, "tax_codes": ["v"]}
    other = (await subscribe(premium_call, external_id="other", plan_overrides=own))["subscription"]["plan"]
    assert [tax["code"] for tax in other["taxes"]] == ["v"]


async def test_a_second_override_deletes_the_charges_that_are_not_sent_as_the_update_of_a_plan_does(
    premium: Sandbox, premium_call: Caller
) -> None:
    metric: Any = premium.perform(
        "create_billable_metric", {"name": "Calls", "code": "calls", "aggregation_type": "count_agg"}
    )
    charge: JsonObject = {
        "billable_metric_id": metric["lago_id"],
        "charge_model": "standard",
        "properties": {"amount": "1"},
    }
    charges: list[Json] = [charge | {"code": code} for code in ("one", "two", "three")]
    common: Any = premium.perform("create_plan", {**PLAN, "code": "small", "amount_cents": 1000, "charges": charges})
    chosen = {"id": common["charges"][0]["lago_id"], "properties": {"amount": "2"}}
    first = (await subscribe(premium_call, plan_overrides={"charges": [chosen]}))["subscription"]["plan"]
    assert [each["properties"]["amount"] for each in first["charges"]] == ["2", "1", "1"]

    sent = {"id": first["charges"][1]["lago_id"], "properties": {"amount": "3"}}
    body = {"subscription": {"plan_overrides": {"charges": [sent]}}}
    second = (await premium_call("PUT", "/api/v1/subscriptions/sub", body))["subscription"]["plan"]
    assert [(each["code"], each["properties"]["amount"]) for each in second["charges"]] == [("two", "3")]
    named = {"subscription": {"plan_overrides": {"name": "Own"}}}
    third = (await premium_call("PUT", "/api/v1/subscriptions/sub", named))["subscription"]["plan"]
    assert third["charges"] == second["charges"]


async def test_an_id_belongs_to_one_customer(call: Caller, plans: None) -> None:
    await subscribe(call)
    answer = await subscribe(call, external_customer_id="other")
    assert details(answer) == {"external_id": ["value_already_exist"]}


async def test_a_dearer_plan_takes_over_at_once(call: Caller, plans: None) -> None:
    first = (await subscribe(call))["subscription"]
    second = (await subscribe(call, "big"))["subscription"]
    assert second["lago_id"] != first["lago_id"]
    assert (second["plan_code"], second["previous_plan_code"]) == ("big", "small")


async def test_a_cheaper_plan_waits_for_the_end_of_the_period(call: Caller, sandbox: Sandbox, plans: None) -> None:
    first = (await subscribe(call, "big"))["subscription"]
    still = (await subscribe(call, "small"))["subscription"]
    assert (still["lago_id"], still["plan_code"], still["next_plan_code"]) == (first["lago_id"], "big", "small")
    assert still["downgrade_plan_date"] == "2026-02-01"
    sandbox.advance(to=utc(2026, 3, 2))
    after = (await subscribe(call, "small"))["subscription"]
    assert (after["plan_code"], after["started_at"]) == ("small", "2026-02-01T00:00:00.000Z")
    amounts = [period["amount_cents"] for period in (await call.past())["usage_periods"]]
    assert amounts == [1000, 5000]


async def test_a_future_subscription_is_pending_until_its_day(call: Caller, sandbox: Sandbox, plans: None) -> None:
    pending = (await subscribe(call, subscription_at="2026-01-10T00:00:00Z"))["subscription"]
    assert (pending["status"], pending["started_at"]) == ("pending", None)
    sandbox.advance(to=utc(2026, 1, 10))
    active = (await subscribe(call))["subscription"]
    assert (active["status"], active["started_at"]) == ("active", "2026-01-10T00:00:00.000Z")


async def test_a_pending_subscription_is_canceled_not_terminated(call: Caller, plans: None) -> None:
    await subscribe(call, subscription_at="2026-01-10T00:00:00Z")
    assert (await call.delete("/subscriptions/sub")).body["code"] == "subscription_not_found"
    canceled = (await call.delete("/subscriptions/sub?status=pending"))["subscription"]
    assert (canceled["status"], canceled["canceled_at"]) == ("canceled", "2026-01-01T00:00:00Z")


@pytest.mark.parametrize("microseconds", [0, 1, 499_999, 500_000, 999_999])
async def test_terminating_ends_it_for_good_at_any_part_of_a_second(
    call: Caller, sandbox: Sandbox, plans: None, microseconds: int
) -> None:
    await subscribe(call)
    sandbox.advance(to=utc(2026, 1, 11, 12) + timedelta(microseconds=microseconds))
    ended = (await call.delete("/subscriptions/sub"))["subscription"]
    assert (ended["status"], ended["terminated_at"]) == ("terminated", "2026-01-11T12:00:00Z")
    assert (await call.delete("/subscriptions/sub")).body["code"] == "subscription_not_found"
    (period,) = (await call.past())["usage_periods"]
    # 11 of 31 days
    assert (period["to_datetime"], period["amount_cents"]) == ("2026-01-11T12:00:00Z", 355)


async def test_a_trial_of_the_past_ends_when_the_jobs_of_the_next_hour_run(
    call: Caller, sandbox: Sandbox, plans: None
) -> None:
    sandbox.perform("update_plan", {"trial_period": 5}, "small")
    sandbox.advance(by=timedelta(seconds=2))
    made = (await subscribe(call, subscription_at="2025-12-20T00:00:00Z"))["subscription"]
    assert made["trial_ended_at"] is None
    for advance, expected in ((timedelta(minutes=59), None), (timedelta(minutes=1), "2025-12-25T00:00:00Z")):
        sandbox.advance(by=advance)
        found = (await call.get("/subscriptions/sub"))["subscription"]
        assert found["trial_ended_at"] == expected


async def test_termination_can_go_without_invoice(call: Caller, sandbox: Sandbox, plans: None) -> None:
    await subscribe(call)
    sandbox.advance(to=utc(2026, 1, 11))
    await call.delete("/subscriptions/sub?on_termination_invoice=skip")
    assert (await call.past())["usage_periods"] == []


async def test_odd_termination_options_are_refused(call: Caller, plans: None) -> None:
    await subscribe(call)
    answer = await call.delete("/subscriptions/sub?on_termination_invoice=maybe")
    assert details(answer) == {"on_termination_invoice": ["invalid_value"]}


async def test_a_subscription_ends_by_itself_at_its_ending(call: Caller, sandbox: Sandbox, plans: None) -> None:
    await subscribe(call, ending_at="2026-02-10T00:00:00Z")
    sandbox.advance(to=utc(2026, 6, 1))
    periods = (await call.past())["usage_periods"]
    assert [period["to_datetime"] for period in periods] == ["2026-02-10T00:00:00Z", "2026-01-31T23:59:59Z"]
    assert (await call.delete("/subscriptions/sub")).status == 404


async def test_an_ending_calls_off_the_plan_that_was_to_follow(call: Caller, sandbox: Sandbox, plans: None) -> None:
    await subscribe(call, "big", ending_at="2026-01-10T00:00:00Z")
    assert (await subscribe(call, "small"))["subscription"]["next_plan_code"] == "small"
    sandbox.advance(to=utc(2026, 6, 1))
    assert len((await call.past())["usage_periods"]) == 1


async def test_a_dotted_id_is_one_id(call: Caller, plans: None) -> None:
    await subscribe(call, external_id="sub.v1.2")
    assert (await call.delete("/subscriptions/sub.v1.2"))["subscription"]["external_id"] == "sub.v1.2"


def test_time_moves_forward_only_and_knows_its_zone(sandbox: Sandbox) -> None:
    with pytest.raises(ValueError, match="time only moves forward"):
        sandbox.advance(to=utc(2025, 12, 31))
    with pytest.raises(ValueError, match="aware"):
        sandbox.advance(to=datetime(2027, 1, 1))  # noqa: DTZ001 - that is the mistake
    with pytest.raises(TypeError, match="either"):
        sandbox.advance()
    sandbox.advance(by=timedelta(hours=1))
    assert sandbox.now == utc(2026, 1, 1, 1)
