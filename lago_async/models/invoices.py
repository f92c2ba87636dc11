# More than 400 lines in one module, because the models of a resource group are in one module, like its operations.
"""Models of invoices."""

from datetime import date
from decimal import Decimal
from typing import Literal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models._date_or_datetime import DateOrDatetime
from lago_async.models.coupons import CouponFrequency, CouponType
from lago_async.models.credits import Credit
from lago_async.models.customers import AddressInput, Customer, CustomerBase, ErrorDetail
from lago_async.models.enums import BillingTime, IntegrationType, PaymentProvider, PaymentStatus
from lago_async.models.fees import Fee
from lago_async.models.invoice_custom_sections import InvoiceCustomSectionsInput
from lago_async.models.payment_methods import PaymentMethodReferenceInput
from lago_async.models.plans import UsageThreshold
from lago_async.models.subscriptions import Subscription, SubscriptionBase, SubscriptionStatus
from lago_async.models.taxes import AppliedTax

__all__ = [
    "AppliedUsageThreshold",
    "BillingPeriod",
    "Invoice",
    "InvoiceAppliedInvoiceCustomSection",
    "InvoiceAppliedTax",
    "InvoiceBase",
    "InvoiceFeeInput",
    "InvoiceInput",
    "InvoiceMetadata",
    "InvoiceMetadataInput",
    "InvoicePaymentUrl",
    "InvoicePreview",
    "InvoicePreviewCouponInput",
    "InvoicePreviewCustomer",
    "InvoicePreviewCustomerInput",
    "InvoicePreviewInput",
    "InvoicePreviewIntegrationCustomerInput",
    "InvoicePreviewSubscription",
    "InvoicePreviewSubscriptionsInput",
    "InvoiceStatus",
    "InvoiceType",
    "InvoiceUpdateInput",
    "InvoiceVoidInput",
    "InvoicingReason",
    "ListedInvoiceStatus",
    "PaymentRetryInput",
    "SettlementType",
]

InvoiceType = Literal["subscription", "add_on", "credit", "one_off", "advance_charges", "progressive_billing"]
InvoiceStatus = Literal["draft", "finalized", "voided", "failed", "pending", "generating", "open", "closed", "deleted"]
# The statuses that lists show; no list shows an invoice of another status.
ListedInvoiceStatus = Literal["draft", "finalized", "voided", "failed", "pending"]
SettlementType = Literal["payment", "credit_note"]
InvoicingReason = Literal[
    "subscription_starting",
    "subscription_periodic",
    "subscription_terminating",
    "in_advance_charge",
    "in_advance_charge_periodic",
    "progressive_billing",
]


@response_model
class InvoiceMetadata:
    """One of an invoice's own key-value pairs."""

    lago_id: str
    key: str
    value: str
    created_at: Timestamp


@response_model
class InvoiceAppliedTax(AppliedTax):
    """A tax that was applied to an invoice.

    Attributes:
        lago_invoice_id: None in a preview.
        fees_amount_cents: The amount that the tax was computed from.
    """

    lago_invoice_id: str | None
    fees_amount_cents: int


@response_model
class InvoiceAppliedInvoiceCustomSection:
    """A section of text that is printed on an invoice."""

    lago_id: str
    lago_invoice_id: str
    code: str
    details: str | None
    display_name: str | None
    created_at: Timestamp


@response_model
class AppliedUsageThreshold:
    """A usage threshold that was reached and caused the invoice.

    Attributes:
        lifetime_usage_amount_cents: Lifetime usage at that time.
    """

    lifetime_usage_amount_cents: int
    created_at: Timestamp
    usage_threshold: UsageThreshold


