# More than 400 lines in one module, because it is one table.
"""Stories that give a field its chance: for each model of input, a request with it, and what happens afterwards."""

from collections.abc import Mapping
from typing import Any, TypeAlias

import attrs

from lago_async.sandbox import Sandbox
from tests.lago_async.sandbox.conftest import START

# An operation, the content of its envelope and its path, or a number of days that pass. Text that begins with "@" is
# looked up in the responses so far: "@plan.charges.0.lago_id".
Step: TypeAlias = tuple[Any, ...] | int
Results: TypeAlias = dict[str, Any]
# A field that the server ignores: the smallest request that it takes, and that changes nothing.
NOTHING = {"nothing": True}


@attrs.frozen(kw_only=True)
class Story:
    """A request whose part at ``at`` is the model, the steps before it, and the steps that make its effects seen."""

    operation: str
    body: Any = attrs.field(factory=lambda: dict(NOTHING))
    at: tuple[str | int, ...] = ()
    path: tuple[str, ...] = ()
    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = (40,)
    whole: bool = False  # whether the body has all envelopes of the request


def resolved(value: Any, results: Results) -> Any:
    """Return a value with the responses that it names."""
    if isinstance(value, str) and value.startswith("@"):
        found: Any = results
        for key in value[1:].split("."):
            found = found[int(key)] if isinstance(found, list) else found[key]
        return found
    if isinstance(value, Mapping):
        return {key: resolved(item, results) for key, item in value.items()}
    return [resolved(item, results) for item in value] if isinstance(value, list | tuple) else value


def placed(body: Any, at: tuple[str | int, ...], fields: Mapping[str, Any]) -> Any:
    """Return the body with the fields in its part ``at``."""
    if not at:
        return {**body, **fields}
    key, rest = at[0], at[1:]
    if isinstance(body, list):
        return [placed(item, rest, fields) if number == key else item for number, item in enumerate(body)]
    return {**body, key: placed(body[key], rest, fields)}


def event(number: int, code: str = "gb", subscription: str = "sub", **properties: object) -> tuple[Any, ...]:
    """Return the step that sends an event."""
    given = {"transaction_id": f"t{number}", "external_subscription_id": subscription, "code": code}
    return "create_event", {**given, "properties": {"gb": 7, "region": "eu", **properties}}


USE = (event(1), event(2, region="us", gb=5, fast="yes"))
LATER = (event(3), event(4, region="us"))
PLAN: dict[str, Any] = {
    "name": "Swept plan",
    "code": "told",
    "interval": "monthly",
    "amount_cents": 3100,
    "amount_currency": "EUR",
    "pay_in_advance": False,
}
CHARGE: dict[str, Any] = {
    "billable_metric_id": "@gb.lago_id",
    "charge_model": "standard",
    "code": "gb",
    "properties": {"amount": "2"},
}
FIXED: dict[str, Any] = {
    "add_on_id": "@setup.lago_id",
    "charge_model": "standard",
    "code": "fixed",
    "units": "2",
    "properties": {"amount": "3"},
}
SUBSCRIPTION: dict[str, Any] = {"external_customer_id": "cus", "external_id": "sub", "plan_code": "told"}
SUBSCRIBE = ("create_subscription", SUBSCRIPTION)
LIFE = (9, SUBSCRIBE, 5, *USE, 25, *LATER, 30)
RICH: dict[str, Any] = {**PLAN, "charges": [CHARGE], "fixed_charges": [FIXED]}
RULE: dict[str, Any] = {"trigger": "interval", "interval": "monthly", "paid_credits": "10", "granted_credits": "3"}
WALLET: dict[str, Any] = {
    "name": "Wallet",
    "code": "told",
    "rate_amount": "1",
    "currency": "EUR",
    "external_customer_id": "cus",
    "paid_credits": "10",
    "granted_credits": "2",
}
SUBSCRIBED = (("create_plan", RICH), SUBSCRIBE, *USE)
ONE_OFF: dict[str, Any] = {
    "external_customer_id": "cus",
    "currency": "EUR",
    "fees": [{"add_on_code": "setup", "units": "2"}],
}
COUPON: dict[str, Any] = {
    "name": "Coupon",
    "code": "told",
    "coupon_type": "fixed_amount",
    "amount_cents": 500,
    "amount_currency": "EUR",
    "frequency": "once",
    "expiration": "no_expiration",
}
APPLY = ("apply_coupon", {"external_customer_id": "cus", "coupon_code": "told"})
RATE: dict[str, Any] = {
    "code": "rate",
    "effective_from": "2020-01-01T00:00:00Z",
    "rate_model": "standard",
    "rate_properties": {"amount": "10"},
    "billing_interval_unit": "month",
}
CARD: dict[str, Any] = {"name": "Card", "code": "told", "product_code": "product", "currency": "EUR", "rates": [RATE]}


QUOTE_ITEM = {
    "id": "@setup.lago_id",
    "localId": "1",
    "type": "add_on",
    "payload": {"code": "setup", "units": 1, "unitAmountCents": 900, "totalAmountCents": 900},
}


def prepared(*, premium: bool = True) -> tuple[Sandbox, Results]:
    """Return a world with what stories refer to, and the responses by name."""
    sandbox = Sandbox(now=START, premium=premium, features={"order_forms"})
    return sandbox, prepare(sandbox)


def prepare(sandbox: Sandbox) -> Results:
    """Fill a sandbox with what stories refer to, and return the responses by name."""
    perform: Any = sandbox.perform
    results: Results = {}
    for code, rate in (("vat", "20"), ("low", "5")):
        results[code] = perform("create_tax", {"name": code.title(), "code": code, "rate": rate})
    results["gb"] = perform(
        "create_billable_metric",
        {
            "name": "GB",
            "code": "gb",
            "aggregation_type": "sum_agg",
            "field_name": "gb",
            "filters": [{"key": "region", "values": ["eu", "us"]}],
        },
    )
    calls = {"name": "Calls", "code": "calls", "aggregation_type": "count_agg"}
    results["calls"] = perform("create_billable_metric", calls)
    seats = {"name": "Seats", "code": "seats", "aggregation_type": "unique_count_agg", "field_name": "gb"}
    results["seats"] = perform("create_billable_metric", {**seats, "recurring": True})
    for code, cents in (("setup", 1000), ("other", 700)):
        add_on = {"name": code.title(), "code": code, "amount_cents": cents, "amount_currency": "EUR"}
        results[code] = perform("create_add_on", add_on)
    if sandbox._store.premium:  # pyright: ignore[reportPrivateUsage]
        perform("create_billing_entity", {"code": "second", "name": "Second", "document_number_prefix": "SEC"})
    perform(
        "create_customer",
        {
            "external_id": "cus",
            "currency": "EUR",
            "email": "a@b.example",
            "billing_configuration": {"payment_provider": "stripe", "sync_with_provider": True},
        },
    )
    perform("create_customer", {"external_id": "other", "currency": "EUR"})
    (results["method"],) = perform("find_all_customers_payment_methods", None, "cus")
    perform("create_coupon", {**COUPON, "code": "coupon"})
    perform("create_plan", {**PLAN, "code": "common"})
    perform("create_product_category", {"name": "Category", "code": "category"})
    perform("create_product", {"name": "Product", "code": "product", "product_type": "fixed"})
    perform("create_product", {"name": "Calls", "code": "usage", "product_type": "usage", "billable_metric_code": "gb"})
    perform("create_webhook_endpoint", {"webhook_url": "https://127.0.0.1:1/told"})
    return results


