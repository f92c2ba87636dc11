"""A request as it came off the socket, and the response that goes back."""

import re
from collections.abc import Mapping
from uuid import uuid4

import attrs

from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import query_pairs
from lago_async.sandbox._protocol.wire import encode

JSON_TYPE = "application/json; charset=utf-8"


TEXT_TYPE = "text/plain; charset=utf-8"


PDF_TYPE = "application/pdf"


@attrs.frozen(kw_only=True)
class IncomingRequest:
    """A request as it came off the socket. ``target`` is raw: path and query as they were sent."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    request_id: str

    @property
    def raw_path(self) -> str:
        """The path, not decoded."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        """The decoded query, in order."""
        return query_pairs(self.target.partition("?")[2])


@attrs.frozen
class OutgoingResponse:
    """Status and body of an answer."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])


def refusal_response(refusal: refusals.RefusalError) -> OutgoingResponse:
    """The answer for a refusal."""
    return OutgoingResponse(refusal.status, encode(refusal.body))


def request_id(headers: Mapping[str, str]) -> str:
    """The caller's own request id, cleaned the way Rails does, or a new one."""
    given = re.sub(r"[^\w\-@]", "", headers.get("X-Request-Id", ""), flags=re.ASCII)[:255]
    return given or str(uuid4())
