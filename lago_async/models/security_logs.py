"""Models of the security log: who changed keys, users, roles and settings."""

from typing import Literal

from lago_async.models._base import Json, Open, Timestamp, response_model

__all__ = ["SecurityLog", "SecurityLogEvent", "SecurityLogType"]

SecurityLogType = Literal["api_key", "billing_entity", "export", "integration", "role", "user", "webhook_endpoint"]
SecurityLogEvent = Literal[
    "api_key.created",
    "api_key.deleted",
    "api_key.rotated",
    "api_key.updated",
    "billing_entity.created",
    "billing_entity.updated",
    "export.created",
    "integration.created",
    "integration.deleted",
    "integration.updated",
    "role.created",
    "role.deleted",
    "role.updated",
    "user.deleted",
    "user.invited",
    "user.new_device_logged_in",
    "user.password_edited",
    "user.password_reset_requested",
    "user.role_edited",
    "user.signed_up",
    "webhook_endpoint.created",
    "webhook_endpoint.deleted",
    "webhook_endpoint.updated",
]


@response_model
class SecurityLog:
    """An action that matters for security.

    Attributes:
        user_email: The user who acted; None if no user did.
        resources: The objects of the action, and their changes.
        device_info: The device of the user.
    """

    log_id: str
    log_type: Open[SecurityLogType]
    log_event: Open[SecurityLogEvent]
    user_email: str | None
    logged_at: Timestamp
    created_at: Timestamp
    resources: dict[str, Json] | None
    device_info: dict[str, Json] | None
