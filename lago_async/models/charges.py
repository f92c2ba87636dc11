# More than 400 lines in one module, because the models of a resource group are in one module, like its operations.
"""Models of charges: the usage-based and the fixed charges of plans."""

from decimal import Decimal
from typing import Literal

from lago_async.models._base import UNSET, Json, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models.enums import ChargeModel, FixedChargeModel
from lago_async.models.taxes import Tax

__all__ = [
    "AppliedPricingUnit",
    "AppliedPricingUnitInput",
    "Charge",
    "ChargeDestroyInput",
    "ChargeFilter",
    "ChargeFilterCreateInput",
    "ChargeFilterDestroyInput",
    "ChargeFilterInput",
    "ChargeFilterUpdateInput",
    "ChargeInput",
    "ChargeProperties",
    "ChargePropertiesInput",
    "ChargeUpdateInput",
    "FixedCharge",
    "FixedChargeDestroyInput",
    "FixedChargeInput",
    "FixedChargeProperties",
    "FixedChargePropertiesInput",
    "FixedChargeUpdateInput",
    "GraduatedPercentageRange",
    "GraduatedPercentageRangeInput",
    "GraduatedRange",
    "GraduatedRangeInput",
    "PresentationGroupKey",
    "PresentationGroupKeyInput",
    "PresentationGroupKeyOptions",
    "PresentationGroupKeyOptionsInput",
    "RegroupPaidFees",
    "SubscriptionChargeInput",
    "SubscriptionFixedChargeInput",
]

RegroupPaidFees = Literal["invoice"]


@response_model
class GraduatedRange:
    """A tier of units and its price.

    Attributes:
        to_value: Last unit of the tier; None for the last tier.
        flat_amount: The price of the tier as a whole, in units of the currency.
        per_unit_amount: The price of a unit, in units of the currency.
    """

    from_value: int | Decimal
    to_value: int | Decimal | None
    flat_amount: Decimal
    per_unit_amount: Decimal


@response_model
class GraduatedPercentageRange:
    """A range of amounts and its percentage.

    Attributes:
        to_value: The end of the range; None for the last one.
        rate: Percent.
        flat_amount: The price of the tier as a whole, in units of the currency.
    """

    from_value: int | Decimal
    to_value: int | Decimal | None
    rate: Decimal
    flat_amount: Decimal


@response_model
class PresentationGroupKeyOptions:
    """Display options of a presentation key."""

    display_in_invoice: bool


@response_model
class PresentationGroupKey:
    """An event property that breaks units down, without influence on the price.

    Attributes:
        value: The event property.
    """

    value: str
    options: PresentationGroupKeyOptions | None


@response_model
class ChargeProperties:
    """The pricing of a charge; the charge model decides which fields are set.

    Attributes:
        grouped_by: Deprecated; replaced by ``pricing_group_keys``.
        pricing_group_keys: Usage is grouped by these event properties before it is priced.
        amount: Price of a unit (standard) or of a package, in units of the currency.
        free_units: The units that are free before the first package is billed.
        package_size: The number of units in a package.
        rate: Percent.
        fixed_amount: The price of each event, in units of the currency.
        free_units_per_events: The number of events that are free.
        free_units_per_total_aggregation: The amount that is free.
        per_transaction_max_amount: The maximum price of one event.
        per_transaction_min_amount: The minimum price of one event.
        custom_properties: For metrics of the aggregation ``custom_agg``.
    """

    grouped_by: list[str]
    pricing_group_keys: list[str]
    graduated_ranges: list[GraduatedRange]
    graduated_percentage_ranges: list[GraduatedPercentageRange]
    amount: Decimal | None
    free_units: int | None
    package_size: int | None
    rate: Decimal | None
    fixed_amount: Decimal | None
    free_units_per_events: int | None
    free_units_per_total_aggregation: Decimal | None
    per_transaction_max_amount: Decimal | None
    per_transaction_min_amount: Decimal | None
    volume_ranges: list[GraduatedRange]
    presentation_group_keys: list[PresentationGroupKey]
    custom_properties: dict[str, Json] | None


