"""The events of a call that a program can follow: an attempt begins, an attempt ends, a retry is scheduled.

They have neither the key nor anything of the bodies, and the path is that of the table, with its parameters in braces:
ids and search terms may be personal data.
"""

from __future__ import annotations

import inspect
import logging
from typing import TYPE_CHECKING, TypedDict, TypeVar

import attrs

from lago_async._validation import described
from lago_async.errors import LagoConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["AttemptEnded", "AttemptStarted", "RetryScheduled"]

_EventT = TypeVar("_EventT")

_log = logging.getLogger("lago_async")


@attrs.frozen(kw_only=True)
class AttemptStarted:
    """An attempt of a call begins.

    Attributes:
        operation: The API's name of the operation: ``find_customer``.
        method: The HTTP method.
        path: The path of the operation, with its parameters in braces.
        attempt: The number of the attempt: 1, and more after retries.
        request_id: The ``X-Request-Id`` of the call, the same for all its attempts.
        waited: The seconds that the attempt has waited for the rate limit.
    """

    operation: str
    method: str
    path: str
    attempt: int
    request_id: str
    waited: float


@attrs.frozen(kw_only=True)
class AttemptEnded:
    """An attempt of a call has ended, with a response of any status or without one.

    Attributes:
        operation: The API's name of the operation: ``find_customer``.
        method: The HTTP method.
        path: The path of the operation, with its parameters in braces.
        attempt: The number of the attempt.
        request_id: The ``X-Request-Id`` of the call.
        seconds: The time since the attempt began. It includes the wait for a free connection.
        status_code: The status of the response; None without one.
        reason: The reason for which there is no response, or not all of it; None with a complete one.
        error_type: The kind of that reason in one word, for metrics: ``timeout``, ``ServerDisconnectedError``.
        received: The size of the body of the response in bytes, decompressed.
    """

    operation: str
    method: str
    path: str
    attempt: int
    request_id: str
    seconds: float
    status_code: int | None
    reason: str | None
    error_type: str | None
    received: int


@attrs.frozen(kw_only=True)
class RetryScheduled:
    """An attempt has failed, and another one follows.

    Attributes:
        operation: The API's name of the operation: ``find_customer``.
        method: The HTTP method.
        path: The path of the operation, with its parameters in braces.
        attempt: The number of the attempt that has failed.
        request_id: The ``X-Request-Id`` of the call.
        status_code: The status of the response; None without one.
        reason: The reason for which there is no response; None with one.
        error_type: The kind of that reason in one word.
        delay: The seconds until the next attempt, without its wait for the rate limit.
    """

    operation: str
    method: str
    path: str
    attempt: int
    request_id: str
    status_code: int | None
    reason: str | None
    error_type: str | None
    delay: float


@attrs.frozen
class Hooks:
    """The functions of a program that are called with the events of its calls.

    They are called where the call runs, between two steps of it, so they must not block. An exception in one of them is
    logged and does not change the call: a response must not be lost because of it.
    """

    on_request: Callable[[AttemptStarted], object] | None
    on_response: Callable[[AttemptEnded], object] | None
    on_retry: Callable[[RetryScheduled], object] | None

    def started(self, event: AttemptStarted) -> None:
        """Call the hook for an attempt that begins."""
        if self.on_request is not None:
            _notify("on_request", self.on_request, event)

    def ended(self, event: AttemptEnded) -> None:
        """Call the hook for an attempt that has ended."""
        if self.on_response is not None:
            _notify("on_response", self.on_response, event)

    def retrying(self, event: RetryScheduled) -> None:
        """Call the hook for an attempt that another one follows."""
        if self.on_retry is not None:
            _notify("on_retry", self.on_retry, event)


class AttemptFacts(TypedDict):
    """The facts that every event has."""

    operation: str
    method: str
    path: str
    attempt: int
    request_id: str


def _notify(name: str, hook: Callable[[_EventT], object], event: _EventT) -> None:
    try:
        hook(event)
    except Exception:  # noqa: BLE001 - it is the program's own, and must not take the place of a response
        _log.exception("the hook %s has failed; the call continues without it", name)


def hooks_of(
    on_request: Callable[[AttemptStarted], object] | None,
    on_response: Callable[[AttemptEnded], object] | None,
    on_retry: Callable[[RetryScheduled], object] | None,
) -> Hooks | None:
    """Return the hooks of a client; None if it has none, so that calls need to look at one value only.

    Raises:
        LagoConfigError: A hook is not a plain function.
    """
    for name, hook in (("on_request", on_request), ("on_response", on_response), ("on_retry", on_retry)):
        if hook is not None and not callable(hook):
            raise LagoConfigError(f"{name} must be a function with one parameter, not {described(hook)}")
        if inspect.iscoroutinefunction(hook):
            raise LagoConfigError(
                f"{name} must be a plain function, without `async`: it is called in the middle of a call"
            )
    if on_request is None and on_response is None and on_retry is None:
        return None
    return Hooks(on_request, on_response, on_retry)
