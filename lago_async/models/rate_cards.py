"""Models of rate cards, which put a price on products, and of their rates."""

from decimal import Decimal
from typing import Literal

from lago_async.models._base import UNSET, Json, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models._date_or_datetime import DateOrDatetime
from lago_async.models.enums import ChargeModel

__all__ = [
    "BillingTiming",
    "PaidFeesRegrouping",
    "RateCard",
    "RateCardInput",
    "RateCardRate",
    "RateCardRateInput",
    "RateCardRateUpdateInput",
    "RateCardUpdateInput",
    "RateIntervalUnit",
    "RateStatus",
]

BillingTiming = Literal["arrears", "advance"]
PaidFeesRegrouping = Literal["none", "invoice"]
RateStatus = Literal["pending", "active", "terminated"]
RateIntervalUnit = Literal["day", "week", "month", "year"]


@response_model
class RateCardRate:
    """The price of a rate card from one time on.

    Attributes:
        effective_from: In arrears, the beginning of a day in UTC.
        status: ``active`` until the next rate takes effect, and ``terminated`` from then on.
        rate_properties: The parameters of ``rate_model``, named like the properties of a charge.
        min_amount_cents: The least amount of one billing interval; always 0 in advance.
        applied_pricing_unit_conversion_rate: Only for a rate card in a pricing unit.
    """

    lago_id: str
    code: str
    effective_from: Timestamp
    status: Open[RateStatus]
    rate_model: Open[ChargeModel]
    rate_properties: dict[str, Json]
    min_amount_cents: int
    billing_interval_count: int
    billing_interval_unit: Open[RateIntervalUnit]
    applied_pricing_unit_conversion_rate: Decimal | None
    created_at: Timestamp
    updated_at: Timestamp


@response_model
class RateCard:
    """The prices of a product, or of one of its filters, in one currency.

    Attributes:
        product_filter_code: The part of the product's usage that it prices; None for all of it.
        display_on_invoice: Whether fees are on an invoice; false only in advance.
        regroup_paid_fees: Whether paid fees that are not shown are collected on one invoice.
        active_rate: The rate in force; None without one, and in lists.
    """

    lago_id: str
    product_code: str
    product_filter_code: str | None
    name: str
    code: str
    description: str | None
    currency: str
    billing_timing: Open[BillingTiming]
    proration: bool
    display_on_invoice: bool
    regroup_paid_fees: Open[PaidFeesRegrouping]
    applied_pricing_unit_code: str | None
    wallet_targetable: bool | None
    rates_count: int
    created_at: Timestamp
    updated_at: Timestamp
    active_rate: RateCardRate | None


@input_model
class RateCardRateInput:
    """A rate to create.

    Attributes:
        effective_from: Later than the active rate, and not that of another rate. In arrears, the server takes the
            beginning of that day in UTC.
        rate_properties: What ``rate_model`` needs, for example ``{"amount": "10"}`` for ``standard``; amounts are
            strings.
        min_amount_cents: The least amount of one billing interval; only in arrears.
        billing_interval_count: By default 1.
        applied_pricing_unit_conversion_rate: Required for a rate card in a pricing unit.
    """

    code: str
    effective_from: DateOrDatetime
    rate_model: Open[ChargeModel]
    billing_interval_unit: Open[RateIntervalUnit]
    rate_properties: dict[str, Json] | UnsetType = UNSET
    min_amount_cents: int | None | UnsetType = UNSET
    billing_interval_count: int | None | UnsetType = UNSET
    applied_pricing_unit_conversion_rate: Decimal | None | UnsetType = UNSET


@input_model
class RateCardRateUpdateInput:
    """Changes to a rate. Of an active rate, only the code, ``rate_properties`` and the conversion rate can be sent.

    Attributes:
        rate_properties: Replaces all properties.
    """

    code: str | UnsetType = UNSET
    effective_from: DateOrDatetime | UnsetType = UNSET
    rate_model: Open[ChargeModel] | UnsetType = UNSET
    billing_interval_unit: Open[RateIntervalUnit] | UnsetType = UNSET
    rate_properties: dict[str, Json] | UnsetType = UNSET
    min_amount_cents: int | UnsetType = UNSET
    billing_interval_count: int | UnsetType = UNSET
    applied_pricing_unit_conversion_rate: Decimal | None | UnsetType = UNSET


@input_model
class RateCardInput:
    """A rate card to create.

    Attributes:
        product_filter_code: A filter of the product; by default, the card prices the product as a whole.
        code: Spaces around it are removed.
        currency: ISO 4217.
        billing_timing: By default ``arrears``.
        proration: By default off. The metric of the product must be recurring.
        display_on_invoice: By default on. Off is only allowed in advance.
        regroup_paid_fees: By default ``none``. ``invoice`` is only allowed in advance, with ``display_on_invoice`` off.
        rates: Rates to create with the card.
    """

    product_code: str
    name: str
    code: str
    currency: str
    product_filter_code: str | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    billing_timing: Open[BillingTiming] | None | UnsetType = UNSET
    proration: bool | None | UnsetType = UNSET
    display_on_invoice: bool | None | UnsetType = UNSET
    regroup_paid_fees: Open[PaidFeesRegrouping] | None | UnsetType = UNSET
    applied_pricing_unit_code: str | None | UnsetType = UNSET
    wallet_targetable: bool | None | UnsetType = UNSET
    rates: list[RateCardRateInput] | None | UnsetType = UNSET


@input_model
class RateCardUpdateInput:
    """Changes to a rate card. Once it has rates, only its name, code and description can change.

    Attributes:
        code: Cannot change while a plan has the card.
        regroup_paid_fees: None is ``none``.
    """

    name: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    currency: str | UnsetType = UNSET
    billing_timing: Open[BillingTiming] | UnsetType = UNSET
    proration: bool | UnsetType = UNSET
    display_on_invoice: bool | UnsetType = UNSET
    regroup_paid_fees: Open[PaidFeesRegrouping] | None | UnsetType = UNSET
    applied_pricing_unit_code: str | None | UnsetType = UNSET
    wallet_targetable: bool | None | UnsetType = UNSET
