"""When a call may be sent: the organisation's rate limit as the server's headers tell it, and whose turn it is."""

from __future__ import annotations

import asyncio
from collections import deque
from math import ceil, floor, inf, log
from typing import TYPE_CHECKING

import attrs
from multidict import istr

from lago_async.retry import number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from lago_async.settings import Flow

__all__ = ["RateLimit"]

# As names of headers whose case does not matter, which are found without being converted first.
_LIMIT, _REMAINING, _RESET = istr("x-ratelimit-limit"), istr("x-ratelimit-remaining"), istr("x-ratelimit-reset")

_UNKNOWN_AT_ONCE = 10  # calls of an operation, until the first answer has told its limit
_LEAST_AT_ONCE = 4
_UNKNOWN_FOR = 1.0  # seconds that a service's calls wait for that answer
_NEARLY_ALL = 0.98  # of a limit, for bulk work: what is left absorbs that calls overtake each other on the way
_NEARLY_ALL_OTHERS = 0.9  # of a limit: then the server's count is all there is to go by
_LATE = 0.01  # of a window, by which a call may have reached the server later than we think
_NOISE = 0.02  # of a limit, and two calls: two counts of one window differ by that though nobody else is there
_CATCH_UP = 0.05  # seconds that bulk work may be behind its even spread: timers are late by milliseconds
_LONGEST_WINDOW = 86_400.0  # seconds; a larger "reset" is no delta, and says nothing


@attrs.frozen
class RateLimit:
    """One of the server's limits, as far as its answers have told.

    Attributes:
        limit: Calls in a window, for the whole organisation.
        window: Its length in seconds.
        used: This client's calls in the last window.
        others: Calls of others in it, roughly, as the server counts more than this client sends.
        waiting: Calls that wait for their turn.
    """

    limit: int
    window: float
    used: int
    others: int
    waiting: int


@attrs.define(eq=False)
class Ticket:
    """A call that was let through, until it ends.

    Attributes:
        counted: This client's calls in the window when it was sent, itself included.
    """

    operation: str
    flow: Flow | None
    began: float
    counted: int = 0


_Queue: TypeAlias = "deque[asyncio.Future[Ticket]]"


