# GENERATED from lago_async/resources/taxes.py by `python -m tools.generate`. Do not edit.
"""Taxes, which are applied to customers, plans, charges, add-ons and billing entities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.taxes import Taxes as AsyncTaxes
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from lago_async._table.query import PositiveInt
    from lago_async.models import Tax, TaxInput, TaxInputDict, TaxUpdateInput, TaxUpdateInputDict
    from lago_sync.pager import Pager

__all__ = ["Taxes"]


class Taxes(Resource[AsyncTaxes]):
    """Taxes, which are applied to customers, plans, charges, add-ons and billing entities."""

    def create(self, tax: TaxInput | TaxInputDict, /) -> Tax:
        """Create a tax.

        Args:
            tax: A ``TaxInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createTax.
        """
        return self._run(self._async.create, tax)

    def find(self, code: str) -> Tax:
        """Find a tax by its code.

        Raises:
            NotFoundError: ``tax_not_found``.

        API operation: findTax.
        """
        return self._run(self._async.find, code)

    def find_all(self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None) -> Pager[Tax]:
        """List taxes, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        API operation: findAllTaxes.
        """
        return self._page(self._async.find_all, page=page, per_page=per_page)

    def update(self, code: str, tax: TaxUpdateInput | TaxUpdateInputDict, /) -> Tax:
        """Change a tax; the server computes draft invoices again.

        Args:
            code: The code of the tax.
            tax: A ``TaxUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``tax_not_found``.
            ValidationError: A field was refused.

        API operation: updateTax.
        """
        return self._run(self._async.update, code, tax)

    def destroy(self, code: str) -> Tax:
        """Delete a tax, and return it as it was; the server computes draft invoices again.

        Raises:
            NotFoundError: ``tax_not_found``.

        API operation: destroyTax.
        """
        return self._run(self._async.destroy, code)
