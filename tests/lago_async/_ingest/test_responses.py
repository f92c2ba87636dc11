"""The meaning of a response for each event of its batch: each event has one fate, and none is lost on a guess."""

import json
from itertools import accumulate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import ENDPOINTS, Request, Response
from lago_async._codec.writing import encode
from lago_async._ingest.parts import Backoff, Part, parts_of
from lago_async._ingest.responses import Verdict, verdict_of
from lago_async._ingest.settings import BATCH_BYTES
from lago_async._ingest.store import BEGIN, EventBatch, PackedBatch, PendingEvent
from lago_async.settings import RetryPolicy

REQUEST = Request(ENDPOINTS["create_batch_events"], "/events/batch", b"{}", repeatable=True)
THERE = {"transaction_id": ["value_already_exist"]}


def events_of(*ids: str) -> EventBatch:
    return EventBatch(range(len(ids)), [encode({"transaction_id": name}) for name in ids])


def batch(*events: PendingEvent) -> EventBatch:
    return EventBatch.of(events)


def verdict(events: EventBatch, status: int, body: object) -> Verdict:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return verdict_of(events, Response(REQUEST, status, {}, content, "request", 1, uncertain=False))


def refusal(status: int, details: object) -> dict[str, Any]:
    return {"status": status, "error": "refused", "code": "validation_errors", "error_details": details}


def stored(events: EventBatch) -> dict[str, Any]:
    return {"events": [{"lago_id": None, "transaction_id": event.transaction_id} for event in events]}


def test_a_success_counts_only_if_it_lists_the_events_that_were_sent() -> None:
    events = events_of("a", "b")
    assert verdict(events, 200, stored(events)).delivered == events
    bodies: list[object] = [
        stored(events_of("a")),
        stored(events_of("b", "a")),
        {"events": []},
        {"event": {}},
        {},
        b"",
        b"<html>Welcome</html>",
        b"null",
        b"[1]",
        json.dumps(stored(events)).encode()[:-5],
    ]
    for body in bodies:
        outcome = verdict(events, 200, body)
        assert outcome.later == events, body
        assert "200 with a body" in (outcome.problem or "")
        assert not outcome.ours


IDS = st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=5)


def compact(ids: list[str]) -> bytes:
    """Return the server's list of stored events as it writes it."""
    fields = {"code": "calls", "precise_total_amount_cents": None, "properties": {"transaction_id": "another"}}
    listed = [{"lago_id": None, "transaction_id": name, **fields} for name in ids]
    return json.dumps({"events": listed}, separators=(",", ":"), ensure_ascii=False).encode()


@given(ids=IDS, data=st.data())
def test_the_ends_of_a_list_say_no_more_than_the_whole_list_does(ids: list[str], data: st.DataObject) -> None:
    """Most successes are not decoded. A list that breaks off, ends early, or begins otherwise, fails."""
    events = events_of(*ids)
    body = compact(ids)
    assert verdict(events, 200, body).delivered is events
    first, last = data.draw(st.integers(0, len(ids))), data.draw(st.integers(0, len(ids)))
    others: list[bytes] = [compact(ids[first:last]), compact([*ids, "more"]), body[: data.draw(st.integers(0, 99))]]
    for other in others:
        listed = [each["transaction_id"] for each in json.loads(other)["events"]] if other.endswith(b"}") else []
        assert (not verdict(events, 200, other).later) == (listed == ids), other


def test_events_that_are_named_are_taken_out_and_the_others_go_again() -> None:
    events = events_of("a", "b", "c", "d")
    a, b, c, d = events
    outcome = verdict(
        events, 422, refusal(422, {"1": THERE, "3": "expression_evaluation_failed: x", "0": {"code": ["x"]}})
    )
    assert outcome.duplicates == [b]
    assert [(event, json.loads(reason)) for event, reason in outcome.rejected] == [
        (a, {"status_code": 422, "error_details": {"code": ["x"]}}),
        (d, {"status_code": 422, "error_details": "expression_evaluation_failed: x"}),
    ]
    assert outcome.again == [batch(c)]


def test_of_events_with_one_id_those_that_the_server_may_lack_go_again() -> None:
    events = events_of("same", "same", "same")
    a, b, c = events
    assert verdict(events, 422, refusal(422, {"1": THERE, "2": THERE})).again == [batch(a), batch(b, c)]
    assert verdict(events, 422, refusal(422, {"0": THERE, "1": THERE, "2": THERE})).duplicates == events


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refusal_that_names_no_event_halves_the_batch_until_it_is_about_one(status: int) -> None:
    for details in ("a text", {"events": ["x"]}, {"7": THERE}, {"-1": THERE}, {"1": THERE, "events": []}, ["x"]):
        events = events_of("a", "b", "c")
        a, b, c = events
        assert verdict(events, status, refusal(status, details)).again == (batch(a), batch(b, c))
        ((event, reason),) = verdict(events[:1], status, refusal(status, details)).rejected
        assert (event, json.loads(reason)) == (a, {"status_code": status, "error_details": details})


def test_an_index_of_thousands_of_digits_names_no_event() -> None:
    events = events_of("a", "b")
    outcome = verdict(events, 422, refusal(422, {"1" * 5_000: {"code": ["value_is_invalid"]}}))
    assert outcome.again == (events[:1], events[1:])


