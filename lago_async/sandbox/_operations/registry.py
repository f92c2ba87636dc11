"""The handler of an operation, and the one registry of all handlers."""

from collections.abc import Callable
from typing import TypeAlias, TypeVar

import attrs

from lago_async.sandbox._protocol.envelopes import Result, opened
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.route import Route
from lago_async.sandbox._state.store import Store


@attrs.frozen(kw_only=True)
class OperationCall:
    """A routed and authorized request. ``params`` holds query and body; values from the path are in ``path_params``."""

    store: Store
    route: Route
    path_params: tuple[str, ...]
    params: Fields

    @property
    def identifier(self) -> str:
        """The first parameter of the path."""
        return self.path_params[0]

    def envelope(self, root: str | None = None) -> Fields:
        """Return the object under the request's root; refuse a request where it is missing or empty."""
        root = root or self.route.request_root or self.route.root or self.route.name
        return opened(self.params, root)


Handler: TypeAlias = Callable[[OperationCall], Result]
HANDLERS: dict[str, Handler] = {}
"""All handlers by the name of their operation."""

_H = TypeVar("_H", bound=Handler)


def handles(operation: str) -> Callable[[_H], _H]:
    """Register the decorated function as the handler of an operation."""

    def register(handler: _H) -> _H:
        if operation in HANDLERS:
            raise ValueError(f"{operation} has a handler already")
        HANDLERS[operation] = handler
        return handler

    return register
