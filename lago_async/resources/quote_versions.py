"""The versions of quotes: finding, approving, voiding and cloning them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources._base import Resource, get, post

if TYPE_CHECKING:
    from lago_async.models import (
        QuoteVersion,
        QuoteVersionApproveInput,
        QuoteVersionApproveInputDict,
    )

__all__ = ["QuoteVersions"]


class QuoteVersions(Resource):
    """The versions of quotes: finding, approving, voiding and cloning them."""

    @get("find_quote_version", "/quote_versions/{lago_id}", root="quote_version", gates=("order_forms",))
    async def find(self, lago_id: str) -> QuoteVersion:
        """Find a version of a quote, with its text and its items.

        Needs the feature flag ``order_forms``.

        Raises:
            NotFoundError: ``quote_version_not_found``.

        API operation: findQuoteVersion.
        """

    @post(
        "approve_quote_version",
        "/quote_versions/{lago_id}/approve",
        root="quote_version",
        request_root=None,
        gates=("premium", "order_forms"),
    )
    async def approve(
        self, lago_id: str, how: QuoteVersionApproveInput | QuoteVersionApproveInputDict | None = None, /
    ) -> QuoteVersion:
        """Approve a draft. The server makes its order form: ``order_forms.find_all(quote_number=[...])`` finds it.

        Needs a premium licence and the feature flag ``order_forms``.

        Args:
            lago_id: The ``lago_id`` of the version.
            how: A ``QuoteVersionApproveInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``quote_version_not_found``.
            ValidationError: ``status: not_approvable``: it is not a draft; ``expires_at: invalid_date`` or
                ``after_deal_expiration``; or its items are incomplete:
                ``billing_items.addOns.0.payload.code: value_is_mandatory``.

        API operation: approveQuoteVersion.
        """

    @post(
        "void_quote_version",
        "/quote_versions/{lago_id}/void",
        root="quote_version",
        gates=("premium", "order_forms"),
        risk="destroys",
    )
    async def void(self, lago_id: str) -> QuoteVersion:
        """Void a draft. To void an approved version, void its order form.

        Needs a premium licence and the feature flag ``order_forms``.

        Raises:
            NotFoundError: ``quote_version_not_found``.
            ValidationError: ``status: not_voidable``: it is not a draft.

        API operation: voidQuoteVersion.
        """

    @post(
        "clone_quote_version", "/quote_versions/{lago_id}/clone", root="quote_version", gates=("premium", "order_forms")
    )
    async def clone(self, lago_id: str) -> QuoteVersion:
        """Make a new draft from any version of a quote. The previous draft is voided.

        Needs a premium licence and the feature flag ``order_forms``.

        Raises:
            NotFoundError: ``quote_version_not_found``.
            ValidationError: ``status: not_clonable``: a version of the quote is approved.

        API operation: cloneQuoteVersion.
        """
