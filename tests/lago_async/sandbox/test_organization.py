"""Billing entities, the organization, webhook endpoints, keys, logs, payment methods."""

import base64
from typing import Any

import pytest

from tests.lago_async.sandbox.conftest import Caller


async def test_there_is_one_billing_entity_to_begin_with(call: Caller, premium_call: Caller) -> None:
    (entity,) = (await call.get("/billing_entities"))["billing_entities"]
    assert (entity["code"], entity["is_default"]) == ("sandbox", True)
    given = {"billing_entity": {"code": "fr", "name": "France", "country": "FR"}}
    assert (await call.post("/billing_entities", given)).body["code"] == "feature_unavailable"
    made = (await premium_call.post("/billing_entities", given))["billing_entity"]
    assert (made["country"], made["is_default"], made["timezone"]) == ("FR", False, "UTC")
    assert (await premium_call.post("/billing_entities", given)).body["error_details"] == {
        "code": ["value_already_exist"]
    }
    changed = await premium_call("PUT", "/api/v1/billing_entities/fr", {"billing_entity": {"country": None}})
    assert (changed["billing_entity"]["country"], changed["billing_entity"]["name"]) == (None, "France")
    assert (await call.get("/billing_entities/no")).body["code"] == "billing_entity_not_found"


async def test_the_organization_keeps_what_is_written(call: Caller) -> None:
    given = {"organization": {"legal_name": "Acme", "country": "FR", "timezone": "Europe/Paris"}}
    organization = (await call("PUT", "/api/v1/organizations", given))["organization"]
    # A time zone needs a licence.
    assert (organization["legal_name"], organization["country"], organization["timezone"]) == ("Acme", "FR", "UTC")
    again = (await call("PUT", "/api/v1/organizations", {"organization": {"email": "a@b.example"}}))["organization"]
    assert (again["legal_name"], again["email"]) == ("Acme", "a@b.example")
    odd = await call("PUT", "/api/v1/organizations", {"organization": {"country": "XX"}})
    assert odd.body["error_details"] == {"country": ["not_a_valid_country_code"]}


async def test_ten_webhook_endpoints_are_enough(call: Caller) -> None:
    for number in range(10):
        given = {"webhook_endpoint": {"webhook_url": f"https://hooks.example/{number}"}}
        assert (await call.post("/webhook_endpoints", given)).status == 200
    eleventh = await call.post("/webhook_endpoints", {"webhook_endpoint": {"webhook_url": "https://hooks.example/x"}})
    assert eleventh.body["error_details"] == {"base": ["exceeded_limit"]}


async def test_webhook_endpoints_change_and_go(call: Caller) -> None:
    given = {"webhook_url": "https://hooks.example/1", "event_types": ["invoice.created"]}
    made = (await call.post("/webhook_endpoints", {"webhook_endpoint": given}))["webhook_endpoint"]
    assert (made["signature_algo"], made["event_types"]) == ("jwt", ["invoice.created"])
    target = f"/webhook_endpoints/{made['lago_id']}"
    changed = await call("PUT", f"/api/v1{target}", {"webhook_endpoint": {"signature_algo": "hmac"}})
    assert (changed["webhook_endpoint"]["signature_algo"], changed["webhook_endpoint"]["webhook_url"]) == (
        "hmac",
        "https://hooks.example/1",
    )
    assert (await call.delete(target)).status == 200
    assert (await call.get(target)).body["code"] == "webhook_endpoint_not_found"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({}, {"webhook_url": ["value_is_mandatory", "url_is_invalid"]}),
        ({"webhook_url": "hooks"}, {"webhook_url": ["url_is_invalid"]}),
    ],
)
async def test_odd_webhook_endpoints_are_refused(
    call: Caller, fields: dict[str, str], expected: dict[str, Any]
) -> None:
    response = await call.post("/webhook_endpoints", {"webhook_endpoint": {"name": "n", **fields}})
    assert response.body["error_details"] == expected


async def test_the_server_fails_on_an_unknown_signature(call: Caller) -> None:
    odd = {"webhook_url": "https://h.example", "signature_algo": "md5"}
    assert (await call.post("/webhook_endpoints", {"webhook_endpoint": odd})).status == 500


async def test_the_public_key_comes_as_text_and_in_json(call: Caller) -> None:
    response = await call.get("/webhooks/public_key")
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    text = response.body.decode()
    assert {len(line) for line in text.splitlines()[:-1]} == {60}
    assert base64.b64decode(text).startswith(b"-----BEGIN PUBLIC KEY-----")
    assert (await call.get("/webhooks/json_public_key"))["webhook"] == {"public_key": text}


async def test_logs_take_a_licence_and_hold_the_sandboxs_own_requests(call: Caller, premium_call: Caller) -> None:
    for target in ("/api_logs", "/api_logs/x", "/activity_logs", "/activity_logs/x"):
        refused = await call.get(target)
        assert (refused.status, refused.body["code"]) == (403, "feature_unavailable")
    await premium_call.customer("cus")
    odd = await premium_call.customer("")
    await premium_call.get("/customers")
    newest, oldest = (await premium_call.get("/api_logs"))["api_logs"]
    assert (newest["http_status"], newest["request_id"]) == (422, odd.headers["X-Request-Id"])
    assert (oldest["http_method"], oldest["request_path"]) == ("post", "/api/v1/customers")
    assert '"external_id": "cus"' in oldest["request_body"]
    assert (await premium_call.get("/api_logs?http_statuses[]=failed"))["meta"]["total_count"] == 1
    (activity,) = (await premium_call.get("/activity_logs"))["activity_logs"]
    assert (activity["activity_type"], activity["resource_type"]) == ("customer.created", "Customer")
    assert (await premium_call.get("/api_logs/x")).body["code"] == "api_log_not_found"


async def test_a_payment_method_comes_with_the_provider(call: Caller) -> None:
    linked = {"payment_provider": "stripe", "sync_with_provider": True}
    await call.customer("cus", billing_configuration=linked)
    (method,) = (await call.get("/customers/cus/payment_methods"))["payment_methods"]
    assert (method["is_default"], method["payment_provider_type"]) == (True, "stripe")
    target = f"/customers/cus/payment_methods/{method['lago_id']}"
    assert (await call("PUT", f"/api/v1{target}/set_as_default"))["payment_method"]["is_default"] is True
    assert (await call.delete(target))["payment_method"]["is_default"] is False
    assert (await call.delete(target)).body["code"] == "payment_method_not_found"
    await call.customer("plain")
    assert (await call.get("/customers/plain/payment_methods"))["payment_methods"] == []
