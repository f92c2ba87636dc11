"""Customers are created, updated, listed and deleted by the server's rules."""

from typing import Any

import pytest

from lago_async.sandbox import Sandbox
from tests.lago_async.sandbox.conftest import Answered, Caller, Subscribe

MINIMAL = {
    "account_type": "customer",
    "finalize_zero_amount_invoice": "inherit",
    "skip_invoice_custom_sections": False,
    "applicable_timezone": "UTC",
    "billing_entity_code": "sandbox",
    "billing_configuration": {
        "invoice_grace_period": None,
        "payment_provider": None,
        "payment_provider_code": None,
        "document_locale": None,
        "subscription_invoice_issuing_date_anchor": None,
        "subscription_invoice_issuing_date_adjustment": None,
    },
    "shipping_address": dict.fromkeys(["address_line1", "address_line2", "city", "zipcode", "state", "country"]),
    "metadata": [],
    "taxes": [],
    "integration_customers": [],
    "applicable_invoice_custom_sections": [],
    "error_details": [],
    "name": None,
    "currency": None,
    "sequential_id": 1,
    "created_at": "2026-01-01T00:00:00Z",
}


def details(answer: Answered) -> Any:
    assert answer.status == 422, answer.body
    assert answer.body["code"] == "validation_errors"
    return answer.body["error_details"]


async def test_a_minimal_customer_has_every_field(call: Caller) -> None:
    customer = (await call.customer())["customer"]
    assert {name: customer[name] for name in MINIMAL} == MINIMAL
    assert customer["slug"].endswith("-001")
    assert (await call.get("/customers/cus"))["customer"] == customer


async def test_creating_again_updates_what_is_present_and_clears_what_is_null(call: Caller) -> None:
    first = (await call.customer(name="A", city="Paris", country="fr"))["customer"]
    second = (await call.customer(name=None, email="a@example.com"))["customer"]
    assert second["lago_id"] == first["lago_id"]
    assert (first["country"], second["name"], second["city"], second["email"]) == ("FR", None, "Paris", "a@example.com")


async def test_blank_address_parts_become_null_and_other_texts_stay_empty(call: Caller) -> None:
    customer = (await call.customer(city="", phone="", shipping_address={"city": " ", "country": "de"}))["customer"]
    assert (customer["city"], customer["phone"]) == (None, "")
    assert (customer["shipping_address"]["city"], customer["shipping_address"]["country"]) == (None, "DE")


async def test_all_errors_of_a_record_come_together(call: Caller) -> None:
    answer = await call.customer("", currency="XXX", country="ZZ", net_payment_term=-1, name="x" * 256)
    assert details(answer) == {
        "country": ["not_a_valid_country_code"],
        "currency": ["value_is_invalid"],
        "external_id": ["value_is_mandatory"],
        "name": ["value_is_too_long"],
        "net_payment_term": ["value_is_out_of_range"],
    }
    assert (await call.get("/customers"))["meta"]["total_count"] == 0


@pytest.mark.parametrize("email", ["nobody", "a@b", "a@example.com,b", "a b@example.com"])
async def test_malformed_emails_are_refused(call: Caller, email: str) -> None:
    assert details(await call.customer(email=email)) == {"email": ["invalid_email_format"]}


