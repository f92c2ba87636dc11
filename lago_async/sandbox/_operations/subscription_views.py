"""Subscriptions as responses show them."""

from datetime import UTC, timedelta

from lago_async.sandbox._money.dates import Dates
from lago_async.sandbox._money.progressive import applicable_thresholds
from lago_async.sandbox._operations.entitlement_views import subscription_entitlements_json
from lago_async.sandbox._operations.plans import embedded_json as plan_json
from lago_async.sandbox._operations.usage_thresholds import applicable_threshold_json
from lago_async.sandbox._protocol.timestamps import to_iso, to_iso_ms, to_iso_or_null
from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.periods import end_of_day
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription

_DAY = timedelta(days=1)


def _downgrade_day(store: Store, subscription: Subscription) -> str | None:
    """Return the day on which a cheaper plan takes over, or took over; the server counts it in UTC."""
    following = subscription.following
    if following is not None and following.status == "active" and subscription.downgraded:
        return None if following.started_at is None else following.started_at.astimezone(UTC).date().isoformat()
    if following is None or following.status != "pending":
        return None
    last = Dates(subscription, store.now, running=True).last_day_of_running_period
    return (end_of_day(last, subscription.customer.zone).astimezone(UTC).date() + _DAY).isoformat()


def listed_json(store: Store, subscription: Subscription) -> JsonObject:
    """Return a subscription as lists and invoices show it."""
    plan = subscription.plan
    started_at, activated = subscription.started_at, subscription.status in {"active", "terminated"}
    running = None
    if started_at is not None:
        running = Dates(subscription, max(store.now, started_at), running=True).charges_window()
    return {
        "lago_id": subscription.lago_id,
        "external_id": subscription.external_id,
        "lago_customer_id": subscription.customer.lago_id,
        "external_customer_id": subscription.customer.external_id,
        "name": subscription.name,
        "plan_code": plan.code,
        "plan_amount_cents": plan.amount_cents,
        "plan_amount_currency": plan.amount_currency,
        "status": subscription.status,
        "billing_time": subscription.billing_time,
        "subscription_at": to_iso(subscription.subscription_at),
        "started_at": None if started_at is None else to_iso_ms(started_at),
        "activated_at": to_iso_or_null(started_at) if activated else None,
        "trial_ended_at": to_iso_or_null(subscription.trial_ended_at),
        "ending_at": to_iso_or_null(subscription.ending_at),
        "terminated_at": to_iso_or_null(subscription.terminated_at),
        "canceled_at": to_iso_or_null(subscription.canceled_at),
        "cancellation_reason": None,
        "created_at": to_iso(subscription.created_at),
        "previous_plan_code": None if subscription.previous is None else subscription.previous.plan.code,
        "next_plan_code": None if subscription.following is None else subscription.following.plan.code,
        "downgrade_plan_date": _downgrade_day(store, subscription),
        "current_billing_period_started_at": None if running is None else to_iso(running[0]),
        "current_billing_period_ending_at": None if running is None else to_iso(running[1]),
        "on_termination_credit_note": subscription.on_termination_credit_note,
        "on_termination_invoice": subscription.on_termination_invoice,
        "progressive_billing_disabled": subscription.progressive_billing_disabled,
        "purchase_order_number": subscription.purchase_order_number,
        "consolidate_invoice": subscription.consolidate_invoice,
        "payment_method": {
            "payment_method_type": subscription.payment_method_type,
            "payment_method_id": subscription.payment_method_id,
        },
        "activation_rules": [],
    }


def plain_json(store: Store, subscription: Subscription) -> JsonObject:
    """Return a subscription as the response to its end shows it."""
    return {
        **listed_json(store, subscription),
        "applied_invoice_custom_sections": [],
        "plan": plan_json(subscription.plan),
    }


def subscription_json(store: Store, subscription: Subscription) -> JsonObject:
    """Return a subscription as the response to its change shows it."""
    return {
        **plain_json(store, subscription),
        "applicable_usage_thresholds": [
            applicable_threshold_json(threshold) for threshold in applicable_thresholds(subscription)
        ],
    }


def full_json(store: Store, subscription: Subscription) -> JsonObject:
    """Return a subscription with its plan and its entitlements."""
    entitlements = subscription_entitlements_json(store, subscription)
    return {**subscription_json(store, subscription), "entitlements": entitlements}
