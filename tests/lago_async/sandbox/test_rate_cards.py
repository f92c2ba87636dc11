"""Rate cards and their rates, as a running server answered."""

from datetime import timedelta

import pytest

CARD = {"name": "Card", "code": "card", "product_code": "seat", "currency": "EUR"}
RATE = {
    "code": "new",
    "effective_from": "2026-07-01",
    "rate_model": "standard",
    "rate_properties": {"amount": "10"},
    "billing_interval_unit": "month",
}
RANGES = [
    {"from_value": 0, "to_value": 10, "per_unit_amount": "1", "flat_amount": "2"},
    {"from_value": 11, "to_value": None, "per_unit_amount": "0.5", "flat_amount": "0"},
]
NOT_EDITABLE = ["not_editable_on_active_rate"]
UNGROUPED = ["not_allowed_for_billing_timing", "not_allowed_with_display_on_invoice"]


@pytest.fixture
def v2(call):
    """Return a function that calls an operation below /api/v2."""

    async def request(method, target, json=None):
        return await call(method, f"/api/v2{target}", json)

    return request


@pytest.fixture
def world(sandbox, metric):
    """Create a product of each kind, each with a rate card of its code, and a card in advance."""
    for code, aggregation, recurring in (
        ("calls", "count_agg", False),
        ("size", "sum_agg", False),
        ("last", "latest_agg", False),
        ("users", "unique_count_agg", True),
    ):
        metric(sandbox, code, aggregation, recurring=recurring)
        product = {"name": code, "code": code, "product_type": "usage", "billable_metric_code": code}
        sandbox.perform("create_product", product)
        sandbox.perform("create_rate_card", {**CARD, "code": code, "product_code": code, "proration": recurring})
    sandbox.perform("create_product", {"name": "Seat", "code": "seat", "product_type": "fixed"})
    sandbox.perform("create_rate_card", CARD)
    for product in ("seat", "last"):
        code = f"early_{product}"
        sandbox.perform(
            "create_rate_card", {**CARD, "code": code, "product_code": product, "billing_timing": "advance"}
        )
    for code, begin in (("old", "2025-06-01T10:30:00Z"), ("now", "2026-01-01"), ("later", "2026-03-01T00:00:00+02:00")):
        sandbox.perform("create_rate_card_rate", {**RATE, "code": code, "effective_from": begin}, "card")
    return sandbox


def details(answer):
    assert answer.status == 422, answer.body
    return answer.body["error_details"]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"code": "card"}, {"code": ["value_already_exist"]}),
        ({"currency": None}, {"currency": ["value_is_mandatory"]}),
        ({"currency": "eur"}, {"currency": ["value_is_invalid"]}),
        ({"billing_timing": "no"}, {"billing_timing": ["value_is_invalid"]}),
        ({"regroup_paid_fees": "no"}, {"regroup_paid_fees": ["value_is_invalid", *UNGROUPED]}),
        ({"regroup_paid_fees": "invoice"}, {"regroup_paid_fees": UNGROUPED}),
        ({"regroup_paid_fees": "invoice", "billing_timing": "advance"}, {"regroup_paid_fees": UNGROUPED[1:]}),
        ({"display_on_invoice": False}, {"display_on_invoice": UNGROUPED[:1]}),
        ({"product_code": "calls", "proration": True}, {"proration": ["requires_recurring_metric"]}),
        ({"proration": "true"}, {"proration": ["value_is_invalid"]}),
        ({"wallet_targetable": True}, {"wallet_targetable": ["feature_unavailable"]}),
        ({"applied_pricing_unit_code": "no"}, {"applied_pricing_unit_code": ["value_is_invalid"]}),
        ({"rates": [{**RATE, "code": ""}]}, {"rates.code": ["value_is_mandatory"]}),
        (
            {"rates": [RATE, RATE]},
            {"rates.code": ["value_already_exist"], "rates.effective_from": ["value_already_exist"]},
        ),
    ],
)
async def test_a_rate_card_that_makes_no_sense_is_refused(v2, world, fields, expected):
    answer = await v2("POST", "/rate_cards", {"rate_card": {**CARD, "code": "new", **fields}})
    assert details(answer) == expected
    assert (await v2("GET", "/rate_cards/new")).status == 404


