"""The tree of exceptions: every error that this library raises on purpose is a ``LagoError``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from lago_async._error_details import fields_in

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lago_async.models._base import Json


__all__ = [
    "BadRequestError",
    "EventSinkError",
    "EventSinkFullError",
    "EventSpoolError",
    "EventSpoolFullError",
    "ForbiddenError",
    "LagoApiError",
    "LagoArgumentError",
    "LagoCallError",
    "LagoClosedError",
    "LagoConfigError",
    "LagoConnectionError",
    "LagoDecodeError",
    "LagoError",
    "LagoFileError",
    "LagoPageError",
    "LagoResponseError",
    "LagoTimeoutError",
    "NotAllowedError",
    "NotFoundError",
    "RateLimitError",
    "ServerError",
    "UnauthorizedError",
    "UndeliveredEventsError",
    "ValidationError",
    "WebhookBodyError",
    "WebhookError",
    "WebhookSignatureError",
]


class LagoError(Exception):
    """The root of the tree."""


class LagoConfigError(LagoError, ValueError):
    """A setting is missing or invalid, or a blocking call was made where it would never return."""


class LagoArgumentError(LagoError, ValueError):
    """An argument is invalid, and nothing was sent; the message names the operation and the parameter."""


class LagoClosedError(LagoError):
    """The client was closed before or during the call; or the thread that runs blocking calls ended with an error."""


class LagoFileError(LagoError):
    """A file was not ready in time, or could not be downloaded completely; no incomplete file is left at its path.

    Attributes:
        status_code: The HTTP status of the file's server; None if no response arrived.
    """

    def __init__(self, message: str, *, status_code: int | None = None) -> None:
        super().__init__(message)
        self.status_code = status_code


class EventSinkError(LagoError):
    """The base of every error of an ``EventSink`` that is not about one argument or one call."""


class EventSinkFullError(EventSinkError):
    """The sink holds as many events as it may, so it has not accepted this one."""


class UndeliveredEventsError(EventSinkError):
    """Events that the sink has accepted are not at the server yet.

    Attributes:
        waiting: The number of accepted events that the server has not confirmed.
        lost: Whether they end with the sink: True after closing a sink that holds them in memory only.
        last_error: The latest failure of a delivery, in one line; None if none has failed.
    """

    def __init__(self, message: str, *, waiting: int, lost: bool, last_error: str | None) -> None:
        super().__init__(message)
        self.waiting = waiting
        self.lost = lost
        self.last_error = last_error

    def __reduce__(self) -> tuple[object, ...]:
        return _restore_undelivered, (self.args[0], self.waiting, self.lost, self.last_error)


def _restore_undelivered(message: str, waiting: int, lost: bool, last_error: str | None) -> UndeliveredEventsError:  # noqa: FBT001 - pickle passes arguments by position
    return UndeliveredEventsError(message, waiting=waiting, lost=lost, last_error=last_error)


class EventSpoolError(EventSinkError):
    """The folder that keeps events on disk cannot be used, or refused events. Those it accepted before are still there.

    Attributes:
        maybe_accepted: Whether the refused events may be sent nevertheless, because the disk failed while they were
            written. Add them again with the same ``transaction_id`` and ``timestamp`` only.
    """

    def __init__(self, message: str, *, maybe_accepted: bool = False) -> None:
        super().__init__(message)
        self.maybe_accepted = maybe_accepted


class EventSpoolFullError(EventSpoolError, EventSinkFullError):
    """The folder has reached its limit, or the disk is full. The events of the call were not accepted."""


class WebhookError(LagoError):
    """The base of every error about a webhook that was received."""


class WebhookSignatureError(WebhookError):
    """The signature of a webhook is missing or wrong, or not of your organisation. Do not trust its body.

    The message does not say what is wrong, because it may reach the sender. The log has the reason, at the level INFO
    of the logger ``lago_async.webhooks``.
    """


class WebhookBodyError(WebhookError):
    """The body of a webhook is too large, too old or not a webhook."""


class LagoCallError(LagoError):
    """The base of every error of a call that this process tried to send; it describes the call.

    Attributes:
        operation: The API operation, as in ``ENDPOINTS``: ``find_customer``.
        method: The HTTP method.
        path: The path as sent, below the base URL, with its query.
        request_id: The ``X-Request-Id`` of the call, the same for all its attempts.
        attempts: How many times the request was tried.
        maybe_applied: Whether the server may have carried out the call although it ended with this error. If the call
            moves money, check its effect before you repeat it.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        method: str,
        path: str,
        request_id: str,
        attempts: int,
        maybe_applied: bool,
    ) -> None:
        super().__init__(message)
        self.operation = operation
        self.method = method
        self.path = path
        self.request_id = request_id
        self.attempts = attempts
        self.maybe_applied = maybe_applied

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders (multiprocessing, task queues); keyword-only arguments defeat the default.
        return _restore, (type(self), self.args, self.__dict__.copy())


