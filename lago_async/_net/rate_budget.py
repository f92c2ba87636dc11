"""When a call may be sent: within the organisation's rate limits as the server's headers show them, and in turns."""

from __future__ import annotations

import asyncio
from collections import deque
from math import inf
from typing import TYPE_CHECKING, Final

import attrs
from multidict import istr

from lago_async._net.adaptive import FIRST_CONCURRENCY, AdaptiveConcurrency
from lago_async._net.limits import Limit, RateLimit
from lago_async._net.retry import number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from lago_async._net.options import Flow

# As case-insensitive names, which are found without being converted first.
_LIMIT, _REMAINING, _RESET = istr("x-ratelimit-limit"), istr("x-ratelimit-remaining"), istr("x-ratelimit-reset")

_UNKNOWN_FOR: Final = 1.0  # seconds that a service's calls wait for the first response, which shows the limit
_LONGEST_WINDOW: Final = 86_400.0  # seconds; a larger "reset" is not a delta, and says nothing


@attrs.define(eq=False)
class Ticket:
    """The permit of a call that is in flight.

    Attributes:
        operation: The operation that it calls.
        flow: The bulk work that it belongs to, if any.
        began: When it was let through, by the loop's clock.
        counted: This client's calls in the window when it was sent, itself included.
    """

    operation: str
    flow: Flow | None
    began: float
    counted: int = 0


_Queue: TypeAlias = "deque[asyncio.Future[Ticket]]"


class RateBudget:
    """One per client and loop. Every attempt takes a ticket here before it is sent and returns it when it ends.

    - The server keeps several limits (events, current usage, all the rest), and each response shows the size of the one
      that counted the call. Per limit we keep the times of our own calls. At most as many as the limit in any window is
      safe whether the server's windows are fixed or slide, and wherever they begin.
    - What the server counts beyond our own calls belongs to other clients, and is left to them.
    - Bulk work (calls with a flow) is spread evenly. A service's own calls are sent immediately while there is room.
    - Where calls have to wait, flows and operations take turns.
    - A single 429 makes only its own call wait. Two in a row close the window for all until it ends.
    - Where the server shows no limit, bulk work follows the latency, see `AdaptiveConcurrency`.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, share: float = 1.0) -> None:
        self._share = share
        self._limits: dict[int, Limit] = {}
        self._limit_of: dict[str, Limit | None] = {}  # None: there is none
        self._in_flight: dict[str, set[Ticket]] = {}
        self._adaptive: dict[str, AdaptiveConcurrency] = {}
        self._queues: dict[tuple[Flow | None, str], _Queue] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._clock = loop.time

    @property
    def rate_limits(self) -> tuple[RateLimit, ...]:
        """The limits that responses have shown so far."""
        now = self._clock()
        return tuple(
            RateLimit(limit.size, limit.window, limit.used(now), limit.others.value, self._waiting(limit))
            for limit in tuple(self._limits.values())
        )

    def admit_now(self, operation: str, flow: Flow | None) -> Ticket | None:
        """Return a ticket for a call that need not wait, or None if it has to."""
        now = self._clock()
        if (self._queues and (flow, operation) in self._queues) or self._wait(operation, flow, now) > 0.0:
            return None
        return self._let_through(operation, flow, now)

    async def admit(self, operation: str, flow: Flow | None, too_long: Callable[[float], bool]) -> Ticket:
        """Wait for the turn of a call, and return its ticket.

        Args:
            operation: The operation.
            flow: The bulk work that it belongs to; such calls wait as long as it takes.
            too_long: Decides whether a wait of this many seconds is too long. A call that is not bulk work is then let
                through, because the server's own refusal says more than ours.
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
        """End every wait with an error."""
        if self._timer is not None:
            self._timer.cancel()
        queues, self._queues = self._queues, {}
        for turn in (turn for queue in queues.values() for turn in queue if not turn.done()):
            turn.set_exception(error())

    def end(self, ticket: Ticket) -> None:
        """Return the ticket of a call that has ended, in whatever way."""
        self._in_flight[ticket.operation].discard(ticket)
        if self._queues:
            self._serve()

    def learn(self, ticket: Ticket, status: int, headers: Mapping[str, str]) -> None:
        """Learn from the status and the headers of the response to a call that still has its ticket."""
        now = self._clock()
        refused = status == 429
        size, left, reset = number(headers.get(_LIMIT)), number(headers.get(_REMAINING)), number(headers.get(_RESET))
        limit = self._limit_of.get(ticket.operation)
        if size is None or size < 1 or left is None or reset is None or reset > _LONGEST_WINDOW:
            if not refused:
                self._limit_of.setdefault(ticket.operation, None)
            if limit is None and ticket.flow is not None:
                adaptive = self._adaptive.setdefault(ticket.operation, AdaptiveConcurrency())
                adaptive.learn(now - ticket.began, len(self._in_flight[ticket.operation]), refused=refused)
        elif refused:
            if limit is not None and limit.size == size:  # nothing new is believed of a refusal
                limit.refused(now, reset)
        else:
            if limit is None or limit.size != size:
                limit = self._begin(ticket.operation, int(size))
            limit.window = max(limit.window, reset)
            limit.answered(int(left), int(size - left) - ticket.counted, now, reset)

    def _begin(self, operation: str, size: int) -> Limit:
        """Remember the limit of an operation."""
        limit = self._limit_of[operation] = self._limits.setdefault(size, Limit(size))
        # Calls sent before the limit was known count, too; the server may have counted any of them.
        unknown = sorted(self._in_flight[operation], key=lambda other: other.began)
        limit.sent.extend(other.began for other in unknown)
        for other in unknown:
            other.counted = len(limit.sent)
        return limit

    # --- whose turn it is ---------------------------------------------------------------------------------------------

    def _wait(self, operation: str, flow: Flow | None, now: float) -> float:
        """Return the seconds until a call may be sent; infinite if another has to end first."""
        limit = self._limit_of.get(operation)
        if limit is None:
            in_flight = len(self._in_flight.get(operation, ()))
            if operation not in self._limit_of:
                return 0.0 if in_flight < FIRST_CONCURRENCY else inf
            adaptive = self._adaptive.get(operation) if flow is not None else None
            return 0.0 if adaptive is None or in_flight < adaptive.concurrency else inf
        return limit.wait(now, self._share, spread=flow is not None)

    def _let_through(self, operation: str, flow: Flow | None, now: float) -> Ticket:
        limit = self._limit_of.get(operation)
        ticket = Ticket(operation, flow, now)
        self._in_flight.setdefault(operation, set()).add(ticket)
        if limit is not None:
            ticket.counted = limit.send(now, self._share, spread=flow is not None)
        return ticket

    def _serve(self) -> None:
        """Let through the calls whose time has come, one of each queue in turn, and set the timer for the next."""
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
            self._queues[key] = queue  # at the end of the order
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

    def _waiting(self, limit: Limit) -> int:
        queues = tuple(self._queues.items())
        mine = [queue for (_, operation), queue in queues if self._limit_of.get(operation) is limit]
        return sum(not turn.done() for queue in mine for turn in tuple(queue))
