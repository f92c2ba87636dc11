"""The place that a downloaded file goes to: a path, which gets the complete file or none, or a file that is open."""

from __future__ import annotations

import io
import os
import stat
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol, TypeVar, cast

import anyio.to_thread

from lago_async._validation import described
from lago_async.errors import LagoArgumentError, LagoFileError

if TYPE_CHECKING:
    from collections.abc import Callable

_T = TypeVar("_T")


class FileTarget(Protocol):
    """A place for the bytes of one download; every method but `discard` runs on a worker thread.

    Attributes:
        restartable: Whether the bytes of an attempt that failed can be removed.
    """

    restartable: bool

    def begin(self) -> None:
        """Prepare for the bytes of an attempt; remove those of the attempt before it."""
        ...

    def write(self, piece: bytes) -> None:
        """Add bytes."""
        ...

    def finish(self) -> None:
        """Put the complete file in its place."""
        ...

    def discard(self) -> None:
        """Remove what was written of an incomplete file."""
        ...


class PathTarget:
    """A path. The bytes go to a file next to it, which takes its place when it is complete.

    A symbolic link at the path is replaced, and the file that it points to is left alone: a link that others made
    in the folder must not decide which file is overwritten.
    """

    def __init__(self, path: Path) -> None:
        self.restartable: bool = True
        self._path = path
        self._part: Path | None = None
        self._file: io.FileIO | None = None
        self._check()

    def begin(self) -> None:
        """Open an empty file next to the path."""
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()
            return
        part = self._path.with_name(f".lago-{os.urandom(8).hex()}.part")  # short: the path's name may have any length
        self._file = part.open("xb", buffering=0)
        self._part = part

    def write(self, piece: bytes) -> None:
        """Add bytes."""
        if self._file is not None:
            _write_all(self._file, piece)

    def finish(self) -> None:
        """Rename the file to the path, once its bytes are on the disk."""
        if self._file is None or self._part is None:
            return
        os.fsync(self._file.fileno())
        self._file.close()
        mode = self._check()
        if mode is not None and stat.S_ISREG(mode):
            self._part.chmod(stat.S_IMODE(mode))  # who may read the file does not change
        self._part.replace(self._path)
        self._part = None

    def discard(self) -> None:
        """Remove the file next to the path."""
        if self._file is not None:
            self._file.close()
        if self._part is not None:
            self._part.unlink(missing_ok=True)

    def _check(self) -> int | None:
        """Refuse to replace anything but a file or a link to one. Return the mode of what is there."""
        try:
            kind = self._path.stat().st_mode
        except FileNotFoundError:  # or a link that points to nothing
            kind = stat.S_IFREG
        names = {
            stat.S_IFDIR: "a folder: add the name of the file to it",
            stat.S_IFIFO: "a pipe: open it, and pass the open file",
            stat.S_IFSOCK: "a socket: open it, and pass the open file",
            stat.S_IFCHR: "a device: open it, and pass the open file",
            stat.S_IFBLK: "a device: open it, and pass the open file",
        }
        if stat.S_IFMT(kind) != stat.S_IFREG:
            found = names.get(stat.S_IFMT(kind), "not a file: choose another path")
            raise LagoArgumentError(f"download_file: the path {str(self._path)!r} is {found}")
        try:
            return self._path.lstat().st_mode
        except FileNotFoundError:
            return None


class OpenTarget:
    """A file that the caller has opened. If it can be rewound, it is left as it was when the download fails."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._start = 0
        self._begun = False
        # With bytes behind the position, removing those of a failed attempt would remove some of the caller's.
        self.restartable: bool = self._is_at_its_end()

    def begin(self) -> None:
        """Go back to where the caller had the file."""
        if self._begun and self.restartable:
            self._rewind()
        self._begun = True

    def write(self, piece: bytes) -> None:
        """Add bytes."""
        _write_all(self._file, piece)

    def finish(self) -> None:
        """Hand the bytes to the operating system."""
        flush = getattr(self._file, "flush", None)
        if flush is not None:
            flush()

    def discard(self) -> None:
        """Remove the bytes of the download, if the file can be rewound."""
        if self._begun and self.restartable and not self._file.closed:
            self._rewind()

    def _rewind(self) -> None:
        self._file.seek(self._start)
        self._file.truncate()

    def _is_at_its_end(self) -> bool:
        try:
            if not self._file.seekable() or getattr(self._file, "mode", "").startswith("a"):
                return False
            self._start = self._file.tell()
            end = self._file.seek(0, io.SEEK_END)
            self._file.seek(self._start)
        except (AttributeError, OSError):  # some objects for writing have only `write`
            return False
        return end == self._start


def target_of(to: object) -> FileTarget:
    """Return the place that the caller named.

    Raises:
        LagoArgumentError: It is neither the path of a file nor a file that is open for writing bytes.
    """
    if isinstance(to, str | os.PathLike):
        return PathTarget(_path_of(cast("str | os.PathLike[Any]", to)))
    if isinstance(to, io.TextIOBase):
        raise LagoArgumentError("download_file: the file is open for text: open it with mode 'wb'")
    if not callable(getattr(to, "write", None)):
        raise LagoArgumentError(
            f"download_file: expected a path, or a file that is open for writing bytes, not {described(to)}"
        )
    file = cast("IO[bytes]", to)
    if getattr(file, "closed", False):
        raise LagoArgumentError("download_file: the file is closed; open it with mode 'wb'")
    if isinstance(file, io.IOBase) and not file.writable():
        raise LagoArgumentError("download_file: the file is not open for writing: open it with mode 'wb'")
    return OpenTarget(file)


async def in_thread(step: Callable[[], _T]) -> _T:
    """Run a step of a target on a worker thread.

    Raises:
        LagoFileError: The operating system, or the file that the caller opened, refuses it.
    """
    try:
        return await anyio.to_thread.run_sync(step)
    except (LagoArgumentError, LagoFileError):
        raise
    except (OSError, ValueError, TypeError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
        raise LagoFileError(
            f"the file could not be written: {reason}; check the path, the permissions and the free space"
        ) from error


def _path_of(to: str | os.PathLike[Any]) -> Path:
    given: object = os.fspath(to)
    if not isinstance(given, str):
        raise LagoArgumentError("download_file: the path must be text (str), not bytes")
    if "\0" in given:
        raise LagoArgumentError("download_file: the path has a NUL character, which no path can have")
    path = Path(given)
    if not path.name or path.name == ".." or given.endswith(("/", os.sep)):
        raise LagoArgumentError(f"download_file: the path {given!r} has no name of a file at its end; add one")
    return path


def _write_all(file: IO[bytes] | io.FileIO, piece: bytes) -> None:
    """Write all bytes; a file without a buffer may take fewer at a time."""
    rest = memoryview(piece)
    while rest:
        written: int | None = file.write(rest)
        if written is None:
            if isinstance(file, io.RawIOBase):
                raise LagoFileError(
                    "the file could not be written: it does not wait until it has room; open it blocking"
                )
            return  # an object of the caller's own, which does not count
        rest = rest[written:]
