# GENERATED from lago_async/resources/webhook_endpoints.py by `python -m tools.generate`. Do not edit.
"""Webhook endpoints: your addresses that the server sends webhooks to; at most ten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.webhook_endpoints import WebhookEndpoints as AsyncWebhookEndpoints
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from lago_async._table.query import PositiveInt
    from lago_async.models import (
        WebhookEndpoint,
        WebhookEndpointInput,
        WebhookEndpointInputDict,
        WebhookEndpointUpdateInput,
        WebhookEndpointUpdateInputDict,
    )
    from lago_sync.pager import Pager

__all__ = ["WebhookEndpoints"]


class WebhookEndpoints(Resource[AsyncWebhookEndpoints]):
    """Webhook endpoints: your addresses that the server sends webhooks to; at most ten."""

    def create(self, webhook_endpoint: WebhookEndpointInput | WebhookEndpointInputDict, /) -> WebhookEndpoint:
        """Create a webhook endpoint.

        Args:
            webhook_endpoint: A ``WebhookEndpointInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused: ``webhook_url: value_already_exist``, ``base: exceeded_limit``, ...

        API operation: createWebhookEndpoint.
        """
        return self._run(self._async.create, webhook_endpoint)

    def find(self, lago_id: str) -> WebhookEndpoint:
        """Find a webhook endpoint.

        Raises:
            NotFoundError: ``webhook_endpoint_not_found``.

        API operation: findWebhookEndpoint.
        """
        return self._run(self._async.find, lago_id)

    def find_all(
        self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> Pager[WebhookEndpoint]:
        """List webhook endpoints, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        API operation: findAllWebhookEndpoints.
        """
        return self._page(self._async.find_all, page=page, per_page=per_page)

    def update(
        self, lago_id: str, webhook_endpoint: WebhookEndpointUpdateInput | WebhookEndpointUpdateInputDict, /
    ) -> WebhookEndpoint:
        """Change a webhook endpoint; fields that are not given stay as they are.

        Args:
            lago_id: The ``lago_id`` of the endpoint.
            webhook_endpoint: A ``WebhookEndpointUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``webhook_endpoint_not_found``.
            ValidationError: A field was refused.

        API operation: updateWebhookEndpoint.
        """
        return self._run(self._async.update, lago_id, webhook_endpoint)

    def destroy(self, lago_id: str) -> WebhookEndpoint:
        """Delete a webhook endpoint, and return it as it was.

        Raises:
            NotFoundError: ``webhook_endpoint_not_found``.

        API operation: destroyWebhookEndpoint.
        """
        return self._run(self._async.destroy, lago_id)
