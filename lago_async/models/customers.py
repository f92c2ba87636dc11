"""Models of customers, of their usage, and of the links made for them."""

from datetime import date
from decimal import Decimal
from typing import Literal

from lago_async.models.base import UNSET, Json, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models.taxes import Tax

__all__ = [
    "AccountType",
    "Address",
    "AddressInput",
    "AggregationType",
    "ChargeModel",
    "ChargeUsage",
    "ChargeUsageFilter",
    "ChargeUsageGroup",
    "Customer",
    "CustomerBillingConfiguration",
    "CustomerBillingConfigurationInput",
    "CustomerCheckoutUrl",
    "CustomerInput",
    "CustomerMetadata",
    "CustomerMetadataInput",
    "CustomerPortalUrl",
    "CustomerType",
    "CustomerUsage",
    "ErrorCode",
    "ErrorDetail",
    "FinalizeZeroAmountInvoice",
    "IntegrationCategory",
    "IntegrationCustomer",
    "IntegrationCustomerInput",
    "IntegrationType",
    "InvoiceCustomSection",
    "IssuingDateAdjustment",
    "IssuingDateAnchor",
    "PaymentProvider",
    "PresentationBreakdown",
    "PricingUnitDetails",
    "Usage",
    "UsageBillableMetric",
    "UsageCharge",
    "UsagePeriod",
]

AccountType = Literal["customer", "partner"]
CustomerType = Literal["company", "individual"]
FinalizeZeroAmountInvoice = Literal["inherit", "skip", "finalize"]
IssuingDateAnchor = Literal["current_period_end", "next_period_start"]
IssuingDateAdjustment = Literal["keep_anchor", "align_with_finalization_date"]
PaymentProvider = Literal["stripe", "gocardless", "cashfree", "adyen", "flutterwave", "moneyhash"]
IntegrationType = Literal["netsuite", "anrok", "avalara", "xero", "hubspot", "salesforce"]
IntegrationCategory = Literal["payment", "tax", "accounting", "crm"]
ErrorCode = Literal["not_provided", "tax_error", "tax_voiding_error", "invoice_generation_error"]
ChargeModel = Literal[
    "standard", "graduated", "package", "percentage", "volume", "graduated_percentage", "custom", "dynamic"
]
AggregationType = Literal[
    "count_agg",
    "sum_agg",
    "max_agg",
    "unique_count_agg",
    "recurring_count_agg",
    "weighted_sum_agg",
    "latest_agg",
    "custom_agg",
]


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
    """How a customer is invoiced and by which payment provider they pay.

    Attributes:
        invoice_grace_period: Days that an invoice stays a draft.
        document_locale: Language of the documents: ``en``, ``fr``, ``pt-BR``.
        provider_customer_id: The provider's own id; sent only while a provider is connected.
        provider_payment_methods: Sent for Stripe only.
        provider_mandate_id: A stored setting of some providers, as is ``payment_method_id``.
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
class InvoiceCustomSection:
    """A section of text that is printed on invoices.

    Attributes:
        applied_to_organization: Deprecated; not sent where a section is embedded in a customer, nor is ``created_at``.
    """

    lago_id: str
    name: str
    code: str
    description: str | None
    details: str | None
    display_name: str | None
    applied_to_organization: bool | None
    organization_id: str
    created_at: Timestamp | None


@response_model
class ErrorDetail:
    """Something that went wrong around an object after it was accepted."""

    lago_id: str
    error_code: Open[ErrorCode]
    details: dict[str, Json]


@response_model
class Customer:
    """A customer.

    ``applicable_invoice_custom_sections`` and ``error_details`` are empty in lists: the server sends them with single
    customers only.

    Attributes:
        lago_id: Lago's own id.
        external_id: Your id, by which the customer is addressed.
        sequential_id: Number of the customer in the organisation; numbers of deleted customers stay used.
        slug: Prefix of the customer's invoice numbers.
        country: ISO 3166-1 alpha-2.
        currency: ISO 4217.
        timezone: The customer's own zone, as a tz database name; None if it follows the billing entity.
        applicable_timezone: The zone that billing uses.
        net_payment_term: Days until an invoice is due.
        external_salesforce_id: Not in Lago's public description; the server sends it.
    """

    lago_id: str
    sequential_id: int | None
    slug: str | None
    external_id: str
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
    """How a customer is invoiced and by which payment provider they pay.

    The server handles it after it has saved the customer: an error about it does not undo the rest. A provider is
    connected only together with ``sync_with_provider`` or ``provider_customer_id``, and ignored without either.

    Attributes:
        invoice_grace_period: Days that an invoice stays a draft; ignored by servers without a premium licence.
        sync: Create the customer in the provider's system now.
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
    """A counterpart to connect in another system; ``id`` names one that exists already."""

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
    """One key-value pair: a key of at most 20 characters, a value of at most 100, at most five pairs a customer.

    Attributes:
        id: The ``lago_id`` of a pair that exists. Without it the pair is new, and a key that exists is refused.
    """

    id: str | None | UnsetType = UNSET
    key: str
    value: str
    display_in_invoice: bool | UnsetType = UNSET


