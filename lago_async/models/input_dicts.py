# GENERATED from the input models of lago_async/models by `python -m tools.generate`. Do not edit.
"""Bodies as typed dictionaries. Only type checkers use them; any mapping works at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal
    from typing import Required

    from lago_async.models import (
        AccountType,
        ActivationRuleType,
        AddressInput,
        AggregationType,
        AlertThresholdInput,
        AlertType,
        AppliedPricingUnitInput,
        BillableMetricFilterInput,
        BillingEntityBillingConfigurationInput,
        BillingInterval,
        BillingTime,
        BillingTiming,
        ChargeFilterInput,
        ChargeInput,
        ChargeModel,
        ChargePropertiesInput,
        CouponExpiration,
        CouponFrequency,
        CouponLimitsInput,
        CouponType,
        CreditNoteItemInput,
        CreditNoteReason,
        CustomerBillingConfigurationInput,
        CustomerMetadataInput,
        CustomerType,
        DateOrDatetime,
        DocumentNumbering,
        EmailSetting,
        EventTime,
        ExpressionEventInput,
        FeePaymentStatus,
        FinalizeZeroAmountInvoice,
        FixedChargeInput,
        FixedChargeModel,
        FixedChargePropertiesInput,
        GraduatedPercentageRangeInput,
        GraduatedRangeInput,
        IntegrationCustomerInput,
        IntegrationType,
        InvoiceCustomSectionsInput,
        InvoiceFeeInput,
        InvoiceMetadataInput,
        InvoicePreviewCouponInput,
        InvoicePreviewCustomerInput,
        InvoicePreviewIntegrationCustomerInput,
        InvoicePreviewSubscriptionsInput,
        IssuingDateAdjustment,
        IssuingDateAnchor,
        MinimumCommitmentInput,
        Open,
        OrderExecutionMode,
        OrganizationBillingConfigurationInput,
        OrganizationDocumentNumbering,
        PaidFeesRegrouping,
        PaymentMethodReferenceInput,
        PaymentMethodType,
        PaymentProvider,
        PaymentStatus,
        PlanChargeUpdateInput,
        PlanFixedChargeUpdateInput,
        PlanOverrideChargeInput,
        PlanOverrideFixedChargeInput,
        PlanOverridesInput,
        PresentationGroupKeyInput,
        PresentationGroupKeyOptionsInput,
        PrivilegeConfigInput,
        PrivilegeInput,
        PrivilegeType,
        ProductFilterValueInput,
        ProductType,
        RateCardRateInput,
        RateIntervalUnit,
        RecurringMethod,
        RecurringTrigger,
        RefundStatus,
        RegroupPaidFees,
        RoundingFunction,
        SignatureAlgorithm,
        SubscriptionActivationRuleInput,
        TerminationCreditNote,
        TerminationInvoice,
        UsageThresholdInput,
        WalletFeeType,
        WalletLimitsInput,
        WalletRecurringTransactionRuleInput,
        WalletRecurringTransactionRuleUpdateInput,
        WalletTransactionMetadataInput,
        WeightedInterval,
    )

__all__ = [
    "AddOnInputDict",
    "AddOnUpdateInputDict",
    "AddressInputDict",
    "AlertInputDict",
    "AlertThresholdInputDict",
    "AlertUpdateInputDict",
    "AppliedCouponInputDict",
    "AppliedPricingUnitInputDict",
    "AppliedRateCardInputDict",
    "AppliedRateCardUpdateInputDict",
    "BillableMetricFilterInputDict",
    "BillableMetricInputDict",
    "BillableMetricUpdateInputDict",
    "BillingEntityBillingConfigurationInputDict",
    "BillingEntityInputDict",
    "BillingEntityUpdateInputDict",
    "ChargeDestroyInputDict",
    "ChargeFilterCreateInputDict",
    "ChargeFilterDestroyInputDict",
    "ChargeFilterInputDict",
    "ChargeFilterUpdateInputDict",
    "ChargeInputDict",
    "ChargePropertiesInputDict",
    "ChargeUpdateInputDict",
    "CouponInputDict",
    "CouponLimitsInputDict",
    "CouponUpdateInputDict",
    "CreditNoteEstimateInputDict",
    "CreditNoteInputDict",
    "CreditNoteItemInputDict",
    "CreditNoteUpdateInputDict",
    "CustomerBillingConfigurationInputDict",
    "CustomerInputDict",
    "CustomerMetadataInputDict",
    "EventEstimateInputDict",
    "EventInputDict",
    "ExpressionEventInputDict",
    "ExpressionInputDict",
    "FeatureInputDict",
    "FeatureUpdateInputDict",
    "FeeUpdateInputDict",
    "FixedChargeDestroyInputDict",
    "FixedChargeInputDict",
    "FixedChargePropertiesInputDict",
    "FixedChargeUpdateInputDict",
    "GraduatedPercentageRangeInputDict",
    "GraduatedRangeInputDict",
    "IntegrationCustomerInputDict",
    "InvoiceCustomSectionsInputDict",
    "InvoiceFeeInputDict",
    "InvoiceInputDict",
    "InvoiceMetadataInputDict",
    "InvoicePreviewCouponInputDict",
    "InvoicePreviewCustomerInputDict",
    "InvoicePreviewInputDict",
    "InvoicePreviewIntegrationCustomerInputDict",
    "InvoicePreviewSubscriptionsInputDict",
    "InvoiceSalesforceIdInputDict",
    "InvoiceUpdateInputDict",
    "InvoiceVoidInputDict",
    "LifetimeUsageInputDict",
    "MinimumCommitmentInputDict",
    "OrderExecuteInputDict",
    "OrderFormMarkAsSignedInputDict",
    "OrganizationBillingConfigurationInputDict",
    "OrganizationUpdateInputDict",
    "PaymentInputDict",
    "PaymentMethodReferenceInputDict",
    "PaymentRequestInputDict",
    "PaymentRetryInputDict",
    "PlanChargeUpdateInputDict",
    "PlanFixedChargeUpdateInputDict",
    "PlanInputDict",
    "PlanOverrideChargeInputDict",
    "PlanOverrideFixedChargeInputDict",
    "PlanOverridesInputDict",
    "PlanUpdateInputDict",
    "PresentationGroupKeyInputDict",
    "PresentationGroupKeyOptionsInputDict",
    "PrivilegeConfigInputDict",
    "PrivilegeInputDict",
    "ProductCategoryInputDict",
    "ProductCategoryUpdateInputDict",
    "ProductFilterInputDict",
    "ProductFilterUpdateInputDict",
    "ProductFilterValueInputDict",
    "ProductInputDict",
    "ProductUpdateInputDict",
    "QuoteVersionApproveInputDict",
    "RateCardInputDict",
    "RateCardRateInputDict",
    "RateCardRateUpdateInputDict",
    "RateCardUpdateInputDict",
    "ResendEmailInputDict",
    "SubscriptionActivationRuleInputDict",
    "SubscriptionAuthorizationInputDict",
    "SubscriptionChargeInputDict",
    "SubscriptionFixedChargeInputDict",
    "SubscriptionInputDict",
    "SubscriptionUpdateInputDict",
    "TaxInputDict",
    "TaxUpdateInputDict",
    "UsageThresholdInputDict",
    "WalletAlertInputDict",
    "WalletAlertUpdateInputDict",
    "WalletInputDict",
    "WalletLimitsInputDict",
    "WalletRecurringTransactionRuleInputDict",
    "WalletRecurringTransactionRuleUpdateInputDict",
    "WalletTransactionInputDict",
    "WalletTransactionMetadataInputDict",
    "WalletUpdateInputDict",
    "WebhookEndpointInputDict",
    "WebhookEndpointUpdateInputDict",
]


class AddOnInputDict(TypedDict, total=False):
    """A mapping with the fields of ``AddOnInput``."""

    name: Required[str]
    code: Required[str]
    amount_cents: Required[int]
    amount_currency: Required[str]
    invoice_display_name: str | None
    description: str | None
    tax_codes: list[str] | tuple[str, ...]


class AddOnUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``AddOnUpdateInput``."""

    name: str
    invoice_display_name: str | None
    code: str
    amount_cents: int
    amount_currency: str
    description: str | None
    tax_codes: list[str] | tuple[str, ...]


