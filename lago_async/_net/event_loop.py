"""The event loop that a call runs on."""

from __future__ import annotations

import asyncio

from lago_async.errors import LagoConfigError


def running_loop() -> asyncio.AbstractEventLoop:
    """Return the running loop of asyncio.

    Raises:
        LagoConfigError: There is none: the program runs on another library, such as trio, or on none.
    """
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        raise LagoConfigError(
            "lago_async runs on asyncio, and no loop of asyncio is running here: start one with asyncio.run(), "
            "or use lago_sync in blocking code"
        ) from None
