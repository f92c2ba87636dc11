"""The customer operations, on both faces, over a real socket against the sandbox."""

import json
from typing import Any

import pytest

import lago_async
import lago_sync
from lago_async import (
    ENDPOINTS,
    CustomerInput,
    HttpInfo,
    LagoArgumentError,
    NotAllowedError,
    NotFoundError,
    UnauthorizedError,
    ValidationError,
)
from lago_async.models import CustomerBillingConfigurationInput, CustomerMetadataInput
from lago_async.sandbox import RawResponse, Sandbox
from tests.conftest import Face, NewFace

IDS = [
    "a/b",
    "a?b",
    "a#b",
    "../x",
    "john@acme.com",
    "ü",
    "a b",
    "%2F",
    "a+b",
    "x" * 300,
    "a&b=c",
    "日本",
    "a%",
    "-_~",
    "a.b.c",
]


@pytest.mark.parametrize("external_id", IDS)
async def test_an_id_reaches_the_server_as_exactly_that_id(face: Face, sandbox: Sandbox, external_id: str) -> None:
    created = await face("customers.create", CustomerInput(external_id=external_id, name="Zoé"))
    assert created.external_id == external_id
    found = await face("customers.find", external_id)
    assert (found.lago_id, found.external_id) == (created.lago_id, external_id)
    destroyed = await face("customers.destroy", external_id)
    assert destroyed.lago_id == created.lago_id
    with pytest.raises(NotFoundError, match="customer_not_found") as missing:
        await face("customers.find", external_id)
    assert missing.value.path == ENDPOINTS["find_customer"].encode((external_id,), {}).target
    assert [request.operation for request in sandbox.requests] == [
        "create_customer",
        "find_customer",
        "destroy_customer",
        "find_customer",
    ]


async def test_destroying_an_id_with_a_dot_spares_the_customer_whose_id_ends_before_it(face: Face) -> None:
    await face("customers.create", {"external_id": "john@acme"})
    await face("customers.create", {"external_id": "john@acme.com"})
    await face("customers.destroy", "john@acme.com")
    assert [customer.external_id for customer in await face.items("customers.find_all")] == ["john@acme"]


@pytest.mark.parametrize("value", ["", ".", "..", None, 7])
async def test_an_id_that_is_none_is_refused_and_nothing_is_sent(face: Face, sandbox: Sandbox, value: Any) -> None:
    for operation in ("customers.find", "customers.destroy", "customers.get_portal_url"):
        with pytest.raises(LagoArgumentError, match="external_customer_id"):
            await face(operation, value)
    with pytest.raises(LagoArgumentError, match="applied_coupon_id"):
        await face("customers.delete_applied_coupon", "cus_1", value)
    assert not sandbox.requests


async def test_an_update_changes_what_is_given_and_none_clears(face: Face, sandbox: Sandbox) -> None:
    await face("customers.create", CustomerInput(external_id="cus_1", name="Acme", city="Lyon", net_payment_term=30))
    updated = await face("customers.create", CustomerInput(external_id="cus_1", city=None))
    assert (updated.name, updated.city, updated.net_payment_term) == ("Acme", None, 30)
    assert json.loads(sandbox.requests[-1].body) == {"customer": {"external_id": "cus_1", "city": None}}


async def test_a_customer_comes_back_whole(face: Face) -> None:
    customer = await face(
        "customers.create",
        CustomerInput(
            external_id="cus_1",
            name="Acme",
            country="fr",
            currency="EUR",
            metadata=[CustomerMetadataInput(key="tier", value="gold", display_in_invoice=True)],
            billing_configuration=CustomerBillingConfigurationInput(document_locale="fr"),
        ),
    )
    assert customer.country == "FR"
    assert customer.currency == "EUR"
    assert customer.account_type == "customer"
    assert customer.applicable_timezone == "UTC"
    assert customer.billing_configuration.document_locale == "fr"
    assert customer.shipping_address.city is None
    assert [(pair.key, pair.value, pair.display_in_invoice) for pair in customer.metadata] == [("tier", "gold", True)]
    assert customer.created_at.tzinfo is not None
    assert customer == await face("customers.find", "cus_1")


async def test_the_server_says_which_fields_it_refused(face: Face) -> None:
    with pytest.raises(ValidationError) as refusal:
        await face("customers.create", CustomerInput(external_id="cus_1", currency="XXX", country="ZZ"))
    error = refusal.value
    assert (error.status_code, error.code, error.attempts) == (422, "validation_errors", 1)
    assert error.error_details == {"currency": ["value_is_invalid"], "country": ["not_a_valid_country_code"]}
    assert "currency value_is_invalid" in str(error)
    assert error.request_id in str(error)


async def test_a_typo_in_a_body_is_refused_and_nothing_is_sent(face: Face, sandbox: Sandbox) -> None:
    with pytest.raises(LagoArgumentError, match=r"create_customer: .*'nmae'; did you mean 'name'"):
        await face("customers.create", {"external_id": "cus_1", "nmae": "Acme"})
    assert not sandbox.requests


