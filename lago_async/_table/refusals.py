"""Exceptions for responses: for a refusal by the server, and for a body that cannot be read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from lago_async._codec.parsing import UndecodableError, parse
from lago_async._table.gates import needs
from lago_async.errors import (
    BadRequestError,
    ForbiddenError,
    LagoApiError,
    LagoDecodeError,
    NotAllowedError,
    NotFoundError,
    RateLimitError,
    ServerError,
    UnauthorizedError,
    ValidationError,
)

if TYPE_CHECKING:
    from lago_async._table.messages import Request, Response
    from lago_async.models import Json

_BY_STATUS: dict[int, type[LagoApiError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    405: NotAllowedError,
    422: ValidationError,
    429: RateLimitError,
}


def check_status(response: Response) -> None:
    """Raise the exception for a response that is not a success."""
    if not 200 <= response.status_code < 300:
        raise api_error(response)


def api_error(response: Response) -> LagoApiError:
    """Return the exception for a response that is not a success; its body may be anything."""
    code = error = None
    details: Any = None
    try:
        whole = parse(response.body)
    except UndecodableError:
        whole = None  # an HTML page of a proxy, or an empty body: use only the status
    if isinstance(whole, dict):
        code, error, details = whole.get("code"), whole.get("error"), whole.get("error_details")
    code = code if isinstance(code, str) else None
    error = error if isinstance(error, str) else None
    error_type = _error_type(response.status_code)
    parts = [f"{response.status_code} {code or error or 'without a JSON body'}: {describe(response.request)}"]
    if summary := summarize_details(details):
        parts.append(f": {summary}")
    parts.append(f" (request {response.request_id})")
    if 300 <= response.status_code < 400:
        parts.append(f"; redirects are not followed: set base_url to where {_location(response)} points")
    elif error_type.remedy and (response.status_code != 401 or error in (None, "Unauthorized")):
        parts.append(f"; {error_type.remedy}")
    elif response.status_code == 403 and _closed_gate(code) and (missing := needs(response.request.endpoint.gates)):
        parts.append(f"; the operation needs {missing}: ask Lago or whoever runs the server")
    if response.uncertain:
        parts.append("; the response to an earlier attempt was lost, and the server may have acted on that attempt")
    return error_type("".join(parts), **_context(response), code=code, error=error, error_details=details)


def _closed_gate(code: str | None) -> bool:
    """Tell whether a 403 is not about the permissions of the API key: ``write_action_not_allowed_for_order``."""
    return code is not None and "_action_not_allowed_for_" not in code


def undecodable(response: Response, error: UndecodableError) -> LagoDecodeError:
    """Return the exception for a success whose body cannot be read."""
    return LagoDecodeError(
        f"{response.status_code} with {error}: {describe(response.request)} (request {response.request_id}); "
        "the server has most likely carried out the call; the error's body holds the response",
        **_context(response),
    )


def describe(request: Request) -> str:
    """Return the text for a call in errors: ``find_customer 'cus_1'``."""
    endpoint = request.endpoint
    if not endpoint.path_params:
        return endpoint.name
    pattern = re.sub(r"\\\{\w+\\\}", "([^/]*)", re.escape(endpoint.path))
    found = re.match(pattern, request.target.partition("?")[0])
    return " ".join([endpoint.name, *(repr(unquote(value)) for value in (found.groups() if found else ()))])


def summarize_details(details: Json, limit: int = 300) -> str:
    """Return ``error_details`` in one line: ``external_id value_is_mandatory; metadata invalid_count``."""
    line = "; ".join(_flatten("", details))
    return line if len(line) <= limit else line[: limit - 3] + "..."


def _error_type(status_code: int) -> type[LagoApiError]:
    if status_code >= 500:
        return ServerError
    return _BY_STATUS.get(status_code, LagoApiError)


def _context(response: Response) -> dict[str, Any]:
    from multidict import CIMultiDict

    return {
        "operation": response.request.endpoint.name,
        "method": response.request.endpoint.method,
        "path": response.request.target,
        "request_id": response.request_id,
        "attempts": response.attempts,
        "status_code": response.status_code,
        "headers": CIMultiDict(response.headers),  # a copy that can be pickled
        "body": response.body,
    }


def _location(response: Response) -> str:
    location = response.headers.get("Location", "the server")
    return location.partition("?")[0][:200]


def _flatten(prefix: str, value: Json) -> list[str]:
    if isinstance(value, dict):
        return [text for key, item in value.items() for text in _flatten(f"{prefix}.{key}" if prefix else key, item)]
    if isinstance(value, list):
        if all(not isinstance(item, (dict, list)) for item in value):
            return [f"{prefix} {', '.join(map(str, value))}".strip()]
        return [text for item in value for text in _flatten(prefix, item)]
    return [] if value is None else [f"{prefix} {value}".strip()]