@response_model
class BillingPeriod:
    """The billing period of one subscription on an invoice.

    Attributes:
        charges_from_datetime: Start of the period for usage.
        fixed_charges_from_datetime: Not in Lago's public description; the server sends it, like its end.
    """

    lago_subscription_id: str
    external_subscription_id: str | None
    lago_plan_id: str | None
    subscription_from_datetime: Timestamp | None
    subscription_to_datetime: Timestamp | None
    charges_from_datetime: Timestamp | None
    charges_to_datetime: Timestamp | None
    invoicing_reason: Open[InvoicingReason] | None
    fixed_charges_from_datetime: Timestamp | None
    fixed_charges_to_datetime: Timestamp | None


@response_model
class InvoiceBase:
    """The fields that an invoice and a preview have in common. All amounts are cents of ``currency``.

    ``fees``, ``credits``, ``subscriptions``, ``billing_periods`` and ``error_details`` are empty in lists: the server
    sends them only with single invoices.

    Attributes:
        sequential_id: Its number among the customer's invoices.
        number: The printed number.
        payment_dispute_lost_at: When a payment dispute was lost, in UTC to the millisecond.
        payment_overdue: Whether it is due and not paid.
        net_payment_term: Number of days until it is due.
        coupons_amount_cents: The amount that coupons deducted.
        credit_notes_amount_cents: The amount that credit notes deducted.
        sub_total_excluding_taxes_amount_cents: After coupons, before taxes.
        sub_total_including_taxes_amount_cents: After taxes, before credit notes and prepaid credits.
        prepaid_credit_amount_cents: The amount that wallets paid.
        prepaid_granted_credit_amount_cents: The part of it that granted credits paid; only for traceable wallets.
        prepaid_purchased_credit_amount_cents: The part of it that purchased credits paid; only for traceable wallets.
        progressive_billing_credit_amount_cents: The amount that earlier progressive invoices billed.
        total_amount_cents: The amount to pay.
        version_number: The version of the rules that compute the totals.
        self_billed: True: the partner pays.
        file_url: The PDF; None until it is generated.
        web_url: Its page in the dashboard.
        applied_usage_thresholds: For progressive invoices.
        purchase_order_number: Not in Lago's public description; the server sends it, like the totals due, paid and
            offset, ``xml_url`` and ``voided_at``.
    """

    billing_entity_code: str
    sequential_id: int | None
    number: str
    issuing_date: date | None
    payment_dispute_lost_at: Timestamp | None
    payment_due_date: date | None
    payment_overdue: bool | None
    net_payment_term: int
    invoice_type: Open[InvoiceType]
    status: Open[InvoiceStatus]
    payment_status: Open[PaymentStatus]
    currency: str | None
    fees_amount_cents: int
    coupons_amount_cents: int
    credit_notes_amount_cents: int
    sub_total_excluding_taxes_amount_cents: int
    taxes_amount_cents: int
    sub_total_including_taxes_amount_cents: int
    prepaid_credit_amount_cents: int
    prepaid_granted_credit_amount_cents: int | None
    prepaid_purchased_credit_amount_cents: int | None
    progressive_billing_credit_amount_cents: int
    total_amount_cents: int
    version_number: int
    self_billed: bool
    file_url: str | None
    web_url: str | None
    created_at: Timestamp
    updated_at: Timestamp
    metadata: list[InvoiceMetadata]
    applied_taxes: list[InvoiceAppliedTax]
    applied_invoice_custom_sections: list[InvoiceAppliedInvoiceCustomSection]
    applied_usage_thresholds: list[AppliedUsageThreshold]
    purchase_order_number: str | None
    total_due_amount_cents: int
    total_paid_amount_cents: int
    total_offsetted_credit_note_amount_cents: int
    xml_url: str | None
    voided_at: Timestamp | None
    billing_periods: list[BillingPeriod]
    credits: list[Credit]
    fees: list[Fee]
    error_details: list[ErrorDetail]


@response_model
class Invoice(InvoiceBase):
    """An invoice.

    Attributes:
        customer: None in payment requests.
        subscriptions: The subscriptions that it bills.
    """

    lago_id: str
    customer: Customer | None
    subscriptions: list[Subscription]


