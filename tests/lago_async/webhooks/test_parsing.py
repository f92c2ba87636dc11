"""Bodies of webhooks become typed objects: all types, nothing lost, and whatever else arrives."""

import gzip
import json
import logging
import pickle
from functools import cache
from typing import Any, Literal, get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import LagoArgumentError, WebhookBodyError, models
from lago_async.webhooks import InvoiceCreatedWebhook, UnknownWebhook, WebhookType, parse
from lago_async.webhooks._types import TYPES
from tests.contract.facts import WEBHOOKS
from tests.contract.recordings import FOLDER, _filled
from tests.contract.test_recorded_responses import differences
from tests.lago_async.webhooks.deliveries import deliveries


@cache
def hints_of(webhook_type: str) -> dict[str, Any]:
    return get_type_hints(TYPES[webhook_type], localns={name: getattr(models, name) for name in dir(models)})


def losses(body: bytes) -> list[str]:
    whole = json.loads(body)
    webhook: Any = parse(body)
    name = whole["webhook_type"]
    found = list(differences(whole[whole["object_type"]], webhook.payload, hints_of(name)["payload"], name))
    if (webhook.webhook_type, webhook.object_type) != (name, whole["object_type"]):
        found.append(f"{name}: {webhook.webhook_type} {webhook.object_type}")
    return found


def test_every_delivery_of_a_running_lago_is_read_completely_as_annotated(caplog: pytest.LogCaptureFixture) -> None:
    found = sorted({loss for delivery in deliveries() for loss in losses(delivery.body)})
    assert not found, "\n".join(found)
    assert not caplog.messages
    assert len(deliveries()) == 260
    assert len({delivery.webhook_type for delivery in deliveries()}) == 50


def test_every_webhook_of_the_recorded_stories_is_read_completely_as_annotated(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sent = [
        _filled(webhook, "", page=1)
        for path in sorted(FOLDER.glob("*/*.json.gz"))
        for webhook in json.loads(gzip.decompress(path.read_bytes())).get("webhooks", [])
    ]
    found = sorted({loss for webhook in sent for loss in losses(json.dumps(webhook).encode())})
    assert not found, "\n".join(found)
    assert not caplog.messages
    assert len(sent) > 2_900


def test_every_type_that_the_server_sends_has_its_class() -> None:
    assert TYPES.keys() == {name for name, facts in WEBHOOKS.items() if not facts.get("spec_only")}
    assert set(get_args(WebhookType)) == TYPES.keys()
    assert len(TYPES) == 75
    for name, cls in TYPES.items():
        assert cls.webhook_type == name
        assert cls.object_type == WEBHOOKS[name]["object_type"]
        assert get_args(hints_of(name)["webhook_type"]) == (Literal[name],)
        empty = json.dumps({"webhook_type": name, "object_type": cls.object_type, cls.object_type: {}}).encode()
        webhook = parse(empty)
        assert type(webhook) is cls
        assert type(webhook.payload) is hints_of(name)["payload"]
        assert pickle.loads(pickle.dumps(webhook)) == webhook


def test_a_failed_refund_has_the_name_of_the_payload_and_not_that_of_the_list() -> None:
    body = {
        "webhook_type": "credit_note.refund_failure",
        "object_type": "credit_note_payment_provider_refund_error",
        "organization_id": "o",
        "credit_note_payment_provider_refund_error": {"lago_credit_note_id": "c"},
    }
    webhook = parse(json.dumps(body).encode())
    assert webhook.webhook_type == "credit_note.refund_failure"
    assert webhook.payload.lago_credit_note_id == "c"


@given(st.text().filter(lambda name: name not in TYPES))
def test_a_type_that_this_version_does_not_know_is_no_error(name: str) -> None:
    body = {"webhook_type": name, "object_type": "thing", "organization_id": "o", "thing": {"a": [1, None]}}
    webhook = parse(json.dumps(body).encode())
    assert webhook == UnknownWebhook(
        organization_id="o", unknown_type=name, object_type="thing", payload={"a": [1, None]}
    )
    assert webhook.webhook_type is None


def test_a_type_without_its_object_has_the_whole_body() -> None:
    body = {"webhook_type": "new.kind", "more": 1}
    webhook = parse(json.dumps(body).encode())
    assert isinstance(webhook, UnknownWebhook)
    assert webhook.payload == body


def test_a_payload_that_differs_from_its_model_is_read_as_far_as_possible(caplog: pytest.LogCaptureFixture) -> None:
    body = b'{"webhook_type": "invoice.created", "object_type": "invoice", "organization_id": 7, "invoice": '
    body += b'{"lago_id": "i", "total_amount_cents": "12", "fees": {"secret": 1}, "brand_new": 1}}'
    webhook = parse(body)
    assert isinstance(webhook, InvoiceCreatedWebhook)
    assert (webhook.payload.lago_id, webhook.payload.total_amount_cents, webhook.payload.fees) == ("i", 12, [])
    assert webhook.organization_id == ""
    (record,) = caplog.record_tuples
    assert record[:2] == ("lago_async.codec", logging.WARNING)
    assert record[2].startswith("the webhook invoice.created: Invoice.fees: ")
    assert "secret" not in caplog.text


def test_a_known_type_whose_object_has_another_name_is_read() -> None:
    webhook = parse(b'{"webhook_type": "invoice.created", "object_type": "bill", "bill": {"lago_id": "i"}}')
    assert isinstance(webhook, InvoiceCreatedWebhook)
    assert webhook.payload.lago_id == "i"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "x",
        "[]",
        "null",
        "{}",
        '{"webhook_type": 1}',
        '{"webhook_type": "invoice.created"}',
        '{"webhook_type": "invoice.created", "object_type": "invoice", "invoice": null}',
        "[" * 100_000,
    ],
    ids=lambda body: body[:90],
)
def test_what_is_not_a_webhook_is_an_error_that_says_so(body: str) -> None:
    with pytest.raises(WebhookBodyError, match="webhook"):
        parse(body.encode())


@given(st.binary())
def test_any_bytes_are_a_webhook_or_a_refusal(body: bytes) -> None:
    try:
        parse(body)
    except WebhookBodyError:
        pass


def test_a_body_that_was_decoded_is_refused() -> None:
    with pytest.raises(LagoArgumentError, match="must be bytes, not str"):
        parse("{}")  # type: ignore[arg-type]