async def test_emails_may_be_several_and_lose_invisible_characters(call: Caller) -> None:
    customer = (await call.customer(email="a\u200b@exam\u2010ple.com, b@example.com"))["customer"]
    assert customer["email"] == "a@exam-ple.com, b@example.com"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"metadata": [{"key": str(n), "value": "v"} for n in range(6)]}, {"metadata": ["invalid_count"]}),
        ({"metadata": [{"key": "x" * 21, "value": "v"}]}, {"key": ["value_is_too_long"]}),
        ({"metadata": [{"key": "k", "value": "x" * 101}]}, {"value": ["value_is_too_long"]}),
        ({"metadata": [{"key": "", "value": "v"}]}, {"key": ["value_is_mandatory"]}),
        ({"metadata": [{"key": "k", "value": "1"}, {"key": "k", "value": "2"}]}, {"key": ["value_already_exist"]}),
        ({"finalize_zero_amount_invoice": "x"}, {"finalize_zero_amount_invoice": ["invalid_value"]}),
        ({"customer_type": "robot"}, {"customer_type": ["value_is_invalid"]}),
        ({"shipping_address": {"country": "ZZ"}}, {"shipping_country": ["not_a_valid_country_code"]}),
        (
            {"integration_customers": [{"integration_type": "xero"}, {"integration_type": "xero"}]},
            {"integration_customers": ["invalid_count_per_integration_type"]},
        ),
        (
            {"skip_invoice_custom_sections": True, "invoice_custom_section_codes": ["a"]},
            {"invoice_custom_sections": ["skip_sections_and_selected_ids_sent_together"]},
        ),
    ],
)
async def test_each_rule_has_its_own_code_and_saves_nothing(
    call: Caller, fields: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert details(await call.customer(**fields)) == expected
    assert (await call.get("/customers/cus")).status == 404


async def test_metadata_is_replaced_by_id(call: Caller) -> None:
    sent = [{"key": "a", "value": "1"}, {"key": "b", "value": "2", "display_in_invoice": True}]
    first, second = (await call.customer(metadata=sent))["customer"]["metadata"]
    assert (first["display_in_invoice"], second["display_in_invoice"]) == (False, True)
    kept = (await call.customer(name="unrelated"))["customer"]["metadata"]
    assert kept == [first, second]
    changed = [{"id": first["lago_id"], "key": "a", "value": "9"}, {"key": "c", "value": "3"}]
    items = (await call.customer(metadata=changed))["customer"]["metadata"]
    assert [(item["key"], item["value"]) for item in items] == [("a", "9"), ("c", "3")]
    assert items[0]["lago_id"] == first["lago_id"]
    assert details(await call.customer(metadata=[{"key": "a", "value": "1"}])) == {"key": ["value_already_exist"]}
    assert (await call.customer(metadata=[]))["customer"]["metadata"] == []


async def test_timezone_and_grace_period_are_silently_ignored_without_premium(
    call: Caller, premium_call: Caller
) -> None:
    settings: dict[str, Any] = {"timezone": "Europe/Paris", "billing_configuration": {"invoice_grace_period": 3}}
    plain = (await call.customer(**settings))["customer"]
    assert (plain["timezone"], plain["billing_configuration"]["invoice_grace_period"]) == (None, None)
    customer = (await premium_call.customer(**settings))["customer"]
    assert customer["applicable_timezone"] == "Europe/Paris"
    assert customer["billing_configuration"]["invoice_grace_period"] == 3
    assert details(await premium_call.customer(timezone="Mars/Base")) == {"timezone": ["invalid_timezone"]}


async def test_unknown_taxes_and_billing_entities_are_not_found_and_nothing_is_written(call: Caller) -> None:
    assert (await call.customer(tax_codes=["no"])).body["code"] == "tax_not_found"
    assert (await call.customer(billing_entity_code="no")).body["code"] == "billing_entity_not_found"
    assert (await call.get("/customers/cus")).status == 404


async def test_taxes_are_replaced_as_a_set(call: Caller, sandbox: Sandbox) -> None:
    sandbox.perform("create_tax", {"name": "VAT", "code": "vat", "rate": "19.5"})
    (tax,) = (await call.customer(tax_codes=["vat"]))["customer"]["taxes"]
    assert (tax["code"], tax["rate"], tax["customers_count"]) == ("vat", 19.5, 0)
    assert len((await call.customer(name="x"))["customer"]["taxes"]) == 1
    assert (await call.customer(tax_codes=[]))["customer"]["taxes"] == []


async def test_billing_settings_are_handled_after_the_customer_is_saved(call: Caller) -> None:
    answer = await call.customer(billing_configuration={"document_locale": "xx"})
    assert details(answer) == {"document_locale": ["not_a_valid_language_code"]}
    assert (await call.get("/customers/cus")).status == 200


async def test_a_payment_provider_needs_a_provider_customer(call: Caller) -> None:
    ignored = (await call.customer(billing_configuration={"payment_provider": "stripe"}))["customer"]
    assert ignored["billing_configuration"]["payment_provider"] is None
    settings = {"payment_provider": "stripe", "provider_customer_id": "cus_1", "sync_with_provider": False}
    linked = (await call.customer(billing_configuration=settings))["customer"]["billing_configuration"]
    assert linked["payment_provider_code"] == "stripe"
    assert (linked["provider_customer_id"], linked["provider_payment_methods"]) == ("cus_1", ["card"])
    unlinked = (await call.customer(billing_configuration={"payment_provider": None}))["customer"]
    assert "provider_customer_id" not in unlinked["billing_configuration"]


async def test_an_unknown_provider_connection_is_refused_though_the_customer_is_saved(call: Caller) -> None:
    settings = {"payment_provider": "stripe", "payment_provider_code": "no", "sync_with_provider": True}
    assert details(await call.customer(billing_configuration=settings)) == {"base": ["payment_provider_not_found"]}
    assert (await call.get("/customers/cus")).status == 200


async def test_deleting_is_soft_and_frees_the_external_id(call: Caller) -> None:
    first = (await call.customer())["customer"]
    assert (await call.delete("/customers/cus"))["customer"]["lago_id"] == first["lago_id"]
    for answer in (await call.delete("/customers/cus"), await call.get("/customers/cus")):
        assert (answer.status, answer.body["code"]) == (404, "customer_not_found")
    again = (await call.customer())["customer"]
    assert again["lago_id"] != first["lago_id"]
    assert again["sequential_id"] == 2


async def test_a_deleted_customer_is_gone_from_the_list(call: Caller) -> None:
    await call.customer("a")
    await call.customer("b")
    await call.delete("/customers/a")
    answer = await call.get("/customers")
    assert [each["external_id"] for each in answer["customers"]] == ["b"]
    assert "error_details" not in answer["customers"][0]


async def test_deleting_ends_subscriptions_and_applied_coupons(
    call: Caller, sandbox: Sandbox, subscribed: Subscribe
) -> None:
    subscribed(sandbox)
    coupon = {"name": "C", "code": "c", "coupon_type": "percentage", "percentage_rate": "10"}
    sandbox.perform("create_coupon", {**coupon, "frequency": "once", "expiration": "no_expiration"})
    sandbox.perform("apply_coupon", {"external_customer_id": "cus", "coupon_code": "c"})
    await call.delete("/customers/cus")
    await call.customer()
    answer = await call.get("/customers/cus/current_usage?external_subscription_id=sub")
    assert answer.body["code"] == "no_active_subscription"


@pytest.fixture
async def three(call: Caller) -> Caller:
    await call.customer("a", name="Ann", currency="EUR", country="FR", customer_type="individual", zipcode="1")
    await call.customer("b", name="Bob", currency="USD", metadata=[{"key": "tier", "value": "gold"}])
    await call.customer("c", legal_name="Ann & Co", country="DE", tax_identification_number="1", state="BY")
    return call


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", "cba"),
        ("search_term=ann", "ca"),
        ("search_term=ann&external_id=b", "b"),
        ("external_id=c", "c"),
        ("currencies[]=EUR&currencies[]=USD", "ba"),
        ("currencies=EUR", "cba"),  # a scalar where a list is expected is dropped
        ("countries[]=FR", "a"),
        ("countries%5B%5D=FR", "a"),
        ("states[]=BY", "c"),
        ("zipcodes[]=1", "a"),
        ("customer_type=individual", "a"),
        ("has_customer_type=false", "cb"),
        ("has_tax_identification_number=true", "c"),
        ("metadata[tier]=gold", "b"),
        ("metadata[tier]=", "ca"),
        ("account_type[]=partner", ""),
        ("billing_entity_codes[]=sandbox", "cba"),
        ("external_id=a&external_id=b", "b"),
        ("unknown=1", "cba"),
    ],
)
async def test_lists_are_filtered_newest_first(three: Caller, query: str, expected: str) -> None:
    answer = await three.get(f"/customers?{query}")
    assert "".join(each["external_id"] for each in answer["customers"]) == expected


