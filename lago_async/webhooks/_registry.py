"""Which handler a webhook has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

from lago_async._printable import printable
from lago_async.errors import LagoArgumentError
from lago_async.webhooks._types import TYPES

if TYPE_CHECKING:
    from collections.abc import Callable

    from lago_async.webhooks._types import Webhook

_ResultT = TypeVar("_ResultT")
_WebhookT = TypeVar("_WebhookT")


class HandlerRegistry(Generic[_ResultT]):
    """Handlers by type, and at most one for all other webhooks."""

    def __init__(self) -> None:
        self._handlers: dict[str | None, Callable[..., _ResultT]] = {}

    def register(
        self, webhook_type: str | None
    ) -> Callable[[Callable[[_WebhookT], _ResultT]], Callable[[_WebhookT], _ResultT]]:
        """Return a decorator that registers a handler; None is for all types without one."""
        if webhook_type is not None and webhook_type not in TYPES:
            raise LagoArgumentError(
                f"on: this version does not know the type {printable(repr(webhook_type))}: correct it, or take "
                "webhooks of other types with `@hooks.on_other`"
            )
        if webhook_type in self._handlers:
            raise LagoArgumentError(f"on: {webhook_type or 'on_other'} has a handler, and a type has only one")

        def decorate(handler: Callable[[_WebhookT], _ResultT]) -> Callable[[_WebhookT], _ResultT]:
            self._handlers[webhook_type] = handler
            return handler

        return decorate

    def handler_of(self, webhook: Webhook) -> Callable[..., _ResultT] | None:
        """Return the handler of a webhook, which may be the one for all others."""
        return self._handlers.get(webhook.webhook_type or "") or self._handlers.get(None)
