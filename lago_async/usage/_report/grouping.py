"""Grouping of Arrow tables, also of tables with more rows than fit into memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

# pyarrow has no types of its own.
from typing import Any, Final

import attrs

from lago_async.usage._report.extras import require

_PARTIAL_ROWS: Final = 1 << 19


@attrs.frozen
class Grouping:
    """How to group a table.

    Attributes:
        keys: The columns to group by.
        results: For each column of the result the column that it is made of, and how: ``{"total": ("cents", "sum")}``.
    """

    keys: Sequence[str]
    results: Mapping[str, tuple[str, str]] = attrs.field(factory=dict[str, tuple[str, str]])

    def of(self, table: Any) -> Any:
        """Return the groups of a table, in the order of their first rows: it uses one thread for that."""
        grouped = table.group_by(list(self.keys), use_threads=False).aggregate(list(self.results.values()))
        found = [*self.keys, *(f"{column}_{how}" for column, how in self.results.values())]
        return grouped.select(found).rename_columns([*self.keys, *self.results])


class PartialGroups:
    """Groups of many tables. They are grouped again whenever they are many, so that memory grows with the groups."""

    def __init__(self, grouping: Grouping) -> None:
        self._grouping = grouping
        self._tables: list[Any] = []
        self._rows = 0
        self._most = _PARTIAL_ROWS

    def add(self, table: Any) -> None:
        """Add a table that has not been grouped."""
        partial = self._grouping.of(table)
        self._tables.append(partial)
        self._rows += partial.num_rows
        if self._rows > self._most:
            self._tables = [self.whole()]
            self._rows = self._tables[0].num_rows
            self._most = _PARTIAL_ROWS + 2 * self._rows

    def whole(self) -> Any:
        """Return the groups of all tables."""
        return self._grouping.of(require("pyarrow").concat_tables(self._tables))
