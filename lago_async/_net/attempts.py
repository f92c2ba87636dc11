"""The events of an attempt from its state, and the lines of the log that have the same facts."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, TypedDict

import attrs

from lago_async._net.failures import Failure
from lago_async._net.hooks import AttemptEnded, AttemptStarted, RetryScheduled
from lago_async._table.messages import Response

if TYPE_CHECKING:
    from lago_async._net.call import Call

_log = logging.getLogger("lago_async")


def attempt_started(call: Call) -> AttemptStarted:
    """Return the event of an attempt that begins."""
    return AttemptStarted(**call.facts(), waited=call.waited)


def attempt_ended(call: Call, outcome: Response | Failure | None, seconds: float) -> AttemptEnded:
    """Return the event of an attempt that has ended; without an outcome, it was cancelled, or the client was closed."""
    received = len(outcome.body) if isinstance(outcome, Response) else 0
    if isinstance(outcome, Failure) and outcome.partial is not None:
        received = len(outcome.partial.body)
    return AttemptEnded(**call.facts(), **_result(outcome), seconds=seconds, received=received)


def retry_scheduled(call: Call, outcome: Response | Failure, delay: float) -> RetryScheduled:
    """Return the event of an attempt that another one follows."""
    return RetryScheduled(**call.facts(), **_result(outcome), delay=delay)


def log_attempt(event: AttemptEnded) -> None:
    """Log an attempt that has ended."""
    if not _log.isEnabledFor(logging.DEBUG):
        return
    _log.debug(
        "%s %s -> %s in %.0f ms (request %s, attempt %d)",
        event.method,
        event.path,
        event.reason if event.status_code is None else event.status_code,
        event.seconds * 1e3,
        event.request_id,
        event.attempt,
        extra=_fields_of(event),
    )


def log_retry(event: RetryScheduled) -> None:
    """Log that another attempt follows."""
    _log.info(
        "%s: attempt %d ended with %s; the next in %.2f s (request %s)",
        event.operation,
        event.attempt,
        event.reason if event.status_code is None else event.status_code,
        event.delay,
        event.request_id,
        extra=_fields_of(event),
    )


def _fields_of(event: Any) -> dict[str, object]:
    """Return the fields of a log record. Their names begin with ``lago_``, so that none is one of the program."""
    return {f"lago_{name}": value for name, value in attrs.asdict(event).items()}


class _Result(TypedDict):
    """The result of an attempt, as events have it."""

    status_code: int | None
    reason: str | None
    error_type: str | None


def _result(outcome: Response | Failure | None) -> _Result:
    """Return the status, and the reason without a complete response."""
    if outcome is None:
        return {"status_code": None, "reason": "cancelled", "error_type": "cancelled"}
    if isinstance(outcome, Response):
        return {"status_code": outcome.status_code, "reason": None, "error_type": None}
    status = None if outcome.partial is None else outcome.partial.status_code
    return {"status_code": status, "reason": outcome.reason, "error_type": outcome.error_type}
