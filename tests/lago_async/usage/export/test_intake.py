"""Pages become rows without accumulating in memory."""

from pathlib import Path

import pytest

from lago_async.usage._export.intake import Intake
from lago_async.usage._export.pages import PageStore
from lago_async.usage._export.spool import Spool
from lago_async.usage._formats.base import Format
from lago_async.usage._formats.choice import format_of
from lago_async.usage._paths import ExportPaths
from tests.lago_async.usage.export.disks import Quick
from tests.lago_async.usage.export.small_exports import PAIRS, Clock
from tests.lago_async.usage.worlds import period

pytestmark = pytest.mark.usefixtures("early_spill")


def intake_of(path: Path, file_format: Format, spool: Spool, clock: Clock | None = None) -> Intake:
    pages = PageStore(path, path.with_suffix(".part"), Quick(), "export 1")
    return Intake(file_format, spool, pages, 0, clock or Clock())


@pytest.mark.parametrize("name", ["ndjson", "parquet"])
def test_memory_does_not_grow_with_a_large_subscription(name: str, tmp_path: Path) -> None:
    file_format = format_of(name)
    spool = Spool(ExportPaths(tmp_path / f"usage.{name}"), file_format, Quick())
    intake = intake_of(tmp_path / "pages", file_format, spool)
    for page in range(100):
        intake.add(PAIRS[0], [period(page)], last=page == 99, position=page + 1)
        intake.flush()
        assert sum(len(held.rows) for held in intake._held.values()) <= 4
        assert len(intake._ready) <= 4
    intake.flush_whole()
    assert (intake.rows, intake.whole, intake.unfinished) == (200, [PAIRS[0]], 0)
    intake.close()
    spool.close()


def test_pages_of_a_failed_subscription_are_dropped(tmp_path: Path) -> None:
    file_format = format_of("ndjson")
    spool = Spool(ExportPaths(tmp_path / "usage.ndjson"), file_format, Quick())
    intake = intake_of(tmp_path / "pages", file_format, spool)
    intake.add(PAIRS[0], [period(0)], last=False, position=1)
    intake.add(PAIRS[0], [period(1, filters=5)], last=False, position=2)  # large: it waits for a flush
    intake.add(PAIRS[1], [period(2)], last=True, position=1)
    assert intake.has_much
    intake.drop(PAIRS[0])
    intake.flush_whole()
    intake.close()
    spool.close()
    assert (intake.rows, intake.whole, intake.unfinished) == (2, [PAIRS[1]], 0)
    assert (tmp_path / "usage.ndjson.spool").read_bytes().count(b"\n") == 2
