# GENERATED from lago_async/resources/billable_metrics.py by `python -m tools.generate`. Do not edit.
"""Billable metrics: the definitions of how events are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.billable_metrics import BillableMetrics as AsyncBillableMetrics
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from lago_async._table.query import PositiveInt
    from lago_async.models import (
        BillableMetric,
        BillableMetricInput,
        BillableMetricInputDict,
        BillableMetricUpdateInput,
        BillableMetricUpdateInputDict,
        ExpressionInput,
        ExpressionInputDict,
        ExpressionResult,
    )
    from lago_sync.pager import Pager

__all__ = ["BillableMetrics"]


class BillableMetrics(Resource[AsyncBillableMetrics]):
    """Billable metrics: the definitions of how events are counted."""

    def create(self, billable_metric: BillableMetricInput | BillableMetricInputDict, /) -> BillableMetric:
        """Create a billable metric.

        Args:
            billable_metric: A ``BillableMetricInput``, or a mapping with its fields.

        Raises:
            ForbiddenError: ``feature_unavailable``: the organisation may not use ``custom_agg``.
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createBillableMetric.
        """
        return self._run(self._async.create, billable_metric)

    def find(self, code: str) -> BillableMetric:
        """Find a billable metric by its code.

        Raises:
            NotFoundError: ``billable_metric_not_found``.

        API operation: findBillableMetric.
        """
        return self._run(self._async.find, code)

    def find_all(
        self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> Pager[BillableMetric]:
        """List billable metrics, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        API operation: findAllBillableMetrics.
        """
        return self._page(self._async.find_all, page=page, per_page=per_page)

    def update(
        self, code: str, billable_metric: BillableMetricUpdateInput | BillableMetricUpdateInputDict, /
    ) -> BillableMetric:
        """Change a billable metric; fields that are not given stay as they are.

        Args:
            code: The code of the metric.
            billable_metric: A ``BillableMetricUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``billable_metric_not_found``.
            ForbiddenError: ``feature_unavailable``: the organisation may not use ``custom_agg``.
            ValidationError: A field was refused.

        API operation: updateBillableMetric.
        """
        return self._run(self._async.update, code, billable_metric)

    def destroy(self, code: str) -> BillableMetric:
        """Delete a billable metric, its charges and its events, and return it as it was.

        Raises:
            NotFoundError: ``billable_metric_not_found``.

        API operation: destroyBillableMetric.
        """
        return self._run(self._async.destroy, code)

    def evaluate_expression(self, expression: ExpressionInput | ExpressionInputDict, /) -> ExpressionResult:
        """Compute the result of an expression for an event. The server stores nothing.

        Args:
            expression: An ``ExpressionInput``, or a mapping with its fields.

        Raises:
            ValidationError: The expression is wrong, or lacks a property.

        API operation: evaluateBillableMetricExpression.
        """
        return self._run(self._async.evaluate_expression, expression)