def _plan_stories() -> dict[str, tuple[Story, ...]]:
    created = Story(operation="create_plan", body=RICH, after=LIFE)
    yearly = Story(operation="create_plan", body={**RICH, "interval": "yearly"}, after=LIFE)
    changed = Story(operation="update_plan", path=("told",), before=(("create_plan", RICH),), after=LIFE)
    running = Story(operation="update_plan", path=("told",), before=SUBSCRIBED, after=(25, *LATER, 40))
    charged = Story(operation="create_plan", body=RICH, at=("charges", 0), after=LIFE)
    advance = {**CHARGE, "pay_in_advance": True, "invoiceable": False}
    in_advance = Story(operation="create_plan", body={**RICH, "charges": [advance]}, at=("charges", 0), after=LIFE)
    seats = {**CHARGE, "billable_metric_id": "@seats.lago_id"}
    recurring = Story(
        operation="create_plan", body={**RICH, "charges": [seats]}, at=("charges", 0), after=LIFE_OF_SEATS
    )
    fixed = Story(operation="create_plan", body=RICH, at=("fixed_charges", 0), after=LIFE)
    commitment = {**RICH, "minimum_commitment": {"amount_cents": 90000}}
    kept = {**CHARGE, "id": "@plan.charges.0.lago_id"}
    kept_fixed = {**FIXED, "id": "@plan.fixed_charges.0.lago_id"}
    update = {"charges": [kept], "fixed_charges": [kept_fixed]}
    filtered: dict[str, Any] = {**CHARGE, "filters": [{"values": {"region": ["eu"]}, "properties": {"amount": "5"}}]}
    threshold = {**RICH, "usage_thresholds": [{"amount_cents": 1500}]}
    updates: dict[str, Any] = {"path": ("told",), "before": (("create_plan", RICH),), "after": LIFE}
    below: dict[str, Any] = {"path": ("told", "gb"), "before": (("create_plan", RICH),), "after": LIFE}
    below_fixed: dict[str, Any] = {"path": ("told", "fixed"), "before": (("create_plan", RICH),), "after": LIFE}
    with_filter = (("create_plan", {**RICH, "charges": [filtered]}),)
    filter_path = ("told", "gb", "@plan.charges.0.filters.0.lago_id")
    own = ("override_subscription_charge", {"invoice_display_name": "Own"}, "sub", "gb")
    own_fixed = ("override_subscription_fixed_charge", {"invoice_display_name": "Own"}, "sub", "fixed")
    later = (25, *LATER, 40)
    return {
        "PlanInput": (created, yearly),
        "PlanUpdateInput": (
            changed,
            running,
            Story(
                operation="update_plan",
                path=("told",),
                body={"amount_cents": 900},
                before=(*SUBSCRIBED, own),
                after=later,
            ),
        ),
        "MinimumCommitmentInput": (
            Story(operation="create_plan", body=commitment, at=("minimum_commitment",), after=LIFE),
        ),
        "UsageThresholdInput": (
            Story(operation="create_plan", body=threshold, at=("usage_thresholds", 0), after=LIFE),
        ),
        "ChargeInput": (
            charged,
            in_advance,
            recurring,
            Story(
                operation="create_plan_charge",
                path=("told",),
                body=CHARGE,
                before=(
                    ("create_plan", PLAN),
                    SUBSCRIBE,
                    ("update_subscription", {"plan_overrides": {"name": "Own"}}, "sub"),
                ),
            ),
            Story(operation="create_plan", body={**RICH, "charges": [advance]}, at=("charges", 0), after=PAID_LIFE),
        ),
        "PlanChargeUpdateInput": (
            Story(operation="update_plan", body=update, at=("charges", 0), **updates),
            Story(
                operation="update_plan",
                body={"charges": [{**kept, "pay_in_advance": True, "invoiceable": False}]},
                at=("charges", 0),
                **updates,
            ),
            Story(
                operation="update_plan",
                body={"charges": [{**kept, "pay_in_advance": True, "invoiceable": False}]},
                at=("charges", 0),
                path=("told",),
                before=(("create_plan", RICH),),
                after=PAID_LIFE,
            ),
            Story(
                operation="update_plan",
                body={"charges": [{**seats, "id": "@plan.charges.0.lago_id"}]},
                at=("charges", 0),
                path=("told",),
                before=(("create_plan", {**RICH, "charges": [seats]}),),
                after=LIFE_OF_SEATS,
            ),
        ),
        "ChargeUpdateInput": (
            Story(
                operation="update_plan_charge",
                body={"charge_model": "standard", "properties": {"amount": "2"}},
                **below,
            ),
            Story(
                operation="update_plan_charge",
                body={
                    "charge_model": "standard",
                    "properties": {"amount": "2"},
                    "pay_in_advance": True,
                    "invoiceable": False,
                },
                **below,
            ),
            Story(
                operation="update_plan_charge",
                body={
                    "charge_model": "standard",
                    "properties": {"amount": "2"},
                    "pay_in_advance": True,
                    "invoiceable": False,
                },
                path=("told", "gb"),
                before=(("create_plan", RICH),),
                after=PAID_LIFE,
            ),
            Story(
                operation="update_plan_charge",
                body={"charge_model": "standard", "properties": {"amount": "2"}},
                path=("told", "gb"),
                before=(("create_plan", {**RICH, "charges": [seats]}),),
                after=LIFE_OF_SEATS,
            ),
            Story(
                operation="update_plan_charge",
                body={"charge_model": "standard", "properties": {"amount": "9"}},
                path=("told", "gb"),
                before=(*SUBSCRIBED, own_fixed),
                after=later,
            ),
        ),
        "FixedChargeInput": (
            fixed,
            Story(
                operation="create_plan_fixed_charge",
                body=FIXED,
                path=("told",),
                before=(("create_plan", PLAN), SUBSCRIBE),
            ),
            Story(
                operation="create_plan_fixed_charge",
                body=FIXED,
                path=("told",),
                before=(
                    ("create_plan", PLAN),
                    SUBSCRIBE,
                    ("update_subscription", {"plan_overrides": {"name": "Own"}}, "sub"),
                ),
            ),
        ),
        "PlanFixedChargeUpdateInput": (
            Story(operation="update_plan", body=update, at=("fixed_charges", 0), **updates),
            Story(
                operation="update_plan",
                body={"fixed_charges": [{**kept_fixed, "units": "9"}]},
                at=("fixed_charges", 0),
                path=("told",),
                before=SUBSCRIBED,
                after=later,
            ),
        ),
        "FixedChargeUpdateInput": (
            Story(
                operation="update_plan_fixed_charge",
                body={"units": "2", "charge_model": "standard", "properties": {"amount": "3"}},
                **below_fixed,
            ),
            Story(
                operation="update_plan_fixed_charge",
                body={"units": "9", "charge_model": "standard", "properties": {"amount": "3"}},
                path=("told", "fixed"),
                before=SUBSCRIBED,
                after=later,
            ),
            Story(
                operation="update_plan_fixed_charge",
                body={"units": "9", "charge_model": "standard", "properties": {"amount": "3"}},
                path=("told", "fixed"),
                before=(*SUBSCRIBED, own),
                after=later,
            ),
        ),
        "ChargeDestroyInput": (
            Story(operation="destroy_plan_charge", path=("told", "gb"), before=(*SUBSCRIBED, own_fixed), after=later),
        ),
        "FixedChargeDestroyInput": (
            Story(
                operation="destroy_plan_fixed_charge", path=("told", "fixed"), before=(*SUBSCRIBED, own), after=later
            ),
        ),
        "ChargeFilterInput": (
            Story(
                operation="create_plan",
                body={**RICH, "charges": [filtered]},
                at=("charges", 0, "filters", 0),
                after=LIFE,
            ),
        ),
        "ChargeFilterCreateInput": (
            Story(operation="create_plan_charge_filter", body=filtered["filters"][0], **below),
            Story(
                operation="create_plan_charge_filter",
                body=filtered["filters"][0],
                path=("told", "gb"),
                before=(*SUBSCRIBED, own_fixed),
                after=later,
            ),
        ),
        "ChargeFilterUpdateInput": (
            Story(operation="update_plan_charge_filter", path=filter_path, before=with_filter, after=LIFE),
            Story(
                operation="update_plan_charge_filter",
                body={"properties": {"amount": "8"}},
                path=filter_path,
                before=(*with_filter, SUBSCRIBE, *USE, own_fixed),
                after=later,
            ),
        ),
        "ChargeFilterDestroyInput": (
            Story(
                operation="destroy_plan_charge_filter",
                path=filter_path,
                before=(*with_filter, SUBSCRIBE, *USE, own_fixed),
                after=later,
            ),
        ),
        "AppliedPricingUnitInput": (
            Story(
                operation="create_plan",
                body={**RICH, "charges": [{**CHARGE, "applied_pricing_unit": {}}]},
                at=("charges", 0, "applied_pricing_unit"),
            ),
        ),
        "ChargePropertiesInput": (
            Story(operation="create_plan", body=RICH, at=("charges", 0, "properties"), after=LIFE),
            Story(operation="create_plan", body=RICH, at=("charges", 0, "properties"), after=(SUBSCRIBE, 10, *USE)),
            Story(
                operation="create_plan",
                body={**RICH, "charges": [{**CHARGE, "charge_model": "custom", "properties": {}}]},
                at=("charges", 0, "properties"),
            ),
            *(
                Story(
                    operation="create_plan",
                    body={**RICH, "charges": [{**CHARGE, "charge_model": model, "properties": properties}]},
                    at=("charges", 0, "properties"),
                    after=LIFE,
                )
                for model, properties in MODELS.items()
            ),
        ),
        "GraduatedRangeInput": (_ranges("graduated", "graduated_ranges"), _ranges("volume", "volume_ranges")),
        "GraduatedPercentageRangeInput": (_ranges("graduated_percentage", "graduated_percentage_ranges"),),
        "PresentationGroupKeyInput": (
            Story(
                operation="create_plan",
                body={
                    **RICH,
                    "charges": [
                        {**CHARGE, "properties": {"amount": "2", "presentation_group_keys": [{"value": "region"}]}}
                    ],
                },
                at=("charges", 0, "properties", "presentation_group_keys", 0),
                after=(SUBSCRIBE, 10, *USE),
            ),
        ),
        "PresentationGroupKeyOptionsInput": (
            Story(
                operation="create_plan",
                body={
                    **RICH,
                    "charges": [
                        {
                            **CHARGE,
                            "properties": {
                                "amount": "2",
                                "presentation_group_keys": [
                                    {"value": "region", "options": {"display_in_invoice": False}}
                                ],
                            },
                        }
                    ],
                },
                at=("charges", 0, "properties", "presentation_group_keys", 0, "options"),
                after=(SUBSCRIBE, 10, *USE),
            ),
        ),
        "FixedChargePropertiesInput": (
            Story(operation="create_plan", body=RICH, at=("fixed_charges", 0, "properties"), after=LIFE),
            *(
                Story(
                    operation="create_plan",
                    body={**RICH, "fixed_charges": [{**FIXED, "charge_model": model, "properties": MODELS[model]}]},
                    at=("fixed_charges", 0, "properties"),
                    after=LIFE,
                )
                for model in ("graduated", "volume")
            ),
        ),
    }


