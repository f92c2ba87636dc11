"""Failures of an attempt: the kinds that mean that nothing was sent, and their texts in errors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aiohttp

from lago_async.errors import LagoClosedError

if TYPE_CHECKING:
    from lago_async.settings import Timeout


class NoSlotError(TimeoutError):
    """The time limit passed before a connection was free."""


NOT_SENT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, NoSlotError)
NOT_TRUSTED: Final = (aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch)
# RuntimeError: the interpreter or the loop is shutting down, and DNS lookups no longer work.
HOPELESS: Final = (*NOT_TRUSTED, RuntimeError)


def closed_error() -> LagoClosedError:
    """Return the error of a call on a closed client."""
    return LagoClosedError("the client is closed; create a new one, or close it only when all its calls are done")


def limit_hit(failure: Exception | None, timeout: Timeout) -> str:
    """Return the time limit that was reached, with its value."""
    limits = {"total": timeout.total, "read": timeout.read, "connect": timeout.connect}
    name = "connect" if isinstance(failure, aiohttp.ConnectionTimeoutError) else str(failure)
    seconds = limits.get(name)
    return "the operating system's limit" if seconds is None else f"{name}={seconds:g} s"


def in_words(failure: Exception | None) -> str:
    """Return the type of a failure and its text, if it has any."""
    return f"{type(failure).__name__}: {failure}" if str(failure) else type(failure).__name__
