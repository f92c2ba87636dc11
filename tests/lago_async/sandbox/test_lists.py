"""Lists of subscriptions, applied coupons and events, as users page and filter them."""

import pytest

from lago_async.sandbox import Sandbox
from tests.lago_async.sandbox.conftest import Caller, NewCharge, NewMetric, Subscribe


@pytest.fixture
def world(sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe) -> Sandbox:
    calls = metric(sandbox, "calls", "count_agg")
    subscribed(sandbox, charge(calls))
    sandbox.perform("create_customer", {"external_id": "other"})
    later = {"external_customer_id": "other", "plan_code": "plan"}
    sandbox.perform("create_subscription", {**later, "external_id": "sub2"})
    sandbox.perform("create_subscription", {**later, "external_id": "sub3", "subscription_at": "2026-03-01T00:00:00Z"})
    for number in range(3):
        event = {"transaction_id": f"t{number}", "external_subscription_id": "sub", "code": "calls"}
        sandbox.perform("create_event", {**event, "timestamp": 1767225600 + number})
    sandbox.perform("create_event", {"transaction_id": "lost", "external_subscription_id": "none", "code": "x"})
    return sandbox


async def ids(call: Caller, target: str, root: str, name: str = "external_id") -> list[str]:
    response = await call.get(target)
    assert response.status == 200, response.body
    assert response["meta"]["total_count"] >= len(response[root])
    return [item[name] for item in response[root]]


async def test_only_active_subscriptions_are_listed_unless_statuses_are_given(call: Caller, world: Sandbox) -> None:
    assert await ids(call, "/subscriptions", "subscriptions") == ["sub2", "sub"]
    assert await ids(call, "/subscriptions?status[]=pending", "subscriptions") == ["sub3"]
    both = "/subscriptions?status[]=pending&status[]=active"
    assert await ids(call, both, "subscriptions") == ["sub3", "sub2", "sub"]
    # A scalar is ignored where a list is expected.
    assert await ids(call, "/subscriptions?status=pending", "subscriptions") == ["sub2", "sub"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("external_customer_id=cus", ["sub"]),
        ("external_customer_id=nobody", []),
        ("plan_code=plan", ["sub2", "sub"]),
        ("plan_code=no", []),
        ("external_id=sub", ["sub"]),
        ("currency=USD", []),
        ("per_page=1&page=2", ["sub"]),
    ],
)
async def test_subscriptions_are_filtered_and_paged(
    call: Caller, world: Sandbox, query: str, expected: list[str]
) -> None:
    assert await ids(call, f"/subscriptions?{query}", "subscriptions") == expected


async def test_subscriptions_of_a_customer_need_the_customer(call: Caller, world: Sandbox) -> None:
    assert await ids(call, "/customers/other/subscriptions", "subscriptions") == ["sub2"]
    assert (await call.get("/customers/nobody/subscriptions")).body["code"] == "customer_not_found"


async def test_one_subscription_is_found_by_its_status(call: Caller, world: Sandbox) -> None:
    assert (await call.get("/subscriptions/sub"))["subscription"]["plan"]["code"] == "plan"
    assert (await call.get("/subscriptions/sub3")).body["code"] == "subscription_not_found"
    assert (await call.get("/subscriptions/sub3?status=pending"))["subscription"]["status"] == "pending"


async def test_applied_coupons_are_listed_for_all_and_for_one(call: Caller, world: Sandbox) -> None:
    coupon = {"name": "C", "coupon_type": "percentage", "percentage_rate": "10", "frequency": "once"}
    for code, customer in (("a", "cus"), ("b", "other")):
        world.perform("create_coupon", {**coupon, "code": code, "expiration": "no_expiration"})
        world.perform("apply_coupon", {"external_customer_id": customer, "coupon_code": code})
    listed = ("applied_coupons", "coupon_code")
    assert await ids(call, "/applied_coupons", *listed) == ["b", "a"]
    assert await ids(call, "/applied_coupons?external_customer_id=cus", *listed) == ["a"]
    assert await ids(call, "/applied_coupons?external_customer_id=nobody", *listed) == []
    assert await ids(call, "/applied_coupons?coupon_code[]=b", *listed) == ["b"]
    assert await ids(call, "/customers/cus/applied_coupons?status=terminated", *listed) == []
    assert await ids(call, "/customers/cus/applied_coupons?status=odd", *listed) == ["a"]
    assert (await call.get("/customers/nobody/applied_coupons")).body["code"] == "customer_not_found"


async def test_events_are_found_without_the_ids_of_their_customer(call: Caller, world: Sandbox) -> None:
    for transaction in ("t1", "lost"):
        event = (await call.get(f"/events/{transaction}"))["event"]
        assert (event["lago_customer_id"], event["lago_subscription_id"]) == (None, None)
    assert (await call.get("/events/none")).body["code"] == "event_not_found"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["t2", "t1", "lost", "t0"]),
        ("external_subscription_id=sub&per_page=2", ["t2", "t1"]),
        ("code=x", ["lost"]),
        ("timestamp_from=2026-01-01T00:00:01Z&code=calls", ["t2", "t1"]),
        ("timestamp_to=2026-01-01T00:00:01Z&code=calls", ["t1", "t0"]),
        ("timestamp_from_started_at=true&external_subscription_id=sub", ["t2", "t1", "t0"]),
    ],
)
async def test_events_are_filtered_and_paged(call: Caller, world: Sandbox, query: str, expected: list[str]) -> None:
    assert await ids(call, f"/events?{query}", "events", "transaction_id") == expected


async def test_events_since_a_subscription_began_need_the_subscription(call: Caller, world: Sandbox) -> None:
    refused = await call.get("/events?timestamp_from_started_at=true")
    assert refused.body["error_details"] == {"external_subscription_id": ["required with timestamp_from_started_at"]}


async def test_a_moment_that_is_none_is_refused(call: Caller, world: Sandbox) -> None:
    assert (await call.get("/events?timestamp_from=soon")).body["error_details"] == {"timestamp_from": ["invalid_date"]}
