"""Models of subscriptions."""

from datetime import date
from typing import Literal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models._date_or_datetime import DateOrDatetime
from lago_async.models.entitlements import SubscriptionEntitlement
from lago_async.models.enums import BillingTime
from lago_async.models.invoice_custom_sections import AppliedInvoiceCustomSection, InvoiceCustomSectionsInput
from lago_async.models.payment_methods import PaymentMethodReference, PaymentMethodReferenceInput
from lago_async.models.plans import ApplicableUsageThreshold, Plan, PlanOverridesInput, UsageThresholdInput

__all__ = [
    "ActivationRuleStatus",
    "ActivationRuleType",
    "CancellationReason",
    "ChangeableSubscriptionStatus",
    "EndableSubscriptionStatus",
    "LifetimeUsage",
    "LifetimeUsageInput",
    "LifetimeUsageThreshold",
    "Subscription",
    "SubscriptionActivationRule",
    "SubscriptionActivationRuleInput",
    "SubscriptionAuthorization",
    "SubscriptionAuthorizationInput",
    "SubscriptionBase",
    "SubscriptionInput",
    "SubscriptionStatus",
    "SubscriptionUpdateInput",
    "TerminationCreditNote",
    "TerminationInvoice",
]

SubscriptionStatus = Literal["pending", "active", "terminated", "canceled", "incomplete"]
ChangeableSubscriptionStatus = Literal["active", "pending", "incomplete"]
EndableSubscriptionStatus = Literal["active", "pending"]
TerminationCreditNote = Literal["credit", "refund", "offset", "skip"]
TerminationInvoice = Literal["generate", "skip"]
CancellationReason = Literal["payment_failed", "timeout"]
ActivationRuleType = Literal["payment"]
ActivationRuleStatus = Literal["inactive", "pending", "satisfied", "declined", "failed", "expired", "not_applicable"]


@response_model
class SubscriptionActivationRule:
    """A condition that a subscription must meet before it becomes active.

    Attributes:
        timeout_hours: The subscription is canceled after this many hours; 0: never.
        expires_at: When the timeout ends.
    """

    lago_id: str
    type: Open[ActivationRuleType]
    timeout_hours: int
    status: Open[ActivationRuleStatus]
    expires_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp


@response_model
class SubscriptionAuthorization:
    """The hold that was placed on the customer's card before the subscription: an object of the payment provider.

    Attributes:
        id: The provider's own id.
        amount: The cents that are held.
        amount_capturable: The cents of it that can be captured.
        status: The provider's own status.
    """

    id: str
    object: str
    amount: int
    amount_capturable: int
    status: str


@response_model
class SubscriptionBase:
    """The fields that a subscription and the subscription of an invoice preview have in common.

    Attributes:
        billing_entity_code: Not sent by current servers.
        billing_time: Whether periods follow the calendar or the start of the subscription.
        plan_amount_cents: Base price of a period, in cents of ``plan_amount_currency``.
        started_at: When it became active, in UTC to the millisecond.
        ending_at: When it will end; None: it continues.
        subscription_at: The requested start, possibly in the past or future.
        previous_plan_code: The plan before the last change.
        next_plan_code: The plan that it changes to at ``downgrade_plan_date``.
        on_termination_credit_note: How to handle the paid rest of a period; only for plans paid in advance.
        on_termination_invoice: Whether usage is billed when the subscription ends.
        applied_invoice_custom_sections: Empty in lists.
        payment_method: None: the customer's.
        consolidate_invoice: Whether it is billed together with the customer's other subscriptions.
        cancellation_reason: Why an ``incomplete`` one was canceled.
        plan: The complete plan; sent only with single subscriptions and in webhooks.
        applicable_usage_thresholds: Sent only with single subscriptions.
        entitlements: Sent only with single subscriptions.
    """

    billing_entity_code: str | None
    billing_time: Open[BillingTime]
    name: str | None
    plan_code: str
    plan_amount_cents: int | None
    plan_amount_currency: str
    created_at: Timestamp
    canceled_at: Timestamp | None
    started_at: Timestamp | None
    ending_at: Timestamp | None
    subscription_at: Timestamp | None
    terminated_at: Timestamp | None
    previous_plan_code: str | None
    next_plan_code: str | None
    downgrade_plan_date: date | None
    trial_ended_at: Timestamp | None
    current_billing_period_started_at: Timestamp | None
    current_billing_period_ending_at: Timestamp | None
    on_termination_credit_note: Open[TerminationCreditNote] | None
    on_termination_invoice: Open[TerminationInvoice]
    applied_invoice_custom_sections: list[AppliedInvoiceCustomSection]
    payment_method: PaymentMethodReference | None
    consolidate_invoice: bool
    cancellation_reason: Open[CancellationReason] | None
    activated_at: Timestamp | None
    activation_rules: list[SubscriptionActivationRule]
    purchase_order_number: str | None
    progressive_billing_disabled: bool
    plan: Plan | None
    applicable_usage_thresholds: list[ApplicableUsageThreshold]
    entitlements: list[SubscriptionEntitlement]


@response_model
class Subscription(SubscriptionBase):
    """A subscription of a customer to a plan.

    Attributes:
        external_id: Your id of the subscription, which identifies it in calls.
        authorization: The hold on the card, if the response is to a creation that asked for one; otherwise None.
    """

    lago_id: str
    external_id: str
    lago_customer_id: str
    external_customer_id: str
    status: Open[SubscriptionStatus]
    authorization: SubscriptionAuthorization | None


