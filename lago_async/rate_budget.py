"""The organisation's rate limit, as the server's headers tell it: calls are held while a window is spent."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from lago_async.retry import number

if TYPE_CHECKING:
    from collections.abc import Mapping


_UNKNOWN = float("inf")
_LOOK_AGAIN = 0.02  # seconds, while the answers are awaited that will tell


@attrs.define
class _Window:
    """What is left of one limit until it starts anew."""

    left: float = 0.0
    ends: float = 0.0


class RateBudget:
    """One per client, used on its loop.

    The server keeps several limits (events, current usage, all the rest) and says in each answer which one counted the
    call, by its size. A call is held only when the last answer, less what has been sent since, leaves nothing: a
    client that makes one call at a time never notices. A single 429 holds only its own call.
    """

    def __init__(self) -> None:
        self._windows: dict[float, _Window] = {}
        self._limits: dict[str, float] = {}
        self._under_way: dict[str, int] = {}

    def delay(self, operation: str, now: float) -> float:
        """Seconds to wait before a call of ``operation`` is sent."""
        limit = self._limits.get(operation)
        if limit is None:
            return 0.0
        window = self._windows[limit]
        if now >= window.ends:
            # Until an answer says when the new one ends; those under way may be counted in it.
            window.left, window.ends = limit - self._under_way_in(limit), _UNKNOWN
        if window.left >= 1:
            return 0.0
        if window.ends != _UNKNOWN:
            return window.ends - now
        return _LOOK_AGAIN if self._under_way_in(limit) > 0 else 0.0

    def begin(self, operation: str) -> None:
        """A call is sent."""
        limit = self._limits.get(operation)
        if limit is not None:
            self._windows[limit].left -= 1
        self._under_way[operation] = self._under_way.get(operation, 0) + 1

    def end(self, operation: str) -> None:
        """A call is no longer under way, however it ended."""
        self._under_way[operation] -= 1

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
            window = self._windows[limit] = _Window()
        # Those under way may not be counted in this answer yet.
        window.left, window.ends = left - self._under_way_in(limit), now + reset

    def _under_way_in(self, limit: float) -> int:
        return sum(self._under_way.get(operation, 0) for operation, its in self._limits.items() if its == limit)
