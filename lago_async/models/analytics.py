"""Models of analytics."""

from datetime import date
from decimal import Decimal
from typing import Literal

from lago_async.models._base import Open, Timestamp, response_model
from lago_async.models.enums import PaymentStatus

__all__ = [
    "GrossRevenue",
    "InvoiceCollection",
    "InvoicedUsage",
    "Mrr",
    "OverdueBalance",
    "TimeGranularity",
    "UsageAnalytics",
]

TimeGranularity = Literal["daily", "weekly", "monthly"]


@response_model
class GrossRevenue:
    """Revenue of a month in one currency: finalised invoices and fees paid in advance, discounts and taxes excluded.

    Attributes:
        month: The start of the month.
        billing_entity_id: Set if the call filtered by one entity; not in Lago's public description.
    """

    month: Timestamp
    amount_cents: int
    currency: str
    invoices_count: int
    billing_entity_id: str | None


@response_model
class InvoiceCollection:
    """Finalised invoices of a month in one currency and payment status.

    Attributes:
        month: The start of the month.
    """

    month: Timestamp
    payment_status: Open[PaymentStatus] | None
    invoices_count: int
    amount_cents: int
    currency: str | None


@response_model
class InvoicedUsage:
    """Invoiced usage of a month in one currency and of one metric.

    Attributes:
        month: The start of the month.
        code: The code of the billable metric.
        amount_cents: May have a fraction: discounts are subtracted before rounding.
    """

    month: Timestamp
    code: str | None
    amount_cents: Decimal
    currency: str


@response_model
class Mrr:
    """Monthly recurring revenue in one currency. Fees of longer periods are spread over their months.

    Attributes:
        month: The start of the month.
        amount_cents: May have a fraction: a twelfth of a yearly fee. None for a month without revenue.
        currency: None for a month without revenue.
    """

    month: Timestamp
    amount_cents: Decimal | None
    currency: str | None


@response_model
class OverdueBalance:
    """The overdue balance of a month in one currency.

    Attributes:
        month: The start of the month.
        billing_entity_id: Set if the call filtered by one entity; not in Lago's public description.
    """

    month: Timestamp
    amount_cents: int
    currency: str
    lago_invoice_ids: list[str]
    billing_entity_id: str | None


@response_model
class UsageAnalytics:
    """Usage of one billable metric in one time interval.

    Attributes:
        amount_cents: Taxes excluded.
    """

    organization_id: str
    start_of_period_dt: date | None
    end_of_period_dt: date | None
    amount_currency: str
    amount_cents: int
    billable_metric_code: str | None
    units: Decimal | None
    is_billable_metric_deleted: bool | None
