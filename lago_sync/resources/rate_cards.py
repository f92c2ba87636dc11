# GENERATED from lago_async/resources/rate_cards.py by `python -m tools.generate`. Do not edit.
"""Rate cards: the prices of products, and how they change over time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.rate_cards import RateCards as AsyncRateCards
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lago_async._table.query import PositiveInt
    from lago_async.models import (
        RateCard,
        RateCardInput,
        RateCardInputDict,
        RateCardRate,
        RateCardRateInput,
        RateCardRateInputDict,
        RateCardRateUpdateInput,
        RateCardRateUpdateInputDict,
        RateCardUpdateInput,
        RateCardUpdateInputDict,
    )
    from lago_sync.pager import Pager

__all__ = ["RateCards"]


class RateCards(Resource[AsyncRateCards]):
    """Rate cards: the prices of products, and how they change over time, below ``/api/v2``."""

    def create(self, rate_card: RateCardInput | RateCardInputDict, /) -> RateCard:
        """Create a rate card, and its rates if some are given.

        Args:
            rate_card: A ``RateCardInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``product_not_found`` or ``product_filter_not_found``.
            ValidationError: A field was refused: ``proration: requires_recurring_metric``, ...
                Errors of the rates do not say which one: ``rates.code: value_already_exist``.

        API operation: createRateCard.
        """
        return self._run(self._async.create, rate_card)

    def find(self, code: str) -> RateCard:
        """Find a rate card by its code, with its active rate.

        Raises:
            NotFoundError: ``rate_card_not_found``.

        API operation: findRateCard.
        """
        return self._run(self._async.find, code)

    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        search_term: str | None = None,
        product_id: str | None = None,
        product_filter_id: str | None = None,
        code: Sequence[str] | None = None,
        product_code: Sequence[str] | None = None,
        product_filter_code: Sequence[str] | None = None,
    ) -> Pager[RateCard]:
        """List rate cards, the newest first, without their active rates.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            search_term: Part of a name or a code, case-insensitive.
            product_id: Only cards of the product with this ``lago_id``.
            product_filter_id: Only cards of the filter with this ``lago_id``.
            code: Any of these cards.
            product_code: Cards of any of these products; unknown codes find nothing.
            product_filter_code: Cards of any of these filters; unknown codes find nothing.

        API operation: findAllRateCards.
        """
        return self._page(
            self._async.find_all,
            page=page,
            per_page=per_page,
            search_term=search_term,
            product_id=product_id,
            product_filter_id=product_filter_id,
            code=code,
            product_code=product_code,
            product_filter_code=product_filter_code,
        )

    def update(self, code: str, rate_card: RateCardUpdateInput | RateCardUpdateInputDict, /) -> RateCard:
        """Change a rate card; fields that are not given stay as they are.

        Args:
            code: The code of the rate card.
            rate_card: A ``RateCardUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``rate_card_not_found``.
            ValidationError: A field was refused: ``currency: not_editable_with_rates``, ``code:
                attached_to_plan_or_subscription``, ...

        API operation: updateRateCard.
        """
        return self._run(self._async.update, code, rate_card)

    def destroy(self, code: str) -> RateCard:
        """Delete a rate card with its rates, and return it.

        Raises:
            NotFoundError: ``rate_card_not_found``.
            ValidationError: ``rate_card: attached_to_plan_or_subscription``: a plan has the card.

        API operation: destroyRateCard.
        """
        return self._run(self._async.destroy, code)

    def create_rate(
        self, rate_card_code: str, rate: RateCardRateInput | RateCardRateInputDict, /
    ) -> RateCardRate:
        """Create a rate of a rate card, which takes effect after the active one.

        Args:
            rate_card_code: The code of the rate card.
            rate: A ``RateCardRateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``rate_card_not_found``.
            ValidationError: A field was refused: ``effective_from: must_be_after_active_rate``,
                ``rate_properties: invalid_amount``, ...

        API operation: createRateCardRate.
        """
        return self._run(self._async.create_rate, rate_card_code, rate)

    def find_rate(self, rate_card_code: str, code: str) -> RateCardRate:
        """Find a rate of a rate card by its code.

        Args:
            rate_card_code: The code of the rate card.
            code: The code of the rate.

        Raises:
            NotFoundError: ``rate_card_not_found`` or ``rate_card_rate_not_found``.

        API operation: findRateCardRate.
        """
        return self._run(self._async.find_rate, rate_card_code, code)

    def find_all_rates(
        self, rate_card_code: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> Pager[RateCardRate]:
        """List the rates of a rate card, the latest ``effective_from`` first.

        Args:
            rate_card_code: The code of the rate card.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``rate_card_not_found``.

        API operation: findAllRateCardRates.
        """
        return self._page(self._async.find_all_rates, rate_card_code, page=page, per_page=per_page)

    def update_rate(
        self, rate_card_code: str, code: str, rate: RateCardRateUpdateInput | RateCardRateUpdateInputDict, /
    ) -> RateCardRate:
        """Change a rate; fields that are not given stay as they are.

        Args:
            rate_card_code: The code of the rate card.
            code: The code of the rate.
            rate: A ``RateCardRateUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``rate_card_not_found`` or ``rate_card_rate_not_found``.
            ValidationError: A field was refused: ``status: terminated_rate_not_editable``, ``rate_model:
                not_editable_on_active_rate``, ``rate_card: attached_to_subscriptions``, ...

        API operation: updateRateCardRate.
        """
        return self._run(self._async.update_rate, rate_card_code, code, rate)

    def destroy_rate(self, rate_card_code: str, code: str) -> RateCardRate:
        """Delete a rate that is not in effect yet, and return it.

        Args:
            rate_card_code: The code of the rate card.
            code: The code of the rate.

        Raises:
            NotFoundError: ``rate_card_not_found`` or ``rate_card_rate_not_found``.
            ValidationError: ``status: only_pending_rates_can_be_deleted``.

        API operation: destroyRateCardRate.
        """
        return self._run(self._async.destroy_rate, rate_card_code, code)
