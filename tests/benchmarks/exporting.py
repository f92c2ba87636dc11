"""Measures of the export: the cost of a row per format, from the server to the file and only in memory."""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import lago_async
from lago_async import ENDPOINTS
from lago_async._table.messages import Response
from lago_async.usage import export
from lago_async.usage._export.rows import rows_of
from lago_async.usage._formats.choice import FORMATS
from tests.benchmarks import payloads, server, walking
from tests.benchmarks.measuring import Line, compare, cpu_each, in_turns

if TYPE_CHECKING:
    from collections.abc import Callable

    from lago_async.models import UsagePeriod
    from lago_async.usage._formats.base import Format
    from tests.benchmarks.measuring import Effort, Turn

_LABELS = {"ndjson": "NDJSON", "csv": "CSV", "parquet": "Parquet"}
# The time of XLSX is that of a library.
_FORMATS = {name: form for name, form in FORMATS.items() if name in _LABELS}
_FETCHED = "fetched, not exported"


def export_rows(effort: Effort) -> list[Line]:
    """Measure a complete export from a local server, and fetching alone; then the making of rows, and of bytes."""
    subscriptions, rounds = effort.calls(100), effort.rounds(7)
    periods = _periods()
    rows_of_all = subscriptions * sum(len(rows_of(("cus_1", "sub_1"), period)) for period in periods)

    async def fetch(url: str) -> None:
        async with lago_async.LagoClient(api_key=walking.KEY, base_url=url) as client:
            await walking.ours(client, walking.pairs(subscriptions), payloads.LARGE.periods)

    async def save(url: str, out: Path) -> None:
        async with lago_async.LagoClient(api_key=walking.KEY, base_url=url) as client:
            summary = await export(
                client,
                out,
                subscriptions=walking.pairs(subscriptions),
                per_page=payloads.LARGE.periods,
                names=False,
                overwrite=True,
            )
        assert summary.rows == rows_of_all, summary

    def turn(work: Callable[[], object], count: int) -> Turn:
        return lambda: cpu_each(work, count)

    with server.running() as host, tempfile.TemporaryDirectory() as folder:
        turns: dict[str, Turn] = {
            form: turn(lambda form=form: asyncio.run(save(host.url, Path(folder, f"usage.{form}"))), rows_of_all)  # type: ignore[misc]
            for form in _FORMATS
        }
        turns[_FETCHED] = turn(lambda: asyncio.run(fetch(host.url)), rows_of_all)
        whole = in_turns(turns, rounds)
    count = effort.calls(20)
    in_memory = in_turns(
        {
            name: turn(_encoding(form(), periods, count), rows_of_all // subscriptions * count)
            for name, form in _FORMATS.items()
        },
        rounds,
    )
    return [
        *(
            compare(
                f"export, a row of {_LABELS[form]}",
                whole,
                _FETCHED,
                ours=form,
                unit="us",
                target=None,
                how=f"CPU time of the process, {rows_of_all:,} rows per turn, from a server to a file",
            )
            for form in _FORMATS
        ),
        *(
            Line(
                measure=f"of it, from models to bytes, {_LABELS[form]}",
                unit="us",
                ours=statistics.median(in_memory[form]),
                rival="",
                theirs=None,
                ratio=None,
                target=None,
                how=f"CPU for each row, in memory; median of {rounds} rounds",
            )
            for form in _FORMATS
        ),
    ]


def _periods() -> list[UsagePeriod]:
    endpoint = ENDPOINTS["find_all_customer_past_usage"]
    request = endpoint.encode(("cus_1",), {"external_subscription_id": "sub_1"})
    body = payloads.to_bytes(payloads.past_usage())
    return endpoint.decode(Response(request, 200, {}, body, "1", 1, False)).items  # type: ignore[no-any-return]


def _encoding(form: Format, periods: list[UsagePeriod], count: int) -> Callable[[], None]:
    def work() -> None:
        for _ in range(count):
            form.encode([row for period in periods for row in rows_of(("cus_1", "sub_1"), period)])

    return work
