# More than 400 lines in one module, because it is one table.
"""The table of every field of every input: simulated, only kept, without effect, or refused.

``docs/simulated.md`` is generated from it. A test sets each field, lets time pass, and compares with the world without
it.
"""

from collections.abc import Mapping

import attrs

from lago_async.sandbox._operations.simulation import CASCADE, TABLE


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _reasons(names_of: Mapping[str, str]) -> Mapping[str, str]:
    """Return the reason of each field, from the fields of each reason."""
    return {name: reason for reason, names in names_of.items() for name in _names(names)}


@attrs.frozen(kw_only=True)
class InputFields:
    """The fields of an input by what becomes of them.

    Attributes:
        simulated: The fields that change something besides themselves, or whose values decide about a refusal.
        kept: By reason, the fields that only show themselves in their object; the server computes nothing from them.
        ignored: By reason, the fields without any effect.
        refused: By reason, the fields that are refused where they would have an effect.
        licensed: Fields of which nothing remains without a licence: they are ignored or refused, as on the server.
    """

    simulated: tuple[str, ...] = attrs.field(default="", converter=_names)
    kept: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_reasons)
    ignored: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_reasons)
    refused: Mapping[str, str] = attrs.field(factory=dict[str, str], converter=_reasons)
    licensed: tuple[str, ...] = attrs.field(default="", converter=_names)

    @property
    def names(self) -> tuple[str, ...]:
        """All fields."""
        return (*self.simulated, *self.kept, *self.ignored, *self.refused)

    def needs_licence(self, name: str) -> bool:
        """Return whether nothing remains of a field without a licence."""
        return self.licensed == (_ALL,) or name in self.licensed


def _rule(kind: str, field: str) -> str:
    """Return why a strict sandbox refuses a field."""
    return next(item.reason for item in TABLE[kind] if item.field == field)


_ALL = "*"
_LABEL = "a name, a text or a code, which only shows itself"
_METADATA = "data of the user's own, which only shows itself"
_ADDRESS = "an address: only taxes of the EU and tax providers follow from it, and both are refused"
_CONTACT = "a detail that documents and emails show"
_DOCUMENTS = "it changes only documents"
_CATALOGUE = "the server bills no rate cards"
_SECTIONS = "there are no custom sections of invoices, and no request makes one"
_NO_PROVIDER = "no payment provider is asked for a payment: an invoice waits for `create_payment`"
_DYNAMIC = "only the charge model `dynamic` uses it, which is refused"
_FIXED = "an update does not change it, on the server either"
_INTEGRATIONS = "there are no integrations: 404"
_AUTHORIZATION = "the feature beta_payment_authorization of the server is not available: 403"

