"""Exceptions for responses: for a refusal by the server, and for a body that cannot be read."""

from __future__ import annotations

import re
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import unquote

from lago_async._codec.parsing import UndecodableError, parse
from lago_async._error_details import details_in
from lago_async._printable import LONGEST, printable
from lago_async._table.gates import missing_for
from lago_async.errors import (
    BadRequestError,
    ForbiddenError,
    LagoApiError,
    LagoDecodeError,
    LagoPageError,
    NotAllowedError,
    NotFoundError,
    RateLimitError,
    ServerError,
    UnauthorizedError,
    ValidationError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lago_async._error_details import Detail
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

_LONGEST_URL: Final = 200
_LONGEST_ID: Final = 120  # characters of one id, code or short text in a message

# Other members of a response that say why: of Lago, and of gateways. The rest may echo the request with its key.
_TOLD: Final = ("error", "code", "message", "title", "detail", "provider")

_MOST_DETAILS: Final = 1_000  # that a summary looks at

# A server or gateway that answers one of these has not passed the call on: it does not know the method or the version,
# asks for a login to the network, or has no secure connection to the server behind it.
_NOT_CARRIED_OUT: Final = frozenset({501, 505, 511, 525, 526})

NO_ROUTE: Final = "resource_not_found"
"""The server's code for a path that it does not know, and for a few objects that its code forgets to name."""


def outcome_is_unknown(method: str, status_code: int) -> bool:
    """Tell whether the server may have carried out a call that it answers with this status; a read has no outcome."""
    return method != "GET" and (status_code == 408 or (status_code >= 500 and status_code not in _NOT_CARRIED_OUT))


def is_no_route(error: LagoApiError) -> bool:
    """Tell whether a response says that there is no such path on the server, or does not come from a Lago server."""
    return error.status_code == 404 and error.code in (None, NO_ROUTE)


def check_status(response: Response) -> None:
    """Raise the exception for a response that is not a success."""
    if not 200 <= response.status_code < 300:
        raise api_error(response)


def api_error(response: Response) -> LagoApiError:
    """Return the exception for a response that is not a success; its body may be anything."""
    code: str | None = None
    error: str | None = None
    details: Json = None
    without = "without a JSON body"
    try:
        whole = parse(response.body)
    except UndecodableError as failure:
        whole = None  # an HTML page of a proxy, or an empty body: use only the status
        if isinstance(failure.__cause__, RecursionError):
            without = "with JSON that is nested too deeply to be read"
    else:
        without = "without a code"
    extra: dict[str, Json] = {}
    if isinstance(whole, dict):
        extra = dict(whole)
        if extra.get("status") == response.status_code:
            del extra["status"]
        code, error, details = _text_of(extra, "code"), _text_of(extra, "error"), extra.pop("error_details", None)
    status, method = response.status_code, response.request.endpoint.method
    error_type = _error_type(status)
    named = printable(code or error or without, _LONGEST_ID)
    parts = [f"{status} {named}: {describe(response.request)}"]
    if summary := summarize_details(details, {name: extra[name] for name in _TOLD if name in extra} or None):
        parts.append(f": {summary}")
    parts.append(f" (request {response.request_id})")
    setting = "base_url" if response.request.endpoint.host == "api" else "base_url (or ingest_url, if it is set)"
    if 300 <= status < 400:
        parts.append(f"; redirects are not followed: set {setting} to where {_location(response)} points")
    elif error_type.remedy and (status != 401 or error in (None, "Unauthorized")):
        parts.append(f"; {error_type.remedy}")
        if status == 401 and response.request.endpoint.host == "ingest":
            parts.append(", and ingest_url, if it is set, to the same Lago")
    elif status == 404 and code is None:
        parts.append(f"; a Lago server would name what is missing: check {setting}, and the proxies in between")
    elif status == 404 and code == NO_ROUTE:
        parts.append(f"; the server has no such route, or does not name what is missing: check {setting} and the ids")
    elif missing := missing_for(status, code, response.request.endpoint.gates):
        parts.append(f"; {missing}: ask Lago or whoever runs the server")
    maybe_applied = False
    if outcome_is_unknown(method, status):
        maybe_applied = True
        parts.append(f"; {_this_attempt(response.request)}")
    elif method != "GET" and response.uncertain:
        maybe_applied = True
        parts.append(f"; {response.note or _earlier_attempt(response, code)}")
    return error_type(
        "".join(parts),
        **_context(response),
        maybe_applied=maybe_applied,
        code=code,
        error=error,
        error_details=details,
        extra=extra,
    )


def _text_of(members: dict[str, Json], name: str) -> str | None:
    """Take a text out of the members of a response; a gateway may send anything else by that name, which stays."""
    return cast("str | None", members.pop(name, None)) if isinstance(members.get(name), str | None) else None


def _earlier_attempt(response: Response, code: str | None) -> str:
    """Return what can be said of an earlier attempt whose response was lost."""
    lost = "the response to an earlier attempt was lost, and"
    if response.request.endpoint.method == "DELETE" and response.status_code == 404 and code not in (None, NO_ROUTE):
        return f"{lost} that attempt has most likely deleted what is missing now"
    return f"{lost} the server may have acted on that attempt"


def _this_attempt(request: Request) -> str:
    if request.repeatable:
        return "the call may have been carried out; you can repeat it safely"
    return "it MAY HAVE BEEN CARRIED OUT and was not repeated: look it up before you call again"


def undecodable(response: Response, error: UndecodableError) -> LagoDecodeError:
    """Return the exception for a success whose body cannot be read."""
    return LagoDecodeError(
        f"{response.status_code} with {printable(str(error))}: {describe(response.request)} "
        f"(request {response.request_id}); the server has most likely carried out the call; "
        "the error's body holds the response",
        **_context(response),
    )


_CACHE = "check whether a cache or a proxy between this client and Lago ignores the query"


def misplaced(response: Response, problem: str, remedy: str = _CACHE) -> LagoPageError:
    """Return the exception for a page that does not belong where it was asked for; ``problem`` follows the status."""
    return LagoPageError(
        f"{response.status_code} with {problem}: {describe(response.request)} (request {response.request_id}); "
        f"{remedy}; the error's body holds the response",
        **_context(response),
    )


def describe(request: Request) -> str:
    """Return the text for a call in errors: ``find_customer 'cus_1'``."""
    endpoint = request.endpoint
    if not endpoint.path_params:
        return endpoint.name
    pattern = re.sub(r"\\\{\w+\\\}", "([^/]*)", re.escape(endpoint.path))
    found = re.match(pattern, request.target.partition("?")[0])
    ids = (printable(repr(unquote(value)), _LONGEST_ID) for value in (found.groups() if found else ()))
    return " ".join([endpoint.name, *ids])


def summarize_details(details: Json, extra: Json = None, *, limit: int = LONGEST) -> str:
    """Return ``error_details`` in one line: ``external_id value_is_mandatory; metadata invalid_count``.

    Codes come first, because the other texts may be long.

    Args:
        details: The ``error_details``.
        extra: More of the response, to be shown after them.
        limit: The most characters of the line.
    """
    first, later = list[str](), list[str]()
    length = 0
    for detail in islice(chain(_details_in(details), _details_in(extra)), _MOST_DETAILS):
        text = _in_words(detail, limit + 1)
        if detail.is_list:
            first.append(text)
            length += len(text)
            if length > limit:
                break
        elif len(later) <= limit:
            later.append(text)
    return printable("; ".join(first + later), limit)


def _details_in(json: Json) -> Iterator[Detail]:
    return iter(()) if json is None else details_in(json)


def _in_words(detail: Detail, enough: int) -> str:
    texts = (_plain(value)[:enough] for value in islice(detail.values, enough))
    return f"{detail.place} {', '.join(texts)}".strip()[:enough]


def _plain(value: Json) -> str:
    """Return a value as JSON spells it, and text as it is."""
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


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
    return printable(location.partition("?")[0], _LONGEST_URL)
