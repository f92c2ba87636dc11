"""Applied rate cards: the rate cards that plans have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        AppliedRateCard,
        AppliedRateCardInput,
        AppliedRateCardInputDict,
        AppliedRateCardUpdateInput,
        AppliedRateCardUpdateInputDict,
    )

__all__ = ["AppliedRateCards"]


class AppliedRateCards(Resource):
    """The rate cards that plans have, below ``/api/v2``. Lago stores them, but does not bill them yet."""

    @post("create_applied_rate_card", "/plans/{plan_code}/applied_rate_cards", version="v2", root="applied_rate_card")
    async def create(
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

    @get(
        "find_applied_rate_card", "/plans/{plan_code}/applied_rate_cards/{code}", version="v2", root="applied_rate_card"
    )
    async def find(self, plan_code: str, code: str) -> AppliedRateCard:
        """Find a rate card of a plan.

        Args:
            plan_code: The code of the plan.
            code: The code of the rate card.

        Raises:
            NotFoundError: ``applied_rate_card_not_found``, also for an unknown plan.

        API operation: findAppliedRateCard.
        """

    @get(
        "find_all_applied_rate_cards", "/plans/{plan_code}/applied_rate_cards", version="v2", root="applied_rate_cards"
    )
    def find_all(
        self, plan_code: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> AsyncPager[AppliedRateCard]:
        """List the rate cards of a plan, the newest first.

        Args:
            plan_code: The code of the plan.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``plan_not_found``.

        API operation: findAllAppliedRateCards.
        """

    @put(
        "update_applied_rate_card",
        "/plans/{plan_code}/applied_rate_cards/{code}",
        version="v2",
        root="applied_rate_card",
    )
    async def update(
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

    @delete(
        "destroy_applied_rate_card",
        "/plans/{plan_code}/applied_rate_cards/{code}",
        version="v2",
        root="applied_rate_card",
    )
    async def destroy(self, plan_code: str, code: str) -> AppliedRateCard:
        """Remove a rate card from a plan, and return it.

        Args:
            plan_code: The code of the plan.
            code: The code of the rate card.

        Raises:
            NotFoundError: ``applied_rate_card_not_found``, also for an unknown plan.
            ValidationError: ``plan: plan_locked`` once the plan has had a subscription.

        API operation: destroyAppliedRateCard.
        """
