"""The organisation's rate limit, as the server's headers tell it: calls are held while a window is spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from lago_async.retry import number

if TYPE_CHECKING:
    from collections.abc import Mapping


@attrs.define
class _Window:
    """What is left of one limit until it starts anew."""

    limit: float
    left: float = 0.0
    ends: float = 0.0
    under_way: int = 0


class RateBudget:
    """One per client, used on its loop.

    The server keeps several limits (events, current usage, all the rest) and says in each answer which one counted the
    call, by its size. A call is held only when the last answer, less what has been sent since, leaves nothing: a
    client that makes one call at a time never notices. A single 429 holds only its own call.
    """

    def __init__(self) -> None:
        self._windows: dict[float, _Window] = {}
        self._limits: dict[str, float] = {}

    def wait(self, operation: str, now: float) -> float:
        """Seconds to wait before a call of ``operation`` may be sent; 0 counts the call as sent."""
        limit = self._limits.get(operation)
        if limit is None:
            return 0.0
        window = self._windows[limit]
        if now >= window.ends:
            window.left, window.ends = window.limit, float("inf")  # until the next answer says when it ends
        if window.left < 1 and window.ends != float("inf"):
            return window.ends - now
        window.left -= 1
        window.under_way += 1
        return 0.0

    def ended(self, operation: str) -> None:
        """A call that ``wait`` let through is no longer under way, however it ended."""
        limit = self._limits.get(operation)
        if limit is not None and self._windows[limit].under_way > 0:
            self._windows[limit].under_way -= 1

    def learn(self, operation: str, headers: Mapping[str, str], now: float) -> None:
        """Read the headers of an answer. A server that sends none has no limit."""
        limit = number(headers.get("x-ratelimit-limit"))
        if limit is None:
            return
        left, reset = number(headers.get("x-ratelimit-remaining")), number(headers.get("x-ratelimit-reset"))
        if left is None or reset is None:
            return
        self._limits[operation] = limit
        window = self._windows.get(limit)
        if window is None:
            window = self._windows[limit] = _Window(limit)
        # Those under way may not be counted in this answer yet.
        window.left, window.ends = left - window.under_way, now + reset
