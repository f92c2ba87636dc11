"""A request as it came off the socket, and the response that goes back."""

import re
from collections.abc import Mapping
from uuid import uuid4

import attrs
from multidict import CIMultiDictProxy

from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import JSON_TYPE
from lago_async.sandbox._protocol.params import query_pairs
from lago_async.sandbox._protocol.wire import encode


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


@attrs.define(kw_only=True)
class ReceivedRequest:
    """A request that arrived. ``status`` is None until a response is sent, and if none is."""

    method: str
    raw_path: str
    query: list[tuple[str, str]]
    headers: CIMultiDictProxy[str]
    body: bytes
    operation: str | None
    status: int | None = None


@attrs.frozen
class OutgoingResponse:
    """Status, body and headers of a response."""

    status: int
    body: bytes
    content_type: str = JSON_TYPE
    headers: Mapping[str, str] = attrs.field(factory=dict[str, str])


def refusal_response(refusal: refusals.RefusalError) -> OutgoingResponse:
    """Return the response for a refusal."""
    return OutgoingResponse(refusal.status, encode(refusal.body))


def request_id(headers: Mapping[str, str]) -> str:
    """Return the caller's own request id, cleaned as Rails does it, or a new one."""
    given = re.sub(r"[^\w\-@]", "", headers.get("X-Request-Id", ""), flags=re.ASCII)[:255]
    return given or str(uuid4())
