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
    """The amount in your own pricing unit, and the value of one unit.

    Attributes:
        amount_cents: Hundredths of the pricing unit.
        conversion_rate: The amount of the plan's currency for one pricing unit.
    """

    amount_cents: int
    short_name: str
    conversion_rate: Decimal


@response_model
class PresentationBreakdown:
    """Units per value of a property that does not influence the price."""

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
    """The billable metric that measures the usage."""

    lago_id: str
    name: str
    code: str
    aggregation_type: Open[AggregationType]


@response_model
class ChargeUsage:
    """Usage of one charge in one period.

    Attributes:
        units: The billed units.
        total_aggregated_units: Units before the charge's free units and similar deductions.
        amount_cents: In cents of ``amount_currency``, taxes excluded.
        filters: One entry per filter, and one for all other events; empty if the charge has no filters.
        grouped_usage: One entry per group; empty if the charge is not grouped.
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
    """Usage of one subscription in one billing period; the common part of running and billed periods.

    Attributes:
        from_datetime: Start of the period for charges, in UTC.
        to_datetime: End of the period, inclusive: the last second.
        issuing_date: The day on which the invoice is issued, or would be.
        currency: ISO 4217.
        amount_cents: Cents of ``currency``, taxes excluded; for a billed period the whole invoice, subscription fee
            included.
        taxes_amount_cents: Cents of ``currency``.
        total_amount_cents: The sum of both, before coupons and credits are deducted.
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
    """Usage of the running billing period, as it would be billed now; ``lago_invoice_id`` is None."""

    lago_invoice_id: str | None


@response_model
class UsagePeriod(Usage):
    """A past billing period, on the invoice ``lago_invoice_id``, without the charges that have no fees.

    Its amounts are those of the invoice, so add up each ``lago_invoice_id`` once. Drafts and voided invoices are among
    the periods; their status is only on the invoice.

    Attributes:
        lago_invoice_id: An invoice may bill several subscriptions of a customer; then each of them has such a period.
        amount_cents: The fees of the **whole** invoice, without taxes.
        taxes_amount_cents: The taxes of the whole invoice, added up from its fees, each rounded. The invoice rounds
            once, so its taxes may differ by a cent or so.
        total_amount_cents: ``amount_cents`` and ``taxes_amount_cents``; coupons and credits are not deducted.
    """

    lago_invoice_id: str


@response_model
class ProjectedPricingUnitDetails(PricingUnitDetails):
    """The amount in your own pricing unit, now and at the end of the period.

    Attributes:
        projected_amount_cents: Hundredths of the pricing unit; not in Lago's public description, the server sends it.
    """

    projected_amount_cents: int | None


@response_model
class ProjectedChargeUsageFilter:
    """Usage of one filter of a charge, now and at the end of the period.

    Attributes:
        amount_cents: In cents of the charge's ``amount_currency``, like ``projected_amount_cents``.
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
        amount_cents: In cents of the charge's ``amount_currency``, like ``projected_amount_cents``.
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
    """The charge that usage belongs to; the server does not send its code here."""

    lago_id: str
    charge_model: Open[ChargeModel]
    invoice_display_name: str | None


@response_model
class ProjectedChargeUsage:
    """Usage of one charge in the running period, now and at its end.

    Attributes:
        units: The billed units.
        amount_cents: In cents of ``amount_currency``, taxes excluded, like ``projected_amount_cents``.
        filters: One entry per filter, and one for all other events; empty if the charge has no filters.
        grouped_usage: One entry per group; empty if the charge is not grouped.
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
        to_datetime: End of the period, inclusive: the last second.
        issuing_date: Day on which the invoice would be issued.
        currency: ISO 4217.
        amount_cents: Cents of ``currency``, taxes excluded.
        projected_amount_cents: The same at the end of the period, if usage continues at its current rate.
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
