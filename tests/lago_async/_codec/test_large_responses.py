"""Large responses: reading in pieces gives the same result as at once, and does not block the event loop."""

import asyncio
import gc
import json
import logging
from collections.abc import Callable, Generator
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lago_async import ENDPOINTS, LagoApiError, LagoDecodeError
from lago_async._codec.envelope import Envelope
from lago_async._codec.parsing import UndecodableError
from lago_async._codec.pieces import Read, read_strictly, tolerantly
from lago_async._codec.scheduling import LARGE, PIECE
from lago_async._table.endpoint import Endpoint
from lago_async._table.messages import Response
from lago_async._table.pages import Page, PageMeta
from lago_async.models import CustomerUsage, Fee, Invoice, Subscription, UsagePeriod
from tests.contract.test_decoding import FEW, JSON, responses

_T = TypeVar("_T")

PERIODS = Envelope[list[UsagePeriod]]("usage_periods", list[UsagePeriod], meta=PageMeta)
PAST_USAGE = ENDPOINTS["find_all_customer_past_usage"]

ENVELOPES: list[tuple[Envelope[Any], Any]] = [
    (PERIODS, UsagePeriod),
    (Envelope("fees", list[Fee], meta=PageMeta), Fee),
    (Envelope("customer_usage", CustomerUsage), CustomerUsage),
    (Envelope("invoice", Invoice), Invoice),
    (Envelope("subscription", Subscription | None), Subscription),
]


def in_steps(steps: Generator[None, None, _T]) -> tuple[int, _T]:
    """Return the number of turns for other tasks, and the result."""
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return count, end.value
        count += 1


def outcome(read: Callable[[bytes], object], body: bytes) -> object:
    """Return the result, or the error."""
    try:
        return read(body)
    except UndecodableError as error:
        return str(error)


