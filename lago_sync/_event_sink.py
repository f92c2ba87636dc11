# GENERATED from lago_async/_ingest/sink.py by `python -m tools.generate`. Do not edit.
"""The sink of events for blocking code."""

from __future__ import annotations

import os
from collections.abc import Iterable
from os import getpid
from typing import TYPE_CHECKING

from lago_async._ingest.acceptance import UsageEvent
from lago_async._ingest.settings import CLOSE_TIMEOUT, CONCURRENCY, LINGER, MAX_BYTES, MAX_EVENTS, SinkSettings
from lago_async._ingest.sink_base import TURN
from lago_async._ingest.spool import MAX_BYTES as SPOOL_MAX_BYTES
from lago_async._validation import check_seconds
from lago_sync._sink_face import BlockingSinkFace

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from lago_async._ingest.outcomes import DeadLetter
    from lago_async._ingest.settings import RejectedHandler, WhenFull
    from lago_sync.client import LagoClient

__all__ = ["EventSink"]


class EventSink(BlockingSinkFace):
    """A sink of usage events: it accepts them one at a time, sends them in batches, and delivers each exactly once.

    ``with EventSink(client) as sink: sink.add({"code": "calls", "external_subscription_id": "sub_1"})``.
    One sink serves a whole application, and any number of threads may share it. At the end of the block, it delivers
    what it has in hand.

    Each event gets a ``transaction_id`` and a ``timestamp`` when it is accepted, if it has none, so that sending it
    again has no further effect. Batches that fail are sent again until the server has taken them. Without a spool, the
    events are in memory, so those in hand are lost if the process dies. With one, they are on disk before ``add``
    returns, and whatever a process leaves there is sent by the next one.

    Args:
        client: The client that sends the batches, to its ``ingest_url``, as background work within its rate budget. Its
            ``RetryPolicy`` bounds the delays between attempts; their number has no limit here.
        when_full: What ``add`` does if the sink holds as much as it may: ``"wait"`` for room, ``"raise"``
            ``EventSinkFullError``, or ``"drop_oldest"``, which loses the oldest event that is not being sent. If only
            the disk of a spool is full, dropping makes no room, so it raises, too.
        max_events: The most events in hand.
        max_bytes: The most bytes of JSON in hand.
        linger: Seconds that an event may wait for its batch to fill.
        concurrency: The most batches in flight.
        close_timeout: Seconds that closing may take to deliver what is in hand; None for no limit, except after an
            error of the block: then it is the default.
        on_rejected: Called with each event that the server refuses permanently, and its reason; by default, they are
            logged at the level ERROR of the logger ``lago_async.events``. It is called on a thread of its own.
            Its batch waits for it, so it must not wait for the sink: neither by ``flush``, nor for room.
        spool: The path of a folder on a local disk, which any number of processes may share. It is made if it does not
            exist, and belongs to the client's organisation from then on. Refused events are kept in it as dead letters.
        spool_max_bytes: The limit of all files in that folder. ``max_events`` and ``max_bytes`` bound only the events
            that are being sent, then.

    Raises:
        LagoConfigError: A setting is out of bounds; the message names it.
    """

    def __init__(
        self,
        client: LagoClient,
        *,
        when_full: WhenFull = "wait",
        max_events: int = MAX_EVENTS,
        max_bytes: int = MAX_BYTES,
        linger: float = LINGER,
        concurrency: int = CONCURRENCY,
        close_timeout: float | None = CLOSE_TIMEOUT,
        on_rejected: RejectedHandler | None = None,
        spool: str | os.PathLike[str] | None = None,
        spool_max_bytes: int = SPOOL_MAX_BYTES,
    ) -> None:
        settings = SinkSettings(
            when_full=when_full,
            max_events=max_events,
            max_bytes=max_bytes,
            linger=linger,
            concurrency=concurrency,
            close_timeout=close_timeout,
        )
        super().__init__(client, settings, on_rejected, spool, spool_max_bytes)

    def add(self, event: UsageEvent, /) -> str:
        """Accept an event, and return its ``transaction_id``. It does not wait for the server.

        With a spool, it waits for the disk: many tasks share one write, so add events concurrently or in lists.

        Args:
            event: An ``EventInput``, or a mapping with its fields. A mapping may lack ``transaction_id``.

        Raises:
            LagoArgumentError: The event cannot be right; the message names the field. It was not accepted.
            EventSinkFullError: The sink is full, and ``when_full`` is ``"raise"``; or its spool is full, and no
                event of this process waits in it, whose end would make room. It was not accepted.
            EventSpoolError: The spool cannot be used, or its disk failed. It was not accepted, unless
                ``maybe_accepted`` says so.
            LagoClosedError: The sink or its client is closed. It was not accepted.
        """
        if self._process_id != getpid():
            self._enter_process()
        transaction_id, body = self._encoder.encode(event)
        memory, engine = self._memory, self._engine
        if memory is not None and not memory.added % TURN:
            self._let_others_run()
        if memory is not None and engine.live and not (engine.queued or self._client_state.closed or engine.stranded):
            ready = memory.put_now(body)
            if ready:
                if ready >= engine.dispatcher.wake_at:
                    engine.dispatcher.wake()
                return transaction_id
        self._cross(engine.put, [body])
        return transaction_id

    def add_many(self, events: Iterable[UsageEvent], /) -> list[str]:
        """Accept all of these events, or none, and return each ``transaction_id``.

        Raises:
            LagoArgumentError: An event cannot be right; the message names its index and the field.
            EventSinkFullError: They are more than the sink may hold; or it is full, and ``when_full`` is ``"raise"``.
            EventSpoolError: The spool cannot be used, or its disk failed.
            LagoClosedError: The sink or its client is closed.
        """
        if self._process_id != getpid():
            self._enter_process()
        accepted = self._encoder.encode_all(events)
        if accepted:
            self._cross(self._engine.put, [body for _, body in accepted])
        return [transaction_id for transaction_id, _ in accepted]

    def flush(self, timeout: float | None = None) -> None:
        """Send at once what is in hand, and wait until the server has taken or refused all of it.

        Events that are added meanwhile are not waited for.

        Args:
            timeout: The most seconds to wait; None for no limit.

        Raises:
            UndeliveredEventsError: The time has passed, or the sink or its client is closed; the error says how many
                events are left, and why. The sink keeps them and continues, if it is open.
        """
        check_seconds("timeout", timeout, positive=False, optional=True)
        if self._process_id != getpid():
            self._enter_process()
        self._flush(timeout)

    def dead_letters(self) -> list[DeadLetter]:
        """Return the events that the server has refused permanently, oldest first.

        All processes of the spool share them: they are lines of the file ``dead-letters.ndjson`` in its folder.

        Raises:
            LagoConfigError: The sink has no spool.
            EventSpoolError: They cannot be read.
        """
        if self._process_id != getpid():
            self._enter_process()
        return self._cross(self._engine.dead_letters)

    def resend_dead_letters(self, letters: Iterable[DeadLetter], /) -> int:
        """Accept events again that the server has refused, as they are, and return how many there still were.

        Do this after you have mended the reason at the server, for example by raising a limit there. To change an
        event, add the changed one, and forget the letter.

        Raises:
            LagoConfigError: The sink has no spool.
            EventSpoolError: The disk failed, or is full. The letters are still there.
        """
        if self._process_id != getpid():
            self._enter_process()
        return self._cross(self._engine.resend, letters)

    def forget_dead_letters(self, letters: Iterable[DeadLetter], /) -> int:
        """Remove dead letters, and return how many there still were.

        Raises:
            LagoConfigError: The sink has no spool.
            EventSpoolError: The disk failed. The letters are still there.
        """
        if self._process_id != getpid():
            self._enter_process()
        return self._cross(self._engine.forget, letters)

    def close(self) -> None:
        """Deliver what is in hand, for at most ``close_timeout`` seconds, and end. Closing twice has no effect.

        Raises:
            UndeliveredEventsError: Events are left; the error says how many, and why.
        """
        if self._process_id != getpid():
            self._enter_process()
        self._close()

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._leave(error)
