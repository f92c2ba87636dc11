"""Billable metrics: the definitions of how events are counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, post, put

if TYPE_CHECKING:
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

__all__ = ["BillableMetrics"]


class BillableMetrics(Resource):
    """Billable metrics: the definitions of how events are counted."""

    @post("create_billable_metric", "/billable_metrics", root="billable_metric")
    async def create(self, billable_metric: BillableMetricInput | BillableMetricInputDict, /) -> BillableMetric:
        """Create a billable metric.

        Args:
            billable_metric: A ``BillableMetricInput``, or a mapping with its fields.

        Raises:
            ForbiddenError: ``feature_unavailable``: the organisation may not use ``custom_agg``.
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createBillableMetric.
        """

    @get("find_billable_metric", "/billable_metrics/{code}", root="billable_metric")
    async def find(self, code: str) -> BillableMetric:
        """Find a billable metric by its code.

        Raises:
            NotFoundError: ``billable_metric_not_found``.

        API operation: findBillableMetric.
        """

    @get("find_all_billable_metrics", "/billable_metrics", root="billable_metrics")
    def find_all(
        self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> AsyncPager[BillableMetric]:
        """List billable metrics, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        API operation: findAllBillableMetrics.
        """

    @put("update_billable_metric", "/billable_metrics/{code}", root="billable_metric")
    async def update(
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

    @delete("destroy_billable_metric", "/billable_metrics/{code}", root="billable_metric")
    async def destroy(self, code: str) -> BillableMetric:
        """Delete a billable metric, its charges and its events, and return it as it was.

        Raises:
            NotFoundError: ``billable_metric_not_found``.

        API operation: destroyBillableMetric.
        """

    @post("evaluate_billable_metric_expression", "/billable_metrics/evaluate_expression",
          root="expression_result", request_root=None, idempotent=True)  # fmt: skip
    async def evaluate_expression(self, expression: ExpressionInput | ExpressionInputDict, /) -> ExpressionResult:
        """Compute the result of an expression for an event. The server stores nothing.

        Args:
            expression: An ``ExpressionInput``, or a mapping with its fields.

        Raises:
            ValidationError: The expression is wrong, or lacks a property.

        API operation: evaluateBillableMetricExpression.
        """
