"""The journal: incomplete, damaged, of another version, or in use."""

from pathlib import Path

import pytest

from lago_async.usage import ExportConflictError, ExportError
from lago_async.usage._export.sink import Sink
from lago_async.usage._formats.choice import format_of
from tests.lago_async.usage.export.disks import Quick
from tests.lago_async.usage.export.small_exports import PAIRS, SETTINGS, open_sink, page_of, rows_in, run

pytestmark = pytest.mark.usefixtures("early_spill")


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


def test_a_journal_of_another_version_is_refused(tmp_path: Path) -> None:
    for version, which in ((b"", "an earlier"), (b',"journal":1', "an earlier"), (b',"journal":9', "a later")):
        (tmp_path / "usage.ndjson.journal").write_bytes(b'{"entry":"began","settings":{}%b}\n' % version)
        with pytest.raises(ExportConflictError, match=f"was written by {which} version of this library"):
            open_sink(tmp_path / "usage.ndjson")
