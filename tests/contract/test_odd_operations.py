"""The operations whose body is not one object in an envelope: the exact bytes that they send and read."""

import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import pytest

from lago_async import LagoArgumentError, LagoDecodeError
from lago_async._registry import ENDPOINTS
from lago_async._table.endpoint import Endpoint
from lago_async._table.messages import Request, Response
from lago_async.models import EventInput, SubscriptionAuthorizationInput, SubscriptionInput
from lago_async.resources.subscriptions import Subscriptions
from lago_async.resources.wallets import Wallets
from tests.contract.facts import OPERATIONS

EVENT: dict[str, Any] = {"transaction_id": "t", "external_subscription_id": "s", "code": "c"}
SUBSCRIPTION = {"external_customer_id": "c", "external_id": "s", "plan_code": "p"}


def request(operation: str | Endpoint, *args: object, **kwargs: object) -> Request:
    endpoint = ENDPOINTS[operation] if isinstance(operation, str) else operation
    return endpoint.encode(args, kwargs)


def body(operation: str | Endpoint, *args: object, **kwargs: object) -> Any:
    sent = request(operation, *args, **kwargs).body
    return None if sent is None else json.loads(sent)


def answer(operation: str, sent: Request, value: object) -> Any:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return ENDPOINTS[operation].decode(Response(sent, 200, {}, raw, "request", 1, uncertain=False))


# --- sending ----------------------------------------------------------------------------------------------------------


def test_a_subscription_is_sent_alone_or_beside_an_authorization() -> None:
    model = SubscriptionInput(external_customer_id="c", external_id="s", plan_code="p")
    assert body("create_subscription", model) == {"subscription": SUBSCRIPTION}
    hold = {"amount_cents": 100, "amount_currency": "EUR"}
    assert body("create_subscription", SUBSCRIPTION, authorization=hold) == {
        "subscription": SUBSCRIPTION,
        "authorization": hold,
    }
    as_model = SubscriptionAuthorizationInput(amount_cents=100, amount_currency="EUR")
    assert body("create_subscription", model, authorization=as_model)["authorization"] == hold


def test_a_typo_in_an_authorization_is_refused_by_name() -> None:
    with pytest.raises(LagoArgumentError, match="has no 'amount'; did you mean 'amount_cents'"):
        request("create_subscription", SUBSCRIPTION, authorization={"amount": 1, "amount_currency": "EUR"})


def test_a_batch_is_a_list_of_models_and_mappings() -> None:
    model = EventInput(transaction_id="u", external_subscription_id="s", code="c")
    assert body("create_batch_events", [EVENT, model]) == {"events": [EVENT, {**EVENT, "transaction_id": "u"}]}


@pytest.mark.parametrize("events", [{"events": [EVENT]}, "events", 3])
def test_a_batch_that_is_not_a_list_is_refused(events: object) -> None:
    with pytest.raises(LagoArgumentError, match="expected a list of EventInput"):
        request("create_batch_events", events)


def test_a_typo_in_a_batch_is_refused_by_index() -> None:
    with pytest.raises(LagoArgumentError, match=r"EventInput\[1\] has no 'codes'; did you mean 'code'"):
        request("create_batch_events", [EVENT, {**EVENT, "codes": "c"}])


def test_events_of_a_batch_estimate_are_sent_without_an_envelope_of_their_own() -> None:
    priced = {"external_subscription_id": "s", "code": "c"}
    assert body("event_batch_estimate_instant_fees", [priced]) == {"events": [priced]}


def test_metadata_is_sent_as_a_mapping_in_an_envelope_and_none_as_null() -> None:
    assert body("replace_plan_metadata", "p", {"a": "b", "c": None}) == {"metadata": {"a": "b", "c": None}}
    with pytest.raises(LagoArgumentError, match=r"metadata\[...\]: expected str \| null, got int"):
        request("merge_wallet_metadata", "w", {"a": 1})
    with pytest.raises(LagoArgumentError, match="expected a mapping"):
        request("merge_wallet_metadata", "w", ["a"])


