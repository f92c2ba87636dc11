"""How old a webhook is, where its payload says it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from lago_async.webhooks._types import Webhook

_DRAFTS_FIRST: Final = {"invoice.created", "credit_note.created"}
"""These are sent when a draft is finalized, days after it was created."""


def sent_at(webhook: Webhook) -> datetime | None:
    """Return the time that a webhook is about, if it is the time when Lago first sent it.

    That is ``triggered_at`` of an alert, and ``created_at`` of a new object. Other payloads have only times that may be
    much older than the webhook, such as that of a subscription whose trial has ended.
    """
    name = webhook.webhook_type or ""
    if name == "alert.triggered":
        found = getattr(webhook.payload, "triggered_at", None)
    elif name.endswith(".created") and name not in _DRAFTS_FIRST:
        found = getattr(webhook.payload, "created_at", None)
    else:
        return None
    return found if isinstance(found, datetime) else None