@response_model
class ChargeFilter:
    """The price of events with certain property values.

    Attributes:
        values: The selected values, by event property.
    """

    lago_id: str
    charge_code: str
    invoice_display_name: str | None
    properties: ChargeProperties
    values: dict[str, list[str]]


@response_model
class AppliedPricingUnit:
    """Your own pricing unit, in which a charge is priced.

    Attributes:
        conversion_rate: The amount of the plan's currency for one pricing unit.
    """

    code: str
    conversion_rate: Decimal


@response_model
class Charge:
    """A plan's charge for the usage of a metric.

    Attributes:
        lago_billable_metric_id: None if the metric was deleted.
        pay_in_advance: True: billed with each event instead of at the end of the period.
        invoiceable: False: its fees get no invoice.
        regroup_paid_fees: ``invoice``: fees paid in advance are put on one invoice at the end of the period.
        min_amount_cents: The minimum price of the charge per period.
        taxes: The charge's own taxes; without any, the plan's apply.
        accepts_target_wallet: Events may name the wallet that pays.
        lago_parent_id: The charge that this one overrides, for a subscription's own.
    """

    lago_id: str
    lago_billable_metric_id: str | None
    code: str
    billable_metric_code: str
    invoice_display_name: str | None
    created_at: Timestamp
    charge_model: Open[ChargeModel]
    pay_in_advance: bool
    invoiceable: bool
    regroup_paid_fees: Open[RegroupPaidFees] | None
    prorated: bool
    min_amount_cents: int
    properties: ChargeProperties
    filters: list[ChargeFilter]
    taxes: list[Tax]
    applied_pricing_unit: AppliedPricingUnit | None
    accepts_target_wallet: bool
    lago_parent_id: str | None


@response_model
class FixedChargeProperties:
    """How a fixed charge computes its price; which fields are set depends on the charge model.

    Attributes:
        amount: Price of a unit, in units of the currency.
    """

    amount: Decimal | None
    graduated_ranges: list[GraduatedRange]
    volume_ranges: list[GraduatedRange]


@response_model
class FixedCharge:
    """A plan's charge for an add-on, billed every period regardless of usage.

    Attributes:
        pay_in_advance: Billed at the beginning of the period.
        prorated: True: part of a period costs part of the price.
        units: Number of units of the add-on.
        lago_parent_id: The fixed charge that this one overrides, for a subscription's own.
    """

    lago_id: str
    lago_add_on_id: str
    invoice_display_name: str | None
    add_on_code: str
    created_at: Timestamp
    code: str
    charge_model: Open[FixedChargeModel]
    pay_in_advance: bool
    prorated: bool
    properties: FixedChargeProperties
    units: Decimal
    lago_parent_id: str | None
    taxes: list[Tax]


@input_model
class GraduatedRangeInput:
    """A tier of units and its price.

    Attributes:
        to_value: Last unit of the tier; the last tier has none.
        flat_amount: The price of the tier as a whole, in units of the currency.
        per_unit_amount: The price of a unit, in units of the currency.
    """

    from_value: int | Decimal
    to_value: int | Decimal | None | UnsetType = UNSET
    flat_amount: Decimal
    per_unit_amount: Decimal


@input_model
class GraduatedPercentageRangeInput:
    """A range of amounts and its percentage.

    Attributes:
        to_value: The end of the range; the last one has none.
        rate: Percent.
        flat_amount: The price of the tier as a whole, in units of the currency.
    """

    from_value: int | Decimal
    to_value: int | Decimal | None | UnsetType = UNSET
    rate: Decimal
    flat_amount: Decimal


@input_model
class PresentationGroupKeyOptionsInput:
    """Display options of a presentation key."""

    display_in_invoice: bool | UnsetType = UNSET


