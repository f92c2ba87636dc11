"""Models of customers, and of the portal and checkout links for them."""

from typing import Literal

from lago_async.models._base import UNSET, Json, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models.enums import (
    ErrorCode,
    IntegrationType,
    IssuingDateAdjustment,
    IssuingDateAnchor,
    PaymentProvider,
)
from lago_async.models.invoice_custom_sections import InvoiceCustomSection
from lago_async.models.taxes import Tax

__all__ = [
    "AccountType",
    "Address",
    "AddressInput",
    "Customer",
    "CustomerBase",
    "CustomerBillingConfiguration",
    "CustomerBillingConfigurationInput",
    "CustomerCheckoutUrl",
    "CustomerInput",
    "CustomerMetadata",
    "CustomerMetadataInput",
    "CustomerPortalUrl",
    "CustomerType",
    "ErrorDetail",
    "FinalizeZeroAmountInvoice",
    "IntegrationCategory",
    "IntegrationCustomer",
    "IntegrationCustomerInput",
]

AccountType = Literal["customer", "partner"]
CustomerType = Literal["company", "individual"]
FinalizeZeroAmountInvoice = Literal["inherit", "skip", "finalize"]
IntegrationCategory = Literal["payment", "tax", "accounting", "crm"]


@response_model
class Address:
    """A postal address; ``country`` is an ISO 3166-1 alpha-2 code."""

    address_line1: str | None
    address_line2: str | None
    city: str | None
    country: str | None
    state: str | None
    zipcode: str | None


@response_model
class CustomerBillingConfiguration:
    """Invoice settings of a customer, and the payment provider that they use.

    Attributes:
        invoice_grace_period: Number of days that an invoice stays a draft.
        document_locale: Language of the documents: ``en``, ``fr``, ``pt-BR``.
        provider_customer_id: The provider's own id; sent only while a provider is connected.
        provider_payment_methods: Sent for Stripe only.
        provider_mandate_id: A stored setting of some providers, like ``payment_method_id``.
    """

    invoice_grace_period: int | None
    subscription_invoice_issuing_date_anchor: Open[IssuingDateAnchor] | None
    subscription_invoice_issuing_date_adjustment: Open[IssuingDateAdjustment] | None
    payment_provider: Open[PaymentProvider] | None
    payment_provider_code: str | None
    provider_customer_id: str | None
    sync: bool | None
    sync_with_provider: bool | None
    document_locale: str | None
    provider_payment_methods: list[str] | None
    provider_mandate_id: str | None
    payment_method_id: str | None


@response_model
class CustomerMetadata:
    """One of a customer's own key-value pairs."""

    lago_id: str
    key: str
    value: str
    display_in_invoice: bool
    created_at: Timestamp


@response_model
class IntegrationCustomer:
    """The customer's counterpart in an accounting, tax or CRM system."""

    lago_id: str
    type: Open[IntegrationType]
    integration_code: str
    code: str | None
    is_default: bool
    category: Open[IntegrationCategory] | None
    external_customer_id: str | None
    sync_with_provider: bool | None
    subsidiary_id: str | None
    targeted_object: str | None
    email: str | None


@response_model
class ErrorDetail:
    """A failure that happened after the server had accepted an object."""

    lago_id: str
    error_code: Open[ErrorCode]
    details: dict[str, Json]


@response_model
class CustomerBase:
    """The fields that a customer and the customer of an invoice preview have in common.

    ``applicable_invoice_custom_sections`` and ``error_details`` are empty in lists: the server sends them only with
    single customers.

    Attributes:
        sequential_id: The customer's number in the organisation; numbers of deleted customers are not used again.
        slug: Prefix of the customer's invoice numbers.
        country: ISO 3166-1 alpha-2.
        currency: ISO 4217.
        timezone: The customer's own zone, as a tz database name; None if it follows the billing entity.
        applicable_timezone: The zone that billing uses.
        net_payment_term: Number of days until an invoice is due.
        external_salesforce_id: Not in Lago's public description; the server sends it.
    """

    sequential_id: int | None
    slug: str | None
    billing_entity_code: str
    account_type: Open[AccountType]
    customer_type: Open[CustomerType] | None
    name: str | None
    firstname: str | None
    lastname: str | None
    email: str | None
    phone: str | None
    url: str | None
    logo_url: str | None
    legal_name: str | None
    legal_number: str | None
    tax_identification_number: str | None
    address_line1: str | None
    address_line2: str | None
    city: str | None
    state: str | None
    zipcode: str | None
    country: str | None
    currency: str | None
    timezone: str | None
    applicable_timezone: str
    net_payment_term: int | None
    external_salesforce_id: str | None
    finalize_zero_amount_invoice: Open[FinalizeZeroAmountInvoice]
    skip_invoice_custom_sections: bool
    billing_configuration: CustomerBillingConfiguration
    shipping_address: Address
    metadata: list[CustomerMetadata]
    taxes: list[Tax]
    integration_customers: list[IntegrationCustomer]
    applicable_invoice_custom_sections: list[InvoiceCustomSection]
    error_details: list[ErrorDetail]
    created_at: Timestamp
    updated_at: Timestamp


@response_model
class Customer(CustomerBase):
    """A customer.

    Attributes:
        lago_id: Lago's own id.
        external_id: Your id of the customer, which identifies them in calls.
    """

    lago_id: str
    external_id: str


