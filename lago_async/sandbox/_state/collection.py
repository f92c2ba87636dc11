"""The records of one resource, found by key."""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Generic, TypeVar

from lago_async.sandbox._state.record import Record

_RecordT = TypeVar("_RecordT", bound=Record)


class Collection(Generic[_RecordT]):
    """The records of one resource: found by key until they are deleted, and counted forever."""

    def __init__(self, key: Callable[[_RecordT], str]) -> None:
        self._key = key
        self._kept: dict[str, _RecordT] = {}
        self._discarded: list[_RecordT] = []
        self.ever_added: int = 0

    def __iter__(self) -> Iterator[_RecordT]:
        return iter(self._kept.values())

    def add(self, record: _RecordT) -> None:
        """Add a record whose key is free."""
        self.ever_added += 1
        self._kept[self._key(record)] = record

    def find(self, key: str | None) -> _RecordT | None:
        """Return the kept record with this key."""
        return None if key is None else self._kept.get(key)

    @contextmanager
    def changing(self, record: _RecordT) -> Generator[None]:
        """Keep a record findable while the value of its key changes."""
        del self._kept[self._key(record)]
        try:
            yield
        finally:
            self._kept[self._key(record)] = record

    def discard(self, record: _RecordT, at: datetime) -> None:
        """Delete softly: the record is no longer found, and its key is free again."""
        record.deleted_at = at
        del self._kept[self._key(record)]
        self._discarded.append(record)

    def with_discarded(self) -> Iterator[_RecordT]:
        """Iterate over the deleted records, and then over the kept ones."""
        yield from self._discarded
        yield from self

    def newest_first(self) -> list[_RecordT]:
        """Return the kept records in the order of lists."""
        return sorted(self, key=lambda record: (record.created_at, record.order), reverse=True)