@pytest.mark.parametrize(
    "fields",
    [
        {"billing_timing": None, "proration": None, "display_on_invoice": None, "regroup_paid_fees": None},
        {"product_filter_code": "", "rates": None},
        {"rates": "x"},
        {"proration": True},
        {"product_code": "users", "proration": True},
        {"billing_timing": "advance", "display_on_invoice": False, "regroup_paid_fees": "invoice"},
    ],
)
async def test_null_is_the_default_of_what_has_one(v2, world, fields):
    card = (await v2("POST", "/rate_cards", {"rate_card": {**CARD, "code": "new", **fields}}))["rate_card"]
    assert card["billing_timing"] == (fields.get("billing_timing") or "arrears")
    assert card["proration"] is bool(fields.get("proration"))
    assert card["rates_count"] == 0


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"product_code": None}, "product_not_found"),
        ({"product_code": "no", "product_filter_code": "no"}, "product_not_found"),
        ({"product_filter_code": "no"}, "product_filter_not_found"),
    ],
)
async def test_a_rate_card_needs_a_known_product_and_filter(v2, world, fields, code):
    assert (await v2("POST", "/rate_cards", {"rate_card": {**CARD, "code": "new", **fields}}))["code"] == code


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("currency", "USD"),
        ("billing_timing", "advance"),
        ("proration", True),
        ("display_on_invoice", False),
        ("regroup_paid_fees", "invoice"),
        ("wallet_targetable", False),
    ],
)
async def test_what_a_card_is_billed_by_is_frozen_once_it_has_rates(v2, world, field, value):
    answer = await v2("PUT", "/rate_cards/card", {"rate_card": {field: value}})
    assert details(answer) == {field: ["not_editable_with_rates"]}
    same = (await v2("GET", "/rate_cards/card"))["rate_card"]
    change = {field: same[field], "name": "Renamed", "product_code": "calls", "rates": []}
    assert (await v2("PUT", "/rate_cards/card", {"rate_card": change}))["rate_card"]["name"] == "Renamed"


async def test_a_card_without_rates_changes_and_null_for_a_flag_is_a_failure_of_the_server(v2, world):
    change = {"billing_timing": "advance", "display_on_invoice": False, "regroup_paid_fees": "invoice"}
    assert (await v2("PUT", "/rate_cards/calls", {"rate_card": change})).status == 200
    answer = await v2("PUT", "/rate_cards/calls", {"rate_card": {"billing_timing": "arrears"}})
    assert details(answer) == {"display_on_invoice": UNGROUPED[:1], "regroup_paid_fees": UNGROUPED[:1]}
    back = {"billing_timing": "arrears", "display_on_invoice": True, "regroup_paid_fees": None, "currency": "USD"}
    card = (await v2("PUT", "/rate_cards/calls", {"rate_card": back}))["rate_card"]
    assert (card["regroup_paid_fees"], card["currency"]) == ("none", "USD")
    assert (await v2("PUT", "/rate_cards/calls", {"rate_card": {"proration": None}})).status == 500


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("code=card", ["card"]),
        ("code[]=card&code[]=calls&code[]=no", ["card", "calls"]),
        ("product_code[]=seat", ["early_seat", "card"]),
        ("product_code=no", []),
        ("product_filter_code=no", []),
        ("product_id=no-uuid", []),
        ("product_filter_id=no-uuid", []),
        ("search_term=EARLY", ["early_last", "early_seat"]),
    ],
)
async def test_rate_cards_are_filtered_by_codes_and_ids(v2, world, query, expected):
    answer = await v2("GET", f"/rate_cards?{query}")
    assert [card["code"] for card in answer["rate_cards"]] == expected
    assert all("active_rate" not in card for card in answer["rate_cards"])


