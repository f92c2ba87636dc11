"""The fields of the inputs of plans, metrics, events, subscriptions, coupons and wallets."""

from collections.abc import Mapping

from lago_async.sandbox._operations.input_treatment import (
    ALL,
    AUTHORIZATION,
    DOCUMENTS,
    DYNAMIC,
    FIXED,
    LABEL,
    METADATA,
    NO_PROVIDER,
    SECTIONS,
    InputFields,
    rule,
)
from lago_async.sandbox._operations.simulation import CASCADE

PRICED: Mapping[str, InputFields] = {
    "AlertThresholdInput": InputFields(simulated="value recurring", kept={LABEL: "code"}),
    "AlertInput": InputFields(simulated="code thresholds alert_type name billable_metric_code"),
    "AlertUpdateInput": InputFields(simulated="code name thresholds billable_metric_code"),
    "WalletAlertInput": InputFields(simulated="thresholds alert_type", kept={LABEL: "code name"}),
    "WalletAlertUpdateInput": InputFields(simulated="code name thresholds"),
    "BillableMetricFilterInput": InputFields(simulated="key values"),
    "BillableMetricInput": InputFields(
        simulated=(
            "name code aggregation_type description recurring expression rounding_function "
            "rounding_precision field_name weighted_interval filters"
        )
    ),
    "BillableMetricUpdateInput": InputFields(
        simulated=(
            "name code description recurring expression rounding_function rounding_precision "
            "field_name aggregation_type weighted_interval filters"
        )
    ),
    "ExpressionEventInput": InputFields(simulated="code properties timestamp"),
    "ExpressionInput": InputFields(simulated="expression event"),
    "GraduatedRangeInput": InputFields(simulated="from_value to_value flat_amount per_unit_amount"),
    "GraduatedPercentageRangeInput": InputFields(simulated="from_value to_value rate flat_amount", licensed=ALL),
    "PresentationGroupKeyOptionsInput": InputFields(kept={DOCUMENTS: "display_in_invoice"}),
    "PresentationGroupKeyInput": InputFields(simulated="value", kept={DOCUMENTS: "options"}),
    "ChargePropertiesInput": InputFields(
        simulated=(
            "grouped_by pricing_group_keys graduated_ranges graduated_percentage_ranges amount "
            "free_units package_size rate fixed_amount free_units_per_events "
            "free_units_per_total_aggregation per_transaction_max_amount per_transaction_min_amount "
            "volume_ranges presentation_group_keys"
        ),
        ignored={"only the charge model `custom` uses it, and its metrics are refused with 403": "custom_properties"},
        licensed="graduated_percentage_ranges",
    ),
    "ChargeFilterInput": InputFields(simulated="properties values invoice_display_name"),
    "ChargeFilterCreateInput": InputFields(
        simulated="properties values invoice_display_name", refused={CASCADE: "cascade_updates"}
    ),
    "ChargeFilterUpdateInput": InputFields(
        simulated="invoice_display_name properties", ignored={FIXED: "values"}, refused={CASCADE: "cascade_updates"}
    ),
    "ChargeFilterDestroyInput": InputFields(refused={CASCADE: "cascade_updates"}),
    "AppliedPricingUnitInput": InputFields(refused={rule("charge", "applied_pricing_unit"): "code conversion_rate"}),
    "ChargeInput": InputFields(
        simulated=(
            "billable_metric_id charge_model invoice_display_name min_amount_cents properties filters "
            "tax_codes code pay_in_advance invoiceable regroup_paid_fees prorated"
        ),
        refused={
            rule("charge", "applied_pricing_unit"): "applied_pricing_unit",
            CASCADE: "cascade_updates",
            rule("charge", "accepts_target_wallet"): "accepts_target_wallet",
        },
        licensed="min_amount_cents invoiceable regroup_paid_fees",
    ),
    "ChargeUpdateInput": InputFields(
        simulated=(
            "invoice_display_name min_amount_cents properties filters tax_codes billable_metric_id "
            "code charge_model pay_in_advance invoiceable regroup_paid_fees prorated"
        ),
        refused={
            rule("charge", "applied_pricing_unit"): "applied_pricing_unit",
            CASCADE: "cascade_updates",
            rule("charge", "accepts_target_wallet"): "accepts_target_wallet",
        },
        licensed="min_amount_cents invoiceable regroup_paid_fees",
    ),
    "ChargeDestroyInput": InputFields(refused={CASCADE: "cascade_updates"}),
    "FixedChargePropertiesInput": InputFields(simulated="amount graduated_ranges volume_ranges"),
    "FixedChargeInput": InputFields(
        simulated=(
            "charge_model invoice_display_name units apply_units_immediately properties tax_codes "
            "add_on_id add_on_code pay_in_advance prorated"
        ),
        kept={LABEL: "code"},
        refused={CASCADE: "cascade_updates"},
    ),
    "FixedChargeUpdateInput": InputFields(
        simulated="invoice_display_name units apply_units_immediately properties tax_codes charge_model",
        kept={LABEL: "code"},
        ignored={FIXED: "add_on_id add_on_code pay_in_advance prorated"},
        refused={CASCADE: "cascade_updates"},
    ),
    "FixedChargeDestroyInput": InputFields(refused={CASCADE: "cascade_updates"}),
    "SubscriptionChargeInput": InputFields(
        simulated="invoice_display_name min_amount_cents properties filters tax_codes",
        refused={rule("charge", "applied_pricing_unit"): "applied_pricing_unit"},
        licensed=ALL,
    ),
    "SubscriptionFixedChargeInput": InputFields(
        simulated="invoice_display_name units apply_units_immediately properties tax_codes", licensed=ALL
    ),
    "CouponLimitsInput": InputFields(simulated="plan_codes billable_metric_codes"),
    "CouponInput": InputFields(
        simulated=(
            "name code coupon_type frequency expiration description amount_cents amount_currency "
            "reusable percentage_rate frequency_duration expiration_at applies_to"
        )
    ),
    "CouponUpdateInput": InputFields(
        simulated=(
            "name code description coupon_type amount_cents amount_currency reusable percentage_rate "
            "frequency frequency_duration expiration expiration_at applies_to"
        )
    ),
    "AppliedCouponInput": InputFields(
        simulated=(
            "external_customer_id coupon_code frequency frequency_duration amount_cents amount_currency percentage_rate"
        )
    ),
    "EventInput": InputFields(
        simulated="transaction_id external_subscription_id code timestamp properties",
        kept={DYNAMIC: "precise_total_amount_cents"},
    ),
    "EventEstimateInput": InputFields(
        simulated="external_subscription_id code transaction_id properties",
        ignored={"an estimate is for now, on the server too": "timestamp", DYNAMIC: "precise_total_amount_cents"},
    ),
    "MinimumCommitmentInput": InputFields(simulated="amount_cents invoice_display_name tax_codes", licensed=ALL),
    "UsageThresholdInput": InputFields(simulated="amount_cents threshold_display_name recurring", licensed=ALL),
    "PlanInput": InputFields(
        simulated=(
            "name code interval amount_cents amount_currency pay_in_advance invoice_display_name "
            "trial_period bill_charges_monthly bill_fixed_charges_monthly tax_codes "
            "minimum_commitment charges fixed_charges usage_thresholds"
        ),
        kept={LABEL: "description", METADATA: "metadata"},
        licensed="minimum_commitment usage_thresholds",
    ),
    "PlanChargeUpdateInput": InputFields(
        simulated=(
            "id billable_metric_id code charge_model pay_in_advance invoiceable regroup_paid_fees "
            "invoice_display_name prorated min_amount_cents properties filters tax_codes"
        ),
        refused={
            rule("charge", "applied_pricing_unit"): "applied_pricing_unit",
            rule("charge", "accepts_target_wallet"): "accepts_target_wallet",
        },
        licensed="invoiceable regroup_paid_fees min_amount_cents",
    ),
    "PlanFixedChargeUpdateInput": InputFields(
        simulated="id invoice_display_name units charge_model properties tax_codes apply_units_immediately",
        kept={LABEL: "code"},
        ignored={FIXED: "add_on_id pay_in_advance prorated"},
    ),
    "PlanUpdateInput": InputFields(
        simulated=(
            "name invoice_display_name code interval amount_cents amount_currency trial_period "
            "pay_in_advance bill_charges_monthly bill_fixed_charges_monthly tax_codes "
            "minimum_commitment charges fixed_charges usage_thresholds"
        ),
        kept={LABEL: "description", METADATA: "metadata"},
        refused={CASCADE: "cascade_updates"},
        licensed="minimum_commitment usage_thresholds",
    ),
    "PlanOverrideChargeInput": InputFields(
        simulated="id invoice_display_name min_amount_cents properties filters tax_codes",
        ignored={"an override does not change it, on the server either": "billable_metric_id code charge_model"},
        refused={rule("charge", "applied_pricing_unit"): "applied_pricing_unit"},
        licensed=ALL,
    ),
    "PlanOverrideFixedChargeInput": InputFields(
        simulated="id invoice_display_name units apply_units_immediately properties tax_codes", licensed=ALL
    ),
    "PlanOverridesInput": InputFields(
        simulated=(
            "amount_cents amount_currency invoice_display_name name tax_codes trial_period "
            "minimum_commitment charges fixed_charges usage_thresholds"
        ),
        kept={LABEL: "description"},
        licensed=ALL,
    ),
    "LifetimeUsageInput": InputFields(simulated="external_historical_usage_amount_cents"),
    "SubscriptionActivationRuleInput": InputFields(
        refused={rule("subscription", "activation_rules"): "type timeout_hours"}
    ),
    "SubscriptionAuthorizationInput": InputFields(refused={AUTHORIZATION: "amount_cents amount_currency"}),
    "SubscriptionInput": InputFields(
        simulated=(
            "external_customer_id plan_code external_id name billing_time ending_at subscription_at "
            "plan_overrides payment_method consolidate_invoice purchase_order_number "
            "progressive_billing_disabled usage_thresholds"
        ),
        ignored={SECTIONS: "invoice_custom_section"},
        refused={
            rule("subscription", "activation_rules"): "activation_rules",
            rule("subscription", "billing_entity_id"): "billing_entity_id billing_entity_code",
        },
        licensed="plan_overrides usage_thresholds",
    ),
    "SubscriptionUpdateInput": InputFields(
        simulated=(
            "name ending_at subscription_at plan_overrides payment_method consolidate_invoice "
            "purchase_order_number progressive_billing_disabled usage_thresholds "
            "on_termination_credit_note on_termination_invoice"
        ),
        ignored={SECTIONS: "invoice_custom_section"},
        refused={
            rule("subscription", "activation_rules"): "activation_rules",
            rule("subscription", "billing_entity_id"): "billing_entity_id billing_entity_code",
        },
        licensed="plan_overrides usage_thresholds",
    ),
    "WalletTransactionMetadataInput": InputFields(simulated="key value"),
    "WalletLimitsInput": InputFields(simulated="fee_types billable_metric_codes"),
    "WalletRecurringTransactionRuleInput": InputFields(
        simulated=(
            "trigger paid_credits granted_credits grants_target_top_up method interval started_at "
            "expiration_at threshold_credits target_ongoing_balance "
            "invoice_requires_successful_payment transaction_metadata transaction_name "
            "purchase_order_number ignore_paid_top_up_limits"
        ),
        kept={NO_PROVIDER: "payment_method"},
        ignored={SECTIONS: "invoice_custom_section"},
        licensed=(
            "trigger paid_credits granted_credits method interval started_at expiration_at "
            "threshold_credits target_ongoing_balance invoice_requires_successful_payment "
            "transaction_metadata transaction_name purchase_order_number ignore_paid_top_up_limits "
            "payment_method"
        ),
    ),
    "WalletRecurringTransactionRuleUpdateInput": InputFields(
        simulated=(
            "lago_id trigger method interval threshold_credits paid_credits granted_credits "
            "grants_target_top_up started_at expiration_at target_ongoing_balance "
            "invoice_requires_successful_payment transaction_metadata transaction_name "
            "purchase_order_number ignore_paid_top_up_limits"
        ),
        kept={NO_PROVIDER: "payment_method"},
        ignored={SECTIONS: "invoice_custom_section"},
        licensed=ALL,
    ),
    "WalletInput": InputFields(
        simulated=(
            "rate_amount currency priority paid_credits granted_credits external_customer_id "
            "expiration_at invoice_requires_successful_payment transaction_metadata transaction_name "
            "purchase_order_number applies_to paid_top_up_min_amount_cents "
            "paid_top_up_max_amount_cents ignore_paid_top_up_limits_on_creation "
            "recurring_transaction_rules transaction_priority"
        ),
        kept={LABEL: "name code", NO_PROVIDER: "payment_method", METADATA: "metadata"},
        ignored={SECTIONS: "invoice_custom_section"},
        refused={
            rule("wallet", "billing_entity_id"): "billing_entity_id billing_entity_code",
        },
        licensed="recurring_transaction_rules",
    ),
    "WalletUpdateInput": InputFields(
        simulated=(
            "priority expiration_at invoice_requires_successful_payment purchase_order_number "
            "recurring_transaction_rules applies_to paid_top_up_min_amount_cents "
            "paid_top_up_max_amount_cents"
        ),
        kept={LABEL: "name code", NO_PROVIDER: "payment_method", METADATA: "metadata"},
        ignored={SECTIONS: "invoice_custom_section"},
        refused={rule("wallet", "billing_entity_code"): "billing_entity_code"},
        licensed="recurring_transaction_rules",
    ),
    "WalletTransactionInput": InputFields(
        simulated=(
            "wallet_id name paid_credits granted_credits voided_credits "
            "invoice_requires_successful_payment ignore_paid_top_up_limits purchase_order_number "
            "payment_method metadata priority"
        ),
        ignored={SECTIONS: "invoice_custom_section"},
        refused={rule("wallet_transaction", "voided_transaction_id"): "voided_transaction_id"},
    ),
}
"""The fields of each input, by the name of its model."""
