"""Models of customers' usage: of the running billing period, of past ones, and projected."""

from datetime import date
from decimal import Decimal

from lago_async.models._base import Open, Timestamp, response_model
from lago_async.models.enums import AggregationType, ChargeModel

__all__ = [
    "ChargeUsage",
    "ChargeUsageFilter",
    "ChargeUsageGroup",
    "CustomerProjectedUsage",
    "CustomerUsage",
    "PresentationBreakdown",
    "PricingUnitDetails",
    "ProjectedChargeUsage",
    "ProjectedChargeUsageFilter",
    "ProjectedChargeUsageGroup",
    "ProjectedPricingUnitDetails",
    "ProjectedUsageCharge",
    "Usage",
    "UsageBillableMetric",
    "UsageCharge",
    "UsagePeriod",
]


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


@response_model
class ProjectedPricingUnitDetails(PricingUnitDetails):
    """The amount in a pricing unit of your own, now and at the end of the period.

    Attributes:
        projected_amount_cents: Hundredths of the pricing unit; not in Lago's public description, the server sends it.
    """

    projected_amount_cents: int | None


@response_model
class ProjectedChargeUsageFilter:
    """Usage of one filter of a charge, now and at the end of the period.

    Attributes:
        amount_cents: In cents of the charge's ``amount_currency``, as is ``projected_amount_cents``.
        values: The values that the filter selects, by key; None for the bucket of all events that no filter selects.
    """

    units: Decimal
    projected_units: Decimal
    events_count: int
    amount_cents: int
    projected_amount_cents: int
    pricing_unit_details: ProjectedPricingUnitDetails | None
    invoice_display_name: str | None
    values: dict[str, list[str]] | None
    presentation_breakdowns: list[PresentationBreakdown]
    projected_presentation_breakdowns: list[PresentationBreakdown]


@response_model
class ProjectedChargeUsageGroup:
    """Usage of one group of a charge, now and at the end of the period.

    Attributes:
        amount_cents: In cents of the charge's ``amount_currency``, as is ``projected_amount_cents``.
        grouped_by: The group's value for each grouping key, None for events without one; empty for ungrouped usage.
    """

    units: Decimal
    projected_units: Decimal
    events_count: int
    amount_cents: int
    projected_amount_cents: int
    pricing_unit_details: ProjectedPricingUnitDetails | None
    grouped_by: dict[str, str | None]
    filters: list[ProjectedChargeUsageFilter]
    presentation_breakdowns: list[PresentationBreakdown]
    projected_presentation_breakdowns: list[PresentationBreakdown]


@response_model
class ProjectedUsageCharge:
    """The charge that usage belongs to; here the server leaves out its code."""

    lago_id: str
    charge_model: Open[ChargeModel]
    invoice_display_name: str | None


@response_model
class ProjectedChargeUsage:
    """Usage of one charge in the running period, now and at its end.

    Attributes:
        units: Units that are billed.
        amount_cents: In cents of ``amount_currency``, taxes excluded, as is ``projected_amount_cents``.
        filters: One entry a filter and one for the rest; empty if the charge has no filters.
        grouped_usage: One entry a group; empty if the charge is not grouped.
    """

    units: Decimal
    projected_units: Decimal
    events_count: int
    amount_cents: int
    projected_amount_cents: int
    amount_currency: str
    pricing_unit_details: ProjectedPricingUnitDetails | None
    charge: ProjectedUsageCharge
    billable_metric: UsageBillableMetric
    filters: list[ProjectedChargeUsageFilter]
    grouped_usage: list[ProjectedChargeUsageGroup]
    presentation_breakdowns: list[PresentationBreakdown]
    projected_presentation_breakdowns: list[PresentationBreakdown]


@response_model
class CustomerProjectedUsage:
    """Usage of the running billing period, now and as it is expected at its end.

    Attributes:
        from_datetime: Start of the period for charges, in UTC.
        to_datetime: End of it, inclusive: the last second.
        issuing_date: Day on which the invoice would be issued.
        currency: ISO 4217.
        amount_cents: Cents of ``currency``, taxes excluded.
        projected_amount_cents: The same at the end of the period, if usage goes on as it did.
        taxes_amount_cents: Cents of ``currency``.
        total_amount_cents: Usage so far and its taxes.
    """

    from_datetime: Timestamp
    to_datetime: Timestamp
    issuing_date: date
    lago_invoice_id: str | None
    currency: str
    amount_cents: int
    projected_amount_cents: int
    taxes_amount_cents: int
    total_amount_cents: int
    charges_usage: list[ProjectedChargeUsage]