@input_model
class PresentationGroupKeyInput:
    """An event property that breaks units down, without influence on the price.

    Attributes:
        value: The event property.
    """

    value: str | UnsetType = UNSET
    options: PresentationGroupKeyOptionsInput | UnsetType = UNSET


@input_model
class ChargePropertiesInput:
    """The pricing of a charge; the charge model decides which fields are needed.

    Attributes:
        grouped_by: Deprecated; replaced by ``pricing_group_keys``.
        pricing_group_keys: Usage is grouped by these event properties before it is priced.
        amount: Price of a unit (standard) or of a package, in units of the currency.
        free_units: The units that are free before the first package is billed.
        package_size: The number of units in a package.
        rate: Percent.
        fixed_amount: The price of each event, in units of the currency.
        free_units_per_events: The number of events that are free.
        free_units_per_total_aggregation: The amount that is free.
        per_transaction_max_amount: The maximum price of one event.
        per_transaction_min_amount: The minimum price of one event.
        custom_properties: For metrics of the aggregation ``custom_agg``.
    """

    grouped_by: list[str] | UnsetType = UNSET
    pricing_group_keys: list[str] | UnsetType = UNSET
    graduated_ranges: list[GraduatedRangeInput] | UnsetType = UNSET
    graduated_percentage_ranges: list[GraduatedPercentageRangeInput] | UnsetType = UNSET
    amount: Decimal | UnsetType = UNSET
    free_units: int | UnsetType = UNSET
    package_size: int | UnsetType = UNSET
    rate: Decimal | UnsetType = UNSET
    fixed_amount: Decimal | UnsetType = UNSET
    free_units_per_events: int | None | UnsetType = UNSET
    free_units_per_total_aggregation: Decimal | None | UnsetType = UNSET
    per_transaction_max_amount: Decimal | None | UnsetType = UNSET
    per_transaction_min_amount: Decimal | None | UnsetType = UNSET
    volume_ranges: list[GraduatedRangeInput] | UnsetType = UNSET
    presentation_group_keys: list[PresentationGroupKeyInput] | UnsetType = UNSET
    custom_properties: dict[str, Json] | None | UnsetType = UNSET


@input_model
class ChargeFilterInput:
    """The price of events with certain property values.

    Attributes:
        values: The values to select, by event property.
    """

    properties: ChargePropertiesInput | None | UnsetType = UNSET
    values: dict[str, list[str]]
    invoice_display_name: str | None | UnsetType = UNSET


@input_model
class ChargeFilterCreateInput:
    """A filter to add to a charge.

    Attributes:
        values: The values to select, by event property.
        cascade_updates: Also add it to the charges of subscriptions that override the plan; only for a plan's charge.
    """

    properties: ChargePropertiesInput | None | UnsetType = UNSET
    values: dict[str, list[str]]
    cascade_updates: bool | None | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET


@input_model
class ChargeFilterUpdateInput:
    """Changes to a filter.

    Attributes:
        cascade_updates: Also change the filters of subscriptions that override the plan; only for a plan's charge.
        values: The values to select, by event property.
    """

    cascade_updates: bool | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET
    properties: ChargePropertiesInput | UnsetType = UNSET
    values: dict[str, list[str]] | UnsetType = UNSET


@input_model
class ChargeFilterDestroyInput:
    """Options for removing a filter.

    Attributes:
        cascade_updates: Also remove it from the charges of subscriptions that override the plan.
    """

    cascade_updates: bool | UnsetType = UNSET


@input_model
class AppliedPricingUnitInput:
    """Your own pricing unit, in which a charge is priced.

    Attributes:
        conversion_rate: The amount of the plan's currency for one pricing unit.
    """

    code: str | UnsetType = UNSET
    conversion_rate: Decimal | UnsetType = UNSET


