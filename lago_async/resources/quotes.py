"""Quotes: offers to customers. Lago's own app drafts them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, get

if TYPE_CHECKING:
    from lago_async.models import OrderType, Quote, QuoteStatus, QuoteVersion

__all__ = ["Quotes"]


class Quotes(Resource):
    """Quotes: offers to customers. Lago's own app drafts them."""

    @get("find_all_quotes", "/quotes", root="quotes", gates=("order_forms",))
    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        status: Sequence[QuoteStatus] | None = None,
        order_type: Sequence[OrderType] | None = None,
        number: Sequence[str] | None = None,
        owner_id: Sequence[str] | None = None,
        external_customer_id: Sequence[str] | None = None,
        from_date: date | None = None,
        to_date: date | None = None,
    ) -> AsyncPager[Quote]:
        """List quotes, the newest first, without their owners.

        Needs the feature flag ``order_forms``.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            status: The newest version has any of these states.
            order_type: Any of these.
            number: Any of these numbers, each like ``QT-2026-0001``.
            owner_id: Any of these owners, by ``lago_id``.
            external_customer_id: Any of these customers, by your id.
            from_date: Created on this day or later.
            to_date: Created before this day; a quote of the day itself is not in the list.

        Raises:
            ValidationError: A filter was refused.

        API operation: findAllQuotes.
        """

    @get("find_quote", "/quotes/{lago_id}", root="quote", gates=("order_forms",))
    async def find(self, lago_id: str) -> Quote:
        """Find a quote, with its owners and its newest version.

        Needs the feature flag ``order_forms``.

        Raises:
            NotFoundError: ``quote_not_found``.

        API operation: findQuote.
        """

    @get("find_all_quote_versions", "/quotes/{lago_id}/versions", root="quote_versions", gates=("order_forms",))
    def find_all_versions(
        self, lago_id: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> AsyncPager[QuoteVersion]:
        """List the versions of a quote, the newest first, without their texts and items.

        Needs the feature flag ``order_forms``.

        Args:
            lago_id: The ``lago_id`` of the quote.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``quote_not_found``.

        API operation: findAllQuoteVersions.
        """
