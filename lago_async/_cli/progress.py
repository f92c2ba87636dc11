"""Progress on standard error: one line that changes on a terminal, and elsewhere a line every few seconds."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from lago_async._streams import error_stream

_EVERY: Final = 5.0  # seconds between two lines
_EVERY_ON_TERMINAL: Final = 0.2
_CLEAR: Final = "\r\x1b[2K"


class ProgressLine:
    """Shows how far a command is.

    Args:
        quiet: Show nothing.
        clock: The clock that decides when to write; tests replace it.
    """

    def __init__(self, *, quiet: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = None if quiet else error_stream()
        self._clock = clock
        self._on_terminal = self._stream is not None and self._stream.isatty()
        self._next = clock() + (0 if self._on_terminal else _EVERY)
        self._shown = False

    def show(self, text: Callable[[], str]) -> None:
        """Show the present state, if it is time for it."""
        if self._stream is None or self._clock() < self._next:
            return
        self._next = self._clock() + (_EVERY_ON_TERMINAL if self._on_terminal else _EVERY)
        self._shown = self._on_terminal
        self._stream.write(f"{_CLEAR}{text()}" if self._on_terminal else f"{text()}\n")

    def end(self) -> None:
        """Remove the line from a terminal."""
        if self._shown and self._stream is not None:
            self._stream.write(_CLEAR)
            self._shown = False