@input_model
class ChargeInput:
    """A charge for usage to create.

    Attributes:
        min_amount_cents: The minimum price of the charge per period.
        tax_codes: The charge's own taxes; without any, the plan's apply.
        code: Your code of the charge, unique in the plan; by default derived from the metric.
        pay_in_advance: Bill with each event instead of at the end of the period.
        invoiceable: False: its fees get no invoice; only for a charge that is paid in advance.
        regroup_paid_fees: ``invoice``: put fees paid in advance on one invoice at the end of the period.
        prorated: True: part of a period costs part of the price.
        cascade_updates: Also add it to the plans of subscriptions that override this one; only when it is added
            to a plan that exists.
        accepts_target_wallet: Let events name the wallet that pays.
    """

    billable_metric_id: str
    charge_model: Open[ChargeModel]
    invoice_display_name: str | None | UnsetType = UNSET
    min_amount_cents: int | None | UnsetType = UNSET
    properties: ChargePropertiesInput | None | UnsetType = UNSET
    filters: list[ChargeFilterInput] | None | UnsetType = UNSET
    tax_codes: list[str] | None | UnsetType = UNSET
    applied_pricing_unit: AppliedPricingUnitInput | None | UnsetType = UNSET
    code: str | None | UnsetType = UNSET
    pay_in_advance: bool | None | UnsetType = UNSET
    invoiceable: bool | None | UnsetType = UNSET
    regroup_paid_fees: Open[RegroupPaidFees] | None | UnsetType = UNSET
    prorated: bool | None | UnsetType = UNSET
    cascade_updates: bool | None | UnsetType = UNSET
    accepts_target_wallet: bool | None | UnsetType = UNSET


@input_model
class ChargeUpdateInput:
    """Changes to a charge.

    Attributes:
        min_amount_cents: The minimum price of the charge per period.
        filters: Replaces all filters.
        tax_codes: Replaces all taxes of the charge.
        code: Your code of the charge, unique in the plan; by default derived from the metric.
        pay_in_advance: Bill with each event instead of at the end of the period.
        invoiceable: False: its fees get no invoice; only for a charge that is paid in advance.
        regroup_paid_fees: ``invoice``: put fees paid in advance on one invoice at the end of the period.
        prorated: True: part of a period costs part of the price.
        cascade_updates: Also change the charges of subscriptions that override the plan.
        accepts_target_wallet: Let events name the wallet that pays.
    """

    invoice_display_name: str | None | UnsetType = UNSET
    min_amount_cents: int | None | UnsetType = UNSET
    properties: ChargePropertiesInput | UnsetType = UNSET
    filters: list[ChargeFilterInput] | UnsetType = UNSET
    tax_codes: list[str] | UnsetType = UNSET
    applied_pricing_unit: AppliedPricingUnitInput | UnsetType = UNSET
    billable_metric_id: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    charge_model: Open[ChargeModel] | UnsetType = UNSET
    pay_in_advance: bool | UnsetType = UNSET
    invoiceable: bool | UnsetType = UNSET
    regroup_paid_fees: Open[RegroupPaidFees] | None | UnsetType = UNSET
    prorated: bool | UnsetType = UNSET
    cascade_updates: bool | UnsetType = UNSET
    accepts_target_wallet: bool | None | UnsetType = UNSET


@input_model
class ChargeDestroyInput:
    """Options for removing a charge.

    Attributes:
        cascade_updates: Also remove it from the plans of subscriptions that override this one.
    """

    cascade_updates: bool | UnsetType = UNSET


@input_model
class FixedChargePropertiesInput:
    """The pricing of a fixed charge; the charge model decides which fields are needed.

    Attributes:
        amount: Price of a unit, in units of the currency.
    """

    amount: Decimal | UnsetType = UNSET
    graduated_ranges: list[GraduatedRangeInput] | UnsetType = UNSET
    volume_ranges: list[GraduatedRangeInput] | UnsetType = UNSET


