"""The callback of an export is called at most every 0.1 s, and at the end."""

from pathlib import Path

from lago_async.usage import Progress
from lago_async.usage._export.progress import ProgressReporter
from tests.lago_async.usage.export.small_exports import PAIRS, Clock, open_sink
from tests.lago_async.usage.worlds import period


def test_it_is_called_every_tenth_of_a_second_and_at_the_end(tmp_path: Path) -> None:
    clock, seen, sink = Clock(), list[Progress](), open_sink(tmp_path / "usage.ndjson")
    clock.now = 100.0
    reporter = ProgressReporter(sink, seen.append, clock=clock)
    for number, clock.now in enumerate((100.0, 100.05, 100.11, 100.2, 100.5)):
        sink.add(PAIRS[number], [period(number)])
        reporter.report(10)
    reporter.report_end()
    sink.close()
    assert [(round(item.seconds, 2), item.subscriptions, item.total) for item in seen] == [
        (0.0, 1, 10),
        (0.11, 3, 10),
        (0.5, 5, 10),
        (0.5, 5, 5),
    ]
    assert seen[0].remaining is None
    assert (seen[2].rate, seen[2].remaining) == (10.0, 0.5)
    assert seen[-1].remaining == 0.0
