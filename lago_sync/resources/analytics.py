# GENERATED from lago_async/resources/analytics.py by `python -m tools.generate`. Do not edit.
"""Revenue, invoices and usage over time. The results are complete lists, not pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.analytics import Analytics as AsyncAnalytics
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from datetime import date

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


class Analytics(Resource[AsyncAnalytics]):
    """Revenue, invoices and usage over time. The results are complete lists, not pages."""

    def find_all_gross_revenues(
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
        return self._run(
            self._async.find_all_gross_revenues,
            currency=currency,
            external_customer_id=external_customer_id,
            months=months,
            billing_entity_code=billing_entity_code,
        )

    def find_all_invoice_collections(
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
        return self._run(
            self._async.find_all_invoice_collections,
            currency=currency,
            months=months,
            billing_entity_code=billing_entity_code,
        )

    def find_all_invoiced_usages(
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
        return self._run(
            self._async.find_all_invoiced_usages,
            currency=currency,
            months=months,
            billing_entity_code=billing_entity_code,
        )

    def find_all_mrrs(
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
        return self._run(
            self._async.find_all_mrrs,
            currency=currency,
            months=months,
            billing_entity_code=billing_entity_code,
        )

    def find_all_overdue_balances(
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
        return self._run(
            self._async.find_all_overdue_balances,
            currency=currency,
            external_customer_id=external_customer_id,
            months=months,
            billing_entity_code=billing_entity_code,
        )

    def find_all_usages(
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
        return self._run(
            self._async.find_all_usages,
            time_granularity=time_granularity,
            currency=currency,
            from_date=from_date,
            to_date=to_date,
            customer_type=customer_type,
            external_customer_id=external_customer_id,
            customer_country=customer_country,
            external_subscription_id=external_subscription_id,
            is_billable_metric_recurring=is_billable_metric_recurring,
            plan_code=plan_code,
            billable_metric_code=billable_metric_code,
        )
