# GENERATED from lago_async/resources/invoices.py by `python -m tools.generate`. Do not edit.
"""Invoices: creating one-off invoices; finding, finalising, voiding and paying all kinds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.invoices import Invoices as AsyncInvoices
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lago_async._table.query import PositiveInt
    from lago_async.models import (
        Invoice,
        InvoiceInput,
        InvoiceInputDict,
        InvoicePaymentUrl,
        InvoicePreview,
        InvoicePreviewInput,
        InvoicePreviewInputDict,
        InvoiceSalesforceIdInput,
        InvoiceSalesforceIdInputDict,
        InvoiceType,
        InvoiceUpdateInput,
        InvoiceUpdateInputDict,
        InvoiceVoidInput,
        InvoiceVoidInputDict,
        ListedInvoiceStatus,
        PaymentRetryInput,
        PaymentRetryInputDict,
        PaymentStatus,
        ResendEmailInput,
        ResendEmailInputDict,
        SettlementType,
    )
    from lago_sync.pager import Pager

__all__ = ["Invoices"]


class Invoices(Resource[AsyncInvoices]):
    """Invoices: creating one-off invoices; finding, finalising, voiding and paying all kinds."""

    def create(self, invoice: InvoiceInput | InvoiceInputDict, /) -> Invoice:
        """Create a one-off invoice for add-ons.

        It is final, and the server asks the provider for the payment at once. The client never repeats this call by
        itself.

        Args:
            invoice: An ``InvoiceInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``customer_not_found`` or ``add_ons_not_found`` or ``tax_not_found`` or
                ``billing_entity_not_found``.
            ValidationError: A field was refused: ``currency: currencies_does_not_match``, ...

        API operation: createInvoice.
        """
        return self._run(self._async.create, invoice)

    def find(self, lago_id: str) -> Invoice:
        """Find an invoice, with its fees.

        Raises:
            NotFoundError: ``invoice_not_found``.

        API operation: findInvoice.
        """
        return self._run(self._async.find, lago_id)

    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        external_customer_id: str | None = None,
        amount_from: int | None = None,
        amount_to: int | None = None,
        issuing_date_from: date | None = None,
        issuing_date_to: date | None = None,
        statuses: Sequence[ListedInvoiceStatus] | None = None,
        payment_statuses: Sequence[PaymentStatus] | None = None,
        payment_overdue: bool | None = None,
        search_term: str | None = None,
        currency: str | None = None,
        payment_dispute_lost: bool | None = None,
        invoice_type: InvoiceType | None = None,
        self_billed: bool | None = None,
        billing_entity_codes: Sequence[str] | None = None,
        metadata: Mapping[str, str] | None = None,
        customer_external_id: str | None = None,
        partially_paid: bool | None = None,
        payment_status: PaymentStatus | None = None,
        purchase_order_number: str | None = None,
        settlements: Sequence[SettlementType] | None = None,
        status: ListedInvoiceStatus | None = None,
    ) -> Pager[Invoice]:
        """List invoices, the newest first, without their fees.

        ``meta.total_count`` may be up to half an hour old.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            external_customer_id: Only this customer, by your id.
            amount_from: At least this many cents.
            amount_to: At most this many cents.
            issuing_date_from: Issued on this day or later.
            issuing_date_to: Issued on this day or earlier.
            statuses: Any of these.
            payment_statuses: Any of these.
            payment_overdue: True: only overdue invoices; False: only the others.
            search_term: Part of a name, number, id or email.
            currency: Only this currency, ISO 4217.
            payment_dispute_lost: True: only invoices with a lost dispute; False: only those without.
            invoice_type: Exactly this type.
            self_billed: True: only those that the partner pays; False: only the others.
            billing_entity_codes: Any of these entities; an unknown code raises ``NotFoundError``.
            metadata: All these pairs; an empty value selects items without the key.
            customer_external_id: Alias of ``external_customer_id``.
            partially_paid: True: only invoices that are paid in part.
            payment_status: Like ``payment_statuses``, with a single status.
            purchase_order_number: Exactly this number.
            settlements: Any of these kinds of settlement.
            status: Like ``statuses``, with a single status.

        Raises:
            NotFoundError: ``billing_entity_not_found``.
            ValidationError: A filter was refused.

        API operation: findAllInvoices.
        """
        return self._page(
            self._async.find_all,
            page=page,
            per_page=per_page,
            external_customer_id=external_customer_id,
            amount_from=amount_from,
            amount_to=amount_to,
            issuing_date_from=issuing_date_from,
            issuing_date_to=issuing_date_to,
            statuses=statuses,
            payment_statuses=payment_statuses,
            payment_overdue=payment_overdue,
            search_term=search_term,
            currency=currency,
            payment_dispute_lost=payment_dispute_lost,
            invoice_type=invoice_type,
            self_billed=self_billed,
            billing_entity_codes=billing_entity_codes,
            metadata=metadata,
            customer_external_id=customer_external_id,
            partially_paid=partially_paid,
            payment_status=payment_status,
            purchase_order_number=purchase_order_number,
            settlements=settlements,
            status=status,
        )

    def update(self, lago_id: str, invoice: InvoiceUpdateInput | InvoiceUpdateInputDict, /) -> Invoice:
        """Set the payment status of an invoice, or its metadata.

        Args:
            lago_id: The ``lago_id`` of the invoice.
            invoice: An ``InvoiceUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``invoice_not_found``.
            NotAllowedError: ``payment_status_update_on_draft_invoice``, ``metadata_on_draft_invoice`` or
                ``update_on_voided_invoice``.
            ValidationError: A field was refused.

        API operation: updateInvoice.
        """
        return self._run(self._async.update, lago_id, invoice)

    def delete(self, lago_id: str) -> Invoice:
        """Delete a draft permanently, and return it as it was.

        Raises:
            NotFoundError: ``invoice_not_found``.
            NotAllowedError: ``not_deletable``: it is not a draft.

        API operation: deleteInvoice.
        """
        return self._run(self._async.delete, lago_id)

    def refresh(self, lago_id: str) -> Invoice:
        """Compute a draft again.

        Raises:
            NotFoundError: ``invoice_not_found``.

        API operation: refreshInvoice.
        """
        return self._run(self._async.refresh, lago_id)

    def finalize(self, lago_id: str) -> Invoice:
        """Finalise a draft; the server asks the provider for its payment at once.

        Raises:
            NotFoundError: ``invoice_not_found``; also for an invoice that is not a draft.

        API operation: finalizeInvoice.
        """
        return self._run(self._async.finalize, lago_id)

    def retry(self, lago_id: str) -> Invoice:
        """Retry an invoice that failed, for example because the server could not reach a tax provider.

        Raises:
            NotFoundError: ``invoice_not_found``.
            NotAllowedError: ``invalid_status``: it has not failed.

        API operation: retryInvoice.
        """
        return self._run(self._async.retry, lago_id)

    def void(self, lago_id: str, how: InvoiceVoidInput | InvoiceVoidInputDict | None = None, /) -> Invoice:
        """Void an invoice: the customer no longer owes its amount.

        Without options, it must be final and not paid. With options, the server can create a credit note for the paid
        amount.

        Args:
            lago_id: The ``lago_id`` of the invoice.
            how: An ``InvoiceVoidInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``invoice_not_found``.
            NotAllowedError: ``not_voidable``: it is a draft, or already paid or void.
            ForbiddenError: ``feature_unavailable``: ``generate_credit_note`` needs a premium licence.
            ValidationError: A field was refused.

        API operation: voidInvoice.
        """
        return self._run(self._async.void, lago_id, how)

    def lose_dispute(self, lago_id: str) -> Invoice:
        """Record that a dispute about the payment was lost.

        Raises:
            NotFoundError: ``invoice_not_found``.
            NotAllowedError: ``not_disputable``: it is not final.

        API operation: loseDisputeInvoice.
        """
        return self._run(self._async.lose_dispute, lago_id)

    def download(self, lago_id: str) -> Invoice | None:
        """Ask for the PDF of an invoice; ``file_url`` of the result is its address.

        ``file_url`` is None while the server generates the file: call again, or wait for the webhook
        ``invoice.generated``.

        Raises:
            NotFoundError: ``invoice_not_found``.
            NotAllowedError: ``is_draft``.

        API operation: downloadInvoice.
        """
        return self._run(self._async.download, lago_id)

    def download_pdf(self, lago_id: str) -> Invoice | None:
        """Ask for the PDF like ``download``, by the newer name of the same operation.

        Raises:
            NotFoundError: ``invoice_not_found``: also for a draft or a voided invoice.

        API operation: downloadInvoicePdf.
        """
        return self._run(self._async.download_pdf, lago_id)

    def download_xml(self, lago_id: str) -> Invoice | None:
        """Ask for the XML of an electronic invoice; ``xml_url`` of the result is its address.

        The result is None while the server makes the file, and always if the billing entity makes no electronic
        invoices.

        Raises:
            NotFoundError: ``invoice_not_found``: also for a draft or a voided invoice.

        API operation: downloadInvoiceXml.
        """
        return self._run(self._async.download_xml, lago_id)

    def resend_email(self, lago_id: str, email: ResendEmailInput | ResendEmailInputDict | None = None, /) -> None:
        """Send the email of a finalized invoice again, to the customer or to other recipients.

        Needs a premium licence.

        The client never repeats this call by itself.

        Args:
            lago_id: The ``lago_id`` of the invoice.
            email: A ``ResendEmailInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``invoice_not_found``.
            NotAllowedError: ``invoice_not_finalized``; or ``email_settings_disabled``: the billing entity does not
                send this kind of email.
            ValidationError: A recipient is missing or invalid, or the billing entity has no email address.

        API operation: resendInvoiceEmail.
        """
        return self._run(self._async.resend_email, lago_id, email)

    def sync_salesforce_id(
        self, lago_id: str, salesforce: InvoiceSalesforceIdInput | InvoiceSalesforceIdInputDict, /
    ) -> Invoice:
        """Record the id that Salesforce has given to an invoice. The result does not show the id.

        Args:
            lago_id: The ``lago_id`` of the invoice.
            salesforce: An ``InvoiceSalesforceIdInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``invoice_not_found`` or ``integration_not_found``.

        API operation: syncInvoiceSalesforceId.
        """
        return self._run(self._async.sync_salesforce_id, lago_id, salesforce)

    def payment_url(self, lago_id: str) -> InvoicePaymentUrl:
        """Create a link to the payment provider's page where the customer pays the invoice.

        Raises:
            NotFoundError: ``invoice_not_found``.
            NotAllowedError: The invoice cannot be paid.
            ValidationError: The customer has no payment provider, or it refused: ``third_party_error``.

        API operation: invoicePaymentUrl.
        """
        return self._run(self._async.payment_url, lago_id)

    def retry_payment(
        self, lago_id: str, how: PaymentRetryInput | PaymentRetryInputDict | None = None, /
    ) -> None:
        """Retry a payment that failed with the provider.

        Args:
            lago_id: The ``lago_id`` of the invoice.
            how: A ``PaymentRetryInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``invoice_not_found``.
            NotAllowedError: ``invoice_payment_already_succeeded`` or
                ``payment_processor_is_currently_handling_payment``.

        API operation: retryPayment.
        """
        return self._run(self._async.retry_payment, lago_id, how)

    def preview(self, preview: InvoicePreviewInput | InvoicePreviewInputDict, /) -> InvoicePreview:
        """Compute a preview of an invoice. The server stores nothing.

        Needs a premium licence.

        Args:
            preview: An ``InvoicePreviewInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``customer_not_found`` or ``plan_not_found`` or ``subscription_not_found``.
            BadRequestError: ``coupons_must_be_an_array`` or ``subscriptions_must_be_an_object``.
            ForbiddenError: ``feature_unavailable``: the server has no premium licence.
            NotAllowedError: ``premium_integration_missing``: a preview of existing subscriptions needs the integration
                ``preview``.
            ValidationError: A field was refused.

        API operation: invoicePreview.
        """
        return self._run(self._async.preview, preview)
