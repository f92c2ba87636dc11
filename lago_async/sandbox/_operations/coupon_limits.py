"""Coupons that are limited to plans or metrics: two of one customer must not be for the same fees."""

from lago_async.sandbox._state.coupons import Coupon
from lago_async.sandbox._state.store import Store


def overlap(store: Store, coupon: Coupon, other: Coupon) -> bool:
    """Return whether two coupons are limited to the same plan or metric, or to a plan with a charge for the metric."""
    plans, metrics = _limits(coupon)
    other_plans, other_metrics = _limits(other)
    return bool(
        plans & other_plans
        or metrics & other_metrics
        or other_plans & _plans_with(store, metrics)
        or other_metrics & _metrics_of(store, plans)
    )


def _limits(coupon: Coupon) -> tuple[set[str], set[str]]:
    return set(coupon.plan_codes), set(coupon.billable_metric_codes)


def _plans_with(store: Store, metrics: set[str]) -> set[str]:
    return {plan.code for plan in store.plans for charge in plan.charges if charge.metric.code in metrics}


def _metrics_of(store: Store, plans: set[str]) -> set[str]:
    return {charge.metric.code for plan in store.plans if plan.code in plans for charge in plan.charges}
