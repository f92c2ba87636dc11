"""One rate limit of the server, as its headers show it, and our own calls within it."""

from __future__ import annotations

from collections import deque
from math import ceil
from typing import Final

import attrs

__all__ = ["RateLimit"]

_NEARLY_ALL: Final = 0.98  # of a limit, for bulk work; the rest absorbs calls that overtake each other in transit
_NEARLY_ALL_OTHERS: Final = 0.9  # of a limit, used by others: then only the server's own count is reliable
_WITH_DELAY: Final = 1.01  # of a window: with the delay between sending a call and the server counting it
_NOISE: Final = 0.02  # of a limit, plus two calls: our count and the server's differ by that without other clients
_CATCH_UP: Final = 0.05  # seconds that bulk work may lag behind its even spread, because timers are milliseconds late


@attrs.frozen
class RateLimit:
    """One of the server's rate limits, as its responses have shown it.

    Attributes:
        limit: Calls per window, for the whole organisation.
        window: The length of the window in seconds.
        used: This client's calls in the last window.
        others: Estimated calls of other clients in the last window: the server's count minus this client's calls.
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
        window: Seconds: the longest time to the end of the window that a response has shown. Shorter times are ignored,
            because a sliding window shows the time until its oldest call leaves it, which is short for spread calls.
        sent: The times at which our calls of the last window were sent.
        others: The calls that the server recently counted beyond ours.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.window = 1.0  # Lago's own default, for a "reset" of 0
        self.sent: deque[float] = deque()
        self.others = Recent()
        self._refused_in_a_row = 0
        self._closed_until = 0.0
        self._due = 0.0
        self._noise = 2 + round(_NOISE * size)

    def used(self, now: float) -> int:
        """Return the number of our calls in the last window; may be called on another thread."""
        return sum(at > now - self.window for at in tuple(self.sent))

    def wait(self, now: float, share: float, *, spread: bool) -> float:
        """Return the seconds until a call may be sent."""
        span = self._forget(now)
        room = self._room(share, spread=spread)
        sent = len(self.sent)
        wait = self._closed_until - now
        if sent >= room:
            wait = max(wait, self.sent[sent - room] + span - now)
        if spread:
            wait = max(wait, self._due - now)
        return max(wait, 0.0)

    def send_now(self, now: float, share: float, *, spread: bool) -> int:
        """Count a call if it need not wait; return how many have been sent in the window, or 0 if it has to wait."""
        self._forget(now)
        sent, room = self.sent, self._room(share, spread=spread)
        if len(sent) >= room or self._closed_until > now:
            return 0
        if spread:
            if self._due > now:
                return 0
            self._due = max(self._due, now - _CATCH_UP) + self.window / room
        sent.append(now)
        return len(sent)

    def send(self, now: float, share: float, *, spread: bool) -> int:
        """Count a call, and return how many have been sent in the window."""
        self._forget(now)
        self.sent.append(now)
        if spread:
            self._due = max(self._due, now - _CATCH_UP) + self.window / self._room(share, spread=True)
        return len(self.sent)

    def answered(self, left: int, beyond_ours: int, now: float, reset: float) -> None:
        """Take a response into account, by the calls that are left and those that the server counted beyond ours."""
        self._refused_in_a_row = 0
        self.others.note(beyond_ours - self._noise, now, self.window)
        # We count our own calls ourselves, more precisely than in whole seconds. Here, others have used up the window.
        spent = left == 0 and self.others.value > _NEARLY_ALL_OTHERS * self.size
        self._closed_until = now + reset if spent else 0.0

    def refused(self, now: float, reset: float) -> None:
        """Take a 429 into account: the server's count is higher than ours. A single 429 may come from a gateway."""
        self._refused_in_a_row += 1
        self.others.note(self.others.value + ceil(self.size / 100), now, self.window)
        if self._refused_in_a_row > 1:
            self._closed_until = now + reset

    def _forget(self, now: float) -> float:
        """Forget the calls of earlier windows, and return the length of one."""
        span = self.window * _WITH_DELAY
        sent, oldest = self.sent, now - span
        while sent and sent[0] <= oldest:
            sent.popleft()
        return span

    def _room(self, share: float, *, spread: bool) -> int:
        # An explicit share already accounts for other clients.
        room = self.size * share if share < 1.0 else self.size - self.others.value
        room = int(room * _NEARLY_ALL if spread else room)
        return max(1, room)


class Recent:
    """The largest number that was noted in this window and the one before; 0 or more."""

    def __init__(self) -> None:
        self.value = 0
        self._now = 0
        self._began = 0.0

    def note(self, number: int, now: float, window: float) -> None:
        """Note a number."""
        age = now - self._began
        if age > window:
            self.value = 0 if age > 2 * window else self._now
            self._now, self._began = 0, now
        if number > self._now:
            self._now = number
            self.value = max(self.value, number)