def test_entitlements_are_sent_from_any_mapping_of_mappings() -> None:
    entitlements = MappingProxyType({"seats": MappingProxyType({"max": 10, "open": True, "plan": "big"})})
    assert body("update_entitlement", "p", entitlements) == {
        "entitlements": {"seats": {"max": 10, "open": True, "plan": "big"}}
    }


@pytest.mark.parametrize(
    ("operation", "path", "given", "sent"),
    [
        ("destroy_plan_charge", ("p", "c"), {"cascade_updates": True}, {"charge": {"cascade_updates": True}}),
        (
            "destroy_plan_charge_filter",
            ("p", "c", "f"),
            {"cascade_updates": True},
            {"filter": {"cascade_updates": True}},
        ),
        ("void_invoice", ("i",), {"generate_credit_note": True}, {"generate_credit_note": True}),
        (
            "retry_payment",
            ("i",),
            {"payment_method": {"payment_method_type": "manual"}},
            {"payment_method": {"payment_method_type": "manual"}},
        ),
    ],
)
def test_an_optional_body_is_sent_only_if_it_is_given(
    operation: str, path: tuple[str, ...], given: object, sent: object
) -> None:
    assert request(operation, *path).body is None
    assert body(operation, *path, given) == sent


def test_one_alert_and_several_alerts_have_an_envelope_each() -> None:
    alert = {"code": "a", "alert_type": "current_usage_amount", "thresholds": [{"value": "10"}]}
    assert body("create_subscription_alert", "s", alert) == {"alert": alert}
    several = Subscriptions.create_alerts.row.endpoint  # type: ignore[attr-defined]
    assert body(several, "s", [alert, alert]) == {"alerts": [alert, alert]}
    assert several.name == "create_subscription_alert"
    on_wallet = {"code": "a", "alert_type": "wallet_balance_amount", "thresholds": []}
    of_wallet = Wallets.create_customer_wallet_alerts.row.endpoint  # type: ignore[attr-defined]
    assert body(of_wallet, "c", "w", [on_wallet]) == {"alerts": [on_wallet]}


def test_a_list_in_the_query_takes_numbers_and_strings() -> None:
    target = request("find_all_api_logs", http_statuses=[200, "failed"], clients=["a b"]).target
    assert target == "/api_logs?http_statuses[]=200&http_statuses[]=failed&clients[]=a%20b"
    with pytest.raises(LagoArgumentError, match="http_statuses must be a list of strings or integers, not empty"):
        request("find_all_api_logs", http_statuses=[])
    with pytest.raises(LagoArgumentError, match="http_statuses must be a list"):
        request("find_all_api_logs", http_statuses=[True])


# --- the time of an event ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        (1_700_000_000, 1_700_000_000),
        (1_700_000_000.5, 1_700_000_000.5),
        ("1700000000.123", "1700000000.123"),
        (datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC), "1767323045.000"),
        (datetime(2026, 1, 2, 3, 4, 5, 678_999, tzinfo=UTC), "1767323045.678"),
        (datetime(2026, 1, 2, 8, 34, 5, 1_000, tzinfo=timezone(timedelta(hours=5, minutes=30))), "1767323045.001"),
        (datetime(1969, 12, 31, 23, 59, 59, 250_000, tzinfo=UTC), "-0.750"),
    ],
)
def test_the_time_of_an_event_is_seconds_or_a_datetime_sent_to_the_millisecond(given: Any, sent: object) -> None:
    assert body("create_event", {**EVENT, "timestamp": given}) == {"event": {**EVENT, "timestamp": sent}}
    assert body("create_event", EventInput(**EVENT, timestamp=given)) == {"event": {**EVENT, "timestamp": sent}}


