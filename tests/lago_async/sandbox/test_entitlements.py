"""Features, the entitlements of plans, and their overrides by subscriptions."""

from typing import Any

import pytest

from lago_async.sandbox import Sandbox
from lago_async.sandbox._protocol.wire import Json
from tests.lago_async.sandbox.conftest import Answered, Caller, Subscribe


@pytest.fixture
def world(sandbox: Sandbox, subscribed: Subscribe) -> Sandbox:
    privileges: list[Json] = [
        {"code": "max", "value_type": "integer"},
        {"code": "sso", "value_type": "boolean"},
        {"code": "tier", "value_type": "select", "config": {"select_options": ["gold", "silver"]}},
    ]
    sandbox.perform("create_feature", {"code": "seats", "name": "Seats", "privileges": privileges})
    sandbox.perform("create_feature", {"code": "support"})
    subscribed(sandbox)
    sandbox.perform("create_entitlement", {"seats": {"max": "5", "tier": "gold"}}, "plan")
    return sandbox


def values(entitlements: list[dict[str, Any]]) -> dict[str, Any]:
    return {item["code"]: {one["code"]: one["value"] for one in item["privileges"]} for item in entitlements}


async def patch(call: Caller, target: str, entitlements: dict[str, Any]) -> Answered:
    return await call("PATCH", f"/api/v1{target}", {"entitlements": entitlements})


async def test_values_take_the_type_of_their_privilege(call: Caller, world: Sandbox) -> None:
    (entitlement,) = (await call.get("/plans/plan/entitlements"))["entitlements"]
    assert values([entitlement]) == {"seats": {"max": 5, "tier": "gold"}}
    assert entitlement["privileges"][1]["config"] == {"select_options": ["gold", "silver"]}


@pytest.mark.parametrize(
    ("given", "status", "expected"),
    [
        ({"no": {}}, 404, "feature_not_found"),
        ({"seats": {"no": 1}}, 404, "privilege_not_found"),
        ({"seats": {"tier": "wood"}}, 422, "validation_errors"),
        ({"seats": {"max": "many"}}, 422, "validation_errors"),
        ({"seats": {"sso": "perhaps"}}, 422, "validation_errors"),
    ],
)
async def test_odd_values_are_refused(
    call: Caller, world: Sandbox, given: dict[str, Any], status: int, expected: str
) -> None:
    response = await patch(call, "/plans/plan/entitlements", given)
    assert (response.status, response.body["code"]) == (status, expected)


async def test_plans_are_merged_or_replaced(call: Caller, world: Sandbox) -> None:
    merged = await patch(call, "/plans/plan/entitlements", {"seats": {"sso": True}, "support": {}})
    assert values(merged["entitlements"]) == {"seats": {"max": 5, "tier": "gold", "sso": True}, "support": {}}
    replaced = await call.post("/plans/plan/entitlements", {"entitlements": {"support": {}}})
    assert values(replaced["entitlements"]) == {"support": {}}
    assert (await call.get("/plans/plan/entitlements/seats")).body["code"] == "entitlement_not_found"
    assert (await call.get("/plans/plan"))["plan"]["entitlements"][0]["code"] == "support"


async def test_plans_lose_privileges_and_features(call: Caller, world: Sandbox) -> None:
    left = (await call.delete("/plans/plan/entitlements/seats/privileges/tier"))["entitlement"]
    assert values([left]) == {"seats": {"max": 5}}
    assert (await call.delete("/plans/plan/entitlements/seats/privileges/tier")).body["code"] == "privilege_not_found"
    assert (await call.delete("/plans/plan/entitlements/seats"))["entitlement"]["code"] == "seats"
    assert (await call.get("/plans/plan/entitlements"))["entitlements"] == []


async def test_subscriptions_override_and_drop(call: Caller, world: Sandbox) -> None:
    target = "/subscriptions/sub/entitlements"
    (entitlement,) = (await patch(call, target, {"seats": {"max": 9}}))["entitlements"]
    (maximum,) = (item for item in entitlement["privileges"] if item["code"] == "max")
    assert (maximum["value"], maximum["plan_value"], maximum["override_value"]) == (9, 5, 9)
    assert entitlement["overrides"] == {"max": 9}
    # The response is the list of the remaining ones.
    left = (await call.delete(f"{target}/seats/privileges/tier"))["entitlements"]
    assert values(left) == {"seats": {"max": 9}}
    assert (await call.delete(f"{target}/seats"))["entitlements"] == []
    assert (await call.delete(f"{target}/seats"))["entitlements"] == []
    assert (await call.delete(f"{target}/unknown")).body["code"] == "feature_not_found"
    assert values((await patch(call, target, {"seats": {"sso": False}}))["entitlements"])["seats"]["sso"] is False
    assert (await call.get("/subscriptions/sub"))["subscription"]["entitlements"][0]["code"] == "seats"
    assert values((await call.get("/plans/plan/entitlements"))["entitlements"])["seats"]["max"] == 5


async def test_a_feature_loses_a_privilege_everywhere(call: Caller, world: Sandbox) -> None:
    feature = (await call.delete("/features/seats/privileges/max"))["feature"]
    assert [item["code"] for item in feature["privileges"]] == ["sso", "tier"]
    assert values((await call.get("/plans/plan/entitlements"))["entitlements"]) == {"seats": {"tier": "gold"}}
    assert (await call.delete("/features/seats/privileges/max")).body["code"] == "privilege_not_found"


async def test_updating_a_feature_adds_privileges(call: Caller, world: Sandbox) -> None:
    given = {"feature": {"description": "d", "privileges": [{"code": "new"}, {"code": "max", "name": "Most"}]}}
    feature = (await call("PUT", "/api/v1/features/seats", given))["feature"]
    assert {item["code"]: item["name"] for item in feature["privileges"]} == {
        "max": "Most",
        "sso": None,
        "tier": None,
        "new": None,
    }


@pytest.mark.parametrize(
    ("feature", "expected"),
    [
        ({"code": "seats"}, {"code": ["value_already_exist"]}),
        ({"name": "x"}, {"code": ["value_is_mandatory"]}),
        (
            {"code": "f", "privileges": [{"code": "p", "value_type": "odd"}]},
            {"privilege.value_type": ["value_is_invalid"]},
        ),
        (
            {"code": "f", "privileges": [{"code": "p", "value_type": "select"}]},
            {"privilege.config": ["invalid_format"]},
        ),
    ],
)
async def test_odd_features_are_refused(
    call: Caller, world: Sandbox, feature: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert (await call.post("/features", {"feature": feature})).body["error_details"] == expected