class AddressInputDict(TypedDict, total=False):
    """A mapping with the fields of ``AddressInput``."""

    address_line1: str | None
    address_line2: str | None
    city: str | None
    country: str | None
    state: str | None
    zipcode: str | None


class AlertInputDict(TypedDict, total=False):
    """A mapping with the fields of ``AlertInput``."""

    code: Required[str]
    thresholds: Required[Sequence[AlertThresholdInput | AlertThresholdInputDict]]
    alert_type: Required[Open[AlertType]]
    name: str | None
    billable_metric_code: str | None


class AlertThresholdInputDict(TypedDict, total=False):
    """A mapping with the fields of ``AlertThresholdInput``."""

    value: Required[Decimal | int | float | str]
    code: str | None
    recurring: bool | None


class AlertUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``AlertUpdateInput``."""

    code: str
    name: str | None
    thresholds: Sequence[AlertThresholdInput | AlertThresholdInputDict]
    billable_metric_code: str | None


class AppliedCouponInputDict(TypedDict, total=False):
    """A mapping with the fields of ``AppliedCouponInput``."""

    external_customer_id: Required[str]
    coupon_code: Required[str]
    frequency: Open[CouponFrequency] | None
    frequency_duration: int | None
    amount_cents: int | None
    amount_currency: str | None
    percentage_rate: Decimal | int | float | str | None


class AppliedPricingUnitInputDict(TypedDict, total=False):
    """A mapping with the fields of ``AppliedPricingUnitInput``."""

    code: str
    conversion_rate: Decimal | int | float | str


class AppliedRateCardInputDict(TypedDict, total=False):
    """A mapping with the fields of ``AppliedRateCardInput``."""

    rate_card_code: Required[str]
    units: Decimal | int | float | str | None


class AppliedRateCardUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``AppliedRateCardUpdateInput``."""

    units: Decimal | int | float | str | None


class BillableMetricFilterInputDict(TypedDict, total=False):
    """A mapping with the fields of ``BillableMetricFilterInput``."""

    key: Required[str]
    values: Required[list[str] | tuple[str, ...]]


class BillableMetricInputDict(TypedDict, total=False):
    """A mapping with the fields of ``BillableMetricInput``."""

    name: Required[str]
    code: Required[str]
    aggregation_type: Required[Open[AggregationType]]
    description: str | None
    recurring: bool
    expression: str | None
    rounding_function: Open[RoundingFunction] | None
    rounding_precision: int | None
    field_name: str | None
    weighted_interval: Open[WeightedInterval] | None
    filters: Sequence[BillableMetricFilterInput | BillableMetricFilterInputDict]


class BillableMetricUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``BillableMetricUpdateInput``."""

    name: str
    code: str
    description: str | None
    recurring: bool
    expression: str | None
    rounding_function: Open[RoundingFunction] | None
    rounding_precision: int | None
    field_name: str | None
    aggregation_type: Open[AggregationType]
    weighted_interval: Open[WeightedInterval] | None
    filters: Sequence[BillableMetricFilterInput | BillableMetricFilterInputDict]


class BillingEntityBillingConfigurationInputDict(TypedDict, total=False):
    """A mapping with the fields of ``BillingEntityBillingConfigurationInput``."""

    invoice_footer: str | None
    document_locale: str | None
    invoice_grace_period: int | None
    subscription_invoice_issuing_date_anchor: Open[IssuingDateAnchor] | None
    subscription_invoice_issuing_date_adjustment: Open[IssuingDateAdjustment] | None


class BillingEntityInputDict(TypedDict, total=False):
    """A mapping with the fields of ``BillingEntityInput``."""

    code: Required[str]
    name: Required[str]
    default_currency: str
    document_numbering: Open[DocumentNumbering]
    document_number_prefix: str | None
    finalize_zero_amount_invoice: bool
    billing_configuration: BillingEntityBillingConfigurationInput | BillingEntityBillingConfigurationInputDict | None
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
    timezone: str | None
    email_settings: list[str] | list[Open[EmailSetting]] | tuple[str, ...] | None
    eu_tax_management: bool | None
    logo: str | None
    einvoicing: bool | None
    phone: str | None


class BillingEntityUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``BillingEntityUpdateInput``."""

    name: str
    default_currency: str
    document_numbering: Open[DocumentNumbering]
    document_number_prefix: str | None
    finalize_zero_amount_invoice: bool
    billing_configuration: BillingEntityBillingConfigurationInput | BillingEntityBillingConfigurationInputDict
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
    tax_codes: list[str] | tuple[str, ...]
    email_settings: list[str] | list[Open[EmailSetting]] | tuple[str, ...]
    eu_tax_management: bool
    logo: str | None
    invoice_custom_section_codes: list[str] | tuple[str, ...]
    einvoicing: bool
    phone: str | None


class ChargeDestroyInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ChargeDestroyInput``."""

    cascade_updates: bool


class ChargeFilterCreateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ChargeFilterCreateInput``."""

    properties: ChargePropertiesInput | ChargePropertiesInputDict | None
    values: Required[Mapping[str, list[str] | tuple[str, ...]]]
    cascade_updates: bool | None
    invoice_display_name: str | None


class ChargeFilterDestroyInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ChargeFilterDestroyInput``."""

    cascade_updates: bool


class ChargeFilterInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ChargeFilterInput``."""

    properties: ChargePropertiesInput | ChargePropertiesInputDict | None
    values: Required[Mapping[str, list[str] | tuple[str, ...]]]
    invoice_display_name: str | None


class ChargeFilterUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ChargeFilterUpdateInput``."""

    cascade_updates: bool
    invoice_display_name: str | None
    properties: ChargePropertiesInput | ChargePropertiesInputDict
    values: Mapping[str, list[str] | tuple[str, ...]]


class ChargeInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ChargeInput``."""

    billable_metric_id: Required[str]
    charge_model: Required[Open[ChargeModel]]
    invoice_display_name: str | None
    min_amount_cents: int | None
    properties: ChargePropertiesInput | ChargePropertiesInputDict | None
    filters: Sequence[ChargeFilterInput | ChargeFilterInputDict] | None
    tax_codes: list[str] | tuple[str, ...] | None
    applied_pricing_unit: AppliedPricingUnitInput | AppliedPricingUnitInputDict | None
    code: str | None
    pay_in_advance: bool | None
    invoiceable: bool | None
    regroup_paid_fees: Open[RegroupPaidFees] | None
    prorated: bool | None
    cascade_updates: bool | None
    accepts_target_wallet: bool | None


class ChargePropertiesInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ChargePropertiesInput``."""

    grouped_by: list[str] | tuple[str, ...]
    pricing_group_keys: list[str] | tuple[str, ...]
    graduated_ranges: Sequence[GraduatedRangeInput | GraduatedRangeInputDict]
    graduated_percentage_ranges: Sequence[GraduatedPercentageRangeInput | GraduatedPercentageRangeInputDict]
    amount: Decimal | int | float | str
    free_units: int
    package_size: int
    rate: Decimal | int | float | str
    fixed_amount: Decimal | int | float | str
    free_units_per_events: int | None
    free_units_per_total_aggregation: Decimal | int | float | str | None
    per_transaction_max_amount: Decimal | int | float | str | None
    per_transaction_min_amount: Decimal | int | float | str | None
    volume_ranges: Sequence[GraduatedRangeInput | GraduatedRangeInputDict]
    presentation_group_keys: Sequence[PresentationGroupKeyInput | PresentationGroupKeyInputDict]
    custom_properties: Mapping[str, object] | None


class ChargeUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ChargeUpdateInput``."""

    invoice_display_name: str | None
    min_amount_cents: int | None
    properties: ChargePropertiesInput | ChargePropertiesInputDict
    filters: Sequence[ChargeFilterInput | ChargeFilterInputDict]
    tax_codes: list[str] | tuple[str, ...]
    applied_pricing_unit: AppliedPricingUnitInput | AppliedPricingUnitInputDict
    billable_metric_id: str
    code: str
    charge_model: Open[ChargeModel]
    pay_in_advance: bool
    invoiceable: bool
    regroup_paid_fees: Open[RegroupPaidFees] | None
    prorated: bool
    cascade_updates: bool
    accepts_target_wallet: bool | None


class CouponInputDict(TypedDict, total=False):
    """A mapping with the fields of ``CouponInput``."""

    name: Required[str]
    code: Required[str]
    coupon_type: Required[Open[CouponType]]
    frequency: Required[Open[CouponFrequency]]
    expiration: Required[Open[CouponExpiration]]
    description: str | None
    amount_cents: int | None
    amount_currency: str | None
    reusable: bool
    percentage_rate: Decimal | int | float | str | None
    frequency_duration: int | None
    expiration_at: DateOrDatetime | None
    applies_to: CouponLimitsInput | CouponLimitsInputDict | None


class CouponLimitsInputDict(TypedDict, total=False):
    """A mapping with the fields of ``CouponLimitsInput``."""

    plan_codes: list[str] | tuple[str, ...] | None
    billable_metric_codes: list[str] | tuple[str, ...] | None


class CouponUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``CouponUpdateInput``."""

    name: str
    code: str
    description: str | None
    coupon_type: Open[CouponType]
    amount_cents: int | None
    amount_currency: str | None
    reusable: bool
    percentage_rate: Decimal | int | float | str | None
    frequency: Open[CouponFrequency]
    frequency_duration: int | None
    expiration: Open[CouponExpiration]
    expiration_at: DateOrDatetime | None
    applies_to: CouponLimitsInput | CouponLimitsInputDict | None


class CreditNoteEstimateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``CreditNoteEstimateInput``."""

    invoice_id: Required[str]
    items: Required[Sequence[CreditNoteItemInput | CreditNoteItemInputDict]]


class CreditNoteInputDict(TypedDict, total=False):
    """A mapping with the fields of ``CreditNoteInput``."""

    invoice_id: Required[str]
    items: Required[Sequence[CreditNoteItemInput | CreditNoteItemInputDict]]
    reason: Open[CreditNoteReason] | None
    description: str | None
    credit_amount_cents: int | None
    refund_amount_cents: int | None
    offset_amount_cents: int | None
    metadata: Mapping[str, str | None] | None


class CreditNoteItemInputDict(TypedDict, total=False):
    """A mapping with the fields of ``CreditNoteItemInput``."""

    fee_id: Required[str]
    amount_cents: Required[int]


class CreditNoteUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``CreditNoteUpdateInput``."""

    refund_status: Open[RefundStatus] | None
    metadata: Mapping[str, str | None]


class CustomerBillingConfigurationInputDict(TypedDict, total=False):
    """A mapping with the fields of ``CustomerBillingConfigurationInput``."""

    invoice_grace_period: int | None
    subscription_invoice_issuing_date_anchor: Open[IssuingDateAnchor] | None
    subscription_invoice_issuing_date_adjustment: Open[IssuingDateAdjustment] | None
    payment_provider: Open[PaymentProvider] | None
    payment_provider_code: str | None
    provider_customer_id: str | None
    sync: bool | None
    sync_with_provider: bool | None
    document_locale: str | None
    provider_payment_methods: list[str] | tuple[str, ...] | None


class CustomerInputDict(TypedDict, total=False):
    """A mapping with the fields of ``CustomerInput``."""

    external_id: Required[str]
    account_type: Open[AccountType] | None
    customer_type: Open[CustomerType] | None
    billing_entity_code: str | None
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
    net_payment_term: int | None
    external_salesforce_id: str | None
    finalize_zero_amount_invoice: Open[FinalizeZeroAmountInvoice] | None
    skip_invoice_custom_sections: bool | None
    invoice_custom_section_codes: list[str] | tuple[str, ...] | None
    tax_codes: list[str] | tuple[str, ...] | None
    billing_configuration: CustomerBillingConfigurationInput | CustomerBillingConfigurationInputDict | None
    shipping_address: AddressInput | AddressInputDict | None
    metadata: Sequence[CustomerMetadataInput | CustomerMetadataInputDict] | None
    integration_customers: Sequence[IntegrationCustomerInput | IntegrationCustomerInputDict] | None


class CustomerMetadataInputDict(TypedDict, total=False):
    """A mapping with the fields of ``CustomerMetadataInput``."""

    id: str | None
    key: str
    value: str
    display_in_invoice: bool | None


class EventEstimateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``EventEstimateInput``."""

    external_subscription_id: Required[str]
    code: Required[str]
    transaction_id: str | None
    timestamp: EventTime | None
    precise_total_amount_cents: Decimal | int | float | str | None
    properties: Mapping[str, object] | None


class EventInputDict(TypedDict, total=False):
    """A mapping with the fields of ``EventInput``."""

    transaction_id: Required[str]
    external_subscription_id: Required[str]
    code: Required[str]
    timestamp: EventTime | None
    precise_total_amount_cents: Decimal | int | float | str | None
    properties: Mapping[str, object] | None


class ExpressionEventInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ExpressionEventInput``."""

    code: str | None
    properties: Mapping[str, object] | None
    timestamp: EventTime | None


class ExpressionInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ExpressionInput``."""

    expression: Required[str]
    event: ExpressionEventInput | ExpressionEventInputDict | None


class FeatureInputDict(TypedDict, total=False):
    """A mapping with the fields of ``FeatureInput``."""

    code: Required[str]
    name: str | None
    description: str | None
    privileges: Sequence[PrivilegeInput | PrivilegeInputDict] | None


class FeatureUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``FeatureUpdateInput``."""

    name: str | None
    description: str | None
    privileges: Sequence[PrivilegeInput | PrivilegeInputDict]


class FeeUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``FeeUpdateInput``."""

    payment_status: Required[Open[FeePaymentStatus]]


class FixedChargeDestroyInputDict(TypedDict, total=False):
    """A mapping with the fields of ``FixedChargeDestroyInput``."""

    cascade_updates: bool


class FixedChargeInputDict(TypedDict, total=False):
    """A mapping with the fields of ``FixedChargeInput``."""

    charge_model: Required[Open[FixedChargeModel]]
    invoice_display_name: str | None
    units: Decimal | int | float | str | None
    apply_units_immediately: bool | None
    properties: FixedChargePropertiesInput | FixedChargePropertiesInputDict | None
    tax_codes: list[str] | tuple[str, ...] | None
    add_on_id: str | None
    add_on_code: str | None
    code: str | None
    pay_in_advance: bool | None
    prorated: bool | None
    cascade_updates: bool | None


class FixedChargePropertiesInputDict(TypedDict, total=False):
    """A mapping with the fields of ``FixedChargePropertiesInput``."""

    amount: Decimal | int | float | str
    graduated_ranges: Sequence[GraduatedRangeInput | GraduatedRangeInputDict]
    volume_ranges: Sequence[GraduatedRangeInput | GraduatedRangeInputDict]


class FixedChargeUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``FixedChargeUpdateInput``."""

    invoice_display_name: str | None
    units: Decimal | int | float | str
    apply_units_immediately: bool
    properties: FixedChargePropertiesInput | FixedChargePropertiesInputDict
    tax_codes: list[str] | tuple[str, ...]
    add_on_id: str
    add_on_code: str
    code: str
    charge_model: Open[FixedChargeModel]
    pay_in_advance: bool
    prorated: bool
    cascade_updates: bool


class GraduatedPercentageRangeInputDict(TypedDict, total=False):
    """A mapping with the fields of ``GraduatedPercentageRangeInput``."""

    from_value: Required[int | Decimal | float | str]
    to_value: int | Decimal | float | str | None
    rate: Required[Decimal | int | float | str]
    flat_amount: Required[Decimal | int | float | str]


class GraduatedRangeInputDict(TypedDict, total=False):
    """A mapping with the fields of ``GraduatedRangeInput``."""

    from_value: Required[int | Decimal | float | str]
    to_value: int | Decimal | float | str | None
    flat_amount: Required[Decimal | int | float | str]
    per_unit_amount: Required[Decimal | int | float | str]


class IntegrationCustomerInputDict(TypedDict, total=False):
    """A mapping with the fields of ``IntegrationCustomerInput``."""

    id: str | None
    code: str | None
    integration_type: Open[IntegrationType] | None
    integration_code: str | None
    external_customer_id: str | None
    sync_with_provider: bool | None
    subsidiary_id: str | None
    targeted_object: str | None


class InvoiceCustomSectionsInputDict(TypedDict, total=False):
    """A mapping with the fields of ``InvoiceCustomSectionsInput``."""

    skip_invoice_custom_sections: bool
    invoice_custom_section_codes: list[str] | tuple[str, ...]


class InvoiceFeeInputDict(TypedDict, total=False):
    """A mapping with the fields of ``InvoiceFeeInput``."""

    add_on_code: Required[str]
    invoice_display_name: str | None
    unit_amount_cents: int | None
    units: Decimal | int | float | str | None
    description: str | None
    from_datetime: DateOrDatetime | None
    to_datetime: DateOrDatetime | None
    tax_codes: list[str] | tuple[str, ...] | None


class InvoiceInputDict(TypedDict, total=False):
    """A mapping with the fields of ``InvoiceInput``."""

    external_customer_id: Required[str]
    fees: Required[Sequence[InvoiceFeeInput | InvoiceFeeInputDict]]
    billing_entity_code: str | None
    currency: str | None
    invoice_custom_section: InvoiceCustomSectionsInput | InvoiceCustomSectionsInputDict | None
    payment_method: PaymentMethodReferenceInput | PaymentMethodReferenceInputDict | None
    skip_psp: bool | None
    purchase_order_number: str | None


class InvoiceMetadataInputDict(TypedDict, total=False):
    """A mapping with the fields of ``InvoiceMetadataInput``."""

    id: str | None
    key: str
    value: str


class InvoicePreviewCouponInputDict(TypedDict, total=False):
    """A mapping with the fields of ``InvoicePreviewCouponInput``."""

    code: str | None
    name: str | None
    coupon_type: Open[CouponType] | None
    amount_cents: int | None
    amount_currency: str | None
    percentage_rate: Decimal | int | float | str | None
    frequency_duration: int | None
    frequency: Open[CouponFrequency] | None
    frequency_duration_remaining: int | None


class InvoicePreviewCustomerInputDict(TypedDict, total=False):
    """A mapping with the fields of ``InvoicePreviewCustomerInput``."""

    address_line1: str | None
    address_line2: str | None
    city: str | None
    country: str | None
    external_id: str
    integration_customers: (
        Sequence[InvoicePreviewIntegrationCustomerInput | InvoicePreviewIntegrationCustomerInputDict] | None
    )
    name: str | None
    currency: str | None
    shipping_address: AddressInput | AddressInputDict | None
    state: str | None
    tax_identification_number: str | None
    timezone: str | None
    zipcode: str | None


class InvoicePreviewInputDict(TypedDict, total=False):
    """A mapping with the fields of ``InvoicePreviewInput``."""

    customer: InvoicePreviewCustomerInput | InvoicePreviewCustomerInputDict | None
    plan_code: str | None
    subscription_at: DateOrDatetime | None
    billing_time: Open[BillingTime] | None
    coupons: Sequence[InvoicePreviewCouponInput | InvoicePreviewCouponInputDict] | None
    subscriptions: InvoicePreviewSubscriptionsInput | InvoicePreviewSubscriptionsInputDict | None
    billing_entity_code: str | None


class InvoicePreviewIntegrationCustomerInputDict(TypedDict, total=False):
    """A mapping with the fields of ``InvoicePreviewIntegrationCustomerInput``."""

    integration_type: Required[Open[IntegrationType]]
    integration_code: Required[str]


class InvoicePreviewSubscriptionsInputDict(TypedDict, total=False):
    """A mapping with the fields of ``InvoicePreviewSubscriptionsInput``."""

    external_ids: Required[list[str] | tuple[str, ...]]
    plan_code: str | None
    terminated_at: DateOrDatetime | None


class InvoiceSalesforceIdInputDict(TypedDict, total=False):
    """A mapping with the fields of ``InvoiceSalesforceIdInput``."""

    external_id: Required[str]
    integration_code: Required[str]


class InvoiceUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``InvoiceUpdateInput``."""

    payment_status: Open[PaymentStatus]
    metadata: Sequence[InvoiceMetadataInput | InvoiceMetadataInputDict]


class InvoiceVoidInputDict(TypedDict, total=False):
    """A mapping with the fields of ``InvoiceVoidInput``."""

    generate_credit_note: bool | None
    refund_amount: int | None
    credit_amount: int | None


class LifetimeUsageInputDict(TypedDict, total=False):
    """A mapping with the fields of ``LifetimeUsageInput``."""

    external_historical_usage_amount_cents: Required[int]


class MinimumCommitmentInputDict(TypedDict, total=False):
    """A mapping with the fields of ``MinimumCommitmentInput``."""

    amount_cents: int
    invoice_display_name: str | None
    tax_codes: list[str] | tuple[str, ...] | None


class OrderExecuteInputDict(TypedDict, total=False):
    """A mapping with the fields of ``OrderExecuteInput``."""

    execution_mode: Open[OrderExecutionMode] | None


class OrderFormMarkAsSignedInputDict(TypedDict, total=False):
    """A mapping with the fields of ``OrderFormMarkAsSignedInput``."""

    signed_document: str | None
    execution_mode: Open[OrderExecutionMode] | None
    execute_at: DateOrDatetime | None


class OrganizationBillingConfigurationInputDict(TypedDict, total=False):
    """A mapping with the fields of ``OrganizationBillingConfigurationInput``."""

    invoice_footer: str | None
    invoice_grace_period: int
    document_locale: str


class OrganizationUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``OrganizationUpdateInput``."""

    webhook_url: str | None
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
    document_number_prefix: str
    net_payment_term: int
    tax_identification_number: str | None
    timezone: str
    email_settings: list[str] | list[Open[EmailSetting]] | tuple[str, ...]
    billing_configuration: OrganizationBillingConfigurationInput | OrganizationBillingConfigurationInputDict
    finalize_zero_amount_invoice: bool
    slug: str


class PaymentInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PaymentInput``."""

    invoice_id: Required[str]
    amount_cents: Required[int]
    reference: Required[str]
    paid_at: DateOrDatetime | None


class PaymentMethodReferenceInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PaymentMethodReferenceInput``."""

    payment_method_type: Open[PaymentMethodType]
    payment_method_id: str | None


class PaymentRequestInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PaymentRequestInput``."""

    external_customer_id: Required[str]
    email: str | None
    lago_invoice_ids: Required[list[str] | tuple[str, ...]]


class PaymentRetryInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PaymentRetryInput``."""

    payment_method: PaymentMethodReferenceInput | PaymentMethodReferenceInputDict


class PlanChargeUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PlanChargeUpdateInput``."""

    id: str | None
    billable_metric_id: str
    code: str | None
    charge_model: Open[ChargeModel]
    pay_in_advance: bool
    invoiceable: bool
    regroup_paid_fees: Open[RegroupPaidFees] | None
    invoice_display_name: str | None
    prorated: bool
    min_amount_cents: int | None
    properties: ChargePropertiesInput | ChargePropertiesInputDict
    filters: Sequence[ChargeFilterInput | ChargeFilterInputDict]
    tax_codes: list[str] | tuple[str, ...]
    applied_pricing_unit: AppliedPricingUnitInput | AppliedPricingUnitInputDict
    accepts_target_wallet: bool | None


class PlanFixedChargeUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PlanFixedChargeUpdateInput``."""

    id: str | None
    add_on_id: str
    code: str
    invoice_display_name: str | None
    units: Decimal | int | float | str
    charge_model: Open[FixedChargeModel]
    pay_in_advance: bool
    prorated: bool
    properties: FixedChargePropertiesInput | FixedChargePropertiesInputDict
    tax_codes: list[str] | tuple[str, ...]
    apply_units_immediately: bool


class PlanInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PlanInput``."""

    name: Required[str]
    code: Required[str]
    interval: Open[BillingInterval] | None
    amount_cents: int | None
    amount_currency: Required[str]
    pay_in_advance: bool | None
    invoice_display_name: str | None
    description: str | None
    trial_period: float | None
    bill_charges_monthly: bool | None
    bill_fixed_charges_monthly: bool | None
    tax_codes: list[str] | tuple[str, ...] | None
    minimum_commitment: MinimumCommitmentInput | MinimumCommitmentInputDict | None
    charges: Sequence[ChargeInput | ChargeInputDict] | None
    fixed_charges: Sequence[FixedChargeInput | FixedChargeInputDict] | None
    usage_thresholds: Sequence[UsageThresholdInput | UsageThresholdInputDict] | None
    metadata: Mapping[str, str | None] | None


class PlanOverrideChargeInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PlanOverrideChargeInput``."""

    id: str
    billable_metric_id: str
    code: str
    charge_model: Open[ChargeModel]
    invoice_display_name: str | None
    min_amount_cents: int
    properties: ChargePropertiesInput | ChargePropertiesInputDict
    filters: Sequence[ChargeFilterInput | ChargeFilterInputDict]
    tax_codes: list[str] | tuple[str, ...]
    applied_pricing_unit: AppliedPricingUnitInput | AppliedPricingUnitInputDict


class PlanOverrideFixedChargeInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PlanOverrideFixedChargeInput``."""

    id: Required[str]
    invoice_display_name: str | None
    units: Decimal | int | float | str
    apply_units_immediately: bool
    properties: FixedChargePropertiesInput | FixedChargePropertiesInputDict
    tax_codes: list[str] | tuple[str, ...]


class PlanOverridesInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PlanOverridesInput``."""

    amount_cents: int
    amount_currency: str
    description: str | None
    invoice_display_name: str | None
    name: str
    tax_codes: list[str] | tuple[str, ...]
    trial_period: float | None
    minimum_commitment: MinimumCommitmentInput | MinimumCommitmentInputDict | None
    charges: Sequence[PlanOverrideChargeInput | PlanOverrideChargeInputDict]
    fixed_charges: Sequence[PlanOverrideFixedChargeInput | PlanOverrideFixedChargeInputDict]
    usage_thresholds: Sequence[UsageThresholdInput | UsageThresholdInputDict]


class PlanUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PlanUpdateInput``."""

    name: str
    invoice_display_name: str | None
    code: str
    interval: Open[BillingInterval]
    description: str | None
    amount_cents: int
    amount_currency: str
    trial_period: float | None
    pay_in_advance: bool
    bill_charges_monthly: bool | None
    bill_fixed_charges_monthly: bool | None
    tax_codes: list[str] | tuple[str, ...]
    minimum_commitment: MinimumCommitmentInput | MinimumCommitmentInputDict | None
    charges: Sequence[PlanChargeUpdateInput | PlanChargeUpdateInputDict]
    fixed_charges: Sequence[PlanFixedChargeUpdateInput | PlanFixedChargeUpdateInputDict]
    usage_thresholds: Sequence[UsageThresholdInput | UsageThresholdInputDict]
    cascade_updates: bool
    metadata: Mapping[str, str | None]


class PresentationGroupKeyInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PresentationGroupKeyInput``."""

    value: str
    options: PresentationGroupKeyOptionsInput | PresentationGroupKeyOptionsInputDict


class PresentationGroupKeyOptionsInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PresentationGroupKeyOptionsInput``."""

    display_in_invoice: bool


class PrivilegeConfigInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PrivilegeConfigInput``."""

    select_options: list[str] | tuple[str, ...]


class PrivilegeInputDict(TypedDict, total=False):
    """A mapping with the fields of ``PrivilegeInput``."""

    code: Required[str]
    name: str | None
    value_type: Open[PrivilegeType]
    config: PrivilegeConfigInput | PrivilegeConfigInputDict


class ProductCategoryInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ProductCategoryInput``."""

    name: Required[str]
    code: Required[str]
    description: str | None
    invoice_display_name: str | None


class ProductCategoryUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ProductCategoryUpdateInput``."""

    name: str
    code: str
    description: str | None
    invoice_display_name: str | None


class ProductFilterInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ProductFilterInput``."""

    name: Required[str]
    code: Required[str]
    values: Required[Sequence[ProductFilterValueInput | ProductFilterValueInputDict]]
    description: str | None
    invoice_display_name: str | None


class ProductFilterUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ProductFilterUpdateInput``."""

    name: str
    code: str
    description: str | None
    invoice_display_name: str | None
    values: Sequence[ProductFilterValueInput | ProductFilterValueInputDict]


class ProductFilterValueInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ProductFilterValueInput``."""

    key: Required[str]
    value: str | None


class ProductInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ProductInput``."""

    name: Required[str]
    code: Required[str]
    product_type: Required[Open[ProductType]]
    description: str | None
    invoice_display_name: str | None
    product_category_code: str | None
    billable_metric_code: str | None


class ProductUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ProductUpdateInput``."""

    name: str
    code: str
    description: str | None
    invoice_display_name: str | None
    product_category_code: str | None


class QuoteVersionApproveInputDict(TypedDict, total=False):
    """A mapping with the fields of ``QuoteVersionApproveInput``."""

    expires_at: DateOrDatetime | None


