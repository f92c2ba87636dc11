"""Exports in partitions: the rows of all months are those of one file, and the folder is published whole or not."""

import random
import shutil
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lago_async import LagoArgumentError
from lago_async.models.customer_usage import UsagePeriod
from lago_async.usage import ExportConflictError, merge
from lago_async.usage._export import folder
from lago_async.usage._export.marks import mark_of
from lago_async.usage._export.sink import Sink
from lago_async.usage._formats import partition
from lago_async.usage._formats.choice import FORMATS, format_of, target_of
from lago_async.usage._formats.partition import Partitioned
from lago_async.usage._paths import LISTING, files_of
from tests.lago_async.usage.export.disks import Crash, Crashing, Full, Quick
from tests.lago_async.usage.export.small_exports import BROKEN, NOW, SETTINGS, Clock, beside, rows_in, run
from tests.lago_async.usage.worlds import ids, period

MONTHS = ["month=2025-01", "month=2025-02", "month=2025-03"]


def months_in(out: Path) -> list[str]:
    return sorted(path.name for path in out.iterdir() if path.name != LISTING)


def write(out: Path, form: Any, usage: Sequence[UsagePeriod]) -> Path:
    """Export periods, each of a subscription of its own."""
    sink = Sink(out, form, {**SETTINGS, "format": "any"}, disk=Quick(), clock=Clock(), now=lambda: NOW)
    for pair, each in zip(ids(range(len(usage))), usage, strict=True):
        sink.add(pair, [each])
        sink.flush()
    sink.finish()
    sink.close()
    return out


