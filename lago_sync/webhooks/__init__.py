"""Webhooks: verify them, and read them as typed objects.

``verifier.verify(body, headers)``, then ``webhook = parse(body)``.
Compare ``webhook.webhook_type``, and type checkers know ``webhook.payload``.
"""

from __future__ import annotations

from lago_async.webhooks import _types
from lago_async.webhooks._backlog import Respond
from lago_async.webhooks._deliveries import (
    ClaimResult,
    DeliveryQueue,
    DeliveryStore,
    MemoryDeliveryStore,
    QueuedDelivery,
)
from lago_async.webhooks._parsing import parse
from lago_async.webhooks._received import KnownWebhook, UnknownWebhook
from lago_async.webhooks._sqlite_deliveries import SqliteDeliveryStore
from lago_async.webhooks._types import *
from lago_sync._webhook_handlers import WebhookHandlers
from lago_sync._webhook_verifier import WebhookVerifier
from lago_sync._webhook_worker import WebhookWorker

__all__ = [
    "ClaimResult",
    "DeliveryQueue",
    "DeliveryStore",
    "KnownWebhook",
    "MemoryDeliveryStore",
    "QueuedDelivery",
    "Respond",
    "SqliteDeliveryStore",
    "UnknownWebhook",
    "WebhookHandlers",
    "WebhookVerifier",
    "WebhookWorker",
    "parse",
]
__all__ += _types.__all__
