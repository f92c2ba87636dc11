"""An event that cannot be right is refused by the name of its field, before it is accepted."""

import json
import math
import uuid
from collections import UserDict
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import UNSET, EventInput, LagoArgumentError
from lago_async._ingest import acceptance
from lago_async._ingest.acceptance import EARLIEST, LATEST, MAX_EVENT_BYTES, MAX_ID_BYTES, EventEncoder

NOW = 1_764_183_747
EVENT: dict[str, Any] = {
    "transaction_id": "tx_1",
    "external_subscription_id": "sub_1",
    "code": "calls",
    "timestamp": NOW,
    "properties": {"region": "eu", "calls": 3, "share": 0.5, "ok": True, "none": None},
}


class Region(Enum):
    EU = "eu"


def encoded(event: Any) -> dict[str, Any]:
    transaction_id, body = EventEncoder().encode(event)
    sent: dict[str, Any] = json.loads(body)
    assert sent["transaction_id"] == transaction_id
    return sent


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


ENDLESS: dict[str, Any] = {}
ENDLESS["n"] = ENDLESS

WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"code": None}, "code", "missing"),
    ({"code": ""}, "code", "empty"),
    ({"code": "  "}, "code", "empty"),
    ({"code": 7}, "code", "expected str"),
    ({"code": b"calls"}, "code", "bytes"),
    ({"external_subscription_id": None}, "external_subscription_id", "missing"),
    ({"external_subscription_id": ""}, "external_subscription_id", "empty"),
    ({"external_subscription_id": UNSET, "external_customer_id": "cus"}, "external_customer_id", "give that id"),
    ({"external_customer_id": "cus"}, "external_customer_id", "has no"),
    ({"transaction_id": ""}, "transaction_id", "empty"),
    ({"transaction_id": uuid.UUID(int=1)}, "transaction_id", "UUID"),
    ({"timestamp": True}, "timestamp", "bool"),
    ({"timestamp": NOW * 1_000}, "timestamp", "milliseconds; divide it by 1000"),
    ({"timestamp": str(NOW * 1_000)}, "timestamp", "milliseconds"),
    ({"timestamp": NOW * 1_000_000}, "timestamp", "microseconds"),
    ({"timestamp": NOW * 1_000_000_000}, "timestamp", "nanoseconds"),
    ({"timestamp": 0}, "timestamp", "between the years"),
    ({"timestamp": -NOW}, "timestamp", "between the years"),
    ({"timestamp": LATEST}, "timestamp", "between the years"),
    ({"timestamp": 10**400}, "timestamp", "between the years"),
    ({"timestamp": math.nan}, "timestamp", "between the years"),
    ({"timestamp": math.inf}, "timestamp", "between the years"),
    ({"timestamp": Decimal("NaN")}, "timestamp", "between the years"),
    ({"timestamp": Decimal("sNaN")}, "timestamp", "between the years"),
    ({"timestamp": "2025-11-26T19:02:27Z"}, "timestamp", "not a number of seconds"),
    ({"timestamp": "1e9"}, "timestamp", "not a number of seconds"),
    ({"timestamp": f" {NOW}"}, "timestamp", "not a number of seconds"),
    ({"timestamp": "१७६४१८३७४७"}, "timestamp", "not a number of seconds"),
    ({"timestamp": datetime(2025, 11, 26)}, "timestamp", "no time zone"),  # noqa: DTZ001 - the case
    ({"timestamp": date(2025, 11, 26)}, "timestamp", "date"),
    ({"timestamp": [NOW]}, "timestamp", "list"),
    ({"properties": {"n": math.nan}}, "properties.n", "no such number"),
    ({"properties": {"n": [1, -math.inf]}}, "properties.n[1]", "no such number"),
    ({"properties": {"n": Decimal("Infinity")}}, "properties.n", "no such number"),
    ({"properties": {"n": b"x"}}, "properties.n", "bytes"),
    ({"properties": {"n": {1, 2}}}, "properties.n", "set"),
    ({"properties": {"n": object()}}, "properties.n", "object"),
    ({"properties": {1: "n"}}, "properties", "keys of type str"),
    ({"properties": {"n": "\ud800"}}, "properties.n", "surrogate"),
    ({"properties": {"n": "a\0b"}}, "properties.n", "NUL"),
    ({"properties": {"n": {"a\0b": 1}}}, "properties.n", "NUL"),
    ({"properties": {"n": nested(95)}}, "properties", "levels deep"),
    ({"properties": [1]}, "properties", "object"),
    ({"properties": {"n": "x" * MAX_EVENT_BYTES}}, "properties", "bytes of JSON"),
    ({"code": "a\0"}, "code", "NUL"),
    ({"transaction_id": "x" * MAX_ID_BYTES}, "transaction_id", "together"),
    ({"code": "ü" * (MAX_ID_BYTES // 2)}, "code", "together"),
    ({"precise_total_amount_cents": Decimal("NaN")}, "precise_total_amount_cents", "no such number"),
    ({"precise_total_amount_cents": Decimal(10) ** 25}, "precise_total_amount_cents", "25 digits"),
    ({"precise_total_amount_cents": "NaN"}, "precise_total_amount_cents", "'NaN' is not a number"),
    ({"precise_total_amount_cents": "sNaN"}, "precise_total_amount_cents", "'sNaN' is not a number"),
    ({"precise_total_amount_cents": "Infinity"}, "precise_total_amount_cents", "is not a number"),
    ({"precise_total_amount_cents": "1_000"}, "precise_total_amount_cents", "is not a number"),
    ({"precise_total_amount_cents": " 12 "}, "precise_total_amount_cents", "is not a number"),
    ({"precise_total_amount_cents": "१२"}, "precise_total_amount_cents", "is not a number"),
    ({"code": "\u3000"}, "code", "empty"),
    ({"external_subscription_id": "\u00a0"}, "external_subscription_id", "empty"),
    ({"transaction_id": "\u2003"}, "transaction_id", "empty"),
    ({"properties": {"n": 10**5_000}}, "properties", "more digits"),
    ({"properties": {"n": nested(5_000)}}, "properties", "nested too deeply"),
    ({"properties": ENDLESS}, "properties", "holds itself"),
    ({"property": {}}, "property", "did you mean 'properties'"),
]


def test_whatever_cannot_be_right_is_refused_with_the_operation_and_the_field() -> None:
    for change, field, problem in WRONG:
        event = {name: value for name, value in {**EVENT, **change}.items() if value is not UNSET}
        with pytest.raises(LagoArgumentError) as refused:
            EventEncoder().encode(event)
        message = str(refused.value)
        assert message.startswith("EventSink.add: "), message
        assert field in message, (message, field)
        assert problem in message, (message, problem)
        assert len(message) < 500


def test_what_is_no_event_at_all_is_refused() -> None:
    for event in (None, "event", [EVENT], 7):
        with pytest.raises(LagoArgumentError, match="expected an EventInput or a mapping"):
            EventEncoder().encode(event)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


RIGHT: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({}, {}),
    ({"timestamp": float(NOW) + 0.25}, {}),
    ({"timestamp": str(NOW)}, {}),
    ({"timestamp": f"{NOW}.125"}, {}),
    ({"timestamp": EARLIEST}, {}),
    ({"timestamp": Decimal(f"{NOW}.125")}, {"timestamp": f"{NOW}.125"}),
    ({"timestamp": Decimal("1.76E+9")}, {"timestamp": "1760000000"}),
    ({"timestamp": datetime.fromtimestamp(NOW, UTC)}, {"timestamp": f"{NOW}.000"}),
    ({"properties": None}, {}),
    ({"properties": {}}, {}),
    ({"properties": {"n": "\\u0000", "m": {"a": [1, None, {"b": "ü"}]}}}, {}),
    ({"properties": {"n": Decimal("0.10")}}, {"properties": {"n": "0.10"}}),
    ({"properties": {"n": Region.EU}}, {"properties": {"n": "eu"}}),
    ({"properties": {"n": 2**70}}, {}),
    ({"properties": {"n": nested(80)}}, {}),
    ({"precise_total_amount_cents": "-1.5e3"}, {}),
    ({"precise_total_amount_cents": Decimal("12.5")}, {"precise_total_amount_cents": "12.5"}),
    ({"external_subscription_id": "sub ü", "transaction_id": "not a UUID"}, {}),
]


def test_an_event_is_sent_as_it_was_given() -> None:
    for change, differs in RIGHT:
        event = {**EVENT, **change}
        assert encoded(event) == {**event, **differs}
        assert encoded(UserDict(event)) == {**event, **differs}
        assert encoded(EventInput(**event)) == {**event, **differs}


def test_a_given_event_is_not_changed() -> None:
    event = {"code": "calls", "external_subscription_id": "sub_1"}
    EventEncoder().encode(event)
    assert event == {"code": "calls", "external_subscription_id": "sub_1"}


def test_each_event_without_them_gets_a_uuid_and_the_time_of_acceptance(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceptance, "time", lambda: NOW + 0.123456)
    encoder = EventEncoder()
    for event in ({}, {"transaction_id": None, "timestamp": None}, {"precise_total_amount_cents": 5}):
        given_event: dict[str, Any] = {"code": "calls", "external_subscription_id": "sub_1", **event}
        sent = json.loads(encoder.encode(given_event)[1])
        assert sent["timestamp"] == NOW + 0.123
        assert uuid.UUID(sent["transaction_id"]).version == 4


def test_ids_are_uuids_of_version_4_and_never_come_twice() -> None:
    encoder = EventEncoder()
    ids = [encoder.encode({"code": "calls", "external_subscription_id": "sub_1"})[0] for _ in range(1_000)]
    assert len(set(ids)) == len(ids)
    for text in ids:
        made = uuid.UUID(text)
        assert (str(made), made.version, made.variant) == (text, 4, uuid.RFC_4122)


def test_a_series_of_ids_that_ends_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(acceptance, "_SERIES", 10)
    encoder = EventEncoder()
    ids = [encoder.encode({"code": "calls", "external_subscription_id": "sub_1"})[0] for _ in range(45)]
    assert len(set(ids)) == 45
    assert len({text[:30] for text in ids}) == 5
    assert all(str(uuid.UUID(text)) == text for text in ids)


def test_an_event_of_many_is_named_by_its_index() -> None:
    with pytest.raises(LagoArgumentError, match=r"^EventSink.add_many: \[1\]: code: it is missing"):
        EventEncoder().encode_all([EVENT, {**EVENT, "code": None}])


def test_many_events_are_an_iterable_and_not_one_event() -> None:
    for events in (EVENT, None, 7, "events"):
        with pytest.raises(LagoArgumentError, match=r"^EventSink.add_many: expected an iterable of events, got "):
            EventEncoder().encode_all(events)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.text(max_size=5), JSON_VALUES, max_size=4))
def test_properties_are_sent_as_they_are_or_refused(properties: dict[str, Any]) -> None:
    try:
        sent = encoded({**EVENT, "properties": properties})
    except LagoArgumentError:
        text = json.dumps(properties, default=repr)
        assert any(sign in text for sign in ("NaN", "Infinity", "\\u0000", "b'", 'b\\"', "\\ud")), text
    else:
        assert sent["properties"] == properties


@given(st.floats(allow_nan=True) | st.integers() | st.text(alphabet="0123456789.e -_", max_size=16))
def test_every_time_that_is_sent_is_between_2000_and_2100(timestamp: Any) -> None:
    try:
        sent = encoded({**EVENT, "timestamp": timestamp})["timestamp"]
    except LagoArgumentError:
        return
    assert EARLIEST <= float(sent) < LATEST
    assert sent == timestamp