@response_model
class InvoicePreviewCustomer(CustomerBase):
    """The customer of an invoice preview.

    Attributes:
        lago_id: None for a customer that does not exist yet.
        external_id: Likewise.
    """

    lago_id: str | None
    external_id: str | None


@response_model
class InvoicePreviewSubscription(SubscriptionBase):
    """A subscription that an invoice preview bills.

    Attributes:
        lago_id: None for a subscription that does not exist yet.
        external_id: Likewise.
        lago_customer_id: None for a customer that does not exist yet.
        external_customer_id: Likewise.
        status: None for a subscription that does not exist yet.
    """

    lago_id: str | None
    external_id: str | None
    lago_customer_id: str | None
    external_customer_id: str | None
    status: Open[SubscriptionStatus] | None


@response_model
class InvoicePreview(InvoiceBase):
    """An invoice as it would be: nothing of it is stored.

    Attributes:
        lago_id: Always None.
        subscriptions: The subscriptions that it would bill.
    """

    lago_id: str | None
    customer: InvoicePreviewCustomer
    subscriptions: list[InvoicePreviewSubscription]


@response_model
class InvoicePaymentUrl:
    """A link to the payment provider's page where the customer pays an invoice."""

    lago_customer_id: str | None
    lago_invoice_id: str
    external_customer_id: str | None
    payment_provider: Open[PaymentProvider] | None
    payment_url: str | None


@input_model
class InvoiceFeeInput:
    """A line of a one-off invoice: an add-on.

    Attributes:
        unit_amount_cents: Unit price, taxes excluded; by default the add-on's.
        units: By default 1.
        from_datetime: Start of the printed period.
        tax_codes: The line's own taxes; by default the add-on's.
    """

    add_on_code: str
    invoice_display_name: str | None | UnsetType = UNSET
    unit_amount_cents: int | None | UnsetType = UNSET
    units: Decimal | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    from_datetime: DateOrDatetime | None | UnsetType = UNSET
    to_datetime: DateOrDatetime | None | UnsetType = UNSET
    tax_codes: list[str] | None | UnsetType = UNSET


@input_model
class InvoiceInput:
    """A one-off invoice to create.

    Attributes:
        external_customer_id: Your id of the customer.
        billing_entity_code: The entity that issues it; by default the customer's.
        currency: ISO 4217; by default the customer's.
        skip_psp: True: Lago does not ask the payment provider for a payment.
        purchase_order_number: A number that is printed on it.
    """

    external_customer_id: str
    fees: list[InvoiceFeeInput]
    billing_entity_code: str | None | UnsetType = UNSET
    currency: str | None | UnsetType = UNSET
    invoice_custom_section: InvoiceCustomSectionsInput | None | UnsetType = UNSET
    payment_method: PaymentMethodReferenceInput | None | UnsetType = UNSET
    skip_psp: bool | None | UnsetType = UNSET
    purchase_order_number: str | None | UnsetType = UNSET


@input_model
class InvoiceMetadataInput:
    """One key-value pair: a key of at most 20 characters, a value of at most 255.

    Attributes:
        id: The ``lago_id`` of an existing pair. Without it the pair is new.
    """

    id: str | None | UnsetType = UNSET
    key: str | UnsetType = UNSET
    value: str | UnsetType = UNSET


@input_model
class InvoiceUpdateInput:
    """Changes to an invoice.

    Attributes:
        metadata: Replaces all pairs; give the pairs to keep with their ``id``.
    """

    payment_status: Open[PaymentStatus] | UnsetType = UNSET
    metadata: list[InvoiceMetadataInput] | UnsetType = UNSET


@input_model
class InvoiceVoidInput:
    """Options for voiding an invoice; amounts are cents of its currency.

    Attributes:
        generate_credit_note: Whether to create a credit note from it; for an invoice that was paid.
        refund_amount: The part of the credit note to refund.
        credit_amount: The part of the credit note to keep as a credit.
    """

    generate_credit_note: bool | None | UnsetType = UNSET
    refund_amount: int | None | UnsetType = UNSET
    credit_amount: int | None | UnsetType = UNSET


