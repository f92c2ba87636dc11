"""The part of a blocking client that resources and pagers need."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from lago_async._table.messages import Request, Response


class Sender(Protocol):
    """A sender of prepared requests, which returns their responses, whatever their status."""

    def send(self, request: Request, /) -> Response:
        """Send one request."""
        ...

    def send_all(self, requests: Sequence[Request], /, *, concurrency: int) -> list[Response]:
        """Send requests, ``concurrency`` at a time; return the responses in the order of the requests."""
        ...
