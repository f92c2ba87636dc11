"""The reader of responses that are text: plain, or a JSON string."""

from __future__ import annotations

from lago_async._codec.parsing import UndecodableError, json_type, parse


def read_text(body: bytes) -> str:
    """Return the text of a response.

    Raises:
        UndecodableError: It is empty, or a JSON value or a page of a gateway in the place of the text.
    """
    start = body.lstrip()[:1]
    if not start:
        raise UndecodableError("an empty response")
    if start == b"<":
        raise UndecodableError("a page where plain text belongs")
    if start not in (b'"', b"{", b"["):
        return body.decode("utf-8", "replace")
    value = parse(body)
    if not isinstance(value, str):
        raise UndecodableError(f"a JSON {json_type(value)} where plain text belongs")
    return value