@response_model
class LifetimeUsageThreshold:
    """The progress of lifetime usage towards a usage threshold.

    Attributes:
        completion_ratio: From 0 to 1.
        reached_at: When the threshold was reached, to the millisecond; None before.
    """

    amount_cents: int
    completion_ratio: float
    reached_at: Timestamp | None


@response_model
class LifetimeUsage:
    """All usage of a subscription since its start, in cents of its currency.

    Attributes:
        external_historical_usage_amount_cents: Usage from before Lago, as you set it.
        from_datetime: Start of the subscription.
        to_datetime: The time of the response.
        usage_thresholds: Empty without progressive billing.
    """

    lago_id: str
    lago_subscription_id: str
    external_subscription_id: str
    external_historical_usage_amount_cents: int
    invoiced_usage_amount_cents: int
    current_usage_amount_cents: int
    from_datetime: Timestamp | None
    to_datetime: Timestamp
    usage_thresholds: list[LifetimeUsageThreshold]


@input_model
class LifetimeUsageInput:
    """Usage from before Lago, to be counted towards usage thresholds."""

    external_historical_usage_amount_cents: int


@input_model
class SubscriptionActivationRuleInput:
    """A condition that the subscription must meet before it becomes active.

    Attributes:
        timeout_hours: The subscription is canceled after this many hours; 0: never.
    """

    type: Open[ActivationRuleType]
    timeout_hours: int | UnsetType = UNSET


@input_model
class SubscriptionAuthorizationInput:
    """A hold to place on the customer's card before the subscription is created.

    Attributes:
        amount_currency: ISO 4217.
    """

    amount_cents: int
    amount_currency: str


@input_model
class SubscriptionInput:
    """A subscription to create; or, with the ``external_id`` of an active subscription, its new plan.

    Attributes:
        external_id: Your id of the subscription.
        name: Printed on invoices instead of the plan's name.
        billing_time: Whether periods follow the ``calendar`` (the default) or the start of the subscription.
        ending_at: When to end it; without this, it continues.
        subscription_at: When it starts, possibly in the past or future; by default now.
        consolidate_invoice: Whether to bill it together with the customer's other subscriptions; by default yes.
        purchase_order_number: Printed on its invoices.
        activation_rules: Keep it ``incomplete`` until its first payment succeeds; only for plans paid in advance.
        billing_entity_id: Identifies the billing entity, like ``billing_entity_code``.
        progressive_billing_disabled: True: usage thresholds do not cause invoices.
        usage_thresholds: Its own thresholds instead of the plan's.
    """

    external_customer_id: str
    plan_code: str
    external_id: str
    billing_entity_code: str | None | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    billing_time: Open[BillingTime] | None | UnsetType = UNSET
    ending_at: DateOrDatetime | None | UnsetType = UNSET
    subscription_at: DateOrDatetime | None | UnsetType = UNSET
    plan_overrides: PlanOverridesInput | None | UnsetType = UNSET
    invoice_custom_section: InvoiceCustomSectionsInput | None | UnsetType = UNSET
    payment_method: PaymentMethodReferenceInput | None | UnsetType = UNSET
    consolidate_invoice: bool | UnsetType = UNSET
    purchase_order_number: str | None | UnsetType = UNSET
    activation_rules: list[SubscriptionActivationRuleInput] | None | UnsetType = UNSET
    billing_entity_id: str | None | UnsetType = UNSET
    progressive_billing_disabled: bool | None | UnsetType = UNSET
    usage_thresholds: list[UsageThresholdInput] | None | UnsetType = UNSET


@input_model
class SubscriptionUpdateInput:
    """Changes to a subscription.

    Attributes:
        ending_at: When to end it; without this, it continues.
        subscription_at: A new start; only for a subscription that is still pending.
        consolidate_invoice: Whether to bill it together with the customer's other subscriptions; by default yes.
        purchase_order_number: Printed on its invoices.
        billing_entity_id: Identifies the billing entity, like ``billing_entity_code``.
        progressive_billing_disabled: True: usage thresholds do not cause invoices.
        usage_thresholds: Its own thresholds instead of the plan's.
        on_termination_credit_note: How to handle the paid rest of a period; only for plans paid in advance.
        on_termination_invoice: Whether usage is billed when the subscription ends.
    """

    name: str | None | UnsetType = UNSET
    ending_at: DateOrDatetime | None | UnsetType = UNSET
    subscription_at: DateOrDatetime | UnsetType = UNSET
    plan_overrides: PlanOverridesInput | UnsetType = UNSET
    invoice_custom_section: InvoiceCustomSectionsInput | UnsetType = UNSET
    payment_method: PaymentMethodReferenceInput | UnsetType = UNSET
    consolidate_invoice: bool | UnsetType = UNSET
    billing_entity_code: str | None | UnsetType = UNSET
    purchase_order_number: str | None | UnsetType = UNSET
    activation_rules: list[SubscriptionActivationRuleInput] | UnsetType = UNSET
    billing_entity_id: str | None | UnsetType = UNSET
    progressive_billing_disabled: bool | UnsetType = UNSET
    usage_thresholds: list[UsageThresholdInput] | UnsetType = UNSET
    on_termination_credit_note: Open[TerminationCreditNote] | None | UnsetType = UNSET
    on_termination_invoice: Open[TerminationInvoice] | UnsetType = UNSET
