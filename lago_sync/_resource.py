"""The base of the blocking resources: the caller's thread encodes and decodes calls, the loop thread sends them.

Decoding a large page on the loop thread would delay the calls of all other threads: 48 us became 8 ms.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, Generic, NoReturn, ParamSpec, TypeVar, cast

from lago_async._name_hints import missing_operation
from lago_async._table.rows import row_of
from lago_sync.pager import Pager

if TYPE_CHECKING:
    from lago_async.pager import AsyncPager
    from lago_sync._sender import Sender

__all__ = ["Resource"]

_T = TypeVar("_T")
_P = ParamSpec("_P")
_Async = TypeVar("_Async")


class Resource(Generic[_Async]):
    """A group of operations, bound to a client; each method names its async counterpart and passes the arguments on."""

    __slots__ = ("_async", "_client")

    def __init__(self, client: Sender, async_resource: _Async) -> None:
        self._client = client
        self._async = async_resource

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._client!r}>"

    if not TYPE_CHECKING:  # a type checker knows the names itself

        def __getattr__(self, name: str) -> NoReturn:
            raise missing_operation(type(self), name)

    @staticmethod
    def async_method(operation: Callable[..., object]) -> Callable[..., Any]:
        """Return the async counterpart of a method such as ``client.customers.find``; return anything else as it is."""
        resource = getattr(operation, "__self__", None)
        if isinstance(resource, Resource):
            return cast("Callable[..., Any]", getattr(cast("Resource[object]", resource)._async, operation.__name__))
        return operation

    def _run(self, operation: Callable[_P, Coroutine[Any, Any, _T]], /, *args: _P.args, **kwargs: _P.kwargs) -> _T:
        endpoint = row_of(operation).endpoint
        return cast("_T", endpoint.decode(self._client.send(endpoint.encode(args, kwargs))))

    def _page(self, operation: Callable[_P, AsyncPager[_T]], /, *args: _P.args, **kwargs: _P.kwargs) -> Pager[_T]:
        return Pager(self._client, row_of(operation).endpoint, args, kwargs)
