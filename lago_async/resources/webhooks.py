"""The public key that verifies webhooks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources._base import Resource, get

if TYPE_CHECKING:
    from lago_async.models import WebhookPublicKey

__all__ = ["Webhooks"]


class Webhooks(Resource):
    """The public key that verifies webhooks."""

    @get("fetch_json_public_key", "/webhooks/json_public_key", root="webhook")
    async def fetch_json_public_key(self) -> WebhookPublicKey:
        """Fetch the public key that verifies the ``jwt`` signature of webhooks.

        API operation: fetchJsonPublicKey.
        """

    @get("fetch_public_key", "/webhooks/public_key", deprecated="fetch_json_public_key")
    async def fetch_public_key(self) -> str:
        """Fetch the same key as plain text: a PEM file in base64, with line breaks.

        API operation: fetchPublicKey.
        """
