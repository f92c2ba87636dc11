"""The rate budget: it decides when a call may be sent, by the organisation's limits in the server's headers."""

from __future__ import annotations

import asyncio
from collections import deque
from math import inf
from typing import TYPE_CHECKING, Final

import attrs
from multidict import istr

from lago_async._net.adaptive import FIRST_CONCURRENCY, AdaptiveConcurrency
from lago_async._net.limits import Limit, RateLimit
from lago_async._net.retry import LONGEST_WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeAlias

    from lago_async._net.flow import Flow

# Case-insensitive names, so that lookups need no conversion.
_LIMIT, _REMAINING, _RESET = istr("x-ratelimit-limit"), istr("x-ratelimit-remaining"), istr("x-ratelimit-reset")

_MOST_LIMITS: Final = 8  # Lago has three; a server that shows ever new ones must not fill the memory
_LARGEST: Final = 2**53  # calls; no server allows more
_UNKNOWN_FOR: Final = 1.0  # seconds that a service's calls wait for the first response, which shows the limit


@attrs.define(eq=False)
class Ticket:
    """The permit of a call that is in flight.

    Attributes:
        operation: The operation that it calls.
        flow: The bulk work that it belongs to, if any.
        began: When the call was admitted, by the loop's clock.
        counted: This client's calls in the window when it was sent, itself included.
    """

    operation: str
    flow: Flow | None
    began: float
    counted: int = 0


_Queue: TypeAlias = "deque[asyncio.Future[Ticket]]"


