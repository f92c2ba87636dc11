"""What a handler is, and the one registry of handlers."""

from collections.abc import Callable
from typing import TypeAlias, TypeVar

import attrs

from lago_async.sandbox._protocol.envelopes import Result, opened
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.route import Route
from lago_async.sandbox._state.store import Store


@attrs.frozen(kw_only=True)
class Call:
    """One routed and authorized request. ``params`` is query and body in one, without what stands in the path."""

    store: Store
    route: Route
    path_params: tuple[str, ...]
    params: Fields

    @property
    def identifier(self) -> str:
        """The first parameter of the path."""
        return self.path_params[0]

    def envelope(self, root: str | None = None) -> Fields:
        """The object under the request's root; refused where it is missing or empty."""
        root = root or self.route.request_root or self.route.root or self.route.name
        return opened(self.params, root)


Handler: TypeAlias = Callable[[Call], Result]


HANDLERS: dict[str, Handler] = {}
"""The handlers that there are, by operation name."""


_H = TypeVar("_H", bound=Handler)


def handles(operation: str) -> Callable[[_H], _H]:
    """Register the decorated function as the handler of an operation."""

    def register(handler: _H) -> _H:
        if operation in HANDLERS:
            raise ValueError(f"{operation} has a handler already")
        HANDLERS[operation] = handler
        return handler

    return register