def _restore(error_type: type[LagoCallError], args: tuple[object, ...], state: dict[str, object]) -> LagoCallError:
    error = error_type.__new__(error_type, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class LagoConnectionError(LagoCallError):
    """No response arrived, or not all of it.

    Attributes:
        maybe_applied: True if the request may have reached the server before the connection was lost. The client
            never repeats a call that moves money in that case: check its effect before you repeat it.
        status_code: The HTTP status, if the response had begun; else None.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        method: str,
        path: str,
        request_id: str,
        attempts: int,
        maybe_applied: bool,
        status_code: int | None = None,
    ) -> None:
        super().__init__(
            message,
            operation=operation,
            method=method,
            path=path,
            request_id=request_id,
            attempts=attempts,
            maybe_applied=maybe_applied,
        )
        self.status_code = status_code


class LagoTimeoutError(LagoConnectionError, TimeoutError):
    """No response arrived in time, or not all of it."""


class LagoResponseError(LagoCallError):
    """The base of every error about a response; it holds the response.

    Attributes:
        status_code: The HTTP status.
        headers: The headers of the response; names are case-insensitive.
        body: The bytes of the response.
    """

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        method: str,
        path: str,
        request_id: str,
        attempts: int,
        status_code: int,
        headers: Mapping[str, str],
        body: bytes,
        maybe_applied: bool = True,
    ) -> None:
        super().__init__(
            message,
            operation=operation,
            method=method,
            path=path,
            request_id=request_id,
            attempts=attempts,
            maybe_applied=maybe_applied,
        )
        self.status_code = status_code
        self.headers = headers
        self.body = body


class LagoDecodeError(LagoResponseError):
    """The response has a success status, but its body is not JSON, lacks its envelope or broke off.

    The server has most likely carried out the operation, so ``maybe_applied`` is True. ``status_code``, ``headers`` and
    ``body`` hold the response.
    """


class LagoPageError(LagoResponseError):
    """A page of a list arrived that does not belong where it was asked for, so the walk ended before the list did.

    The response is for another page, or its pages do not fit together. Often something between this client and Lago,
    such as a cache, ignores the query. ``status_code``, ``headers`` and ``body`` hold the response.
    """


class LagoApiError(LagoResponseError):
    """The server refused the call or failed to handle it.

    Attributes:
        status_code: The HTTP status.
        code: The server's own code, such as ``customer_not_found``; None if the response has no code.
        error: The server's short text, such as ``Not Found``.
        error_details: Any JSON: usually a mapping from fields to codes, sometimes a string, sometimes nested. The codes
            by field are in ``fields``, whatever the nesting.
        extra: The other members of the response, such as ``message`` or ``provider``.
        headers: The headers of the response; names are case-insensitive.
        body: The bytes of the response.
        maybe_applied: Whether the server may have carried out the call nevertheless. True for a call that changes
            something if the response to an earlier attempt was lost, and for statuses that leave the outcome open,
            such as a proxy's 503. False for a call that only reads.
    """

    remedy: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        operation: str,
        method: str,
        path: str,
        request_id: str,
        attempts: int,
        status_code: int,
        headers: Mapping[str, str],
        body: bytes,
        maybe_applied: bool = False,
        code: str | None = None,
        error: str | None = None,
        error_details: Json = None,
        extra: Mapping[str, Json] | None = None,
    ) -> None:
        super().__init__(
            message,
            operation=operation,
            method=method,
            path=path,
            request_id=request_id,
            attempts=attempts,
            status_code=status_code,
            headers=headers,
            body=body,
            maybe_applied=maybe_applied,
        )
        self.code = code
        self.error = error
        self.error_details = error_details
        self.extra: Mapping[str, Json] = {} if extra is None else extra

    @property
    def fields(self) -> dict[str, list[str]]:
        """The fields that the server refused, with its codes or texts: ``{"external_id": ["value_is_mandatory"]}``.

        Where it names an element of a list, the index is part of the name: ``3.transaction_id`` for an event of a
        batch, or ``3`` for the whole event, ``payment_status.0`` for a value of a filter. Empty if the server named no
        field; then ``error_details`` has what it said.
        """
        return fields_in(self.error_details)


class BadRequestError(LagoApiError):
    """400: the body is malformed or its envelope is missing."""


class UnauthorizedError(LagoApiError):
    """401: the API key is missing, unknown or expired; or a payment provider refused Lago's own credentials."""

    remedy = "check the API key (api_key= or LAGO_API_KEY) and that it belongs to the organisation behind the base URL"


class ForbiddenError(LagoApiError):
    """403: the key lacks the permission, or the organisation lacks the feature."""


class NotFoundError(LagoApiError):
    """404: ``code`` names the missing object."""


class NotAllowedError(LagoApiError):
    """405: a business rule forbids the call in the present state; ``code`` names the rule."""


class ValidationError(LagoApiError):
    """422: ``error_details`` says which fields the server refused, and why."""


class RateLimitError(LagoApiError):
    """429: the rate limit still refused the call when its retries or its time were used up."""

    remedy = "send fewer calls, or raise max_retries or timeout"


class ServerError(LagoApiError):
    """5xx: the server, or a proxy in front of it, failed."""
