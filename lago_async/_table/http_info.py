"""A result together with the HTTP response that it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

if TYPE_CHECKING:
    from lago_async._table.messages import Response

__all__ = ["HttpInfo"]

_T = TypeVar("_T")


class _HttpInfo(NamedTuple, Generic[_T]):
    data: _T
    status_code: int
    headers: Mapping[str, str]


class HttpInfo(_HttpInfo[_T]):
    """A result with its HTTP response: the tuple ``(data, status_code, headers)``.

    Attributes:
        data: The result of the operation; for a pager, its first page.
        status_code: The HTTP status.
        headers: The headers of the response; names are case-insensitive.
        request_id: The ``X-Request-Id`` of the call.
        body: The bytes of the response.
    """

    request_id: str
    body: bytes


def http_info(data: _T, response: Response) -> HttpInfo[_T]:
    """Join a result and the response that it was read from."""
    info = HttpInfo(data, response.status_code, response.headers)
    info.request_id, info.body = response.request_id, response.body
    return info