@input_model
class FixedChargeInput:
    """A fixed charge to create, for an add-on.

    Attributes:
        units: Number of units of the add-on.
        apply_units_immediately: Bill a change of units from now on instead of from the next period.
        add_on_id: The id of the add-on.
        add_on_code: Your code of the add-on, instead of its id; only with ``create_fixed_charge``. Inside of a plan,
            the server ignores it.
        code: Your code of the fixed charge, unique in the plan; by default derived from the add-on.
        pay_in_advance: Bill at the beginning of the period.
        prorated: True: part of a period costs part of the price.
        cascade_updates: Also add it to the plans of subscriptions that override this one; only when it is added
            to a plan that exists.
    """

    charge_model: Open[FixedChargeModel]
    invoice_display_name: str | None | UnsetType = UNSET
    units: Decimal | None | UnsetType = UNSET
    apply_units_immediately: bool | None | UnsetType = UNSET
    properties: FixedChargePropertiesInput | None | UnsetType = UNSET
    tax_codes: list[str] | None | UnsetType = UNSET
    add_on_id: str | None | UnsetType = UNSET
    add_on_code: str | None | UnsetType = UNSET
    code: str | None | UnsetType = UNSET
    pay_in_advance: bool | None | UnsetType = UNSET
    prorated: bool | None | UnsetType = UNSET
    cascade_updates: bool | None | UnsetType = UNSET


@input_model
class FixedChargeUpdateInput:
    """Changes to a fixed charge.

    Attributes:
        units: Number of units of the add-on.
        apply_units_immediately: Bill a change of units from now on instead of from the next period.
        add_on_id: Identifies the add-on, like ``add_on_code``.
        code: Your code of the fixed charge, unique in the plan; by default derived from the add-on.
        pay_in_advance: Bill at the beginning of the period.
        prorated: True: part of a period costs part of the price.
        cascade_updates: Also change the fixed charges of subscriptions that override the plan.
    """

    invoice_display_name: str | None | UnsetType = UNSET
    units: Decimal | UnsetType = UNSET
    apply_units_immediately: bool | UnsetType = UNSET
    properties: FixedChargePropertiesInput | UnsetType = UNSET
    tax_codes: list[str] | UnsetType = UNSET
    add_on_id: str | UnsetType = UNSET
    add_on_code: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    charge_model: Open[FixedChargeModel] | UnsetType = UNSET
    pay_in_advance: bool | UnsetType = UNSET
    prorated: bool | UnsetType = UNSET
    cascade_updates: bool | UnsetType = UNSET


@input_model
class FixedChargeDestroyInput:
    """Options for removing a fixed charge.

    Attributes:
        cascade_updates: Also remove it from the plans of subscriptions that override this one.
    """

    cascade_updates: bool | UnsetType = UNSET


@input_model
class SubscriptionChargeInput:
    """One subscription's own values of a charge.

    Attributes:
        min_amount_cents: The minimum price of the charge per period.
        filters: Replaces all filters.
    """

    invoice_display_name: str | None | UnsetType = UNSET
    min_amount_cents: int | UnsetType = UNSET
    properties: ChargePropertiesInput | UnsetType = UNSET
    filters: list[ChargeFilterInput] | UnsetType = UNSET
    tax_codes: list[str] | UnsetType = UNSET
    applied_pricing_unit: AppliedPricingUnitInput | UnsetType = UNSET


@input_model
class SubscriptionFixedChargeInput:
    """One subscription's own values of a fixed charge.

    Attributes:
        units: Number of units of the add-on.
        apply_units_immediately: Bill a change of units from now on instead of from the next period.
    """

    invoice_display_name: str | None | UnsetType = UNSET
    units: Decimal | UnsetType = UNSET
    apply_units_immediately: bool | UnsetType = UNSET
    properties: FixedChargePropertiesInput | UnsetType = UNSET
    tax_codes: list[str] | UnsetType = UNSET
