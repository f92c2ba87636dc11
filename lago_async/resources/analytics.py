"""Revenue, invoices and usage over time. The results are complete lists, not pages."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from lago_async.resources._base import Resource, get

if TYPE_CHECKING:
    from lago_async.models import (
        CustomerType,
        GrossRevenue,
        InvoiceCollection,
        InvoicedUsage,
        Mrr,
        OverdueBalance,
        TimeGranularity,
        UsageAnalytics,
    )

__all__ = ["Analytics"]


class Analytics(Resource):
    """Revenue, invoices and usage over time. The results are complete lists, not pages."""

    @get("find_all_gross_revenues", "/analytics/gross_revenue", root="gross_revenues")
    async def find_all_gross_revenues(
        self,
        *,
        currency: str | None = None,
        external_customer_id: str | None = None,
        months: int | None = None,
        billing_entity_code: str | None = None,
    ) -> list[GrossRevenue]:
        """Return revenue by month and currency: finalised invoices and fees paid in advance.

        Args:
            currency: Only this currency, ISO 4217.
            external_customer_id: Only this customer, by your id.
            months: Only this many months back.
            billing_entity_code: Only this billing entity.

        API operation: findAllGrossRevenues.
        """

    @get(
        "find_all_invoice_collections", "/analytics/invoice_collection", root="invoice_collections", gates=("premium",)
    )
    async def find_all_invoice_collections(
        self, *, currency: str | None = None, months: int | None = None, billing_entity_code: str | None = None
    ) -> list[InvoiceCollection]:
        """List finalised invoices by month, currency and payment status.

        Needs a premium licence.

        Args:
            currency: Only this currency, ISO 4217.
            months: Only this many months back.
            billing_entity_code: Only this billing entity.

        Raises:
            ForbiddenError: ``feature_unavailable``: the server has no premium licence.

        API operation: findAllInvoiceCollections.
        """

    @get("find_all_invoiced_usages", "/analytics/invoiced_usage", root="invoiced_usages", gates=("premium",))
    async def find_all_invoiced_usages(
        self, *, currency: str | None = None, months: int | None = None, billing_entity_code: str | None = None
    ) -> list[InvoicedUsage]:
        """Return invoiced usage by month, currency and billable metric, without the running period.

        Needs a premium licence.

        Args:
            currency: Only this currency, ISO 4217.
            months: Only this many months back.
            billing_entity_code: Only this billing entity.

        Raises:
            ForbiddenError: ``feature_unavailable``: the server has no premium licence.

        API operation: findAllInvoicedUsages.
        """

    @get("find_all_mrrs", "/analytics/mrr", root="mrrs", gates=("premium",))
    async def find_all_mrrs(
        self, *, currency: str | None = None, months: int | None = None, billing_entity_code: str | None = None
    ) -> list[Mrr]:
        """Return monthly recurring revenue by month and currency.

        Needs a premium licence.

        Args:
            currency: Only this currency, ISO 4217.
            months: Only this many months back.
            billing_entity_code: Only this billing entity.

        Raises:
            ForbiddenError: ``feature_unavailable``: the server has no premium licence.

        API operation: findAllMrrs.
        """

    @get("find_all_overdue_balances", "/analytics/overdue_balance", root="overdue_balances")
    async def find_all_overdue_balances(
        self,
        *,
        currency: str | None = None,
        external_customer_id: str | None = None,
        months: int | None = None,
        billing_entity_code: str | None = None,
    ) -> list[OverdueBalance]:
        """Return overdue balances by month and currency.

        Args:
            currency: Only this currency, ISO 4217.
            external_customer_id: Only this customer, by your id.
            months: Only this many months back.
            billing_entity_code: Only this billing entity.

        API operation: findAllOverdueBalances.
        """

    @get("find_all_usages", "/analytics/usage", root="usages")
    async def find_all_usages(
        self,
        *,
        time_granularity: TimeGranularity | None = None,
        currency: str | None = None,
        from_date: date | None = None,
        to_date: date | None = None,
        customer_type: CustomerType | None = None,
        external_customer_id: str | None = None,
        customer_country: str | None = None,
        external_subscription_id: str | None = None,
        is_billable_metric_recurring: bool | None = None,
        plan_code: str | None = None,
        billable_metric_code: str | None = None,
    ) -> list[UsageAnalytics]:
        """Return usage by billable metric and time interval.

        Without a premium licence, the server returns the last 30 days by day, and filters only by
        ``billable_metric_code``.

        Args:
            time_granularity: The length of an interval; by default a day.
            currency: Only this currency, ISO 4217.
            from_date: This day or later.
            to_date: This day or earlier.
            customer_type: Only customers of this type.
            external_customer_id: Only this customer, by your id.
            customer_country: Only customers of this country, ISO 3166-1 alpha-2.
            external_subscription_id: Only this subscription, by your id.
            is_billable_metric_recurring: Only recurring metrics, or only the others.
            plan_code: Only this plan.
            billable_metric_code: Only this metric.

        API operation: findAllUsages.
        """
