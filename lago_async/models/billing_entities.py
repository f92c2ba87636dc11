"""Models of billing entities: the companies that issue invoices."""

from typing import Literal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models.enums import IssuingDateAdjustment, IssuingDateAnchor
from lago_async.models.invoice_custom_sections import InvoiceCustomSection
from lago_async.models.taxes import Tax

__all__ = [
    "BillingEntity",
    "BillingEntityBillingConfigurationInput",
    "BillingEntityInput",
    "BillingEntityUpdateInput",
    "DocumentNumbering",
    "EmailSetting",
]

DocumentNumbering = Literal["per_customer", "per_billing_entity"]
EmailSetting = Literal["invoice.finalized", "credit_note.created", "payment_receipt.created"]


@response_model
class BillingEntity:
    """A company that issues invoices.

    Attributes:
        default_currency: ISO 4217.
        document_locale: Language of the documents: ``en``, ``fr``, ``pt-BR``.
        document_numbering: Whether invoices are numbered per customer or per entity.
        finalize_zero_amount_invoice: Whether invoices with a zero amount are finalised.
        invoice_grace_period: Number of days that an invoice stays a draft.
        net_payment_term: Number of days until an invoice is due.
        country: ISO 3166-1 alpha-2.
        timezone: A tz database name.
        email_settings: The documents that are emailed to customers.
        eu_tax_management: Whether Lago chooses the European Union's taxes for each customer.
        einvoicing: Not in Lago's public description; the server has it, like ``phone``.
        taxes: Sent only with single entities, like ``selected_invoice_custom_sections``.
    """

    lago_id: str
    code: str
    name: str
    default_currency: str
    document_locale: str
    document_numbering: Open[DocumentNumbering]
    document_number_prefix: str | None
    finalize_zero_amount_invoice: bool
    invoice_footer: str | None
    invoice_grace_period: int
    subscription_invoice_issuing_date_anchor: Open[IssuingDateAnchor]
    subscription_invoice_issuing_date_adjustment: Open[IssuingDateAdjustment]
    is_default: bool
    net_payment_term: int
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    country: str | None
    zipcode: str | None
    email: str | None
    legal_name: str | None
    legal_number: str | None
    tax_identification_number: str | None
    timezone: str
    email_settings: list[Open[EmailSetting]]
    eu_tax_management: bool | None
    logo_url: str | None
    created_at: Timestamp
    updated_at: Timestamp
    phone: str | None
    einvoicing: bool
    taxes: list[Tax]
    selected_invoice_custom_sections: list[InvoiceCustomSection]


@input_model
class BillingEntityBillingConfigurationInput:
    """Invoice settings of an entity.

    Attributes:
        document_locale: Language of the documents: ``en``, ``fr``, ``pt-BR``.
        invoice_grace_period: Number of days that an invoice stays a draft.
    """

    invoice_footer: str | None | UnsetType = UNSET
    document_locale: str | None | UnsetType = UNSET
    invoice_grace_period: int | None | UnsetType = UNSET
    subscription_invoice_issuing_date_anchor: Open[IssuingDateAnchor] | None | UnsetType = UNSET
    subscription_invoice_issuing_date_adjustment: Open[IssuingDateAdjustment] | None | UnsetType = UNSET


@input_model
class BillingEntityInput:
    """A billing entity to create.

    Attributes:
        code: Your code of the entity, unique in the organisation.
        document_numbering: Whether invoices are numbered per customer or per entity.
        finalize_zero_amount_invoice: Whether invoices with a zero amount are finalised.
        net_payment_term: Number of days until an invoice is due.
        country: ISO 3166-1 alpha-2.
        timezone: A tz database name.
        email_settings: The documents that are emailed to customers.
        eu_tax_management: Whether Lago chooses the European Union's taxes for each customer.
        logo: An image in base64, as a ``data:`` URI.
        einvoicing: Not in Lago's public description; the server has it, like ``phone``.
    """

    code: str
    name: str
    default_currency: str | UnsetType = UNSET
    document_numbering: Open[DocumentNumbering] | UnsetType = UNSET
    document_number_prefix: str | None | UnsetType = UNSET
    finalize_zero_amount_invoice: bool | UnsetType = UNSET
    billing_configuration: BillingEntityBillingConfigurationInput | None | UnsetType = UNSET
    net_payment_term: int | UnsetType = UNSET
    address_line1: str | None | UnsetType = UNSET
    address_line2: str | None | UnsetType = UNSET
    city: str | None | UnsetType = UNSET
    state: str | None | UnsetType = UNSET
    country: str | None | UnsetType = UNSET
    zipcode: str | None | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    legal_name: str | None | UnsetType = UNSET
    legal_number: str | None | UnsetType = UNSET
    tax_identification_number: str | None | UnsetType = UNSET
    timezone: str | None | UnsetType = UNSET
    email_settings: list[Open[EmailSetting]] | None | UnsetType = UNSET
    eu_tax_management: bool | None | UnsetType = UNSET
    logo: str | None | UnsetType = UNSET
    einvoicing: bool | None | UnsetType = UNSET
    phone: str | None | UnsetType = UNSET


@input_model
class BillingEntityUpdateInput:
    """Changes to a billing entity.

    Attributes:
        document_numbering: Whether invoices are numbered per customer or per entity.
        finalize_zero_amount_invoice: Whether invoices with a zero amount are finalised.
        net_payment_term: Number of days until an invoice is due.
        country: ISO 3166-1 alpha-2.
        timezone: A tz database name.
        tax_codes: Replaces all taxes.
        email_settings: The documents that are emailed to customers.
        eu_tax_management: Whether Lago chooses the European Union's taxes for each customer.
        logo: An image in base64, as a ``data:`` URI.
        invoice_custom_section_codes: Replaces all sections.
        einvoicing: Not in Lago's public description; the server has it, like ``phone``.
    """

    name: str | UnsetType = UNSET
    default_currency: str | UnsetType = UNSET
    document_numbering: Open[DocumentNumbering] | UnsetType = UNSET
    document_number_prefix: str | None | UnsetType = UNSET
    finalize_zero_amount_invoice: bool | UnsetType = UNSET
    billing_configuration: BillingEntityBillingConfigurationInput | UnsetType = UNSET
    net_payment_term: int | UnsetType = UNSET
    address_line1: str | None | UnsetType = UNSET
    address_line2: str | None | UnsetType = UNSET
    city: str | None | UnsetType = UNSET
    state: str | None | UnsetType = UNSET
    country: str | None | UnsetType = UNSET
    zipcode: str | None | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    legal_name: str | None | UnsetType = UNSET
    legal_number: str | None | UnsetType = UNSET
    tax_identification_number: str | None | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    tax_codes: list[str] | UnsetType = UNSET
    email_settings: list[Open[EmailSetting]] | UnsetType = UNSET
    eu_tax_management: bool | UnsetType = UNSET
    logo: str | None | UnsetType = UNSET
    invoice_custom_section_codes: list[str] | UnsetType = UNSET
    einvoicing: bool | UnsetType = UNSET
    phone: str | None | UnsetType = UNSET
