"""The rate limiter of Lago Cloud's gateway: a number of requests per window, and headers with the rest."""

import time
from collections import deque
from collections.abc import Callable, Mapping
from math import ceil
from typing import Literal

import attrs

_EVENTS = frozenset({"create_event", "create_batch_events"})
_CURRENT_USAGE = frozenset({"find_customer_current_usage"})


@attrs.frozen(kw_only=True)
class RateLimits:
    """The number of requests per window, by kind of request.

    Attributes:
        events: Requests that send events, one or a batch.
        current_usage: Requests that read current usage.
        others: All other requests.
        window: Length of the window in seconds.
        kind: ``fixed`` windows begin at multiples of their length, and the count restarts with each; a ``sliding``
            window ends at the current request.
        clock: Returns real time in seconds from any origin; the sandbox's own clock stands still.
    """

    events: int = 500
    current_usage: int = 200
    others: int = 50
    window: float = 1.0
    kind: Literal["fixed", "sliding"] = "fixed"
    clock: Callable[[], float] = time.monotonic

    def __attrs_post_init__(self) -> None:
        if min(self.events, self.current_usage, self.others) < 1 or self.window <= 0:
            raise ValueError("limits must be at least 1, and the window longer than nothing")


def rate_limit_headers(*, limit: int, remaining: int, reset: int) -> Mapping[str, str]:
    """Return the three headers with which the gateway reports a limit; ``reset`` is in seconds from now."""
    return {
        "x-ratelimit-limit": str(limit),
        "x-ratelimit-remaining": str(remaining),
        "x-ratelimit-reset": str(reset),
    }


@attrs.define
class _Group:
    """The requests of one kind in the current window."""

    limit: int
    taken: deque[float] = attrs.field(factory=deque[float])

    def take(self, now: float, begin: float, end: Callable[[float], float]) -> tuple[bool, Mapping[str, str]]:
        """Return whether a request may pass, and the headers of its response.

        Requests before ``begin`` do not count; ``end`` returns when a counted request stops counting.
        """
        while self.taken and self.taken[0] < begin:
            self.taken.popleft()
        allowed = len(self.taken) < self.limit
        if allowed:
            self.taken.append(now)
        # A gateway counts whole seconds from now; the rounding makes 1.0000000002 a 1.
        reset = ceil(round(end(self.taken[0]) - now, 6))
        remaining = self.limit - len(self.taken)
        return allowed, rate_limit_headers(limit=self.limit, remaining=remaining, reset=reset)


class Limiter:
    """The counter of the requests of one sandbox."""

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits
        self._events = _Group(limits.events)
        self._current_usage = _Group(limits.current_usage)
        self._others = _Group(limits.others)

    def take(self, operation: str | None) -> tuple[bool, Mapping[str, str]]:
        """Return whether this request may pass, and the headers of its response; a refused request does not count."""
        group = self._others
        if operation in _EVENTS:
            group = self._events
        elif operation in _CURRENT_USAGE:
            group = self._current_usage
        now, window = self._limits.clock(), self._limits.window
        if self._limits.kind == "fixed":
            begin = now - now % window
            return group.take(now, begin, lambda _: begin + window)
        return group.take(now, now - window, lambda oldest: oldest + window)
