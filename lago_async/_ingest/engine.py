"""The engine of a sink: its life on one event loop, room in the store, flushing and closing."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Final

import anyio
import attrs

from lago_async._ingest.counters import EventSinkCounters
from lago_async._ingest.dispatcher import Dispatcher
from lago_async._ingest.memory import MemoryStore
from lago_async._ingest.spool import EventSpool
from lago_async._ingest.spool_errors import SpoolDiskFullError
from lago_async._net.failures import closed_error
from lago_async.errors import EventSinkFullError, LagoClosedError, LagoConfigError, UndeliveredEventsError

if TYPE_CHECKING:
    from lago_async._ingest.batch_route import BatchRoute
    from lago_async._ingest.outcomes import DeadLetter
    from lago_async._ingest.settings import SinkSettings
    from lago_async._ingest.store import EventStore

_log: Final = logging.getLogger("lago_async.events")
_CLOSED: Final = "the sink is closed; make a new one"


class SinkEngine:
    """A store and its dispatcher. One task runs the dispatcher, from `start` until `aclose` or the end of the loop.

    If the loop ends without `aclose`, the events stay in the store, and the next `start` continues on another loop.

    Attributes:
        live: Whether the dispatcher runs and accepts events.
        queued: How many callers of `put` wait for room.
        closed: Whether `aclose` or `abandon` was called.
    """

    def __init__(self, store: EventStore, route: BatchRoute, settings: SinkSettings, *, durable: bool) -> None:
        self.store = store
        self.live = False
        self.queued = 0
        self.closed = False
        self._closing = False
        self._route = route
        self.dispatcher = Dispatcher(store, route, settings, durable=durable)
        if route.observer is not None:
            route.observer.watch(self.dispatcher.tally, store)
        self._settings = settings
        self._durable = durable
        self._context = contextvars.copy_context()
        self._process_id = os.getpid()
        self._line = anyio.Lock()
        self._runner: asyncio.Task[None] | None = None
        self._stranded: list[asyncio.Task[None]] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: Exception | None = None
        self._left: int | None = None

    @property
    def running(self) -> bool:
        """Whether the dispatcher runs."""
        return self._runner is not None and not self._runner.done() and not self.stranded

    @property
    def stranded(self) -> bool:
        """Whether the loop was closed without ending its tasks, so that only `start` makes the dispatcher run again."""
        return self._loop is not None and self._loop.is_closed()

    async def open(self) -> None:
        """Open a durable store, so that a folder that cannot be used is known at once; then `start`.

        Raises:
            EventSpoolError: The folder of the spool cannot be used.
            LagoClosedError: The sink or its client was closed, or the sink runs on another loop.
        """
        self.check()
        if isinstance(self.store, EventSpool):
            await self.store.open()
        self.start()

    def start(self) -> None:
        """Start the dispatcher on the running loop, if it does not run.

        Raises:
            LagoClosedError: The sink or its client was closed, or the sink runs on another loop.
        """
        self.check()
        self._refuse_other_loop()
        if self.running:
            return
        if self._runner is not None and not self._runner.done():
            # Its loop was closed without ending its tasks. It is never freed, because that would run some of its code.
            self._stranded.append(self._runner)
            self.dispatcher = self.dispatcher.successor()
        self._loop = loop = asyncio.get_running_loop()
        self._line = anyio.Lock()
        self._runner = loop.create_task(self.dispatcher.run(), context=self._context)
        self._runner.add_done_callback(self._ended)
        self.live = not self._closing

    def _refuse_other_loop(self) -> None:
        if self.running and self._loop is not asyncio.get_running_loop():
            raise LagoClosedError("the sink runs on another event loop; make a sink for each loop")

    def _is_over(self) -> bool:
        """Tell whether nothing can be delivered any more."""
        return self.closed or self._failure is not None or self._route.is_client_closed()

    def check(self) -> None:
        """Refuse to continue if the engine has ended permanently.

        Raises:
            LagoClosedError: The sink or its client was closed.
        """
        if self.closed:
            raise LagoClosedError(_CLOSED)
        if self._route.is_client_closed():
            raise closed_error()
        if self._failure is not None:
            raise self._failure

    def _check_intake(self) -> None:
        """Refuse events from the time when closing begins: they would not be delivered by it.

        Raises:
            LagoClosedError: The sink or its client was closed, or is being closed.
        """
        if self._closing:
            raise LagoClosedError(_CLOSED)
        self.start()

    async def put(self, bodies: Sequence[bytes]) -> None:
        """Add events, given as their JSON, to the store; if it is full, do what the settings say.

        Raises:
            EventSinkFullError: It is full, and the settings say so; or it can never hold as many.
            LagoError: The events could not be stored.
        """
        self._check_intake()
        hopeless = self._settings.when_full == "raise" or not self.store.could_hold(bodies)
        if not self.queued or hopeless:
            try:
                await self.store.put(bodies)
            except EventSinkFullError:
                if hopeless:
                    raise
            else:
                self.dispatcher.nudge()
                return
        self.queued += 1
        try:
            async with self._line:
                await self._put_in_turn(bodies)
        finally:
            self.queued -= 1
        self.dispatcher.nudge()

    async def _put_in_turn(self, bodies: Sequence[bytes]) -> None:
        dispatcher = self.dispatcher
        drops = self._settings.when_full == "drop_oldest"
        while True:
            self._check_intake()
            alone = not self.store.waiting()
            try:
                await self.store.put(bodies)
            except EventSinkFullError as error:
                # Waiting makes no more room than this, or dropping none at all. The last events may have left in the
                # commit that refused these ones, so it counts only if there were none before, either.
                if (alone and not self.store.waiting()) or (drops and isinstance(error, SpoolDiskFullError)):
                    raise
            else:
                return
            if drops and await dispatcher.drop(self.store.surplus(bodies)):
                continue
            dispatcher.look()
            await dispatcher.wait_for_change()

    async def dead_letters(self) -> list[DeadLetter]:
        """Return the dead letters of the spool.

        Raises:
            LagoConfigError: The sink has no spool.
            EventSpoolError: They cannot be read.
        """
        return await self._spool().dead_letters()

    async def resend(self, letters: Iterable[DeadLetter]) -> int:
        """Accept the events of dead letters again; see `dead_letters` for the errors."""
        self._check_intake()
        count = await self._spool().resend([letter.id for letter in letters])
        self.dispatcher.nudge()
        return count

    async def forget(self, letters: Iterable[DeadLetter]) -> int:
        """Remove dead letters; see `dead_letters` for the errors."""
        return await self._spool().forget([letter.id for letter in letters])

    def _spool(self) -> EventSpool:
        if isinstance(self.store, EventSpool):
            return self.store
        raise LagoConfigError("only a sink with a spool keeps refused events: pass spool=, the path of a folder")

    async def flush(self, seconds: float | None) -> None:
        """Send at once what the store has now, and wait until all of it is settled.

        Raises:
            UndeliveredEventsError: The time has passed, or the sink or its client was closed.
        """
        if self._is_over():
            self.check_delivered()
            return
        self.start()
        dispatcher = self.dispatcher
        marks = dispatcher.hurry()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not dispatcher.is_settled(marks) and self.running:
                    await dispatcher.wait_until_settled(marks)
        if self.running and dispatcher.is_settled(marks):
            return
        if not self._is_over():
            raise self._undelivered("are not at the server yet", lost=False)
        self.check_delivered()

    async def aclose(self, seconds: float | None) -> None:
        """Deliver what is in the store, and end the dispatcher; closing twice has no effect.

        Raises:
            UndeliveredEventsError: Events are left when the time has passed.
        """
        if self.closed:
            return
        self._refuse_other_loop()
        self.seal()
        self.dispatcher.announce()  # calls of `put` that wait for room are refused
        whole = False
        try:
            with suppress(UndeliveredEventsError):
                await self.flush(seconds)
            whole = True
        finally:
            with anyio.CancelScope(shield=True):
                await self.stop()
            if not whole and self._left:  # the caller gets the cancellation, which says nothing of events
                _log.error("closing an EventSink was cancelled: %s", self._undelivered_at_end())
        self.check_delivered()

    def seal(self) -> None:
        """Accept no more events. After this, none comes between the last look at the store and the end."""
        self._closing, self.live = True, False
        if isinstance(self.store, MemoryStore):
            self.store.seal()

    async def stop(self) -> None:
        """End the dispatcher now, and close the store."""
        self.seal()
        self.closed, self.live = True, False
        runner = self._runner
        if runner is not None and not runner.done() and self._loop is asyncio.get_running_loop():
            runner.cancel()
            await asyncio.wait([runner])
        self._left = self.store.waiting()
        await self.store.aclose()

    def check_delivered(self) -> None:
        """Say what a closed engine has not delivered.

        Raises:
            UndeliveredEventsError: Events are left.
        """
        if self.store.waiting() if self._left is None else self._left:
            raise self._undelivered_at_end()

    def abandon(self) -> None:
        """End the dispatcher without waiting, for finalizers: on any thread, at any time."""
        self.closed, self.live = True, False
        runner, loop = self._runner, self._loop
        if runner is not None and loop is not None and not runner.done() and self._process_id == os.getpid():
            with suppress(RuntimeError):  # the loop is closed, and its tasks have ended
                loop.call_soon_threadsafe(runner.cancel)

    def counters(self, accepted: int) -> EventSinkCounters:
        """Return the counters now; from any thread."""
        return EventSinkCounters(
            accepted=accepted,
            waiting=self.store.waiting(),
            waiting_bytes=self.store.waiting_bytes(),
            **attrs.asdict(self.dispatcher.tally),
        )

    def _ended(self, runner: asyncio.Task[None]) -> None:
        self.live = False
        error = None if runner.cancelled() else runner.exception()
        if isinstance(error, Exception):
            self._failure = error
        self.dispatcher.announce(ended=True)

    def _undelivered_at_end(self) -> UndeliveredEventsError:
        where = "are left in the spool" if self._durable else "are lost"
        return self._undelivered(where, lost=not self._durable, waiting=self._left)

    def _undelivered(self, where: str, *, lost: bool, waiting: int | None = None) -> UndeliveredEventsError:
        """Return the error that says how many events are left, why, and what to do."""
        waiting = self.store.waiting() if waiting is None else waiting
        last = self.dispatcher.tally.last_error or (str(self._failure) if self._failure else None)
        if last is None and self._route.is_client_closed():
            last = str(closed_error())
        if lost and self._route.is_client_closed():
            remedy = "close the sink before its client, or give a spool, which keeps them"
        elif lost:
            remedy = "give a longer close_timeout, or a spool, which keeps them"
        elif self._durable:
            remedy = "the spool keeps them, and the next sink with it sends them"
        else:
            remedy = "the sink goes on: flush again, with a longer timeout"
        return UndeliveredEventsError(
            f"{waiting:,} events {where}; {f'the last failure: {last}; ' if last else ''}{remedy}",
            waiting=waiting,
            lost=lost,
            last_error=last,
        )
