# GENERATED from lago_async/resources/applied_rate_cards.py by `python -m tools.generate`. Do not edit.
"""Applied rate cards: the rate cards that plans have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.applied_rate_cards import AppliedRateCards as AsyncAppliedRateCards
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from lago_async._table.query import PositiveInt
    from lago_async.models import (
        AppliedRateCard,
        AppliedRateCardInput,
        AppliedRateCardInputDict,
        AppliedRateCardUpdateInput,
        AppliedRateCardUpdateInputDict,
    )
    from lago_sync.pager import Pager

__all__ = ["AppliedRateCards"]


class AppliedRateCards(Resource[AsyncAppliedRateCards]):
    """The rate cards that plans have, below ``/api/v2``. Lago stores them, but does not bill them yet."""

    def create(
        self, plan_code: str, applied_rate_card: AppliedRateCardInput | AppliedRateCardInputDict, /
    ) -> AppliedRateCard:
        """Apply a rate card to a plan that has no subscriptions.

        Args:
            plan_code: The code of the plan.
            applied_rate_card: An ``AppliedRateCardInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``plan_not_found`` or ``rate_card_not_found``.
            ValidationError: ``plan: plan_locked`` once the plan has had a subscription, ``currency:
                currency_does_not_match``, ``rate_card: product_already_priced``, ...

        API operation: createAppliedRateCard.
        """
        return self._run(self._async.create, plan_code, applied_rate_card)

    def find(self, plan_code: str, code: str) -> AppliedRateCard:
        """Find a rate card of a plan.

        Args:
            plan_code: The code of the plan.
            code: The code of the rate card.

        Raises:
            NotFoundError: ``applied_rate_card_not_found``, also for an unknown plan.

        API operation: findAppliedRateCard.
        """
        return self._run(self._async.find, plan_code, code)

    def find_all(
        self, plan_code: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> Pager[AppliedRateCard]:
        """List the rate cards of a plan, the newest first.

        Args:
            plan_code: The code of the plan.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``plan_not_found``.

        API operation: findAllAppliedRateCards.
        """
        return self._page(self._async.find_all, plan_code, page=page, per_page=per_page)

    def update(
        self,
        plan_code: str,
        code: str,
        applied_rate_card: AppliedRateCardUpdateInput | AppliedRateCardUpdateInputDict,
        /,
    ) -> AppliedRateCard:
        """Change the units of a rate card of a plan.

        Args:
            plan_code: The code of the plan.
            code: The code of the rate card.
            applied_rate_card: An ``AppliedRateCardUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``applied_rate_card_not_found``, also for an unknown plan.
            ValidationError: ``plan: plan_locked`` once the plan has had a subscription, or ``units`` was refused.

        API operation: updateAppliedRateCard.
        """
        return self._run(self._async.update, plan_code, code, applied_rate_card)

    def destroy(self, plan_code: str, code: str) -> AppliedRateCard:
        """Remove a rate card from a plan, and return it.

        Args:
            plan_code: The code of the plan.
            code: The code of the rate card.

        Raises:
            NotFoundError: ``applied_rate_card_not_found``, also for an unknown plan.
            ValidationError: ``plan: plan_locked`` once the plan has had a subscription.

        API operation: destroyAppliedRateCard.
        """
        return self._run(self._async.destroy, plan_code, code)
