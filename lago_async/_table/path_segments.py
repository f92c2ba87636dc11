"""Values in a path: percent-encoded, so that each is one segment and comes back as it was."""

from __future__ import annotations

from urllib.parse import quote

from lago_async.errors import LagoArgumentError


def path_segment(operation: str, name: str, value: object) -> str:
    """Return a path parameter, percent-encoded.

    Raises:
        LagoArgumentError: It is not a string, or the server would read it as another operation.
    """
    if not isinstance(value, str):
        raise LagoArgumentError(f"{operation}: {name} must be a string, not {type(value).__name__}")
    if value in ("", ".", ".."):
        # The server removes an empty segment from the path, and the rest is the path of another operation.
        raise LagoArgumentError(f"{operation}: {name} must not be {value!r}; give the id of an existing object")
    try:
        # Lago's router treats an unescaped dot as the start of a format: DELETE /customers/john@acme.com would delete
        # john@acme.
        return quote(value, safe="").replace(".", "%2E")
    except UnicodeEncodeError:
        raise LagoArgumentError(f"{operation}: {name} has a lone surrogate, which a URL cannot hold") from None
