"""The engine of a sink: its life on one event loop, room in the store, flushing and closing."""

from __future__ import annotations

import asyncio
import contextvars
import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import anyio
import attrs

from lago_async._ingest.counters import EventSinkCounters
from lago_async._ingest.dispatcher import Dispatcher
from lago_async._ingest.spool import EventSpool
from lago_async.errors import EventSinkFullError, LagoClosedError, LagoConfigError, UndeliveredEventsError

if TYPE_CHECKING:
    from lago_async._ingest.batch_route import BatchRoute
    from lago_async._ingest.outcomes import DeadLetter
    from lago_async._ingest.settings import SinkSettings
    from lago_async._ingest.store import EventStore


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
        self.dispatcher = Dispatcher(store, route, settings, durable=durable)
        if route.observer is not None:
            route.observer.watch(self.dispatcher.tally, store)
        self._settings = settings
        self._durable = durable
        self._context = contextvars.copy_context()
        self._process_id = os.getpid()
        self._line = anyio.Lock()
        self._runner: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failure: Exception | None = None
        self._left: int | None = None

    @property
    def running(self) -> bool:
        """Whether the dispatcher runs."""
        return self._runner is not None and not self._runner.done()

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
        loop = asyncio.get_running_loop()
        if self._runner is not None and not self._runner.done():
            if self._loop is not loop:
                raise LagoClosedError("the sink runs on another event loop; make a sink for each loop")
            return
        self._loop = loop
        self._line = anyio.Lock()
        self._runner = loop.create_task(self.dispatcher.run(), context=self._context)
        self._runner.add_done_callback(self._ended)
        self.live = True

    def check(self) -> None:
        """Refuse to continue if the engine has ended permanently.

        Raises:
            LagoClosedError: The sink or its client was closed.
        """
        if self.closed:
            raise LagoClosedError("the sink is closed; make a new one")
        if self._failure is not None:
            raise self._failure

    async def put(self, bodies: Sequence[bytes]) -> None:
        """Add events, given as their JSON, to the store; if it is full, do what the settings say.

        Raises:
            EventSinkFullError: It is full, and the settings say so; or it can never hold as many.
            LagoError: The events could not be stored.
        """
        self.start()
        if not self.queued or self._settings.when_full == "raise":
            try:
                await self.store.put(bodies)
            except EventSinkFullError:
                if self._settings.when_full == "raise" or not self.store.waiting():
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
        while True:
            try:
                await self.store.put(bodies)
            except EventSinkFullError:
                if not self.store.waiting():
                    raise  # waiting makes no more room than this
            else:
                return
            if self._settings.when_full == "drop_oldest" and await dispatcher.drop(len(bodies)):
                continue
            dispatcher.look()
            await dispatcher.wait_for_change()
            self.check()

    async def dead_letters(self) -> list[DeadLetter]:
        """Return the dead letters of the spool.

        Raises:
            LagoConfigError: The sink has no spool.
            EventSpoolError: They cannot be read.
        """
        return await self._spool().dead_letters()

    async def resend(self, letters: Iterable[DeadLetter]) -> int:
        """Accept the events of dead letters again; see `dead_letters` for the errors."""
        self.start()
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
        if self.closed or self._failure is not None:
            if self.store.waiting():
                raise self._undelivered("are not at the server yet", lost=False)
            return
        self.start()
        dispatcher = self.dispatcher
        marks = dispatcher.hurry()
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not dispatcher.is_settled(marks) and self.running:
                    await dispatcher.wait_until_settled(marks)
        if not self.running or not dispatcher.is_settled(marks):
            raise self._undelivered("are not at the server yet", lost=False)

    async def aclose(self, seconds: float | None) -> None:
        """Deliver what is in the store, and end the dispatcher; closing twice has no effect.

        Raises:
            UndeliveredEventsError: Events are left when the time has passed.
        """
        if self.closed:
            return
        try:
            with suppress(UndeliveredEventsError):
                await self.flush(seconds)
        finally:
            with anyio.CancelScope(shield=True):
                await self.stop()
        self.check_delivered()

    async def stop(self) -> None:
        """End the dispatcher now, and close the store."""
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
        waiting = self.store.waiting() if self._left is None else self._left
        if waiting:
            where = "are left in the spool" if self._durable else "are lost"
            raise self._undelivered(where, lost=not self._durable, waiting=waiting)

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

    def _undelivered(self, where: str, *, lost: bool, waiting: int | None = None) -> UndeliveredEventsError:
        """Return the error that says how many events are left, why, and what to do."""
        waiting = self.store.waiting() if waiting is None else waiting
        last = self.dispatcher.tally.last_error or (str(self._failure) if self._failure else None)
        if lost:
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
