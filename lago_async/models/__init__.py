# GENERATED from the modules of lago_async/models by `python -m lago_sync.generate`. Do not edit.
"""Every model of the API; a resource group's models load when one of them is first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lago_async.models.base import *
    from lago_async.models.coupons import *
    from lago_async.models.customers import *
    from lago_async.models.taxes import *

_HOMES = {
    "AccountType": "customers",
    "Address": "customers",
    "AddressInput": "customers",
    "AggregationType": "customers",
    "AppliedCoupon": "coupons",
    "AppliedCouponStatus": "coupons",
    "ChargeModel": "customers",
    "ChargeUsage": "customers",
    "ChargeUsageFilter": "customers",
    "ChargeUsageGroup": "customers",
    "CouponFrequency": "coupons",
    "CouponStatus": "coupons",
    "Customer": "customers",
    "CustomerBillingConfiguration": "customers",
    "CustomerBillingConfigurationInput": "customers",
    "CustomerCheckoutUrl": "customers",
    "CustomerInput": "customers",
    "CustomerMetadata": "customers",
    "CustomerMetadataInput": "customers",
    "CustomerPortalUrl": "customers",
    "CustomerType": "customers",
    "CustomerUsage": "customers",
    "ErrorCode": "customers",
    "ErrorDetail": "customers",
    "FinalizeZeroAmountInvoice": "customers",
    "IntegrationCategory": "customers",
    "IntegrationCustomer": "customers",
    "IntegrationCustomerInput": "customers",
    "IntegrationType": "customers",
    "InvoiceCustomSection": "customers",
    "IssuingDateAdjustment": "customers",
    "IssuingDateAnchor": "customers",
    "Json": "base",
    "Open": "base",
    "PaymentProvider": "customers",
    "PresentationBreakdown": "customers",
    "PricingUnitDetails": "customers",
    "Tax": "taxes",
    "UNSET": "base",
    "UnsetType": "base",
    "Usage": "customers",
    "UsageBillableMetric": "customers",
    "UsageCharge": "customers",
    "UsagePeriod": "customers",
}

if not TYPE_CHECKING:
    __all__ = list(_HOMES)


def __getattr__(name: str) -> object:
    try:
        home = _HOMES[name]
    except KeyError:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None
    return globals().setdefault(name, getattr(import_module(f"{__name__}.{home}"), name))


def __dir__() -> list[str]:
    return sorted(_HOMES)
