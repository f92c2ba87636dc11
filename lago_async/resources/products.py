"""Products of the catalogue, and their filters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        Product,
        ProductFilter,
        ProductFilterInput,
        ProductFilterInputDict,
        ProductFilterUpdateInput,
        ProductFilterUpdateInputDict,
        ProductInput,
        ProductInputDict,
        ProductType,
        ProductUpdateInput,
        ProductUpdateInputDict,
    )

__all__ = ["Products"]


class Products(Resource):
    """Products of the catalogue, and their filters, below ``/api/v2``."""

    @post("create_product", "/products", version="v2", root="product")
    async def create(self, product: ProductInput | ProductInputDict, /) -> Product:
        """Create a product.

        Args:
            product: A ``ProductInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``billable_metric_not_found``, also for a metric that is null; or
                ``product_category_not_found``.
            ValidationError: A field was refused: ``billable_metric_code: value_is_mandatory`` for usage without a
                metric, ...

        API operation: createProduct.
        """

    @get("find_product", "/products/{code}", version="v2", root="product")
    async def find(self, code: str) -> Product:
        """Find a product by its code.

        Raises:
            NotFoundError: ``product_not_found``.

        API operation: findProduct.
        """

    @get("find_all_products", "/products", version="v2", root="products")
    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        search_term: str | None = None,
        product_type: ProductType | None = None,
        product_category_code: Sequence[str] | None = None,
        without_product_category: bool | None = None,
    ) -> AsyncPager[Product]:
        """List products, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            search_term: Part of a name or a code, case-insensitive.
            product_type: Exactly this type.
            product_category_code: Any of these categories, each named once.
            without_product_category: Only products without a category; together with ``product_category_code``, also
                those.

        Raises:
            NotFoundError: ``product_category_not_found``: a category is unknown, or named twice.
            ValidationError: ``product_type: value_is_invalid``.

        API operation: findAllProducts.
        """

    @put("update_product", "/products/{code}", version="v2", root="product")
    async def update(self, code: str, product: ProductUpdateInput | ProductUpdateInputDict, /) -> Product:
        """Change a product; fields that are not given stay as they are.

        Args:
            code: The code of the product.
            product: A ``ProductUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``product_category_not_found`` or ``product_not_found``.
            ValidationError: A field was refused: ``code`` or ``product_category_code``
                ``attached_to_plan_or_subscription`` while a plan has a rate card of it, ...

        API operation: updateProduct.
        """

    @delete("destroy_product", "/products/{code}", version="v2", root="product")
    async def destroy(self, code: str) -> Product:
        """Delete a product with its filters, rate cards and rates, and return it.

        Raises:
            NotFoundError: ``product_not_found``.
            ValidationError: ``product: attached_to_plan_or_subscription``: a plan has a rate card of it. Remove the
                card from the plan before you delete the plan, or the product stays for ever.

        API operation: destroyProduct.
        """

    @post("create_product_filter", "/products/{product_code}/filters", version="v2", root="filter")
    async def create_filter(
        self, product_code: str, product_filter: ProductFilterInput | ProductFilterInputDict, /
    ) -> ProductFilter:
        """Create a filter of a product that counts usage.

        Args:
            product_code: The code of the product.
            product_filter: A ``ProductFilterInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``product_not_found``.
            ValidationError: A field was refused: ``values: value_already_exist``, ``values.key: value_is_invalid``,
                ``product: not_allowed_for_product_type`` for a fixed product, ...

        API operation: createProductFilter.
        """

    @get("find_product_filter", "/products/{product_code}/filters/{code}", version="v2", root="filter")
    async def find_filter(self, product_code: str, code: str) -> ProductFilter:
        """Find a filter of a product by its code.

        Args:
            product_code: The code of the product.
            code: The code of the filter.

        Raises:
            NotFoundError: ``product_not_found`` or ``product_filter_not_found``.

        API operation: findProductFilter.
        """

    @get("find_all_product_filters", "/products/{product_code}/filters", version="v2", root="filters")
    def find_all_filters(
        self,
        product_code: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        search_term: str | None = None,
    ) -> AsyncPager[ProductFilter]:
        """List the filters of a product, the oldest first.

        Args:
            product_code: The code of the product.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            search_term: Part of a name or a code, case-insensitive.

        Raises:
            NotFoundError: ``product_not_found``.

        API operation: findAllProductFilters.
        """

    @put("update_product_filter", "/products/{product_code}/filters/{code}", version="v2", root="filter")
    async def update_filter(
        self, product_code: str, code: str, product_filter: ProductFilterUpdateInput | ProductFilterUpdateInputDict, /
    ) -> ProductFilter:
        """Change a filter of a product; fields that are not given stay as they are.

        Args:
            product_code: The code of the product.
            code: The code of the filter.
            product_filter: A ``ProductFilterUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``product_not_found`` or ``product_filter_not_found``.
            ValidationError: A field was refused: ``code: attached_to_plan_or_subscription`` while a plan has a rate
                card of the product, ...

        API operation: updateProductFilter.
        """

    @delete("destroy_product_filter", "/products/{product_code}/filters/{code}", version="v2", root="filter")
    async def destroy_filter(self, product_code: str, code: str) -> ProductFilter:
        """Delete a filter of a product with its rate cards, and return it.

        Args:
            product_code: The code of the product.
            code: The code of the filter.

        Raises:
            NotFoundError: ``product_not_found`` or ``product_filter_not_found``.
            ValidationError: ``product_filter: attached_to_plan_or_subscription``: a plan has a rate card of the
                product.

        API operation: destroyProductFilter.
        """
