# More than 400 lines in one module, because its tasks change the same state: one cannot be read without the others.
"""The dispatcher of a sink: it takes batches from the store, sends them, and keeps at it until all are settled."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from contextlib import suppress
from math import inf
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import anyio
import attrs

from lago_async._ingest.acceptance import BATCH
from lago_async._ingest.counters import Tally
from lago_async._ingest.outcomes import rejected_event
from lago_async._ingest.parts import Backoff, Part, parts_of
from lago_async._ingest.responses import Verdict, halves, is_delivered, verdict_of
from lago_async._ingest.settings import BATCH_BYTES
from lago_async._ingest.store import EventBatch
from lago_async._net.retry import retry_after_of
from lago_async._printable import printable
from lago_async._table.messages import Request
from lago_async.errors import LagoClosedError, LagoError

if TYPE_CHECKING:
    from anyio.abc import TaskGroup

    from lago_async._ingest.batch_route import BatchRoute
    from lago_async._ingest.settings import SinkSettings
    from lago_async._ingest.store import EventStore, PendingEvent
    from lago_async._table.messages import Response

_log = logging.getLogger("lago_async.events")

_IDLE: Final = 1.0  # seconds between looks into a durable store, which may have events of processes that died
_NEVER: Final = 2**62

Marks: TypeAlias = tuple[int, int]


class Dispatcher:
    """Sends the events of a store on one event loop. Only `wake` may be called on another thread.

    One task takes batches and starts the requests; each request is a task of the same group. A request that fails
    gives its slot back, and its events wait for their next attempt. If the server as a whole fails, all wait, and then
    one request at a time finds out whether it works again.

    Attributes:
        tally: What it counts.
        wake_at: The number of events that no request holds at which `wake` has to be called.
        taken: Events that were taken or dropped so far.
        held: Events that were taken and are not settled.
        drained: How often a take found less than it asked for.
    """

    def __init__(self, store: EventStore, route: BatchRoute, settings: SinkSettings, *, durable: bool) -> None:
        self.tally = Tally()
        self.wake_at = _NEVER
        self.taken = self.held = self.drained = 0
        self._store = store
        self._settings = settings
        self._route = route
        self._linger = settings.linger
        self._durable = durable
        self._backoff = Backoff(route.policy)
        self._batch_limit = BATCH
        # Half of the room at most is in flight, see `LEAST_EVENTS`.
        self._most_held = settings.max_events // 2
        self._concurrency = max(1, min(settings.concurrency, settings.max_bytes // (2 * BATCH_BYTES)))
        self._slots = 0  # requests that are being sent
        self._in_flight: set[Part] = set()
        self._failed: list[Part] = []
        self._open: dict[int, int] = {}  # by batch, the events that are not settled
        self._goal = 0
        self._drained_at = 0
        self._wanted_from = _NEVER  # a flush needs a take after this many that found too little
        self._since: float | None = None  # when the oldest event that no request holds was noticed
        self._look_at = 0.0
        self._empty = False
        self._is_warned = False
        self._stranded: list[Part] = []  # those of a dispatcher whose loop was closed within its run
        self._loop: asyncio.AbstractEventLoop | None = None
        self._news = asyncio.Event()
        self._change: asyncio.Event | None = None  # of those who wait for one
        self._flushes: list[tuple[Marks, asyncio.Future[None]]] = []

    def successor(self) -> Dispatcher:
        """Return a dispatcher for another loop, because that of this one was closed without ending its tasks."""
        other = Dispatcher(self._store, self._route, self._settings, durable=self._durable)
        other.tally, self.tally = self.tally, Tally()
        other.tally.in_flight = 0
        other._stranded = [*self._stranded, *self._in_flight, *self._failed]
        self._in_flight, self._failed = set(), []
        return other

    @property
    def ready(self) -> int:
        """The number of events that no request holds; while events are confirmed, more than there are."""
        return max(0, self._store.waiting() - self.held)

    def look(self) -> None:
        """Make the dispatcher look at the store now; on its loop."""
        self._empty = False
        self._news.set()

    def nudge(self) -> None:
        """Make the dispatcher look at the store if there are enough events; on its loop."""
        self._empty = False
        if self.ready >= self.wake_at:
            self._news.set()

    def wake(self) -> None:
        """Make the dispatcher look at the store, from any thread."""
        self.wake_at = _NEVER
        if (loop := self._loop) is not None:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(self._news.set)

    def hurry(self) -> Marks:
        """Send at once all that the store has now; return the marks for `is_settled`."""
        marks = self.taken + self.ready, self.drained
        self._goal = max(self._goal, marks[0])
        self._wanted_from = self.drained
        self._backoff.until = -inf  # the caller who waits sees whether it works now
        for part in self._failed:
            part.due = -inf
        self.look()
        return marks

    def is_settled(self, marks: Marks) -> bool:
        """Tell whether all events that the store had at a call of `hurry` are settled."""
        goal, drained = marks
        if self.taken < goal:
            if self.drained <= drained:
                return False
            goal = self._drained_at
        return all(number >= goal for number in self._open)

    async def wait_until_settled(self, marks: Marks) -> None:
        """Wait until all events that the store had at a call of `hurry` are settled, or the dispatcher has ended."""
        flush = marks, asyncio.get_running_loop().create_future()
        self._flushes.append(flush)
        try:
            await flush[1]
        finally:
            self._flushes.remove(flush)

    async def wait_for_change(self) -> None:
        """Wait until events are settled, or the dispatcher has ended."""
        if self._change is None:
            self._change = asyncio.Event()
        await self._change.wait()

    def announce(self, *, ended: bool = False) -> None:
        """Wake those who wait for a change, and the flushes whose events are settled; at the end, all of them."""
        if self._change is not None:
            change, self._change = self._change, None
            change.set()
        for marks, flush in self._flushes:
            if (ended or self.is_settled(marks)) and not flush.done():
                flush.set_result(None)

    async def drop(self, count: int) -> int:
        """Drop the oldest events that are not being sent, at most ``count``, and return how many were dropped.

        Those of requests that failed are the oldest. If they stayed, a server that is down could hold all the room.
        """
        if self._failed:
            part = min(self._failed, key=lambda part: part.events[0].key)
            self._failed.remove(part)
            oldest, rest = part.events[:count], part.events[count:]
            if rest:
                self._failed.append(attrs.evolve(part, events=rest))
            dropped = len(oldest)
            self.held -= dropped
            self._close(part, dropped)
            if (removal := self._store.confirm(oldest)) is not None:
                await removal
        else:
            dropped = await self._store.discard_oldest(count)
            self.taken += dropped
        self.tally.dropped += dropped
        return dropped

    async def run(self) -> None:
        """Send events until it is cancelled, or the client is closed.

        Raises:
            LagoClosedError: The client was closed.
        """
        self._loop = asyncio.get_running_loop()
        self._news = asyncio.Event()
        closed: list[LagoClosedError] = []
        try:
            await self._release(self._stranded)
            self._stranded = []
            async with anyio.create_task_group() as tasks:
                await self._dispatch(tasks, closed)
        finally:
            self.wake_at = _NEVER
            parts = [*self._in_flight, *self._failed]
            self._in_flight, self._failed, self._open, self._since = set(), [], {}, None
            self.held = self.tally.in_flight = 0
            if parts:
                with anyio.CancelScope(shield=True):
                    await self._release(parts)
        if closed:
            raise closed[0]

    async def _release(self, parts: Sequence[Part]) -> None:
        for part in parts:
            await self._store.release(part.events)

    # --- the task that takes batches ----------------------------------------------------------------------------------

    async def _dispatch(self, tasks: TaskGroup, closed: list[LagoClosedError]) -> None:
        loop = asyncio.get_running_loop()
        while True:
            self._news.clear()
            now = loop.time()
            until = await self._start_requests(tasks, closed, now)
            if self.ready >= self.wake_at:
                self._news.set()  # a thread has added events before it could see the number
            # A timer, not a scope: those of anyio 4.6 swallow a cancellation that comes with their deadline, and
            # closing would wait for this task for ever.
            timer = None if until == inf else loop.call_at(until, self._news.set)
            try:
                await self._news.wait()
            finally:
                if timer is not None:
                    timer.cancel()
            if closed:
                tasks.cancel_scope.cancel()
            self.wake_at = _NEVER

    async def _start_requests(self, tasks: TaskGroup, closed: list[LagoClosedError], now: float) -> float:
        """Start all requests that may start now; return the time of the next one."""
        while now >= self._backoff.until and self._has_slot():
            part = self._part_at_hand(now) or await self._new_part(now)
            if part is None:
                return self._next_time(now)
            self._slots += 1
            tasks.start_soon(self._send_parts, part, closed)
        return max(now, self._backoff.until) if self._has_slot() else inf  # the end of a request wakes this task

    def _has_slot(self) -> bool:
        return self._slots < (1 if self._backoff.failures else self._concurrency)

    def _part_at_hand(self, now: float) -> Part | None:
        """Return a part that failed and is due, or a full batch that the store has at hand; under load there is one."""
        for index, part in enumerate(self._failed):
            if part.due <= now:
                del self._failed[index]
                return self._begin(part)
        return self._full_part(now)

    def _begin(self, part: Part) -> Part:
        self._in_flight.add(part)
        self.tally.in_flight += part.count
        return part

    def _full_part(self, now: float) -> Part | None:
        limit = self._batch_limit
        if self._empty or self.held + BATCH > self._most_held or self._store.waiting() - self.held < limit:
            return None
        events = self._store.take_now(limit)
        return None if events is None else self._hold(events, limit, now)

    async def _new_part(self, now: float) -> Part | None:
        """Take a batch if one is full, old enough, or wanted at once."""
        ready = self.ready
        if ready and self._since is None:
            self._since = now
        if not self._has_room() or not (self._is_due(ready, now) or self._is_wanted()):
            return None
        try:
            events = await self._store.take(self._batch_limit)
        except LagoError as error:
            self._note(str(error))
            self._since, self._empty, self._look_at = None, True, now + _IDLE
            return None
        count = len(events)
        if count < self._batch_limit:
            self.drained += 1
            self._drained_at = self.taken + count
        self._empty = not count
        if count:
            return self._hold(events, count, now)
        self._since, self._look_at = None, now + _IDLE
        self.announce()
        return None

    def _hold(self, events: EventBatch, count: int, now: float) -> Part:
        """Note that events were taken, and return those of the first request."""
        number = self.taken
        self.taken += count
        self.held += count
        self._open[number] = count
        self._look_at = now + _IDLE
        self._since = now if self._store.waiting() > self.held else None
        if events.size > BATCH_BYTES:
            events, *others = parts_of(events)
            self._failed += [Part(part, number) for part in others]
        return self._begin(Part(events, number))

    def _has_room(self) -> bool:
        return self.held + BATCH <= self._most_held or not self.held

    def _is_due(self, ready: int, now: float) -> bool:
        if self._empty or not ready:
            return self._durable and now >= self._look_at
        return ready >= self._batch_limit or (self._since is not None and now >= self._since + self._linger)

    def _is_wanted(self) -> bool:
        """Tell whether a flush wants events that were not taken yet."""
        return self.taken < self._goal and (not self._durable or self.drained <= self._wanted_from)

    def _next_time(self, now: float) -> float:
        """Return the time at which a request may start, and set the number of events that may start one earlier."""
        times = [part.due for part in self._failed]
        if self._has_room():
            if self._durable:
                times.append(max(now, self._look_at))
            if self._since is None or self._empty:
                self.wake_at = _NEVER if self._empty and self.ready else 1
            else:
                self.wake_at = self._batch_limit
                times.append(self._since + self._linger)
        return min(times, default=inf)

    # --- the requests -------------------------------------------------------------------------------------------------

    async def _send_parts(self, part: Part | None, closed: list[LagoClosedError]) -> None:
        """Send a part, and more as long as there are some, without waking the task that starts requests."""
        route, clock = self._route, asyncio.get_running_loop().time
        try:
            while part is not None:
                if route.observer is not None:
                    route.observer.batch_sent(part.count)
                try:
                    response = await route.send(
                        Request(route.operation, "/events/batch", part.events.request_body(), repeatable=True)
                    )
                except LagoClosedError as error:
                    closed.append(error)
                    break
                except LagoError as error:
                    self._send_later(part, Verdict(later=part.events, problem=str(error)), clock(), None)
                else:
                    if is_delivered(part.events, response):
                        self._backoff.succeed()
                        self.held -= part.count
                        if (removal := self._store.confirm(part.events)) is not None:
                            await removal
                        self._confirmed(part, part.events, "delivered")
                    else:
                        await self._settle(part, response, clock())
                self._in_flight.discard(part)
                self.tally.in_flight -= part.count
                self.tally.batches += 1
                # The other responses of this turn are settled first, and the next requests leave together: steps of one
                # kind in a row are faster, and a server that is asked in a row sleeps less (5 % at full speed).
                await asyncio.sleep(0)
                now = clock()
                if closed or now < self._backoff.until or (self._backoff.failures and self._slots > 1):
                    break
                part = self._part_at_hand(now) or await self._new_part(now)
        finally:
            self._slots -= 1
            self._news.set()

    def _send_later(self, part: Part, verdict: Verdict, now: float, asked: float | None) -> None:
        self.tally.retries += 1
        self._note(verdict.problem or "", mend=verdict.mend)
        self.announce()  # they may be dropped now
        delivered = self.tally.delivered
        again = part.failed_again(delivered) if verdict.ours else Part(part.events, part.batch)
        if not verdict.ours or delivered == again.delivered:
            self._backoff.fail(now, asked)  # no events were taken meanwhile, so it is the server
        if again.should_split(delivered):
            self._failed += [Part(events, part.batch) for events in halves(part.events)]
            return
        again.due = now + self._backoff.delay(max(1, again.failures), asked)
        self._failed.append(again)

    async def _settle(self, part: Part, response: Response, now: float) -> None:
        """Do with each event of a part what the response means for it."""
        verdict = verdict_of(part.events, response)
        if verdict.later:
            self._send_later(part, verdict, now, retry_after_of(response.status_code, response.headers, time.time()))
            return
        self._backoff.succeed()
        if verdict.too_many:
            self._batch_limit = max(1, min(self._batch_limit, len(part.events) // 2))
        self._failed += [Part(events, part.batch) for events in verdict.again]
        # If the loop ends within the steps below, the part gives back only events that have not left yet.
        rejected = EventBatch.of(event for event, _ in verdict.rejected)
        part.events = EventBatch.joined([verdict.duplicates, rejected])
        if verdict.duplicates:
            self.held -= len(verdict.duplicates)
            if (removal := self._store.confirm(verdict.duplicates)) is not None:
                await removal
            part.events = rejected
            self._confirmed(part, verdict.duplicates, "duplicate")
        if verdict.rejected:
            await self._reject(part, verdict.rejected, now)

    def _confirmed(self, part: Part, events: EventBatch, status: Literal["delivered", "duplicate"]) -> None:
        """Count events that the server has, and that the store has forgotten."""
        count, tally = len(events.keys), self.tally
        if status == "delivered":
            tally.delivered += count
        else:
            tally.duplicates += count
        tally.last_error = None
        self._is_warned = False
        if self._route.on_settled is not None:
            for key in events.keys:
                self._route.on_settled(key, status, None)
        self._close(part, count)

    async def _reject(self, part: Part, rejected: Sequence[tuple[PendingEvent, bytes]], now: float) -> None:
        try:
            await self._store.reject(rejected)
        except LagoError as error:
            self._note(str(error))
            self._failed.append(Part(part.events, part.batch, due=now + self._backoff.delay(1)))
            part.events = EventBatch()
            return
        part.events = EventBatch()
        self.held -= len(rejected)
        self.tally.rejected += len(rejected)
        for event, reason in rejected:
            await self._report(event, reason)
        self._close(part, len(rejected))

    async def _report(self, event: PendingEvent, reason: bytes) -> None:
        words = printable(event.transaction_id), printable(reason.decode())
        if self._route.on_settled is not None:
            self._route.on_settled(event.key, "rejected", reason)
        elif self._route.on_rejected is None:
            _log.error("the server refuses the event %s permanently: %s", *words)
        else:
            try:
                await self._route.on_rejected(rejected_event(event, reason))
            except (Exception, asyncio.CancelledError) as error:
                # Logged, because neither a function of the user nor a cancelled task of its own may end the sink.
                task = asyncio.current_task()
                if isinstance(error, asyncio.CancelledError) and (task is None or task.cancelling()):
                    raise
                _log.exception("on_rejected failed for the event %s, which the server refuses: %s", *words)

    def _close(self, part: Part, count: int) -> None:
        """Note that events of a batch need no more attempts."""
        left = self._open[part.batch] - count
        if left:
            self._open[part.batch] = left
        else:
            del self._open[part.batch]
        self.announce()

    def _note(self, problem: str, *, mend: bool = False) -> None:
        self.tally.last_error = problem
        if mend and not self._is_warned:
            self._is_warned = True
            _log.warning("the server refuses all events, which are kept and sent again until you mend it: %s", problem)
        else:
            _log.info("events are sent again: %s", problem)
