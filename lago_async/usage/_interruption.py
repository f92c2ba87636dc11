"""Ctrl-C and SIGTERM while the command runs. Signal handlers belong to the whole process: only this module sets them."""

from __future__ import annotations

import asyncio
import signal
import sys


class Interruption:
    """Ctrl-C and SIGTERM, which end the export in an orderly way; the second of them ends the process.

    Attributes:
        code: What the process ends with because of it.
    """

    def __init__(self) -> None:
        self.code: int | None = None

    def watch(self) -> None:
        """Have them cancel the task that calls this."""
        if sys.platform == "win32":
            return  # there Ctrl-C cancels it by itself
        loop, task = asyncio.get_running_loop(), asyncio.current_task()

        def stop(code: int) -> None:
            self.code = code
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
            if task is not None:
                task.cancel()

        loop.add_signal_handler(signal.SIGINT, stop, 130)
        loop.add_signal_handler(signal.SIGTERM, stop, 143)
