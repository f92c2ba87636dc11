"""The models against the answers of a running Lago: nothing is lost, and every annotation is right."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from types import NoneType
from typing import Any, get_args

import attrs
import pytest

from lago_async._codec.envelope import Envelope
from lago_async._codec.hints import has_origin
from lago_async._registry import ENDPOINTS
from lago_async._table.endpoint import Endpoint
from lago_async._table.messages import Request, Response
from tests.contract.kinds import members, takes_none
from tests.contract.recordings import Exchange, exchanges

# An event that was sent with milliseconds in the place of seconds: no datetime holds this year.
FAR_FUTURE = "57982-02-07T00:00:00.000Z"


def successes() -> list[Exchange]:
    return [exchange for exchange in exchanges() if 200 <= exchange.status < 300]


def read(exchange: Exchange, endpoint: Endpoint) -> Any:
    request = Request(endpoint, exchange.target, None, False)
    return endpoint.decode(Response(request, exchange.status, exchange.headers, exchange.body, "id", 1, False))


def endpoint_of(exchange: Exchange) -> Endpoint | None:
    """Return the row of an operation; of two shapes, the one whose envelope the response has."""
    forms = [row.endpoint for row in ENDPOINTS.rows if row.name == exchange.operation]
    fitting = [form for form in forms if isinstance(exchange.response, dict) and form.root in exchange.response]
    return next(iter(fitting or forms), None)


def test_every_recorded_success_is_read_completely_as_annotated_and_by_the_fast_reader(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No key is lost, every value has its type, and only nullable fields are null or absent."""
    monkeypatch.setattr(Envelope, "read_tolerantly", lambda envelope, body: envelope._fast.decode(body))
    problems: defaultdict[str, Counter[str]] = defaultdict(Counter)
    without: set[str] = set()
    completely = 0
    for exchange in successes():
        endpoint = endpoint_of(exchange)
        if endpoint is None:
            without.add(exchange.method)
            continue
        if FAR_FUTURE.encode() in exchange.body:
            continue
        try:
            result = read(exchange, endpoint)
        except Exception as error:  # noqa: BLE001 - all problems are reported together
            problems[f"{endpoint.name}: {type(error).__name__} {error}"][exchange.story] += 1
            continue
        completely += 1
        for problem in losses_of(endpoint, exchange.response, result):
            problems[f"{endpoint.name}: {problem}"][exchange.story] += 1
    shown = [f"{problem} ({stories.total()} times, as in {min(stories)})" for problem, stories in problems.items()]
    assert not shown, "\n".join(sorted(shown))
    assert without == {"PATCH"}  # the server's router has a second method for each PUT
    assert completely > 5_000


def test_of_a_time_that_no_datetime_holds_only_that_field_is_lost(caplog: pytest.LogCaptureFixture) -> None:
    found = [exchange for exchange in successes() if FAR_FUTURE.encode() in exchange.body]
    assert {exchange.operation for exchange in found} == {"create_event", "find_all_events"}
    for exchange in found:
        endpoint = ENDPOINTS[exchange.operation]
        lost = set(losses_of(endpoint, exchange.response, read(exchange, endpoint)))
        assert lost == {f"Event.timestamp: {FAR_FUTURE!r} is read as None"}
    assert all("Event.timestamp" in message for message in caplog.messages)
    assert len(caplog.messages) == len(found)


def losses_of(endpoint: Endpoint, body: Any, result: Any) -> Iterator[str]:
    """Yield the differences between a whole body and the result of its operation."""
    if not isinstance(body, dict) or endpoint.returns in (None, NoneType, str):
        if body not in (None, "", result):
            yield f"{body!r} is read as {result!r}"
        return
    beside = {endpoint.root, endpoint.response_sibling} | ({"meta"} if endpoint.paged else set())
    yield from (f"{name} beside the envelope is lost" for name in body.keys() - beside)
    hint = endpoint.returns
    if endpoint.paged:
        hint, meta, result = list[get_args(hint)[0]], result.meta, result.items  # type: ignore[misc]
        yield from differences(body["meta"], meta, type(meta), "meta")
    yield from differences(body[str(endpoint.root)], result, hint, str(endpoint.root))


def differences(sent: Any, read: Any, hint: Any, place: str) -> Iterator[str]:
    """Yield the differences between JSON and what it was read as, and between that and its annotation."""
    if hint is Any:
        if sent != read:
            yield f"{place}: {sent!r} is read as {read!r}"
        return
    if sent is None or read is None:
        if sent is not read:
            yield f"{place}: {sent!r} is read as {read!r}"
        elif not takes_none(hint):
            yield f"{place} is annotated as never null, and is null"
        return
    parts = members(hint)
    (first, *_) = parts
    if attrs.has(first):
        fields = {field.name: field for field in attrs.fields(attrs.resolve_types(first))}
        yield from (f"{first.__name__} has no {name}" for name in sent.keys() - fields.keys())
        for name in fields.keys() - sent.keys():
            if not takes_none(fields[name].type) and not has_origin(list)(fields[name].type):
                yield f"{first.__name__}.{name} is annotated as never null, and is absent"
        for name in sent.keys() & fields.keys():
            yield from differences(
                sent[name], getattr(read, name), fields[name].type, f"{first.__name__}.{fields[name].alias}"
            )
    elif has_origin(list)(first):
        if len(sent) != len(read):
            yield f"{place}: {len(sent)} items are read as {len(read)}"
        for item, mine in zip(sent, read, strict=False):
            yield from differences(item, mine, get_args(first)[0], place)
    elif has_origin(dict)(first):
        if sent.keys() != read.keys():
            yield f"{place}: the keys differ"
        for name in sent.keys() & read.keys():
            yield from differences(sent[name], read[name], get_args(first)[1], f"{place}{{}}")
    elif type(read) not in parts or not is_same(sent, read):
        yield f"{place}: {sent!r} is read as {read!r}, and annotated as {hint}"


def is_same(sent: Any, read: Any) -> bool:
    """Tell whether a value says what the JSON said; a number may have been text."""
    match read:
        case bool() | str():
            return type(sent) is type(read) and bool(sent == read)
        case int() | Decimal():
            return Decimal(str(sent)) == read
        case float():
            return float(sent) == read
        case datetime():
            return datetime.fromisoformat(sent) == read
        case date():
            return date.fromisoformat(sent) == read
        case _:
            return False
