"""The operations that all collections of the catalogue share: find, list and delete by code."""

from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

from lago_async.sandbox._operations.registry import OperationCall
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.collection import Collection
from lago_async.sandbox._state.record import Record
from lago_async.sandbox._state.store import Store

_RecordT = TypeVar("_RecordT", bound=Record)


@attrs.frozen(kw_only=True)
class Catalogue(Generic[_RecordT]):
    """A collection whose records are found by code, and the way to show one."""

    root: str
    records: Callable[[Store], Collection[_RecordT]]
    render: Callable[[Store, _RecordT], JsonObject]
    render_listed: Callable[[Store, _RecordT], JsonObject] | None = None
    order: Callable[[_RecordT], tuple[str | int, ...]] | None = None

    def with_code(self, store: Store, code: str) -> _RecordT:
        """Return the record with this code, or refuse with a 404."""
        record = self.records(store).find(code)
        if record is None:
            raise refusals.not_found(self.root)
        return record

    def record(self, call: OperationCall) -> _RecordT:
        """Return the record that the path names, or refuse with a 404."""
        return self.with_code(call.store, call.identifier)

    def find(self, call: OperationCall) -> JsonObject:
        """Return one record."""
        return self.render(call.store, self.record(call))

    def list_all(self, call: OperationCall) -> PagedList:
        """List the records in their order, or else newest first."""
        rows, render = self.records(call.store).newest_first(), self.render_listed or self.render
        if self.order is not None:
            rows.sort(key=self.order)
        return Window.of(call.params).page(rows, lambda record: encode(render(call.store, record)))

    def destroy(self, call: OperationCall) -> JsonObject:
        """Delete one record, and return it a last time."""
        record = self.record(call)
        self.records(call.store).discard(record, call.store.now)
        return self.render(call.store, record)
