"""Credit notes, with their metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, patch, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        CreditNote,
        CreditNoteEstimate,
        CreditNoteEstimateInput,
        CreditNoteEstimateInputDict,
        CreditNoteInput,
        CreditNoteInputDict,
        CreditNoteReason,
        CreditNoteType,
        CreditNoteUpdateInput,
        CreditNoteUpdateInputDict,
        CreditStatus,
        RefundStatus,
        ResendEmailInput,
        ResendEmailInputDict,
    )

__all__ = ["CreditNotes"]


class CreditNotes(Resource):
    """Credit notes, with their metadata."""

    @post("create_credit_note", "/credit_notes", root="credit_note", gates=("premium",), risk="moves_money")
    async def create(self, credit_note: CreditNoteInput | CreditNoteInputDict, /) -> CreditNote:
        """Create a credit note, which takes back an invoice in whole or in part.

        Needs a premium licence.

        The server makes the credit, the refund and the offset at once. The client never repeats this call by itself.

        Args:
            credit_note: A ``CreditNoteInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``invoice_not_found`` or ``fee_not_found``.
            ForbiddenError: ``feature_unavailable``: the server has no premium licence.
            NotAllowedError: ``invalid_type_or_status``: the invoice cannot be credited.
            ValidationError: An amount was refused: ``higher_than_remaining_invoice_amount``, ...

        API operation: createCreditNote.
        """

    @get("find_credit_note", "/credit_notes/{lago_id}", root="credit_note")
    async def find(self, lago_id: str) -> CreditNote:
        """Find a credit note.

        Raises:
            NotFoundError: ``credit_note_not_found``.

        API operation: findCreditNote.
        """

    @get("find_all_credit_notes", "/credit_notes", root="credit_notes")
    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        external_customer_id: str | None = None,
        issuing_date_from: date | None = None,
        issuing_date_to: date | None = None,
        search_term: str | None = None,
        currency: str | None = None,
        reason: CreditNoteReason | None = None,
        credit_status: CreditStatus | None = None,
        refund_status: RefundStatus | None = None,
        invoice_number: str | None = None,
        amount_from: int | None = None,
        amount_to: int | None = None,
        self_billed: bool | None = None,
        billing_entity_codes: Sequence[str] | None = None,
        purchase_order_number: str | None = None,
        types: Sequence[CreditNoteType] | None = None,
    ) -> AsyncPager[CreditNote]:
        """List credit notes, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            external_customer_id: Only this customer, by your id.
            issuing_date_from: Issued on this day or later.
            issuing_date_to: Issued on this day or earlier.
            search_term: Part of a name, number, id or email.
            currency: Only this currency, ISO 4217.
            reason: Exactly this reason.
            credit_status: Exactly this status of the credit.
            refund_status: Exactly this status of the refund.
            invoice_number: Only for the invoice with this number.
            amount_from: At least this many cents.
            amount_to: At most this many cents.
            self_billed: True: only those that the partner pays; False: only the others.
            billing_entity_codes: Any of these entities; an unknown code raises ``NotFoundError``.
            purchase_order_number: Exactly this number.
            types: Any of these kinds.

        Raises:
            NotFoundError: ``billing_entity_not_found``.
            ValidationError: A filter was refused.

        API operation: findAllCreditNotes.
        """

    @put("update_credit_note", "/credit_notes/{lago_id}", root="credit_note", risk="moves_money")
    async def update(
        self, lago_id: str, credit_note: CreditNoteUpdateInput | CreditNoteUpdateInputDict, /
    ) -> CreditNote:
        """Change the refund status or the metadata of a credit note.

        Args:
            lago_id: The ``lago_id`` of the credit note.
            credit_note: A ``CreditNoteUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``credit_note_not_found``.
            ValidationError: A field was refused.

        API operation: updateCreditNote.
        """

    @put("void_credit_note", "/credit_notes/{lago_id}/void", root="credit_note", risk="moves_money")
    async def void(self, lago_id: str) -> CreditNote:
        """Void the credit that is left on a credit note.

        Raises:
            NotFoundError: ``credit_note_not_found``.
            NotAllowedError: ``no_voidable_amount``: no credit is left.

        API operation: voidCreditNote.
        """

    @post("estimate_credit_note", "/credit_notes/estimate",
          root="estimated_credit_note", request_root="credit_note", idempotent=True, gates=("premium",))  # fmt: skip
    async def estimate(
        self, credit_note: CreditNoteEstimateInput | CreditNoteEstimateInputDict, /
    ) -> CreditNoteEstimate:
        """Compute the amounts of a credit note. The server stores nothing.

        Needs a premium licence.

        Args:
            credit_note: A ``CreditNoteEstimateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``invoice_not_found`` or ``fee_not_found``.
            ValidationError: A field was refused.

        API operation: estimateCreditNote.
        """

    # A repeated call only generates the same file again.
    @post("download_credit_note", "/credit_notes/{lago_id}/download", root="credit_note", idempotent=True)
    async def download(self, lago_id: str) -> CreditNote | None:
        """Ask for the PDF of a credit note; ``file_url`` of the result is its address.

        ``file_url`` is None while the server generates the file: call again, or wait for the webhook
        ``credit_note.generated``.

        Raises:
            NotFoundError: ``credit_note_not_found``.

        API operation: downloadCreditNote.
        """

    @post("download_credit_note_pdf", "/credit_notes/{lago_id}/download_pdf", root="credit_note", idempotent=True)
    async def download_pdf(self, lago_id: str) -> CreditNote | None:
        """Ask for the PDF like ``download``, by the newer name of the same operation.

        Raises:
            NotFoundError: ``credit_note_not_found``.

        API operation: downloadCreditNotePdf.
        """

    @post("download_credit_note_xml", "/credit_notes/{lago_id}/download_xml", root="credit_note", idempotent=True)
    async def download_xml(self, lago_id: str) -> CreditNote | None:
        """Ask for the XML of an electronic credit note; ``xml_url`` of the result is its address.

        The result is None until the PDF exists, so ask for the PDF too. ``xml_url`` stays None if the billing entity
        makes no electronic invoices.

        Raises:
            NotFoundError: ``credit_note_not_found``.

        API operation: downloadCreditNoteXml.
        """

    @post("resend_credit_note_email", "/credit_notes/{lago_id}/resend_email", request_root=None, gates=("premium",))
    async def resend_email(self, lago_id: str, email: ResendEmailInput | ResendEmailInputDict | None = None, /) -> None:
        """Send the email of a credit note again, to the customer or to other recipients.

        Needs a premium licence.

        The client never repeats this call by itself.

        Args:
            lago_id: The ``lago_id`` of the credit note.
            email: A ``ResendEmailInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``credit_note_not_found``.
            NotAllowedError: ``email_settings_disabled``: the billing entity does not send this kind of email.
            ValidationError: A recipient is missing or invalid, or the billing entity has no email address.

        API operation: resendCreditNoteEmail.
        """

    @post(
        "replace_credit_note_metadata",
        "/credit_notes/{lago_id}/metadata",
        root="metadata",
        idempotent=True,
        risk="destroys",
    )
    async def replace_metadata(
        self, lago_id: str, metadata: Mapping[str, str | None], /
    ) -> dict[str, str | None] | None:
        """Replace all key-value pairs of a credit note, and return them.

        Args:
            lago_id: The ``lago_id`` of the credit note.
            metadata: Keys of at most 100 characters, values of at most 255 or None.

        Raises:
            NotFoundError: ``credit_note_not_found``.
            ValidationError: A field was refused.

        API operation: replaceCreditNoteMetadata.
        """

    @patch("merge_credit_note_metadata", "/credit_notes/{lago_id}/metadata", root="metadata")
    async def merge_metadata(self, lago_id: str, metadata: Mapping[str, str | None], /) -> dict[str, str | None] | None:
        """Add or change key-value pairs of a credit note, and return all pairs; the others stay.

        Args:
            lago_id: The ``lago_id`` of the credit note.
            metadata: Keys of at most 100 characters, values of at most 255 or None.

        Raises:
            NotFoundError: ``credit_note_not_found``.
            ValidationError: A field was refused.

        API operation: mergeCreditNoteMetadata.
        """

    @delete("delete_all_credit_note_metadata", "/credit_notes/{lago_id}/metadata", root="metadata")
    async def delete_all_metadata(self, lago_id: str) -> dict[str, str | None] | None:
        """Remove all key-value pairs of a credit note; the metadata is then None.

        Raises:
            NotFoundError: ``credit_note_not_found``.

        API operation: deleteAllCreditNoteMetadata.
        """

    @delete("delete_credit_note_metadata_key", "/credit_notes/{lago_id}/metadata/{key}", root="metadata")
    async def delete_metadata_key(self, lago_id: str, key: str) -> dict[str, str | None] | None:
        """Remove one key-value pair of a credit note, and return the others.

        Args:
            lago_id: The ``lago_id`` of the credit note.
            key: The key of the pair to remove.

        Raises:
            NotFoundError: ``credit_note_not_found`` or ``metadata_item_not_found``.

        API operation: deleteCreditNoteMetadataKey.
        """
