# GENERATED from lago_async/resources/billing_entities.py by `python -m tools.generate`. Do not edit.
"""Billing entities: the companies that issue invoices."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.billing_entities import BillingEntities as AsyncBillingEntities
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from lago_async.models import (
        BillingEntity,
        BillingEntityInput,
        BillingEntityInputDict,
        BillingEntityUpdateInput,
        BillingEntityUpdateInputDict,
    )

__all__ = ["BillingEntities"]


class BillingEntities(Resource[AsyncBillingEntities]):
    """Billing entities: the companies that issue invoices."""

    def create(self, billing_entity: BillingEntityInput | BillingEntityInputDict, /) -> BillingEntity:
        """Create a billing entity.

        Args:
            billing_entity: A ``BillingEntityInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused: ``code: value_already_exist``, ...
            ForbiddenError: The licence does not allow another entity.

        API operation: createBillingEntity.
        """
        return self._run(self._async.create, billing_entity)

    def find(self, code: str) -> BillingEntity:
        """Find a billing entity by its code.

        Raises:
            NotFoundError: ``billing_entity_not_found``.

        API operation: getBillingEntity.
        """
        return self._run(self._async.find, code)

    def find_all(self) -> list[BillingEntity]:
        """List all billing entities.

        API operation: listBillingEntities.
        """
        return self._run(self._async.find_all)

    def update(
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
        return self._run(self._async.update, code, billing_entity)
