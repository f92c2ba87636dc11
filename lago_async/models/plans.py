"""Models of plans."""

from decimal import Decimal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models.charges import (
    AppliedPricingUnitInput,
    Charge,
    ChargeFilterInput,
    ChargeInput,
    ChargePropertiesInput,
    FixedCharge,
    FixedChargeInput,
    FixedChargePropertiesInput,
    RegroupPaidFees,
)
from lago_async.models.entitlements import PlanEntitlement
from lago_async.models.enums import BillingInterval, ChargeModel, FixedChargeModel
from lago_async.models.taxes import Tax

__all__ = [
    "ApplicableUsageThreshold",
    "MinimumCommitment",
    "MinimumCommitmentInput",
    "Plan",
    "PlanChargeUpdateInput",
    "PlanFixedChargeUpdateInput",
    "PlanInput",
    "PlanOverrideChargeInput",
    "PlanOverrideFixedChargeInput",
    "PlanOverridesInput",
    "PlanUpdateInput",
    "UsageThreshold",
    "UsageThresholdInput",
]


@response_model
class MinimumCommitment:
    """The minimum that a subscription pays per period; the difference to lower usage is billed."""

    lago_id: str
    plan_code: str
    amount_cents: int
    invoice_display_name: str | None
    interval: Open[BillingInterval] | None
    created_at: Timestamp
    updated_at: Timestamp
    taxes: list[Tax]


@response_model
class UsageThreshold:
    """An amount of usage that causes an invoice at once (progressive billing).

    Attributes:
        recurring: Triggers again each time the usage has grown by the amount.
    """

    lago_id: str
    threshold_display_name: str | None
    amount_cents: int
    recurring: bool
    created_at: Timestamp
    updated_at: Timestamp


@response_model
class ApplicableUsageThreshold:
    """The usage threshold that applies to a subscription: its own one, or the plan's.

    Attributes:
        recurring: Triggers again each time the usage has grown by the amount.
    """

    threshold_display_name: str | None
    amount_cents: int
    recurring: bool


@response_model
class Plan:
    """The price of a subscription: a base price per period, and charges.

    Attributes:
        interval: None for a plan of the product catalogue, like ``amount_cents`` and ``pay_in_advance``.
        amount_cents: Base price of a period, in cents of ``amount_currency``, taxes excluded.
        trial_period: Number of days without the base price.
        pay_in_advance: Whether the base price is billed at the beginning of the period.
        bill_charges_monthly: Whether usage is billed every month; only for half-yearly and yearly plans.
        bill_fixed_charges_monthly: The same for fixed charges.
        minimum_commitment: None without one.
        charges: Charges for usage.
        fixed_charges: Not sent in lists of plans: empty.
        metadata: Your own key-value pairs; None without any.
        customers_count: Not in Lago's public description; the server sends it, like the fields after it.
        parent_id: For a subscription's own plan, the plan that it overrides.
        applicable_usage_thresholds: The thresholds that apply; sent where the server resolves them.
    """

    lago_id: str
    name: str
    invoice_display_name: str | None
    created_at: Timestamp
    code: str
    interval: Open[BillingInterval] | None
    description: str | None
    amount_cents: int | None
    amount_currency: str
    trial_period: float | None
    pay_in_advance: bool | None
    bill_charges_monthly: bool | None
    bill_fixed_charges_monthly: bool | None
    minimum_commitment: MinimumCommitment | None
    charges: list[Charge]
    fixed_charges: list[FixedCharge]
    taxes: list[Tax]
    usage_thresholds: list[UsageThreshold]
    entitlements: list[PlanEntitlement]
    metadata: dict[str, str | None] | None
    customers_count: int
    active_subscriptions_count: int
    draft_invoices_count: int
    parent_id: str | None
    pending_deletion: bool
    applicable_usage_thresholds: list[ApplicableUsageThreshold]


@input_model
class MinimumCommitmentInput:
    """The minimum that a subscription pays per period.

    Attributes:
        amount_cents: Required, unless the plan already has a minimum.
    """

    amount_cents: int | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET
    tax_codes: list[str] | None | UnsetType = UNSET


