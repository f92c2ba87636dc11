"""A result together with the HTTP response that it was read from."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Generic, NamedTuple, TypeVar

from lago_async._codec.parsing import UndecodableError, parse
from lago_async._codec.unknown_fields import UnknownFields
from lago_async._table.refusals import undecodable
from lago_async._validation import described
from lago_async.errors import LagoArgumentError

if TYPE_CHECKING:
    from lago_async._table.messages import Response
    from lago_async.models import Json

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
        response: The response itself, as ``client.send`` returns it.
    """

    request_id: str
    body: bytes
    response: Response

    def json(self) -> Json:
        """Return the whole response as JSON, with everything that the models do not have; None if it is empty.

        The body is parsed at each call, so calls that do not ask for it do not pay for it.

        Raises:
            LagoDecodeError: The response is not JSON.
        """
        if not self.body.strip():
            return None
        try:
            return parse(self.body)
        except UndecodableError as error:
            raise undecodable(self.response, error) from error

    def extra(self, obj: object, /) -> dict[str, Json]:
        """Return the fields that the server sent for an object and that its model does not have yet.

        ``info.extra(info.data)``, ``info.extra(info.data.items[0])``, ``info.extra(invoice.customer)``: any object
        inside ``data`` has its own. For a page, they are the members next to the list and its ``meta``.

        Args:
            obj: The object that was read from this response: the same object, not an equal one. Ask before you change
                ``data``, such as the order of a list.

        Raises:
            LagoArgumentError: The object is not part of this response, or is not as it was read.
        """
        found = self._unknown_fields.of(obj)
        if found is None:
            raise LagoArgumentError(
                f"extra: {described(obj)} is not an object of this response: pass data, or an object inside it, and "
                "ask before you change or sort them"
            )
        return dict(found)

    @cached_property
    def _unknown_fields(self) -> UnknownFields:
        return UnknownFields(self.data, self.response.request.endpoint.content_in(self.json()))


def http_info(data: _T, response: Response) -> HttpInfo[_T]:
    """Join a result and the response that it was read from."""
    info = HttpInfo(data, response.status_code, response.headers)
    info.request_id, info.body, info.response = response.request_id, response.body, response
    return info