async def test_one_rate_is_active_at_a_time_and_the_clock_decides_which(v2, world):
    async def states():
        return {rate["code"]: rate["status"] for rate in (await v2("GET", "/rate_cards/card/rates"))["rates"]}

    assert await states() == {"later": "pending", "now": "active", "old": "terminated"}
    later = (await v2("GET", "/rate_cards/card/rates/later"))["rate"]
    assert later["effective_from"] == "2026-02-28T00:00:00Z"  # in arrears, the beginning of the day in UTC
    assert (await v2("GET", "/rate_cards/card"))["rate_card"]["active_rate"]["code"] == "now"
    world.advance(by=timedelta(days=60))
    assert await states() == {"later": "active", "now": "terminated", "old": "terminated"}
    assert (await v2("GET", "/rate_cards/card"))["rate_card"]["active_rate"]["code"] == "later"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"code": "now"}, {"code": ["value_already_exist"]}),
        ({"code": ""}, {"code": ["value_is_mandatory"]}),
        ({"effective_from": None}, {"effective_from": ["value_is_mandatory"]}),
        ({"effective_from": "nothing"}, {"effective_from": ["value_is_invalid"]}),
        ({"effective_from": "2026-01-01T09:00:00Z"}, {"effective_from": ["value_already_exist"]}),
        ({"effective_from": "2025-12-01"}, {"effective_from": ["must_be_after_active_rate"]}),
        ({"rate_model": None}, {"rate_model": ["value_is_mandatory"]}),
        ({"rate_model": "nothing"}, {"rate_model": ["value_is_invalid", "not_allowed_for_product"]}),
        ({"rate_model": "percentage"}, {"rate_model": ["not_allowed_for_product"]}),
        ({"billing_interval_unit": None}, {"billing_interval_unit": ["value_is_mandatory"]}),
        ({"billing_interval_unit": "quarter"}, {"billing_interval_unit": ["value_is_invalid"]}),
        ({"billing_interval_count": 0}, {"billing_interval_count": ["value_is_out_of_range"]}),
        ({"billing_interval_count": "x"}, {"billing_interval_count": ["is not a number"]}),
        ({"min_amount_cents": -1}, {"min_amount_cents": ["value_is_out_of_range"]}),
        ({"rate_properties": None}, {"rate_properties": ["invalid_amount"]}),
        ({"rate_properties": {"amount": 1}}, {"rate_properties": ["invalid_amount"]}),
        ({"rate_model": "volume", "rate_properties": {}}, {"rate_properties": ["missing_volume_ranges"]}),
    ],
)
async def test_a_rate_that_makes_no_sense_is_refused(v2, world, fields, expected):
    assert details(await v2("POST", "/rate_cards/card/rates", {"rate": {**RATE, **fields}})) == expected
    if fields != {"code": "now"}:
        changed = await v2("PUT", "/rate_cards/card/rates/later", {"rate": fields})
        assert details(changed) == expected


