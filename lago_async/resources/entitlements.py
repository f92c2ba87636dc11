"""Entitlements: the features that plans and subscriptions grant, with their limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lago_async.resources._base import Resource, delete, get, patch, post

if TYPE_CHECKING:
    from lago_async.models import PlanEntitlement, SubscriptionEntitlement, SubscriptionStatus

__all__ = ["Entitlements"]


class Entitlements(Resource):
    """Entitlements: the features that plans and subscriptions grant, with their limits."""

    # It replaces everything, so a repeat has the same result.
    @post("create_entitlement", "/plans/{code}/entitlements", root="entitlements", idempotent=True, risk="destroys")
    async def create(
        self, code: str, entitlements: Mapping[str, Mapping[str, bool | int | str]], /
    ) -> list[PlanEntitlement]:
        """Replace all features that a plan grants, and return them.

        Args:
            code: The code of the plan.
            entitlements: The values of privileges, by code of the feature and of the privilege:
                ``{"seats": {"max": 10}}``.

        Raises:
            NotFoundError: ``plan_not_found`` or ``feature_not_found`` or ``privilege_not_found``.
            ValidationError: A value does not fit its privilege.

        API operation: createEntitlement.
        """

    @get("find_entitlement", "/plans/{code}/entitlements/{feature_code}", root="entitlement")
    async def find(self, code: str, feature_code: str) -> PlanEntitlement:
        """Find the privileges that a plan grants for one feature.

        Args:
            code: The code of the plan.
            feature_code: The code of the feature.

        Raises:
            NotFoundError: ``plan_not_found`` or ``entitlement_not_found``.

        API operation: findEntitlement.
        """

    @get("find_all_entitlements", "/plans/{code}/entitlements", root="entitlements")
    async def find_all(self, code: str) -> list[PlanEntitlement]:
        """List the features that a plan grants.

        Raises:
            NotFoundError: ``plan_not_found``.

        API operation: findAllEntitlements.
        """

    @patch("update_entitlement", "/plans/{code}/entitlements", root="entitlements")
    async def update(
        self, code: str, entitlements: Mapping[str, Mapping[str, bool | int | str]], /
    ) -> list[PlanEntitlement]:
        """Add or change features that a plan grants, and return all of them; the others stay.

        Args:
            code: The code of the plan.
            entitlements: The values of privileges, by code of the feature and of the privilege:
                ``{"seats": {"max": 10}}``.

        Raises:
            NotFoundError: ``plan_not_found`` or ``feature_not_found`` or ``privilege_not_found``.
            ValidationError: A value does not fit its privilege.

        API operation: updateEntitlement.
        """

    @delete("destroy_entitlement", "/plans/{code}/entitlements/{feature_code}", root="entitlement")
    async def destroy(self, code: str, feature_code: str) -> PlanEntitlement:
        """Remove a feature from a plan.

        Args:
            code: The code of the plan.
            feature_code: The code of the feature.

        Raises:
            NotFoundError: ``plan_not_found`` or ``entitlement_not_found``.

        API operation: destroyEntitlement.
        """

    @delete("remove_entitlement_privilege", "/plans/{code}/entitlements/{feature_code}/privileges/{privilege_code}",
            root="entitlement")  # fmt: skip
    async def remove_privilege(self, code: str, feature_code: str, privilege_code: str) -> PlanEntitlement:
        """Remove the value of one privilege from a plan; the plan still grants the feature.

        Args:
            code: The code of the plan.
            feature_code: The code of the feature.
            privilege_code: The code of the privilege.

        Raises:
            NotFoundError: ``plan_not_found`` or ``entitlement_not_found`` or ``privilege_not_found``.

        API operation: removeEntitlementPrivilege.
        """

    @get("find_all_subscription_entitlements", "/subscriptions/{external_id}/entitlements", root="entitlements")
    async def find_all_subscription_entitlements(
        self,
        external_id: str,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> list[SubscriptionEntitlement]:
        """List the features that a subscription grants: those of its plan, and its own values.

        Args:
            external_id: Your id of the subscription.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found``.

        API operation: findAllSubscriptionEntitlements.
        """

    @patch("update_subscription_entitlements", "/subscriptions/{external_id}/entitlements", root="entitlements")
    async def update_subscription_entitlements(
        self,
        external_id: str,
        entitlements: Mapping[str, Mapping[str, bool | int | str]],
        /,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> list[SubscriptionEntitlement]:
        """Give a subscription values of its own, and return all features that it grants; the others stay.

        Args:
            external_id: Your id of the subscription.
            entitlements: The values of privileges, by code of the feature and of the privilege:
                ``{"seats": {"max": 10}}``.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``feature_not_found`` or ``privilege_not_found``.
            ValidationError: A value does not fit its privilege.

        API operation: updateSubscriptionEntitlements.
        """

    @delete("destroy_subscription_entitlement", "/subscriptions/{external_id}/entitlements/{feature_code}",
            root="entitlements", other_root="entitlement")  # fmt: skip
    async def destroy_subscription_entitlement(
        self,
        external_id: str,
        feature_code: str,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> list[SubscriptionEntitlement]:
        """Remove a feature from a subscription, and return all features that it still grants.

        Args:
            external_id: Your id of the subscription.
            feature_code: The code of the feature.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``entitlement_not_found``.

        API operation: destroySubscriptionEntitlement.
        """

    @delete("destroy_subscription_entitlement_privilege",
            "/subscriptions/{external_id}/entitlements/{feature_code}/privileges/{privilege_code}",
            root="entitlements", other_root="entitlement")  # fmt: skip
    async def destroy_subscription_entitlement_privilege(
        self,
        external_id: str,
        feature_code: str,
        privilege_code: str,
        *,
        subscription_status: SubscriptionStatus | None = None,
        status: SubscriptionStatus | None = None,
    ) -> list[SubscriptionEntitlement]:
        """Remove one privilege from a subscription, and return all features that it still grants.

        Args:
            external_id: Your id of the subscription.
            feature_code: The code of the feature.
            privilege_code: The code of the privilege.
            subscription_status: Selects among the subscriptions with this id; by default the active one.
            status: The older name of ``subscription_status``.

        Raises:
            NotFoundError: ``subscription_not_found`` or ``entitlement_not_found`` or ``privilege_not_found``.

        API operation: destroySubscriptionEntitlementPrivilege.
        """
