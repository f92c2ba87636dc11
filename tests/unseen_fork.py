"""A fork that no hook of `os.register_at_fork` sees, like the forks of uWSGI, which are made in C.

A script imports this module before any other, so that no later module registers a hook. A fork in C would be closer to
uWSGI, but it copies the interpreter's lock as it is. If a thread waits for that lock at this time, the child hangs
inside CPython, whatever the library does: 3 of 150 runs of one test did.
"""

from __future__ import annotations

import os
from collections.abc import Callable


def _register_nothing(
    *,
    before: Callable[[], object] | None = None,
    after_in_child: Callable[[], object] | None = None,
    after_in_parent: Callable[[], object] | None = None,
) -> None:
    """Take the hooks, and never call them."""


os.register_at_fork = _register_nothing

fork_unseen = os.fork
