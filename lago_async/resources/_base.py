"""The base class of the resources, and the decorators that make rows of the endpoint table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import update_wrapper
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar, cast

import attrs
from msgspec import UNSET

from lago_async._name_hints import missing_operation
from lago_async._table.rows import Row
from lago_async.pager import AsyncPager

if TYPE_CHECKING:
    from lago_async._table.gates import Gate
    from lago_async._table.messages import ApiHost, ApiVersion, HttpMethod, Sender
    from lago_async._table.repeats import StoredOnce
    from lago_async._table.risks import Risk

__all__ = ["Resource", "delete", "get", "member", "patch", "post", "put"]

_F = TypeVar("_F", bound=Callable[..., Any])

_SAME = "\0 the root of the response"  # a default that cannot be the name of an envelope


def member(given: object, name: str) -> object:
    """Return a member of a mapping or a field of a model; None if it was not given."""
    if isinstance(given, Mapping):
        value = cast("Mapping[str, object]", given).get(name)
    else:
        value = cast("object", getattr(given, name, None))
    return None if value is UNSET else value


class Resource:
    """A group of operations, bound to a client."""

    __slots__ = ("_client",)

    def __init__(self, client: Sender) -> None:
        self._client = client

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"

    if not TYPE_CHECKING:  # a type checker knows the names itself

        def __getattr__(self, name: str) -> NoReturn:
            raise missing_operation(type(self), name)

    @staticmethod
    def method_of(row: Row) -> Callable[..., Any]:
        """Return the method that runs the operation of a row; the blocking face finds the endpoint by its ``row``."""

        def pager(self: Resource, *args: Any, **kwargs: Any) -> AsyncPager[Any]:
            return AsyncPager(self._client, row.endpoint, args, kwargs)

        async def call(self: Resource, *args: Any, **kwargs: Any) -> Any:
            endpoint = row.endpoint
            return await endpoint.adecode(await self._client.send(endpoint.encode(args, kwargs)))

        method: Any = pager if row.paged else call
        method.row = row
        return cast("Callable[..., Any]", method)


@attrs.frozen
class Verb:
    """The decorator of one HTTP method: it turns a stub into a row, and the row into a method."""

    method: HttpMethod

    def __call__(
        self,
        name: str,
        path: str,
        /,
        *,
        version: ApiVersion = "v1",
        host: ApiHost = "api",
        root: str | None = None,
        request_root: str | None = _SAME,
        wire: Mapping[str, str] = MappingProxyType({}),
        idempotent: bool | Callable[[Any], bool] | None = None,
        own_repeat: StoredOnce | None = None,
        response_sibling: str | None = None,
        envelope_optional: bool = False,
        other_root: str | None = None,
        overload: bool = False,
        deprecated: str | Mapping[str, str] | None = None,
        disables_paging: str | None = None,
        gates: tuple[Gate, ...] = (),
        risk: Risk | None = None,
    ) -> Callable[[_F], _F]:
        """Turn the decorated stub into a row of the table, and into a method that calls the operation.

        Args:
            name: The API's name of the operation, in snake case.
            path: The path below the version, with path parameters in braces.
            version: The version of the API that has the operation.
            host: The host that the operation is sent to: ``ingest`` means that of ``ingest_url``, if it is set.
            root: The envelope of the response, and of the body unless ``request_root`` differs.
            request_root: The envelope of the body; None for a body without one.
            wire: Wire names of query parameters that Python spells differently.
            idempotent: Whether the client may repeat the call; by default, all methods except POST. A function decides
                by the body.
            own_repeat: The rule that recognises a refusal which an earlier attempt of the call has caused.
            response_sibling: A member of the response next to its envelope; it fills the result's field of that name.
            envelope_optional: Whether some servers send the result without its envelope.
            other_root: The envelope in which some servers send the one object that is the whole list.
            overload: Whether the operation has another row already, and this method is for another shape of its body.
            deprecated: The replacement of the operation; or, by name, the replacements of some of its parameters.
            disables_paging: The query parameter that switches the server's paging off.
            gates: What the server or the organisation must have; without it, the server refuses every call with 403.
            risk: What a call may do that cannot be undone; by default, DELETE destroys, and nothing else does.
        """

        def make_method(function: _F) -> _F:
            row = Row(
                function=function,
                name=name,
                method=self.method,
                path=path,
                version=version,
                host=host,
                root=root,
                request_root=root if request_root is _SAME else request_root,
                wire=wire,
                idempotent=self.method != "POST" if idempotent is None else idempotent,
                own_repeat=own_repeat,
                response_sibling=response_sibling,
                envelope_optional=envelope_optional,
                other_root=other_root,
                overload=overload,
                deprecated=deprecated,
                disables_paging=disables_paging,
                gates=gates,
                risk="destroys" if risk is None and self.method == "DELETE" else risk,
            )
            return cast("_F", update_wrapper(Resource.method_of(row), function))

        return make_method


get: Verb = Verb("GET")
post: Verb = Verb("POST")
put: Verb = Verb("PUT")
patch: Verb = Verb("PATCH")
delete: Verb = Verb("DELETE")
