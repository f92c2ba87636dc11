"""Product categories: groups of products of the catalogue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        ProductCategory,
        ProductCategoryInput,
        ProductCategoryInputDict,
        ProductCategoryUpdateInput,
        ProductCategoryUpdateInputDict,
    )

__all__ = ["ProductCategories"]


class ProductCategories(Resource):
    """Product categories: groups of products of the catalogue, below ``/api/v2``."""

    @post("create_product_category", "/product_categories", version="v2", root="product_category")
    async def create(self, product_category: ProductCategoryInput | ProductCategoryInputDict, /) -> ProductCategory:
        """Create a product category.

        Args:
            product_category: A ``ProductCategoryInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createProductCategory.
        """

    @get("find_product_category", "/product_categories/{code}", version="v2", root="product_category")
    async def find(self, code: str) -> ProductCategory:
        """Find a product category by its code.

        Raises:
            NotFoundError: ``product_category_not_found``.

        API operation: findProductCategory.
        """

    @get("find_all_product_categories", "/product_categories", version="v2", root="product_categories")
    def find_all(
        self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None, search_term: str | None = None
    ) -> AsyncPager[ProductCategory]:
        """List product categories, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            search_term: Part of a name or a code, case-insensitive.

        API operation: findAllProductCategories.
        """

    @put("update_product_category", "/product_categories/{code}", version="v2", root="product_category")
    async def update(
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

    @delete("destroy_product_category", "/product_categories/{code}", version="v2", root="product_category")
    async def destroy(self, code: str) -> ProductCategory:
        """Delete a product category with its products, their filters and their rate cards, and return it.

        Raises:
            NotFoundError: ``product_category_not_found``.
            ValidationError: ``product_category: attached_to_plan_or_subscription``: a plan has a rate card of one of
                its products.

        API operation: destroyProductCategory.
        """