class RateCardInputDict(TypedDict, total=False):
    """A mapping with the fields of ``RateCardInput``."""

    product_code: Required[str]
    name: Required[str]
    code: Required[str]
    currency: Required[str]
    product_filter_code: str | None
    description: str | None
    billing_timing: Open[BillingTiming] | None
    proration: bool | None
    display_on_invoice: bool | None
    regroup_paid_fees: Open[PaidFeesRegrouping] | None
    applied_pricing_unit_code: str | None
    wallet_targetable: bool | None
    rates: Sequence[RateCardRateInput | RateCardRateInputDict] | None


class RateCardRateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``RateCardRateInput``."""

    code: Required[str]
    effective_from: Required[DateOrDatetime]
    rate_model: Required[Open[ChargeModel]]
    billing_interval_unit: Required[Open[RateIntervalUnit]]
    rate_properties: Mapping[str, object]
    min_amount_cents: int | None
    billing_interval_count: int | None
    applied_pricing_unit_conversion_rate: Decimal | int | float | str | None


class RateCardRateUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``RateCardRateUpdateInput``."""

    code: str
    effective_from: DateOrDatetime
    rate_model: Open[ChargeModel]
    billing_interval_unit: Open[RateIntervalUnit]
    rate_properties: Mapping[str, object]
    min_amount_cents: int
    billing_interval_count: int
    applied_pricing_unit_conversion_rate: Decimal | int | float | str | None


class RateCardUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``RateCardUpdateInput``."""

    name: str
    code: str
    description: str | None
    currency: str
    billing_timing: Open[BillingTiming]
    proration: bool
    display_on_invoice: bool
    regroup_paid_fees: Open[PaidFeesRegrouping] | None
    applied_pricing_unit_code: str | None
    wallet_targetable: bool | None


class ResendEmailInputDict(TypedDict, total=False):
    """A mapping with the fields of ``ResendEmailInput``."""

    to: list[str] | tuple[str, ...] | None
    cc: list[str] | tuple[str, ...] | None
    bcc: list[str] | tuple[str, ...] | None


class SubscriptionActivationRuleInputDict(TypedDict, total=False):
    """A mapping with the fields of ``SubscriptionActivationRuleInput``."""

    type: Required[Open[ActivationRuleType]]
    timeout_hours: int


class SubscriptionAuthorizationInputDict(TypedDict, total=False):
    """A mapping with the fields of ``SubscriptionAuthorizationInput``."""

    amount_cents: Required[int]
    amount_currency: Required[str]


class SubscriptionChargeInputDict(TypedDict, total=False):
    """A mapping with the fields of ``SubscriptionChargeInput``."""

    invoice_display_name: str | None
    min_amount_cents: int
    properties: ChargePropertiesInput | ChargePropertiesInputDict
    filters: Sequence[ChargeFilterInput | ChargeFilterInputDict]
    tax_codes: list[str] | tuple[str, ...]
    applied_pricing_unit: AppliedPricingUnitInput | AppliedPricingUnitInputDict


class SubscriptionFixedChargeInputDict(TypedDict, total=False):
    """A mapping with the fields of ``SubscriptionFixedChargeInput``."""

    invoice_display_name: str | None
    units: Decimal | int | float | str
    apply_units_immediately: bool
    properties: FixedChargePropertiesInput | FixedChargePropertiesInputDict
    tax_codes: list[str] | tuple[str, ...]


class SubscriptionInputDict(TypedDict, total=False):
    """A mapping with the fields of ``SubscriptionInput``."""

    external_customer_id: Required[str]
    plan_code: Required[str]
    external_id: Required[str]
    billing_entity_code: str | None
    name: str | None
    billing_time: Open[BillingTime] | None
    ending_at: DateOrDatetime | None
    subscription_at: DateOrDatetime | None
    plan_overrides: PlanOverridesInput | PlanOverridesInputDict | None
    invoice_custom_section: InvoiceCustomSectionsInput | InvoiceCustomSectionsInputDict | None
    payment_method: PaymentMethodReferenceInput | PaymentMethodReferenceInputDict | None
    consolidate_invoice: bool
    purchase_order_number: str | None
    activation_rules: Sequence[SubscriptionActivationRuleInput | SubscriptionActivationRuleInputDict] | None
    billing_entity_id: str | None
    progressive_billing_disabled: bool | None
    usage_thresholds: Sequence[UsageThresholdInput | UsageThresholdInputDict] | None


class SubscriptionUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``SubscriptionUpdateInput``."""

    name: str | None
    ending_at: DateOrDatetime | None
    subscription_at: DateOrDatetime
    plan_overrides: PlanOverridesInput | PlanOverridesInputDict
    invoice_custom_section: InvoiceCustomSectionsInput | InvoiceCustomSectionsInputDict
    payment_method: PaymentMethodReferenceInput | PaymentMethodReferenceInputDict
    consolidate_invoice: bool
    billing_entity_code: str | None
    purchase_order_number: str | None
    activation_rules: Sequence[SubscriptionActivationRuleInput | SubscriptionActivationRuleInputDict]
    billing_entity_id: str | None
    progressive_billing_disabled: bool
    usage_thresholds: Sequence[UsageThresholdInput | UsageThresholdInputDict]
    on_termination_credit_note: Open[TerminationCreditNote] | None
    on_termination_invoice: Open[TerminationInvoice]


class TaxInputDict(TypedDict, total=False):
    """A mapping with the fields of ``TaxInput``."""

    name: Required[str]
    code: Required[str]
    rate: Required[Decimal | int | float | str]
    description: str | None
    applied_to_organization: bool


class TaxUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``TaxUpdateInput``."""

    name: str
    code: str
    rate: Decimal | int | float | str
    description: str | None
    applied_to_organization: bool


class UsageThresholdInputDict(TypedDict, total=False):
    """A mapping with the fields of ``UsageThresholdInput``."""

    amount_cents: Required[int]
    threshold_display_name: str | None
    recurring: bool | None


class WalletAlertInputDict(TypedDict, total=False):
    """A mapping with the fields of ``WalletAlertInput``."""

    code: Required[str]
    thresholds: Required[Sequence[AlertThresholdInput | AlertThresholdInputDict]]
    alert_type: Required[Open[AlertType]]
    name: str | None


class WalletAlertUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``WalletAlertUpdateInput``."""

    code: str
    name: str | None
    thresholds: Sequence[AlertThresholdInput | AlertThresholdInputDict]


