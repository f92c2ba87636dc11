"""Why a call has no response: which failures mean that nothing was sent, and the error that says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import aiohttp

from lago_async._table.refusals import describe
from lago_async.errors import LagoClosedError, LagoConnectionError, LagoTimeoutError

if TYPE_CHECKING:
    from lago_async._net.call import Call
    from lago_async.settings import Timeout


class NoSlotError(TimeoutError):
    """The time ran out before there was a free connection."""


NOT_SENT: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, NoSlotError)
NOT_TRUSTED: Final = (aiohttp.ClientConnectorCertificateError, aiohttp.ServerFingerprintMismatch)
# RuntimeError: the interpreter or the loop is shutting down, and no name can be looked up any more.
HOPELESS: Final = (*NOT_TRUSTED, RuntimeError)


def closed_error() -> LagoClosedError:
    """Return the error of a call on a closed client."""
    return LagoClosedError("the client is closed; make a new one, or close it only when all of its calls are done")


def no_response(call: Call, failure: Exception | None, base_url: str) -> LagoConnectionError:
    """Return the error of a call that ended without a response."""
    request, timeout = call.request, call.options.timeout
    late = isinstance(failure, TimeoutError)
    what = f"no response in time ({_limit_hit(failure, timeout)})" if late else f"no response ({_in_words(failure)})"
    if isinstance(failure, NOT_TRUSTED):
        advice = "the certificate was not accepted: check base_url, or pass ssl_context= for a private authority"
    elif not call.uncertain:
        advice = "nothing was sent: check base_url and the network"
        if isinstance(failure, NoSlotError):
            advice = "nothing was sent: all connections were busy; raise max_connections or timeout"
    elif request.repeatable:
        advice = "the call may be repeated safely"
    else:
        advice = "it MAY HAVE BEEN CARRIED OUT and was not repeated: look it up before you call again"
    tried = f"{call.attempts} attempt{'s' if call.attempts > 1 else ''}"
    return (LagoTimeoutError if late else LagoConnectionError)(
        f"{what}: {describe(request)} at {base_url} ({tried}, request {call.request_id}); {advice}",
        **call.description(),
        maybe_applied=call.uncertain,
    )


def _limit_hit(failure: Exception | None, timeout: Timeout) -> str:
    limits = {"total": timeout.total, "read": timeout.read, "connect": timeout.connect}
    name = "connect" if isinstance(failure, aiohttp.ConnectionTimeoutError) else str(failure)
    seconds = limits.get(name)
    return "the operating system's limit" if seconds is None else f"{name}={seconds:g} s"


def _in_words(failure: Exception | None) -> str:
    return f"{type(failure).__name__}: {failure}" if str(failure) else type(failure).__name__
