"""The bridge under the blocking client: one event loop on one daemon thread, shared by all clients of a process.

A client holds a `Lease`. The first call on any lease starts the thread, the last close stops and joins it. Calls,
cancellations and closings all reach the loop through one queue (`LoopThread.post`), so they cannot overtake each other.
"""

from __future__ import annotations

import asyncio
import atexit
import contextvars
import functools
import os
import selectors
import sys
import threading
from collections import deque
from io import FileIO
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from lago_async._caller import warn_caller
from lago_async.errors import LagoClosedError, LagoConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from types import TracebackType

P = ParamSpec("P")
T = TypeVar("T")

CANCEL_LIMIT = 2.0  # seconds an interrupted call has to let go of its connection
CLOSE_LIMIT = 4.0  # seconds one client's closing may take, and again the winding up of the loop
LOOK_UP = 0.25  # seconds between two looks up of a waiting caller, see `LoopThread.wait`


class Call(Generic[T]):
    """One coroutine function called on the loop thread, and the lock its caller waits at.

    The task itself releases that lock: a done callback would cost another turn of the loop, and a
    `concurrent.futures.Future` a condition variable on top.
    """

    __slots__ = ("_begin", "_context", "_entered", "_task", "done", "error", "value")
    value: T

    def __init__(self, begin: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._begin = begin
        self._context = contextvars.copy_context()
        self._entered = False
        self._task: asyncio.Task[None] | None = None
        self.error: BaseException | None = None
        # A new lock per call (50 ns): a call that was left behind may release its own late.
        self.done: threading.Lock = threading.Lock()
        self.done.acquire()

    def start(self) -> None:
        """Make the task; on the loop thread."""
        self._task = asyncio.get_running_loop().create_task(self._run(), context=self._context)

    def cancel(self) -> None:
        """Cancel the task, and let the interrupted caller go on if no task will; on the loop thread."""
        if self._task is not None:
            self._task.cancel()
        # The interruption came before the start was posted, before the task's first step, or after its release.
        if (self._task is None or not self._entered) and self.done.locked():
            self.done.release()

    async def _run(self) -> None:
        self._entered = True
        try:
            self.value = await self._begin()
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the caller's; it must not end the loop
            self.error = error.with_traceback(_of_this_raise(error))
        finally:
            # The task shall end on this thread: asyncio's weak references to it run Python code when it goes, and
            # Ctrl-C in such a callback on the caller's thread would be lost.
            self._task = None
            self.done.release()


class LoopThread(threading.Thread):
    """The daemon thread and its loop. Methods say where they run: anywhere, or on this thread."""

    def __init__(self, *, uvloop: bool) -> None:
        super().__init__(name="lago_sync", daemon=True)
        self.stopping: bool = False
        self.loop: asyncio.AbstractEventLoop = _new_loop(uvloop=uvloop)
        self._posted: deque[Callable[[], None]] = deque()
        self._woken = False
        self._ear, self._bell = _pipe()
        self._retiring: set[Lease] = set()

    def post(self, step: Callable[[], None]) -> None:
        """Have the loop run this step, after all that was posted before; from anywhere.

        Only a deque and a byte in a pipe, no lock: the garbage collector may run a finalizer that posts in the
        middle of another post, or on this very thread, and a lock would then wait for itself.
        """
        self._posted.append(step)
        if not self._woken:  # a burst of threads rings once
            self._wake()

    def wait(self, call: Call[T], limit: float | None = None) -> bool:
        """Wait until the call is done; False if it never will be, as the thread is gone, or not within the limit.

        The wait is cut in slices because a lock is deaf to what `PyThreadState_SetAsyncExc` raises (and on Windows to
        Ctrl-C), and so that no caller outwaits the thread: it looks up and sees that nobody is there, as in a signal
        handler's fork, or that it was interrupted in `_wake` with the flag set and the loop asleep.
        """
        while not call.done.acquire(timeout=LOOK_UP):
            if not self.is_alive():
                return call.done.acquire(blocking=False)
            if limit is not None and (limit := limit - LOOK_UP) <= 0:
                return False
            if self._posted:
                self._wake()
        return True

    def run(self) -> None:
        """Run the loop until it is stopped, then wind it up; on this thread, called by `start`."""
        try:
            if self._ear is not None:
                self.loop.add_reader(self._ear, self._run_posted)
            while not self.stopping:
                try:
                    self.loop.run_forever()
                except (KeyboardInterrupt, SystemExit):
                    # asyncio hands these to the task they were raised in and then lets them out of the loop as well.
                    continue
            self.loop.run_until_complete(self._wind_up())
        finally:
            self.dispose()

    def dispose(self) -> None:
        """Close the loop and what wakes it; on this thread, or if it could not be started."""
        self.stopping = True
        if self._ear is not None:
            self.loop.remove_reader(self._ear)
        self.loop.close()
        for end in self._ear, self._bell:
            if end is not None:
                end.close()

    def stop_if_unused(self) -> None:
        """Stop the loop unless there is an open lease; on this thread."""
        with _here.starting:
            if _here.thread is self:
                if _here.leases:
                    return
                # Gone first, then counted again: a lease registers first and then looks for the thread, so either it is
                # counted here, or it finds none and starts the next one.
                _here.thread = None
                if _here.leases:
                    _here.thread = self
                    return
        self.stopping = True
        self.loop.stop()

    async def retire(self, lease: Lease) -> None:
        """Close what stands behind a lease and forget it; on this thread, however often asked for."""
        if lease in self._retiring or lease not in _here.leases:
            return
        self._retiring.add(lease)
        try:
            async with asyncio.timeout(CLOSE_LIMIT):
                await lease.aclose()
        finally:
            _here.leases.discard(lease)  # not earlier: the loop must not stop under a closing
            self._retiring.discard(lease)
            self.stop_if_unused()

    def _wake(self) -> None:
        try:
            self._woken = True
            if self._bell is None:
                self.loop.call_soon_threadsafe(self._run_posted)
            else:
                self._bell.write(b"\0")
        except (RuntimeError, ValueError):
            if not self.stopping:
                raise
            # Closed by the last lease while this was posted: the caller sees in `wait` that the thread is gone.
        except BaseException:
            self._woken = False  # Ctrl-C in the midst of it: the loop may not know, so the next post has to tell it
            raise

    def _run_posted(self) -> None:
        if self._ear is not None:
            self._ear.read(64)
        self._woken = False  # before the queue is read: who posts from here on wakes the loop again
        while self._posted and not self.stopping:
            self._posted.popleft()()

    async def _wind_up(self) -> None:
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=CANCEL_LIMIT)
        await self.loop.shutdown_asyncgens()
        await self.loop.shutdown_default_executor()