@pytest.fixture(params=[len("null"), 40, 400])
def tiny(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every part is large, except null."""
    monkeypatch.setattr("lago_async._codec.envelope.LARGE", 0)
    monkeypatch.setattr("lago_async._codec.pieces.PIECE", request.param)


@st.composite
def altered(draw: st.DrawFn, whole: Any) -> Any:
    """Return a response with some of its JSON replaced by other JSON, or removed."""
    if draw(st.integers(0, 12)) == 0:
        return draw(JSON)
    if isinstance(whole, dict):
        kept = {key: value for key, value in whole.items() if draw(st.integers(0, 15))}
        return {key: draw(altered(value)) for key, value in kept.items()}
    if isinstance(whole, list):
        return [draw(altered(item)) for item in whole]
    return whole


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(("envelope", "model"), ENVELOPES, ids=lambda each: getattr(each, "root", ""))
@pytest.mark.parametrize("odd", [False, True], ids=["as declared", "odd"])
def test_what_is_read_in_pieces_is_the_same_as_at_once(envelope: Envelope[Any], model: Any, odd: bool) -> None:
    is_list = envelope.root.endswith("s")
    content = st.lists(responses(model), max_size=3) if is_list else responses(model)
    bodies = st.fixed_dictionaries(
        {envelope.root: content}, optional={"meta": st.just({"current_page": "1", "next_page": 2}), "new": JSON}
    )

    @settings(FEW, max_examples=20)
    @given(bodies.flatmap(altered) if odd else bodies)
    def check(whole: Any) -> None:
        body = json.dumps(whole).encode()
        at_once = outcome(envelope.read, body)
        with pytest.MonkeyPatch.context() as patch:
            if not odd:
                patch.setattr(Envelope, "read", None)  # for values that cannot be cut
            assert outcome(lambda body: in_steps(envelope.read_in_steps(body))[1], body) == at_once

    check()


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"{}",
        b'{"usage_periods":null}',
        b'{"usage_periods":{"amount_cents":1}}',
        b'{"usage_periods":[{"amount_cents":1}',
        b'{"usage_periods":[{"amount_cents":1}]} x',
        b'{"usage_periods":[{"currency":"\xff',
        b'{"usage_periods":[{"currency":"\\q"}]}',
    ],
)
def test_what_is_refused_is_refused_in_the_same_words(body: bytes) -> None:
    refusal = outcome(PERIODS.read, body)
    assert isinstance(refusal, str)
    assert outcome(lambda body: in_steps(PERIODS.read_in_steps(body)), body) == refusal


def entry(number: int) -> dict[str, object]:
    return {"units": f"{number}.25", "events_count": number, "amount_cents": number, "pricing_unit_details": None}


def usage_periods(*, periods: int = 1, charges: int = 2, groups: int = 120, **odd: object) -> bytes:
    """Return a page of past usage with 380 KB per charge."""
    filters = [{**entry(number), "values": {"region": [f"region-{number}"]}} for number in range(20)]
    usage = [{**entry(n), "grouped_by": {"workspace": str(n)}, "filters": filters} for n in range(groups)]
    charge = {**entry(7), "charge": {"code": "calls"}, "filters": filters, "grouped_usage": usage, **odd}
    period = {"currency": "EUR", "charges_usage": [charge] * charges}
    return json.dumps({"usage_periods": [period] * periods, "meta": {"current_page": 1, "next_page": None}}).encode()


def answer(body: bytes, status: int = 200, endpoint: Endpoint = PAST_USAGE) -> Response:
    sent = endpoint.encode(("cus_1",), {"external_subscription_id": "sub_1"})
    return Response(sent, status, {}, body, "request", 1, uncertain=False)


@pytest.mark.parametrize("odd", [{}, {"amount_currency": 7, "charge": None}], ids=["as declared", "odd"])
def test_a_single_period_is_cut_wherever_it_is_large(odd: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    body = usage_periods(**odd)
    pieces: list[int] = []

    def counted(read: Read) -> Read:
        def count_and_read(raw: Any, kind: Any, field: str) -> Any:
            pieces.append(len(raw))
            return read(raw, kind, field)

        return count_and_read

    monkeypatch.setattr("lago_async._codec.envelope.read_strictly", counted(read_strictly))
    monkeypatch.setattr("lago_async._codec.envelope.tolerantly", lambda oddities: counted(tolerantly(oddities)))
    count, result = in_steps(PERIODS.read_in_steps(body))
    assert result == PERIODS.read(body)
    assert max(pieces) < PIECE * 2
    assert count >= len(body) // PIECE


def test_a_small_answer_is_one_piece() -> None:
    count, (periods, _) = in_steps(PERIODS.read_in_steps(usage_periods(charges=1, groups=5)))
    assert (count, len(periods)) == (0, 1)


def test_an_oddity_in_a_large_answer_is_logged_without_its_content(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "lago_async"):
        _, (periods, _) = in_steps(PERIODS.read_in_steps(usage_periods(events_count="a secret")))
    assert [charge.events_count for charge in periods[0].charges_usage] == [None, None]
    warnings = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert warnings == [
        "a response: ChargeUsage.events_count: a JSON string cannot be read as int and is None (2 times)"
    ]


async def turns_of(work: "asyncio.Task[Any]") -> int:
    """Return the number of loop iterations until the work was done."""
    turns = 0
    while not work.done():
        await asyncio.sleep(0)
        turns += 1
    return turns


async def test_the_loop_has_a_turn_between_any_two_pieces() -> None:
    body = usage_periods(periods=3)
    work = asyncio.create_task(PAST_USAGE.adecode(answer(body)))
    assert await turns_of(work) >= len(body) // PIECE
    page = work.result()
    assert isinstance(page, Page)
    assert page == PAST_USAGE.decode(answer(body))


@pytest.mark.parametrize("groups", [120, 40], ids=["large", "one piece each"])
async def test_many_that_decode_at_once_share_the_turns(groups: int, monkeypatch: pytest.MonkeyPatch) -> None:
    turn, taken = 0, []
    read_in_steps = Envelope.read_in_steps

    def counted(self: Envelope[Any], body: bytes) -> Generator[None, None, Any]:
        steps = read_in_steps(self, body)
        while True:
            taken.append(turn)
            try:
                yield next(steps)
            except StopIteration as end:
                return end.value

    monkeypatch.setattr(Envelope, "read_in_steps", counted)
    work = asyncio.gather(*(PAST_USAGE.adecode(answer(usage_periods(groups=groups))) for _ in range(5)))
    while not work.done():
        await asyncio.sleep(0)
        turn += 1
    assert len(taken) >= 5
    assert len(set(taken)) == len(taken)


async def test_the_collector_is_never_paused_across_a_turn_of_the_loop() -> None:
    work = asyncio.create_task(PAST_USAGE.adecode(answer(usage_periods(periods=3))))
    thresholds = set()
    while not work.done():
        await asyncio.sleep(0)
        thresholds.add(gc.get_threshold())
    assert thresholds == {gc.get_threshold()}
    assert gc.get_threshold()[0] > 0


async def test_a_call_that_is_cancelled_in_the_middle_leaves_nothing() -> None:
    body = usage_periods(periods=3)
    work = asyncio.create_task(PAST_USAGE.adecode(answer(body)))
    for _ in range(5):
        await asyncio.sleep(0)
    assert not work.done()
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    assert await PAST_USAGE.adecode(answer(body)) == PAST_USAGE.decode(answer(body))  # the lock is free


@pytest.mark.parametrize(
    ("body", "status", "error", "words"),
    [
        (b" " * LARGE + b"{}", 200, LagoDecodeError, "no 'usage_periods'"),
        (b"<html>" + b" " * LARGE, 200, LagoDecodeError, "not JSON"),
        (b'{"code":"x"}' + b" " * LARGE, 404, LagoApiError, "404 x"),
    ],
)
async def test_a_large_answer_that_is_refused_is_refused_alike_on_both_faces(
    body: bytes, status: int, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        PAST_USAGE.decode(answer(body, status))
    with pytest.raises(error, match=words):
        await PAST_USAGE.adecode(answer(body, status))


@pytest.mark.parametrize("name", ["destroy_customer", "find_customer", "find_all_customers"])
async def test_a_small_answer_is_decoded_at_once(name: str) -> None:
    endpoint = ENDPOINTS[name]
    sent = endpoint.encode((), {}) if endpoint.paged else endpoint.encode(("cus_1",), {})
    body = b'{"customers":[]}' if endpoint.paged else b'{"customer":{"external_id":"cus_1"}}'
    small = Response(sent, 200, {}, body, "request", 1, uncertain=False)
    with pytest.raises(StopIteration) as end:
        endpoint.adecode(small).send(None)  # a coroutine that never waits
    assert end.value.value == endpoint.decode(small)
