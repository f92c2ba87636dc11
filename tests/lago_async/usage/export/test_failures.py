"""Consecutive failures end an export if they mean that the server is down."""

from pathlib import Path

import pytest

from lago_async import LagoConnectionError, LagoError
from lago_async.usage import ExportError
from tests.lago_async.usage.export.disks import Quick
from tests.lago_async.usage.export.small_exports import PAIRS, error, open_sink, run
from tests.lago_async.usage.worlds import period


def test_a_server_that_is_down_ends_it_after_fifty_failures_in_a_row(tmp_path: Path) -> None:
    sink = open_sink(tmp_path / "usage.ndjson")
    for number in range(49):
        sink.fail((f"c{number}", "s"), error(PAIRS[0]))
    sink.add(PAIRS[0], [period(0)])  # it works after all
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
