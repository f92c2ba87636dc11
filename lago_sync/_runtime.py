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
import threading
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, ParamSpec, TypeVar

from lago_async._caller import warn_caller
from lago_async._codec.collector import notice_fork
from lago_async._process_local import ProcessLocal
from lago_async.errors import LagoClosedError, LagoConfigError
from lago_sync._event_loop import new_loop, new_pipe, refuse_half_patched_process, refuse_shared_thread

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

    @property
    def started(self) -> bool:
        """Whether the coroutine function was called."""
        return self._entered

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
        self.failure: BaseException | None = None
        self.loop: asyncio.AbstractEventLoop = new_loop(uvloop=uvloop)
        self._posted: deque[Callable[[], None]] = deque()
        self._woken = False
        self._ear, self._bell = new_pipe()
        self._retiring: set[Lease] = set()
        self._process_id = os.getpid()
        # Not `is_alive` alone: with gevent, a thread whose class was imported before patching is alive for ever.
        self._ended = threading.Lock()
        self._ended.acquire()

    @property
    def gone(self) -> bool:
        """Whether the thread has ended, or is one of the parent of this forked process; from anywhere."""
        return self._process_id != os.getpid() or not self._ended.locked() or not self.is_alive()

    def wait_for_end(self, limit: float) -> None:
        """Wait until the thread has ended, at most this many seconds; from any other thread."""
        if self._process_id == os.getpid() and self._ended.acquire(timeout=limit):
            self._ended.release()
            self.join(LOOK_UP)

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
            if self.gone:
                return call.done.acquire(blocking=False)
            if limit is not None and (limit := limit - LOOK_UP) <= 0:
                return False
            if self._posted:
                self._wake()
        return True

    def run(self) -> None:
        """Run the loop until it is stopped, then close it; on this thread, called by `start`."""
        try:
            refuse_shared_thread()
            if self._ear is not None:
                self.loop.add_reader(self._ear, self._run_posted)
            while not self.stopping:
                try:
                    self.loop.run_forever()
                except (KeyboardInterrupt, SystemExit):
                    # asyncio sets these as the task's outcome, and raises them from the loop as well.
                    continue
            self.loop.run_until_complete(self._wind_up())
        except LagoConfigError as error:
            self.failure = error
        except BaseException as error:
            self.failure = error
            raise
        finally:
            self._forget()
            try:
                self.dispose()
            finally:
                self._ended.release()

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
        here = _here.get()
        with here.starting:
            if here.thread is self:
                if here.leases:
                    return
                # Remove the thread first, then look for leases again. A lease registers first and then looks for the
                # thread: so either it is seen here, or it finds no thread and starts the next one.
                here.thread = None
                if here.leases:
                    here.thread = self
                    return
        self.stopping = True
        self.loop.stop()

    async def retire(self, lease: Lease) -> None:
        """Close a lease's async client and forget the lease; on this thread. Idempotent."""
        leases = _here.get().leases
        if lease in self._retiring or lease not in leases:
            return
        self._retiring.add(lease)
        try:
            async with asyncio.timeout(CLOSE_LIMIT):
                await lease.aclose()
        finally:
            leases.discard(lease)  # not earlier, or the loop could stop while the client is closing
            self._retiring.discard(lease)
            self.stop_if_unused()

    def explain_loss(self, call: BridgeCall[Any]) -> LagoClosedError | LagoConfigError:
        """Return the error of a call that this thread did not complete; from anywhere."""
        if self._process_id != os.getpid():
            return LagoClosedError("the process was forked during the call, whose outcome only the parent learns")
        if isinstance(self.failure, LagoConfigError):
            return LagoConfigError(str(self.failure))
        if self.failure is None:
            return LagoClosedError("the client was closed during the call")
        outcome = (
            "the call MAY HAVE BEEN CARRIED OUT: look it up before you call again"
            if call.started
            else "nothing was sent"
        )
        reason = " ".join(f"{type(self.failure).__name__}: {self.failure}".split())
        error = LagoClosedError(f"the thread that runs the calls ended with an error ({reason}); {outcome}")
        error.__cause__ = self.failure
        return error

    def _forget(self) -> None:
        """Make the next call start another thread; on this thread, when it ends."""
        here = _here.get()
        with here.starting:
            if here.thread is self:
                here.thread = None

    def _wake(self) -> None:
        try:
            self._woken = True
            if self._bell is None:
                self.loop.call_soon_threadsafe(self._run_posted)
            else:
                self._bell.write(b"\0")
        except (RuntimeError, ValueError, OSError):  # OSError: the pipe was closed within the write
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
        _here.get().leases.add(self)

    def run(self, function: Callable[P, Coroutine[Any, Any, T]], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Call the coroutine function on the loop thread, in a copy of the caller's context, and wait for its outcome.

        Raises:
            LagoClosedError: The lease was closed before or during the call, the interpreter is exiting, or the thread
                has ended with an error.
            LagoConfigError: Called on the loop thread, which would wait for itself; or no loop can run here.
        """
        here = _here.get()
        running = asyncio._get_running_loop()  # documented, and 0.4 us faster than catching a RuntimeError
        if running is not None:
            _refuse_or_warn(here, running)
        thread = here.thread
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
                raise thread.explain_loss(call)
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
        here = _here.get()
        with here.starting:  # not while a thread starts or stops
            thread = here.thread
        if thread is None:
            self._close_without_loop(here)
            return
        if thread is threading.current_thread():
            self.abandon()  # waiting here would never end
            return
        call = BridgeCall(functools.partial(thread.retire, self))
        try:
            thread.post(call.start)
            if thread.wait(call, CLOSE_LIMIT + CANCEL_LIMIT):
                if thread.stopping:
                    thread.wait_for_end(CLOSE_LIMIT)
            elif thread.gone:
                self._close_without_loop(here)
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
            here = _here.get()
            thread = here.thread
            if thread is None:
                here.leases.discard(self)
            elif self in here.leases:
                thread.post(BridgeCall(functools.partial(thread.retire, self)).start)
        except Exception:  # noqa: BLE001, S110 - the interpreter is shutting down, and a finalizer cannot report
            pass

    def _close_without_loop(self, here: _Process) -> None:
        """Close the async client if no loop has its connections, or if that loop has ended with an error."""
        here.leases.discard(self)
        closing = self.aclose()
        try:
            closing.send(None)  # without a loop, there is nothing to wait for
        except StopIteration:
            pass
        finally:
            closing.close()

    def _start(self) -> LoopThread:
        self._refuse_if_closed()
        refuse_half_patched_process()
        here = _here.get()
        with here.starting:
            thread = here.thread
            if thread is None:
                fresh = LoopThread(uvloop=self._uvloop)
                try:
                    fresh.start()
                    thread = here.thread = here.thread or fresh  # a signal handler's call may have set it
                except RuntimeError:  # the system refuses another thread
                    fresh.dispose()
                    raise
                finally:
                    if here.thread is not fresh:
                        fresh.post(fresh.stop_if_unused)  # also after Ctrl-C, because it may still start
        if self.closed:  # by another thread, since the check above
            thread.post(thread.stop_if_unused)
            self._refuse_if_closed()
        return thread

    def _refuse_if_closed(self) -> None:
        if _here.get().exiting:
            raise LagoClosedError("the interpreter is exiting, and all clients were closed")
        if self.closed:
            raise LagoClosedError("the client is closed")


class _Process:
    """The state of one process."""

    def __init__(self) -> None:
        self.leases: set[Lease] = set()
        self.thread: LoopThread | None = None
        self.starting = threading.RLock()  # reentrant: a signal handler may make a call in the middle of the first one
        self.warned = False
        self.exiting = False

    def in_child(self) -> _Process:
        """Return the state of a forked child, without touching the parent's loop.

        The parent's thread doesn't exist there, and closing its sockets or its loop would write to what the parent is
        using. The open leases stay open, and start a thread of the child when they are next used.
        """
        notice_fork()
        child = _Process()
        child.leases.update([lease for lease in tuple(self.leases) if not lease.closed])  # the parent closes the others
        child.warned, child.exiting = self.warned, self.exiting
        return child


_here = ProcessLocal(_Process(), _Process.in_child)


def _close_all() -> None:
    """Close the open leases before the interpreter removes the modules that the daemon thread uses."""
    here = _here.get()
    here.exiting = True
    for lease in tuple(here.leases):
        lease.abandon()
    for thread in threading.enumerate():  # also one whose last lease has just been abandoned
        if isinstance(thread, LoopThread):
            thread.wait_for_end(CLOSE_LIMIT + CANCEL_LIMIT)


atexit.register(_close_all)


def _refuse_or_warn(here: _Process, running: asyncio.AbstractEventLoop) -> None:
    """Refuse to block our own loop; warn once per process, at the user's line, if another loop is blocked."""
    if isinstance(threading.current_thread(), LoopThread):
        raise LagoConfigError(
            "a blocking call on the thread that has to complete it would never return; use lago_async here"
        )
    if here.warned or (here.thread is not None and here.thread.loop is running):
        return  # in the second case, this is a greenlet that shares a thread with the greenlet of our loop
    here.warned = True
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