class RateBudget:
    """One per client and loop. Every request, retries too, begins with a ticket from here and ends by giving it back.

    - The server keeps several limits (events, current usage, all the rest) and tells in each answer the size of the one
      that counted the call. Of each we keep the times of our own calls: as many as the limit in a window, and no more,
      are within it whether the server's windows are fixed or slide, and wherever they begin.
    - What the server has counted beyond our own calls are others'; that is left to them.
    - Bulk work (calls with a flow) is spread evenly. A service's own calls go at once while there is room.
    - Where calls have to wait, flows and operations take turns.
    - A single 429 makes only its own call wait. Two in a row close the window for all until it ends.
    - Where the server tells no limit, bulk work feels its way by the latency, see `_Patience`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, share: float = 1.0) -> None:
        self._share = share
        self._limits: dict[int, _Limit] = {}
        self._limit_of: dict[str, _Limit | None] = {}  # None: there is none
        self._under_way: dict[str, set[Ticket]] = {}
        self._patience: dict[str, _Patience] = {}
        self._queues: dict[tuple[Flow | None, str], _Queue] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._clock = loop.time

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """What is known."""
        now = self._clock()
        return tuple(
            RateLimit(limit.size, limit.window, limit.used(now), limit.others.value, self._waiting(limit))
            for limit in tuple(self._limits.values())
        )

    def admit_now(self, operation: str, flow: Flow | None) -> Ticket | None:
        """Let a call through that need not wait; None for one that has to."""
        now = self._clock()
        if (self._queues and (flow, operation) in self._queues) or self._wait(operation, flow, now) > 0.0:
            return None
        return self._let_through(operation, flow, now)

    async def admit(self, operation: str, flow: Flow | None, too_long: Callable[[float], bool]) -> Ticket:
        """Wait for the turn of a call.

        Args:
            operation: Which one.
            flow: The bulk work that it belongs to; that waits as long as it takes.
            too_long: Tells of so many seconds from now whether to give up waiting: a call that is no bulk work is then
                let through, as the server's own refusal says it better than ours.
        """
        loop = asyncio.get_running_loop()
        if flow is None:
            wait = self._wait(operation, flow, self._clock())
            if wait < inf and too_long(wait):
                return self._let_through(operation, flow, self._clock())
        queue = self._queues.setdefault((flow, operation), deque())
        turn: asyncio.Future[Ticket] = loop.create_future()
        queue.append(turn)
        self._serve()
        try:
            while flow is None and not turn.done():
                await asyncio.wait((turn,), timeout=_UNKNOWN_FOR)
                if not turn.done() and (too_long(0.0) or operation not in self._limit_of):
                    turn.set_result(self._let_through(operation, flow, self._clock()))
            return await turn
        except BaseException:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self.end(turn.result())
            turn.cancel()
            raise

    def close(self, error: Callable[[], Exception]) -> None:
        """Let nobody wait any longer: whoever does gets the error."""
        if self._timer is not None:
            self._timer.cancel()
        queues, self._queues = self._queues, {}
        for turn in (turn for queue in queues.values() for turn in queue if not turn.done()):
            turn.set_exception(error())

    def end(self, ticket: Ticket) -> None:
        """A call is no longer under way, however it ended."""
        self._under_way[ticket.operation].discard(ticket)
        if self._queues:
            self._serve()

    def learn(self, ticket: Ticket, status: int, headers: Mapping[str, str]) -> None:
        """Read the status and the headers of the answer to a call that is still under way."""
        now = self._clock()
        refused = status == 429
        size, left, reset = number(headers.get(_LIMIT)), number(headers.get(_REMAINING)), number(headers.get(_RESET))
        limit = self._limit_of.get(ticket.operation)
        if size is None or size < 1 or left is None or reset is None or reset > _LONGEST_WINDOW:
            if not refused:
                self._limit_of.setdefault(ticket.operation, None)
            if limit is None and ticket.flow is not None:
                patience = self._patience.setdefault(ticket.operation, _Patience())
                patience.learn(now - ticket.began, len(self._under_way[ticket.operation]), refused=refused)
        elif refused:
            if limit is not None and limit.size == size:  # nothing new is believed of a refusal
                limit.refused(now, reset)
        else:
            if limit is None or limit.size != size:
                limit = self._begin(ticket.operation, int(size))
            limit.window = max(limit.window, reset)
            limit.answered(int(left), int(size - left) - ticket.counted, now, reset)

    def _begin(self, operation: str, size: int) -> _Limit:
        """Know the limit of an operation from here on."""
        limit = self._limit_of[operation] = self._limits.setdefault(size, _Limit(size))
        # Sent before the limit was known, these count all the same; the server may have counted any of them.
        unknown = sorted(self._under_way[operation], key=lambda other: other.began)
        limit.sent.extend(other.began for other in unknown)
        for other in unknown:
            other.counted = len(limit.sent)
        return limit

    # --- whose turn it is ---------------------------------------------------------------------------------------------

    def _wait(self, operation: str, flow: Flow | None, now: float) -> float:
        """Seconds until a call may be sent: 0 for at once, infinite for not before another has ended."""
        limit = self._limit_of.get(operation)
        if limit is None:
            under_way = len(self._under_way.get(operation, ()))
            if operation not in self._limit_of:
                return 0.0 if under_way < _UNKNOWN_AT_ONCE else inf
            patience = self._patience.get(operation) if flow is not None else None
            return 0.0 if patience is None or under_way < patience.concurrency else inf
        return limit.wait(now, self._share, spread=flow is not None)

    def _let_through(self, operation: str, flow: Flow | None, now: float) -> Ticket:
        limit = self._limit_of.get(operation)
        ticket = Ticket(operation, flow, now)
        self._under_way.setdefault(operation, set()).add(ticket)
        if limit is not None:
            ticket.counted = limit.send(now, self._share, spread=flow is not None)
        return ticket

    def _serve(self) -> None:
        """Let through whose time has come, one of each queue in turn, and look again when the next one's comes."""
        now = self._clock()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        soonest, asleep = inf, 0
        while self._queues and asleep < len(self._queues):
            key = next(iter(self._queues))
            queue = self._queues.pop(key)
            while queue and queue[0].done():
                queue.popleft()
            if not queue:
                continue
            self._queues[key] = queue  # at the end of the line
            flow, operation = key
            wait = self._wait(operation, flow, now)
            if wait <= 0.0:
                queue.popleft().set_result(self._let_through(operation, flow, now))
                asleep = 0
            else:
                soonest = min(soonest, wait)
                asleep += 1
        if soonest < inf:
            self._timer = asyncio.get_running_loop().call_at(now + soonest, self._serve)

    def _waiting(self, limit: _Limit) -> int:
        queues = tuple(self._queues.items())
        mine = [queue for (_, operation), queue in queues if self._limit_of.get(operation) is limit]
        return sum(not turn.done() for queue in mine for turn in tuple(queue))