RANGES = [
    {"from_value": 0, "to_value": 5, "per_unit_amount": "2", "flat_amount": "1"},
    {"from_value": 6, "to_value": None, "per_unit_amount": "1", "flat_amount": "3"},
]
RATES = [
    {"from_value": 0, "to_value": 5, "rate": "2", "flat_amount": "1"},
    {"from_value": 6, "to_value": None, "rate": "1", "flat_amount": "3"},
]
MODELS: dict[str, dict[str, Any]] = {
    "graduated": {"graduated_ranges": RANGES},
    "volume": {"volume_ranges": RANGES},
    "graduated_percentage": {"graduated_percentage_ranges": RATES},
    "package": {"amount": "2", "package_size": 3, "free_units": 0},
    "percentage": {"rate": "50"},
}
PAID_LIFE = (
    SUBSCRIBE,
    10,
    *USE,
    ("find_all_fees", None),
    ("update_fee", {"payment_status": "succeeded"}, "@all_fees.0.lago_id"),
    40,
)
LIFE_OF_SEATS = (SUBSCRIBE, 10, event(1, "seats"), event(2, "seats", gb=8), 25, event(3, "seats", gb=9), 30)


def _ranges(model: str, name: str) -> Story:
    charge = {**CHARGE, "charge_model": model, "properties": MODELS[model]}
    at = ("charges", 0, "properties", name, 0)
    return Story(operation="create_plan", body={**RICH, "charges": [charge]}, at=at, after=LIFE)


