"""The interface of a file format: encode rows that can be appended to a file, and assemble the final file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeAlias

from lago_async.usage._columns import CHARGES, TableSchema, UsageRow
from lago_async.usage._errors import ExportConflictError

if TYPE_CHECKING:
    from io import BufferedReader

FormatName: TypeAlias = Literal["ndjson", "csv", "parquet", "xlsx"]


class Target(Protocol):
    """A file that is written from its beginning to its end."""

    def write(self, data: bytes | memoryview, /) -> int:
        """Write all of the bytes."""
        ...

    def copy(self, source: BufferedReader, /) -> None:
        """Write the rest of another file."""
        ...


class Format(ABC):
    """A file format.

    Attributes:
        name: The name, as ``--format`` takes it.
        suffixes: The suffixes of its files.
        as_spooled: Whether the spooled bytes are the final file.
        readable: Whether a final file can be read again, by reports and merges.
        rows_together: How many rows to encode at a time. Text costs half as much in small pieces as in large ones,
            because small ones stay in the processor's cache and need no new pages of memory.
        schema: The columns of the rows.
    """

    name: ClassVar[FormatName]
    suffixes: ClassVar[tuple[str, ...]]
    as_spooled: ClassVar[bool] = True
    readable: ClassVar[bool] = True
    rows_together: ClassVar[int] = 256

    def __init__(self, schema: TableSchema = CHARGES) -> None:
        self.schema = schema

    def begin(self) -> bytes:
        """Return the bytes before the first row."""
        return b""

    @abstractmethod
    def encode(self, rows: Sequence[UsageRow]) -> bytes:
        """Return the bytes of rows, to be appended to those before."""

    def pieces(self, rows: Sequence[UsageRow]) -> Iterator[bytes]:
        """Encode rows in short pieces, because the interpreter's lock is held for a whole piece."""
        step = self.rows_together
        for start in range(0, len(rows), step):
            yield self.encode(rows[start : start + step])

    def assemble(self, spools: Sequence[Path], target: Target) -> None:
        """Write the final file from spools, or from final files.

        Raises:
            ExportConflictError: A source has another format, or other columns.
        """
        begin = self.begin()
        target.write(begin)
        for path in spools:
            with path.open("rb") as source:
                if source.read(len(begin)) != begin:
                    raise ExportConflictError(
                        f"{path} does not start with these columns: it has another format or version"
                    )
                target.copy(source)
