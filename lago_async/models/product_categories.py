"""Models of product categories, which group the products of the catalogue."""

from lago_async.models._base import UNSET, Timestamp, UnsetType, input_model, response_model

__all__ = ["ProductCategory", "ProductCategoryInput", "ProductCategoryUpdateInput"]


@response_model
class ProductCategory:
    """A group of products.

    Attributes:
        invoice_display_name: Instead of the name, on invoices.
    """

    lago_id: str
    name: str
    code: str
    description: str | None
    invoice_display_name: str | None
    products_count: int
    created_at: Timestamp
    updated_at: Timestamp


@input_model
class ProductCategoryInput:
    """A product category to create.

    Attributes:
        code: Spaces around it are removed.
        invoice_display_name: Instead of the name, on invoices.
    """

    name: str
    code: str
    description: str | None | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET


@input_model
class ProductCategoryUpdateInput:
    """Changes to a product category. While a plan has a rate card of its products, the code cannot change."""

    name: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET
