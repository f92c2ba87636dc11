"""One rate limit of the server's, as its headers show it, and our own calls within it."""

from __future__ import annotations

from collections import deque
from math import ceil
from typing import Final

import attrs

__all__ = ["RateLimit"]

_NEARLY_ALL: Final = 0.98  # of a limit, for bulk work: the rest absorbs calls that overtake each other on the way
_NEARLY_ALL_OTHERS: Final = 0.9  # of a limit, used by others: then only the server's own count helps
_LATE: Final = 0.01  # of a window, by which a call may reach the server later than we think
_NOISE: Final = 0.02  # of a limit, and two calls: two counts of one window differ by that without other clients
_CATCH_UP: Final = 0.05  # seconds that bulk work may lag behind its even spread: timers are late by milliseconds


@attrs.frozen
class RateLimit:
    """One of the server's limits, as far as its responses have shown it.

    Attributes:
        limit: Calls in a window, for the whole organisation.
        window: The length of the window in seconds.
        used: This client's calls in the last window.
        others: Calls of other clients in the last window, roughly: what the server counts beyond this client's calls.
        waiting: Calls of this client that wait for their turn.
    """

    limit: int
    window: float
    used: int
    others: int
    waiting: int


class Limit:
    """One of the server's limits: a number of calls per window.

    Attributes:
        size: Calls per window, for the whole organisation.
        window: Seconds; the longest time to the window's end that a response has shown. Shorter times later do not
            count: where windows slide, it is the time to the end of the oldest call's, short when calls are spread.
        sent: When our calls of the last window were sent.
        others: What the server has counted beyond our calls, recently.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.window = 1.0  # Lago's own; a "reset" of 0 would say nothing
        self.sent: deque[float] = deque()
        self.others = Recent()
        self._refused_in_a_row = 0
        self._closed_until = 0.0
        self._due = 0.0

    def used(self, now: float) -> int:
        """Return our calls in the last window; may be called on another thread."""
        return sum(at > now - self.window for at in tuple(self.sent))

    def wait(self, now: float, share: float, *, spread: bool) -> float:
        """Return the seconds until a call may be sent."""
        span = self._forget(now)
        room = self._room(share, spread=spread)
        wait = self._closed_until - now
        if len(self.sent) >= room:
            wait = max(wait, self.sent[len(self.sent) - room] + span - now)
        if spread:
            wait = max(wait, self._due - now)
        return max(wait, 0.0)

    def send(self, now: float, share: float, *, spread: bool) -> int:
        """Count a call, and return how many have been sent in the window."""
        self._forget(now)
        self.sent.append(now)
        if spread:
            self._due = max(self._due, now - _CATCH_UP) + self.window / self._room(share, spread=True)
        return len(self.sent)

    def answered(self, left: int, beyond_ours: int, now: float, reset: float) -> None:
        """Account for a response: how many calls are left, and how many the server has counted beyond ours."""
        self._refused_in_a_row = 0
        self.others.note(beyond_ours - 2 - round(_NOISE * self.size), now, self.window)
        # Our own use we count ourselves, finer than in whole seconds; but here others have spent the window.
        spent = left == 0 and self.others.value > _NEARLY_ALL_OTHERS * self.size
        self._closed_until = now + reset if spent else 0.0

    def refused(self, now: float, reset: float) -> None:
        """Account for a 429: our count is not the server's. A single one may come from a gateway."""
        self._refused_in_a_row += 1
        self.others.note(self.others.value + ceil(self.size / 100), now, self.window)
        if self._refused_in_a_row > 1:
            self._closed_until = now + reset

    def _forget(self, now: float) -> float:
        span = self.window * (1 + _LATE)
        sent, oldest = self.sent, now - span
        while sent and sent[0] <= oldest:
            sent.popleft()
        return span

    def _room(self, share: float, *, spread: bool) -> int:
        # An explicit share already accounts for other clients.
        room = self.size * share if share < 1.0 else self.size - self.others.value
        return max(1, int(room * _NEARLY_ALL) if spread else int(room))


class Recent:
    """The largest of the numbers noted in this window and the one before; 0 or more."""

    def __init__(self) -> None:
        self.value = 0
        self._now = 0
        self._began = 0.0

    def note(self, number: int, now: float, window: float) -> None:
        """Take a number into account."""
        if now - self._began > window:
            self.value = 0 if now - self._began > 2 * window else self._now
            self._now, self._began = 0, now
        self._now = max(self._now, number)
        self.value = max(self.value, self._now)
