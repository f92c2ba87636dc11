"""Add-ons: the items of one-off invoices and fixed charges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        AddOn,
        AddOnInput,
        AddOnInputDict,
        AddOnUpdateInput,
        AddOnUpdateInputDict,
    )

__all__ = ["AddOns"]


class AddOns(Resource):
    """Add-ons: the items of one-off invoices and fixed charges."""

    @post("create_add_on", "/add_ons", root="add_on")
    async def create(self, add_on: AddOnInput | AddOnInputDict, /) -> AddOn:
        """Create an add-on.

        Args:
            add_on: An ``AddOnInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``tax_not_found``.
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createAddOn.
        """

    @get("find_add_on", "/add_ons/{code}", root="add_on")
    async def find(self, code: str) -> AddOn:
        """Find an add-on by its code.

        Raises:
            NotFoundError: ``add_on_not_found``.

        API operation: findAddOn.
        """

    @get("find_all_add_ons", "/add_ons", root="add_ons")
    def find_all(self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None) -> AsyncPager[AddOn]:
        """List add-ons, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        API operation: findAllAddOns.
        """

    @put("update_add_on", "/add_ons/{code}", root="add_on")
    async def update(self, code: str, add_on: AddOnUpdateInput | AddOnUpdateInputDict, /) -> AddOn:
        """Change an add-on; fields that are not given stay as they are.

        Args:
            code: The code of the add-on.
            add_on: An ``AddOnUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``add_on_not_found`` or ``tax_not_found``.
            ValidationError: A field was refused.

        API operation: updateAddOn.
        """

    @delete("destroy_add_on", "/add_ons/{code}", root="add_on")
    async def destroy(self, code: str) -> AddOn:
        """Delete an add-on, and return it as it was. Invoices with it are not changed.

        Raises:
            NotFoundError: ``add_on_not_found``.

        API operation: destroyAddOn.
        """