@input_model
class AddressInput:
    """A postal address; ``country`` is an ISO 3166-1 alpha-2 code."""

    address_line1: str | None | UnsetType = UNSET
    address_line2: str | None | UnsetType = UNSET
    city: str | None | UnsetType = UNSET
    country: str | None | UnsetType = UNSET
    state: str | None | UnsetType = UNSET
    zipcode: str | None | UnsetType = UNSET


@input_model
class CustomerBillingConfigurationInput:
    """Invoice settings of a customer, and the payment provider that they use.

    The server handles it after it has saved the customer: an error about it does not undo the rest. The server connects
    a provider only if ``sync_with_provider`` or ``provider_customer_id`` is given, and ignores it otherwise.

    Attributes:
        invoice_grace_period: Number of days that an invoice stays a draft; ignored by servers without a premium
            licence.
        sync: Whether to create the customer in the provider's system now.
    """

    invoice_grace_period: int | None | UnsetType = UNSET
    subscription_invoice_issuing_date_anchor: Open[IssuingDateAnchor] | None | UnsetType = UNSET
    subscription_invoice_issuing_date_adjustment: Open[IssuingDateAdjustment] | None | UnsetType = UNSET
    payment_provider: Open[PaymentProvider] | None | UnsetType = UNSET
    payment_provider_code: str | None | UnsetType = UNSET
    provider_customer_id: str | None | UnsetType = UNSET
    sync: bool | None | UnsetType = UNSET
    sync_with_provider: bool | None | UnsetType = UNSET
    document_locale: str | None | UnsetType = UNSET
    provider_payment_methods: list[str] | None | UnsetType = UNSET


@input_model
class IntegrationCustomerInput:
    """A counterpart to connect in another system; ``id`` identifies an existing one."""

    id: str | None | UnsetType = UNSET
    code: str | None | UnsetType = UNSET
    integration_type: Open[IntegrationType] | None | UnsetType = UNSET
    integration_code: str | None | UnsetType = UNSET
    external_customer_id: str | None | UnsetType = UNSET
    sync_with_provider: bool | None | UnsetType = UNSET
    subsidiary_id: str | None | UnsetType = UNSET
    targeted_object: str | None | UnsetType = UNSET


@input_model
class CustomerMetadataInput:
    """One key-value pair: a key of at most 20 characters, a value of at most 100, at most five pairs per customer.

    Attributes:
        id: The ``lago_id`` of an existing pair. Without it the pair is new, and the server refuses a key that exists.
        key: Required for a new pair, like ``value``.
        display_in_invoice: By default False, also for an existing pair.
    """

    id: str | None | UnsetType = UNSET
    key: str | UnsetType = UNSET
    value: str | UnsetType = UNSET
    display_in_invoice: bool | None | UnsetType = UNSET


@input_model
class CustomerInput:
    """A customer to create or update. Fields that are not given stay as they are; None clears a field.

    Attributes:
        external_id: Your id of the customer. If it exists, the customer is updated.
        country: ISO 3166-1 alpha-2.
        currency: ISO 4217.
        timezone: A tz database name; ignored by servers without a premium licence.
        net_payment_term: Number of days until an invoice is due.
        email: One address, or several separated by commas.
        tax_codes: Replaces the customer's taxes; an empty list removes them all.
        metadata: Replaces all pairs; give the pairs to keep with their ``id``.
        integration_customers: Replaces all counterparts: the server removes those that are not listed.
        invoice_custom_section_codes: Not together with ``skip_invoice_custom_sections=True``.
    """

    external_id: str
    account_type: Open[AccountType] | None | UnsetType = UNSET
    customer_type: Open[CustomerType] | None | UnsetType = UNSET
    billing_entity_code: str | None | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    firstname: str | None | UnsetType = UNSET
    lastname: str | None | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    phone: str | None | UnsetType = UNSET
    url: str | None | UnsetType = UNSET
    logo_url: str | None | UnsetType = UNSET
    legal_name: str | None | UnsetType = UNSET
    legal_number: str | None | UnsetType = UNSET
    tax_identification_number: str | None | UnsetType = UNSET
    address_line1: str | None | UnsetType = UNSET
    address_line2: str | None | UnsetType = UNSET
    city: str | None | UnsetType = UNSET
    state: str | None | UnsetType = UNSET
    zipcode: str | None | UnsetType = UNSET
    country: str | None | UnsetType = UNSET
    currency: str | None | UnsetType = UNSET
    timezone: str | None | UnsetType = UNSET
    net_payment_term: int | None | UnsetType = UNSET
    external_salesforce_id: str | None | UnsetType = UNSET
    finalize_zero_amount_invoice: Open[FinalizeZeroAmountInvoice] | None | UnsetType = UNSET
    skip_invoice_custom_sections: bool | None | UnsetType = UNSET
    invoice_custom_section_codes: list[str] | None | UnsetType = UNSET
    tax_codes: list[str] | None | UnsetType = UNSET
    billing_configuration: CustomerBillingConfigurationInput | None | UnsetType = UNSET
    shipping_address: AddressInput | None | UnsetType = UNSET
    metadata: list[CustomerMetadataInput] | None | UnsetType = UNSET
    integration_customers: list[IntegrationCustomerInput] | None | UnsetType = UNSET


@response_model
class CustomerCheckoutUrl:
    """A link to the payment provider's page where the customer stores a payment method."""

    lago_customer_id: str
    external_customer_id: str
    payment_provider: Open[PaymentProvider] | None
    payment_provider_code: str | None
    checkout_url: str | None


@response_model
class CustomerPortalUrl:
    """A link to the customer portal, valid for 12 hours; every call creates a new one."""

    portal_url: str