def _subscription_stories() -> dict[str, tuple[Story, ...]]:
    priced = (("create_plan", RICH),)
    thresholds = (("create_plan", {**RICH, "usage_thresholds": [{"amount_cents": 1500}]}),)
    advance = (("create_plan", {**RICH, "pay_in_advance": True}),)
    lived = (10, *USE, 25, *LATER, 30)
    ended = (*lived, ("destroy_subscription", None, "sub"), 40)
    overrides = {**SUBSCRIPTION, "plan_overrides": {"name": "Own"}}
    charge = {"id": "@plan.charges.0.lago_id"}
    fixed = {"id": "@plan.fixed_charges.0.lago_id"}
    running = (SUBSCRIBE, *USE)
    waiting = ("create_subscription", {**SUBSCRIPTION, "subscription_at": "2026-01-20T00:00:00Z"})
    mid = {**SUBSCRIPTION, "subscription_at": "2026-01-20T00:00:00Z"}
    return {
        "SubscriptionInput": (
            Story(operation="create_subscription", body=SUBSCRIPTION, before=priced, after=lived),
            Story(operation="create_subscription", body=SUBSCRIPTION, before=thresholds, after=lived),
            Story(operation="create_subscription", body=mid, before=priced, after=(25, *USE, 40)),
            Story(
                operation="create_subscription",
                body={**SUBSCRIPTION, "external_id": "two"},
                before=(*priced, SUBSCRIBE),
                after=lived,
            ),
        ),
        "SubscriptionUpdateInput": (
            Story(operation="update_subscription", path=("sub",), before=(*priced, *running), after=lived[3:]),
            Story(operation="update_subscription", path=("sub",), before=(*thresholds, SUBSCRIBE), after=lived),
            Story(operation="update_subscription", path=("sub",), before=(*priced, waiting), after=(30, *USE, 40)),
            Story(operation="update_subscription", path=("sub",), before=(*advance, *running, 10), after=ended),
            Story(
                operation="update_subscription",
                path=("sub",),
                before=(*priced, SUBSCRIBE, ("create_subscription", {**SUBSCRIPTION, "external_id": "two"})),
                after=lived,
            ),
        ),
        "PlanOverridesInput": (
            Story(operation="create_subscription", body=overrides, at=("plan_overrides",), before=priced, after=lived),
            Story(
                operation="create_subscription", body=overrides, at=("plan_overrides",), before=thresholds, after=lived
            ),
            Story(
                operation="update_subscription",
                body={"plan_overrides": {"name": "Own"}},
                at=("plan_overrides",),
                path=("sub",),
                before=(*priced, *running),
                after=lived[3:],
            ),
        ),
        "PlanOverrideChargeInput": (
            Story(
                operation="create_subscription",
                body={**SUBSCRIPTION, "plan_overrides": {"charges": [charge]}},
                at=("plan_overrides", "charges", 0),
                before=priced,
                after=lived,
            ),
        ),
        "PlanOverrideFixedChargeInput": (
            Story(
                operation="create_subscription",
                body={**SUBSCRIPTION, "plan_overrides": {"fixed_charges": [fixed]}},
                at=("plan_overrides", "fixed_charges", 0),
                before=priced,
                after=lived,
            ),
            Story(
                operation="update_subscription",
                path=("sub",),
                body={"plan_overrides": {"fixed_charges": [{**fixed, "units": "9"}]}},
                at=("plan_overrides", "fixed_charges", 0),
                before=(*priced, SUBSCRIBE),
                after=lived,
            ),
        ),
        "SubscriptionActivationRuleInput": (
            Story(
                operation="create_subscription",
                body={**SUBSCRIPTION, "activation_rules": [{}]},
                at=("activation_rules", 0),
                before=priced,
                after=lived,
            ),
        ),
        "SubscriptionAuthorizationInput": (
            Story(
                operation="create_subscription",
                body={"subscription": SUBSCRIPTION, "authorization": {}},
                at=("authorization",),
                whole=True,
                before=priced,
                after=lived,
            ),
        ),
        "LifetimeUsageInput": (
            Story(
                operation="update_subscription_lifetime_usage",
                path=("sub",),
                before=(*thresholds, SUBSCRIBE),
                after=lived,
            ),
        ),
        "SubscriptionChargeInput": (
            Story(
                operation="override_subscription_charge",
                path=("sub", "gb"),
                before=(*priced, *running),
                after=lived[3:],
            ),
        ),
        "SubscriptionFixedChargeInput": (
            Story(
                operation="override_subscription_fixed_charge",
                path=("sub", "fixed"),
                before=(*priced, *running),
                after=lived[3:],
            ),
            Story(
                operation="override_subscription_fixed_charge",
                body={"units": "9"},
                path=("sub", "fixed"),
                before=(*priced, *running, 10),
                after=lived[3:],
            ),
        ),
        "AlertInput": (
            Story(
                operation="create_subscription_alert",
                body=[
                    {
                        "code": "told",
                        "alert_type": "current_usage_amount",
                        "thresholds": [{"value": "1000", "code": "low"}],
                    }
                ],
                at=(0,),
                path=("sub",),
                before=(*priced, SUBSCRIBE),
                after=lived,
            ),
            Story(
                operation="create_subscription_alert",
                body=[
                    {
                        "code": "told",
                        "alert_type": "billable_metric_current_usage_amount",
                        "billable_metric_code": "gb",
                        "thresholds": [{"value": "1000", "code": "low"}],
                    }
                ],
                at=(0,),
                path=("sub",),
                before=(*priced, SUBSCRIBE),
                after=lived,
            ),
        ),
        "AlertThresholdInput": (
            Story(
                operation="create_subscription_alert",
                body=[{"code": "told", "alert_type": "current_usage_amount", "thresholds": [{"value": "1000"}]}],
                at=(0, "thresholds", 0),
                path=("sub",),
                before=(*priced, SUBSCRIBE),
                after=lived,
            ),
            Story(
                operation="create_subscription_alert",
                body=[
                    {
                        "code": "told",
                        "alert_type": "current_usage_amount",
                        "thresholds": [{"value": "100"}, {"value": "1000"}],
                    }
                ],
                at=(0, "thresholds", 1),
                path=("sub",),
                before=(*priced, SUBSCRIBE),
                after=lived,
            ),
        ),
        "AlertUpdateInput": (
            Story(
                operation="update_subscription_alert",
                path=("sub", "told"),
                before=(
                    *priced,
                    SUBSCRIBE,
                    (
                        "create_subscription_alert",
                        [
                            {
                                "code": "told",
                                "alert_type": "billable_metric_current_usage_amount",
                                "billable_metric_code": "gb",
                                "thresholds": [{"value": "1000", "code": "low"}],
                            }
                        ],
                        "sub",
                    ),
                ),
                after=lived,
            ),
        ),
        "EventInput": (
            Story(operation="create_event", body=event(9)[1], before=(*priced, SUBSCRIBE, event(9))),
            Story(operation="create_event", body=event(9)[1], before=(*priced, SUBSCRIBE)),
        ),
        "EventEstimateInput": (
            Story(
                operation="event_estimate_instant_fees",
                body=event(9)[1],
                before=(("create_plan", {**RICH, "charges": [{**CHARGE, "pay_in_advance": True}]}), SUBSCRIBE),
            ),
            Story(
                operation="event_estimate_fees",
                body=event(9)[1],
                before=(("create_plan", {**RICH, "charges": [{**CHARGE, "pay_in_advance": True}]}), SUBSCRIBE),
            ),
        ),
    }


