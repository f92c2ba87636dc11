"""State that belongs to one process: a forked child gets a state of its own, even if Python did not see the fork.

`ForkGate` is for libraries in C with locks of their own, which a fork would copy in the locked state.

uWSGI forks its workers in C and does not call the hooks of `os.register_at_fork`. So the process id is compared each
time the state is used, which takes half a microsecond. The hook stays, because it
acts before any other code of the child.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Generic, TypeVar
from weakref import WeakSet

_T = TypeVar("_T")


class _Generation(Generic[_T]):
    """The state of one process, and those that its child made of it: one, except for threads that raced."""

    __slots__ = ("children", "parent", "pid", "state")

    def __init__(self, state: _T, parent: _Generation[_T] | None) -> None:
        self.pid = os.getpid()
        self.state = state
        # A child must never free the objects that it inherits: closing the parent's sockets would end its connections.
        self.parent = parent
        self.children: dict[int, _Generation[_T]] = {}


class ProcessLocal(Generic[_T]):
    """A holder of the state of this process.

    Args:
        first: The state of the first process.
        in_child: Make a child's state from that of its parent. It may run twice if threads of a child race; the
            result of one run is used.
        eager: Whether to make the child's state at the fork, instead of when it is first used. Such an object lives as
            long as the process.
    """

    def __init__(self, first: _T, in_child: Callable[[_T], _T], *, eager: bool = True) -> None:
        self._in_child = in_child
        self._generation = _Generation(first, None)
        if eager and hasattr(os, "register_at_fork"):
            # The interpreter owns the hook, and the hook owns what is inherited: at exit, the interpreter empties the
            # modules, and would otherwise collect the parent's sockets with a ResourceWarning each.
            os.register_at_fork(after_in_child=self._enter_child)

    def get(self) -> _T:
        """Return the state of this process."""
        generation = self._generation
        if generation.pid != os.getpid():
            return self._enter_unseen_child(generation)
        return generation.state

    def _enter_child(self) -> None:
        parent = self._generation
        self._generation = _Generation(self._in_child(parent.state), parent)

    def _enter_unseen_child(self, parent: _Generation[_T]) -> _T:
        # Not a lock, which a thread of the parent may have held during the fork. `setdefault` gives the same
        # generation to all threads of the child.
        own = parent.children.setdefault(os.getpid(), _Generation(self._in_child(parent.state), parent))
        self._generation = own
        return own.state


class ForkGate:
    """Locks that a fork waits for, so that it does not happen while a thread that holds one is inside a C library.

    uWSGI forks without Python's hooks, and so without waiting.
    """

    def __init__(self) -> None:
        self._forking = threading.Lock()
        self._locks: WeakSet[threading.Lock] = WeakSet()
        self._taken: list[threading.Lock] = []
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(before=self._close, after_in_parent=self._open, after_in_child=self._open)

    def make_lock(self) -> threading.Lock:
        """Return a new lock. Its owner holds it for milliseconds at most, because a fork waits for it."""
        lock = threading.Lock()
        with self._forking:  # a lock that is made in the middle of a fork would be released without being held
            self._locks.add(lock)
        return lock

    def _close(self) -> None:
        self._forking.acquire()  # another thread may fork, too
        self._taken = list(self._locks)
        for lock in self._taken:
            lock.acquire()

    def _open(self) -> None:
        taken, self._taken = self._taken, []
        for lock in taken:
            lock.release()
        self._forking.release()
