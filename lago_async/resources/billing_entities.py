"""Billing entities: the companies that issue invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources._base import Resource, get, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        BillingEntity,
        BillingEntityInput,
        BillingEntityInputDict,
        BillingEntityUpdateInput,
        BillingEntityUpdateInputDict,
    )

__all__ = ["BillingEntities"]


class BillingEntities(Resource):
    """Billing entities: the companies that issue invoices."""

    @post("create_billing_entity", "/billing_entities", root="billing_entity", envelope_optional=True)
    async def create(self, billing_entity: BillingEntityInput | BillingEntityInputDict, /) -> BillingEntity:
        """Create a billing entity.

        Args:
            billing_entity: A ``BillingEntityInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused: ``code: value_already_exist``, ...
            ForbiddenError: The licence does not allow another entity.

        API operation: createBillingEntity.
        """

    @get("get_billing_entity", "/billing_entities/{code}", root="billing_entity")
    async def find(self, code: str) -> BillingEntity:
        """Find a billing entity by its code.

        Raises:
            NotFoundError: ``billing_entity_not_found``.

        API operation: getBillingEntity.
        """

    # Lago's name is `list`, which as a method would hide the builtin.
    @get("list_billing_entities", "/billing_entities", root="billing_entities")
    async def find_all(self) -> list[BillingEntity]:
        """List all billing entities.

        API operation: listBillingEntities.
        """

    @put("update_billing_entity", "/billing_entities/{code}", root="billing_entity", envelope_optional=True)
    async def update(
        self, code: str, billing_entity: BillingEntityUpdateInput | BillingEntityUpdateInputDict, /
    ) -> BillingEntity:
        """Change a billing entity; fields that are not given stay as they are.

        Args:
            code: The code of the entity.
            billing_entity: A ``BillingEntityUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``billing_entity_not_found`` or ``tax_not_found``.
            ValidationError: A field was refused.

        API operation: updateBillingEntity.
        """