_TIMES = st.none() | st.datetimes(datetime(2024, 11, 1), datetime(2025, 3, 1), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(("name", "examples"), [("ndjson", 20), ("csv", 20), ("parquet", 10), ("xlsx", 4)])
def test_the_rows_of_all_months_are_those_of_one_file_and_each_is_in_the_folder_of_its_month(
    name: str, examples: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(partition, "_ROWS_HELD", 5)
    monkeypatch.setattr("lago_async.usage._formats.row_lines._ROWS_READ", 3)
    numbers = iter(range(1000))

    @settings(max_examples=examples, deadline=None)
    @given(st.lists(_TIMES, max_size=8))
    def check(times: list[datetime | None]) -> None:
        usage: list[Any] = [period(number) for number in range(len(times))]
        for each, time in zip(usage, times, strict=True):
            each.from_datetime = time
        where = tmp_path / str(next(numbers))
        whole = write(where / f"whole.{name}", format_of(name), usage)
        out = write(where / f"parts.{name}", Partitioned(format_of(name), "month"), usage)
        assert rows_in(out) == (rows_in(whole) if times or name != "csv" else [])
        assert months_in(out) == sorted(
            {"month=" + (f"{time:%Y-%m}" if time else "__HIVE_DEFAULT_PARTITION__") for time in times}
        )
        for file in files_of(out):
            month = file.parent.name.removeprefix("month=")
            for row in rows_in(file) if name == "ndjson" else []:
                assert f'"from_datetime":"{month}-'.encode() in row or (month[0] == "_" and b'_datetime":null' in row)
        shutil.rmtree(where)

    check()


def _published(out: Path) -> list[Any] | None:
    return rows_in(out) if out.exists() else None


@pytest.mark.parametrize(
    ("name", "power", "most"), [("csv", False, None), ("csv", True, 20), ("parquet", False, 12), ("xlsx", False, 2)]
)
@pytest.mark.usefixtures("early_spill")
def test_killed_while_it_publishes_there_is_nothing_or_the_whole_folder_and_it_goes_on(
    name: str, power: bool, most: int | None, tmp_path: Path
) -> None:
    """First one subscription fails, and the same command runs until it is published; then until it is complete."""
    run(tmp_path / "1" / f"usage.{name}", Quick(), [BROKEN], partition="month")
    run(tmp_path / "2" / f"usage.{name}", Quick(), partition="month")
    partly, wholly = rows_in(tmp_path / "1" / f"usage.{name}"), rows_in(tmp_path / "2" / f"usage.{name}")
    counting = Crashing()
    run(tmp_path / "0" / f"usage.{name}", counting, [BROKEN], partition="month")
    first = len(counting.steps)
    run(tmp_path / "0" / f"usage.{name}", counting, partition="month")
    assert {"move .new-part", "move .old-part", f"move .{name}"} & set(counting.steps) == {
        "move .new-part",
        f"move .{name}",
    }
    assert {"remove folder .old-part", "make folder .new-part", "remove .sha256"} <= set(counting.steps)

    # The steps before the folder is made are the same for all exports.
    begins = [step for step, what in enumerate(counting.steps, 1) if what == "make folder .new-part"]
    steps = [*range(begins[0], first + 1), *range(begins[1], len(counting.steps) + 1)]
    if most is not None:
        steps = random.Random(name).sample(steps, most)
    for step in steps:
        out = tmp_path / f"s{step}" / f"usage.{name}"
        where = f"{name} at step {step}, {counting.steps[step - 1]}"
        with pytest.raises(Crash):
            disk = Crashing(step, half=step % 2 == 0, power=power)
            run(out, disk, [BROKEN], partition="month")
            assert _published(out) == partly, where
            run(out, disk, partition="month")
        assert _published(out) in (None, partly, wholly), where
        if step <= first:
            assert run(out, Quick(), [BROKEN], partition="month").failures == 1, where
            assert rows_in(out) == partly, where
        summary = run(out, Quick(), partition="month")
        assert summary.complete, where
        assert rows_in(out) == wholly, where
        assert beside(out) == {"", ".journal"}, where
        assert run(out, Quick(), partition="month").untouched, where


def test_a_folder_that_is_overwritten_stays_until_the_new_one_is_complete_and_is_never_lost(tmp_path: Path) -> None:
    counting = Crashing()
    run(tmp_path / "0.csv", Quick(), [BROKEN], partition="month")
    old = rows_in(tmp_path / "0.csv")
    run(tmp_path / "0.csv", counting, overwrite=True, partition="month")
    new = rows_in(tmp_path / "0.csv")
    published = counting.steps.index("make folder .new-part")
    for step in (*range(1, 12), *range(published, len(counting.steps) + 1)):
        out = tmp_path / str(step) / "usage.csv"
        run(out, Quick(), [BROKEN], partition="month")
        with pytest.raises(Crash):
            run(out, Crashing(step, half=True), overwrite=True, partition="month")
        where = counting.steps[step - 1]
        assert _published(out) in (None, old, new), where
        assert out.exists() or rows_in(out.with_name("usage.csv.old-part")) == old, where
        run(out, Quick(), overwrite=True, partition="month")
        assert rows_in(out) == new, where
        assert beside(out) == {"", ".journal"}, where


def test_a_full_disk_publishes_nothing_and_with_room_it_goes_on(tmp_path: Path) -> None:
    run(tmp_path / "whole.csv", Quick(), partition="month")
    stopped = 0
    for room in range(1_000, 60_000, 2_999):
        out = tmp_path / str(room) / "usage.csv"
        try:
            run(out, Full(room), partition="month")
        except OSError:
            stopped += 1
            assert _published(out) in (None, rows_in(tmp_path / "whole.csv"))
            run(out, Quick(), partition="month")
        assert rows_in(out) == rows_in(tmp_path / "whole.csv")
    assert stopped > 5


def _change(out: Path, how: str) -> None:
    part = files_of(out)[0]
    match how:
        case "changed":
            part.write_bytes(part.read_bytes()[:-1] + b"x")
        case "removed":
            part.unlink()
        case "renamed":
            part.parent.rename(out / "month=1999-01")
        case "added":
            (part.parent / "part-1.csv").write_text("precious")
        case _:
            (out / LISTING).unlink()


@pytest.mark.parametrize("how", ["changed", "removed", "renamed", "added", "unlisted"])
@pytest.mark.parametrize("failing", [[], [BROKEN]], ids=["complete", "with failures"])
def test_a_folder_that_is_not_as_it_was_published_is_told_and_left(
    how: str, failing: list[tuple[str, str]], tmp_path: Path
) -> None:
    out = tmp_path / "usage.csv"
    run(out, Quick(), failing, partition="month")
    _change(out, how)
    before = mark_of(out)
    with pytest.raises(ExportConflictError, match="is not the folder that was published"):
        run(out, Quick(), partition="month")
    assert mark_of(out) == before
    if how in {"changed", "removed"}:  # nothing is in it that an export has not made
        assert run(out, Quick(), overwrite=True, partition="month").complete
        assert months_in(out) == MONTHS
    else:
        with pytest.raises(ExportConflictError, match="which no export has made: move the folder away"):
            run(out, Quick(), overwrite=True, partition="month")
        assert mark_of(out) == before


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("place", ["usage.csv", "usage.csv.new-part", "usage.csv.old-part"])
@pytest.mark.parametrize("content", ["precious.txt", "month=2025-01/part-00000.csv", "month=2025-01/part-0.csv", "x/y"])
def test_no_folder_that_an_export_did_not_make_is_changed(
    place: str, content: str, overwrite: bool, tmp_path: Path
) -> None:
    precious = tmp_path / place / content
    precious.parent.mkdir(parents=True)
    precious.write_text("precious")
    if overwrite and place.endswith(".new-part") and folder._is_half_made(content):
        return  # that is how a folder looks which a stopped run has left
    with pytest.raises(ExportConflictError, match="no journal of an export|which no export has made"):
        run(tmp_path / "usage.csv", Quick(), overwrite=overwrite, partition="month")
    assert precious.read_text() == "precious"
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == [precious]


def test_links_and_files_in_the_place_of_the_folder_are_left_and_an_empty_folder_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    (tmp_path / "link").symlink_to(target)
    (tmp_path / "file.csv").write_text("precious")
    for name in ("link", "file.csv"):
        with pytest.raises(ExportConflictError, match="is not a folder: move it away.*partition= writes a folder"):
            sink = Sink(tmp_path / name, Partitioned(format_of("csv"), "month"), SETTINGS, overwrite=True)
            sink.close()
    (tmp_path / "usage.csv").mkdir()
    with pytest.raises(ExportConflictError, match="exists, but has no journal"):
        run(tmp_path / "usage.csv", Quick(), partition="month")
    assert run(tmp_path / "usage.csv", Quick(), overwrite=True, partition="month").complete
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("precious")
    shutil.rmtree(tmp_path / "usage.csv" / MONTHS[0])
    (tmp_path / "usage.csv" / MONTHS[0]).symlink_to(outside)
    with pytest.raises(ExportConflictError, match="which no export has made"):
        run(tmp_path / "usage.csv", Quick(), overwrite=True, partition="month")
    assert (outside / "precious").read_text() == "precious"


def test_a_folder_that_comes_while_an_export_runs_is_not_replaced(tmp_path: Path) -> None:
    out = tmp_path / "usage"
    sink = Sink(out, Partitioned(format_of("csv"), "month"), SETTINGS, disk=Quick(), now=lambda: NOW)
    sink.add(("c0", "s0"), [period(0)])
    out.mkdir()
    with pytest.raises(ExportConflictError, match="was made by something else while the export ran"):
        sink.finish()
    (out / "precious").write_text("precious")
    with pytest.raises(ExportConflictError, match="has precious, which no export has made"):
        sink.finish()
    sink.close()
    assert [path.name for path in out.iterdir()] == ["precious"]


def test_the_listing_says_the_digest_of_each_file_as_sha256sum_checks_it(tmp_path: Path) -> None:
    out = tmp_path / "usage.csv"
    run(out, Quick(), partition="month")
    lines = (out / LISTING).read_text().splitlines()
    assert lines == [f"{mark_of(file).sha256}  {file.parent.name}/part-0.csv" for file in files_of(out)]
    assert [line.split("  ")[1].split("/")[0] for line in lines] == MONTHS


def test_no_other_export_and_no_report_is_written_into_the_folder_and_the_folder_needs_a_name(tmp_path: Path) -> None:
    out = tmp_path / "usage.csv"
    run(out, Quick(), partition="month")
    for inside in (out / "more.csv", out / MONTHS[0] / "part-1.csv"):
        with pytest.raises(LagoArgumentError, match=r"usage\.csv is an export in partitions, which other files would"):
            target_of(inside, folder=False, name=None)
    with pytest.raises(LagoArgumentError, match="pass partition= again, or write elsewhere"):
        target_of(out, folder=True, name="csv")
    for nowhere in (Path(), Path("..")):
        with pytest.raises(LagoArgumentError, match="name a new one"):
            target_of(nowhere, folder=True, name="csv", partition="month")


@pytest.mark.parametrize(
    ("out", "name", "inner"),
    [
        ("usage", None, "ndjson"),
        ("usage.parquet", None, "parquet"),
        ("usage.d", "csv", "csv"),
        ("u.JSONL", None, "ndjson"),
    ],
)
def test_the_suffix_of_the_folder_may_say_the_format(out: str, name: str | None, inner: str, tmp_path: Path) -> None:
    path, form = target_of(tmp_path / out, folder=True, name=name, partition="month")
    assert isinstance(form, Partitioned)
    assert (path, form.inner.name) == (tmp_path / out, inner)


@pytest.mark.parametrize("name", [name for name, form in FORMATS.items() if form.readable])
def test_an_export_in_partitions_is_merged_like_the_file_of_its_rows(name: str, tmp_path: Path) -> None:
    settings = {**SETTINGS, "format": name, "schema version": 2}
    for out, division in ((tmp_path / f"parts.{name}", "month"), (tmp_path / f"whole.{name}", None)):
        more = {} if division is None else {"partition": division}
        run(out, Quick(), partition="month" if division else None, settings={**settings, **more})
    merged = merge([tmp_path / f"parts.{name}"], tmp_path / f"merged.{name}").path
    assert rows_in(merged) == rows_in(tmp_path / f"whole.{name}")
    with pytest.raises(ExportConflictError, match="would count twice"):
        merge([tmp_path / f"parts.{name}", tmp_path / f"whole.{name}"], tmp_path / f"twice.{name}")


def test_arrow_reads_the_folder_as_one_table_with_the_month_as_a_column(tmp_path: Path) -> None:
    dataset: Any = import_module("pyarrow.dataset")
    out = tmp_path / "usage.parquet"
    run(out, Quick(), partition="month")
    table = dataset.dataset(out, partitioning="hive").to_table()
    assert table.num_rows == 28
    assert sorted(set(table["month"].to_pylist())) == ["2025-01", "2025-02", "2025-03"]
    for row in table.select(["month", "from_datetime"]).to_pylist():
        assert f"{row['from_datetime']:%Y-%m}" == row["month"]