INPUTS: Mapping[str, InputFields] = {
    "AddOnInput": InputFields(
        simulated="name code amount_cents invoice_display_name description tax_codes",
        kept={"a one-off invoice has a currency of its own": "amount_currency"},
    ),
    "AddOnUpdateInput": InputFields(
        simulated="name invoice_display_name code amount_cents description tax_codes",
        kept={"a one-off invoice has a currency of its own": "amount_currency"},
    ),
    "AlertThresholdInput": InputFields(simulated="value recurring", kept={_LABEL: "code"}),
    "AlertInput": InputFields(simulated="code thresholds alert_type name billable_metric_code"),
    "AlertUpdateInput": InputFields(simulated="code name thresholds billable_metric_code"),
    "WalletAlertInput": InputFields(simulated="thresholds alert_type", kept={_LABEL: "code name"}),
    "WalletAlertUpdateInput": InputFields(simulated="code name thresholds"),
    "AppliedRateCardInput": InputFields(simulated="rate_card_code", kept={_CATALOGUE: "units"}),
    "AppliedRateCardUpdateInput": InputFields(kept={_CATALOGUE: "units"}),
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
    "BillingEntityBillingConfigurationInput": InputFields(
        simulated=(
            "invoice_grace_period subscription_invoice_issuing_date_anchor subscription_invoice_issuing_date_adjustment"
        ),
        kept={_DOCUMENTS: "invoice_footer document_locale"},
        licensed="invoice_grace_period",
    ),
    "BillingEntityInput": InputFields(
        simulated=(
            "code document_number_prefix finalize_zero_amount_invoice billing_configuration "
            "net_payment_term timezone email_settings einvoicing"
        ),
        kept={
            _LABEL: "name",
            "an invoice has the currency of its plan, of its customer or of its request": "default_currency",
            _ADDRESS: "address_line1 address_line2 city state country zipcode",
            _CONTACT: "email legal_name legal_number tax_identification_number phone",
        },
        ignored={"a picture for documents; `logo_url` stays null": "logo"},
        refused={
            _rule("billing_entity", "document_numbering"): "document_numbering",
            _rule("billing_entity", "eu_tax_management"): "eu_tax_management",
        },
        licensed=_ALL,
    ),
    "BillingEntityUpdateInput": InputFields(
        simulated=(
            "document_number_prefix finalize_zero_amount_invoice billing_configuration "
            "net_payment_term timezone tax_codes email_settings einvoicing"
        ),
        kept={
            _LABEL: "name",
            "an invoice has the currency of its plan, of its customer or of its request": "default_currency",
            _ADDRESS: "address_line1 address_line2 city state country zipcode",
            _CONTACT: "email legal_name legal_number tax_identification_number phone",
        },
        ignored={"a picture for documents; `logo_url` stays null": "logo", _SECTIONS: "invoice_custom_section_codes"},
        refused={
            _rule("billing_entity", "document_numbering"): "document_numbering",
            _rule("billing_entity", "eu_tax_management"): "eu_tax_management",
        },
        licensed="timezone email_settings",
    ),
    "GraduatedRangeInput": InputFields(simulated="from_value to_value flat_amount per_unit_amount"),
    "GraduatedPercentageRangeInput": InputFields(simulated="from_value to_value rate flat_amount", licensed=_ALL),
    "PresentationGroupKeyOptionsInput": InputFields(kept={_DOCUMENTS: "display_in_invoice"}),
    "PresentationGroupKeyInput": InputFields(simulated="value", kept={_DOCUMENTS: "options"}),
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
        simulated="invoice_display_name properties", ignored={_FIXED: "values"}, refused={CASCADE: "cascade_updates"}
    ),
    "ChargeFilterDestroyInput": InputFields(refused={CASCADE: "cascade_updates"}),
    "AppliedPricingUnitInput": InputFields(refused={_rule("charge", "applied_pricing_unit"): "code conversion_rate"}),
    "ChargeInput": InputFields(
        simulated=(
            "billable_metric_id charge_model invoice_display_name min_amount_cents properties filters "
            "tax_codes code pay_in_advance invoiceable regroup_paid_fees prorated"
        ),
        refused={
            _rule("charge", "applied_pricing_unit"): "applied_pricing_unit",
            CASCADE: "cascade_updates",
            _rule("charge", "accepts_target_wallet"): "accepts_target_wallet",
        },
        licensed="min_amount_cents invoiceable regroup_paid_fees",
    ),
    "ChargeUpdateInput": InputFields(
        simulated=(
            "invoice_display_name min_amount_cents properties filters tax_codes billable_metric_id "
            "code charge_model pay_in_advance invoiceable regroup_paid_fees prorated"
        ),
        refused={
            _rule("charge", "applied_pricing_unit"): "applied_pricing_unit",
            CASCADE: "cascade_updates",
            _rule("charge", "accepts_target_wallet"): "accepts_target_wallet",
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
        kept={_LABEL: "code"},
        refused={CASCADE: "cascade_updates"},
    ),
    "FixedChargeUpdateInput": InputFields(
        simulated="invoice_display_name units apply_units_immediately properties tax_codes charge_model",
        kept={_LABEL: "code"},
        ignored={_FIXED: "add_on_id add_on_code pay_in_advance prorated"},
        refused={CASCADE: "cascade_updates"},
    ),
    "FixedChargeDestroyInput": InputFields(refused={CASCADE: "cascade_updates"}),
    "SubscriptionChargeInput": InputFields(
        simulated="invoice_display_name min_amount_cents properties filters tax_codes",
        refused={_rule("charge", "applied_pricing_unit"): "applied_pricing_unit"},
        licensed=_ALL,
    ),
    "SubscriptionFixedChargeInput": InputFields(
        simulated="invoice_display_name units apply_units_immediately properties tax_codes", licensed=_ALL
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
    "CreditNoteItemInput": InputFields(simulated="fee_id amount_cents", licensed=_ALL),
    "CreditNoteInput": InputFields(
        simulated="invoice_id items credit_amount_cents refund_amount_cents offset_amount_cents",
        kept={_LABEL: "reason description", _METADATA: "metadata"},
        licensed=("items reason description credit_amount_cents refund_amount_cents offset_amount_cents metadata"),
    ),
    "CreditNoteUpdateInput": InputFields(
        kept={"a state that only shows itself": "refund_status", _METADATA: "metadata"}, licensed=_ALL
    ),
    "CreditNoteEstimateInput": InputFields(simulated="invoice_id items", licensed="items"),
    "AddressInput": InputFields(simulated="address_line1 address_line2 city country state zipcode"),
    "CustomerBillingConfigurationInput": InputFields(
        simulated=(
            "invoice_grace_period subscription_invoice_issuing_date_anchor "
            "subscription_invoice_issuing_date_adjustment payment_provider payment_provider_code "
            "provider_customer_id sync_with_provider document_locale provider_payment_methods"
        ),
        ignored={"whether the server waits for the payment provider": "sync"},
        licensed="invoice_grace_period",
    ),
    "IntegrationCustomerInput": InputFields(
        refused={
            _rule("customer", "integration_customers"): (
                "id code integration_type integration_code external_customer_id sync_with_provider "
                "subsidiary_id targeted_object"
            )
        }
    ),
    "CustomerMetadataInput": InputFields(simulated="id key value display_in_invoice"),
    "CustomerInput": InputFields(
        simulated=(
            "external_id customer_type billing_entity_code name firstname lastname email phone url "
            "logo_url legal_name legal_number tax_identification_number address_line1 address_line2 "
            "city state zipcode country currency timezone net_payment_term external_salesforce_id "
            "finalize_zero_amount_invoice skip_invoice_custom_sections tax_codes "
            "billing_configuration shipping_address metadata"
        ),
        ignored={_SECTIONS: "invoice_custom_section_codes"},
        refused={
            _rule("customer", "account_type"): "account_type",
            _rule("customer", "integration_customers"): "integration_customers",
        },
        licensed="timezone",
    ),
    "ResendEmailInput": InputFields(simulated="to cc bcc", licensed=_ALL),
    "EventInput": InputFields(
        simulated="transaction_id external_subscription_id code timestamp properties",
        kept={_DYNAMIC: "precise_total_amount_cents"},
    ),
    "EventEstimateInput": InputFields(
        simulated="external_subscription_id code transaction_id properties",
        ignored={"an estimate is for now, on the server too": "timestamp", _DYNAMIC: "precise_total_amount_cents"},
    ),
    "PrivilegeConfigInput": InputFields(simulated="select_options"),
    "PrivilegeInput": InputFields(simulated="code name value_type config"),
    "FeatureInput": InputFields(
        simulated="code name description", kept={"a privilege counts once a plan has a value for it": "privileges"}
    ),
    "FeatureUpdateInput": InputFields(
        simulated="name description", kept={"a privilege counts once a plan has a value for it": "privileges"}
    ),
    "FeeUpdateInput": InputFields(simulated="payment_status"),
    "InvoiceCustomSectionsInput": InputFields(
        ignored={_SECTIONS: "skip_invoice_custom_sections invoice_custom_section_codes"}
    ),
    "PaymentMethodReferenceInput": InputFields(simulated="payment_method_type payment_method_id"),
    "InvoiceFeeInput": InputFields(
        simulated="add_on_code unit_amount_cents units from_datetime to_datetime tax_codes",
        kept={_LABEL: "invoice_display_name description"},
    ),
    "InvoiceInput": InputFields(
        simulated="external_customer_id fees currency",
        kept={_LABEL: "purchase_order_number"},
        ignored={_SECTIONS: "invoice_custom_section", _NO_PROVIDER: "payment_method skip_psp"},
        refused={_rule("invoice", "billing_entity_code"): "billing_entity_code"},
    ),
    "InvoiceMetadataInput": InputFields(simulated="id key", kept={_LABEL: "value"}),
    "InvoiceUpdateInput": InputFields(simulated="payment_status", kept={_METADATA: "metadata"}),
    "InvoiceVoidInput": InputFields(simulated="generate_credit_note refund_amount credit_amount", licensed=_ALL),
    "PaymentRetryInput": InputFields(ignored={_NO_PROVIDER: "payment_method"}),
    "InvoicePreviewIntegrationCustomerInput": InputFields(refused={_INTEGRATIONS: "integration_type integration_code"}),
    "InvoicePreviewCustomerInput": InputFields(
        simulated="external_id timezone",
        kept={
            _ADDRESS: "address_line1 address_line2 city country shipping_address state zipcode",
            _LABEL: "name",
            "the currency of the plan counts": "currency",
            _CONTACT: "tax_identification_number",
        },
        refused={_INTEGRATIONS: "integration_customers"},
        licensed=_ALL,
    ),
    "InvoicePreviewCouponInput": InputFields(
        simulated="code coupon_type amount_cents amount_currency percentage_rate",
        kept={_LABEL: "name"},
        ignored={
            "a preview takes each coupon once, on the server too": (
                "frequency_duration frequency frequency_duration_remaining"
            )
        },
        licensed=_ALL,
    ),
    "InvoicePreviewSubscriptionsInput": InputFields(
        simulated="external_ids",
        refused={
            _rule("previewed_subscriptions", "plan_code"): "plan_code",
            _rule("previewed_subscriptions", "terminated_at"): "terminated_at",
        },
        licensed=_ALL,
    ),
    "InvoicePreviewInput": InputFields(
        simulated="customer plan_code subscription_at billing_time coupons subscriptions",
        refused={_rule("invoice", "billing_entity_code"): "billing_entity_code"},
        licensed="customer plan_code subscription_at billing_time coupons",
    ),
    "OrderFormMarkAsSignedInput": InputFields(simulated="signed_document execution_mode execute_at", licensed=_ALL),
    "OrderExecuteInput": InputFields(simulated="execution_mode", licensed=_ALL),
    "OrganizationBillingConfigurationInput": InputFields(
        simulated="invoice_grace_period",
        kept={_DOCUMENTS: "invoice_footer document_locale"},
        licensed="invoice_grace_period",
    ),
    "OrganizationUpdateInput": InputFields(
        simulated=(
            "webhook_url document_number_prefix net_payment_term timezone billing_configuration "
            "finalize_zero_amount_invoice"
        ),
        kept={
            _ADDRESS: "country address_line1 address_line2 state zipcode city",
            "an invoice has the currency of its plan, of its customer or of its request": "default_currency",
            _CONTACT: "email legal_name legal_number tax_identification_number",
            _LABEL: "email_settings slug",
        },
        refused={_rule("billing_entity", "document_numbering"): "document_numbering"},
        licensed="timezone email_settings",
    ),
    "PaymentRequestInput": InputFields(
        simulated="external_customer_id lago_invoice_ids", kept={_CONTACT: "email"}, licensed=_ALL
    ),
    "PaymentInput": InputFields(
        simulated="invoice_id amount_cents paid_at",
        kept={_LABEL: "reference"},
        licensed="amount_cents reference paid_at",
    ),
    "MinimumCommitmentInput": InputFields(simulated="amount_cents invoice_display_name tax_codes", licensed=_ALL),
    "UsageThresholdInput": InputFields(simulated="amount_cents threshold_display_name recurring", licensed=_ALL),
    "PlanInput": InputFields(
        simulated=(
            "name code interval amount_cents amount_currency pay_in_advance invoice_display_name "
            "trial_period bill_charges_monthly bill_fixed_charges_monthly tax_codes "
            "minimum_commitment charges fixed_charges usage_thresholds"
        ),
        kept={_LABEL: "description", _METADATA: "metadata"},
        licensed="minimum_commitment usage_thresholds",
    ),
    "PlanChargeUpdateInput": InputFields(
        simulated=(
            "id billable_metric_id code charge_model pay_in_advance invoiceable regroup_paid_fees "
            "invoice_display_name prorated min_amount_cents properties filters tax_codes"
        ),
        refused={
            _rule("charge", "applied_pricing_unit"): "applied_pricing_unit",
            _rule("charge", "accepts_target_wallet"): "accepts_target_wallet",
        },
        licensed="invoiceable regroup_paid_fees min_amount_cents",
    ),
    "PlanFixedChargeUpdateInput": InputFields(
        simulated="id invoice_display_name units charge_model properties tax_codes apply_units_immediately",
        kept={_LABEL: "code"},
        ignored={_FIXED: "add_on_id pay_in_advance prorated"},
    ),
    "PlanUpdateInput": InputFields(
        simulated=(
            "name invoice_display_name code interval amount_cents amount_currency trial_period "
            "pay_in_advance bill_charges_monthly bill_fixed_charges_monthly tax_codes "
            "minimum_commitment charges fixed_charges usage_thresholds"
        ),
        kept={_LABEL: "description", _METADATA: "metadata"},
        refused={CASCADE: "cascade_updates"},
        licensed="minimum_commitment usage_thresholds",
    ),
    "PlanOverrideChargeInput": InputFields(
        simulated="id invoice_display_name min_amount_cents properties filters tax_codes",
        ignored={"an override does not change it, on the server either": "billable_metric_id code charge_model"},
        refused={_rule("charge", "applied_pricing_unit"): "applied_pricing_unit"},
        licensed=_ALL,
    ),
    "PlanOverrideFixedChargeInput": InputFields(
        simulated="id invoice_display_name units apply_units_immediately properties tax_codes", licensed=_ALL
    ),
    "PlanOverridesInput": InputFields(
        simulated=(
            "amount_cents amount_currency invoice_display_name name tax_codes trial_period "
            "minimum_commitment charges fixed_charges usage_thresholds"
        ),
        kept={_LABEL: "description"},
        licensed=_ALL,
    ),
    "ProductCategoryInput": InputFields(simulated="code", kept={_CATALOGUE: "name description invoice_display_name"}),
    "ProductCategoryUpdateInput": InputFields(kept={_CATALOGUE: "name code description invoice_display_name"}),
    "ProductInput": InputFields(
        simulated="code product_type billable_metric_code",
        kept={_CATALOGUE: "name description invoice_display_name product_category_code"},
    ),
    "ProductUpdateInput": InputFields(
        simulated="code", kept={_CATALOGUE: "name description invoice_display_name product_category_code"}
    ),
    "ProductFilterValueInput": InputFields(simulated="key", kept={_CATALOGUE: "value"}),
    "ProductFilterInput": InputFields(kept={_CATALOGUE: "name code values description invoice_display_name"}),
    "ProductFilterUpdateInput": InputFields(kept={_CATALOGUE: "name code description invoice_display_name values"}),
    "QuoteVersionApproveInput": InputFields(simulated="expires_at", licensed=_ALL),
    "RateCardRateInput": InputFields(
        simulated="rate_model",
        kept={
            _CATALOGUE: (
                "code effective_from billing_interval_unit rate_properties min_amount_cents "
                "billing_interval_count applied_pricing_unit_conversion_rate"
            )
        },
    ),
    "RateCardRateUpdateInput": InputFields(
        simulated="rate_model",
        kept={
            _CATALOGUE: (
                "code effective_from billing_interval_unit rate_properties min_amount_cents "
                "billing_interval_count applied_pricing_unit_conversion_rate"
            )
        },
    ),
    "RateCardInput": InputFields(
        simulated=(
            "product_filter_code proration display_on_invoice regroup_paid_fees "
            "applied_pricing_unit_code wallet_targetable rates"
        ),
        kept={_CATALOGUE: "product_code name code currency description billing_timing"},
        licensed="wallet_targetable",
    ),
    "RateCardUpdateInput": InputFields(
        simulated=(
            "currency billing_timing proration display_on_invoice regroup_paid_fees "
            "applied_pricing_unit_code wallet_targetable"
        ),
        kept={_CATALOGUE: "name code description"},
        licensed="wallet_targetable",
    ),
    "InvoiceSalesforceIdInput": InputFields(refused={_INTEGRATIONS: "external_id integration_code"}),
    "LifetimeUsageInput": InputFields(simulated="external_historical_usage_amount_cents"),
    "SubscriptionActivationRuleInput": InputFields(
        refused={_rule("subscription", "activation_rules"): "type timeout_hours"}
    ),
    "SubscriptionAuthorizationInput": InputFields(refused={_AUTHORIZATION: "amount_cents amount_currency"}),
    "SubscriptionInput": InputFields(
        simulated=(
            "external_customer_id plan_code external_id name billing_time ending_at subscription_at "
            "plan_overrides payment_method consolidate_invoice purchase_order_number "
            "progressive_billing_disabled usage_thresholds"
        ),
        ignored={_SECTIONS: "invoice_custom_section"},
        refused={
            _rule("subscription", "activation_rules"): "activation_rules",
            _rule("subscription", "billing_entity_id"): "billing_entity_id billing_entity_code",
        },
        licensed="plan_overrides usage_thresholds",
    ),
    "SubscriptionUpdateInput": InputFields(
        simulated=(
            "name ending_at subscription_at plan_overrides payment_method consolidate_invoice "
            "purchase_order_number progressive_billing_disabled usage_thresholds "
            "on_termination_credit_note on_termination_invoice"
        ),
        ignored={_SECTIONS: "invoice_custom_section"},
        refused={
            _rule("subscription", "activation_rules"): "activation_rules",
            _rule("subscription", "billing_entity_id"): "billing_entity_id billing_entity_code",
        },
        licensed="plan_overrides usage_thresholds",
    ),
    "TaxInput": InputFields(simulated="rate applied_to_organization", kept={_LABEL: "name code description"}),
    "TaxUpdateInput": InputFields(simulated="name code rate description applied_to_organization"),
    "WalletTransactionMetadataInput": InputFields(simulated="key value"),
    "WalletLimitsInput": InputFields(simulated="fee_types billable_metric_codes"),
    "WalletRecurringTransactionRuleInput": InputFields(
        simulated=(
            "trigger paid_credits granted_credits grants_target_top_up method interval started_at "
            "expiration_at threshold_credits target_ongoing_balance "
            "invoice_requires_successful_payment transaction_metadata transaction_name "
            "purchase_order_number ignore_paid_top_up_limits"
        ),
        kept={_NO_PROVIDER: "payment_method"},
        ignored={_SECTIONS: "invoice_custom_section"},
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
        kept={_NO_PROVIDER: "payment_method"},
        ignored={_SECTIONS: "invoice_custom_section"},
        licensed=_ALL,
    ),
    "WalletInput": InputFields(
        simulated=(
            "rate_amount currency priority paid_credits granted_credits external_customer_id "
            "expiration_at invoice_requires_successful_payment transaction_metadata transaction_name "
            "purchase_order_number applies_to paid_top_up_min_amount_cents "
            "paid_top_up_max_amount_cents ignore_paid_top_up_limits_on_creation "
            "recurring_transaction_rules transaction_priority"
        ),
        kept={_LABEL: "name code", _NO_PROVIDER: "payment_method", _METADATA: "metadata"},
        ignored={_SECTIONS: "invoice_custom_section"},
        refused={
            _rule("wallet", "billing_entity_id"): "billing_entity_id billing_entity_code",
        },
        licensed="recurring_transaction_rules",
    ),
    "WalletUpdateInput": InputFields(
        simulated=(
            "priority expiration_at invoice_requires_successful_payment purchase_order_number "
            "recurring_transaction_rules applies_to paid_top_up_min_amount_cents "
            "paid_top_up_max_amount_cents"
        ),
        kept={_LABEL: "name code", _NO_PROVIDER: "payment_method", _METADATA: "metadata"},
        ignored={_SECTIONS: "invoice_custom_section"},
        refused={_rule("wallet", "billing_entity_code"): "billing_entity_code"},
        licensed="recurring_transaction_rules",
    ),
    "WalletTransactionInput": InputFields(
        simulated=(
            "wallet_id name paid_credits granted_credits voided_credits "
            "invoice_requires_successful_payment ignore_paid_top_up_limits purchase_order_number "
            "payment_method metadata priority"
        ),
        ignored={_SECTIONS: "invoice_custom_section"},
        refused={_rule("wallet_transaction", "voided_transaction_id"): "voided_transaction_id"},
    ),
    "WebhookEndpointInput": InputFields(simulated="webhook_url signature_algo event_types", kept={_LABEL: "name"}),
    "WebhookEndpointUpdateInput": InputFields(
        simulated="webhook_url signature_algo event_types", kept={_LABEL: "name"}
    ),
}
"""The fields of each input, by the name of its model."""