async def test_odd_filters_are_refused(three: Caller) -> None:
    answer = details(await three.get("/customers?countries[]=FR&countries[]=xx"))
    assert answer["countries"]["1"][0].startswith("must be one of: AD, AE")
    answer = details(await three.get("/customers?has_customer_type=false&customer_type=company"))
    assert answer == {"customer_type": ["must be nil when has_customer_type is false"]}
    answer = details(await three.get("/customers?has_tax_identification_number=maybe"))
    assert answer == {"has_tax_identification_number": ["must be one of: true, false"]}
    answer = details(await three.get("/customers?metadata[a][b]=c"))
    assert answer == {"metadata": {"a": ["must be a string"]}}
    assert (await three.get("/customers?billing_entity_codes[]=no")).body["code"] == "billing_entity_not_found"


async def test_an_empty_list_is_on_page_zero(call: Caller) -> None:
    assert (await call.get("/customers?page=3")).body == {
        "customers": [],
        "meta": {"current_page": 0, "next_page": None, "prev_page": None, "total_pages": 0, "total_count": 0},
    }


@pytest.mark.parametrize(
    ("query", "shown", "current", "following", "previous", "pages"),
    [
        ("per_page=2", "cb", 1, 2, None, 2),
        ("per_page=2&page=2", "a", 2, None, 1, 2),
        ("per_page=2&page=9", "", 9, None, 8, 2),
        ("per_page=2&page=0", "cb", 1, 2, None, 2),
        ("per_page=2&page=-1", "cb", 1, 2, None, 2),
        ("per_page=2&page=x", "cb", 1, 2, None, 2),
        ("per_page=x", "cba", 1, None, None, 1),
        ("per_page=-5", "cba", 1, None, None, 1),
        ("", "cba", 1, None, None, 1),
    ],
)
async def test_pages_and_their_meta(
    three: Caller, query: str, shown: str, current: int, following: int | None, previous: int | None, pages: int
) -> None:
    answer = await three.get(f"/customers?{query}")
    assert "".join(each["external_id"] for each in answer["customers"]) == shown
    assert answer["meta"] == {
        "current_page": current,
        "next_page": following,
        "prev_page": previous,
        "total_pages": pages,
        "total_count": 3,
    }