async def test_customers_are_listed_filtered_and_walked(face: Face, sandbox: Sandbox) -> None:
    for number in range(7):
        await face("customers.create", {"external_id": f"cus_{number}", "country": "FR" if number % 2 else "DE"})
    assert not [request for request in sandbox.requests if request.operation == "find_all_customers"]
    everyone = await face.items("customers.find_all", per_page=3)
    assert sorted(customer.external_id for customer in everyone) == [f"cus_{number}" for number in range(7)]
    assert [len(page) for page in await face.pages("customers.find_all", per_page=3)] == [3, 3, 1]
    french = await face.items("customers.find_all", countries=["FR"])
    assert sorted(customer.external_id for customer in french) == ["cus_1", "cus_3", "cus_5"]
    assert [customer.external_id for customer in await face.items("customers.find_all", external_id="cus_4")] == [
        "cus_4"
    ]
    assert await face.items("customers.find_all", search_term="nobody") == []


async def test_a_list_has_its_meta(face: Face) -> None:
    await face("customers.create", {"external_id": "cus_1"})
    info = await face.with_http_info("customers.find_all", per_page=5)
    assert isinstance(info, HttpInfo)
    assert (info.data.meta.current_page, info.data.meta.next_page, info.data.meta.total_count) == (1, None, 1)
    assert [customer.external_id for customer in info.data] == ["cus_1"]


async def test_http_info_is_a_tuple_of_data_status_and_headers(face: Face) -> None:
    await face("customers.create", {"external_id": "cus_1"})
    info = await face.with_http_info("customers.find", "cus_1")
    data, status_code, headers = info
    assert (data.external_id, status_code) == ("cus_1", 200)
    assert headers["content-type"].startswith("application/json")
    assert headers["x-request-id"] == info.request_id
    assert json.loads(info.body)["customer"]["external_id"] == "cus_1"


async def test_a_portal_link_is_made_anew_each_time(face: Face) -> None:
    await face("customers.create", {"external_id": "cus_1"})
    links = {(await face("customers.get_portal_url", "cus_1")).portal_url for _ in range(2)}
    assert len(links) == 2
    assert all(link.startswith("https://app.getlago.com/customer-portal/") for link in links)


async def test_a_checkout_link_needs_a_payment_provider(face: Face) -> None:
    await face("customers.create", {"external_id": "cus_1"})
    with pytest.raises(ValidationError, match="base no_linked_payment_provider"):
        await face("customers.generate_checkout_url", "cus_1")
    await face(
        "customers.create",
        CustomerInput(
            external_id="cus_1",
            billing_configuration=CustomerBillingConfigurationInput(
                payment_provider="stripe", payment_provider_code="stripe", provider_customer_id="cus_stripe"
            ),
        ),
    )
    checkout = await face("customers.generate_checkout_url", "cus_1")
    assert (checkout.external_customer_id, checkout.payment_provider) == ("cus_1", "stripe")
    assert checkout.checkout_url.startswith("https://")


async def test_usage_without_a_subscription_is_a_business_refusal(face: Face) -> None:
    await face("customers.create", {"external_id": "cus_1"})
    with pytest.raises(NotAllowedError, match="405 no_active_subscription: find_customer_current_usage 'cus_1'"):
        await face("customers.find_current_usage", "cus_1", external_subscription_id="sub_1")
    with pytest.raises(NotFoundError, match="resource_not_found"):
        await face("customers.find_current_usage", "nobody", external_subscription_id="sub_1")


async def test_past_usage_of_nobody_is_empty(face: Face) -> None:
    info = await face.with_http_info("customers.find_all_past_usage", "nobody", external_subscription_id="sub_1")
    assert info.data.items == []
    assert info.data.meta.current_page == 0


async def test_a_wrong_key_is_told_where_keys_come_from(new_face: NewFace, sandbox: Sandbox) -> None:
    face = await new_face(api_key="not-the-key", base_url=sandbox.url)
    with pytest.raises(UnauthorizedError, match="LAGO_API_KEY") as refusal:
        await face("customers.find", "cus_1")
    assert "not-the-key" not in str(refusal.value) + repr(refusal.value.__dict__)


async def test_a_providers_401_does_not_blame_the_key(face: Face, sandbox: Sandbox) -> None:
    sandbox.inject(RawResponse(status=401, body=b'{"status":401,"error":"Stripe authentication failed. Expired key"}'))
    with pytest.raises(UnauthorizedError, match="Stripe authentication failed") as refusal:
        await face("customers.generate_checkout_url", "cus_1")
    assert "LAGO_API_KEY" not in str(refusal.value)


async def test_every_request_says_who_asks_and_what_it_takes(face: Face, sandbox: Sandbox) -> None:
    await face("customers.create", {"external_id": "cus_1"})
    headers = sandbox.requests[-1].headers
    assert headers["Authorization"] == f"Bearer {sandbox.api_key}"
    assert headers["Accept"] == "application/json"
    assert headers["Content-Type"] == "application/json"
    assert headers["User-Agent"].startswith("lago-async/")
    assert len(headers["X-Request-Id"]) == 32


async def test_a_deprecated_operation_warns_at_the_line_of_the_awaiting_caller(sandbox: Sandbox) -> None:
    async with lago_async.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
        with pytest.warns(DeprecationWarning, match="fetch_public_key is deprecated: use fetch_json") as caught:
            assert isinstance(await client.webhooks.fetch_public_key(), str)
    assert caught[0].filename == __file__


def test_a_deprecated_operation_warns_at_the_line_of_the_blocking_caller() -> None:
    with (
        Sandbox() as sandbox,
        lago_sync.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client,
        pytest.warns(DeprecationWarning, match="fetch_public_key is deprecated: use fetch_json") as caught,
    ):
        assert isinstance(client.webhooks.fetch_public_key(), str)
    assert caught[0].filename == __file__
