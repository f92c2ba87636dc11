"""One tree of exceptions: everything that this library raises on purpose is a ``LagoError``."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lago_async.models.base import Json


__all__ = [
    "BadRequestError",
    "ForbiddenError",
    "LagoApiError",
    "LagoArgumentError",
    "LagoClosedError",
    "LagoConfigError",
    "LagoConnectionError",
    "LagoDecodeError",
    "LagoError",
    "LagoFileError",
    "LagoTimeoutError",
    "NotAllowedError",
    "NotFoundError",
    "RateLimitError",
    "ServerError",
    "UnauthorizedError",
    "ValidationError",
]


class LagoError(Exception):
    """The root of the tree."""


class LagoConfigError(LagoError, ValueError):
    """The client cannot work as it was set up, or not where it was called."""


class LagoArgumentError(LagoError, ValueError):
    """An argument was refused before anything was sent; the message names the operation and the parameter."""


class LagoClosedError(LagoError):
    """The client was closed before or during the call."""


class LagoFileError(LagoError):
    """A file was not there in time, or could not be fetched whole; where a path was given, nothing is left there."""


class _CallError(LagoError):
    """What every error of a call that left this process knows about that call.

    Attributes:
        operation: The API operation, as in ``ENDPOINTS``: ``find_customer``.
        method: The HTTP method.
        path: The path as sent, below the base URL, with its query.
        request_id: The ``X-Request-Id`` of the call, the same in all of its attempts.
        attempts: How many times the request was tried.
    """

    def __init__(self, message: str, *, operation: str, method: str, path: str, request_id: str, attempts: int) -> None:
        super().__init__(message)
        self.operation = operation
        self.method = method
        self.path = path
        self.request_id = request_id
        self.attempts = attempts

    def __reduce__(self) -> tuple[object, ...]:
        # Errors cross process borders (multiprocessing, task queues); keyword-only arguments defeat the default.
        return _restore, (type(self), self.args, self.__dict__.copy())


def _restore(error_type: type[_CallError], args: tuple[object, ...], state: dict[str, object]) -> _CallError:
    error = error_type.__new__(error_type, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class LagoConnectionError(_CallError):
    """No answer came.

    Attributes:
        maybe_applied: True when the request may have reached the server before the connection was lost. A call that
            moves money is never repeated in that case: look up what happened before you do.
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
        super().__init__(
            message, operation=operation, method=method, path=path, request_id=request_id, attempts=attempts
        )
        self.maybe_applied = maybe_applied


class LagoTimeoutError(LagoConnectionError, TimeoutError):
    """No answer came in time."""


class _AnswerError(_CallError):
    """What every error about an answer knows about that answer."""

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
    ) -> None:
        super().__init__(
            message, operation=operation, method=method, path=path, request_id=request_id, attempts=attempts
        )
        self.status_code = status_code
        self.headers = headers
        self.body = body


class LagoDecodeError(_AnswerError):
    """The answer says success, but is no JSON or lacks its envelope.

    The operation has most likely been carried out. ``status_code``, ``headers`` and ``body`` hold the whole answer.
    """


class LagoApiError(_AnswerError):
    """The server refused the call or failed at it.

    Attributes:
        status_code: The HTTP status.
        code: The server's own code, such as ``customer_not_found``; None where it sends none.
        error: The server's short text, such as ``Not Found``.
        error_details: Any JSON: mostly a mapping of field to codes, sometimes a string, sometimes nested.
        headers: The headers of the answer; names match in any case.
        body: The bytes of the answer.
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
        code: str | None = None,
        error: str | None = None,
        error_details: Json = None,
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
        )
        self.code = code
        self.error = error
        self.error_details = error_details


class BadRequestError(LagoApiError):
    """400: the body is malformed or its envelope is missing."""


class UnauthorizedError(LagoApiError):
    """401: the API key is missing, unknown or expired; or a payment provider refused Lago's own credentials."""

    remedy = "check the API key (api_key= or LAGO_API_KEY) and that it belongs to the organisation behind the base URL"


class ForbiddenError(LagoApiError):
    """403: the key lacks the permission, or the organisation the feature."""


class NotFoundError(LagoApiError):
    """404: ``code`` says what was not found."""


class NotAllowedError(LagoApiError):
    """405: a business rule refuses the call in the present state; ``code`` says which."""


class ValidationError(LagoApiError):
    """422: ``error_details`` says which fields the server refused, and why."""


class RateLimitError(LagoApiError):
    """429: too many calls, and waiting did not help within the retries and the time allowed."""

    remedy = "slow down, or raise max_retries or timeout"


class ServerError(LagoApiError):
    """5xx: the server, or a proxy before it, failed."""


_BY_STATUS: dict[int, type[LagoApiError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    405: NotAllowedError,
    422: ValidationError,
    429: RateLimitError,
}


def api_error_type(status_code: int) -> type[LagoApiError]:
    """The exception class for a status that is not a success."""
    if status_code >= 500:
        return ServerError
    return _BY_STATUS.get(status_code, LagoApiError)


def summarize_details(details: Json, limit: int = 300) -> str:
    """Whatever stands in ``error_details``, in one line: ``external_id value_is_mandatory; metadata invalid_count``."""
    line = "; ".join(_flatten("", details))
    return line if len(line) <= limit else line[: limit - 3] + "..."


def _flatten(prefix: str, value: Json) -> list[str]:
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in _flatten(f"{prefix}.{key}" if prefix else key, item)]
    if isinstance(value, list):
        if all(not isinstance(item, (dict, list)) for item in value):
            return [f"{prefix} {', '.join(map(str, value))}".strip()]
        return [text for item in value for text in _flatten(prefix, item)]
    return [] if value is None else [f"{prefix} {value}".strip()]
