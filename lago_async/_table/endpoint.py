"""An operation of the API: it turns arguments into a request, and a response into the declared result."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Generator, Mapping
from functools import cached_property
from types import GenericAlias, NoneType
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

import attrs

from lago_async._caller import warn_caller
from lago_async._codec.envelope import Envelope
from lago_async._codec.parsing import UndecodableError
from lago_async._codec.plain_text import read_text
from lago_async._codec.scheduling import INLINE, LARGE, finish, finish_in_turns
from lago_async._codec.writing import UnwritableError, write
from lago_async._datetimes import NaiveDatetimeError
from lago_async._printable import shown
from lago_async._table.messages import ApiHost, ApiVersion, HttpMethod, Request
from lago_async._table.pages import Page, PageMeta
from lago_async._table.path_segments import path_segment
from lago_async._table.positions import check_position
from lago_async._table.query import is_plain
from lago_async._table.refusals import check_status, undecodable
from lago_async.errors import LagoArgumentError

if TYPE_CHECKING:
    from lago_async._table.gates import Gate
    from lago_async._table.messages import Response
    from lago_async._table.query import QueryParameter
    from lago_async._table.repeats import StoredOnce
    from lago_async.models import Json

__all__ = ["Endpoint"]

Sorted: TypeAlias = tuple[tuple[object, ...], object, tuple[object, ...], tuple[object, ...]]
"""The arguments of a call, sorted: path parameters, body, query parameters, siblings of the body."""


@attrs.frozen(eq=False)
class Endpoint:
    """A row of the table, compiled.

    Attributes:
        name: The API's name of the operation, in snake case.
        method: The HTTP method.
        path: The path below the version, with path parameters in braces.
        version: The version of the API that has the operation.
        host: The host that the operation is sent to: ``ingest`` means that of ``ingest_url``, if it is set.
        path_params: The names in braces.
        query: The query parameters.
        body: The type of the body: a model, a list of models, or a dictionary; None without one.
        body_optional: Whether the body may be omitted.
        request_root: The envelope of the body; None for a body that has none.
        root: The envelope of the response; None for a response that has none.
        returns: The declared result: ``Customer``, ``AsyncPager[Customer]``, ``list[Fee]``, ``None``, ``str``.
        paged: Whether the result comes in pages.
        idempotent: Whether repeating the call has no further effect; or a function that decides by the body.
        siblings: Additional members of the request next to the body's envelope, each with its name and model.
        response_sibling: A member of the response next to its envelope; it fills the result's field of that name.
        envelope_optional: Whether some servers send the result without its envelope.
        other_root: The envelope in which some servers send the one object that is the whole list.
        deprecated: The replacement of the operation; or, by name, the replacements of some of its parameters.
        disables_paging: The query parameter that breaks the server's paging: with it, only the first page is correct.
        gates: What the server or the organisation must have; without it, the server refuses every call with 403.
    """

    name: str
    method: HttpMethod
    path: str
    version: ApiVersion
    host: ApiHost
    path_params: tuple[str, ...]
    query: tuple[QueryParameter, ...]
    body: Any
    body_optional: bool
    request_root: str | None
    root: str | None
    returns: Any
    paged: bool
    idempotent: bool | Callable[[Any], bool]
    siblings: tuple[tuple[str, type], ...]
    response_sibling: str | None
    envelope_optional: bool
    other_root: str | None
    deprecated: str | Mapping[str, str] | None
    disables_paging: str | None
    gates: tuple[Gate, ...]
    _bind: Callable[..., Sorted] = attrs.field(alias="bind", repr=False)
    _own_repeat: StoredOnce | None = attrs.field(alias="own_repeat", repr=False, default=None)

    def encode(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Request:
        """Return the request for the arguments of a call.

        Raises:
            LagoArgumentError: An argument is invalid.
            TypeError: The arguments do not fit the signature.
        """
        path_values, body, query_values, siblings = self._bind(*args, **kwargs)
        if isinstance(self.deprecated, str):
            warn_caller(f"{self.name} is deprecated: use {self.deprecated}", DeprecationWarning)
        literals = self._literals
        target = literals[0]
        for index, value in enumerate(path_values):
            plain = isinstance(value, str) and is_plain(value)
            target += (plain.string if plain else path_segment(self.name, self.path_params[index], value)) + literals[
                index + 1
            ]
        if self.query:
            target += self._query_string(query_values)
        if self.body is None or (body is None and self.body_optional):
            return Request(self, target, None, self.idempotent is True)
        try:
            wire = write(body, self.body, self.request_root)
            for (name, model), value in zip(self.siblings, siblings, strict=True):
                if value is not None:
                    wire = wire[:-1] + b"," + write(value, model, name)[1:]
        except UnwritableError as error:
            raise LagoArgumentError(f"{self.name}: {error}") from None
        return Request(self, target, wire, self.idempotent(body) if callable(self.idempotent) else self.idempotent)

    def decode(self, response: Response) -> Any:
        """Return the declared result from a response.

        Raises:
            LagoApiError: The status is not a success.
            LagoDecodeError: The status is a success, but the body is not JSON or lacks its envelope.
            LagoPageError: The response is another page of a list than the request asks for.
        """
        if len(response.body) > LARGE:
            return finish(self._decode_in_steps(response))
        check_status(response)
        try:
            content = self._read(response.body)
        except UndecodableError as error:
            raise undecodable(response, error) from error
        if self.paged:
            check_position(response, content, self.disables_paging)
        return content

    async def adecode(self, response: Response) -> Any:
        """Like ``decode``, but let the loop run other tasks between responses, and between pieces of a large one."""
        if len(response.body) <= INLINE:
            return self.decode(response)
        return await finish_in_turns(self._decode_in_steps(response))

    async def settle(self, response: Response, send: Callable[[Request], Awaitable[Response]]) -> Response:
        """Return the response that the caller gets instead of the one to a repeat; see ``lago_async._table.repeats``.

        Args:
            response: The response to the last attempt, when the response to an earlier one was lost.
            send: Sends a request that looks something up. It raises ``LagoError`` if that fails.
        """
        return response if self._own_repeat is None else await self._own_repeat.settle(response, send)

    def content_in(self, whole: Json, /) -> Json:
        """Return the JSON that the declared result was read from; for a page, with the names of its fields."""
        envelope = self._envelope
        if envelope is None or not isinstance(whole, dict):
            return whole
        whole = envelope.in_envelope(whole)
        content = whole.get(envelope.root)
        if self.paged:
            return {"items": content} | {name: value for name, value in whole.items() if name != envelope.root}
        if self.response_sibling is not None and isinstance(content, dict):
            return {**content, self.response_sibling: whole.get(self.response_sibling)}
        return content

    def _decode_in_steps(self, response: Response) -> Generator[None, None, Any]:
        check_status(response)
        envelope = self._envelope
        try:
            if envelope is None or response.body.isspace():
                return self._read(response.body)
            content, meta = yield from envelope.read_in_steps(response.body)
        except UndecodableError as error:
            raise undecodable(response, error) from error
        if not self.paged:
            return content
        page = Page[Any](content, meta)
        check_position(response, page, self.disables_paging)
        return page

    @cached_property
    def _literals(self) -> tuple[str, ...]:
        """The path without its parameters."""
        return tuple(re.split(r"\{\w+\}", self.path))

    @cached_property
    def _envelope(self) -> Envelope[Any] | None:
        """The reader of the declared result; made once, because making it takes half a millisecond."""
        if self.returns in (None, NoneType, str):
            return None
        if self.root is None:
            raise TypeError(f"{self.name}: a result of {self.returns} needs a root")
        if self.paged:
            (item,) = get_args(self.returns)
            return Envelope(self.root, GenericAlias(list, item), meta=PageMeta, operation=self.name)
        return Envelope(
            self.root,
            self.returns,
            sibling=self.response_sibling,
            envelope_optional=self.envelope_optional,
            operation=self.name,
            other_root=self.other_root,
        )

    @cached_property
    def _read(self) -> Callable[[bytes], Any]:
        envelope = self._envelope
        if envelope is None:
            return read_text if self.returns is str else (lambda _: None)
        if self.paged:
            return lambda body: Page(*envelope.read(body))
        if NoneType in get_args(self.returns):
            return lambda body: envelope.read(body)[0] if body.strip() else None
        return lambda body: envelope.read(body)[0]

    def _query_string(self, values: tuple[object, ...]) -> str:
        pairs: list[str] = []
        for parameter, value in zip(self.query, values, strict=True):
            if value is None and not parameter.required:
                continue
            if self.deprecated is not None and not isinstance(self.deprecated, str):
                self._warn_of(parameter.name, self.deprecated)
            try:
                pairs += parameter.pairs(value)
            except NaiveDatetimeError as error:
                raise LagoArgumentError(f"{self.name}: {parameter.name}: {error}") from None
            except ValueError:  # includes the UnicodeEncodeError of a lone surrogate
                remedy = " and not empty" if parameter.required and value == "" else f", not {shown(value)}"
                raise LagoArgumentError(f"{self.name}: {parameter.name} must be {parameter.type}{remedy}") from None
        return "?" + "&".join(pairs) if pairs else ""

    def _warn_of(self, parameter: str, deprecated: Mapping[str, str]) -> None:
        if parameter in deprecated:
            warn_caller(f"{self.name}: use {deprecated[parameter]} instead of {parameter}", DeprecationWarning)
