"""Models of fees: the lines of invoices."""

from decimal import Decimal
from typing import Literal

from lago_async.models._base import Open, Timestamp, input_model, response_model
from lago_async.models.customer_usage import PresentationBreakdown
from lago_async.models.enums import FeePaymentStatus
from lago_async.models.taxes import AppliedTax

__all__ = [
    "Fee",
    "FeeAmountDetails",
    "FeeAppliedTax",
    "FeeEstimate",
    "FeeEstimateItem",
    "FeeGraduatedPercentageRange",
    "FeeGraduatedRange",
    "FeeItem",
    "FeeItemType",
    "FeePricingUnitDetails",
    "FeeType",
    "FeeUpdateInput",
]

FeeType = Literal["charge", "fixed_charge", "add_on", "subscription", "credit", "commitment", "product"]
FeeItemType = Literal["AddOn", "BillableMetric", "Subscription", "WalletTransaction"]


@response_model
class FeeAppliedTax(AppliedTax):
    """A tax as it was applied to a fee."""

    lago_fee_id: str


@response_model
class FeePricingUnitDetails:
    """A fee in a pricing unit of your own.

    Attributes:
        amount_cents: Hundredths of the pricing unit, as are ``precise_amount_cents`` and ``unit_amount_cents``.
        precise_unit_amount: In pricing units.
        conversion_rate: The currency for one pricing unit.
    """

    lago_pricing_unit_id: str
    pricing_unit_code: str
    short_name: str
    amount_cents: int
    precise_amount_cents: Decimal
    unit_amount_cents: int
    precise_unit_amount: Decimal
    conversion_rate: Decimal


@response_model
class FeeGraduatedRange:
    """What one tier of units contributes to a fee, in units of the currency.

    Attributes:
        to_value: Last unit of the tier; None for the last tier.
        total_with_flat_amount: What the tier costs.
    """

    units: Decimal
    from_value: int
    to_value: int | None
    flat_unit_amount: Decimal
    per_unit_amount: Decimal
    per_unit_total_amount: Decimal
    total_with_flat_amount: Decimal


@response_model
class FeeGraduatedPercentageRange:
    """What one tier of an amount contributes to a fee, in units of the currency.

    Attributes:
        to_value: End of the tier; None for the last tier.
        rate: Percent.
        total_with_flat_amount: What the tier costs.
    """

    units: Decimal
    from_value: int
    to_value: int | None
    flat_unit_amount: Decimal
    rate: Decimal
    per_unit_total_amount: Decimal
    total_with_flat_amount: Decimal


@response_model
class FeeAmountDetails:
    """How a fee was computed; which fields are set depends on the charge model. Amounts are in units of the currency.

    Attributes:
        plan_amount_cents: The plan's base price, in cents.
        per_package_size: Units in a package.
        rate: Percent.
    """

    plan_amount_cents: int | None
    graduated_ranges: list[FeeGraduatedRange]
    graduated_percentage_ranges: list[FeeGraduatedPercentageRange]
    free_units: Decimal | None
    paid_units: Decimal | None
    per_package_size: int | None
    per_package_unit_amount: Decimal | None
    per_unit_total_amount: Decimal | None
    units: Decimal | None
    free_events: int | None
    rate: Decimal | None
    paid_events: int | None
    fixed_fee_unit_amount: Decimal | None
    fixed_fee_total_amount: Decimal | None
    min_max_adjustment_total_amount: Decimal | None
    per_unit_amount: Decimal | None
    flat_unit_amount: Decimal | None


@response_model
class FeeItem:
    """What a fee is for.

    Attributes:
        filters: The charge filter's values, by event property.
        lago_item_id: Id of the billable metric, add-on, subscription or wallet transaction.
        grouped_by: The values of the group, by event property.
    """

    type: Open[FeeType] | None
    code: str
    name: str
    description: str | None
    invoice_display_name: str | None
    filter_invoice_display_name: str | None
    filters: dict[str, list[str]] | None
    lago_item_id: str
    item_type: Open[FeeItemType]
    grouped_by: dict[str, str | None]


