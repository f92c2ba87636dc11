"""The only owner of the garbage collector's threshold: it pauses automatic collections while a body is decoded.

A page of 400 KB becomes 10,000 objects that all survive. The collector would scan them about fifteen times while they
are created, and free nothing. Without these scans, decoding such a page takes a quarter less time, and the longest
stall of the event loop is 7 ms instead of 18 ms (Python 3.11, two cores, pages decoded one after another, the pauses
switched on and off in turns).

We set the threshold to zero instead of calling ``gc.disable()``, so that the end of a pause does not undo a program's
own ``gc.disable()``. ``gc.freeze()`` would also save the last scan, but it moves the program's own young garbage to
where the collector may never scan it again.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Generator
from contextlib import contextmanager

from lago_async._process_local import ProcessLocal


class _Pauses:
    """The number of overlapping pauses, over all threads. The first stores the threshold, the last restores it."""

    def __init__(self, found: tuple[int, int, int]) -> None:
        # Reentrant, because a signal handler may decode a response while its thread holds the lock.
        self._lock = threading.RLock()
        self._open = 0
        self._found = found

    def begin(self) -> None:
        with self._lock:
            if self._open == 0:
                self._found = gc.get_threshold()
                gc.set_threshold(0)
            self._open += 1

    def end(self) -> None:
        with self._lock:
            if self._open == 0:
                return  # the pause began before a fork, and this is the child
            self._open -= 1
            if self._open == 0:
                self._restore()

    def in_child(self) -> _Pauses:
        """Return the pauses of a forked child: none, because the threads that would end them do not exist there."""
        if self._open:
            self._restore()
        return _Pauses(self._found)

    def _restore(self) -> None:
        if gc.get_threshold()[0] == 0:  # otherwise the program has set a threshold during the pause, and keeps it
            gc.set_threshold(*self._found)


_pauses = ProcessLocal(_Pauses(gc.get_threshold()), _Pauses.in_child)


@contextmanager
def collector_paused() -> Generator[None]:
    """Pause automatic garbage collection, for milliseconds and never across an ``await``."""
    _pauses.get().begin()
    try:
        yield
    finally:
        _pauses.get().end()


def notice_fork() -> None:
    """Restore the threshold if this is a forked child that Python did not see; otherwise do nothing."""
    _pauses.get()
