"""Measures of decoding: the time that a 400 KB page of past usage takes to become objects, and the memory they take."""

from __future__ import annotations

import json
import tracemalloc
from types import GenericAlias
from typing import TYPE_CHECKING, Any

from lago_async import ENDPOINTS
from lago_async._codec.envelope import Envelope
from lago_async._table.messages import Response
from lago_async._table.pages import PageMeta
from lago_async.models import UsagePeriod
from tests.benchmarks import payloads
from tests.benchmarks.measuring import Line, at_most, compare, cpu_each, in_turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from lago_async._table.pages import Page
    from tests.benchmarks.measuring import Effort, Turn

CPU = "CPU time per page, {} pages per turn"


def _decode(body: bytes) -> Page[UsagePeriod]:
    """Decode a body as a call does."""
    endpoint = ENDPOINTS["find_all_customer_past_usage"]
    request = endpoint.encode(("cus_1",), {"external_subscription_id": "sub_1"})
    return endpoint.decode(Response(request, 200, {}, body, "1", 1, False))  # type: ignore[no-any-return]


def decode(effort: Effort) -> list[Line]:
    """Measure both readers on a page that is as declared, and on a page with oddities everywhere."""
    import orjson

    page = payloads.to_bytes(payloads.past_usage())
    odd = payloads.to_bytes(payloads.past_usage(odd=True))
    tolerant = Envelope[list[Any]]("usage_periods", GenericAlias(list, UsagePeriod), meta=PageMeta)
    count = effort.calls(40)

    def turn(read: Callable[[bytes], object], body: bytes) -> Turn:
        def work() -> None:
            for _ in range(count):
                read(body)

        return lambda: cpu_each(work, count)

    size = f"{len(page) // 1000} KB"
    rival, odd_rival = "orjson.loads", "orjson.loads (odd)"
    turns = {
        "ours": turn(_decode, page),
        "tolerant": turn(tolerant.read_tolerantly, page),
        rival: turn(orjson.loads, page),
        "odd": turn(_decode, odd),
        odd_rival: turn(orjson.loads, odd),
    }
    taken = in_turns(turns, effort.rounds(15))
    how = f"{CPU.format(count)}, letting go of it included"
    return [
        compare(f"decode {size} to models", taken, rival, unit="us", target=at_most(1.45), how=how),
        compare("the same, tolerant reader", taken, rival, ours="tolerant", unit="us", target=at_most(4), how=how),
        compare("an oddity in every charge", taken, odd_rival, ours="odd", unit="us", target=at_most(4), how=how),
    ]


def memory(_: Effort) -> list[Line]:
    """Measure the memory of a decoded page, as the allocator counts it."""
    import orjson

    page = payloads.to_bytes(payloads.past_usage())
    readers: dict[str, Callable[[bytes], object]] = {
        "ours": _decode,
        "dicts of orjson.loads": orjson.loads,
        "dicts of json.loads": json.loads,
    }
    held = {name: _held(read, page) for name, read in readers.items()}
    return [
        Line(
            measure="memory of the decoded page",
            unit="KB",
            ours=held["ours"],
            rival=rival,
            theirs=held[rival],
            ratio=held["ours"] / held[rival],
            target=at_most(0.8),
            how="live bytes by tracemalloc, no rounds needed: they are always the same",
        )
        for rival in list(held)[1:]
    ]


def _held(read: Callable[[bytes], object], body: bytes) -> float:
    read(body)  # objects that are made once, such as the decoder, do not belong to the page
    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        page = read(body)
        after, _ = tracemalloc.get_traced_memory()
        del page
    finally:
        tracemalloc.stop()
    return (after - before) / 1000