def _customer_stories() -> dict[str, tuple[Story, ...]]:
    subscribed = (("create_plan", RICH), *LIFE)
    new = {"external_id": "new", "currency": "EUR"}
    life = (
        ("create_plan", RICH),
        ("create_subscription", {**SUBSCRIPTION, "external_customer_id": "new"}),
        10,
        *USE,
        25,
        *LATER,
        30,
    )
    zero = (
        ("create_plan", {**PLAN, "amount_cents": 0}),
        ("create_subscription", {**SUBSCRIPTION, "external_customer_id": "new"}),
        70,
    )
    configured = {**new, "billing_configuration": {"payment_provider": "stripe", "sync_with_provider": True}}
    grace = {**new, "billing_configuration": {"invoice_grace_period": 5}}
    entity = (("create_customer", {**new, "billing_entity_code": "second"}), *life)
    default = (("create_customer", new), *life)
    documents: tuple[Step, ...] = (
        ("create_invoice", {**ONE_OFF, "external_customer_id": "new"}),
        ("resend_invoice_email", {}, "@invoice.lago_id"),
        ("download_invoice_xml", {}, "@invoice.lago_id"),
    )
    return {
        "CustomerInput": (
            Story(operation="create_customer", body=new, after=life),
            Story(operation="create_customer", body=new, after=zero),
        ),
        "CustomerBillingConfigurationInput": (
            Story(operation="create_customer", body=configured, at=("billing_configuration",), after=life),
            Story(operation="create_customer", body=grace, at=("billing_configuration",), after=life),
        ),
        "AddressInput": (
            Story(
                operation="create_customer", body={**new, "shipping_address": {}}, at=("shipping_address",), after=life
            ),
        ),
        "IntegrationCustomerInput": (
            Story(
                operation="create_customer",
                body={**new, "integration_customers": [{"integration_type": "anrok"}]},
                at=("integration_customers", 0),
                after=life,
            ),
            Story(
                operation="create_customer",
                body={**new, "integration_customers": [{"integration_type": "netsuite"}]},
                at=("integration_customers", 0),
                after=life,
            ),
        ),
        "CustomerMetadataInput": (
            Story(
                operation="create_customer",
                body={**new, "metadata": [{"key": "k", "value": "v"}]},
                at=("metadata", 0),
                after=life,
            ),
            Story(
                operation="create_customer",
                body={**new, "metadata": [{"key": "k", "value": "w"}]},
                at=("metadata", 0),
                before=(("create_customer", {**new, "metadata": [{"key": "k", "value": "v"}]}),),
            ),
        ),
        "BillingEntityInput": (
            Story(
                operation="create_billing_entity",
                body={"code": "new", "name": "New"},
                after=(("create_customer", {**new, "billing_entity_code": "new"}), *life),
            ),
            Story(
                operation="create_billing_entity",
                body={"code": "new", "name": "New"},
                after=(("create_customer", {**new, "billing_entity_code": "new"}), *zero),
            ),
            Story(
                operation="create_billing_entity",
                body={"code": "new", "name": "New", "email": "e@b.example"},
                after=(("create_customer", {**new, "billing_entity_code": "new", "email": "c@b.example"}), *documents),
            ),
        ),
        "BillingEntityUpdateInput": (
            Story(operation="update_billing_entity", path=("sandbox",), after=default),
            Story(operation="update_billing_entity", path=("second",), after=entity),
            Story(operation="update_billing_entity", path=("sandbox",), after=(("create_customer", new), *zero)),
            Story(
                operation="update_billing_entity",
                path=("sandbox",),
                body={"email": "e@b.example"},
                after=(
                    ("create_invoice", ONE_OFF),
                    ("resend_invoice_email", {}, "@invoice.lago_id"),
                    ("download_invoice_xml", {}, "@invoice.lago_id"),
                ),
            ),
        ),
        "BillingEntityBillingConfigurationInput": (
            Story(
                operation="update_billing_entity",
                path=("sandbox",),
                body={"billing_configuration": {}},
                at=("billing_configuration",),
                after=default,
            ),
            Story(
                operation="update_billing_entity",
                path=("sandbox",),
                body={"billing_configuration": {"invoice_grace_period": 5}},
                at=("billing_configuration",),
                after=default,
            ),
        ),
        "OrganizationUpdateInput": (
            Story(operation="update_organization", after=default),
            Story(operation="update_organization", after=(("create_customer", new), *zero)),
        ),
        "OrganizationBillingConfigurationInput": (
            Story(
                operation="update_organization",
                body={"billing_configuration": {}},
                at=("billing_configuration",),
                after=default,
            ),
        ),
        "TaxInput": (
            Story(operation="create_tax", body={"name": "New", "code": "new", "rate": "7"}, after=subscribed),
        ),
        "TaxUpdateInput": (
            Story(
                operation="update_tax",
                path=("vat",),
                before=(("create_customer", {"external_id": "cus", "tax_codes": ["vat"]}),),
                after=subscribed,
            ),
            Story(operation="update_tax", path=("low",), after=subscribed),
        ),
    }


def _wallet_stories() -> dict[str, tuple[Story, ...]]:
    billed = (5, ("create_plan", RICH), SUBSCRIBE, *USE, 40, *LATER, 40)
    rules = {**WALLET, "recurring_transaction_rules": [RULE]}
    below = {**RULE, "trigger": "threshold", "threshold_credits": "5", "interval": None}
    target = {**RULE, "method": "target", "target_ongoing_balance": "90"}
    two = (("create_wallet", {**WALLET, "code": "second", "name": "Second"}),)
    opened = (("create_wallet", WALLET),)
    limited = {**WALLET, "paid_top_up_max_amount_cents": 500, "paid_credits": None}
    transaction = {"wallet_id": "@wallet.lago_id", "paid_credits": "20", "granted_credits": "3"}
    voided = {"wallet_id": "@wallet.lago_id", "voided_credits": "1"}

    def rule(given: Mapping[str, Any], **fields: Any) -> Story:
        return Story(
            operation="create_wallet",
            body={**WALLET, "recurring_transaction_rules": [given], **fields},
            at=("recurring_transaction_rules", 0),
            after=billed,
        )

    def rule_update(given: Mapping[str, Any], **fields: Any) -> Story:
        return Story(
            operation="update_wallet",
            path=("@wallet.lago_id",),
            body={
                "recurring_transaction_rules": [{**given, "lago_id": "@wallet.recurring_transaction_rules.0.lago_id"}]
            },
            at=("recurring_transaction_rules", 0),
            before=(("create_wallet", {**rules, **fields}),),
            after=billed,
        )

    return {
        "WalletInput": (
            Story(operation="create_wallet", body=WALLET, after=billed),
            Story(operation="create_wallet", body=WALLET, before=two, after=billed),
            Story(
                operation="create_wallet",
                body={**limited, "paid_credits": "20", "ignore_paid_top_up_limits_on_creation": True},
                after=billed,
            ),
            Story(
                operation="create_wallet",
                body={**WALLET, "granted_credits": "60"},
                after=(
                    (
                        "create_wallet_transaction",
                        {"wallet_id": "@wallet.lago_id", "granted_credits": "20", "priority": 20},
                    ),
                    *billed,
                ),
            ),
        ),
        "WalletTransactionMetadataInput": (
            Story(
                operation="create_wallet_transaction",
                body={**transaction, "metadata": [{"key": "k", "value": "v"}]},
                at=("metadata", 0),
                before=opened,
            ),
        ),
        "WalletLimitsInput": (
            Story(operation="create_wallet", body={**WALLET, "applies_to": {}}, at=("applies_to",), after=billed),
        ),
        "WalletRecurringTransactionRuleInput": (
            rule(RULE),
            rule(below),
            rule(target),
            rule({**RULE, "paid_credits": "20"}, paid_top_up_max_amount_cents=1500),
        ),
        "WalletUpdateInput": (
            Story(
                operation="update_wallet",
                path=("@wallet.lago_id",),
                before=opened,
                after=(("create_wallet_transaction", {"wallet_id": "@wallet.lago_id", "paid_credits": "30"}), *billed),
            ),
            Story(
                operation="update_wallet",
                path=("@wallet.lago_id",),
                before=(*opened, *two, ("find_all_wallets", None)),
                after=billed,
            ),
            Story(
                operation="update_wallet",
                path=("@wallet.lago_id",),
                before=(("create_wallet", {**rules, "recurring_transaction_rules": [{**RULE, "paid_credits": "30"}]}),),
                after=billed,
            ),
        ),
        "WalletRecurringTransactionRuleUpdateInput": (
            rule_update(RULE),
            rule_update(below),
            rule_update(target),
            rule_update({"trigger": "interval", "interval": "monthly"}),
            rule_update({**RULE, "paid_credits": "20"}, paid_top_up_max_amount_cents=1500),
        ),
        "WalletTransactionInput": (
            Story(operation="create_wallet_transaction", body=transaction, before=opened, after=billed),
            Story(
                operation="create_wallet_transaction",
                body=voided,
                before=(("create_wallet", {**WALLET, "granted_credits": "60"}),),
                after=billed,
            ),
            Story(
                operation="create_wallet_transaction",
                body={"wallet_id": "@wallet.lago_id", "paid_credits": "20", "ignore_paid_top_up_limits": True},
                before=(("create_wallet", limited),),
                after=billed,
            ),
        ),
        "WalletAlertInput": (
            Story(
                operation="create_customer_wallet_alert",
                body=[
                    {
                        "code": "told",
                        "alert_type": "wallet_balance_amount",
                        "thresholds": [{"value": "1100", "code": "low"}],
                    }
                ],
                at=(0,),
                path=("cus", "told"),
                before=opened,
                after=billed,
            ),
        ),
        "WalletAlertUpdateInput": (
            Story(
                operation="update_customer_wallet_alert",
                path=("cus", "told", "told"),
                before=(
                    *opened,
                    (
                        "create_customer_wallet_alert",
                        [
                            {
                                "code": "told",
                                "alert_type": "wallet_balance_amount",
                                "thresholds": [{"value": "1", "code": "low"}],
                            }
                        ],
                        "cus",
                        "told",
                    ),
                ),
                after=billed,
            ),
        ),
    }