@response_model
class Fee:
    """One line of an invoice, or an amount that is not on an invoice yet.

    Attributes:
        lago_id: None in an estimate.
        lago_true_up_fee_id: The fee that lifts this one to the least that the charge costs.
        lago_true_up_parent_fee_id: The fee that this one lifts.
        amount_cents: Taxes excluded, in cents of ``amount_currency``.
        precise_amount: Taxes excluded, in units of the currency, with all digits.
        precise_total_amount: Taxes included, in units of the currency, with all digits.
        taxes_precise_amount: In units of the currency, with all digits.
        taxes_rate: Percent, of all taxes together.
        units: Units that are billed.
        precise_unit_amount: Price of a unit, in units of the currency.
        total_aggregated_units: Units before free ones and the like are taken off.
        total_amount_cents: Taxes included.
        pay_in_advance: Billed with the event.
        invoiceable: False: it gets no invoice of its own.
        from_date: Start of the period; sent for fees that have one.
        to_date: End of the period.
        event_transaction_id: The event, for fees paid in advance.
        precise_coupons_amount_cents: What coupons take off.
        amount_details: None of its fields is set for fees without usage.
        self_billed: The partner is the one who pays.
        pricing_unit_details: None unless the charge has a pricing unit.
        lago_original_fee_id: Not in Lago's public description; the server sends it.
    """

    lago_id: str | None
    lago_charge_id: str | None
    lago_charge_filter_id: str | None
    lago_fixed_charge_id: str | None
    lago_invoice_id: str | None
    lago_true_up_fee_id: str | None
    lago_true_up_parent_fee_id: str | None
    lago_subscription_id: str | None
    lago_customer_id: str | None
    external_customer_id: str | None
    external_subscription_id: str | None
    amount_cents: int
    precise_amount: Decimal
    precise_total_amount: Decimal
    amount_currency: str
    taxes_amount_cents: int
    taxes_precise_amount: Decimal
    taxes_rate: float
    units: Decimal
    precise_unit_amount: Decimal
    total_aggregated_units: Decimal | None
    total_amount_cents: int
    total_amount_currency: str
    events_count: int | None
    pay_in_advance: bool
    invoiceable: bool
    from_date: Timestamp | None
    to_date: Timestamp | None
    payment_status: Open[FeePaymentStatus]
    created_at: Timestamp | None
    succeeded_at: Timestamp | None
    failed_at: Timestamp | None
    refunded_at: Timestamp | None
    event_transaction_id: str | None
    description: str | None
    precise_coupons_amount_cents: Decimal | None
    sub_total_excluding_taxes_amount_cents: int
    sub_total_excluding_taxes_precise_amount_cents: Decimal
    amount_details: FeeAmountDetails | None
    self_billed: bool
    item: FeeItem
    applied_taxes: list[FeeAppliedTax]
    pricing_unit_details: FeePricingUnitDetails | None
    presentation_breakdowns: list[PresentationBreakdown]
    lago_original_fee_id: str | None


@response_model
class FeeEstimateItem:
    """What an estimated fee is for.

    Attributes:
        lago_item_id: Id of the billable metric.
    """

    type: Open[FeeType]
    code: str
    name: str
    description: str | None
    invoice_display_name: str | None
    filter_invoice_display_name: str | None
    filters: dict[str, list[str]] | None
    lago_item_id: str
    item_type: Open[FeeItemType]
    grouped_by: dict[str, str | None]


@response_model
class FeeEstimate:
    """A fee that an event would cause; the ids of what does not exist yet are None.

    Attributes:
        amount_cents: Taxes excluded, in cents of ``amount_currency``; with a fraction, as it was not rounded yet.
        precise_amount: Taxes excluded, in units of the currency, with all digits.
        precise_total_amount: Taxes included, in units of the currency, with all digits.
        taxes_precise_amount: In units of the currency, with all digits.
        taxes_rate: Percent, of all taxes together.
        units: Units that are billed.
        precise_unit_amount: Price of a unit, in units of the currency.
        precise_coupons_amount_cents: Always 0.
        total_amount_cents: As ``amount_cents``: estimates have no taxes.
    """

    lago_id: str | None
    lago_charge_id: str | None
    lago_charge_filter_id: str | None
    lago_invoice_id: str | None
    lago_true_up_fee_id: str | None
    lago_true_up_parent_fee_id: str | None
    lago_subscription_id: str | None
    lago_customer_id: str | None
    external_customer_id: str | None
    external_subscription_id: str | None
    amount_cents: Decimal
    precise_amount: Decimal | None
    precise_total_amount: Decimal | None
    amount_currency: str
    taxes_amount_cents: int
    taxes_precise_amount: Decimal | None
    taxes_rate: float
    units: Decimal
    description: str | None
    precise_unit_amount: Decimal
    precise_coupons_amount_cents: Decimal | None
    total_amount_cents: Decimal
    total_amount_currency: str
    events_count: int | None
    pay_in_advance: bool
    invoiceable: bool
    payment_status: Open[FeePaymentStatus]
    created_at: Timestamp | None
    succeeded_at: Timestamp | None
    failed_at: Timestamp | None
    refunded_at: Timestamp | None
    event_transaction_id: str | None
    amount_details: FeeAmountDetails | None
    item: FeeEstimateItem


@input_model
class FeeUpdateInput:
    """What to change of a fee."""

    payment_status: Open[FeePaymentStatus]
