# More than 400 lines in one module, because a resource group is one module of the endpoint table.
"""Subscriptions, with their charges, alerts and lifetime usage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        Alert,
        AlertInput,
        AlertInputDict,
        AlertUpdateInput,
        AlertUpdateInputDict,
        ChangeableSubscriptionStatus,
        Charge,
        ChargeFilter,
        ChargeFilterCreateInput,
        ChargeFilterCreateInputDict,
        ChargeFilterUpdateInput,
        ChargeFilterUpdateInputDict,
        EndableSubscriptionStatus,
        FixedCharge,
        LifetimeUsage,
        LifetimeUsageInput,
        LifetimeUsageInputDict,
        Subscription,
        SubscriptionAuthorizationInput,
        SubscriptionAuthorizationInputDict,
        SubscriptionChargeInput,
        SubscriptionChargeInputDict,
        SubscriptionFixedChargeInput,
        SubscriptionFixedChargeInputDict,
        SubscriptionInput,
        SubscriptionInputDict,
        SubscriptionStatus,
        SubscriptionUpdateInput,
        SubscriptionUpdateInputDict,
        TerminationCreditNote,
        TerminationInvoice,
    )

__all__ = ["Subscriptions"]


class Subscriptions(Resource):
    """Subscriptions, with their charges, alerts and lifetime usage."""

    # The server returns an active subscription that is already on the plan, but a repeat may still cost money.
    # With plan overrides, the subscription is on a plan of its own, so the repeat ends and bills it. A subscription
    # that waits for its first payment, or that places a hold on a card, would pay or hold twice.
    @post(
        "create_subscription",
        "/subscriptions",
        root="subscription",
        response_sibling="authorization",
        risk="moves_money",
    )
    async def create(
        self,
        subscription: SubscriptionInput | SubscriptionInputDict,
        /,
        *,
        authorization: SubscriptionAuthorizationInput | SubscriptionAuthorizationInputDict | None = None,
    ) -> Subscription:
        """Subscribe a customer to a plan, or change the plan of the subscription with this ``external_id``.

        A subscription that is already on the plan is returned as it is. A more expensive plan starts at once, and the
        server bills the old one; a cheaper plan starts at the end of the period. The client does not repeat this call
        by itself: if the response was lost, check with ``find`` first.

        Args:
            subscription: A ``SubscriptionInput``, or a mapping with its fields.
            authorization: A hold to place on the customer's card first (Stripe only). The server creates the
                subscription only if the hold succeeds; the result has the hold in ``authorization``.

        Raises:
            NotFoundError: ``customer_not_found`` or ``plan_not_found``.
            ValidationError: A field was refused; or ``provider_error``: the hold failed.
            ForbiddenError: ``feature_unavailable``: ``plan_overrides`` needs a premium licence; or
                ``feature_not_available``: the organisation may not ask for holds.

        API operation: createSubscription.
        """

    @get("find_subscription", "/subscriptions/{external_id}", root="subscription")
    async def find(self, external_id: str, *, status: SubscriptionStatus | None = None) -> Subscription:
        """Find a subscription by your own id; by default the active one.

        Args:
            external_id: Your id of the subscription.
            status: Selects among the subscriptions with this id.

        Raises:
            NotFoundError: ``subscription_not_found``.

        API operation: findSubscription.
        """

    @get("find_all_subscriptions", "/subscriptions", root="subscriptions")
    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        currency: str | None = None,
        external_customer_id: str | None = None,
        plan_code: str | None = None,
        status: Sequence[SubscriptionStatus] | None = None,
        billing_entity_codes: Sequence[str] | None = None,
        overriden: bool | None = None,
        overridden: bool | None = None,
        external_id: str | None = None,
    ) -> AsyncPager[Subscription]:
        """List subscriptions; by default only active ones.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            currency: Only this currency, ISO 4217.
            external_customer_id: Only this customer, by your id.
            plan_code: Only this plan.
            status: Any of these; by default ``active``.
            billing_entity_codes: Any of these entities; an unknown code raises ``NotFoundError``.
            overriden: A misspelt alias of ``overridden``, which the server also accepts.
            overridden: True: only those with a plan of their own; False: only those without.
            external_id: Only the subscription with this id of yours.

        Raises:
            NotFoundError: ``billing_entity_not_found``.
            ValidationError: A filter was refused.

        API operation: findAllSubscriptions.
        """

    @put("update_subscription", "/subscriptions/{external_id}", root="subscription", risk="moves_money")
    async def update(
        self,
        external_id: str,
        subscription: SubscriptionUpdateInput | SubscriptionUpdateInputDict,
        /,
        *,
        status: ChangeableSubscriptionStatus | None = None,
    ) -> Subscription:
        """Change a subscription; fields that are not given stay as they are.

        Args:
            external_id: Your id of the subscription.
            subscription: A ``SubscriptionUpdateInput``, or a mapping with its fields.
            status: ``pending`` for the pending subscription with this id; by default the active one.

        Raises:
            NotFoundError: ``subscription_not_found``.
            ForbiddenError: ``feature_unavailable``: ``plan_overrides`` needs a premium licence.
            ValidationError: A field was refused.

        API operation: updateSubscription.
        """

    @delete("destroy_subscription", "/subscriptions/{external_id}", root="subscription", risk="moves_money")
    async def destroy(
        self,
        external_id: str,
        *,
        status: EndableSubscriptionStatus | None = None,
        on_termination_credit_note: TerminationCreditNote | None = None,
        on_termination_invoice: TerminationInvoice | None = None,
    ) -> Subscription:
        """End a subscription, or cancel a pending one.

        It ends at once, and the server bills the amount owed.

        Args:
            external_id: Your id of the subscription.
            status: ``pending`` cancels the pending subscription with this id; the default ends the active one.
            on_termination_credit_note: How to handle the paid rest of the period: ``credit``, ``refund``, ``offset``
                against the invoice or ``skip``; only for plans paid in advance.
            on_termination_invoice: ``skip``: do not bill the last usage.

        Raises:
            NotFoundError: ``subscription_not_found``; also for a subscription that has ended.
            ValidationError: A parameter was refused.

        API operation: destroySubscription.
        """

    @get("get_subscription_lifetime_usage", "/subscriptions/{external_id}/lifetime_usage", root="lifetime_usage")
    async def get_lifetime_usage(
        self,
        external_id: str,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> LifetimeUsage:
        """Return all usage of a subscription since its start.

        Args:
            external_id: Your id of the subscription.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``lifetime_usage_not_found``.

        API operation: getSubscriptionLifetimeUsage.
        """

    @put("update_subscription_lifetime_usage", "/subscriptions/{external_id}/lifetime_usage", root="lifetime_usage")
    async def update_lifetime_usage(
        self,
        external_id: str,
        lifetime_usage: LifetimeUsageInput | LifetimeUsageInputDict,
        /,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> LifetimeUsage:
        """Set the usage from before Lago, to be counted towards usage thresholds.

        Args:
            external_id: Your id of the subscription.
            lifetime_usage: A ``LifetimeUsageInput``, or a mapping with its fields.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``lifetime_usage_not_found``.
            ValidationError: A field was refused.

        API operation: updateSubscriptionLifetimeUsage.
        """

    @post("create_subscription_alert", "/subscriptions/{external_id}/alerts", root="alert")
    async def create_alert(
        self,
        external_id: str,
        alert: AlertInput | AlertInputDict,
        /,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> Alert:
        """Create an alert on the usage of a subscription.

        Args:
            external_id: Your id of the subscription.
            alert: An ``AlertInput``, or a mapping with its fields.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``billable_metric_not_found``.
            ValidationError: A field was refused: ``code: value_already_exist``, ... ``alert_type:
                feature_not_available``: alerts on lifetime usage need an integration.

        API operation: createSubscriptionAlert.
        """

    # The second form of the operation above.
    @post("create_subscription_alert", "/subscriptions/{external_id}/alerts", root="alerts", overload=True)
    async def create_alerts(
        self,
        external_id: str,
        alerts: Sequence[AlertInput | AlertInputDict],
        /,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> list[Alert]:
        """Create several alerts on the usage of a subscription; the server creates all or none.

        Args:
            external_id: Your id of the subscription.
            alerts: For each alert, an ``AlertInput`` or a mapping with its fields.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found``.
            ValidationError: ``error_details`` names the refused alerts by their index.

        API operation: createSubscriptionAlert.
        """

    @get("get_subscription_alert", "/subscriptions/{external_id}/alerts/{code}", root="alert")
    async def get_alert(
        self,
        external_id: str,
        code: str,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> Alert:
        """Find an alert of a subscription by its code.

        Args:
            external_id: Your id of the subscription.
            code: The code of the alert.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``alert_not_found``.

        API operation: getSubscriptionAlert.
        """

    @get("get_subscription_alerts", "/subscriptions/{external_id}/alerts", root="alerts")
    def get_alerts(
        self,
        external_id: str,
        *,
        subscription_status: SubscriptionStatus | None = None,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        status: SubscriptionStatus | None = None,
    ) -> AsyncPager[Alert]:
        """List the alerts of a subscription, the newest first.

        Args:
            external_id: Your id of the subscription.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found``.

        API operation: getSubscriptionAlerts.
        """

    @put("update_subscription_alert", "/subscriptions/{external_id}/alerts/{code}", root="alert")
    async def update_alert(
        self,
        external_id: str,
        code: str,
        alert: AlertUpdateInput | AlertUpdateInputDict,
        /,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> Alert:
        """Change an alert; fields that are not given stay as they are.

        Args:
            external_id: Your id of the subscription.
            code: The code of the alert.
            alert: An ``AlertUpdateInput``, or a mapping with its fields.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``alert_not_found``.
            ValidationError: A field was refused.

        API operation: updateSubscriptionAlert.
        """

    @delete("delete_subscription_alert", "/subscriptions/{external_id}/alerts/{code}", root="alert")
    async def delete_alert(
        self,
        external_id: str,
        code: str,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> Alert:
        """Delete an alert, and return it as it was.

        Args:
            external_id: Your id of the subscription.
            code: The code of the alert.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``alert_not_found``.

        API operation: deleteSubscriptionAlert.
        """

    @delete("delete_all_subscription_alerts", "/subscriptions/{external_id}/alerts")
    async def delete_all_alerts(
        self,
        external_id: str,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> None:
        """Delete all alerts of a subscription.

        Args:
            external_id: Your id of the subscription.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found``.

        API operation: deleteAllSubscriptionAlerts.
        """

    @get("find_subscription_charge", "/subscriptions/{external_id}/charges/{charge_code}", root="charge")
    async def find_charge(
        self,
        external_id: str,
        charge_code: str,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> Charge:
        """Find a charge of a subscription by its code: the subscription's own charge if it has one, else the plan's.

        Args:
            external_id: Your id of the subscription.
            charge_code: The code of the charge.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``charge_not_found``.

        API operation: findSubscriptionCharge.
        """

    @get("find_all_subscription_charges", "/subscriptions/{external_id}/charges", root="charges")
    def find_all_charges(
        self,
        external_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> AsyncPager[Charge]:
        """List the charges of a subscription: its own charge where it has one, else the plan's.

        Args:
            external_id: Your id of the subscription.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found``.

        API operation: findAllSubscriptionCharges.
        """

    @put(
        "override_subscription_charge",
        "/subscriptions/{external_id}/charges/{charge_code}",
        root="charge",
        gates=("premium",),
    )
    async def override_charge(
        self,
        external_id: str,
        charge_code: str,
        charge: SubscriptionChargeInput | SubscriptionChargeInputDict,
        /,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> Charge:
        """Give a subscription its own charge, or change its own charge; the plan's stays as it is.

        Needs a premium licence.

        Args:
            external_id: Your id of the subscription.
            charge_code: The code of the charge.
            charge: A ``SubscriptionChargeInput``, or a mapping with its fields.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``charge_not_found`` or ``tax_not_found``.
            ForbiddenError: ``feature_unavailable``.
            ValidationError: A field was refused.

        API operation: overrideSubscriptionCharge.
        """

    @post("create_subscription_charge_filter", "/subscriptions/{external_id}/charges/{charge_code}/filters",
          root="filter", gates=("premium",))  # fmt: skip
    async def create_charge_filter(
        self,
        external_id: str,
        charge_code: str,
        charge_filter: ChargeFilterCreateInput | ChargeFilterCreateInputDict,
        /,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> ChargeFilter:
        """Add a filter to a charge of a subscription; the charge then becomes the subscription's own.

        Needs a premium licence.

        Args:
            external_id: Your id of the subscription.
            charge_code: The code of the charge.
            charge_filter: A ``ChargeFilterCreateInput``, or a mapping with its fields.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``charge_not_found``.
            ForbiddenError: ``feature_unavailable``.
            ValidationError: A field was refused.

        API operation: createSubscriptionChargeFilter.
        """

    @get("find_subscription_charge_filter", "/subscriptions/{external_id}/charges/{charge_code}/filters/{filter_id}",
         root="filter")  # fmt: skip
    async def find_charge_filter(
        self,
        external_id: str,
        charge_code: str,
        filter_id: str,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> ChargeFilter:
        """Find a filter of a charge of a subscription.

        Args:
            external_id: Your id of the subscription.
            charge_code: The code of the charge.
            filter_id: The ``lago_id`` of the filter.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``charge_not_found`` or ``charge_filter_not_found``.

        API operation: findSubscriptionChargeFilter.
        """

    @get("find_all_subscription_charge_filters", "/subscriptions/{external_id}/charges/{charge_code}/filters",
         root="filters")  # fmt: skip
    def find_all_charge_filters(
        self,
        external_id: str,
        charge_code: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> AsyncPager[ChargeFilter]:
        """List the filters of a charge of a subscription, the least recently changed first.

        Args:
            external_id: Your id of the subscription.
            charge_code: The code of the charge.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``charge_not_found``.

        API operation: findAllSubscriptionChargeFilters.
        """

    @put("update_subscription_charge_filter", "/subscriptions/{external_id}/charges/{charge_code}/filters/{filter_id}",
         root="filter", gates=("premium",))  # fmt: skip
    async def update_charge_filter(
        self,
        external_id: str,
        charge_code: str,
        filter_id: str,
        charge_filter: ChargeFilterUpdateInput | ChargeFilterUpdateInputDict,
        /,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> ChargeFilter:
        """Change a filter of a charge of a subscription; the charge then becomes the subscription's own.

        Needs a premium licence.

        Args:
            external_id: Your id of the subscription.
            charge_code: The code of the charge.
            filter_id: The ``lago_id`` of the filter.
            charge_filter: A ``ChargeFilterUpdateInput``, or a mapping with its fields.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``charge_not_found`` or ``charge_filter_not_found``.
            ForbiddenError: ``feature_unavailable``.
            ValidationError: A field was refused.

        API operation: updateSubscriptionChargeFilter.
        """

    @delete(
        "destroy_subscription_charge_filter",
        "/subscriptions/{external_id}/charges/{charge_code}/filters/{filter_id}",
        root="filter",
        gates=("premium",),
    )
    async def destroy_charge_filter(
        self,
        external_id: str,
        charge_code: str,
        filter_id: str,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> ChargeFilter:
        """Remove a filter from a charge of a subscription; the charge then becomes the subscription's own.

        Needs a premium licence.

        Args:
            external_id: Your id of the subscription.
            charge_code: The code of the charge.
            filter_id: The ``lago_id`` of the filter.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``charge_not_found`` or ``charge_filter_not_found``.
            ForbiddenError: ``feature_unavailable``.

        API operation: destroySubscriptionChargeFilter.
        """

    @get("find_subscription_fixed_charge", "/subscriptions/{external_id}/fixed_charges/{fixed_charge_code}",
         root="fixed_charge")  # fmt: skip
    async def find_fixed_charge(
        self,
        external_id: str,
        fixed_charge_code: str,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> FixedCharge:
        """Find a fixed charge of a subscription by its code, with the subscription's own units.

        Args:
            external_id: Your id of the subscription.
            fixed_charge_code: The code of the fixed charge.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``fixed_charge_not_found``.

        API operation: findSubscriptionFixedCharge.
        """

    @get("find_all_subscription_fixed_charges", "/subscriptions/{external_id}/fixed_charges", root="fixed_charges")
    def find_all_fixed_charges(
        self,
        external_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> AsyncPager[FixedCharge]:
        """List the fixed charges of a subscription, with the subscription's own units.

        Args:
            external_id: Your id of the subscription.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found``.

        API operation: findAllSubscriptionFixedCharges.
        """

    @put("override_subscription_fixed_charge", "/subscriptions/{external_id}/fixed_charges/{fixed_charge_code}",
         root="fixed_charge", gates=("premium",))  # fmt: skip
    async def override_fixed_charge(
        self,
        external_id: str,
        fixed_charge_code: str,
        fixed_charge: SubscriptionFixedChargeInput | SubscriptionFixedChargeInputDict,
        /,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> FixedCharge:
        """Give a subscription its own units of a fixed charge, or its own fixed charge.

        Needs a premium licence.

        Units alone leave the subscription on its plan; anything else gives it a plan of its own.

        Args:
            external_id: Your id of the subscription.
            fixed_charge_code: The code of the fixed charge.
            fixed_charge: A ``SubscriptionFixedChargeInput``, or a mapping with its fields.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``fixed_charge_not_found`` or ``tax_not_found``.
            ForbiddenError: ``feature_unavailable``.
            ValidationError: A field was refused.

        API operation: overrideSubscriptionFixedCharge.
        """