class RateBudget:
    """One per client and loop. Every attempt takes a ticket here before it is sent and returns it when it ends.

    - The server keeps several limits (events, current usage, everything else). Each response shows the size of the
      limit that counted the call. Per limit we keep the times of our own calls. Sending at most the limit in any window
      is safe for fixed and for sliding windows, wherever they begin.
    - Calls that the server counts beyond ours belong to other clients, and their part of the limit stays theirs.
    - Bulk work (calls with a flow) is spread evenly. A service's own calls are sent immediately while there is room.
    - Where calls have to wait, flows and operations take turns.
    - A single 429 makes only its own call wait. Two in a row close the window for all until it ends.
    - Where the server shows no limit, bulk work follows the latency, see `AdaptiveConcurrency`.

    Attributes:
        share: The part of each limit that may be used; it may change at any time.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, share: float = 1.0) -> None:
        self.share = share
        self._limits: dict[int, Limit] = {}
        self._limit_of: dict[str, Limit | None] = {}  # None: the operation has no limit
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

    def admit_now(self, operation: str, flow: Flow | None, now: float) -> Ticket | None:
        """Return a ticket for a call if it need not wait, else None; ``now`` is the time of the loop's clock."""
        if self._queues and (flow, operation) in self._queues:
            return None
        limit = self._limit_of.get(operation)
        if limit is None:
            return None if self._wait(operation, flow, now) > 0.0 else self._let_through(operation, flow, now)
        counted = limit.send_now(now, self.share, spread=flow is not None)
        return self._ticket(operation, flow, now, counted) if counted else None

    async def admit(self, operation: str, flow: Flow | None, too_long: Callable[[float], bool]) -> Ticket:
        """Wait for the turn of a call, and return its ticket.

        Args:
            operation: The operation.
            flow: The bulk work that it belongs to; calls of bulk work wait without a time limit.
            too_long: Tells whether a wait of this many seconds is too long. A call that is not bulk work is then
                admitted anyway, because the server's own refusal is more informative than ours.
        """
        loop = asyncio.get_running_loop()
        if flow is None:
            wait = self._wait(operation, flow, self._clock())
            if wait < inf and too_long(wait):
                return self._let_through(operation, flow, self._clock())
        queue = self._queues.setdefault((flow, operation), deque())
        turn: asyncio.Future[Ticket] = loop.create_future()
        queue.append(turn)
        if flow is not None:
            flow.queue(turn)
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
        """Return the ticket of a call that has ended, successfully or not."""
        self._in_flight[ticket.operation].discard(ticket)
        if self._queues:
            self._serve()

    def learn(self, ticket: Ticket, status: int, headers: Mapping[str, str]) -> None:
        """Learn from the status and the headers of the response to a call that still has its ticket."""
        now = self._clock()
        refused = status == 429
        shown = _shown(headers)
        limit = self._limit_of.get(ticket.operation)
        if shown is None:
            if not refused:
                self._limit_of.setdefault(ticket.operation, None)
            if limit is None and ticket.flow is not None:
                adaptive = self._adaptive.setdefault(ticket.operation, AdaptiveConcurrency())
                adaptive.learn(now - ticket.began, len(self._in_flight[ticket.operation]), refused=refused)
            return
        size, left, reset = shown
        if refused:
            if limit is not None and limit.size == size:  # a refusal must not introduce a new limit
                limit.refused(now, reset)
            return
        if limit is None or limit.size != size:
            limit = self._begin(ticket.operation, size)
        if limit is not None:
            limit.window = max(limit.window, reset)
            limit.answered(left, size - left - ticket.counted, now, reset)

    def _begin(self, operation: str, size: int) -> Limit | None:
        """Remember the limit of an operation; None if operations have too many limits for them to be Lago's."""
        if size not in self._limits and len(self._limits) >= _MOST_LIMITS:
            used = {limit for name, limit in self._limit_of.items() if name != operation}
            self._limits = {other: limit for other, limit in self._limits.items() if limit in used}
            if len(self._limits) >= _MOST_LIMITS:
                self._limit_of[operation] = None
                return None
        limit = self._limit_of[operation] = self._limits.setdefault(size, Limit(size))
        # Also count the calls that were sent before the limit was known, because the server may have counted them.
        unknown = sorted(self._in_flight[operation], key=lambda other: other.began)
        limit.sent.extend(other.began for other in unknown)
        for other in unknown:
            other.counted = len(limit.sent)
        return limit

    # --- turns --------------------------------------------------------------------------------------------------------

    def _wait(self, operation: str, flow: Flow | None, now: float) -> float:
        """Return the seconds until a call may be sent; infinite if another has to end first."""
        limit = self._limit_of.get(operation)
        if limit is None:
            unknown = operation not in self._limit_of
            if flow is None and not unknown:
                return 0.0
            in_flight = len(self._in_flight.get(operation, ()))
            if unknown:
                return 0.0 if in_flight < FIRST_CONCURRENCY else inf
            adaptive = self._adaptive.get(operation)
            return 0.0 if adaptive is None or in_flight < adaptive.concurrency else inf
        return limit.wait(now, self.share, spread=flow is not None)

    def _let_through(self, operation: str, flow: Flow | None, now: float) -> Ticket:
        limit = self._limit_of.get(operation)
        counted = 0 if limit is None else limit.send(now, self.share, spread=flow is not None)
        return self._ticket(operation, flow, now, counted)

    def _ticket(self, operation: str, flow: Flow | None, now: float, counted: int) -> Ticket:
        ticket = Ticket(operation, flow, now, counted)
        try:
            self._in_flight[operation].add(ticket)
        except KeyError:
            self._in_flight[operation] = {ticket}
        return ticket

    def _serve(self) -> None:
        """Admit the calls that are due, one of each queue in turn, and set the timer for the next."""
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


def _shown(headers: Mapping[str, str]) -> tuple[int, int, float] | None:
    """Return the limit that a response shows, the calls that are left, and the seconds to the end of the window."""
    limit = headers.get(_LIMIT)
    if limit is None:  # most self-hosted servers show no limits
        return None
    try:
        left, reset = headers[_REMAINING], headers[_RESET]
        try:
            shown: tuple[float, float, float] = int(limit), int(left), int(reset)  # half as long as with float
        except ValueError:
            shown = float(limit), float(left), float(reset)
    except (KeyError, ValueError):
        return None
    size, rest, seconds = shown
    # Whatever a server sends here, the response that it came with is not to be lost: numbers stay within floats.
    if not (1 <= size <= _LARGEST and 0 <= rest <= _LARGEST and 0 <= seconds <= LONGEST_WINDOW):
        return None
    return int(size), int(rest), seconds
