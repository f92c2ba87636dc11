"""Taxes, which are applied to customers, plans, charges, add-ons and billing entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        Tax,
        TaxInput,
        TaxInputDict,
        TaxUpdateInput,
        TaxUpdateInputDict,
    )

__all__ = ["Taxes"]


class Taxes(Resource):
    """Taxes, which are applied to customers, plans, charges, add-ons and billing entities."""

    @post("create_tax", "/taxes", root="tax")
    async def create(self, tax: TaxInput | TaxInputDict, /) -> Tax:
        """Create a tax.

        Args:
            tax: A ``TaxInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createTax.
        """

    @get("find_tax", "/taxes/{code}", root="tax")
    async def find(self, code: str) -> Tax:
        """Find a tax by its code.

        Raises:
            NotFoundError: ``tax_not_found``.

        API operation: findTax.
        """

    @get("find_all_taxes", "/taxes", root="taxes")
    def find_all(self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None) -> AsyncPager[Tax]:
        """List taxes, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        API operation: findAllTaxes.
        """

    @put("update_tax", "/taxes/{code}", root="tax")
    async def update(self, code: str, tax: TaxUpdateInput | TaxUpdateInputDict, /) -> Tax:
        """Change a tax; the server computes draft invoices again.

        Args:
            code: The code of the tax.
            tax: A ``TaxUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``tax_not_found``.
            ValidationError: A field was refused.

        API operation: updateTax.
        """

    @delete("destroy_tax", "/taxes/{code}", root="tax")
    async def destroy(self, code: str) -> Tax:
        """Delete a tax, and return it as it was; the server computes draft invoices again.

        Raises:
            NotFoundError: ``tax_not_found``.

        API operation: destroyTax.
        """
