"""The endpoint table: one module per resource group, one decorated stub per operation."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lago_async.endpoint import Answer, Request
    from lago_async.resources.customers import Customers

__all__ = ["Resources"]


class Resources:
    """One attribute per resource group; each loads its rows and models when it is first used."""

    @abstractmethod
    async def send(self, request: Request, /) -> Answer:
        """Send a request that ``Endpoint.encode`` made; ``Endpoint.decode`` reads the answer, of whatever status."""

    @cached_property
    def customers(self) -> Customers:
        """Customers and what hangs off them: usage, portal and checkout links, applied coupons."""
        from lago_async.resources.customers import Customers

        return Customers(self)
