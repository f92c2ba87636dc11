"""Add-ons: what one-off invoices and fixed charges bill."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, post, put

if TYPE_CHECKING:
    from lago_async.models import AddOn, AddOnInput, AddOnUpdateInput

__all__ = ["AddOns"]


class AddOns(Resource):
    """Add-ons: what one-off invoices and fixed charges bill."""

    @post("create_add_on", "/add_ons", root="add_on")
    async def create(self, add_on: AddOnInput | Mapping[str, object], /) -> AddOn:
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
            page: Number of the page to begin with.
            per_page: Items on a page, 100 unless given.

        API operation: findAllAddOns.
        """

    @put("update_add_on", "/add_ons/{code}", root="add_on")
    async def update(self, code: str, add_on: AddOnUpdateInput | Mapping[str, object], /) -> AddOn:
        """Change an add-on; what is not given stays as it is.

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
        """Delete an add-on, and return it as it was. Invoices that have it stay.

        Raises:
            NotFoundError: ``add_on_not_found``.

        API operation: destroyAddOn.
        """