def _catalogue_stories() -> dict[str, tuple[Story, ...]]:
    applied = (APPLY, ("create_plan", RICH), *LIFE)
    percentage = {
        **COUPON,
        "coupon_type": "percentage",
        "percentage_rate": "10",
        "amount_cents": None,
        "amount_currency": None,
    }
    recurring = {**COUPON, "frequency": "recurring", "frequency_duration": 1}
    metric = {"name": "New", "code": "new", "aggregation_type": "sum_agg", "field_name": "gb"}
    billed = (
        ("create_plan", {**PLAN, "charges": [{**CHARGE, "billable_metric_id": "@billable_metric.lago_id"}]}),
        SUBSCRIBE,
        10,
        event(1, "new", gb=7.3),
        event(2, "new", gb=2.4, region="us"),
        25,
        event(3, "new", gb=1),
        30,
    )
    filters = [{"values": {"region": ["eu"]}, "properties": {"amount": "9"}}]
    filtered = (
        (
            "create_plan",
            {**PLAN, "charges": [{**CHARGE, "billable_metric_id": "@billable_metric.lago_id", "filters": filters}]},
        ),
        *billed[1:],
    )
    fee = (("create_invoice", {"external_customer_id": "cus", "currency": "EUR", "fees": [{"add_on_code": "new"}]}), 40)
    card = ("create_rate_card", CARD)
    coupon_steps = (("create_coupon", COUPON),)
    return {
        "AddOnInput": (
            Story(
                operation="create_add_on",
                body={"name": "New", "code": "new", "amount_cents": 900, "amount_currency": "EUR"},
                after=fee,
            ),
        ),
        "AddOnUpdateInput": (
            Story(
                operation="update_add_on",
                path=("new",),
                before=(
                    ("create_add_on", {"name": "New", "code": "new", "amount_cents": 900, "amount_currency": "EUR"}),
                ),
                after=fee,
            ),
        ),
        "BillableMetricInput": (
            Story(operation="create_billable_metric", body=metric, after=billed),
            Story(operation="create_billable_metric", body=metric, after=filtered),
            Story(operation="create_billable_metric", body={**metric, "rounding_function": "round"}, after=billed),
            Story(
                operation="create_billable_metric",
                body={**metric, "aggregation_type": "weighted_sum_agg", "weighted_interval": "seconds"},
                after=billed,
            ),
        ),
        "BillableMetricUpdateInput": (
            Story(
                operation="update_billable_metric",
                path=("new",),
                before=(("create_billable_metric", metric),),
                after=billed,
            ),
            Story(
                operation="update_billable_metric",
                path=("new",),
                before=(("create_billable_metric", metric),),
                after=filtered,
            ),
            Story(
                operation="update_billable_metric",
                path=("new",),
                body={"rounding_function": "round"},
                before=(("create_billable_metric", metric),),
                after=billed,
            ),
            Story(
                operation="update_billable_metric",
                path=("new",),
                body={"aggregation_type": "weighted_sum_agg", "weighted_interval": "seconds"},
                before=(("create_billable_metric", metric),),
                after=billed,
            ),
        ),
        "BillableMetricFilterInput": (
            Story(
                operation="create_billable_metric",
                body={**metric, "filters": [{"key": "region", "values": ["eu", "us"]}]},
                at=("filters", 0),
                after=(
                    (
                        "create_plan",
                        {
                            **PLAN,
                            "charges": [
                                {
                                    **CHARGE,
                                    "billable_metric_id": "@billable_metric.lago_id",
                                    "filters": [{"values": {"region": ["us"]}, "properties": {"amount": "9"}}],
                                }
                            ],
                        },
                    ),
                    *billed[1:],
                ),
            ),
        ),
        "ExpressionInput": (
            Story(
                operation="evaluate_billable_metric_expression",
                body={"expression": "event.properties.a + 1", "event": {"code": "gb", "properties": {"a": 2}}},
            ),
        ),
        "ExpressionEventInput": (
            Story(
                operation="evaluate_billable_metric_expression",
                body={"expression": "event.properties.a + 1", "event": {"code": "gb", "properties": {"a": 2}}},
                at=("event",),
            ),
            Story(
                operation="evaluate_billable_metric_expression",
                body={"expression": "event.timestamp + 1", "event": {"code": "gb", "timestamp": 5, "properties": {}}},
                at=("event",),
            ),
            Story(
                operation="evaluate_billable_metric_expression",
                body={"expression": "concat(event.code, 'x')", "event": {"code": "gb", "properties": {}}},
                at=("event",),
            ),
        ),
        "CouponInput": (
            Story(
                operation="create_coupon",
                body=COUPON,
                after=(*applied, ("apply_coupon", {"external_customer_id": "cus", "coupon_code": "told"}), 5),
            ),
            Story(operation="create_coupon", body=percentage, after=applied),
            Story(operation="create_coupon", body=recurring, after=applied),
            Story(
                operation="create_coupon",
                body={
                    **COUPON,
                    "expiration": "time_limit",
                    "expiration_at": "2026-06-01T00:00:00Z",
                    "amount_cents": 90000,
                },
                after=(*applied, 90),
            ),
        ),
        "CouponUpdateInput": (
            Story(operation="update_coupon", path=("told",), before=coupon_steps, after=applied),
            Story(operation="update_coupon", path=("told",), before=(("create_coupon", percentage),), after=applied),
            Story(operation="update_coupon", path=("told",), before=(("create_coupon", recurring),), after=applied),
            Story(
                operation="update_coupon",
                path=("told",),
                before=coupon_steps,
                body={"expiration": "time_limit", "expiration_at": "2026-06-01T00:00:00Z", "amount_cents": 90000},
                after=(*applied, 90),
            ),
            Story(operation="update_coupon", path=("told",), before=coupon_steps, after=(*applied, APPLY)),
        ),
        "CouponLimitsInput": (
            Story(operation="create_coupon", body={**COUPON, "applies_to": {}}, at=("applies_to",), after=applied),
        ),
        "AppliedCouponInput": (
            Story(operation="apply_coupon", body=APPLY[1], before=(*coupon_steps, ("create_plan", RICH)), after=LIFE),
            Story(
                operation="apply_coupon",
                body=APPLY[1],
                before=(("create_coupon", percentage), ("create_plan", RICH)),
                after=LIFE,
            ),
            Story(
                operation="apply_coupon",
                body=APPLY[1],
                before=(("create_coupon", recurring), ("create_plan", RICH)),
                after=LIFE,
            ),
        ),
        "FeatureInput": (
            Story(
                operation="create_feature",
                body={"code": "new", "name": "New"},
                after=(("create_plan", PLAN), ("create_entitlement", {"new": {}}, "told"), SUBSCRIBE),
            ),
        ),
        "FeatureUpdateInput": (
            Story(
                operation="update_feature",
                path=("new",),
                before=(("create_feature", {"code": "new", "name": "New"}),),
                after=(("create_plan", PLAN), ("create_entitlement", {"new": {}}, "told"), SUBSCRIBE),
            ),
        ),
        "PrivilegeInput": (
            Story(
                operation="create_feature",
                body={"code": "new", "privileges": [{"code": "max", "value_type": "integer"}]},
                at=("privileges", 0),
                after=(("create_plan", PLAN), ("create_entitlement", {"new": {"max": 5}}, "told"), SUBSCRIBE),
            ),
            Story(
                operation="create_feature",
                body={
                    "code": "new",
                    "privileges": [{"code": "max", "value_type": "select", "config": {"select_options": ["5"]}}],
                },
                at=("privileges", 0),
                after=(("create_plan", PLAN), ("create_entitlement", {"new": {"max": "5"}}, "told"), SUBSCRIBE),
            ),
        ),
        "PrivilegeConfigInput": (
            Story(
                operation="create_feature",
                body={
                    "code": "new",
                    "privileges": [{"code": "max", "value_type": "select", "config": {"select_options": ["5"]}}],
                },
                at=("privileges", 0, "config"),
                after=(("create_plan", PLAN), ("create_entitlement", {"new": {"max": "5"}}, "told")),
            ),
        ),
        "ProductCategoryInput": (Story(operation="create_product_category", body={"name": "New", "code": "new"}),),
        "ProductCategoryUpdateInput": (Story(operation="update_product_category", path=("category",)),),
        "ProductInput": (
            Story(operation="create_product", body={"name": "New", "code": "new", "product_type": "fixed"}),
            Story(
                operation="create_product",
                body={"name": "New", "code": "new", "product_type": "usage", "billable_metric_code": "gb"},
            ),
        ),
        "ProductUpdateInput": (Story(operation="update_product", path=("product",)),),
        "ProductFilterInput": (
            Story(
                operation="create_product_filter",
                path=("usage",),
                body={"name": "EU", "code": "eu", "values": [{"key": "region", "value": "eu"}]},
            ),
        ),
        "ProductFilterValueInput": (
            Story(
                operation="create_product_filter",
                path=("usage",),
                body={"name": "EU", "code": "eu", "values": [{"key": "region", "value": "eu"}]},
                at=("values", 0),
            ),
        ),
        "ProductFilterUpdateInput": (
            Story(
                operation="update_product_filter",
                path=("usage", "eu"),
                before=(
                    (
                        "create_product_filter",
                        {"name": "EU", "code": "eu", "values": [{"key": "region", "value": "eu"}]},
                        "usage",
                    ),
                ),
            ),
        ),
        "RateCardInput": (
            Story(operation="create_rate_card", body=CARD),
            Story(
                operation="create_rate_card",
                body={**CARD, "product_code": "usage"},
                before=(
                    (
                        "create_product_filter",
                        {"name": "EU", "code": "eu", "values": [{"key": "region", "value": "eu"}]},
                        "usage",
                    ),
                ),
            ),
        ),
        "RateCardRateInput": (
            Story(operation="create_rate_card", body=CARD, at=("rates", 0)),
            Story(operation="create_rate_card", body={**CARD, "product_code": "usage"}, at=("rates", 0)),
        ),
        "RateCardUpdateInput": (
            Story(operation="update_rate_card", path=("told",), before=(card,)),
            Story(
                operation="update_rate_card",
                path=("told",),
                before=(("create_rate_card", {**CARD, "product_code": "usage"}),),
            ),
        ),
        "RateCardRateUpdateInput": (
            Story(
                operation="update_rate_card_rate",
                path=("told", "later"),
                before=(
                    card,
                    (
                        "create_rate_card_rate",
                        {**RATE, "code": "later", "effective_from": "2029-01-01T00:00:00Z"},
                        "told",
                    ),
                ),
            ),
        ),
        "AppliedRateCardInput": (
            Story(
                operation="create_applied_rate_card",
                path=("common",),
                body={"rate_card_code": "told", "units": "2"},
                before=(card,),
            ),
        ),
        "AppliedRateCardUpdateInput": (
            Story(
                operation="update_applied_rate_card",
                path=("common", "told"),
                before=(card, ("create_applied_rate_card", {"rate_card_code": "told", "units": "2"}, "common")),
            ),
        ),
    }


