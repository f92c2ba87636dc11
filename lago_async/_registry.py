"""The endpoint table as a whole: every row of every resource module, by the operation's name."""

from __future__ import annotations

import pkgutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Final

from lago_async import resources
from lago_async.resources._base import Resource

if TYPE_CHECKING:
    from lago_async._table.endpoint import Endpoint
    from lago_async._table.rows import Row

__all__ = ["ENDPOINTS"]


class Endpoints(Mapping[str, "Endpoint"]):
    """All endpoints by operation name; the rows are read when the table is first asked."""

    def __init__(self, read: Callable[[], Sequence[Row]]) -> None:
        self._read = read

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The rows as they are written, including overloads; reading them loads no model."""
        return self._read()

    @cached_property
    def _by_name(self) -> Mapping[str, Row]:
        by_name: dict[str, Row] = {}
        for row in self.rows:
            if row.overload:
                continue
            if row.name in by_name:
                raise ValueError(f"two rows are named {row.name!r}")
            by_name[row.name] = row
        return by_name

    def __getitem__(self, name: str) -> Endpoint:
        return self._by_name[name].endpoint

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


def rows_of(resource: type[Resource]) -> Iterator[Row]:
    """Yield the rows of one resource class, as written."""
    for attribute in vars(resource).values():
        row: Row | None = getattr(attribute, "row", None)
        if row is not None:
            yield row


def _rows_of_all_resources() -> Sequence[Row]:
    rows: list[Row] = []
    for module in sorted(found.name for found in pkgutil.iter_modules(resources.__path__)):
        if not module.startswith("_"):
            members = vars(import_module(f"{resources.__name__}.{module}")).values()
            classes = (member for member in members if isinstance(member, type) and issubclass(member, Resource))
            rows += [row for resource in classes if resource is not Resource for row in rows_of(resource)]
    return rows


ENDPOINTS: Final = Endpoints(_rows_of_all_resources)
"""Every operation of the API by its name, each an ``Endpoint``."""
