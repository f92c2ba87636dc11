"""Products, their filters and categories, as a running server answered."""

import pytest

CATEGORY = {"name": "Category", "code": "category"}
PRODUCT = {"name": "Product", "code": "product", "product_type": "fixed"}
EU = {"key": "region", "value": "eu"}


@pytest.fixture
def v2(call):
    """Return a function that calls an operation below /api/v2."""

    async def request(method, target, json=None):
        return await call(method, f"/api/v2{target}", json)

    return request


@pytest.fixture
def counted(sandbox, metric):
    """Create a product that counts usage, with a filter."""
    filters = [{"key": "region", "values": ["eu", "us"]}, {"key": "tier", "values": ["a", "b"]}]
    metric(sandbox, "calls", "count_agg", filters=filters)
    sandbox.perform("create_product", {**PRODUCT, "product_type": "usage", "billable_metric_code": "calls"})
    return sandbox.perform("create_product_filter", {"name": "EU", "code": "eu", "values": [EU]}, "product")


def details(answer):
    assert answer.status == 422, answer.body
    return answer.body["error_details"]


def codes(answer, root):
    assert answer.status == 200, answer.body
    return [item["code"] for item in answer.body[root]]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"code": ["value_already_exist"]}),
        ({"code": " category "}, {"code": ["value_already_exist"]}),
        ({"code": " "}, {"code": ["value_is_mandatory"]}),
        ({"code": None, "name": None}, {"code": ["value_is_mandatory"], "name": ["value_is_mandatory"]}),
        ({"code": "new", "name": ""}, {"name": ["value_is_mandatory"]}),
    ],
)
async def test_a_code_that_is_missing_or_taken_and_a_missing_name_are_refused(v2, sandbox, fields, expected):
    sandbox.perform("create_product_category", CATEGORY)
    answer = await v2("POST", "/product_categories", {"product_category": {**CATEGORY, **fields}})
    assert details(answer) == expected


async def test_a_code_that_is_a_number_is_a_failure_of_the_server_and_a_name_is_not(v2):
    answer = await v2("POST", "/product_categories", {"product_category": {"name": 5, "code": 5}})
    assert answer.status == 500
    answer = await v2("POST", "/product_categories", {"product_category": {"name": 5, "code": " a.b ", "nothing": 1}})
    assert (answer["product_category"]["name"], answer["product_category"]["code"]) == ("5", "a.b")


@pytest.mark.parametrize(
    ("target", "root", "status"),
    [
        ("/product_categories/no", "product_category", 400),
        ("/products/no", "product", 400),
        ("/rate_cards/no", "rate_card", 400),
        ("/plans/no/applied_rate_cards/no", "applied_rate_card", 400),
        ("/products/no/filters/no", "filter", 404),
        ("/rate_cards/no/rates/no", "rate", 404),
    ],
)
async def test_a_missing_envelope_comes_before_what_is_not_found_except_for_what_is_inside(v2, target, root, status):
    assert (await v2("PUT", target, {})).status == status
    assert (await v2("PUT", target, {root: {"name": "N"}})).status == 404


async def test_lists_are_newest_first_and_searched_by_name_and_code(v2, sandbox):
    for code in ("one", "two", "three"):
        sandbox.perform("create_product_category", {"name": f"Category {code.upper()}", "code": code})
    assert codes(await v2("GET", "/product_categories"), "product_categories") == ["three", "two", "one"]
    assert codes(await v2("GET", "/product_categories?search_term=ORY+t"), "product_categories") == ["three", "two"]
    page = await v2("GET", "/product_categories?per_page=2&page=2")
    assert codes(page, "product_categories") == ["one"]
    assert page["meta"]["total_count"] == 3


async def test_a_category_takes_its_products_with_it(v2, sandbox):
    sandbox.perform("create_product_category", CATEGORY)
    sandbox.perform("create_product", {**PRODUCT, "product_category_code": "category"})
    card = {"name": "N", "code": "card", "product_code": "product", "currency": "EUR"}
    sandbox.perform("create_rate_card", card)
    assert (await v2("GET", "/product_categories/category"))["product_category"]["products_count"] == 1
    assert (await v2("DELETE", "/product_categories/category"))["product_category"]["products_count"] == 0
    for gone in ("/product_categories/category", "/products/product", "/rate_cards/card"):
        assert (await v2("GET", gone)).status == 404
    sandbox.perform("create_product_category", CATEGORY)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"product_type": "usage"}, {"billable_metric_code": ["value_is_mandatory"]}),
        ({"billable_metric_code": "calls"}, {"billable_metric_code": ["value_must_be_blank"]}),
        ({"product_type": "nothing"}, {"product_type": ["value_is_invalid"]}),
        ({"product_type": None}, {"product_type": ["value_is_invalid"]}),
        ({"billable_metric_code": None}, "billable_metric_not_found"),
        ({"billable_metric_code": ""}, "billable_metric_not_found"),
        ({"product_category_code": "no", "billable_metric_code": "no"}, "product_category_not_found"),
    ],
)
async def test_a_product_of_usage_needs_a_metric_and_a_fixed_one_has_none(v2, counted, fields, expected):
    answer = await v2("POST", "/products", {"product": {**PRODUCT, "code": "new", **fields}})
    assert (answer.body["code"] if answer.status == 404 else details(answer)) == expected


