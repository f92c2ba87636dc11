"""Enumerations that several groups of the API share."""

from typing import Literal

__all__ = [
    "AggregationType",
    "BillingInterval",
    "BillingTime",
    "ChargeModel",
    "ErrorCode",
    "FeePaymentStatus",
    "FixedChargeModel",
    "IntegrationType",
    "IssuingDateAdjustment",
    "IssuingDateAnchor",
    "PaymentMethodType",
    "PaymentProvider",
    "PaymentStatus",
    "PrivilegeType",
]

AggregationType = Literal[
    "count_agg",
    "sum_agg",
    "max_agg",
    "unique_count_agg",
    "recurring_count_agg",
    "weighted_sum_agg",
    "latest_agg",
    "custom_agg",
]
ChargeModel = Literal[
    "standard", "graduated", "package", "percentage", "volume", "graduated_percentage", "custom", "dynamic"
]
FixedChargeModel = Literal["standard", "graduated", "volume"]
BillingInterval = Literal["weekly", "monthly", "quarterly", "semiannual", "yearly"]
PaymentStatus = Literal["pending", "succeeded", "failed"]
FeePaymentStatus = Literal["pending", "succeeded", "failed", "refunded"]
PaymentProvider = Literal["stripe", "gocardless", "cashfree", "adyen", "flutterwave", "moneyhash"]
IntegrationType = Literal["netsuite", "anrok", "avalara", "xero", "hubspot", "salesforce"]
ErrorCode = Literal["not_provided", "tax_error", "tax_voiding_error", "invoice_generation_error"]
IssuingDateAnchor = Literal["current_period_end", "next_period_start"]
IssuingDateAdjustment = Literal["keep_anchor", "align_with_finalization_date"]
PaymentMethodType = Literal["provider", "manual"]
BillingTime = Literal["calendar", "anniversary"]
PrivilegeType = Literal["integer", "boolean", "string", "select"]
