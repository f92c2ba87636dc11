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
    """A tax that was applied to a fee.

    Attributes:
        lago_fee_id: None in an estimate.
    """

    lago_fee_id: str | None


@response_model
class FeePricingUnitDetails:
    """A fee in your own pricing unit.

    Attributes:
        amount_cents: Hundredths of the pricing unit, like ``precise_amount_cents`` and ``unit_amount_cents``.
        precise_unit_amount: The price of a unit, in pricing units.
        conversion_rate: The amount of the currency for one pricing unit.
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
    """The part of a fee that one tier of units contributes, in units of the currency.

    Attributes:
        to_value: Last unit of the tier; None for the last tier.
        total_with_flat_amount: The price of the tier.
    """

    units: Decimal
    from_value: int | Decimal
    to_value: int | Decimal | None
    flat_unit_amount: Decimal
    per_unit_amount: Decimal
    per_unit_total_amount: Decimal
    total_with_flat_amount: Decimal


@response_model
class FeeGraduatedPercentageRange:
    """The part of a fee that one range of amounts contributes, in units of the currency.

    Attributes:
        to_value: The end of the range; None for the last one.
        rate: Percent.
        total_with_flat_amount: The price of the tier.
    """

    units: Decimal
    from_value: int | Decimal
    to_value: int | Decimal | None
    flat_unit_amount: Decimal
    rate: Decimal
    per_unit_total_amount: Decimal
    total_with_flat_amount: Decimal


@response_model
class FeeAmountDetails:
    """The computation of a fee, in units of the currency; the charge model decides which fields are set.

    Attributes:
        plan_amount_cents: The plan's base price, in cents.
        per_package_size: The number of units in a package.
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
    """The item that a fee bills.

    Attributes:
        filters: The charge filter's values, by event property.
        lago_item_id: Id of the billable metric, add-on, subscription or wallet transaction. None in a preview for a
            subscription that does not exist yet.
        grouped_by: The values of the group, by event property.
    """

    type: Open[FeeType] | None
    code: str
    name: str
    description: str | None
    invoice_display_name: str | None
    filter_invoice_display_name: str | None
    filters: dict[str, list[str]] | None
    lago_item_id: str | None
    item_type: Open[FeeItemType]
    grouped_by: dict[str, str | None]


@response_model
class Fee:
    """One line of an invoice, or an amount that is not on an invoice yet.

    Attributes:
        lago_id: None in an estimate.
        lago_true_up_fee_id: The fee that raises this one to the minimum price of the charge.
        lago_true_up_parent_fee_id: The fee that this one raises to the minimum.
        amount_cents: Taxes excluded, in cents of ``amount_currency``.
        precise_amount: Taxes excluded, in units of the currency, with all digits.
        precise_total_amount: Taxes included, in units of the currency, with all digits.
        taxes_precise_amount: In units of the currency, with all digits.
        taxes_rate: The sum of all tax rates, in percent.
        units: The billed units.
        precise_unit_amount: Price of a unit, in units of the currency.
        total_aggregated_units: Units before free units and similar deductions.
        total_amount_cents: Taxes included.
        pay_in_advance: Whether it is billed with the event.
        invoiceable: False: it gets no invoice.
        from_date: Start of the period; sent for fees that have a period.
        to_date: End of the period.
        event_transaction_id: The event, for fees paid in advance.
        precise_coupons_amount_cents: The amount that coupons deduct.
        amount_details: All its fields are None for fees without usage.
        self_billed: True: the partner pays.
        pricing_unit_details: Set only if the charge has a pricing unit.
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
    """The item that an estimated fee would bill.

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
    """A fee that an event would cause; ids of objects that do not exist yet are None.

    Attributes:
        amount_cents: Taxes excluded, in cents of ``amount_currency``; not rounded yet, so it may have a fraction.
        precise_amount: Taxes excluded, in units of the currency, with all digits.
        precise_total_amount: Taxes included, in units of the currency, with all digits.
        taxes_precise_amount: In units of the currency, with all digits.
        taxes_rate: The sum of all tax rates, in percent.
        units: The billed units.
        precise_unit_amount: Price of a unit, in units of the currency; None for no units.
        precise_coupons_amount_cents: Always 0.
        total_amount_cents: Equal to ``amount_cents``: estimates have no taxes.
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
    precise_unit_amount: Decimal | None
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
    """Changes to a fee."""

    payment_status: Open[FeePaymentStatus]
