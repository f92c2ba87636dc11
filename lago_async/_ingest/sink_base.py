"""The part of a sink that both faces share: the settings, and the store and the engine of this process."""

from __future__ import annotations

import os
import sys
import warnings
from typing import TYPE_CHECKING, Final, NoReturn

from lago_async._ingest.acceptance import EventEncoder
from lago_async._ingest.engine import SinkEngine
from lago_async._ingest.memory import MemoryStore

if TYPE_CHECKING:
    from lago_async._ingest.batch_route import BatchRoute
    from lago_async._ingest.counters import EventSinkCounters
    from lago_async._ingest.settings import SinkSettings
    from lago_async._ingest.spool import EventSpool

TURN: Final = 1024
"""Events that a task may add in a row before other tasks have a turn: about 4 ms."""


class SinkBase:
    """A sink without a face. Each process has an encoder, a store and an engine of its own."""

    def __init__(self, route: BatchRoute, settings: SinkSettings, spool: EventSpool | None = None) -> None:
        self._settings = settings
        self._route = route
        self._spool = spool  # it knows by itself in which process it is
        self._inherited: list[SinkEngine] = []  # of parent processes: never freed here, because they own open sockets
        self._begin()

    def _begin(self) -> None:
        """Begin in this process, with nothing in hand."""
        self._process_id = os.getpid()
        self._encoder = EventEncoder()
        self._memory: MemoryStore | None = None
        store: MemoryStore | EventSpool | None = self._spool
        if store is None:
            store = self._memory = MemoryStore(max_events=self._settings.max_events, max_bytes=self._settings.max_bytes)
        self._store = store
        self._engine = SinkEngine(store, self._route, self._settings, durable=self._spool is not None)

    def _enter_process(self) -> None:
        """Begin again in a forked child: the events that the parent has in hand stay with the parent."""
        self._inherited.append(self._engine)
        closed = self._engine.closed
        self._begin()
        self._engine.closed = closed

    @property
    def counters(self) -> EventSinkCounters:
        """The counters now. Any thread may read them, for example that of a metrics system."""
        if self._process_id != os.getpid():
            self._enter_process()
        return self._engine.counters(self._store.added)

    @property
    def closed(self) -> bool:
        """Whether the sink was closed."""
        return self._engine.closed

    def __del__(self) -> None:
        engine = getattr(self, "_engine", None)
        if engine is None or engine.closed or self._process_id != os.getpid():
            return
        waiting = engine.store.waiting()
        used = waiting or engine.running
        engine.abandon()
        if used and not sys.is_finalizing():
            warnings.warn(
                f"an EventSink was never closed, and {waiting:,} events in it "
                f"{'are lost' if self._spool is None else 'wait in its spool'}: use it in a `with` block",
                ResourceWarning,
                source=self,
                stacklevel=1,
            )

    def __repr__(self) -> str:
        engine = getattr(self, "_engine", None)
        if engine is None:
            return "<EventSink, not set up>"  # in a traceback of __init__ that shows local variables
        return f"<EventSink {engine.store.waiting()} waiting{' closed' if engine.closed else ''}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an EventSink cannot be pickled, because its events belong to one process: make one in each")
