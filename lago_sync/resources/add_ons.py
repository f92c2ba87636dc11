# GENERATED from lago_async/resources/add_ons.py by `python -m tools.generate`. Do not edit.
"""Add-ons: the items of one-off invoices and fixed charges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.add_ons import AddOns as AsyncAddOns
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from lago_async._table.query import PositiveInt
    from lago_async.models import AddOn, AddOnInput, AddOnInputDict, AddOnUpdateInput, AddOnUpdateInputDict
    from lago_sync.pager import Pager

__all__ = ["AddOns"]


class AddOns(Resource[AsyncAddOns]):
    """Add-ons: the items of one-off invoices and fixed charges."""

    def create(self, add_on: AddOnInput | AddOnInputDict, /) -> AddOn:
        """Create an add-on.

        Args:
            add_on: An ``AddOnInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``tax_not_found``.
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createAddOn.
        """
        return self._run(self._async.create, add_on)

    def find(self, code: str) -> AddOn:
        """Find an add-on by its code.

        Raises:
            NotFoundError: ``add_on_not_found``.

        API operation: findAddOn.
        """
        return self._run(self._async.find, code)

    def find_all(self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None) -> Pager[AddOn]:
        """List add-ons, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        API operation: findAllAddOns.
        """
        return self._page(self._async.find_all, page=page, per_page=per_page)

    def update(self, code: str, add_on: AddOnUpdateInput | AddOnUpdateInputDict, /) -> AddOn:
        """Change an add-on; fields that are not given stay as they are.

        Args:
            code: The code of the add-on.
            add_on: An ``AddOnUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``add_on_not_found`` or ``tax_not_found``.
            ValidationError: A field was refused.

        API operation: updateAddOn.
        """
        return self._run(self._async.update, code, add_on)

    def destroy(self, code: str) -> AddOn:
        """Delete an add-on, and return it as it was. Invoices with it are not changed.

        Raises:
            NotFoundError: ``add_on_not_found``.

        API operation: destroyAddOn.
        """
        return self._run(self._async.destroy, code)