@input_model
class UsageThresholdInput:
    """An amount of usage that causes an invoice at once (progressive billing).

    Attributes:
        recurring: Triggers again each time the usage has grown by the amount; one threshold at most.
    """

    amount_cents: int
    threshold_display_name: str | None | UnsetType = UNSET
    recurring: bool | None | UnsetType = UNSET


@input_model
class PlanInput:
    """A plan to create.

    Attributes:
        code: Your code of the plan, unique in the organisation.
        interval: Required, like ``amount_cents`` and ``pay_in_advance``, unless the organisation uses the product
            catalogue.
        amount_cents: Base price of a period, in cents of ``amount_currency``, taxes excluded.
        amount_currency: ISO 4217.
        pay_in_advance: Bill the base price at the beginning of the period.
        trial_period: Number of days without the base price.
        bill_charges_monthly: Whether to bill usage every month; only for half-yearly and yearly plans.
        bill_fixed_charges_monthly: The same for fixed charges.
        metadata: Your own key-value pairs: keys of at most 100 characters, values of at most 255.
    """

    name: str
    code: str
    interval: Open[BillingInterval] | None | UnsetType = UNSET
    amount_cents: int | None | UnsetType = UNSET
    amount_currency: str
    pay_in_advance: bool | None | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    trial_period: float | None | UnsetType = UNSET
    bill_charges_monthly: bool | None | UnsetType = UNSET
    bill_fixed_charges_monthly: bool | None | UnsetType = UNSET
    tax_codes: list[str] | None | UnsetType = UNSET
    minimum_commitment: MinimumCommitmentInput | None | UnsetType = UNSET
    charges: list[ChargeInput] | None | UnsetType = UNSET
    fixed_charges: list[FixedChargeInput] | None | UnsetType = UNSET
    usage_thresholds: list[UsageThresholdInput] | None | UnsetType = UNSET
    metadata: dict[str, str | None] | None | UnsetType = UNSET


@input_model
class PlanChargeUpdateInput:
    """A charge of a plan to update: an existing charge, identified by its ``id``, or a new one.

    Attributes:
        id: The ``lago_id`` of an existing charge.
        code: Your code of the charge, unique in the plan; by default derived from the metric.
        pay_in_advance: Bill with each event instead of at the end of the period.
        invoiceable: False: its fees get no invoice; only for a charge that is paid in advance.
        regroup_paid_fees: ``invoice``: put fees paid in advance on one invoice at the end of the period.
        prorated: True: part of a period costs part of the price.
        min_amount_cents: The minimum price of the charge per period.
        accepts_target_wallet: Let events name the wallet that pays.
    """

    id: str | None | UnsetType = UNSET
    billable_metric_id: str | UnsetType = UNSET
    code: str | None | UnsetType = UNSET
    charge_model: Open[ChargeModel] | UnsetType = UNSET
    pay_in_advance: bool | UnsetType = UNSET
    invoiceable: bool | UnsetType = UNSET
    regroup_paid_fees: Open[RegroupPaidFees] | None | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET
    prorated: bool | UnsetType = UNSET
    min_amount_cents: int | None | UnsetType = UNSET
    properties: ChargePropertiesInput | UnsetType = UNSET
    filters: list[ChargeFilterInput] | UnsetType = UNSET
    tax_codes: list[str] | UnsetType = UNSET
    applied_pricing_unit: AppliedPricingUnitInput | UnsetType = UNSET
    accepts_target_wallet: bool | None | UnsetType = UNSET


@input_model
class PlanFixedChargeUpdateInput:
    """A fixed charge of a plan to update: an existing one, identified by its ``id``, or a new one.

    Attributes:
        id: The ``lago_id`` of an existing fixed charge.
        units: Number of units of the add-on.
        apply_units_immediately: Bill a change of units from now on instead of from the next period.
    """

    id: str | None | UnsetType = UNSET
    add_on_id: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET
    units: Decimal | UnsetType = UNSET
    charge_model: Open[FixedChargeModel] | UnsetType = UNSET
    pay_in_advance: bool | UnsetType = UNSET
    prorated: bool | UnsetType = UNSET
    properties: FixedChargePropertiesInput | UnsetType = UNSET
    tax_codes: list[str] | UnsetType = UNSET
    apply_units_immediately: bool | UnsetType = UNSET


