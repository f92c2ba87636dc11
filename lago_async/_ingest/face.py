"""The asynchronous face of a sink, below its public methods: everything runs on the loop of the caller."""

from __future__ import annotations

import asyncio
import inspect
import os
from collections.abc import Awaitable, Callable, Coroutine
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import anyio

from lago_async._ingest.outcomes import RejectedEvent
from lago_async._ingest.routes import route_of
from lago_async._ingest.settings import RejectedHandler
from lago_async._ingest.sink_base import SinkBase, check_client, check_handler
from lago_async._ingest.spool_opening import spool_of
from lago_async.errors import UndeliveredEventsError

if TYPE_CHECKING:
    from lago_async._ingest.settings import SinkSettings
    from lago_async.client import LagoClient

_P = ParamSpec("_P")
_T = TypeVar("_T")


class SinkFace(SinkBase):
    """The part of an ``EventSink`` that differs between the faces."""

    def __init__(
        self,
        client: LagoClient,
        settings: SinkSettings,
        on_rejected: RejectedHandler | None,
        spool: str | os.PathLike[str] | None,
        spool_max_bytes: int,
    ) -> None:
        check_client(client, package="lago_async", attribute="_state")
        check_handler(on_rejected)
        super().__init__(
            client._state,  # pyright: ignore[reportPrivateUsage]
            route_of(client, on_rejected=_awaited(on_rejected)),
            settings,
            None if spool is None else spool_of(client, spool, max_bytes=spool_max_bytes),
        )

    async def _cross(
        self, function: Callable[_P, Coroutine[Any, Any, _T]], /, *args: _P.args, **kwargs: _P.kwargs
    ) -> _T:
        return await function(*args, **kwargs)

    async def _let_others_run(self) -> None:
        await asyncio.sleep(0)

    async def _start(self) -> None:
        await self._engine.open()

    async def _leave(self, error: BaseException | None) -> None:
        """Close at the end of a block, even if it was cancelled, and within a limit then."""
        try:
            with anyio.CancelScope(shield=True):
                await self._engine.aclose(self._close_limit(error))
        except UndeliveredEventsError as undelivered:
            if error is None:
                raise
            error.add_note(str(undelivered))

    async def _flush(self, seconds: float | None) -> None:
        await self._engine.flush(seconds)

    async def _close(self) -> None:
        await self._engine.aclose(self._settings.close_timeout)


def _awaited(handler: RejectedHandler | None) -> Callable[[RejectedEvent], Awaitable[None]] | None:
    if handler is None:
        return None

    async def report(event: RejectedEvent) -> None:
        result = handler(event)
        if inspect.isawaitable(result):
            await result

    return report