class Lease:
    """A blocking client's share of the loop thread; open from the first moment, though it starts no thread.

    `aclose` is the async client's. An open lease is kept for the process's exit, so its `aclose` must not lead back to
    the blocking client, which would then never be collected.
    """

    __slots__ = ("_uvloop", "aclose", "closed")

    def __init__(self, aclose: Callable[[], Coroutine[Any, Any, None]], *, uvloop: bool = False) -> None:
        self.aclose: Callable[[], Coroutine[Any, Any, None]] = aclose
        self.closed: bool = False
        self._uvloop = uvloop or os.environ.get("LAGO_UVLOOP", "") not in {"", "0"}
        _here.leases.add(self)

    def run(self, function: Callable[P, Coroutine[Any, Any, T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the coroutine function on the loop thread, in a copy of the caller's context, and wait for its outcome.

        Raises:
            LagoClosedError: The lease was closed before or meanwhile, or the interpreter exits.
            LagoConfigError: Called on the loop thread, which would wait for itself.
        """
        if asyncio._get_running_loop() is not None:  # documented, and 0.4 us cheaper than to catch a RuntimeError
            _refuse_or_warn()
        thread = _here.thread
        if thread is None or self.closed:
            thread = self._start()
        call = Call(functools.partial(function, *args, **kwargs))
        try:
            thread.post(call.start)
            done = thread.wait(call)
        except BaseException:
            # Ctrl-C, an exit, a time limit: it goes to the caller whatever the call came to. A result that arrived at
            # the same moment is dropped with it; to return it instead would swallow the interruption. A second
            # interruption leaves this wait at once; the task stays cancelled.
            thread.post(call.cancel)
            thread.wait(call, CANCEL_LIMIT)
            raise
        try:
            if not done or (thread.stopping and isinstance(call.error, asyncio.CancelledError)):
                raise LagoClosedError("the client was closed during the call")
            if call.error is not None:
                raise call.error
            return call.value
        finally:
            del call  # it holds the error, whose traceback holds this frame

    def close(self) -> None:
        """Close what stands behind the lease; the last one stops the loop and joins the thread. Idempotent."""
        if self.closed:
            return
        self.closed = True
        with _here.starting:  # not while a thread is just coming or going
            thread = _here.thread
        if thread is None:
            _here.leases.discard(self)
            return
        if thread is threading.current_thread():
            self.abandon()  # to wait here would be to wait for ever
            return
        call = Call(functools.partial(thread.retire, self))
        try:
            thread.post(call.start)
            if thread.wait(call, CLOSE_LIMIT + CANCEL_LIMIT) and thread.stopping:
                thread.join(CLOSE_LIMIT)
        except BaseException:
            self.abandon()  # the closing goes on without us
            raise
        try:
            if call.error is not None:
                raise call.error
        finally:
            del call

    def abandon(self) -> None:
        """Close without waiting, for finalizers: on any thread, at any moment, and it never raises."""
        try:
            self.closed = True
            thread = _here.thread
            if thread is None:
                _here.leases.discard(self)
            elif self in _here.leases:
                thread.post(Call(functools.partial(thread.retire, self)).start)
        except Exception:  # noqa: BLE001, S110 - an interpreter half torn down; a finalizer has nobody to tell
            pass

    def _start(self) -> LoopThread:
        self._refuse_if_closed()
        with _here.starting:
            thread = _here.thread
            if thread is None:
                fresh = LoopThread(uvloop=self._uvloop)
                try:
                    fresh.start()
                    thread = _here.thread = _here.thread or fresh  # a signal handler's call may have come first
                except RuntimeError:  # the system has no thread to spare
                    fresh.dispose()
                    raise
                finally:
                    if _here.thread is not fresh:
                        fresh.post(fresh.stop_if_unused)  # also after Ctrl-C, as it may still be coming up
        if self.closed:  # meanwhile, by another thread
            thread.post(thread.stop_if_unused)
            self._refuse_if_closed()
        return thread

    def _refuse_if_closed(self) -> None:
        if _here.exiting:
            raise LagoClosedError("the interpreter is exiting, and all clients were closed")
        if self.closed:
            raise LagoClosedError("the client is closed")


class _Process:
    """What belongs to this process; a forked child begins it anew."""

    def __init__(self) -> None:
        self.leases: set[Lease] = set()
        self.thread: LoopThread | None = None
        self.starting = threading.RLock()  # reentrant: a signal handler may make a call in the middle of the first one
        self.warned = False
        self.exiting = False


_here = _Process()


def _begin_anew(inherited: list[object]) -> None:
    """Leave the parent's loop alone, in a forked child.

    Its thread doesn't exist here, and to close its sockets or its loop would write to what the parent is using. So
    all of it is kept, never closed, not even by the garbage collector. The open leases stay open and start a thread of
    this process when they are next used.
    """
    thread, _here.thread = _here.thread, None
    _here.starting = threading.RLock()
    leases = tuple(_here.leases)
    inherited.append((thread, [lease.aclose for lease in leases]))
    _here.leases.difference_update([lease for lease in leases if lease.closed])  # the parent was about to forget them


def _close_all() -> None:
    """Close what is still open before the interpreter takes the daemon thread's modules away."""
    _here.exiting = True
    for lease in tuple(_here.leases):
        lease.abandon()
    for thread in threading.enumerate():  # also one whose last lease was abandoned a moment ago
        if isinstance(thread, LoopThread):
            thread.join(CLOSE_LIMIT + CANCEL_LIMIT)


if hasattr(os, "register_at_fork"):
    # The list belongs to the hook, not to this module: a module is emptied at exit, and then the parent's sockets
    # would be collected after all, with a ResourceWarning each.
    os.register_at_fork(after_in_child=functools.partial(_begin_anew, []))
atexit.register(_close_all)


def _new_loop(*, uvloop: bool) -> asyncio.AbstractEventLoop:
    """A loop that survives a fork of the process.

    An epoll set belongs to parent and child alike: a child that merely exits makes the parent's pooled sockets go deaf.
    poll() keeps its set in this process. uvloop knows epoll only: with it, do not fork while a client is open.
    """
    if uvloop:
        try:
            import uvloop as installed
        except ImportError as error:
            raise LagoConfigError("uvloop is not installed: pip install lago-async[uvloop]") from error
        return installed.new_event_loop()
    if sys.platform == "win32":
        return asyncio.new_event_loop()
    return asyncio.SelectorEventLoop(selectors.PollSelector())


def _pipe() -> tuple[FileIO | None, FileIO | None]:
    """What wakes the loop: a byte in a pipe of its own. On Windows, where a loop can't watch one, it wakes itself.

    Next to `call_soon_threadsafe` it saves 4 us of a call's 26, on both ends of the loop's socket pair; and being one
    call into C, it can't be stopped halfway by Ctrl-C.
    """
    if sys.platform == "win32":
        return None, None
    ear, bell = os.pipe()
    os.set_blocking(ear, False)
    os.set_blocking(bell, False)  # full, it has been heard anyway
    return FileIO(ear, "r"), FileIO(bell, "w")


def _refuse_or_warn() -> None:
    """Refuse to block our own loop; say once per process, at the user's line, that somebody else's is blocked."""
    if isinstance(threading.current_thread(), LoopThread):
        raise LagoConfigError("a blocking call on the thread that would have to answer it; use lago_async here")
    if _here.warned:
        return
    _here.warned = True
    warn_caller("a blocking call blocks the running event loop; use lago_async here", RuntimeWarning)


def _of_this_raise(error: BaseException) -> TracebackType | None:
    """The error's traceback inside the coroutine function, without what an earlier delivery left at its end.

    The first entry is `Call._run`, left out because its frame leads to the call and so back to the error. An instance
    raised a second time still has all entries of the first, behind the new ones: those begin with the frames that led
    to the earlier `Lease.run`.
    """
    entries: list[TracebackType] = []
    entry = error.__traceback__ and error.__traceback__.tb_next
    while entry is not None and entry.tb_frame.f_code is not Lease.run.__code__:
        entries.append(entry)
        entry = entry.tb_next
    if entry is not None:
        caller = entry.tb_frame.f_back
        while entries and entries[-1].tb_frame is caller:
            entries.pop()
            caller = caller.f_back if caller is not None else None
        if entries:
            entries[-1].tb_next = None
    return entries[0] if entries else None
