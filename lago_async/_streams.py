"""The standard streams of the commands: a command whose work is done succeeds even if its messages cannot be written.

Python sets `sys.stdout` or `sys.stderr` to None if a process is started without it (``>&-``, some daemons). A stream
can also fail while it is used, such as a pipe whose reader has ended.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from contextlib import suppress
from typing import BinaryIO, Final, Literal, TextIO

_BROKEN_PIPE: Final = 141  # 128 + SIGPIPE, as of a program that the signal ended


def say(text: str) -> None:
    """Write a message to standard output, if it can be written."""
    _write(sys.stdout, text)


def say_error(text: str) -> None:
    """Write a message to standard error, if it can be written."""
    _write(sys.stderr, text)


def print_result(text: str) -> int:
    """Write the text that is all the result of a command; return its exit code."""
    error = _write(sys.stdout, text)
    if error is None:
        return 0
    if isinstance(error, BrokenPipeError):
        return _BROKEN_PIPE  # its reader, such as `head`, has seen enough
    say_error(f"cannot write to standard output: {error.strerror or error}\n")
    return 1


def is_terminal(name: Literal["stdin", "stdout", "stderr"]) -> bool:
    """Return whether a standard stream is a terminal."""
    stream: TextIO | None = {"stdin": sys.stdin, "stdout": sys.stdout, "stderr": sys.stderr}[name]
    try:
        return stream is not None and stream.isatty()
    except ValueError:  # the program has closed it
        return False


def input_stream() -> BinaryIO:
    """Return standard input for bytes; an empty stream if there is none."""
    return io.BytesIO() if sys.stdin is None else sys.stdin.buffer


def output_stream() -> BinaryIO:
    """Return standard output for bytes.

    Raises:
        OSError: There is none.
    """
    if sys.stdout is None:
        raise OSError(errno.EBADF, os.strerror(errno.EBADF))
    return sys.stdout.buffer


def error_stream() -> ProgressStream | None:
    """Return standard error for progress; None if there is none."""
    return None if sys.stderr is None else ProgressStream(sys.stderr)


def open_closed_descriptors() -> None:
    """Connect closed standard streams with the null device; when a process starts.

    Otherwise the next file that is opened, perhaps an export, would get their numbers, and anything that writes to
    standard error without Python would write into that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest free number


class ProgressStream:
    """A stream for progress. Its text is lost if it cannot be written."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.encoding: str = getattr(stream, "encoding", "utf-8")  # by which rich chooses the characters of its bars

    def write(self, text: str, /) -> int:
        """Write a text, and flush it."""
        _write(self._stream, text)
        return len(text)

    def flush(self) -> None:
        """Do nothing, because `write` flushes."""

    def isatty(self) -> bool:
        """Return whether the stream is a terminal."""
        try:
            return self._stream.isatty()
        except ValueError:  # it is closed
            return False

    def fileno(self) -> int:
        """Return the number of the stream, by which rich finds the width of the terminal."""
        return self._stream.fileno()


def _write(stream: TextIO | None, text: str) -> OSError | None:
    """Write a text, and flush it; return the error if it could not be written."""
    closed = OSError(errno.EBADF, os.strerror(errno.EBADF))
    if stream is None:
        return closed
    try:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            stream.write(text.encode(stream.encoding, "backslashreplace").decode(stream.encoding))
        stream.flush()
    except OSError as error:
        _drop_buffer(stream)
        return error
    except ValueError:  # the program has closed it
        return closed
    return None


def _drop_buffer(stream: TextIO) -> None:
    """Send the text that a stream still holds to the null device: the interpreter flushes it again when it exits."""
    with suppress(OSError):
        null = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(null, stream.fileno())
        finally:
            os.close(null)
        stream.flush()
