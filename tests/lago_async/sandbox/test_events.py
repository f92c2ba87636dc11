"""Events are accepted without checks, once each; a batch is accepted completely or not at all."""

from typing import Any

import pytest

from lago_async.sandbox import Sandbox
from tests.lago_async.sandbox.conftest import Answered, Caller

EVENT = {"transaction_id": "t", "external_subscription_id": "sub", "code": "calls", "timestamp": 1767225600.5}


def details(answer: Answered) -> Any:
    assert answer.status == 422, answer.body
    return answer.body["error_details"]


async def test_nothing_an_event_names_has_to_exist(call: Caller) -> None:
    event = (await call.post("/events", {"event": {**EVENT, "properties": {"a": 1.5}}}))["event"]
    assert event.pop("lago_id")
    assert event == {
        "transaction_id": "t",
        "lago_customer_id": None,
        "code": "calls",
        "timestamp": "2026-01-01T00:00:00.500Z",
        "precise_total_amount_cents": None,
        "properties": {"a": 1.5},
        "lago_subscription_id": None,
        "external_subscription_id": "sub",
        "created_at": "2026-01-01T00:00:00Z",
    }


async def test_a_transaction_is_taken_once_per_subscription(call: Caller) -> None:
    assert (await call.post("/events", {"event": EVENT})).status == 200
    assert details(await call.post("/events", {"event": EVENT})) == {"transaction_id": ["value_already_exist"]}
    assert (await call.post("/events", {"event": {**EVENT, "external_subscription_id": "other"}})).status == 200


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (1767225600, "2026-01-01T00:00:00.000Z"),
        ("1767225600", "2026-01-01T00:00:00.000Z"),
        ("1767225600.123", "2026-01-01T00:00:00.123Z"),
        (None, "2026-01-01T00:00:00.000Z"),
    ],
)
async def test_timestamps_are_seconds_as_number_or_digits(call: Caller, given: int | str | None, shown: str) -> None:
    answer = await call.post("/events", {"event": {**EVENT, "timestamp": given}})
    assert answer["event"]["timestamp"] == shown


@pytest.mark.parametrize("given", ["2026-01-01T00:00:00Z", "now", True, [1]])
async def test_other_timestamps_are_refused(call: Caller, given: list[int] | bool | str) -> None:
    answer = await call.post("/events", {"event": {**EVENT, "timestamp": given}})
    assert details(answer) == {"timestamp": ["invalid_format"]}


async def test_a_time_in_milliseconds_is_taken_and_is_in_a_far_year(call: Caller) -> None:
    answer = await call.post("/events", {"event": {**EVENT, "timestamp": 1767571200123}})
    assert answer["event"]["timestamp"] == "57982-02-07T00:02:03.000Z"
    [listed] = (await call.get("/events"))["events"]
    assert listed == answer["event"]
    answer = await call.post("/events", {"event": {**EVENT, "transaction_id": "other", "timestamp": 1e300}})
    assert answer.status == 500


async def test_code_and_transaction_are_mandatory(call: Caller) -> None:
    answer = await call.post("/events", {"event": {"external_subscription_id": "sub"}})
    assert details(answer) == {"code": ["value_is_mandatory"], "transaction_id": ["value_is_mandatory"]}


async def test_a_batch_is_a_list_without_meta(call: Caller) -> None:
    events = [{**EVENT, "transaction_id": str(number)} for number in range(3)]
    answer = await call.post("/events/batch", {"events": events})
    assert set(answer.body) == {"events"}
    assert [event["transaction_id"] for event in answer["events"]] == ["0", "1", "2"]


async def test_a_batch_with_a_bad_event_is_refused_whole(call: Caller, sandbox: Sandbox) -> None:
    events = [EVENT, {**EVENT, "transaction_id": "u", "timestamp": "x"}, EVENT, {"code": "calls"}]
    assert details(await call.post("/events/batch", {"events": events})) == {
        "1": {"timestamp": ["invalid_format"]},
        "2": {"transaction_id": ["value_already_exist"]},
        "3": {"transaction_id": ["value_is_mandatory"]},
    }
    assert (await call.post("/events", {"event": EVENT})).status == 200


@pytest.mark.parametrize("body", [{}, {"events": []}, {"events": "x"}])
async def test_an_empty_batch_is_refused(call: Caller, body: dict[str, Any]) -> None:
    assert details(await call.post("/events/batch", body)) == {"events": ["no_events"]}


async def test_a_batch_has_at_most_a_hundred_events(call: Caller) -> None:
    events = [{**EVENT, "transaction_id": str(number)} for number in range(101)]
    assert details(await call.post("/events/batch", {"events": events})) == {"events": ["too_many_events"]}
    assert (await call.post("/events/batch", {"events": events[:100]})).status == 200
