# GENERATED from lago_async/resources/subscriptions.py by `python -m tools.generate`. Do not edit.
"""Subscriptions, with their charges, alerts and lifetime usage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.subscriptions import Subscriptions as AsyncSubscriptions
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lago_async._table.query import PositiveInt
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
    from lago_sync.pager import Pager

__all__ = ["Subscriptions"]


class Subscriptions(Resource[AsyncSubscriptions]):
    """Subscriptions, with their charges, alerts and lifetime usage."""

    def create(
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
        return self._run(self._async.create, subscription, authorization=authorization)

    def find(self, external_id: str, *, status: SubscriptionStatus | None = None) -> Subscription:
        """Find a subscription by your own id; by default the active one.

        Args:
            external_id: Your id of the subscription.
            status: Selects among the subscriptions with this id.

        Raises:
            NotFoundError: ``subscription_not_found``.

        API operation: findSubscription.
        """
        return self._run(self._async.find, external_id, status=status)

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
    ) -> Pager[Subscription]:
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
        return self._page(
            self._async.find_all,
            page=page,
            per_page=per_page,
            currency=currency,
            external_customer_id=external_customer_id,
            plan_code=plan_code,
            status=status,
            billing_entity_codes=billing_entity_codes,
            overriden=overriden,
            overridden=overridden,
            external_id=external_id,
        )

    def update(
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
        return self._run(self._async.update, external_id, subscription, status=status)

    def destroy(
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
        return self._run(
            self._async.destroy,
            external_id,
            status=status,
            on_termination_credit_note=on_termination_credit_note,
            on_termination_invoice=on_termination_invoice,
        )

    def get_lifetime_usage(
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
        return self._run(
            self._async.get_lifetime_usage,
            external_id,
            subscription_status=subscription_status,
            status=status,
        )

    def update_lifetime_usage(
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
        return self._run(
            self._async.update_lifetime_usage,
            external_id,
            lifetime_usage,
            subscription_status=subscription_status,
            status=status,
        )

    def create_alert(
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
        return self._run(
            self._async.create_alert,
            external_id,
            alert,
            subscription_status=subscription_status,
            status=status,
        )

    def create_alerts(
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
        return self._run(
            self._async.create_alerts,
            external_id,
            alerts,
            subscription_status=subscription_status,
            status=status,
        )

    def get_alert(
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
        return self._run(
            self._async.get_alert,
            external_id,
            code,
            subscription_status=subscription_status,
            status=status,
        )

    def get_alerts(
        self,
        external_id: str,
        *,
        subscription_status: SubscriptionStatus | None = None,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        status: SubscriptionStatus | None = None,
    ) -> Pager[Alert]:
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
        return self._page(
            self._async.get_alerts,
            external_id,
            subscription_status=subscription_status,
            page=page,
            per_page=per_page,
            status=status,
        )

    def update_alert(
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
        return self._run(
            self._async.update_alert,
            external_id,
            code,
            alert,
            subscription_status=subscription_status,
            status=status,
        )

    def delete_alert(
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
        return self._run(
            self._async.delete_alert,
            external_id,
            code,
            subscription_status=subscription_status,
            status=status,
        )

    def delete_all_alerts(
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
        return self._run(
            self._async.delete_all_alerts,
            external_id,
            subscription_status=subscription_status,
            status=status,
        )

    def find_charge(
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
        return self._run(
            self._async.find_charge,
            external_id,
            charge_code,
            subscription_status=subscription_status,
            status=status,
        )

    def find_all_charges(
        self,
        external_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> Pager[Charge]:
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
        return self._page(
            self._async.find_all_charges,
            external_id,
            page=page,
            per_page=per_page,
            subscription_status=subscription_status,
            status=status,
        )

    def override_charge(
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
        return self._run(
            self._async.override_charge,
            external_id,
            charge_code,
            charge,
            subscription_status=subscription_status,
            status=status,
        )

    def create_charge_filter(
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
        return self._run(
            self._async.create_charge_filter,
            external_id,
            charge_code,
            charge_filter,
            subscription_status=subscription_status,
            status=status,
        )

    def find_charge_filter(
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
        return self._run(
            self._async.find_charge_filter,
            external_id,
            charge_code,
            filter_id,
            subscription_status=subscription_status,
            status=status,
        )

    def find_all_charge_filters(
        self,
        external_id: str,
        charge_code: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> Pager[ChargeFilter]:
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
        return self._page(
            self._async.find_all_charge_filters,
            external_id,
            charge_code,
            page=page,
            per_page=per_page,
            subscription_status=subscription_status,
            status=status,
        )

    def update_charge_filter(
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
        return self._run(
            self._async.update_charge_filter,
            external_id,
            charge_code,
            filter_id,
            charge_filter,
            subscription_status=subscription_status,
            status=status,
        )

    def destroy_charge_filter(
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
        return self._run(
            self._async.destroy_charge_filter,
            external_id,
            charge_code,
            filter_id,
            subscription_status=subscription_status,
            status=status,
        )

    def find_fixed_charge(
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
        return self._run(
            self._async.find_fixed_charge,
            external_id,
            fixed_charge_code,
            subscription_status=subscription_status,
            status=status,
        )

    def find_all_fixed_charges(
        self,
        external_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> Pager[FixedCharge]:
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
        return self._page(
            self._async.find_all_fixed_charges,
            external_id,
            page=page,
            per_page=per_page,
            subscription_status=subscription_status,
            status=status,
        )

    def override_fixed_charge(
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
        return self._run(
            self._async.override_fixed_charge,
            external_id,
            fixed_charge_code,
            fixed_charge,
            subscription_status=subscription_status,
            status=status,
        )