@pytest.mark.parametrize(
    ("card", "model", "properties", "expected"),
    [
        ("calls", "graduated", {"graduated_ranges": RANGES}, None),
        ("calls", "graduated", {"graduated_ranges": RANGES[1:]}, {"rate_properties": ["invalid_graduated_ranges"]}),
        ("calls", "package", {"amount": "5", "package_size": 10, "free_units": 5}, None),
        ("calls", "custom", {"custom_properties": {"a": 1}}, None),
        ("calls", "dynamic", {}, {"rate_model": ["not_allowed_for_aggregation_type"]}),
        ("size", "dynamic", {}, None),
        ("size", "percentage", {"rate": "2.5", "free_units_per_events": 2}, None),
        (
            "size",
            "percentage",
            {"rate": "x", "fixed_amount": 1, "free_units_per_events": 0},
            {"rate_properties": ["invalid_rate", "invalid_fixed_amount", "invalid_free_units_per_events"]},
        ),
        ("last", "percentage", {"rate": "1"}, {"rate_model": ["not_allowed_for_aggregation_type"]}),
        ("users", "volume", {"volume_ranges": RANGES}, None),
        ("users", "package", {"amount": "5"}, {"rate_model": ["not_allowed_with_proration"]}),
        ("early_seat", "graduated", {"graduated_ranges": RANGES}, None),
        ("early_seat", "volume", {"volume_ranges": RANGES}, {"rate_model": ["not_allowed_for_billing_timing"]}),
        ("early_last", "standard", {"amount": "1"}, {"rate_model": ["not_allowed_for_aggregation_type"]}),
    ],
)
async def test_a_model_fits_the_product_the_timing_and_the_metric(v2, world, card, model, properties, expected):
    rate = {**RATE, "rate_model": model, "rate_properties": properties}
    answer = await v2("POST", f"/rate_cards/{card}/rates", {"rate": rate})
    if expected is not None:
        assert details(answer) == expected
    else:
        assert (answer.status, answer["rate"]["rate_properties"]) == (200, properties)


async def test_in_advance_a_rate_keeps_its_time_and_has_no_minimum(v2, world):
    rate = {**RATE, "effective_from": "2026-05-01T10:30:15Z"}
    answer = await v2("POST", "/rate_cards/early_seat/rates", {"rate": {**rate, "min_amount_cents": 1}})
    assert details(answer) == {"min_amount_cents": ["not_allowed_for_billing_timing"]}
    answer = await v2("POST", "/rate_cards/early_seat/rates", {"rate": rate})
    assert answer["rate"]["effective_from"] == "2026-05-01T10:30:15Z"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("effective_from", "2026-01-01"),
        ("rate_model", "standard"),
        ("min_amount_cents", 0),
        ("billing_interval_count", 1),
        ("billing_interval_unit", "month"),
    ],
)
async def test_an_active_rate_refuses_even_the_value_that_it_has(v2, world, field, value):
    assert details(await v2("PUT", "/rate_cards/card/rates/now", {"rate": {field: value}})) == {field: NOT_EDITABLE}


async def test_an_active_rate_changes_its_price_and_a_terminated_one_nothing(v2, world):
    change = {"rate_properties": {"amount": "11"}, "applied_pricing_unit_conversion_rate": "2.5", "code": "current"}
    rate = (await v2("PUT", "/rate_cards/card/rates/now", {"rate": change}))["rate"]
    assert {name: rate[name] for name in change} == change
    assert rate["status"] == "active"
    answer = await v2("PUT", "/rate_cards/card/rates/old", {"rate": {"code": "x"}})
    assert details(answer) == {"status": ["terminated_rate_not_editable"]}


async def test_null_for_a_number_is_the_default_of_a_new_rate_and_refused_in_a_change(v2, world):
    nothing = {"min_amount_cents": None, "billing_interval_count": None}
    rate = (await v2("POST", "/rate_cards/card/rates", {"rate": {**RATE, **nothing}}))["rate"]
    assert (rate["min_amount_cents"], rate["billing_interval_count"]) == (0, 1)
    answer = await v2("PUT", "/rate_cards/card/rates/new", {"rate": nothing})
    assert details(answer) == {name: ["is not a number"] for name in nothing}


async def test_only_a_pending_rate_is_deleted(v2, world):
    for code in ("old", "now"):
        answer = await v2("DELETE", f"/rate_cards/card/rates/{code}")
        assert details(answer) == {"status": ["only_pending_rates_can_be_deleted"]}
    assert (await v2("DELETE", "/rate_cards/card/rates/later"))["rate"]["status"] == "pending"
    assert (await v2("DELETE", "/rate_cards/card/rates/later"))["code"] == "rate_card_rate_not_found"
    card = (await v2("DELETE", "/rate_cards/card"))["rate_card"]
    assert (card["rates_count"], card["active_rate"]) == (0, None)
    assert (await v2("GET", "/rate_cards/card/rates"))["code"] == "rate_card_not_found"
