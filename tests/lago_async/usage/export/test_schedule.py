"""Commits are as frequent as their cost allows: at most every 50 ms, and at least every second."""

from pathlib import Path

import pytest

from lago_async.usage._export.schedule import CommitSchedule
from lago_async.usage._export.sink import Sink
from lago_async.usage._formats.choice import format_of
from tests.lago_async.usage.export.disks import Quick
from tests.lago_async.usage.export.small_exports import PAIRS, SETTINGS, Clock
from tests.lago_async.usage.worlds import period


def due(timed: CommitSchedule | Sink) -> bool:
    """Ask again: a type checker takes a property for unchanged until its object changes."""
    return timed.due


@pytest.mark.parametrize(
    ("cost", "interval"),
    [(0.0, 0.05), (0.001, 0.05), (0.0025, 0.05), (0.01, 0.2), (0.04, 0.8), (0.05, 1.0), (9.0, 1.0)],
)
def test_the_time_to_the_next_commit_is_twenty_times_the_cost_of_the_last(cost: float, interval: float) -> None:
    clock = Clock()
    schedule = CommitSchedule(clock)
    clock.now = 0.049
    assert not due(schedule)
    clock.now = 0.051
    assert due(schedule)
    with schedule.measuring():
        clock.now += cost
    committed = clock.now
    clock.now = committed + interval - 0.001
    assert not due(schedule)
    clock.now = committed + interval + 0.001
    assert due(schedule)


def test_a_commit_that_fails_is_due_again_at_once() -> None:
    clock = Clock()
    schedule = CommitSchedule(clock)
    clock.now = 1.0
    with pytest.raises(OSError, match="full"), schedule.measuring():
        raise OSError("full")
    assert schedule.due


def test_a_flush_commits_when_it_is_time_by_the_clock_that_was_given(tmp_path: Path) -> None:
    clock = Clock()
    sink = Sink(tmp_path / "usage.csv", format_of("csv"), SETTINGS, disk=Quick(), clock=clock)
    journal = tmp_path / "usage.csv.journal"
    sink.add(PAIRS[0], [period(0)])
    assert not due(sink)
    sink.flush()
    assert b"committed" not in journal.read_bytes()
    clock.now = 0.06
    assert due(sink)
    sink.flush()
    assert journal.read_bytes().count(b"committed") == 1
    assert not due(sink)  # nothing is left to commit, however much time passes
    clock.now = 60.0
    assert not due(sink)
    sink.close()