@input_model
class CustomerInput:
    """A customer to create or to update: what is not given stays as it is, None clears.

    Attributes:
        external_id: Your id. One that exists already is updated.
        country: ISO 3166-1 alpha-2.
        currency: ISO 4217.
        timezone: A tz database name; ignored by servers without a premium licence.
        net_payment_term: Days until an invoice is due.
        email: One address, or several separated by commas.
        tax_codes: Replaces the customer's taxes; an empty list removes them all.
        metadata: Replaces all pairs; those to keep are given with their ``id``.
        integration_customers: Those not listed are removed.
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
    """A link to the payment provider's page on which the customer stores a payment method."""

    lago_customer_id: str
    external_customer_id: str
    payment_provider: Open[PaymentProvider] | None
    payment_provider_code: str | None
    checkout_url: str | None


@response_model
class CustomerPortalUrl:
    """A link to the customer portal, good for 12 hours; every call makes a new one."""

    portal_url: str


@response_model
class PricingUnitDetails:
    """The amount in a pricing unit of your own, and what one such unit is worth.

    Attributes:
        amount_cents: Hundredths of the pricing unit.
        conversion_rate: The plan's currency for one pricing unit.
    """

    amount_cents: int
    short_name: str
    conversion_rate: Decimal


@response_model
class PresentationBreakdown:
    """Units by a property that does not influence the price."""

    presentation_by: dict[str, str | None]
    units: Decimal


@response_model
class ChargeUsageFilter:
    """Usage of one filter of a charge.

    Attributes:
        amount_cents: In cents of the charge's ``amount_currency``.
        values: The values that the filter selects, by key; None for the bucket of all events that no filter selects.
    """

    units: Decimal
    total_aggregated_units: Decimal
    events_count: int
    amount_cents: int
    pricing_unit_details: PricingUnitDetails | None
    invoice_display_name: str | None
    values: dict[str, list[str]] | None
    presentation_breakdowns: list[PresentationBreakdown]


@response_model
class ChargeUsageGroup:
    """Usage of one group of a charge.

    Attributes:
        amount_cents: In cents of the charge's ``amount_currency``.
        grouped_by: The group's value for each grouping key, None for events without one; empty for ungrouped usage.
    """

    units: Decimal
    total_aggregated_units: Decimal
    events_count: int
    amount_cents: int
    pricing_unit_details: PricingUnitDetails | None
    grouped_by: dict[str, str | None]
    filters: list[ChargeUsageFilter]
    presentation_breakdowns: list[PresentationBreakdown]


@response_model
class UsageCharge:
    """The charge that usage belongs to."""

    lago_id: str
    code: str
    charge_model: Open[ChargeModel]
    invoice_display_name: str | None


@response_model
class UsageBillableMetric:
    """The billable metric that usage is measured by."""

    lago_id: str
    name: str
    code: str
    aggregation_type: Open[AggregationType]


@response_model
class ChargeUsage:
    """Usage of one charge in one period.

    Attributes:
        units: Units that are billed.
        total_aggregated_units: Units before the charge's free units and the like are taken off.
        amount_cents: In cents of ``amount_currency``, taxes excluded.
        filters: One entry a filter and one for the rest; empty if the charge has no filters.
        grouped_usage: One entry a group; empty if the charge is not grouped.
    """

    units: Decimal
    total_aggregated_units: Decimal
    events_count: int
    amount_cents: int
    amount_currency: str
    pricing_unit_details: PricingUnitDetails | None
    charge: UsageCharge
    billable_metric: UsageBillableMetric
    filters: list[ChargeUsageFilter]
    grouped_usage: list[ChargeUsageGroup]
    presentation_breakdowns: list[PresentationBreakdown]


@response_model
class Usage:
    """Usage of one subscription in one billing period: what the running and the billed ones have in common.

    Attributes:
        from_datetime: Start of the period for charges, in UTC.
        to_datetime: End of it, inclusive: the last second.
        issuing_date: Day on which the invoice is, or would be, issued.
        currency: ISO 4217.
        amount_cents: Cents of ``currency``, taxes excluded; for a billed period the whole invoice, subscription fee
            included.
        taxes_amount_cents: Cents of ``currency``.
        total_amount_cents: The sum of the two; coupons and credits are not taken off.
    """

    from_datetime: Timestamp
    to_datetime: Timestamp
    issuing_date: date
    currency: str
    amount_cents: int
    taxes_amount_cents: int
    total_amount_cents: int
    charges_usage: list[ChargeUsage]


@response_model
class CustomerUsage(Usage):
    """Usage of the billing period that is running, as it would be billed now; ``lago_invoice_id`` is None."""

    lago_invoice_id: str | None


@response_model
class UsagePeriod(Usage):
    """A past billing period, on the invoice ``lago_invoice_id``; charges without fees are left out."""

    lago_invoice_id: str
