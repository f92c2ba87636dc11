"""What a file format of exports has to do: encode rows that can be appended to a file, and assemble the final file."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Literal, Protocol, TypeAlias

from lago_async.usage._columns import COLUMNS, Row
from lago_async.usage._errors import ExportConflictError

if TYPE_CHECKING:
    from io import BufferedReader

FormatName: TypeAlias = Literal["ndjson", "csv", "parquet"]

NAMES: Final = tuple(column.name for column in COLUMNS)


class Target(Protocol):
    """A file that is written from its beginning to its end."""

    def write(self, data: bytes | memoryview, /) -> int:
        """Write all of the bytes."""
        ...

    def copy(self, source: BufferedReader, /) -> None:
        """Write the rest of another file."""
        ...


class Format(ABC):
    """How rows are written.

    Attributes:
        name: What ``--format`` calls it.
        suffixes: Of files in it.
        as_spooled: Whether the bytes of the rows, one after the other, are the file.
        rows_together: How many rows to encode at once. Text in small pieces, which stay in the processor's cache and
            need no new pages of memory, costs half of what it does in large ones.
    """

    name: ClassVar[FormatName]
    suffixes: ClassVar[tuple[str, ...]]
    as_spooled: ClassVar[bool] = True
    rows_together: ClassVar[int] = 256

    def begin(self) -> bytes:
        """What stands before the first row."""
        return b""

    @abstractmethod
    def encode(self, rows: Sequence[Row]) -> bytes:
        """Rows as they stand behind each other."""

    def pieces(self, rows: Sequence[Row]) -> Iterator[bytes]:
        """Encode rows in pieces. Each is one call that holds the interpreter's lock, so they are short."""
        step = self.rows_together
        for start in range(0, len(rows), step):
            yield self.encode(rows[start : start + step])

    def assemble(self, spools: Sequence[Path], target: Target) -> None:
        """Write the file that published files (where `as_spooled`) or spools come to together.

        Raises:
            ExportConflictError: A source is not in this format, or not of this schema.
        """
        begin = self.begin()
        target.write(begin)
        for path in spools:
            with path.open("rb") as source:
                if source.read(len(begin)) != begin:
                    raise ExportConflictError(f"{path} does not begin as a file of these columns does")
                target.copy(source)