def _invoice_stories() -> dict[str, tuple[Story, ...]]:
    invoiced = (("create_invoice", ONE_OFF),)
    note = {
        "invoice_id": "@invoice.lago_id",
        "items": [{"fee_id": "@invoice.fees.0.lago_id", "amount_cents": 500}],
        "credit_amount_cents": 500,
    }
    bill = (5, ("create_plan", RICH), SUBSCRIBE, *USE, 40)
    paid = (*invoiced, ("create_payment", {"invoice_id": "@invoice.lago_id", "amount_cents": 2000, "reference": "r"}))
    preview = {"customer": {"external_id": "cus"}, "plan_code": "told"}
    new = {"name": "Temporary", "currency": "EUR"}
    plan = (("create_plan", RICH),)
    coupon = {"code": "temporary", "coupon_type": "fixed_amount", "amount_cents": 300, "amount_currency": "EUR"}
    running = (*plan, SUBSCRIBE, *USE)
    return {
        "InvoiceInput": (Story(operation="create_invoice", body=ONE_OFF),),
        "InvoiceFeeInput": (Story(operation="create_invoice", body=ONE_OFF, at=("fees", 0)),),
        "InvoiceCustomSectionsInput": (
            Story(
                operation="create_invoice",
                body={**ONE_OFF, "invoice_custom_section": {}},
                at=("invoice_custom_section",),
            ),
        ),
        "PaymentMethodReferenceInput": (
            Story(
                operation="create_subscription",
                body={**SUBSCRIPTION, "external_id": "two", "payment_method": {"payment_method_type": "provider"}},
                at=("payment_method",),
                before=(*plan, SUBSCRIBE),
            ),
            Story(
                operation="create_invoice",
                body={**ONE_OFF, "payment_method": {"payment_method_type": "provider"}},
                at=("payment_method",),
            ),
        ),
        "InvoiceUpdateInput": (Story(operation="update_invoice", path=("@invoice.lago_id",), before=invoiced),),
        "InvoiceMetadataInput": (
            Story(
                operation="update_invoice",
                path=("@invoice.lago_id",),
                body={"metadata": [{"key": "k", "value": "v"}]},
                at=("metadata", 0),
                before=invoiced,
            ),
            Story(
                operation="update_invoice",
                path=("@invoice.lago_id",),
                body={"metadata": [{"key": "k", "value": "w"}]},
                at=("metadata", 0),
                before=(*invoiced, ("update_invoice", {"metadata": [{"key": "k", "value": "v"}]}, "@invoice.lago_id")),
            ),
        ),
        "InvoiceVoidInput": (
            Story(operation="void_invoice", path=("@invoice.lago_id",), before=invoiced),
            Story(
                operation="void_invoice",
                path=("@invoice.lago_id",),
                body={"generate_credit_note": True, "credit_amount": 100},
                before=invoiced,
            ),
            Story(
                operation="void_invoice",
                path=("@invoice.lago_id",),
                body={"generate_credit_note": True, "refund_amount": 100},
                before=paid,
            ),
        ),
        "InvoiceSalesforceIdInput": (
            Story(operation="sync_invoice_salesforce_id", path=("@invoice.lago_id",), before=invoiced),
        ),
        "PaymentRetryInput": (Story(operation="retry_payment", path=("@invoice.lago_id",), before=invoiced),),
        "InvoicePreviewInput": (
            Story(operation="invoice_preview", body=preview, before=plan),
            Story(
                operation="invoice_preview",
                body={**preview, "billing_time": "anniversary", "subscription_at": "2026-01-10T00:00:00Z"},
                before=plan,
            ),
            Story(operation="invoice_preview", body={"customer": {"external_id": "cus"}}, before=running),
        ),
        "InvoicePreviewCustomerInput": (
            Story(
                operation="invoice_preview", body={"customer": new, "plan_code": "told"}, at=("customer",), before=plan
            ),
            Story(
                operation="invoice_preview",
                body={
                    "customer": new,
                    "plan_code": "told",
                    "billing_time": "anniversary",
                    "subscription_at": "2026-01-10T23:30:00Z",
                },
                at=("customer",),
                before=plan,
            ),
        ),
        "InvoicePreviewIntegrationCustomerInput": (
            Story(
                operation="invoice_preview",
                body={
                    "customer": {**new, "integration_customers": [{"integration_type": "anrok"}]},
                    "plan_code": "told",
                },
                at=("customer", "integration_customers", 0),
                before=plan,
            ),
        ),
        "InvoicePreviewCouponInput": (
            Story(operation="invoice_preview", body={**preview, "coupons": [coupon]}, at=("coupons", 0), before=plan),
            Story(
                operation="invoice_preview",
                body={
                    **preview,
                    "coupons": [{**coupon, "coupon_type": "percentage", "amount_cents": None, "percentage_rate": "20"}],
                },
                at=("coupons", 0),
                before=plan,
            ),
        ),
        "InvoicePreviewSubscriptionsInput": (
            Story(
                operation="invoice_preview",
                body={"customer": {"external_id": "cus"}, "subscriptions": {"external_ids": ["sub"]}},
                at=("subscriptions",),
                before=(
                    *running,
                    ("create_subscription", {**SUBSCRIPTION, "external_id": "two"}),
                    ("create_plan", {**PLAN, "code": "dear", "amount_cents": 9900}),
                ),
            ),
        ),
        "CreditNoteInput": (
            Story(operation="create_credit_note", body=note, before=invoiced, after=bill),
            Story(
                operation="create_credit_note",
                body={**note, "credit_amount_cents": 400, "refund_amount_cents": 100},
                before=paid,
                after=bill,
            ),
        ),
        "CreditNoteItemInput": (
            Story(
                operation="create_credit_note",
                body=note,
                at=("items", 0),
                before=(("create_invoice", {**ONE_OFF, "fees": [{"add_on_code": "setup"}, {"add_on_code": "other"}]}),),
            ),
        ),
        "CreditNoteUpdateInput": (
            Story(
                operation="update_credit_note",
                path=("@credit_note.lago_id",),
                before=(*paid, ("create_credit_note", {**note, "credit_amount_cents": 0, "refund_amount_cents": 500})),
            ),
        ),
        "CreditNoteEstimateInput": (
            Story(
                operation="estimate_credit_note",
                body={"invoice_id": "@invoice.lago_id", "items": note["items"]},
                before=invoiced,
            ),
        ),
        "FeeUpdateInput": (
            Story(
                operation="update_fee",
                path=("@all_fees.0.lago_id",),
                before=(
                    ("create_plan", {**PLAN, "charges": [{**CHARGE, "pay_in_advance": True, "invoiceable": False}]}),
                    SUBSCRIBE,
                    *USE,
                    ("find_all_fees", None),
                ),
            ),
        ),
        "ResendEmailInput": (
            Story(
                operation="resend_invoice_email",
                path=("@invoice.lago_id",),
                before=(
                    (
                        "update_billing_entity",
                        {"email": "e@b.example", "email_settings": ["invoice.finalized"]},
                        "sandbox",
                    ),
                    *invoiced,
                ),
            ),
        ),
        "PaymentRequestInput": (
            Story(
                operation="create_payment_request",
                body={"external_customer_id": "cus", "email": "a@b.example", "lago_invoice_ids": ["@invoice.lago_id"]},
                before=(("update_billing_entity", {"net_payment_term": 0}, "sandbox"), *invoiced, 5),
            ),
        ),
        "PaymentInput": (
            Story(
                operation="create_payment",
                body={"invoice_id": "@invoice.lago_id", "amount_cents": 100, "reference": "r"},
                before=invoiced,
            ),
        ),
        "OrderFormMarkAsSignedInput": (
            Story(
                operation="mark_order_form_as_signed",
                body={"execution_mode": "order_only"},
                path=("@all_order_forms.0.lago_id",),
                before=QUOTED,
            ),
            Story(
                operation="mark_order_form_as_signed",
                body={"execution_mode": "order_only"},
                path=("@all_order_forms.0.lago_id",),
                before=QUOTED,
                after=(("find_all_orders", None), ("execute_order", None, "@all_orders.0.lago_id"), 40),
            ),
        ),
        "OrderExecuteInput": (
            Story(
                operation="execute_order",
                body={"execution_mode": "order_only"},
                path=("@all_orders.0.lago_id",),
                before=(
                    *QUOTED,
                    ("mark_order_form_as_signed", {}, "@all_order_forms.0.lago_id"),
                    ("find_all_orders", None),
                ),
            ),
        ),
        "QuoteVersionApproveInput": (
            Story(
                operation="approve_quote_version",
                path=("@quote.current_version.lago_id",),
                before=(("draft_quote", {"addOns": [QUOTE_ITEM]}),),
            ),
        ),
        "WebhookEndpointInput": (
            Story(
                operation="create_webhook_endpoint",
                body={"webhook_url": "https://127.0.0.1:1/new"},
                after=(("create_tax", {"name": "T", "code": "t", "rate": "1"}), *plan),
            ),
        ),
        "WebhookEndpointUpdateInput": (
            Story(
                operation="update_webhook_endpoint",
                path=("@webhook_endpoint.lago_id",),
                body={"webhook_url": "https://127.0.0.1:1/new"},
                before=(("create_webhook_endpoint", {"webhook_url": "https://127.0.0.1:1/old"}),),
                after=plan,
            ),
        ),
    }


QUOTED = (
    ("draft_quote", {"addOns": [QUOTE_ITEM]}),
    ("approve_quote_version", None, "@quote.current_version.lago_id"),
    ("find_all_order_forms", None),
)


STORIES: Mapping[str, tuple[Story, ...]] = {
    **_plan_stories(),
    **_subscription_stories(),
    **_customer_stories(),
    **_wallet_stories(),
    **_catalogue_stories(),
    **_invoice_stories(),
}
