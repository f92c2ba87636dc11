# GENERATED from lago_async/resources/quotes.py by `python -m tools.generate`. Do not edit.
"""Quotes: offers to customers. Lago's own app drafts them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.quotes import Quotes as AsyncQuotes
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from lago_async._table.query import PositiveInt
    from lago_async.models import OrderType, Quote, QuoteStatus, QuoteVersion
    from lago_sync.pager import Pager

__all__ = ["Quotes"]


class Quotes(Resource[AsyncQuotes]):
    """Quotes: offers to customers. Lago's own app drafts them."""

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
    ) -> Pager[Quote]:
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
        return self._page(
            self._async.find_all,
            page=page,
            per_page=per_page,
            status=status,
            order_type=order_type,
            number=number,
            owner_id=owner_id,
            external_customer_id=external_customer_id,
            from_date=from_date,
            to_date=to_date,
        )

    def find(self, lago_id: str) -> Quote:
        """Find a quote, with its owners and its newest version.

        Needs the feature flag ``order_forms``.

        Raises:
            NotFoundError: ``quote_not_found``.

        API operation: findQuote.
        """
        return self._run(self._async.find, lago_id)

    def find_all_versions(
        self, lago_id: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> Pager[QuoteVersion]:
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
        return self._page(self._async.find_all_versions, lago_id, page=page, per_page=per_page)