def test_a_page_of_a_proxy_rejects_no_event_whatever_its_status() -> None:
    events = events_of("a")
    for status in (300, 302, 400, 401, 403, 404, 405, 407, 408, 409, 418, 422, 425, 429, 500, 502, 503, 504, 520):
        for body in (b"<html></html>", b"", b"null", b'{"message": "no"}', b'{"error_details": {"0": "x"}}'):
            outcome = verdict(events, status, body)
            assert outcome.later == events, (status, body)
            assert outcome.problem
            assert outcome.ours is (status == 500)


def test_an_entity_that_is_too_large_alone_is_rejected_also_by_a_proxy() -> None:
    events = events_of("a", "b")
    a, b = events
    assert verdict(events, 413, b"<html></html>").again == (batch(a), batch(b))
    ((event, reason),) = verdict(events[:1], 413, b"<html></html>").rejected
    assert (event, json.loads(reason)) == (a, {"status_code": 413, "error_details": None})


def test_the_most_events_that_a_server_takes_are_learned() -> None:
    assert verdict(events_of("a", "b"), 422, refusal(422, {"events": ["too_many_events"]})).too_many


@given(ids=st.lists(st.text(max_size=3), max_size=6), packed=st.booleans(), cut=st.integers(-7, 7))
def test_a_batch_is_the_list_of_its_events(ids: list[str], *, packed: bool, cut: int) -> None:
    events = [PendingEvent(3 + key, name, encode({"transaction_id": name})) for key, name in enumerate(ids)]
    batch = EventBatch(range(3, 3 + len(ids)), [event.body for event in events])
    if packed and events:
        body = batch.request_body()
        ends = list(accumulate((len(event.body) + 1 for event in events), initial=len(BEGIN) - 1))[1:]
        batch = PackedBatch(batch.keys, body, ends)
        assert batch.request_body() is body
    assert batch == events
    assert batch[:cut] == events[:cut]
    assert EventBatch.joined([batch[:cut], batch[cut:]]) == events
    assert [batch[index] for index in range(len(batch))] == events
    assert EventBatch.of(events) == events
    assert list(batch[cut:].keys) == [event.key for event in events[cut:]]
    assert list(batch.bodies) == [event.body for event in events]
    assert batch[cut:].size == sum(len(event.body) for event in events[cut:])
    assert batch.size == sum(len(event.body) for event in events)
    assert batch.picked(range(0, len(ids), 2)) == events[::2]
    if events:
        assert batch.end_ids == (encode(ids[0]), encode(ids[-1]))
    assert [batch[index].transaction_id for index in range(-len(ids), len(ids))] == ids + ids
    for outside in (len(ids), -len(ids) - 1):
        with pytest.raises(IndexError):
            batch[outside]


@given(sizes=st.lists(st.integers(0, 9), min_size=1, max_size=5))
def test_the_body_of_a_request_lists_the_events_and_leaves_them_as_they_are(sizes: list[int]) -> None:
    bodies = [b'"%b"' % (b"x" * size) for size in sizes]
    events = EventBatch(range(len(sizes)), list(bodies))
    assert json.loads(events.request_body()) == {"events": ["x" * size for size in sizes]}
    assert events.request_body() == events.request_body()
    assert list(events.bodies) == bodies


KEYS = st.sampled_from(["0", "1", "2", "9", "status", "events", "error_details", "code"])
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.integers(-3, 3) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["0", "1", "2", "9", "status", "events", "error_details", "code"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)


@given(
    ids=st.lists(st.sampled_from("abc"), min_size=1, max_size=4),
    status=st.sampled_from([200, 201, 204, 301, 400, 401, 413, 422, 429, 500, 503]),
    body=JSON | JSON.map(lambda details: refusal(422, details)),
)
def test_every_event_has_exactly_one_fate(ids: list[str], status: int, body: Any) -> None:
    events = events_of(*ids)
    outcome = verdict(events, status, body)
    fates = [*outcome.delivered, *outcome.duplicates, *outcome.later]
    fates += [event for event, _ in outcome.rejected]
    fates += [event for part in outcome.again for event in part]
    assert sorted(fates) == events


@given(st.lists(st.integers(1, BATCH_BYTES + 5), max_size=12))
def test_parts_have_every_event_in_order_and_at_most_so_many_bytes(sizes: list[int]) -> None:
    events = EventBatch(range(len(sizes)), [bytes(size) for size in sizes])
    parts = list(parts_of(events)) if events else []
    assert [key for part in parts for key in part.keys] == list(events.keys)
    assert all(len(part) == 1 or part.size <= BATCH_BYTES for part in parts)
    assert all(parts)


@given(st.integers(1, 200), st.floats(0, 10), st.floats(0, 10), st.none() | st.floats(0, 1e6))
def test_delays_are_never_zero_and_never_longer_than_the_policy_says(
    failures: int, base: float, longest: float, asked: float | None
) -> None:
    delay = Backoff(RetryPolicy(base_delay=base, max_delay=longest)).delay(failures, asked)
    assert 0.001 <= delay <= max(0.001, longest)
    assert asked is None or delay >= min(asked, longest)


def test_a_part_is_split_sooner_if_the_server_takes_other_events_meanwhile() -> None:
    part = Part(events_of("a", "b"), 0)
    for _ in range(3):
        part = part.failed_again(delivered=5)
    assert not part.should_split(5)
    assert part.should_split(6)
    for _ in range(3):
        part = part.failed_again(delivered=5)
    assert part.should_split(5)
    assert not Part(events_of("a"), 0, failures=99).should_split(6)
