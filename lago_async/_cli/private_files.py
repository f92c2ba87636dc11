"""Files that hold a key or decide where it is sent: they must be the user's own, and are replaced as a whole."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from lago_async._folder_sync import sync_folder
from lago_async.errors import LagoConfigError

if TYPE_CHECKING:
    from pathlib import Path

SECRET: Final = 0o077
"""The permissions that no other user may have on a file with a key: none at all."""

TRUSTED: Final = 0o022
"""Those on a file that says where the key is sent: others may read it, and not write it."""

_LARGEST: Final = 1024 * 1024


def read_private(path: Path, forbidden: int, what: str) -> bytes:
    """Return the content of a file that is the user's own.

    The permissions are those of the file that is read, whatever is put in its place meanwhile.

    Args:
        path: The file.
        forbidden: The permissions that others must not have.
        what: What it is, for errors.

    Raises:
        FileNotFoundError: There is no such file.
        LagoConfigError: It cannot be read, or others have permissions that they must not have.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        raise
    except OSError as error:
        raise LagoConfigError(f"{what} {path} cannot be read: {error.strerror}") from None
    with os.fdopen(descriptor, "rb") as file:
        facts = os.fstat(descriptor)
        if not stat.S_ISREG(facts.st_mode):
            raise LagoConfigError(f"{what} {path} is not a file")
        if sys.platform != "win32":
            if facts.st_uid not in (os.geteuid(), 0):
                raise LagoConfigError(f"{what} {path} belongs to another user: use a file of your own")
            if facts.st_mode & forbidden:
                mode = f"{stat.S_IMODE(facts.st_mode):03o}"
                reason = "read" if forbidden == SECRET else "change"
                after = ", and make a new key in Lago if others may have read it" if forbidden == SECRET else ""
                raise LagoConfigError(
                    f"{what} {path} has the mode {mode}, so other users can {reason} it: run chmod 600 {path}{after}"
                )
        if facts.st_size > _LARGEST:
            raise LagoConfigError(f"{what} {path} has {facts.st_size:,} bytes, so it is something else")
        try:
            return file.read(_LARGEST)
        except OSError as error:
            raise LagoConfigError(f"{what} {path} cannot be read: {error.strerror}") from None


def write_private(path: Path, content: bytes) -> None:
    """Replace a file durably by one that only the user can read: there is the old content or the new one.

    Raises:
        LagoConfigError: The file system refuses.
    """
    part = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        for folder in reversed(path.parents):  # with `parents=True`, the mode would be that of the last one only
            if not folder.exists():
                folder.mkdir(mode=0o700, exist_ok=True)
        try:
            with os.fdopen(os.open(part, flags, 0o600), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            with suppress(OSError):
                part.unlink()
            raise
        sync_folder(path.parent)
    except OSError as error:
        raise LagoConfigError(f"{path} cannot be written: {error.strerror}") from None