def test_the_time_of_an_event_needs_a_time_zone() -> None:
    naive = {**EVENT, "timestamp": datetime(2026, 1, 2)}  # noqa: DTZ001
    for body in (naive, EventInput(**naive)):
        with pytest.raises(LagoArgumentError, match=r"^create_event: event\.timestamp: the datetime has no time zone"):
            request("create_event", body)


# --- reading ----------------------------------------------------------------------------------------------------------


def test_an_authorization_beside_a_subscription_is_read_into_the_subscription() -> None:
    sent = request("create_subscription", SUBSCRIPTION)
    hold = {
        "id": "pi_1",
        "object": "payment_intent",
        "amount": 100,
        "amount_capturable": 100,
        "status": "requires_capture",
    }
    found = answer("create_subscription", sent, {"authorization": hold, "subscription": {"external_id": "s"}})
    assert (found.external_id, found.authorization.id, found.authorization.amount) == ("s", "pi_1", 100)
    oddly = answer(
        "create_subscription", sent, {"authorization": {**hold, "amount": "x"}, "subscription": {"lago_id": 1}}
    )
    assert (oddly.lago_id, oddly.authorization.id, oddly.authorization.amount) == ("1", "pi_1", None)
    assert answer("create_subscription", sent, {"subscription": {}}).authorization is None


BARE = [name for name in ENDPOINTS if ENDPOINTS[name].envelope_optional]


@pytest.mark.parametrize("operation", BARE)
def test_a_bare_response_is_read_with_and_without_its_envelope(operation: str) -> None:
    endpoint = ENDPOINTS[operation]
    sent = Request(endpoint, endpoint.path, None, repeatable=False)
    wrapped = answer(operation, sent, {endpoint.root: {"lago_id": "1"}})
    assert wrapped == answer(operation, sent, {"lago_id": "1", "unknown": 1})
    assert wrapped.lago_id == "1"
    with pytest.raises(LagoDecodeError):
        answer(operation, sent, {"something": "else"})


def test_any_other_response_needs_its_envelope() -> None:
    with pytest.raises(LagoDecodeError):
        answer("find_invoice", request("find_invoice", "i"), {"lago_id": "1"})


@pytest.mark.parametrize("operation", ["download_invoice", "download_credit_note"])
def test_a_download_that_is_not_ready_is_read_as_none(operation: str) -> None:
    sent = request(operation, "i")
    root = ENDPOINTS[operation].root
    assert answer(operation, sent, b"") is None
    assert answer(operation, sent, {root: {"file_url": "https://files/1.pdf"}}).file_url == "https://files/1.pdf"


def test_metadata_is_read_as_a_dictionary_or_none() -> None:
    sent = request("delete_all_plan_metadata", "p")
    assert answer("delete_all_plan_metadata", sent, {"metadata": None}) is None
    assert answer("delete_all_plan_metadata", sent, {"metadata": {"a": "b", "c": None}}) == {"a": "b", "c": None}


def test_a_top_up_is_read_as_a_list() -> None:
    sent = request("create_wallet_transaction", {"wallet_id": "w", "paid_credits": Decimal("10.5")})
    assert sent.body == b'{"wallet_transaction":{"paid_credits":"10.5","wallet_id":"w"}}'
    found = answer("create_wallet_transaction", sent, {"wallet_transactions": [{"amount": "10.50"}]})
    assert [transaction.amount for transaction in found] == [Decimal("10.50")]


def test_the_public_key_is_read_as_text() -> None:
    with pytest.warns(DeprecationWarning, match="use fetch_json_public_key"):
        sent = request("fetch_public_key")
    lines = b"LS0t" * 15 + b"\n" + b"LS0t\n"  # the server breaks the lines after 60 characters
    assert answer("fetch_public_key", sent, lines) == lines.decode()
    assert answer("fetch_public_key", sent, json.dumps(lines.decode()).encode()) == lines.decode()
    pem = b"-----BEGIN PUBLIC KEY-----\nMII=\n-----END PUBLIC KEY-----\n"
    assert answer("fetch_public_key", sent, pem) == pem.decode()