@input_model
class PaymentRetryInput:
    """Options for retrying a payment.

    Attributes:
        payment_method: By default the customer's default method.
    """

    payment_method: PaymentMethodReferenceInput | UnsetType = UNSET


@input_model
class InvoicePreviewIntegrationCustomerInput:
    """The tax provider that the preview asks."""

    integration_type: Open[IntegrationType]
    integration_code: str


@input_model
class InvoicePreviewCustomerInput:
    """The customer to preview an invoice for: an existing customer, or a hypothetical one.

    Attributes:
        country: ISO 3166-1 alpha-2.
        external_id: Your id of an existing customer; other fields that are given override the customer's.
        currency: ISO 4217.
        timezone: A tz database name.
    """

    address_line1: str | None | UnsetType = UNSET
    address_line2: str | None | UnsetType = UNSET
    city: str | None | UnsetType = UNSET
    country: str | None | UnsetType = UNSET
    external_id: str | UnsetType = UNSET
    integration_customers: list[InvoicePreviewIntegrationCustomerInput] | None | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    currency: str | None | UnsetType = UNSET
    shipping_address: AddressInput | None | UnsetType = UNSET
    state: str | None | UnsetType = UNSET
    tax_identification_number: str | None | UnsetType = UNSET
    timezone: str | None | UnsetType = UNSET
    zipcode: str | None | UnsetType = UNSET


@input_model
class InvoicePreviewCouponInput:
    """A coupon to deduct: an existing coupon, or a hypothetical one.

    Attributes:
        amount_cents: The discount in cents of ``amount_currency``, for a fixed amount.
        percentage_rate: The discount in percent, for a percentage.
        frequency_duration_remaining: Number of billing periods that are left.
    """

    code: str | None | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    coupon_type: Open[CouponType] | None | UnsetType = UNSET
    amount_cents: int | None | UnsetType = UNSET
    amount_currency: str | None | UnsetType = UNSET
    percentage_rate: Decimal | None | UnsetType = UNSET
    frequency_duration: int | None | UnsetType = UNSET
    frequency: Open[CouponFrequency] | None | UnsetType = UNSET
    frequency_duration_remaining: int | None | UnsetType = UNSET


@input_model
class InvoicePreviewSubscriptionsInput:
    """The subscriptions whose next invoice to preview.

    Attributes:
        external_ids: Your ids of the subscriptions.
        plan_code: Preview a change to this plan.
        terminated_at: Preview their end at this time.
    """

    external_ids: list[str]
    plan_code: str | None | UnsetType = UNSET
    terminated_at: DateOrDatetime | None | UnsetType = UNSET


@input_model
class InvoicePreviewInput:
    """The subject of an invoice preview: a plan for a new subscription, or existing subscriptions.

    Attributes:
        customer: The customer, an existing or a hypothetical one; existing subscriptions need their customer.
        plan_code: The plan of a new subscription.
        subscription_at: When the new subscription would start; by default now.
        billing_time: Whether periods would follow the calendar or the start.
        coupons: The coupons to deduct.
        subscriptions: Existing subscriptions, instead of a plan.
        billing_entity_code: The entity that would issue it, for a new subscription.
    """

    customer: InvoicePreviewCustomerInput | None | UnsetType = UNSET
    plan_code: str | None | UnsetType = UNSET
    subscription_at: DateOrDatetime | None | UnsetType = UNSET
    billing_time: Open[BillingTime] | None | UnsetType = UNSET
    coupons: list[InvoicePreviewCouponInput] | None | UnsetType = UNSET
    subscriptions: InvoicePreviewSubscriptionsInput | None | UnsetType = UNSET
    billing_entity_code: str | None | UnsetType = UNSET
