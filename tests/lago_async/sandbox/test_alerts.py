"""Alerts: one or a batch, on subscriptions and on wallets."""

from typing import Any

import pytest

from lago_async.sandbox import Sandbox
from lago_async.sandbox._protocol.wire import JsonObject
from tests.lago_async.sandbox.conftest import Caller, NewCharge, NewMetric, Subscribe

ALERT = {"code": "a", "alert_type": "current_usage_amount", "thresholds": [{"value": 100, "code": "warn"}]}


@pytest.fixture
def world(sandbox: Sandbox, metric: NewMetric, charge: NewCharge, subscribed: Subscribe) -> Sandbox:
    subscribed(sandbox, charge(metric(sandbox, "calls", "count_agg")))
    wallet: JsonObject = {"rate_amount": "1", "currency": "EUR", "external_customer_id": "cus", "code": "main"}
    sandbox.perform("create_wallet", wallet)
    return sandbox


async def test_one_alert_is_answered_as_one(call: Caller, world: Sandbox) -> None:
    response = await call.post("/subscriptions/sub/alerts", {"alert": ALERT})
    assert set(response.body) == {"alert"}
    alert = response["alert"]
    assert (alert["direction"], alert["previous_value"], alert["external_subscription_id"]) == (
        "increasing",
        "0.0",
        "sub",
    )
    assert alert["thresholds"] == [{"code": "warn", "recurring": False, "value": "100.0"}]


async def test_a_batch_is_answered_as_a_list_without_meta(call: Caller, world: Sandbox) -> None:
    units = {"alert_type": "billable_metric_current_usage_units", "billable_metric_code": "calls"}
    other = {**ALERT, "code": "b", **units}
    response = await call.post("/subscriptions/sub/alerts", {"alerts": [ALERT, other]})
    assert set(response.body) == {"alerts"}
    assert [item["code"] for item in response["alerts"]] == ["a", "b"]
    listed = await call.get("/subscriptions/sub/alerts")
    assert ([item["code"] for item in listed["alerts"]], listed["meta"]["total_count"]) == (["b", "a"], 2)


async def test_a_batch_is_all_or_nothing_and_names_what_is_wrong(call: Caller, world: Sandbox) -> None:
    odd = {**ALERT, "code": "b", "alert_type": "odd"}
    response = await call.post("/subscriptions/sub/alerts", {"alerts": [ALERT, odd]})
    assert response.body["error_details"] == {
        "1": {"params": odd, "errors": 'Validation errors: {"alert_type":["invalid_type"]}'}
    }
    assert (await call.get("/subscriptions/sub/alerts"))["alerts"] == []
    empty = await call.post("/subscriptions/sub/alerts", {"alerts": []})
    assert empty.status == 400, "an empty batch is none, and there is no alert either"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"alert_type": "lifetime_usage_amount"}, {"alert_type": ["feature_not_available"]}),
        ({"alert_type": "wallet_balance_amount"}, {"alert_type": ["invalid_type"]}),
        ({"code": None}, {"code": ["value_is_mandatory"]}),
        ({"thresholds": []}, {"thresholds": ["value_is_mandatory"]}),
        ({"thresholds": [{"code": "x"}]}, {"thresholds:value": ["value_is_mandatory"]}),
        ({"thresholds": [{"value": 1}, {"value": "1"}]}, {"thresholds": ["duplicate_threshold_values"]}),
        ({"thresholds": [{"value": n} for n in range(21)]}, {"thresholds": ["too_many_thresholds"]}),
        ({"alert_type": "billable_metric_current_usage_units"}, {"billable_metric": ["value_is_mandatory"]}),
    ],
)
async def test_odd_alerts_are_refused(
    call: Caller, world: Sandbox, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    response = await call.post("/subscriptions/sub/alerts", {"alert": {**ALERT, **fields}})
    assert response.body["error_details"] == expected


async def test_alerts_on_metrics_show_them(call: Caller, world: Sandbox) -> None:
    given = {**ALERT, "alert_type": "billable_metric_current_usage_units", "billable_metric_code": "calls"}
    alert = (await call.post("/subscriptions/sub/alerts", {"alert": given}))["alert"]
    assert alert["billable_metric"]["code"] == "calls"
    twice = await call.post("/subscriptions/sub/alerts", {"alert": {**given, "code": "b"}})
    assert twice.body["error_details"] == {"base": ["alert_already_exists"]}


async def test_alerts_change_and_go(call: Caller, world: Sandbox) -> None:
    await call.post("/subscriptions/sub/alerts", {"alert": ALERT})
    target = "/api/v1/subscriptions/sub/alerts"
    changed = await call("PUT", f"{target}/a", {"alert": {"code": "z", "thresholds": [{"value": 5}]}})
    assert (changed["alert"]["code"], changed["alert"]["thresholds"][0]["value"]) == ("z", "5.0")
    assert (await call("GET", f"{target}/a")).body["code"] == "alert_not_found"
    assert (await call("DELETE", f"{target}/z"))["alert"]["code"] == "z"
    await call.post("/subscriptions/sub/alerts", {"alert": ALERT})
    assert (await call("DELETE", target)).body is None
    assert (await call.get("/subscriptions/sub/alerts"))["alerts"] == []
    assert (await call.get("/subscriptions/no/alerts")).body["code"] == "subscription_not_found"


async def test_wallets_are_watched_the_other_way(call: Caller, world: Sandbox) -> None:
    given = {**ALERT, "alert_type": "wallet_balance_amount"}
    alert = (await call.post("/customers/cus/wallets/main/alerts", {"alert": given}))["alert"]
    assert (alert["direction"], alert["wallet_code"], alert["external_subscription_id"]) == ("decreasing", "main", None)
    assert (await call.get("/customers/cus/wallets/no/alerts")).body["code"] == "wallet_not_found"
    assert (await call.delete("/customers/cus/wallets/main/alerts")).body is None