class _Limit:
    """One of the server's limits: so many calls in a window.

    Attributes:
        window: Seconds; the longest time until its end that an answer has told. Shorter ones later do not count: where
            windows slide, it is that of the oldest call, and short as soon as calls are spread.
        sent: When our calls of the last window were sent.
        others: What the server has counted beyond ours, lately.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self.window = 1.0  # Lago's own; a server's "reset" of 0 would say nothing
        self.sent: deque[float] = deque()
        self.others = _Recent()
        self._refused_in_a_row = 0
        self._closed_until = 0.0
        self._due = 0.0

    def used(self, now: float) -> int:
        """Our calls in the last window; may be asked on another thread."""
        return sum(moment > now - self.window for moment in tuple(self.sent))

    def wait(self, now: float, share: float, *, spread: bool) -> float:
        """Seconds until a call may be sent."""
        span = self._forget(now)
        room = self._room(share, spread=spread)
        wait = self._closed_until - now
        if len(self.sent) >= room:
            wait = max(wait, self.sent[len(self.sent) - room] + span - now)
        if spread:
            wait = max(wait, self._due - now)
        return max(wait, 0.0)

    def send(self, now: float, share: float, *, spread: bool) -> int:
        """Count a call; the value is how many have been sent in the window."""
        self._forget(now)
        self.sent.append(now)
        if spread:
            self._due = max(self._due, now - _CATCH_UP) + self.window / self._room(share, spread=True)
        return len(self.sent)

    def answered(self, left: int, beyond_ours: int, now: float, reset: float) -> None:
        """A call was answered: so many are left, and the server has counted so many that are not ours."""
        self._refused_in_a_row = 0
        self.others.note(max(0, beyond_ours - 2 - round(_NOISE * self.size)), now, self.window)
        # What we have used up ourselves our own count knows, and finer than in whole seconds; but here others have.
        spent = left == 0 and self.others.value > _NEARLY_ALL_OTHERS * self.size
        self._closed_until = now + reset if spent else 0.0

    def refused(self, now: float, reset: float) -> None:
        """A call was refused, for our count is not the server's; one may be a gateway's whim."""
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
        # Who was given a share knows of the others; what is theirs is left out of it already.
        room = self.size * share if share < 1.0 else self.size - self.others.value
        return max(1, int(room * _NEARLY_ALL) if spread else int(room))


class _Recent:
    """The largest of the numbers that were noted in this window and the one before."""

    def __init__(self) -> None:
        self.value = 0
        self._now = 0
        self._began = 0.0

    def note(self, number: int, now: float, window: float) -> None:
        if now - self._began > window:
            self.value = 0 if now - self._began > 2 * window else self._now
            self._now, self._began = 0, now
        self._now = max(self._now, number)
        self.value = max(self.value, self._now)


class _Patience:
    """How much bulk work a server without limits is given at once: more while its latency holds, less when it doesn't.

    After every so many calls the concurrency moves a step up or down. Whether the step was worth it, the latency tells:
    where it moves by less than half as much as the concurrency, more at once means more in a second; where by more,
    calls only wait for each other at the server, and fewer at once cost nothing.
    """

    def __init__(self) -> None:
        self.concurrency = _UNKNOWN_AT_ONCE
        self._before: tuple[int, float] | None = None  # the concurrency of the last step, and its latency
        self._best = inf
        self._count = self._refused = 0
        self._seconds = 0.0

    def learn(self, seconds: float, under_way: int, *, refused: bool) -> None:
        """A call was answered after so many seconds, when so many were under way."""
        if under_way < self.concurrency / 2:
            return  # there is not enough to do to learn anything
        self._refused += refused
        self._count += 1
        if self._count <= 0:
            return  # it was under way, or stood in the server's line, before the step
        self._seconds += seconds
        if self._count >= max(20, 2 * self.concurrency):
            self._step(self._seconds / self._count)
            self._count, self._seconds, self._refused = -2 * self.concurrency, 0.0, 0

    def _step(self, latency: float) -> None:
        concurrency, up = self.concurrency, True
        if self._before is not None and latency > 0.0:
            earlier, its_latency = self._before
            moved = log(latency / its_latency) / log(concurrency / earlier)
            up = moved < 0.5
        self._best = min(self._best * 1.01, latency)
        if self._refused > 1 or latency > 3.0 * self._best:
            up = False
        self._before = concurrency, latency
        self.concurrency = ceil(concurrency * 1.25) if up else max(_LEAST_AT_ONCE, floor(concurrency * 0.8))
        if self.concurrency == concurrency:
            self._before = None