@pytest.mark.parametrize(
    ("body_", "reason"),
    [
        (b"", "an empty response"),
        (b" \n", "an empty response"),
        (b"\n<html>", "a page where plain text belongs"),
        (b'{"webhook":{}}', "a JSON object where plain text belongs"),
        (b"[1]", "a JSON array where plain text belongs"),
        (b'"open', "not JSON"),
    ],
)
def test_a_public_key_that_is_none_is_an_error_with_the_response(body_: bytes, reason: str) -> None:
    with pytest.warns(DeprecationWarning, match="use fetch_json_public_key"):
        sent = request("fetch_public_key")
    with pytest.raises(LagoDecodeError, match=reason) as caught:
        answer("fetch_public_key", sent, body_)
    assert caught.value.body == body_


@pytest.mark.parametrize(
    ("operation", "args"),
    [
        ("destroy_subscription_entitlement", ("s", "seats")),
        ("destroy_subscription_entitlement_privilege", ("s", "seats", "max")),
    ],
)
@pytest.mark.parametrize("value", [{"code": "a"}, [{"code": "a"}]])
@pytest.mark.parametrize("root", ["entitlement", "entitlements"])
def test_what_a_subscription_still_grants_is_read_from_both_envelopes(
    operation: str, args: tuple[str, ...], value: object, root: str
) -> None:
    sent = request(operation, *args)
    if root == "entitlements" and isinstance(value, dict):
        with pytest.raises(LagoDecodeError, match="'entitlements' is a JSON object"):
            answer(operation, sent, {root: value})
    else:
        assert [each.code for each in answer(operation, sent, {root: value})] == ["a"]


def test_privileges_keep_the_types_of_their_values() -> None:
    sent = request("find_entitlement", "p", "f")
    privileges = [{"value": value} for value in (10, "10", True, "true", 10.0)]
    found = answer("find_entitlement", sent, {"entitlement": {"code": "f", "privileges": privileges, "name": 1}})
    assert [item.value for item in found.privileges] == [10, "10", True, "true", 10]
    assert [type(item.value) for item in found.privileges] == [int, str, bool, str, int]


# --- repeating --------------------------------------------------------------------------------------------------------


def test_a_post_is_sent_again_only_if_the_contract_calls_it_idempotent() -> None:
    posts = {name for name, facts in OPERATIONS.items() if facts["method"] == "POST"}
    # The contract calls creating a customer idempotent; that depends on the body, see tests/test_repeatable.py.
    assert {name for name in posts if ENDPOINTS[name].idempotent is True} | {"create_customer"} == {
        name for name in posts if OPERATIONS[name].get("idempotent")
    }
    assert {name for name in posts if callable(ENDPOINTS[name].idempotent)} == {
        "create_customer",
        "create_event",
        "create_batch_events",
    }


def test_any_other_method_is_sent_again() -> None:
    others = {name for name, facts in OPERATIONS.items() if facts["method"] != "POST"}
    assert all(ENDPOINTS[name].idempotent is True for name in others)


@pytest.mark.parametrize(
    ("event", "repeatable"),
    [
        (EVENT, False),
        ({**EVENT, "timestamp": 1}, True),
        (EventInput(**EVENT), False),
        (EventInput(**EVENT, timestamp=1), True),
        (EventInput(**EVENT, timestamp=datetime(2026, 1, 2, tzinfo=UTC)), True),
    ],
)
def test_an_event_is_sent_again_only_if_it_has_a_transaction_id_and_a_timestamp(event: Any, repeatable: bool) -> None:
    assert request("create_event", event).repeatable is repeatable
    assert request("create_batch_events", [{**EVENT, "timestamp": 1}, event]).repeatable is repeatable
