"""Webhooks: read them as typed objects.

``webhook = parse(body)``; compare ``webhook.webhook_type``, and type checkers know ``webhook.payload``.
"""

from __future__ import annotations

from lago_async.webhooks import _types
from lago_async.webhooks._parsing import parse
from lago_async.webhooks._received import KnownWebhook, UnknownWebhook
from lago_async.webhooks._types import *

__all__ = ["KnownWebhook", "UnknownWebhook", "parse"]
__all__ += _types.__all__
