"""An export without a server, with subscriptions of one to three pages, and its files on disk."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

from lago_async import LagoConnectionError
from lago_async.models import BillingEntity
from lago_async.models.customer_usage import UsagePeriod
from lago_async.usage import ExportSummary
from lago_async.usage._export.disk import Disk
from lago_async.usage._export.entries import ExportSettings
from lago_async.usage._export.pairs import Pair
from lago_async.usage._export.sink import Sink
from lago_async.usage._formats.choice import format_of
from lago_async.usage._formats.partition import Partition, Partitioned
from lago_async.usage._paths import files_of, is_partitioned
from tests.lago_async.usage.formats.files import from_parquet
from tests.lago_async.usage.formats.workbooks import from_xlsx
from tests.lago_async.usage.worlds import period

SETTINGS: ExportSettings = {"kind": "past", "from": None}
NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
PAIRS: list[Pair] = [(f"c{number}", f"s{number}") for number in range(6)]
BROKEN = PAIRS[3]


class Clock:
    """A clock that moves when it is set, and by a fixed step whenever it is read."""

    def __init__(self, step: float = 0.0) -> None:
        self.now = 0.0
        self.step = step

    def __call__(self) -> float:
        self.now += self.step
        return self.now


# A response may lack any field.
OWNER: BillingEntity = cast("Any", BillingEntity)(lago_id="57f9a1c5-2d05-4b29-8a8f-64a4a1f6be3e")


def error(pair: Pair) -> Exception:
    return LagoConnectionError(
        f"no answer\nfor {pair[1]}", operation="find_all_customer_past_usage", method="GET", path="/", request_id="r-1",
        attempts=4, maybe_applied=True,
    )  # fmt: skip


def page_of(number: int, page: int) -> UsagePeriod:
    """Return a page of a subscription, in one of three months; one subscription has large pages."""
    usage = period(number * 10 + page, charges=2 if number == 4 else 1)
    usage.from_datetime += timedelta(days=31 * ((number + page) % 3))
    return usage


def run(
    out: Path,
    disk: Disk,
    failing: Iterable[Pair] = (),
    *,
    overwrite: bool = False,
    settings: ExportSettings | None = None,
    now: datetime = NOW,
    partition: Partition | None = None,
) -> ExportSummary:
    """Export without a server: two subscriptions at a time, some of them with several pages."""
    form = format_of(out.suffix[1:])
    if partition is not None:
        form = Partitioned(form, partition)
    sink = Sink(
        out, form, settings or SETTINGS, overwrite=overwrite, disk=disk, clock=Clock(0.02),
        now=lambda: now,
    )  # fmt: skip
    try:
        if sink.complete:
            return sink.summary()
        sink.belong_to([OWNER])
        wanted = PAIRS if sink.missing is None else sink.missing
        wanted = [pair for pair in wanted if not sink.is_known(pair)]
        for start in range(0, len(wanted), 2):
            group = wanted[start : start + 2]
            for page in range(3):
                for pair in group:
                    number = PAIRS.index(pair)
                    if page < (sink.starts[pair].position if pair in sink.starts else 0) or page > number % 3:
                        continue
                    if pair in failing and page == number % 3:
                        sink.fail(pair, error(pair))
                    else:
                        sink.add(pair, [page_of(number, page)], last=page == number % 3, position=page + 1)
                sink.flush()
            sink.commit()
        return sink.finish()
    finally:
        sink.close()


def rows_in(out: Path) -> list[Any]:
    if is_partitioned(out):
        found = [row for part in files_of(out) for row in rows_in(part)]
        header = format_of("csv").begin()
        rows = [row for row in found if row != header] + ([header] if header in found else [])
        return sorted(rows, key=None if rows and isinstance(rows[0], bytes) else repr)
    if out.suffix == ".parquet":
        return sorted(from_parquet(out), key=repr)
    if out.suffix == ".xlsx":
        return sorted(from_xlsx(out), key=repr)
    lines = out.read_bytes().splitlines(keepends=True)
    return sorted(lines)


def beside(out: Path) -> set[str]:
    return {path.name.removeprefix(out.name) for path in out.parent.iterdir()}


def open_sink(out: Path, *, overwrite: bool = False, **settings: Any) -> Sink:
    return Sink(out, format_of("ndjson"), {**SETTINGS, **settings}, overwrite=overwrite, clock=Clock(), now=lambda: NOW)
