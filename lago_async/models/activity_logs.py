"""Models of the log of what was done to objects."""

from typing import Literal

from lago_async.models._base import Json, Open, Timestamp, response_model

__all__ = ["ActivityLog", "ActivitySource"]

ActivitySource = Literal["api", "front", "system"]


@response_model
class ActivityLog:
    """Something that was done to an object.

    Attributes:
        user_email: Who did it; None if it was the API or the system.
        activity_type: What was done, as ``subscription.started``.
        activity_object: The object after it.
        activity_object_changes: What changed, by field: the old and the new value.
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
