"""Exports in partitions: one file per month, in the folders that data tools call hive: ``month=2026-01/part-0.csv``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import ClassVar, Final, Literal, TypeAlias, get_args

from lago_async.errors import LagoArgumentError
from lago_async.usage._columns import TableSchema, UsageRow
from lago_async.usage._formats.base import Format
from lago_async.usage._formats.row_lines import RowLines

Partition: TypeAlias = Literal["month"]
"""What the files of an export are divided by."""

PARTITIONS: Final = get_args(Partition)

_NULL: Final = "__HIVE_DEFAULT_PARTITION__"  # data tools read this as null
_ROWS_HELD: Final = 32 * 1024
_CREATED: Final = "created_at"


class Partitioned(RowLines):
    """A format whose rows are divided into one file per month when they are published.

    Args:
        inner: The format of the files.
        partition: What they are divided by.

    Attributes:
        inner: The format of the files.
        partition: What they are divided by.
        column: The column that says the month of a row, in UTC.

    Raises:
        LagoArgumentError: The rows have no time, or the partition is unknown.
    """

    as_spooled: ClassVar[bool] = False

    def __init__(self, inner: Format, partition: Partition) -> None:
        super().__init__(inner.schema)
        if partition not in PARTITIONS:
            raise LagoArgumentError(f"partition= is one of {', '.join(PARTITIONS)}, not {partition!r}")
        self.inner = inner
        self.partition: Partition = partition
        self.column = _column_of(inner.schema, partition)
        self._place = inner.schema.names.index(self.column)

    def file_of(self, value: str) -> str:
        """Return the path of the file with the rows of a month, in the folder of the export."""
        return f"{self.partition}={value}/part-0{self.inner.suffixes[0]}"

    def split(self, spools: Sequence[Path]) -> Iterator[tuple[str, list[UsageRow]]]:
        """Yield the rows of spools by month, each month as often as it takes to hold few rows in memory."""
        held: dict[str, list[UsageRow]] = {}
        count = 0
        for rows in self.read(spools):
            for row in rows:
                time = row[self._place]
                held.setdefault(time[:7] if isinstance(time, str) else _NULL, []).append(row)
            count += len(rows)
            if count >= _ROWS_HELD:
                yield from held.items()
                held, count = {}, 0
        yield from held.items()


def _column_of(schema: TableSchema, partition: Partition) -> str:
    """Return the column that says the month: ``created_at``, or else the first time or day."""
    if partition in schema.names:
        raise LagoArgumentError(f"{schema.stem} already has a column {partition}; omit partition=")
    times = [column.name for column in schema.columns if column.type in {"timestamp", "date"}]
    if not times:
        raise LagoArgumentError(f"{schema.stem} has no column with a time that could be its month; omit partition=")
    return _CREATED if _CREATED in times else times[0]
