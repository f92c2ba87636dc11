"""The export on disk: after dying at any step, it can be resumed, and has the same rows as without a crash."""

import errno
import json
from itertools import groupby
from pathlib import Path

import pytest

from lago_async.usage._export.rows import rows_of
from lago_async.usage._export.sink import Sink
from lago_async.usage._formats.choice import FORMATS, format_of
from tests.lago_async.usage.export.disks import Crash, Crashing, Full, Quick
from tests.lago_async.usage.export.small_exports import (
    BROKEN,
    PAIRS,
    SETTINGS,
    beside,
    open_sink,
    page_of,
    rows_in,
    run,
)
from tests.lago_async.usage.worlds import period

pytestmark = pytest.mark.usefixtures("early_spill")


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
    if not form.as_spooled:
        assert len(rows_in(out)) == len(expected)
    else:
        whole = form.begin() + form.encode(expected)
        assert rows_in(out) == sorted(whole.splitlines(keepends=True))
    if name == "ndjson":  # the rows of a subscription are together, though its pages arrived between those of others
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
    """First one subscription fails, and the same command runs until it is published; then until it is complete."""
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
        if name == "xlsx" and counting.steps[step - 1] != "replace .part":
            continue  # it is spooled as NDJSON, and each workbook costs as much as ten other exports
        # Opening, syncing and removing have no half.
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


@pytest.mark.parametrize("name", FORMATS)
def test_a_full_disk_stops_it_and_with_room_it_goes_on(name: str, tmp_path: Path) -> None:
    run(tmp_path / f"whole.{name}", Quick())
    stopped = 0
    for room in range(0, 40_000, 997 if name != "xlsx" else 3989):
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
    disk = Full(600)
    sink = Sink(out, format_of("ndjson"), SETTINGS, disk=disk)
    sink.add(PAIRS[0], [period(0)])
    with pytest.raises(OSError, match="No space left"):
        sink.commit()
    disk.room = 1_000_000
    sink.add(PAIRS[1], [period(1)])
    sink.keep()
    sink.close()
    assert run(out, Quick()).skipped == 0
    run(tmp_path / "whole.ndjson", Quick())
    assert rows_in(out) == rows_in(tmp_path / "whole.ndjson")


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


def test_a_subscription_is_asked_for_once(tmp_path: Path) -> None:
    sink = open_sink(tmp_path / "usage.ndjson")
    assert [sink.is_known(pair) for pair in [("a", "bc"), ("ab", "c"), ("a", "bc")]] == [False, False, True]
    sink.close()
