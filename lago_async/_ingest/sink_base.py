"""The part of a sink that both faces share: the settings, and the store and the engine of this process."""

from __future__ import annotations

import atexit
import logging
import os
import sys
import warnings
import weakref
from typing import TYPE_CHECKING, Final, NoReturn

from lago_async._ingest.acceptance import EventEncoder
from lago_async._ingest.engine import SinkEngine
from lago_async._ingest.memory import MemoryStore
from lago_async._ingest.settings import CLOSE_TIMEOUT
from lago_async._validation import described
from lago_async.errors import LagoConfigError

if TYPE_CHECKING:
    from lago_async._client_state import ClientState
    from lago_async._ingest.batch_route import BatchRoute
    from lago_async._ingest.counters import EventSinkCounters
    from lago_async._ingest.settings import SinkSettings
    from lago_async._ingest.spool import EventSpool

_log: Final = logging.getLogger("lago_async.events")
_open_sinks: Final[weakref.WeakSet[SinkBase]] = weakref.WeakSet()

TURN: Final = 1024
"""Events that a task may add in a row before other tasks have a turn: about 4 ms."""


def check_client(client: object, *, package: str, attribute: str) -> None:
    """Refuse what is not a client of the same package.

    Raises:
        LagoConfigError: It is not.
    """
    if not hasattr(client, attribute):
        raise LagoConfigError(f"client must be a {package}.LagoClient, not {described(client)}")


def check_handler(on_rejected: object) -> None:
    """Refuse a handler that cannot be called: that would be known only when an event is refused, and lost.

    Raises:
        LagoConfigError: It cannot be called.
    """
    if on_rejected is not None and not callable(on_rejected):
        raise LagoConfigError(f"on_rejected must be a function, not {described(on_rejected)}")


class SinkBase:
    """A sink without a face. Each process has an encoder, a store and an engine of its own."""

    def __init__(
        self, state: ClientState, route: BatchRoute, settings: SinkSettings, spool: EventSpool | None = None
    ) -> None:
        self._client_state = state
        self._settings = settings
        self._route = route
        self._spool = spool  # it knows by itself in which process it is
        self._inherited: list[SinkEngine] = []  # of parent processes: never freed here, because they own open sockets
        self._begin()
        _open_sinks.add(self)

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

    def _close_limit(self, error: BaseException | None) -> float | None:
        """Return the seconds that closing may take: after an error of the block, never without a limit."""
        limit = self._settings.close_timeout
        return CLOSE_TIMEOUT if limit is None and error is not None else limit

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

    def _say_what_the_exit_loses(self) -> None:
        engine = self._engine
        if self._spool is None and not engine.closed and self._process_id == os.getpid():
            waiting = engine.store.waiting()
            if waiting:
                _log.error(
                    "the program ends with %d events in an EventSink that was never closed, and they are lost: close "
                    "it, use it in a `with` block, or give it a spool",
                    waiting,
                )


@atexit.register
def _at_exit() -> None:
    """Say what is lost: finalizers stay silent while the interpreter exits."""
    for sink in tuple(_open_sinks):
        sink._say_what_the_exit_loses()  # pyright: ignore[reportPrivateUsage]
