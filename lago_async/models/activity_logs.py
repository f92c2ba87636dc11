"""Models of the activity log: the actions on objects."""

from typing import Literal

from lago_async.models._base import Json, Open, Timestamp, response_model

__all__ = ["ActivityLog", "ActivitySource"]

ActivitySource = Literal["api", "front", "system"]


@response_model
class ActivityLog:
    """An action on an object.

    Attributes:
        user_email: The user who acted; None for the API and the system.
        activity_type: The action, for example ``subscription.started``.
        activity_object: The object after the action.
        activity_object_changes: The old and the new value of each changed field.
        organization_id: Not sent by current servers.
    """

    activity_id: str
    user_email: str | None
    activity_type: str
    activity_source: Open[ActivitySource]
    activity_object: dict[str, Json] | None
    activity_object_changes: dict[str, Json] | None
    external_customer_id: str | None
    external_subscription_id: str | None
    resource_id: str
    resource_type: str
    organization_id: str | None
    logged_at: Timestamp
    created_at: Timestamp
