"""The export on disk: whatever step it dies at, it goes on, and has the rows that it would have had."""

import errno
import json
from collections.abc import Callable, Iterable
from io import FileIO
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from lago_async import LagoConnectionError, LagoError
from lago_async.models import BillingEntity
from lago_async.models.customer_usage import UsagePeriod
from lago_async.usage import ExportConflictError, ExportError, ExportSummary
from lago_async.usage import sink as sinks
from lago_async.usage.disk import Disk
from lago_async.usage.formats import FORMATS, Parquet, format_of
from lago_async.usage.journal import Pair
from lago_async.usage.schema import rows_of
from lago_async.usage.sink import Sink
from tests.usage.test_formats import from_parquet
from tests.usage.worlds import period

SETTINGS = {"kind": "past", "from": None}
PAIRS: list[Pair] = [(f"c{number}", f"s{number}") for number in range(6)]
BROKEN = PAIRS[3]


class Crash(BaseException):
    """The process is gone."""


class Quick(Disk):
    """A disk that nobody waits for: what these tests lose, they lose on purpose."""

    def sync(self, file: FileIO) -> None:
        pass

    def sync_folder(self, folder: Path) -> None:
        pass


class Crashing(Quick):
    """A disk at which the process dies in the middle of one step.

    Args:
        step: Which one; counted in ``steps``.
        half: Whether the step is done by half, where it can be; else it isn't begun.
        power: Whether what was not synced is lost with it.
    """

    def __init__(self, step: int | None = None, *, half: bool = False, power: bool = False) -> None:
        self.step, self.half, self.power = step, half, power
        self.steps: list[str] = []
        self.synced: dict[Path, int] = {}
        self.files: dict[int, Path] = {}

    def _at(self, name: str, by_half: Callable[[], object] = lambda: None) -> None:
        self.steps.append(name)
        if len(self.steps) == self.step:
            if self.half:
                by_half()
            if self.power:
                for path, size in self.synced.items():
                    if path.exists() and path.stat().st_size > size:
                        with path.open("r+b") as file:
                            file.truncate(size)
            raise Crash

    def open(self, path: Path) -> FileIO:
        self._at(f"open {path.suffix}")
        file = super().open(path)
        self.files[file.fileno()] = path
        self.synced[path] = path.stat().st_size
        return file

    def write(self, file: FileIO, data: bytes | memoryview) -> None:
        data = memoryview(data)
        self._at(f"write {self._suffix(file)}", lambda: Disk.write(self, file, data[: data.nbytes // 2]))
        super().write(file, data)

    def sync(self, file: FileIO) -> None:
        self._at(f"sync {self._suffix(file)}")
        self.synced[self.files[file.fileno()]] = file.tell()

    def truncate(self, file: FileIO, size: int) -> None:
        self._at(f"truncate {self._suffix(file)}")
        super().truncate(file, size)
        path = self.files[file.fileno()]
        self.synced[path] = min(self.synced[path], size)

    def replace(self, source: Path, target: Path) -> None:
        def move() -> None:
            source.replace(target)
            self.synced[target] = self.synced.pop(source)

        self._at(f"replace {source.suffix}", move)
        move()

    def remove(self, path: Path) -> None:
        self._at(f"remove {path.suffix}")
        super().remove(path)
        self.synced.pop(path, None)

    def _suffix(self, file: FileIO) -> str:
        return self.files[file.fileno()].suffix


OWNER = BillingEntity(lago_id="57f9a1c5-2d05-4b29-8a8f-64a4a1f6be3e")


def error(pair: Pair) -> Exception:
    return LagoConnectionError(
        f"no answer\nfor {pair[1]}", operation="find_all_customer_past_usage", method="GET", path="/", request_id="r-1",
        attempts=4, maybe_applied=True,
    )  # fmt: skip


def page_of(number: int, page: int) -> UsagePeriod:
    """A page of a subscription; of one of them they are large."""
    return period(number * 10 + page, charges=2 if number == 4 else 1)


def run(out: Path, disk: Disk, failing: Iterable[Pair] = (), *, overwrite: bool = False) -> ExportSummary:
    """What an export does, without a server: two subscriptions at a time, some of them with several pages."""
    sink = Sink(out, format_of(out.suffix[1:]), SETTINGS, overwrite=overwrite, disk=disk)
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
                    if page > number % 3:
                        continue
                    if pair in failing and page == number % 3:
                        sink.fail(pair, error(pair))
                    else:
                        sink.add(pair, [page_of(number, page)], last=page == number % 3)
                sink.flush()
            sink.commit()
        return sink.finish()
    finally:
        sink.close()


def rows_in(out: Path) -> list[Any]:
    if out.suffix == ".parquet":
        return sorted(from_parquet(out), key=repr)
    lines = out.read_bytes().splitlines(keepends=True)
    return sorted(lines)


def beside(out: Path) -> set[str]:
    return {path.name.removeprefix(out.name) for path in out.parent.iterdir()}


@pytest.fixture(autouse=True)
def _much_is_put_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of a subscription that is not whole go to a file of their own as soon as there are three."""
    monkeypatch.setattr(sinks, "_ROWS_HELD", 3)
    monkeypatch.setattr(sinks, "_BYTES_HELD", 64)
    monkeypatch.setattr(sinks, "_LEAVES_AT_ONCE", 3)
    for form in FORMATS.values():
        monkeypatch.setattr(form, "rows_together", 4)


@pytest.mark.parametrize("name", FORMATS)
def test_an_export_has_the_rows_of_all_subscriptions_and_leaves_only_its_journal_beside_it(
    name: str, tmp_path: Path
) -> None:
    out = tmp_path / f"usage.{name}"
    summary = run(out, Quick())
    expected = [
        row
        for number, pair in enumerate(PAIRS)
        for page in range(number % 3 + 1)
        for row in rows_of(pair, page_of(number, page))
    ]
    assert (summary.rows, summary.subscriptions, summary.failures) == (len(expected), 6, 0)
    assert summary.complete
    assert not summary.untouched
    assert beside(out) == {"", ".journal"}
    form = format_of(name)
    if name == "parquet":
        assert len(rows_in(out)) == len(expected)
    else:
        whole = form.begin() + form.encode(expected)
        assert rows_in(out) == sorted(whole.splitlines(keepends=True))
    if name == "ndjson":  # those of a subscription stand together, though its pages came between those of others
        owners = [json.loads(line)["external_subscription_id"] for line in out.read_text().splitlines()]
        assert len(list(groupby(owners))) == len(PAIRS)


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_complete_is_not_touched_again(name: str, tmp_path: Path) -> None:
    out = tmp_path / f"usage.{name}"
    run(out, Quick())
    before = {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    summary = run(out, Quick())
    assert summary.untouched
    assert (summary.rows, summary.subscriptions) == (28, 6)
    assert {path.name: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", FORMATS)
def test_what_failed_is_listed_and_tried_again_and_added(name: str, tmp_path: Path) -> None:
    out = tmp_path / f"usage.{name}"
    summary = run(out, Quick(), [BROKEN])
    assert (summary.failures, summary.subscriptions, summary.complete) == (1, 5, False)
    assert summary.failures_path is not None
    (line,) = summary.failures_path.read_text().splitlines()
    assert json.loads(line) == {
        "external_customer_id": "c3",
        "external_subscription_id": "s3",
        "operation": "find_all_customer_past_usage",
        "status_code": None,
        "code": None,
        "error": "no answer for s3",
        "request_id": "r-1",
    }
    published = out.read_bytes()
    again = run(out, Quick(), [BROKEN])
    assert (again.failures, again.subscriptions, again.skipped) == (1, 5, 5)
    assert out.read_bytes() == published
    last = run(out, Quick())
    assert (last.failures, last.subscriptions, last.skipped, last.failures_path) == (0, 6, 5, None)
    whole = tmp_path / "whole" / out.name
    run(whole, Quick())
    assert rows_in(out) == rows_in(whole)
    assert beside(out) - {"whole"} == {"", ".journal"}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("power", [False, True], ids=["killed", "power cut"])
def test_it_goes_on_after_a_crash_at_any_step(name: str, power: bool, tmp_path: Path) -> None:
    """First one subscription fails, and the same command is run until it is published; then until it is complete."""
    partial, whole = tmp_path / "1" / f"usage.{name}", tmp_path / "2" / f"usage.{name}"
    run(partial, Quick(), [BROKEN])
    run(whole, Quick())
    partly, wholly = rows_in(partial), rows_in(whole)
    counting = Crashing()
    run(tmp_path / "0" / f"usage.{name}", counting, [BROKEN])
    first = len(counting.steps)
    run(tmp_path / "0" / f"usage.{name}", counting)
    assert len(counting.steps) > 50
    assert {"write .spool", "sync .spool", "write .journal", "sync .journal", "replace .part"} < set(counting.steps)

    for step in range(1, len(counting.steps) + 1):
        # Opening, syncing and removing are not done by half.
        for half in (False, True) if counting.steps[step - 1].startswith(("write", "replace")) else (False,):
            out = tmp_path / f"{step}-{half}" / f"usage.{name}"
            disk = Crashing(step, half=half, power=power)
            where = f"{name} at step {step}, {counting.steps[step - 1]}"
            with pytest.raises(Crash):
                run(out, disk, [BROKEN])
                assert rows_in(out) == partly, where
                run(out, disk)
            if step > first:
                assert rows_in(out) in (partly, wholly), where  # never half of it, and never nothing
            if step <= first:
                summary = run(out, Quick(), [BROKEN])
                assert summary.failures == 1, where
                assert rows_in(out) == partly, where
                assert (out.parent / f"{out.name}.failures.ndjson").exists(), where
            summary = run(out, Quick())
            assert summary.complete, where
            assert rows_in(out) == wholly, where
            assert beside(out) == {"", ".journal"}, where


def test_a_journal_that_is_cut_at_any_byte_is_gone_on_from(tmp_path: Path) -> None:
    run(tmp_path / "whole.csv", Quick())
    sink = Sink(tmp_path / "usage.csv", format_of("csv"), SETTINGS, disk=Quick())
    for number in range(2):
        sink.add(PAIRS[number * 3], [page_of(number * 3, 0)])
        sink.commit()
    sink.close()
    lines = (tmp_path / "usage.csv.journal").read_bytes()
    spool = (tmp_path / "usage.csv.spool").read_bytes()
    for size in range(lines.index(b"\n", lines.index(b"\n") + 1) - 3, len(lines) + 1):
        out = tmp_path / str(size) / "usage.csv"
        out.parent.mkdir()
        (out.parent / "usage.csv.journal").write_bytes(lines[:size])
        (out.parent / "usage.csv.spool").write_bytes(spool)
        assert run(out, Quick()).skipped == lines[:size].count(b"\n") - 1
        assert rows_in(out) == rows_in(tmp_path / "whole.csv")


def test_it_goes_on_however_often_it_crashes(tmp_path: Path) -> None:
    run(tmp_path / "whole.ndjson", Quick())
    out = tmp_path / "usage.ndjson"
    crashes = 0
    for step in range(6, 100):  # a little further each time
        try:
            summary = run(out, Crashing(step, half=step % 4 == 0), overwrite=False)
        except Crash:
            crashes += 1
            continue
        assert summary.complete
        break
    assert crashes > 5
    assert rows_in(out) == rows_in(tmp_path / "whole.ndjson")


def test_a_file_that_is_overwritten_stays_until_the_new_one_is_complete(tmp_path: Path) -> None:
    counting = Crashing()
    run(tmp_path / "0.csv", Quick(), [BROKEN])
    old = rows_in(tmp_path / "0.csv")
    run(tmp_path / "0.csv", counting, overwrite=True)
    new = rows_in(tmp_path / "0.csv")
    for step in range(1, len(counting.steps) + 1):
        out = tmp_path / str(step) / "usage.csv"
        run(out, Quick(), [BROKEN])
        with pytest.raises(Crash):
            run(out, Crashing(step, half=True), overwrite=True)
        assert rows_in(out) in (old, new), counting.steps[step - 1]
        run(out, Quick(), overwrite=True)
        assert rows_in(out) == new
        assert beside(out) == {"", ".journal"}


class Full(Quick):
    """A disk without room after so many bytes."""

    def __init__(self, room: int) -> None:
        self.room = room

    def write(self, file: FileIO, data: bytes | memoryview) -> None:
        fits = memoryview(data)[: max(0, self.room)]
        self.room -= memoryview(data).nbytes
        super().write(file, fits)
        if self.room < 0:
            raise OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("name", FORMATS)
def test_a_full_disk_stops_it_and_with_room_it_goes_on(name: str, tmp_path: Path) -> None:
    run(tmp_path / f"whole.{name}", Quick())
    stopped = 0
    for room in range(0, 40_000, 997):
        out = tmp_path / str(room) / f"usage.{name}"
        try:
            run(out, Full(room))
        except OSError as caught:
            assert caught.errno == errno.ENOSPC
            stopped += 1
            assert not out.exists() or rows_in(out) == rows_in(tmp_path / f"whole.{name}")
            run(out, Quick())
        assert rows_in(out) == rows_in(tmp_path / f"whole.{name}")
    assert stopped > 5


def test_after_a_failed_step_nothing_more_is_committed(tmp_path: Path) -> None:
    out = tmp_path / "usage.ndjson"
    sink = Sink(out, format_of("ndjson"), SETTINGS, disk=Full(600))
    sink.add(PAIRS[0], [period(0)])
    with pytest.raises(OSError, match="No space left"):
        sink.commit()
    sink._disk = Quick()
    sink.add(PAIRS[1], [period(1)])
    sink.keep()
    sink.close()
    assert run(out, Quick()).skipped == 0
    run(tmp_path / "whole.ndjson", Quick())
    assert rows_in(out) == rows_in(tmp_path / "whole.ndjson")


# --- what is there already --------------------------------------------------------------------------------------------


def open_sink(out: Path, *, overwrite: bool = False, **settings: Any) -> Sink:
    return Sink(out, format_of("ndjson"), {**SETTINGS, **settings}, overwrite=overwrite)


def test_an_export_with_other_settings_is_refused_and_what_differs_is_named(tmp_path: Path) -> None:
    out = tmp_path / "usage.ndjson"
    run(out, Quick())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ExportConflictError, match=r"other settings \(from none there, 2025 now\).*overwrite"):
        open_sink(out, **{"from": "2025"})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    open_sink(out, overwrite=True, **{"from": "2025"}).close()


@pytest.mark.parametrize("journal", [None, b"", b'{"entry":"beg'], ids=["none", "empty", "torn"])
def test_a_file_that_no_journal_tells_of_is_refused(tmp_path: Path, journal: bytes | None) -> None:
    out = tmp_path / "usage.ndjson"
    out.write_text("precious")
    if journal is not None:
        (tmp_path / "usage.ndjson.journal").write_bytes(journal)
    with pytest.raises(ExportConflictError, match="no journal tells of an export that made it"):
        open_sink(out)
    assert out.read_text() == "precious"
    assert run(out, Quick(), overwrite=True).rows == 28


def test_two_at_once_are_refused(tmp_path: Path) -> None:
    out = tmp_path / "usage.ndjson"
    sink = open_sink(out)
    with pytest.raises(ExportError, match="another process is writing this export"):
        open_sink(out)
    with pytest.raises(ExportError, match="another process is writing this export"):
        open_sink(out, overwrite=True)
    sink.close()
    open_sink(out).close()


@pytest.mark.parametrize(
    "damage",
    [
        b'{"entry":"committed"}\n{"entry":"completed","rows":1,"subscriptions":1,"failed":[]}\n',
        b'\0\0\0\n{"entry":"completed","rows":1,"subscriptions":1,"failed":[]}\n',
        b'{"entry":"began","settings":{}}\n',
    ],
)
def test_a_damaged_journal_is_refused_and_names_itself(tmp_path: Path, damage: bytes) -> None:
    out = tmp_path / "usage.ndjson"
    run(out, Quick())
    with (tmp_path / "usage.ndjson.journal").open("ab") as file:
        file.write(damage)
    with pytest.raises(ExportConflictError, match=r"usage\.ndjson\.journal"):
        open_sink(out)


def test_a_journal_of_a_later_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "usage.ndjson.journal").write_bytes(b'{"entry":"began","settings":{},"journal":2}\n')
    with pytest.raises(ExportConflictError, match="no journal of an export that this version knows"):
        open_sink(tmp_path / "usage.ndjson")


def test_a_published_file_that_is_gone_or_changed_is_not_gone_on_from(tmp_path: Path) -> None:
    out = tmp_path / "usage.ndjson"
    run(out, Quick(), [BROKEN])
    out.write_bytes(out.read_bytes()[:-10])
    with pytest.raises(ExportConflictError, match="is in neither"):
        open_sink(out)
    out.unlink()
    with pytest.raises(ExportConflictError, match="no longer there"):
        open_sink(out)


def test_an_export_of_nothing_is_a_file_without_rows(tmp_path: Path) -> None:
    for name in FORMATS:
        out = tmp_path / f"usage.{name}"
        sink = Sink(out, format_of(name), SETTINGS)
        sink.finish()
        sink.close()
        assert len(rows_in(out)) == (1 if name == "csv" else 0)
        again = Sink(out, format_of(name), SETTINGS)
        assert again.complete
        again.close()


# --- what comes in ----------------------------------------------------------------------------------------------------


def test_a_server_that_is_down_ends_it_after_fifty_failures_in_a_row(tmp_path: Path) -> None:
    sink = open_sink(tmp_path / "usage.ndjson")
    for number in range(49):
        sink.fail((f"c{number}", "s"), error(PAIRS[0]))
    sink.add(PAIRS[0], [period(0)])  # it is there after all
    for number in range(49):
        sink.fail((f"d{number}", "s"), error(PAIRS[0]))
    with pytest.raises(ExportError, match="the server seems to be down, 50 subscriptions failed in a row") as caught:
        sink.fail(("e", "s"), error(PAIRS[0]))
    assert isinstance(caught.value.__cause__, LagoConnectionError)
    sink.keep()
    sink.close()
    assert run(tmp_path / "usage.ndjson", Quick()).skipped == 1


def test_other_failures_in_a_row_do_not_end_it(tmp_path: Path) -> None:
    sink = open_sink(tmp_path / "usage.ndjson")
    for number in range(120):
        sink.fail((f"c{number}", "s"), LagoError("refused"))
    assert sink.finish().failures == 120
    sink.close()


def test_a_subscription_is_asked_for_once(tmp_path: Path) -> None:
    sink = open_sink(tmp_path / "usage.ndjson")
    assert [sink.is_known(pair) for pair in [("a", "bc"), ("ab", "c"), ("a", "bc")]] == [False, False, True]
    sink.close()


def test_memory_does_not_grow_with_a_large_subscription(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Parquet, "group_rows", 50)
    sink = Sink(tmp_path / "usage.parquet", format_of("parquet"), SETTINGS)
    for page in range(100):
        sink.add(PAIRS[0], [period(page)], last=page == 99)
        sink.flush()
        assert sum(len(held.rows) for held in sink._held.values()) <= 4
        assert len(sink._ready) <= 4
    assert sink.finish().rows == 200
    sink.close()
    assert len(rows_in(tmp_path / "usage.parquet")) == 200
