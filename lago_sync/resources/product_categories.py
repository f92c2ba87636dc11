# GENERATED from lago_async/resources/product_categories.py by `python -m tools.generate`. Do not edit.
"""Product categories: groups of products of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.product_categories import ProductCategories as AsyncProductCategories
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from lago_async._table.query import PositiveInt
    from lago_async.models import (
        ProductCategory,
        ProductCategoryInput,
        ProductCategoryInputDict,
        ProductCategoryUpdateInput,
        ProductCategoryUpdateInputDict,
    )
    from lago_sync.pager import Pager

__all__ = ["ProductCategories"]


class ProductCategories(Resource[AsyncProductCategories]):
    """Product categories: groups of products of the catalogue, below ``/api/v2``."""

    def create(self, product_category: ProductCategoryInput | ProductCategoryInputDict, /) -> ProductCategory:
        """Create a product category.

        Args:
            product_category: A ``ProductCategoryInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createProductCategory.
        """
        return self._run(self._async.create, product_category)

    def find(self, code: str) -> ProductCategory:
        """Find a product category by its code.

        Raises:
            NotFoundError: ``product_category_not_found``.

        API operation: findProductCategory.
        """
        return self._run(self._async.find, code)

    def find_all(
        self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None, search_term: str | None = None
    ) -> Pager[ProductCategory]:
        """List product categories, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            search_term: Part of a name or a code, case-insensitive.

        API operation: findAllProductCategories.
        """
        return self._page(self._async.find_all, page=page, per_page=per_page, search_term=search_term)

    def update(
        self, code: str, product_category: ProductCategoryUpdateInput | ProductCategoryUpdateInputDict, /
    ) -> ProductCategory:
        """Change a product category; fields that are not given stay as they are.

        Args:
            code: The code of the category.
            product_category: A ``ProductCategoryUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``product_category_not_found``.
            ValidationError: A field was refused: ``code: attached_to_plan_or_subscription`` while a plan has a rate
                card of one of its products, ...

        API operation: updateProductCategory.
        """
        return self._run(self._async.update, code, product_category)

    def destroy(self, code: str) -> ProductCategory:
        """Delete a product category with its products, their filters and their rate cards, and return it.

        Raises:
            NotFoundError: ``product_category_not_found``.
            ValidationError: ``product_category: attached_to_plan_or_subscription``: a plan has a rate card of one of
                its products.

        API operation: destroyProductCategory.
        """
        return self._run(self._async.destroy, code)