class WalletInputDict(TypedDict, total=False):
    """A mapping with the fields of ``WalletInput``."""

    rate_amount: Required[Decimal | int | float | str]
    currency: str | None
    name: str | None
    code: str | None
    priority: int | None
    paid_credits: Decimal | int | float | str | None
    granted_credits: Decimal | int | float | str | None
    external_customer_id: str
    billing_entity_code: str | None
    expiration_at: DateOrDatetime | None
    invoice_requires_successful_payment: bool | None
    transaction_metadata: Sequence[WalletTransactionMetadataInput | WalletTransactionMetadataInputDict] | None
    transaction_name: str | None
    purchase_order_number: str | None
    applies_to: WalletLimitsInput | WalletLimitsInputDict | None
    paid_top_up_min_amount_cents: int | None
    paid_top_up_max_amount_cents: int | None
    ignore_paid_top_up_limits_on_creation: bool | None
    invoice_custom_section: InvoiceCustomSectionsInput | InvoiceCustomSectionsInputDict | None
    recurring_transaction_rules: (
        Sequence[WalletRecurringTransactionRuleInput | WalletRecurringTransactionRuleInputDict] | None
    )
    payment_method: PaymentMethodReferenceInput | PaymentMethodReferenceInputDict | None
    metadata: Mapping[str, str | None] | None
    billing_entity_id: str | None
    transaction_priority: int | None


class WalletLimitsInputDict(TypedDict, total=False):
    """A mapping with the fields of ``WalletLimitsInput``."""

    fee_types: list[str] | list[Open[WalletFeeType]] | tuple[str, ...] | None
    billable_metric_codes: list[str] | tuple[str, ...] | None


class WalletRecurringTransactionRuleInputDict(TypedDict, total=False):
    """A mapping with the fields of ``WalletRecurringTransactionRuleInput``."""

    trigger: Required[Open[RecurringTrigger]]
    paid_credits: Decimal | int | float | str | None
    granted_credits: Decimal | int | float | str | None
    grants_target_top_up: bool | None
    method: Open[RecurringMethod] | None
    interval: Open[BillingInterval] | None
    started_at: DateOrDatetime | None
    expiration_at: DateOrDatetime | None
    threshold_credits: Decimal | int | float | str | None
    target_ongoing_balance: Decimal | int | float | str | None
    invoice_requires_successful_payment: bool
    transaction_metadata: Sequence[WalletTransactionMetadataInput | WalletTransactionMetadataInputDict] | None
    transaction_name: str | None
    purchase_order_number: str | None
    ignore_paid_top_up_limits: bool
    invoice_custom_section: InvoiceCustomSectionsInput | InvoiceCustomSectionsInputDict | None
    payment_method: PaymentMethodReferenceInput | PaymentMethodReferenceInputDict | None


class WalletRecurringTransactionRuleUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``WalletRecurringTransactionRuleUpdateInput``."""

    lago_id: str | None
    trigger: Open[RecurringTrigger]
    method: Open[RecurringMethod]
    interval: Open[BillingInterval]
    threshold_credits: Decimal | int | float | str | None
    paid_credits: Decimal | int | float | str | None
    granted_credits: Decimal | int | float | str | None
    grants_target_top_up: bool | None
    started_at: DateOrDatetime | None
    expiration_at: DateOrDatetime | None
    target_ongoing_balance: Decimal | int | float | str
    invoice_requires_successful_payment: bool
    transaction_metadata: Sequence[WalletTransactionMetadataInput | WalletTransactionMetadataInputDict]
    transaction_name: str | None
    purchase_order_number: str | None
    invoice_custom_section: InvoiceCustomSectionsInput | InvoiceCustomSectionsInputDict
    payment_method: PaymentMethodReferenceInput | PaymentMethodReferenceInputDict
    ignore_paid_top_up_limits: bool


class WalletTransactionInputDict(TypedDict, total=False):
    """A mapping with the fields of ``WalletTransactionInput``."""

    wallet_id: Required[str]
    name: str | None
    paid_credits: Decimal | int | float | str | None
    granted_credits: Decimal | int | float | str | None
    voided_credits: Decimal | int | float | str | None
    invoice_requires_successful_payment: bool | None
    ignore_paid_top_up_limits: bool | None
    purchase_order_number: str | None
    invoice_custom_section: InvoiceCustomSectionsInput | InvoiceCustomSectionsInputDict | None
    payment_method: PaymentMethodReferenceInput | PaymentMethodReferenceInputDict | None
    metadata: Sequence[WalletTransactionMetadataInput | WalletTransactionMetadataInputDict] | None
    priority: int | None
    voided_transaction_id: str | None


class WalletTransactionMetadataInputDict(TypedDict, total=False):
    """A mapping with the fields of ``WalletTransactionMetadataInput``."""

    key: Required[str]
    value: Required[str]


class WalletUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``WalletUpdateInput``."""

    name: str | None
    code: str | None
    priority: int
    expiration_at: DateOrDatetime | None
    invoice_requires_successful_payment: bool
    billing_entity_code: str | None
    purchase_order_number: str | None
    invoice_custom_section: InvoiceCustomSectionsInput | InvoiceCustomSectionsInputDict
    recurring_transaction_rules: (
        Sequence[WalletRecurringTransactionRuleUpdateInput | WalletRecurringTransactionRuleUpdateInputDict]
    )
    payment_method: PaymentMethodReferenceInput | PaymentMethodReferenceInputDict
    applies_to: WalletLimitsInput | WalletLimitsInputDict | None
    metadata: Mapping[str, str | None]
    paid_top_up_min_amount_cents: int | None
    paid_top_up_max_amount_cents: int | None


class WebhookEndpointInputDict(TypedDict, total=False):
    """A mapping with the fields of ``WebhookEndpointInput``."""

    webhook_url: Required[str]
    signature_algo: Open[SignatureAlgorithm] | None
    name: str | None
    event_types: list[str] | tuple[str, ...] | None


class WebhookEndpointUpdateInputDict(TypedDict, total=False):
    """A mapping with the fields of ``WebhookEndpointUpdateInput``."""

    webhook_url: str
    signature_algo: Open[SignatureAlgorithm] | None
    name: str | None
    event_types: list[str] | tuple[str, ...] | None