async def test_an_empty_category_code_takes_a_product_out_of_its_category(v2, sandbox):
    sandbox.perform("create_product_category", CATEGORY)
    for nothing in (None, ""):
        sandbox.perform("create_product", {**PRODUCT, "code": "other", "product_category_code": "category"})
        change = {"product_category_code": nothing, "product_type": "usage"}
        product = (await v2("PUT", "/products/other", {"product": change}))["product"]
        assert (product["product_category_code"], product["product_type"]) == (None, "fixed")
        await v2("DELETE", "/products/other")
    answer = await v2("PUT", "/products/no", {"product": {"product_category_code": "no"}})
    assert answer["code"] == "product_category_not_found"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("product_type=fixed", ["plain", "grouped"]),
        ("product_category_code=category", ["grouped"]),
        ("product_category_code[]=category", ["grouped"]),
        ("without_product_category=true", ["plain", "product"]),
        ("without_product_category=true&product_category_code[]=category", ["plain", "grouped", "product"]),
        ("search_term=no-such", []),
    ],
)
async def test_products_are_filtered_by_type_and_category(v2, sandbox, counted, query, expected):
    sandbox.perform("create_product_category", CATEGORY)
    sandbox.perform("create_product", {**PRODUCT, "code": "grouped", "product_category_code": "category"})
    sandbox.perform("create_product", {**PRODUCT, "code": "plain"})
    assert codes(await v2("GET", f"/products?{query}"), "products") == expected


async def test_an_unknown_category_or_type_of_a_list_is_refused(v2, sandbox):
    sandbox.perform("create_product_category", CATEGORY)
    for query in ("product_category_code[]=no", "product_category_code[]=category&product_category_code[]=category"):
        assert (await v2("GET", f"/products?{query}"))["code"] == "product_category_not_found"
    assert details(await v2("GET", "/products?product_type=no")) == {"product_type": ["value_is_invalid"]}


TAKEN = {"values": ["value_already_exist"]}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], {"values": ["value_is_mandatory"]}),
        (None, {"values": ["value_is_mandatory"]}),
        ([EU], TAKEN),
        ([{"key": "no", "value": "eu"}], {"values.key": ["value_is_invalid"]}),
        ([{"value": "eu"}], {"values.billable_metric_filter": ["value_is_invalid"]}),
        ([{"key": "region"}, {"key": "region", "value": "us"}], {"values": ["key_only_conflicts_with_values"]}),
        ([{"key": "region", "value": "mars"}], {"values.value": ["value_is_invalid"]}),
        ([{"key": "tier"}, {"key": "tier"}], {"values.value": ["value_already_exist"]}),
    ],
)
async def test_the_values_of_a_filter_are_those_of_the_metric_and_not_those_of_another(v2, counted, values, expected):
    answer = await v2("POST", "/products/product/filters", {"filter": {"name": "N", "code": "new", "values": values}})
    assert details(answer) == expected


async def test_filters_are_oldest_first_and_change_their_values_as_a_whole(v2, counted):
    both = [{"key": "tier", "value": "a"}, {"key": "region", "value": None}]
    await v2("POST", "/products/product/filters", {"filter": {"name": "N", "code": "new", "values": both}})
    assert codes(await v2("GET", "/products/product/filters"), "filters") == ["eu", "new"]
    assert details(await v2("PUT", "/products/product/filters/new", {"filter": {"values": [EU]}})) == TAKEN
    same = await v2("PUT", "/products/product/filters/new", {"filter": {"values": both[::-1], "name": "R"}})
    assert (same["filter"]["values"], same["filter"]["name"]) == (both, "R")
    assert (await v2("GET", "/products/product"))["product"]["filters_count"] == 2
    assert (await v2("DELETE", "/products/product/filters/new"))["filter"]["values"] == both
    assert (await v2("GET", "/products/product/filters/new"))["code"] == "product_filter_not_found"


async def test_a_fixed_product_has_no_filters(v2, sandbox):
    sandbox.perform("create_product", PRODUCT)
    answer = await v2("POST", "/products/product/filters", {"filter": {"name": "N", "code": "n", "values": [EU]}})
    assert details(answer) == {"product": ["not_allowed_for_product_type"]}


async def test_a_rate_card_cannot_be_applied_to_a_plan_because_no_invoice_would_be_made_from_it(
    v2, sandbox, subscribed
):
    subscribed(sandbox)
    answer = await v2("POST", "/plans/plan/applied_rate_cards", {"applied_rate_card": {"rate_card_code": "card"}})
    assert (answer.status, answer["code"]) == (501, "not_simulated_by_the_sandbox")
    assert codes(await v2("GET", "/plans/plan/applied_rate_cards"), "applied_rate_cards") == []
    assert (await v2("GET", "/plans/no/applied_rate_cards"))["code"] == "plan_not_found"
    assert (await v2("GET", "/plans/no/applied_rate_cards/card"))["code"] == "applied_rate_card_not_found"
