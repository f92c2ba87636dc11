"""Models of entitlements: the features that plans and subscriptions grant, with their limits."""

from lago_async.models._base import Json, Open, response_model
from lago_async.models.enums import PrivilegeType
from lago_async.models.features import PrivilegeConfig

__all__ = [
    "PlanEntitlement",
    "PlanEntitlementPrivilege",
    "SubscriptionEntitlement",
    "SubscriptionEntitlementPrivilege",
]


@response_model
class PlanEntitlementPrivilege:
    """A privilege and the value that a plan gives it."""

    code: str
    name: str | None
    value_type: Open[PrivilegeType]
    config: PrivilegeConfig
    value: bool | int | str


@response_model
class PlanEntitlement:
    """A feature that a plan grants; ``code`` is the code of the feature."""

    code: str
    name: str | None
    description: str | None
    privileges: list[PlanEntitlementPrivilege]


@response_model
class SubscriptionEntitlementPrivilege:
    """A privilege and its effective value for a subscription.

    Attributes:
        value: The effective value.
        plan_value: The plan's value; None if the plan does not grant the privilege.
        override_value: The subscription's own value; None if it follows the plan.
    """

    code: str
    name: str | None
    value_type: Open[PrivilegeType]
    config: PrivilegeConfig
    value: bool | int | str
    plan_value: bool | int | str | None
    override_value: bool | int | str | None


@response_model
class SubscriptionEntitlement:
    """A feature that a subscription grants; ``code`` is the code of the feature.

    Attributes:
        overrides: The subscription's own values, by code of the privilege.
    """

    code: str
    name: str | None
    description: str | None
    privileges: list[SubscriptionEntitlementPrivilege]
    overrides: dict[str, Json]
