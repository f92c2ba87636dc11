"""The bridge under the blocking client: one event loop on one daemon thread, shared by all clients of a process.

A client holds a `Lease`. The first call on any lease starts the thread; the last close stops and joins it. Calls,
cancellations and closings all reach the loop through one queue (`LoopThread.post`), so they cannot overtake each other.
"""

# More than 400 lines in one module, because the thread, the leases and the state of the process refer to each other.

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

CANCEL_LIMIT = 2.0  # seconds that an interrupted call has to release its connection
CLOSE_LIMIT = 4.0  # seconds that closing one client may take; closing the loop may take as long again
LOOK_UP = 0.25  # seconds after which a waiting caller checks the thread, see `LoopThread.wait`


class BridgeCall(Generic[T]):
    """One call of a coroutine function on the loop thread, and the lock that its caller waits for.

    The task itself releases that lock. A done callback would cost another iteration of the loop, and a
    `concurrent.futures.Future` would also cost a condition variable.
    """

    __slots__ = ("_begin", "_context", "_entered", "_task", "done", "error", "value")
    value: T

    def __init__(self, begin: Callable[[], Coroutine[Any, Any, T]]) -> None:
        self._begin = begin
        self._context = contextvars.copy_context()
        self._entered = False
        self._task: asyncio.Task[None] | None = None
        self.error: BaseException | None = None
        # A new lock per call (50 ns), because an abandoned call may release its lock late.
        self.done: threading.Lock = threading.Lock()
        self.done.acquire()

    def start(self) -> None:
        """Create the task; on the loop thread."""
        self._task = asyncio.get_running_loop().create_task(self._run(), context=self._context)

    def cancel(self) -> None:
        """Cancel the task. If no task will release the interrupted caller, release it here; on the loop thread."""
        if self._task is not None:
            self._task.cancel()
        # The interruption came before the start was posted, before the task's first step, or after its release.
        if (self._task is None or not self._entered) and self.done.locked():
            self.done.release()

    async def _run(self) -> None:
        self._entered = True
        try:
            self.value = await self._begin()
        except BaseException as error:  # noqa: BLE001 - every error is for the caller; none may end the loop
            self.error = error.with_traceback(_of_this_raise(error))
        finally:
            # The task must be freed on this thread: asyncio's weak references to it then run Python code, and a Ctrl-C
            # in such a callback on the caller's thread would be lost.
            self._task = None
            done = self.done
            # The error's traceback leads to this frame: since Python 3.12, the frame of a coroutine that has raised
            # refers to the frame that awaited it (`f_back`). So this frame must not refer to the call and its error.
            del self
            done.release()


