"""The door to operations that the table does not have: a method, a path with its values, and JSON in and out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from types import GenericAlias
from typing import TYPE_CHECKING, Any, Final, TypeAlias, cast, get_args

import attrs

from lago_async._codec.parsing import UndecodableError, parse
from lago_async._codec.writing import UnwritableError, write
from lago_async._printable import shown
from lago_async._table.messages import ApiHost, ApiVersion, HttpMethod, Request
from lago_async._table.path_segments import path_segment
from lago_async._table.query import ParameterType, QueryParameter
from lago_async._table.refusals import check_status, undecodable
from lago_async._validation import described
from lago_async.errors import LagoArgumentError

if TYPE_CHECKING:
    from lago_async._table.gates import Gate
    from lago_async._table.messages import Response
    from lago_async.models import Json

__all__ = ["QueryValue"]

QueryValue: TypeAlias = str | int | bool | datetime | date | Sequence[str | int] | Mapping[str, str]
"""A query parameter: a list is sent as ``key[]``, and a mapping as ``key[name]``."""

_LITERAL: Final = re.compile(r"[A-Za-z0-9_~-]+").fullmatch
_BRACES: Final = re.compile(r"\{(\w+)\}").fullmatch
_KEY: Final = re.compile(r"[A-Za-z0-9_]+").fullmatch
_TAKEN: Final = frozenset({"query", "body", "version", "repeatable"})
"""The keyword arguments of ``client.request``, which no path parameter can be."""

_ANY_BODY: Final[Any] = GenericAlias(dict, (str, Any))


@attrs.frozen(eq=False)
class PlainOperation:
    """An operation that is known by its method and its path only. Its result is JSON.

    Attributes:
        method: The HTTP method.
        path: The path below the version, with path parameters in braces.
        version: The version of the API.
        path_params: The names in braces.
    """

    method: HttpMethod
    path: str
    version: ApiVersion
    path_params: tuple[str, ...]

    @property
    def gates(self) -> tuple[Gate, ...]:
        """Nothing: what it needs is not known."""
        return ()

    @property
    def host(self) -> ApiHost:
        """The host of ``base_url``."""
        return "api"

    @property
    def name(self) -> str:
        """The text for the operation in errors, in the log, and for the rate budget."""
        return f"{self.method} {self.path}" if self.version == "v1" else f"{self.method} {self.version}{self.path}"

    def decode(self, response: Response) -> Json:
        """Return the JSON of a response; None for an empty one.

        Raises:
            LagoApiError: The status is not a success.
            LagoDecodeError: The status is a success, but the body is not JSON.
        """
        check_status(response)
        if not response.body.strip():
            return None
        try:
            return parse(response.body)
        except UndecodableError as error:
            raise undecodable(response, error) from error

    async def adecode(self, response: Response) -> Json:
        """Like ``decode``."""
        return self.decode(response)

    def content_in(self, whole: Json, /) -> Json:
        """Return the JSON, which is the result."""
        return whole

    async def settle(self, response: Response, send: object, /) -> Response:  # noqa: ARG002
        """Return the response: nothing is known of the operation by which its own repeat could be recognised."""
        return response


def plain_request(
    method: HttpMethod,
    path: str,
    values: Mapping[str, object],
    *,
    query: Mapping[str, QueryValue] | None,
    body: Mapping[str, Json] | None,
    version: ApiVersion,
    repeatable: bool | None,
) -> Request:
    """Return the request for any operation.

    Raises:
        LagoArgumentError: An argument is invalid, and nothing was sent.
    """
    names = _names_in(path)
    if method not in get_args(HttpMethod):
        raise LagoArgumentError(
            f"request: method must be one of {', '.join(get_args(HttpMethod))}, not {shown(method)}"
        )
    if version not in get_args(ApiVersion):
        raise LagoArgumentError(
            f"request: version must be one of {', '.join(get_args(ApiVersion))}, not {shown(version)}"
        )
    if query is not None and not isinstance(cast("object", query), Mapping):
        raise LagoArgumentError(f"request: query must be a mapping of names to values, not {described(query)}")
    if repeatable is not None and not isinstance(cast("object", repeatable), bool):
        raise LagoArgumentError(f"request: repeatable must be True, False or None, not {described(repeatable)}")
    operation = PlainOperation(method, path, version, names)
    name = operation.name
    if set(values) != set(operation.path_params):
        wanted = ", ".join(operation.path_params) or "none"
        raise LagoArgumentError(f"{name}: the values for the path must be {wanted}, not {', '.join(values) or 'none'}")
    segments = {key: path_segment(name, key, value) for key, value in values.items()}
    target = re.sub(r"\{(\w+)\}", lambda braces: segments[braces[1]], path)
    pairs = [pair for key, value in (query or {}).items() for pair in _pairs(name, key, value)]
    if pairs:
        target += "?" + "&".join(pairs)
    try:
        content = None if body is None else write(body, _ANY_BODY, None)
    except UnwritableError as error:
        raise LagoArgumentError(f"{name}: {error}") from None
    return Request(operation, target, content, method != "POST" if repeatable is None else repeatable)


def _names_in(path: object) -> tuple[str, ...]:
    """Return the names in the braces of a path."""
    segments = path.split("/") if isinstance(path, str) else [""]
    if segments[0] or len(segments) < 2 or not all(_LITERAL(part) or _BRACES(part) for part in segments[1:]):
        raise LagoArgumentError(
            f"request: path must be like '/quotes/{{id}}', not {shown(path)}: it begins below the version, and ids are "
            "in braces with their values as keyword arguments"
        )
    names = tuple(part[1:-1] for part in segments[1:] if _BRACES(part))
    if taken := _TAKEN.intersection(names):
        raise LagoArgumentError(
            f"request: {{{min(taken)}}} in the path has the name of another argument; give it any other name, such as "
            f"{{{min(taken)}_id}}"
        )
    return names


def _pairs(operation: str, key: object, value: object) -> list[str]:
    """Return the pairs of name and value for a query parameter, percent-encoded."""
    kind = _type_of(value)
    if kind is not None and isinstance(key, str) and _KEY(key):
        with suppress(ValueError):
            return list(QueryParameter(key, key + kind.suffix, kind, required=False).pairs(value))
    raise LagoArgumentError(
        f"{operation}: the query parameter {shown(key)} must be a name with a string, an integer, True, False, a date, "
        f"a datetime with a time zone, a list that is not empty or a mapping of strings, not {shown(value)}"
    )


def _type_of(value: object) -> ParameterType | None:
    match value:
        case bool():
            return ParameterType.BOOLEAN
        case str():
            return ParameterType.STRING
        case int():
            return ParameterType.INTEGER
        case datetime():
            return ParameterType.DATETIME
        case date():
            return ParameterType.DATE
        case Mapping():
            return ParameterType.MAPPING
        case Sequence() if not isinstance(cast("object", value), bytes | bytearray):
            return ParameterType.STRINGS_OR_INTEGERS
        case _:
            return None
