"""The table of every field of every input: simulated, only kept, without effect, or refused.

``docs/simulated.md`` is generated from it. A test sets each field, lets time pass, and compares with the world without
it.
"""

from collections.abc import Mapping

from lago_async.sandbox._operations.input_treatment import (
    ADDRESS,
    ALL,
    CATALOGUE,
    CONTACT,
    DOCUMENTS,
    INTEGRATIONS,
    LABEL,
    METADATA,
    NO_PROVIDER,
    SECTIONS,
    InputFields,
    rule,
)
from lago_async.sandbox._operations.priced_input_fields import PRICED

_OTHERS: Mapping[str, InputFields] = {
    "AddOnInput": InputFields(
        simulated="name code amount_cents invoice_display_name description tax_codes",
        kept={"a one-off invoice has a currency of its own": "amount_currency"},
    ),
    "AddOnUpdateInput": InputFields(
        simulated="name invoice_display_name code amount_cents description tax_codes",
        kept={"a one-off invoice has a currency of its own": "amount_currency"},
    ),
    "AppliedRateCardInput": InputFields(simulated="rate_card_code", kept={CATALOGUE: "units"}),
    "AppliedRateCardUpdateInput": InputFields(kept={CATALOGUE: "units"}),
    "BillingEntityBillingConfigurationInput": InputFields(
        simulated=(
            "invoice_grace_period subscription_invoice_issuing_date_anchor subscription_invoice_issuing_date_adjustment"
        ),
        kept={DOCUMENTS: "invoice_footer document_locale"},
        licensed="invoice_grace_period",
    ),
    "BillingEntityInput": InputFields(
        simulated=(
            "code document_number_prefix finalize_zero_amount_invoice billing_configuration "
            "net_payment_term timezone email_settings einvoicing"
        ),
        kept={
            LABEL: "name",
            "an invoice has the currency of its plan, of its customer or of its request": "default_currency",
            ADDRESS: "address_line1 address_line2 city state country zipcode",
            CONTACT: "email legal_name legal_number tax_identification_number phone",
        },
        ignored={"a picture for documents; `logo_url` stays null": "logo"},
        refused={
            rule("billing_entity", "document_numbering"): "document_numbering",
            rule("billing_entity", "eu_tax_management"): "eu_tax_management",
        },
        licensed=ALL,
    ),
    "BillingEntityUpdateInput": InputFields(
        simulated=(
            "document_number_prefix finalize_zero_amount_invoice billing_configuration "
            "net_payment_term timezone tax_codes email_settings einvoicing"
        ),
        kept={
            LABEL: "name",
            "an invoice has the currency of its plan, of its customer or of its request": "default_currency",
            ADDRESS: "address_line1 address_line2 city state country zipcode",
            CONTACT: "email legal_name legal_number tax_identification_number phone",
        },
        ignored={"a picture for documents; `logo_url` stays null": "logo", SECTIONS: "invoice_custom_section_codes"},
        refused={
            rule("billing_entity", "document_numbering"): "document_numbering",
            rule("billing_entity", "eu_tax_management"): "eu_tax_management",
        },
        licensed="timezone email_settings",
    ),
    "CreditNoteItemInput": InputFields(simulated="fee_id amount_cents", licensed=ALL),
    "CreditNoteInput": InputFields(
        simulated="invoice_id items credit_amount_cents refund_amount_cents offset_amount_cents",
        kept={LABEL: "reason description", METADATA: "metadata"},
        licensed=("items reason description credit_amount_cents refund_amount_cents offset_amount_cents metadata"),
    ),
    "CreditNoteUpdateInput": InputFields(
        kept={"a state that only shows itself": "refund_status", METADATA: "metadata"}, licensed=ALL
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
            rule("customer", "integration_customers"): (
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
        ignored={SECTIONS: "invoice_custom_section_codes"},
        refused={
            rule("customer", "account_type"): "account_type",
            rule("customer", "integration_customers"): "integration_customers",
        },
        licensed="timezone",
    ),
    "ResendEmailInput": InputFields(simulated="to cc bcc", licensed=ALL),
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
        ignored={SECTIONS: "skip_invoice_custom_sections invoice_custom_section_codes"}
    ),
    "PaymentMethodReferenceInput": InputFields(simulated="payment_method_type payment_method_id"),
    "InvoiceFeeInput": InputFields(
        simulated="add_on_code unit_amount_cents units from_datetime to_datetime tax_codes",
        kept={LABEL: "invoice_display_name description"},
    ),
    "InvoiceInput": InputFields(
        simulated="external_customer_id fees currency",
        kept={LABEL: "purchase_order_number"},
        ignored={SECTIONS: "invoice_custom_section", NO_PROVIDER: "payment_method skip_psp"},
        refused={rule("invoice", "billing_entity_code"): "billing_entity_code"},
    ),
    "InvoiceMetadataInput": InputFields(simulated="id key", kept={LABEL: "value"}),
    "InvoiceUpdateInput": InputFields(simulated="payment_status", kept={METADATA: "metadata"}),
    "InvoiceVoidInput": InputFields(simulated="generate_credit_note refund_amount credit_amount", licensed=ALL),
    "PaymentRetryInput": InputFields(ignored={NO_PROVIDER: "payment_method"}),
    "InvoicePreviewIntegrationCustomerInput": InputFields(refused={INTEGRATIONS: "integration_type integration_code"}),
    "InvoicePreviewCustomerInput": InputFields(
        simulated="external_id timezone",
        kept={
            ADDRESS: "address_line1 address_line2 city country shipping_address state zipcode",
            LABEL: "name",
            "the currency of the plan counts": "currency",
            CONTACT: "tax_identification_number",
        },
        refused={INTEGRATIONS: "integration_customers"},
        licensed=ALL,
    ),
    "InvoicePreviewCouponInput": InputFields(
        simulated="code coupon_type amount_cents amount_currency percentage_rate",
        kept={LABEL: "name"},
        ignored={
            "a preview takes each coupon once, on the server too": (
                "frequency_duration frequency frequency_duration_remaining"
            )
        },
        licensed=ALL,
    ),
    "InvoicePreviewSubscriptionsInput": InputFields(
        simulated="external_ids",
        refused={
            rule("previewed_subscriptions", "plan_code"): "plan_code",
            rule("previewed_subscriptions", "terminated_at"): "terminated_at",
        },
        licensed=ALL,
    ),
    "InvoicePreviewInput": InputFields(
        simulated="customer plan_code subscription_at billing_time coupons subscriptions",
        refused={rule("invoice", "billing_entity_code"): "billing_entity_code"},
        licensed="customer plan_code subscription_at billing_time coupons",
    ),
    "OrderFormMarkAsSignedInput": InputFields(simulated="signed_document execution_mode execute_at", licensed=ALL),
    "OrderExecuteInput": InputFields(simulated="execution_mode", licensed=ALL),
    "OrganizationBillingConfigurationInput": InputFields(
        simulated="invoice_grace_period",
        kept={DOCUMENTS: "invoice_footer document_locale"},
        licensed="invoice_grace_period",
    ),
    "OrganizationUpdateInput": InputFields(
        simulated=(
            "webhook_url document_number_prefix net_payment_term timezone billing_configuration "
            "finalize_zero_amount_invoice"
        ),
        kept={
            ADDRESS: "country address_line1 address_line2 state zipcode city",
            "an invoice has the currency of its plan, of its customer or of its request": "default_currency",
            CONTACT: "email legal_name legal_number tax_identification_number",
            LABEL: "email_settings slug",
        },
        refused={rule("billing_entity", "document_numbering"): "document_numbering"},
        licensed="timezone email_settings",
    ),
    "PaymentRequestInput": InputFields(
        simulated="external_customer_id lago_invoice_ids", kept={CONTACT: "email"}, licensed=ALL
    ),
    "PaymentInput": InputFields(
        simulated="invoice_id amount_cents paid_at",
        kept={LABEL: "reference"},
        licensed="amount_cents reference paid_at",
    ),
    "ProductCategoryInput": InputFields(simulated="code", kept={CATALOGUE: "name description invoice_display_name"}),
    "ProductCategoryUpdateInput": InputFields(kept={CATALOGUE: "name code description invoice_display_name"}),
    "ProductInput": InputFields(
        simulated="code product_type billable_metric_code",
        kept={CATALOGUE: "name description invoice_display_name product_category_code"},
    ),
    "ProductUpdateInput": InputFields(
        simulated="code", kept={CATALOGUE: "name description invoice_display_name product_category_code"}
    ),
    "ProductFilterValueInput": InputFields(simulated="key", kept={CATALOGUE: "value"}),
    "ProductFilterInput": InputFields(kept={CATALOGUE: "name code values description invoice_display_name"}),
    "ProductFilterUpdateInput": InputFields(kept={CATALOGUE: "name code description invoice_display_name values"}),
    "QuoteVersionApproveInput": InputFields(simulated="expires_at", licensed=ALL),
    "RateCardRateInput": InputFields(
        simulated="rate_model",
        kept={
            CATALOGUE: (
                "code effective_from billing_interval_unit rate_properties min_amount_cents "
                "billing_interval_count applied_pricing_unit_conversion_rate"
            )
        },
    ),
    "RateCardRateUpdateInput": InputFields(
        simulated="rate_model",
        kept={
            CATALOGUE: (
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
        kept={CATALOGUE: "product_code name code currency description billing_timing"},
        licensed="wallet_targetable",
    ),
    "RateCardUpdateInput": InputFields(
        simulated=(
            "currency billing_timing proration display_on_invoice regroup_paid_fees "
            "applied_pricing_unit_code wallet_targetable"
        ),
        kept={CATALOGUE: "name code description"},
        licensed="wallet_targetable",
    ),
    "InvoiceSalesforceIdInput": InputFields(refused={INTEGRATIONS: "external_id integration_code"}),
    "TaxInput": InputFields(simulated="rate applied_to_organization", kept={LABEL: "name code description"}),
    "TaxUpdateInput": InputFields(simulated="name code rate description applied_to_organization"),
    "WebhookEndpointInput": InputFields(simulated="webhook_url signature_algo event_types", kept={LABEL: "name"}),
    "WebhookEndpointUpdateInput": InputFields(simulated="webhook_url signature_algo event_types", kept={LABEL: "name"}),
}

INPUTS: Mapping[str, InputFields] = {**PRICED, **_OTHERS}
"""The fields of each input, by the name of its model."""
