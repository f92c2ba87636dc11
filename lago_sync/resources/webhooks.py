# GENERATED from lago_async/resources/webhooks.py by `python -m tools.generate`. Do not edit.
"""The public key that verifies webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.webhooks import Webhooks as AsyncWebhooks
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from lago_async.models import WebhookPublicKey

__all__ = ["Webhooks"]


class Webhooks(Resource[AsyncWebhooks]):
    """The public key that verifies webhooks."""

    def fetch_json_public_key(self) -> WebhookPublicKey:
        """Fetch the public key that verifies the ``jwt`` signature of webhooks.

        API operation: fetchJsonPublicKey.
        """
        return self._run(self._async.fetch_json_public_key)

    def fetch_public_key(self) -> str:
        """Fetch the same key as plain text: a PEM file in base64, with line breaks.

        API operation: fetchPublicKey.
        """
        return self._run(self._async.fetch_public_key)