@input_model
class PlanUpdateInput:
    """Changes to a plan.

    Attributes:
        amount_cents: Base price of a period, in cents of ``amount_currency``, taxes excluded.
        trial_period: Number of days without the base price.
        pay_in_advance: Bill the base price at the beginning of the period.
        bill_charges_monthly: Whether to bill usage every month; only for half-yearly and yearly plans.
        bill_fixed_charges_monthly: The same for fixed charges.
        charges: Replaces all charges; give those to keep with their ``id``.
        fixed_charges: Replaces all fixed charges; give those to keep with their ``id``.
        usage_thresholds: Replaces all thresholds.
        cascade_updates: Also change the plans of subscriptions that override this one.
        metadata: Your own key-value pairs: keys of at most 100 characters, values of at most 255.
    """

    name: str | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET
    code: str | UnsetType = UNSET
    interval: Open[BillingInterval] | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    amount_cents: int | UnsetType = UNSET
    amount_currency: str | UnsetType = UNSET
    trial_period: float | None | UnsetType = UNSET
    pay_in_advance: bool | UnsetType = UNSET
    bill_charges_monthly: bool | None | UnsetType = UNSET
    bill_fixed_charges_monthly: bool | None | UnsetType = UNSET
    tax_codes: list[str] | UnsetType = UNSET
    minimum_commitment: MinimumCommitmentInput | None | UnsetType = UNSET
    charges: list[PlanChargeUpdateInput] | UnsetType = UNSET
    fixed_charges: list[PlanFixedChargeUpdateInput] | UnsetType = UNSET
    usage_thresholds: list[UsageThresholdInput] | UnsetType = UNSET
    cascade_updates: bool | UnsetType = UNSET
    metadata: dict[str, str | None] | UnsetType = UNSET


@input_model
class PlanOverrideChargeInput:
    """One subscription's own values of a charge.

    Attributes:
        id: The ``lago_id`` of the charge.
        min_amount_cents: The minimum price of the charge per period.
    """

    id: str | UnsetType = UNSET
    billable_metric_id: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    charge_model: Open[ChargeModel] | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET
    min_amount_cents: int | UnsetType = UNSET
    properties: ChargePropertiesInput | UnsetType = UNSET
    filters: list[ChargeFilterInput] | UnsetType = UNSET
    tax_codes: list[str] | UnsetType = UNSET
    applied_pricing_unit: AppliedPricingUnitInput | UnsetType = UNSET


@input_model
class PlanOverrideFixedChargeInput:
    """One subscription's own values of a fixed charge.

    Attributes:
        id: The ``lago_id`` of the fixed charge.
        units: Number of units of the add-on.
        apply_units_immediately: Bill a change of units from now on instead of from the next period.
    """

    id: str
    invoice_display_name: str | None | UnsetType = UNSET
    units: Decimal | UnsetType = UNSET
    apply_units_immediately: bool | UnsetType = UNSET
    properties: FixedChargePropertiesInput | UnsetType = UNSET
    tax_codes: list[str] | UnsetType = UNSET


@input_model
class PlanOverridesInput:
    """One subscription's own values of a plan. They give it a plan of its own, which later changes of the plan skip.

    Attributes:
        amount_cents: Base price of a period, in cents of ``amount_currency``, taxes excluded.
        trial_period: Number of days without the base price.
    """

    amount_cents: int | UnsetType = UNSET
    amount_currency: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET
    name: str | UnsetType = UNSET
    tax_codes: list[str] | UnsetType = UNSET
    trial_period: float | None | UnsetType = UNSET
    minimum_commitment: MinimumCommitmentInput | None | UnsetType = UNSET
    charges: list[PlanOverrideChargeInput] | UnsetType = UNSET
    fixed_charges: list[PlanOverrideFixedChargeInput] | UnsetType = UNSET
    usage_thresholds: list[UsageThresholdInput] | UnsetType = UNSET