async def test_pages_of_nothing_make_the_server_fail(three: Caller) -> None:
    assert (await three.get("/customers?per_page=0")).status == 500


async def test_odd_page_sizes_mean_25(call: Caller) -> None:
    for number in range(30):
        await call.customer(f"c{number}")
    assert len((await call.get("/customers?per_page=many"))["customers"]) == 25
    assert len((await call.get("/customers"))["customers"]) == 30


async def test_the_portal_url_is_new_each_time(call: Caller) -> None:
    await call.customer()
    urls = [(await call.get("/customers/cus/portal_url"))["customer"]["portal_url"] for _ in range(2)]
    assert all(url.startswith("https://app.getlago.com/customer-portal/") for url in urls)
    assert urls[0] != urls[1]
    assert (await call.get("/customers/no/portal_url")).body["code"] == "customer_not_found"


async def test_the_checkout_url_needs_a_linked_provider(call: Caller) -> None:
    await call.customer()
    assert details(await call.post("/customers/cus/checkout_url")) == {"base": ["no_linked_payment_provider"]}
    await call.customer(billing_configuration={"payment_provider": "stripe", "sync_with_provider": True})
    link = (await call.post("/customers/cus/checkout_url"))["customer"]
    assert set(link) == {
        "lago_customer_id",
        "external_customer_id",
        "payment_provider",
        "payment_provider_code",
        "checkout_url",
    }
    assert link["checkout_url"].startswith("https://")


async def test_some_providers_have_no_checkout(call: Caller) -> None:
    await call.customer(billing_configuration={"payment_provider": "cashfree", "sync_with_provider": True})
    answer = await call.post("/customers/cus/checkout_url")
    assert (answer.status, answer.body["code"]) == (405, "feature_not_supported")
    settings = {"payment_provider": "stripe", "sync_with_provider": True, "provider_payment_methods": ["crypto"]}
    await call.customer("other", billing_configuration=settings)
    assert details(await call.post("/customers/other/checkout_url")) == {
        "provider_payment_methods": ["no_payment_methods_to_setup_available"]
    }
