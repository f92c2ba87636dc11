"""Rows as lines that can be read back: what is spooled for files that are made from rows in the end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Final

import attrs
import msgspec

from lago_async.usage._columns import TableSchema, UsageRow
from lago_async.usage._errors import ExportConflictError
from lago_async.usage._formats.ndjson import Ndjson

_ROWS_READ: Final = 1024


class RowLines(Ndjson):
    """NDJSON in which the values of JSON columns are text, so that each row is read as it was written."""

    def __init__(self, schema: TableSchema) -> None:
        super().__init__(attrs.evolve(schema, json_values=False))

    def read(self, paths: Sequence[Path]) -> Iterator[list[UsageRow]]:
        """Yield the rows of files, some at a time.

        Raises:
            ExportConflictError: A file has other columns, or another format.
        """
        decode = msgspec.json.Decoder(self._line).decode
        for path in paths:
            with path.open("rb") as file:
                try:
                    while lines := list(islice(file, _ROWS_READ)):
                        yield [msgspec.structs.astuple(decode(line)) for line in lines]
                except msgspec.DecodeError:
                    raise ExportConflictError(
                        f"{path} does not have these columns: it has another format or version"
                    ) from None
