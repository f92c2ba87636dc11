"""The blocking face of a sink, below its public methods: events are added on any thread, the loop thread sends them."""

from __future__ import annotations

import inspect
import os
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from anyio import to_thread

from lago_async._ingest.outcomes import RejectedEvent
from lago_async._ingest.routes import route_of
from lago_async._ingest.settings import RejectedHandler
from lago_async._ingest.sink_base import SinkBase, check_client, check_handler
from lago_async._ingest.spool_opening import spool_of
from lago_async.errors import LagoClosedError, LagoConfigError, UndeliveredEventsError

if TYPE_CHECKING:
    from lago_async._ingest.settings import SinkSettings
    from lago_sync.client import LagoClient

_P = ParamSpec("_P")
_T = TypeVar("_T")


class BlockingSinkFace(SinkBase):
    """The part of an ``EventSink`` that differs between the faces."""

    def __init__(
        self,
        client: LagoClient,
        settings: SinkSettings,
        on_rejected: RejectedHandler | None,
        spool: str | os.PathLike[str] | None,
        spool_max_bytes: int,
    ) -> None:
        check_client(client, package="lago_sync", attribute="_async")
        check_handler(on_rejected)
        if inspect.iscoroutinefunction(on_rejected):
            raise LagoConfigError("on_rejected must be a blocking function: nothing would await a coroutine function")
        self._client = client
        asynchronous = client._async  # pyright: ignore[reportPrivateUsage]
        super().__init__(
            asynchronous._state,  # pyright: ignore[reportPrivateUsage]
            route_of(asynchronous, on_rejected=_in_thread(on_rejected)),
            settings,
            None if spool is None else spool_of(asynchronous, spool, max_bytes=spool_max_bytes),
        )

    def _cross(self, function: Callable[_P, Coroutine[Any, Any, _T]], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        return self._client._owner.lease.run(function, *args, **kwargs)  # pyright: ignore[reportPrivateUsage]

    def _let_others_run(self) -> None:
        """Do nothing: threads take turns by themselves."""

    def _start(self) -> None:
        self._cross(self._engine.open)

    def _leave(self, error: BaseException | None) -> None:
        """Close at the end of a block."""
        try:
            self._close(error)
        except UndeliveredEventsError as undelivered:
            if error is None:
                raise
            error.add_note(str(undelivered))

    def _flush(self, seconds: float | None) -> None:
        engine = self._engine
        try:
            self._cross(engine.flush, seconds)
        except LagoClosedError:  # the client is closed, and the loop thread may have ended with it
            engine.check_delivered()

    def _close(self, error: BaseException | None = None) -> None:
        engine = self._engine
        if engine.closed:
            return
        try:
            self._cross(engine.aclose, self._close_limit(error))
        except LagoClosedError:  # the client was closed first, and the loop thread may have ended with it
            engine.seal()
            engine.abandon()
            engine.check_delivered()


def _in_thread(handler: RejectedHandler | None) -> Callable[[RejectedEvent], Awaitable[None]] | None:
    """Return a function that calls the handler on a thread of its own: it may block, and make calls."""
    if handler is None:
        return None

    async def report(event: RejectedEvent) -> None:
        await to_thread.run_sync(handler, event)

    return report
