"""Copies of exports that were damaged at random: none is taken for whole, and none is published with wrong rows."""

import random
import shutil
from collections.abc import Callable
from datetime import timedelta
from io import FileIO
from pathlib import Path
from typing import Any

import pytest

from lago_async import LagoClient
from lago_async.exports._request import ListRequest, source_of
from lago_async.exports._walk import pair_of
from lago_async.usage import ExportConflictError, ExportError
from lago_async.usage._export.disk import Disk
from lago_async.usage._export.pairs import digest
from lago_async.usage._export.sink import Sink
from lago_async.usage._formats.choice import FORMATS, format_of
from tests.lago_async.usage.export.disks import Crash, Crashing, Quick
from tests.lago_async.usage.export.small_exports import BROKEN, NOW, SETTINGS, Clock, open_sink, rows_in, run
from tests.lago_async.usage.formats.files import pq
from tests.lago_async.usage.formats.workbooks import sheets_of

pytestmark = pytest.mark.usefixtures("early_spill")

COPIES = 300


def flip(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    changed[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(changed)


def truncate(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data))]


def delete(data: bytes, chance: random.Random) -> bytes:
    start, size = chance.randrange(len(data)), chance.randrange(1, 400)
    return data[:start] + data[start + size :]


def delete_line(data: bytes, chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    del lines[chance.randrange(len(lines))]
    return b"".join(lines)


def duplicate(data: bytes, chance: random.Random) -> bytes:
    start, size = chance.randrange(len(data)), chance.randrange(1, 400)
    return data[: start + size] + data[start : start + size] + data[start + size :]


def duplicate_line(data: bytes, chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    return b"".join([*lines, lines[chance.randrange(len(lines))]])


def swap_lines(data: bytes, chance: random.Random) -> bytes:
    lines = data.splitlines(keepends=True)
    one, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[other] = lines[other], lines[one]
    return b"".join(lines)


def swap_bytes(data: bytes, chance: random.Random) -> bytes:
    half = len(data) // 2
    start, other, size = chance.randrange(half), chance.randrange(half, len(data)), chance.randrange(1, 40)
    return (
        data[:start]
        + data[other : other + size]
        + data[start + size : other]
        + data[start : start + size]
        + (data[other + size :])
    )


DAMAGES: list[Callable[[bytes, random.Random], bytes]] = [
    flip, truncate, delete, delete_line, duplicate, duplicate_line, swap_lines, swap_bytes,
]  # fmt: skip


def resumes(out: Path, whole: list[Any], where: str) -> bool:
    """Run an export again: it has all rows in the end, or False if it was refused with what to do."""
    try:
        summary = run(out, Quick())
    except ExportConflictError as error:
        assert "overwrite=True" in error.remedy, where
        return False
    assert summary.complete, where
    assert (summary.rows, rows_in(out)) == (28, whole), where
    return True


@pytest.mark.parametrize("name", FORMATS)
def test_of_damaged_copies_of_a_half_done_export_none_is_published_wrong(name: str, tmp_path: Path) -> None:
    chance = random.Random(f"damage {name}")
    run(tmp_path / "whole" / f"usage.{name}", Quick())
    whole = rows_in(tmp_path / "whole" / f"usage.{name}")
    counting = Crashing()
    run(tmp_path / "0" / f"usage.{name}", counting)
    resumed = refused = 0
    stops = [step for step, what in enumerate(counting.steps, 1) if what in ("write .journal", "sync .journal")][3:]
    stopped = tmp_path / "stopped"
    for number in range(COPIES // len(FORMATS)):
        if number % 10 == 0:  # another place to stop at
            shutil.rmtree(stopped, ignore_errors=True)
            with pytest.raises(Crash):
                run(stopped / f"usage.{name}", Crashing(chance.choice(stops)))
        copy = tmp_path / "copy"
        shutil.copytree(stopped, copy)
        out = copy / f"usage.{name}"
        victims = sorted(path for path in copy.iterdir() if path.stat().st_size)
        victim, damage = chance.choice(victims), chance.choice(DAMAGES)
        victim.write_bytes(damage(victim.read_bytes(), chance))
        where = f"{number}: {damage.__name__} in {victim.name}"
        if resumes(out, whole, where):
            resumed += 1
        else:
            refused += 1
        shutil.rmtree(copy)
    assert refused >= 20
    assert resumed >= 5  # what was not committed yet may be damaged in any way


class Remembering(Quick):
    """A disk that keeps a copy of the folder at each entry of the journal."""

    def __init__(self, copies: Path) -> None:
        self.copies = copies
        self.count = 0
        self.paths: dict[int, Path] = {}

    def write(self, file: FileIO, data: bytes | bytearray | memoryview) -> None:
        super().write(file, data)
        path = self.paths[file.fileno()]
        if path.suffix == ".journal":
            shutil.copytree(path.parent, self.copies / str(self.count))
            self.count += 1

    def open(self, path: Path) -> FileIO:
        file = super().open(path)
        self.paths[file.fileno()] = path
        return file


@pytest.mark.parametrize("name", FORMATS)
def test_files_that_are_lost_or_of_another_moment_are_not_mixed_with_the_others(name: str, tmp_path: Path) -> None:
    disk = Remembering(tmp_path / "moments")
    run(tmp_path / "whole" / f"usage.{name}", disk)
    whole = rows_in(tmp_path / "whole" / f"usage.{name}")
    chance = random.Random(f"moments {name}")
    resumed = refused = 0
    for number in range(COPIES // len(FORMATS)):
        one, other = (tmp_path / "moments" / str(chance.randrange(3, disk.count)) for _ in range(2))
        copy = tmp_path / "copy"
        shutil.copytree(one, copy)
        out = copy / f"usage.{name}"
        victim = chance.choice(sorted(copy.iterdir()))
        from_there = other / victim.name
        where = f"{number}: {victim.name} of {other.name} in {one.name}"
        victim.unlink()
        if chance.random() < 0.7 and from_there.exists():
            shutil.copy(from_there, victim)
        if resumes(out, whole, where):
            resumed += 1
        else:
            refused += 1
        shutil.rmtree(copy)
    assert refused >= 20
    assert resumed >= 20


def run_list(out: Path, disk: Disk) -> tuple[int, bool]:
    """Export a list without a server, as its own run does: the objects that are not in the file, page after page."""
    source, _ = source_of(LagoClient(api_key="k", base_url="http://localhost").customers.find_all())
    request = ListRequest.for_path(source, out, None, server="s", raw_text=False, spreadsheet=None, partition=None)
    sink = Sink(out, request.file_format, request.settings, disk=disk, clock=Clock(0.02), now=lambda: NOW)
    row: list[Any] = [None] * len(request.file_format.schema.columns)
    try:
        for number in () if sink.complete else range(60):
            pair = pair_of(f"id {number}")
            if digest(pair) not in sink.done:
                sink.add_row(pair, (f"id {number}", *row[1:]))
            if number % 5 == 0 and sink.due:
                sink.flush()
        summary = sink.summary() if sink.complete else sink.finish()
        return summary.rows, summary.complete
    finally:
        sink.close()


def rows_of_list(out: Path) -> list[Any]:
    if out.suffix == ".parquet":
        return sorted(pq.read_table(out).to_pylist(), key=repr)
    if out.suffix == ".xlsx":
        return sorted((row for sheet in sheets_of(out).values() for row in sheet), key=repr)
    return rows_in(out)


@pytest.mark.parametrize("name", FORMATS)
def test_of_damaged_copies_of_a_half_done_list_none_is_published_wrong(name: str, tmp_path: Path) -> None:
    chance = random.Random(f"lists {name}")
    disk = Remembering(tmp_path / "moments")
    assert run_list(tmp_path / "whole" / f"customers.{name}", disk) == (60, True)
    whole = rows_of_list(tmp_path / "whole" / f"customers.{name}")
    resumed = refused = 0
    for number in range(COPIES // len(FORMATS)):
        copy = tmp_path / "copy"
        shutil.copytree(tmp_path / "moments" / str(chance.randrange(2, disk.count)), copy)
        out = copy / f"customers.{name}"
        victim, damage = (
            chance.choice(sorted(path for path in copy.iterdir() if path.stat().st_size)),
            chance.choice(DAMAGES),
        )
        victim.write_bytes(damage(victim.read_bytes(), chance))
        where = f"{number}: {damage.__name__} in {victim.name}"
        try:
            assert run_list(out, Quick()) == (60, True), where
        except ExportConflictError as error:
            refused += 1
            assert "overwrite=True" in error.remedy, where
        else:
            resumed += 1
            assert rows_of_list(out) == whole, where
        shutil.rmtree(copy)
    assert refused >= 20
    assert resumed >= 5


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("failing", [[], [BROKEN]], ids=["complete", "with failures"])
def test_a_published_file_that_was_truncated_emptied_or_replaced_is_told(
    name: str, failing: list[tuple[str, str]], tmp_path: Path
) -> None:
    chance = random.Random(name)
    out = tmp_path / f"usage.{name}"
    run(out, Quick(), failing)
    published = out.read_bytes()
    other = tmp_path / "other" / out.name
    run(other, Quick(), [("c0", "s0")])
    for damaged in (b"", published[:-1], b"precious", other.read_bytes(), *(flip(published, chance) for _ in range(5))):
        out.write_bytes(damaged)
        with pytest.raises(ExportConflictError, match="is not the file that was published.*put the file back"):
            run(out, Quick())
        assert out.read_bytes() == damaged
    out.write_bytes(published)
    assert run(out, Quick()).complete


def test_a_spool_of_another_export_is_refused(tmp_path: Path) -> None:
    for folder, count in (("1", 31), ("2", 32)):
        with pytest.raises(Crash):
            run(tmp_path / folder / "usage.csv", Crashing(count))
    (tmp_path / "1" / "usage.csv.spool").write_bytes(b"x" * (tmp_path / "1" / "usage.csv.spool").stat().st_size)
    with pytest.raises(ExportConflictError, match=r"usage\.csv\.spool is damaged"):
        run(tmp_path / "1" / "usage.csv", Quick())


@pytest.mark.parametrize("suffix", ["", ".journal", ".spool", ".part", ".pages", ".failures.ndjson"])
def test_no_file_that_an_export_did_not_make_is_written_over(suffix: str, tmp_path: Path) -> None:
    precious = tmp_path / f"usage.csv{suffix}"
    for content in (b"precious", b"precious\n", b"a\nb\n"):
        precious.write_bytes(content)
        with pytest.raises(ExportConflictError, match="overwrite=True") as refused:
            run(tmp_path / "usage.csv", Quick())
        assert str(precious) in str(refused.value)
        assert precious.read_bytes() == content
    assert run(tmp_path / "usage.csv", Quick(), overwrite=True).complete


def test_a_file_that_comes_while_an_export_runs_is_not_written_over(tmp_path: Path) -> None:
    out = tmp_path / "usage.csv"
    sink = Sink(out, format_of("csv"), SETTINGS, disk=Quick())
    out.write_text("precious")
    with pytest.raises(ExportError, match="was made by something else while the export ran.*move it away"):
        sink.finish()
    sink.close()
    assert out.read_text() == "precious"
    out.unlink()
    assert run(out, Quick()).complete


def test_a_first_try_that_fetched_nothing_does_not_keep_the_name_from_other_settings(tmp_path: Path) -> None:
    out = tmp_path / "usage.ndjson"
    open_sink(out, server="http://wrong").close()
    open_sink(out, server="http://right", kind="current").close()
    assert run(out, Quick()).complete
    with pytest.raises(ExportConflictError, match="other settings"):
        open_sink(out, server="http://wrong")


# --- the time ---------------------------------------------------------------------------------------------------------


def test_current_usage_is_never_reported_again_as_if_it_were_new(tmp_path: Path) -> None:
    out, settings = tmp_path / "now.ndjson", {**SETTINGS, "kind": "current"}
    for later in (timedelta(0), timedelta(days=1)):
        if not out.exists():
            assert run(out, Quick(), settings=settings).complete
        before = out.read_bytes()
        with pytest.raises(ExportConflictError, match=r"has the current usage of 2026-01-31 12:00 UTC.*overwrite=True"):
            run(out, Quick(), settings=settings, now=NOW + later)
        assert out.read_bytes() == before
    assert run(out, Quick(), settings=settings, now=NOW + timedelta(days=1), overwrite=True).began_at > NOW


@pytest.mark.parametrize(("minutes", "resumes"), [(0, True), (60, True), (61, False)])
def test_current_usage_of_two_times_is_not_mixed(tmp_path: Path, minutes: int, resumes: bool) -> None:
    settings = {**SETTINGS, "kind": "current"}
    out = tmp_path / "now.ndjson"
    run(out, Quick(), [BROKEN], settings=settings)
    later = NOW + timedelta(minutes=minutes)
    if resumes:
        assert run(out, Quick(), settings=settings, now=later).complete
    else:
        with pytest.raises(
            ExportConflictError, match="would mix usage of two times: .*start again with overwrite=True"
        ):
            run(out, Quick(), settings=settings, now=later)


@pytest.mark.parametrize(
    ("end", "later", "told"),
    [
        (None, timedelta(hours=23), False),
        (None, timedelta(days=2), True),
        ("2026-01-01T00:00:00+00:00", timedelta(days=900), False),
        ("2026-06-01T00:00:00+00:00", timedelta(days=2), True),
    ],
)
def test_past_usage_without_an_end_is_of_its_time_and_what_a_new_run_would_do_is_said(
    tmp_path: Path, end: str | None, later: timedelta, told: bool
) -> None:
    out, settings = tmp_path / "usage.csv", {**SETTINGS, "to": end}
    first = run(out, Quick(), settings=settings)
    assert (first.began_at, first.finished_at) == (NOW, NOW)
    assert first.open_ended == (end is None or told)
    if told:
        with pytest.raises(ExportConflictError, match=r"as of 2026-01-31 12:00 UTC: what was billed since.*everything"):
            run(out, Quick(), settings=settings, now=NOW + later)
    else:
        again = run(out, Quick(), settings=settings, now=NOW + later)
        assert again.untouched
        assert (again.began_at, again.finished_at) == (NOW, NOW)
