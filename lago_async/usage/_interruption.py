"""Ctrl-C and SIGTERM while an export runs on the command line: the signal handlers that the command sets."""

from __future__ import annotations

import asyncio
import signal
import sys


class Interruption:
    """A signal that ends the export after a last commit. A second signal ends the process at once.

    Attributes:
        code: The exit code that the signal asks for; None if there was none.
    """

    def __init__(self) -> None:
        self.code: int | None = None

    def watch(self) -> None:
        """Set the signal handlers. They cancel the task that calls this."""
        if sys.platform == "win32":
            return  # Ctrl-C cancels the task there without a handler
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop(code: int) -> None:
            self.code = code
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
            if task is not None:
                task.cancel()

        loop.add_signal_handler(signal.SIGINT, stop, 130)
        loop.add_signal_handler(signal.SIGTERM, stop, 143)
