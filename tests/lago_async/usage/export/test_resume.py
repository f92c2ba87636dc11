"""The files that an export finds on disk, and those that it refuses to replace."""

import os
from pathlib import Path

import pytest

from lago_async.usage import ExportConflictError
from tests.lago_async.usage.export.disks import Quick
from tests.lago_async.usage.export.small_exports import BROKEN, open_sink, run
from tests.proofs import check_proof

ROOT = Path(__file__).parents[4]


def test_an_export_with_other_settings_is_refused_and_what_differs_is_named(tmp_path: Path) -> None:
    out = tmp_path / "usage.ndjson"
    run(out, Quick())
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    with pytest.raises(ExportConflictError, match=r"other settings \(from none there, 2025 now\).*overwrite"):
        open_sink(out, overwrite=False, **{"from": "2025"})
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before
    open_sink(out, overwrite=True, **{"from": "2025"}).close()


@pytest.mark.parametrize("journal", [None, b"", b'{"entry":"beg'], ids=["none", "empty", "torn"])
def test_a_file_that_no_journal_tells_of_is_refused(tmp_path: Path, journal: bytes | None) -> None:
    out = tmp_path / "usage.ndjson"
    out.write_text("precious")
    if journal is not None:
        (tmp_path / "usage.ndjson.journal").write_bytes(journal)
    with pytest.raises(ExportConflictError, match="has no journal of an export"):
        open_sink(out)
    assert out.read_text() == "precious"
    assert run(out, Quick(), overwrite=True).rows == 28


def test_a_published_file_that_is_gone_or_changed_is_not_gone_on_from(tmp_path: Path) -> None:
    out = tmp_path / "usage.ndjson"
    run(out, Quick(), [BROKEN])
    out.write_bytes(out.read_bytes()[:-10])
    with pytest.raises(
        ExportConflictError, match=r"not the file that was published: it has 25,293 bytes instead of 25,303"
    ):
        open_sink(out)
    out.unlink()
    with pytest.raises(ExportConflictError, match="no longer exists"):
        open_sink(out)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_no_row_is_wrong_however_the_processes_of_a_blocking_export_are_killed() -> None:
    """A small run of the proof; `make exports-proof` is the large one, and ``test_command`` kills the command."""
    check_proof("tests.lago_async.usage.export.kill_proof", "--kills", "3", "--faces", "sync")
