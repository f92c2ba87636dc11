"""Failures of an attempt, as values: the exceptions of the HTTP library end here.

Their tracebacks lead to frames that hold the key or a proxy's password as text and as bytes, and error trackers send
what frames hold. So no exception of the library is the cause or the context of one of ours.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

import aiohttp
import attrs
from aiohttp.http_exceptions import HttpProcessingError

from lago_async._net.retry import NoResponse
from lago_async._printable import printable
from lago_async.errors import LagoClosedError

if TYPE_CHECKING:
    from lago_async._table.messages import Response
    from lago_async.settings import Timeout


@attrs.frozen(kw_only=True)
class Failure:
    """The failure of one attempt.

    Attributes:
        kind: Whether the request may have reached the server.
        reason: The type of the failure and its text.
        error_type: The kind of the failure in one word, for metrics: the type of an exception, or a word of our own.
        limit: The time limit that was reached: ``total``, ``read`` or ``connect``; None if none was.
        hopeless: Whether the next attempt would fail in the same way.
        advice: What to do about it, if this kind of failure has an advice of its own.
        partial: The response as far as it arrived, if it began.
    """

    kind: NoResponse
    reason: str
    error_type: str = "invalid_response"
    limit: str | None = None
    hopeless: bool = False
    advice: str | None = None
    partial: Response | None = None


class AttemptError(Exception):
    """An attempt failed; raised through the library's code, which would repeat the request for its own exceptions."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.reason)
        self.failure = failure


class CancelledBeforeSendingError(asyncio.CancelledError):
    """The task was cancelled while its connection was being opened."""


_NOT_SENT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError)
_NOT_TRUSTED: Final = (aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch)
# Any other exception is a bug in the library, or the loop is shutting down and can look up no name (a RuntimeError).
_OF_THE_NETWORK: Final = (aiohttp.ClientError, HttpProcessingError, OSError)

_TIMEOUT: Final = "timeout"

_PROXY_ANSWERS_LATER: Final = frozenset({408, 429, 500, 502, 503, 504})


def failure_of(error: BaseException) -> Failure:
    """Return the failure that an exception of the library means, if it was raised once a connection was open."""
    if isinstance(error, AttemptError):
        return error.failure
    if isinstance(error, _NOT_SENT + _NOT_TRUSTED):
        return before_sending(error)
    return Failure(
        kind=NoResponse.LOST,
        reason=_in_words(error),
        error_type=_kind_of(error),
        limit="the operating system's limit" if isinstance(error, TimeoutError) else None,
        hopeless=not isinstance(error, _OF_THE_NETWORK),
    )


def before_sending(error: BaseException) -> Failure:
    """Return the failure that an exception means, if it was raised while a connection was being opened."""
    reason, advice, hopeless = _in_words(error), None, not isinstance(error, _OF_THE_NETWORK)
    if isinstance(error, _NOT_TRUSTED):
        hopeless = True
        advice = "the certificate was not accepted: check the URL, or pass ssl_context= for a private authority"
    elif isinstance(error, aiohttp.ClientHttpProxyError):
        return refused_by_proxy(error.status, error.message)
    return Failure(
        kind=NoResponse.NOT_SENT,
        reason=reason,
        error_type=_kind_of(error),
        limit="connect" if isinstance(error, aiohttp.ConnectionTimeoutError) else None,
        hopeless=hopeless,
        advice=advice,
    )


def refused_by_proxy(status: int, reason: str) -> Failure:
    """Return the failure of an attempt that a proxy refused to pass on."""
    return Failure(
        kind=NoResponse.NOT_SENT,
        reason=f"the proxy refused with {status} {printable(reason)}".rstrip(),
        error_type="proxy_refused",
        hopeless=status not in _PROXY_ANSWERS_LATER,
    )


def out_of_time(limit: str, *, sent: bool, has_slot: bool) -> Failure:
    """Return the failure of an attempt that one of our own time limits has ended."""
    advice = None
    if not has_slot:
        advice = "nothing was sent: all connections were busy; raise max_connections or timeout"
    return Failure(
        kind=NoResponse.LOST if sent else NoResponse.NOT_SENT,
        reason="TimeoutError",
        error_type=_TIMEOUT,
        limit=limit,
        advice=advice,
    )


def closed_error() -> LagoClosedError:
    """Return the error of a call on a closed client."""
    return LagoClosedError("the client is closed; create a new one, or close it only when all its calls are done")


def limit_hit(limit: str, timeout: Timeout) -> str:
    """Return the time limit that was reached, with its value."""
    seconds = {"total": timeout.total, "read": timeout.read, "connect": timeout.connect}.get(limit)
    return limit if seconds is None else f"{limit}={seconds:g} s"


def _kind_of(error: BaseException) -> str:
    """Return the kind of an exception of the library in one word."""
    return _TIMEOUT if isinstance(error, TimeoutError) else type(error).__name__


def _in_words(error: BaseException) -> str:
    """Return the type of an exception and its text, if it has any."""
    name, text = type(error).__name__, printable(str(error))
    return f"{name}: {text}" if text else name
