"""The journal of an export: a durable file of entries, which only one process at a time may write."""

from __future__ import annotations

import os
import secrets
import sys
from datetime import datetime
from io import FileIO
from pathlib import Path

from lago_async.usage._errors import ExportError
from lago_async.usage._export.disk import Disk
from lago_async.usage._export.entries import Began, Entry, EntryChain, ExportSettings
from lago_async.usage._export.state import State, read_state


class Journal:
    """A journal that only this process can write to, until it is closed.

    Raises:
        ExportError: Another process has locked it.
        OSError: The file system refuses, or has no locks.
    """

    def __init__(self, path: Path, disk: Disk) -> None:
        self._disk = disk
        self._path = path
        self._chain = EntryChain()
        self._file = disk.open(path)
        try:
            _lock(self._file)
        except (BlockingIOError, PermissionError):
            self._file.close()
            raise ExportError(
                f"another process is writing this export, and has locked {path}",
                remedy="wait for it, or write to another file",
            ) from None
        except OSError:  # a file system that has no locks
            self._file.close()
            raise

    def read(self) -> State:
        """Return the state that it describes, and cut off an incomplete last line.

        Raises:
            ExportConflictError: It is damaged, or not a journal.
        """
        state, self._chain = read_state(self._path)
        if self._file.seek(0, os.SEEK_END) != state.size:
            self._disk.truncate(self._file, state.size)
        return state

    def begin(self, settings: ExportSettings, *, at: datetime, replaces: bool = False) -> State:
        """Remove all entries, and start with these settings.

        Args:
            settings: The settings of the export.
            at: The time.
            replaces: Whether a file that is there may be replaced.
        """
        self._disk.truncate(self._file, 0)
        self._chain = EntryChain()
        began = Began(dict(settings), secrets.token_hex(8), at, replaces)
        self.append(began)
        self._disk.sync_folder(self._path.parent)
        state = State()
        state.add(began)
        return state

    def append(self, entry: Entry) -> None:
        """Add an entry. It is durable when this returns."""
        self._disk.write(self._file, self._chain.encode(entry))
        self._disk.sync(self._file)

    def close(self) -> None:
        """Close the file and release the lock."""
        self._file.close()


if sys.platform == "win32":
    import msvcrt

    _FAR = 1 << 40  # a lock on a byte behind the entries does not stop other processes from reading them

    def _lock(file: FileIO) -> None:
        file.seek(_FAR)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)
else:
    import fcntl

    def _lock(file: FileIO) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
