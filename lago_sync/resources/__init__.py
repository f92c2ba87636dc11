# GENERATED from lago_async/resources/__init__.py by `python -m lago_sync.generate`. Do not edit.
"""The blocking face of the endpoint table: one module per resource group."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from lago_async.client import LagoClient as AsyncLagoClient
    from lago_sync.client import LagoClient
    from lago_sync.resources.customers import Customers

__all__ = ["Resources"]


class Resources:
    """One attribute per resource group; each loads its rows and models when it is first used."""

    _async: AsyncLagoClient

    @cached_property
    def customers(self) -> Customers:
        """Customers and what hangs off them: usage, portal and checkout links, applied coupons."""
        from lago_sync.resources.customers import Customers

        return Customers(cast("LagoClient", self), self._async.customers)
