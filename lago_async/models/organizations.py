"""Models of the organisation."""

from typing import Literal

import attrs

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models.billing_entities import EmailSetting
from lago_async.models.taxes import Tax

__all__ = [
    "EventsStore",
    "GrpcToken",
    "Organization",
    "OrganizationBillingConfiguration",
    "OrganizationBillingConfigurationInput",
    "OrganizationDocumentNumbering",
    "OrganizationUpdateInput",
]

OrganizationDocumentNumbering = Literal["per_customer", "per_organization"]
EventsStore = Literal["clickhouse", "postgres"]


@response_model
class OrganizationBillingConfiguration:
    """Invoice settings, which a billing entity can override.

    Attributes:
        invoice_grace_period: Number of days that an invoice stays a draft.
        document_locale: Language of the documents: ``en``, ``fr``, ``pt-BR``.
    """

    invoice_footer: str | None
    invoice_grace_period: int
    document_locale: str


@response_model
class Organization:
    """Your organisation.

    Attributes:
        webhook_url: Deprecated; replaced by webhook endpoints.
        webhook_urls: The URLs of all endpoints.
        country: ISO 3166-1 alpha-2.
        document_number_prefix: Prefix of invoice numbers.
        net_payment_term: Number of days until an invoice is due.
        timezone: A tz database name.
        finalize_zero_amount_invoice: Whether invoices with a zero amount are finalised.
        events_store: Where the server keeps events.
        slug: Not in Lago's public description; the server sends it, like ``email_settings``.
    """

    lago_id: str
    name: str
    created_at: Timestamp
    webhook_url: str | None
    webhook_urls: list[str] | None
    country: str | None
    default_currency: str
    address_line1: str | None
    address_line2: str | None
    state: str | None
    zipcode: str | None
    email: str | None
    city: str | None
    legal_name: str | None
    legal_number: str | None
    document_numbering: Open[OrganizationDocumentNumbering]
    document_number_prefix: str | None
    net_payment_term: int
    tax_identification_number: str | None
    timezone: str
    billing_configuration: OrganizationBillingConfiguration
    taxes: list[Tax]
    finalize_zero_amount_invoice: bool
    events_store: Open[EventsStore]
    slug: str
    email_settings: list[str]


@response_model
class GrpcToken:
    """A token for the gRPC interface.

    Attributes:
        grpc_token: The token, a secret. The repr of this object hides it.
    """

    grpc_token: str = attrs.field(repr=False)


@input_model
class OrganizationBillingConfigurationInput:
    """Invoice settings, which a billing entity can override.

    Attributes:
        invoice_grace_period: Number of days that an invoice stays a draft.
        document_locale: Language of the documents: ``en``, ``fr``, ``pt-BR``.
    """

    invoice_footer: str | None | UnsetType = UNSET
    invoice_grace_period: int | UnsetType = UNSET
    document_locale: str | UnsetType = UNSET


@input_model
class OrganizationUpdateInput:
    """Changes to the organisation.

    Attributes:
        webhook_url: Deprecated; replaced by webhook endpoints.
        country: ISO 3166-1 alpha-2.
        net_payment_term: Number of days until an invoice is due.
        timezone: A tz database name.
        finalize_zero_amount_invoice: Whether invoices with a zero amount are finalised.
    """

    webhook_url: str | None | UnsetType = UNSET
    country: str | None | UnsetType = UNSET
    default_currency: str | UnsetType = UNSET
    address_line1: str | None | UnsetType = UNSET
    address_line2: str | None | UnsetType = UNSET
    state: str | None | UnsetType = UNSET
    zipcode: str | None | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    city: str | None | UnsetType = UNSET
    legal_name: str | None | UnsetType = UNSET
    legal_number: str | None | UnsetType = UNSET
    document_numbering: Open[OrganizationDocumentNumbering] | UnsetType = UNSET
    document_number_prefix: str | UnsetType = UNSET
    net_payment_term: int | UnsetType = UNSET
    tax_identification_number: str | None | UnsetType = UNSET
    timezone: str | UnsetType = UNSET
    email_settings: list[Open[EmailSetting]] | UnsetType = UNSET
    billing_configuration: OrganizationBillingConfigurationInput | UnsetType = UNSET
    finalize_zero_amount_invoice: bool | UnsetType = UNSET
    slug: str | UnsetType = UNSET