class LoopThread(threading.Thread):
    """The daemon thread and its loop. Each method says where it may be called: anywhere, or on this thread."""

    def __init__(self, *, uvloop: bool) -> None:
        super().__init__(name="lago_sync", daemon=True)
        self.stopping: bool = False
        self.loop: asyncio.AbstractEventLoop = _new_loop(uvloop=uvloop)
        self._posted: deque[Callable[[], None]] = deque()
        self._woken = False
        self._ear, self._bell = _pipe()
        self._retiring: set[Lease] = set()

    def post(self, step: Callable[[], None]) -> None:
        """Have the loop run this step, after all steps that were posted before; from anywhere.

        It uses a deque and a byte in a pipe, but not a lock: the garbage collector may run a finalizer that posts while
        another post runs, or on this thread, and a lock would then wait for itself.
        """
        self._posted.append(step)
        if not self._woken:  # a burst of posts writes one byte
            self._wake()

    def wait(self, call: BridgeCall[T], limit: float | None = None) -> bool:
        """Wait until the call is done; return False if the thread has ended first, or if the limit has passed.

        The caller waits in slices of `LOOK_UP` for three reasons. Waiting for a lock delays exceptions that
        `PyThreadState_SetAsyncExc` raises (and, on Windows, Ctrl-C). The thread may have ended, or may not exist, as in
        a process that a signal handler forked. And Ctrl-C in `_wake` may have left the flag set and the loop asleep.
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
        """Run the loop until it is stopped, then close it; on this thread, called by `start`."""
        try:
            if self._ear is not None:
                self.loop.add_reader(self._ear, self._run_posted)
            while not self.stopping:
                try:
                    self.loop.run_forever()
                except (KeyboardInterrupt, SystemExit):
                    # asyncio sets these as the task's outcome, and raises them from the loop as well.
                    continue
            self.loop.run_until_complete(self._wind_up())
        finally:
            self.dispose()

    def dispose(self) -> None:
        """Close the loop and its pipe; on this thread, or anywhere if the thread could not be started."""
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
                # Remove the thread first, then look for leases again. A lease registers first and then looks for the
                # thread: so either it is seen here, or it finds no thread and starts the next one.
                _here.thread = None
                if _here.leases:
                    _here.thread = self
                    return
        self.stopping = True
        self.loop.stop()

    async def retire(self, lease: Lease) -> None:
        """Close a lease's async client and forget the lease; on this thread. Idempotent."""
        if lease in self._retiring or lease not in _here.leases:
            return
        self._retiring.add(lease)
        try:
            async with asyncio.timeout(CLOSE_LIMIT):
                await lease.aclose()
        finally:
            _here.leases.discard(lease)  # not earlier, or the loop could stop while the client is closing
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
            # The last lease closed the loop during this post: the caller sees in `wait` that the thread has ended.
        except BaseException:
            self._woken = False  # after Ctrl-C the byte may not have been written, so the next post must write one
            raise

    def _run_posted(self) -> None:
        if self._ear is not None:
            self._ear.read(64)
        self._woken = False  # clear before draining the queue, so that a later post wakes the loop again
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
    """A blocking client's share of the loop thread. It is open when it is made; only a call starts the thread.

    `aclose` is the async client's. Open leases are kept until the process exits, so `aclose` must not refer to the
    blocking client, which would then never be collected.
    """

    __slots__ = ("_uvloop", "aclose", "closed")

    def __init__(self, aclose: Callable[[], Coroutine[Any, Any, None]], *, uvloop: bool = False) -> None:
        self.aclose: Callable[[], Coroutine[Any, Any, None]] = aclose
        self.closed: bool = False
        self._uvloop = uvloop
        _here.leases.add(self)

    def run(self, function: Callable[P, Coroutine[Any, Any, T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the coroutine function on the loop thread, in a copy of the caller's context, and wait for its outcome.

        Raises:
            LagoClosedError: The lease was closed before or during the call, or the interpreter is exiting.
            LagoConfigError: Called on the loop thread, which would wait for itself.
        """
        if asyncio._get_running_loop() is not None:  # documented, and 0.4 us faster than catching a RuntimeError
            _refuse_or_warn()
        thread = _here.thread
        if thread is None or self.closed:
            thread = self._start()
        call = BridgeCall(functools.partial(function, *args, **kwargs))
        try:
            thread.post(call.start)
            done = thread.wait(call)
        except BaseException:
            # Ctrl-C, an exit or a time limit is raised to the caller even if a result arrives at the same time:
            # returning the result would swallow the interruption. A second interruption ends this wait at once; the
            # task stays cancelled.
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
            del call  # it refers to the error, whose traceback refers to this frame

    def close(self) -> None:
        """Close the lease's async client; the last lease stops the loop and joins the thread. Idempotent."""
        if self.closed:
            return
        self.closed = True
        with _here.starting:  # not while a thread starts or stops
            thread = _here.thread
        if thread is None:
            _here.leases.discard(self)
            return
        if thread is threading.current_thread():
            self.abandon()  # waiting here would never end
            return
        call = BridgeCall(functools.partial(thread.retire, self))
        try:
            thread.post(call.start)
            if thread.wait(call, CLOSE_LIMIT + CANCEL_LIMIT) and thread.stopping:
                thread.join(CLOSE_LIMIT)
        except BaseException:
            self.abandon()  # the loop thread continues to close
            raise
        try:
            if call.error is not None:
                raise call.error
        finally:
            del call

    def abandon(self) -> None:
        """Close without waiting and without raising, for finalizers: on any thread, at any time."""
        try:
            self.closed = True
            thread = _here.thread
            if thread is None:
                _here.leases.discard(self)
            elif self in _here.leases:
                thread.post(BridgeCall(functools.partial(thread.retire, self)).start)
        except Exception:  # noqa: BLE001, S110 - the interpreter is shutting down, and a finalizer cannot report
            pass

    def _start(self) -> LoopThread:
        self._refuse_if_closed()
        with _here.starting:
            thread = _here.thread
            if thread is None:
                fresh = LoopThread(uvloop=self._uvloop)
                try:
                    fresh.start()
                    thread = _here.thread = _here.thread or fresh  # a signal handler's call may have set it
                except RuntimeError:  # the system refuses another thread
                    fresh.dispose()
                    raise
                finally:
                    if _here.thread is not fresh:
                        fresh.post(fresh.stop_if_unused)  # also after Ctrl-C, because it may still start
        if self.closed:  # by another thread, since the check above
            thread.post(thread.stop_if_unused)
            self._refuse_if_closed()
        return thread

    def _refuse_if_closed(self) -> None:
        if _here.exiting:
            raise LagoClosedError("the interpreter is exiting, and all clients were closed")
        if self.closed:
            raise LagoClosedError("the client is closed")


class _Process:
    """The state of this process; a forked child resets it."""

    def __init__(self) -> None:
        self.leases: set[Lease] = set()
        self.thread: LoopThread | None = None
        self.starting = threading.RLock()  # reentrant: a signal handler may make a call in the middle of the first one
        self.warned = False
        self.exiting = False


_here = _Process()


def _reset_in_child(inherited: list[object]) -> None:
    """Reset the state in a forked child, without touching the parent's loop.

    The parent's thread doesn't exist here, and closing its sockets or its loop would write to what the parent is using.
    So `inherited` keeps all of it from being closed, even by the garbage collector. The open leases stay open, and
    start a thread of this process when they are next used.
    """
    thread, _here.thread = _here.thread, None
    _here.starting = threading.RLock()
    leases = tuple(_here.leases)
    inherited.append((thread, [lease.aclose for lease in leases]))
    _here.leases.difference_update([lease for lease in leases if lease.closed])  # the parent was closing them


def _close_all() -> None:
    """Close the open leases before the interpreter removes the modules that the daemon thread uses."""
    _here.exiting = True
    for lease in tuple(_here.leases):
        lease.abandon()
    for thread in threading.enumerate():  # also one whose last lease has just been abandoned
        if isinstance(thread, LoopThread):
            thread.join(CLOSE_LIMIT + CANCEL_LIMIT)


if hasattr(os, "register_at_fork"):
    # The hook owns the list, not this module: the interpreter empties modules at exit, and would then collect the
    # parent's sockets with a ResourceWarning each.
    os.register_at_fork(after_in_child=functools.partial(_reset_in_child, []))
atexit.register(_close_all)


def _new_loop(*, uvloop: bool) -> asyncio.AbstractEventLoop:
    """Return a loop that survives a fork of the process.

    Parent and child share an epoll set: when the child exits, the parent's loop no longer sees its pooled sockets.
    poll() keeps its set in this process. uvloop has only epoll: with it, do not fork while a client is open.
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
    """Return both ends of the pipe whose bytes wake the loop; None on Windows, where a loop can't watch a pipe.

    Compared with `call_soon_threadsafe`, the pipe saves 4 us of the 26 us that a call takes. A write is one call into
    C, so Ctrl-C can't stop it halfway.
    """
    if sys.platform == "win32":
        return None, None
    ear, bell = os.pipe()
    os.set_blocking(ear, False)
    os.set_blocking(bell, False)  # if the pipe is full, the loop has bytes to wake up for
    return FileIO(ear, "r"), FileIO(bell, "w")


def _refuse_or_warn() -> None:
    """Refuse to block our own loop; warn once per process, at the user's line, if another loop is blocked."""
    if isinstance(threading.current_thread(), LoopThread):
        raise LagoConfigError(
            "a blocking call on the thread that has to complete it would never return; use lago_async here"
        )
    if _here.warned:
        return
    _here.warned = True
    warn_caller("a blocking call blocks the running event loop; use lago_async here", RuntimeWarning)


def _of_this_raise(error: BaseException) -> TracebackType | None:
    """Return the error's traceback inside the coroutine function, without entries of an earlier delivery.

    The first entry, `BridgeCall._run`, is dropped because it is the same for every call. An instance that is raised a
    second time still has all entries of the first time, after the new ones: those begin with the frames that led to
    the earlier `Lease.run`.
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
