"""Calls that block, on worker threads of the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from anyio import CancelScope, to_thread

_T = TypeVar("_T")


async def in_thread(function: Callable[[], _T]) -> _T:
    """Run a function on a worker thread to its end, also if the caller is cancelled.

    A cancelled caller gets its cancellation after that. Otherwise, it could not undo what the thread does later.
    """
    with CancelScope(shield=True):  # against the scopes of anyio; the rest is against `Task.cancel`
        call = asyncio.ensure_future(to_thread.run_sync(function))
        try:
            return await asyncio.shield(call)
        except asyncio.CancelledError:
            while not call.done():
                with suppress(asyncio.CancelledError):  # the first one is raised below
                    await asyncio.wait([call])
            raise
    raise AssertionError  # the scope is never cancelled
