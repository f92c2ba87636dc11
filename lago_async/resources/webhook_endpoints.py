"""Webhook endpoints: your addresses that the server sends webhooks to; at most ten."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        WebhookEndpoint,
        WebhookEndpointInput,
        WebhookEndpointInputDict,
        WebhookEndpointUpdateInput,
        WebhookEndpointUpdateInputDict,
    )

__all__ = ["WebhookEndpoints"]


class WebhookEndpoints(Resource):
    """Webhook endpoints: your addresses that the server sends webhooks to; at most ten."""

    @post("create_webhook_endpoint", "/webhook_endpoints", root="webhook_endpoint")
    async def create(self, webhook_endpoint: WebhookEndpointInput | WebhookEndpointInputDict, /) -> WebhookEndpoint:
        """Create a webhook endpoint.

        Args:
            webhook_endpoint: A ``WebhookEndpointInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused: ``webhook_url: value_already_exist``, ``base: exceeded_limit``, ...

        API operation: createWebhookEndpoint.
        """

    @get("find_webhook_endpoint", "/webhook_endpoints/{lago_id}", root="webhook_endpoint")
    async def find(self, lago_id: str) -> WebhookEndpoint:
        """Find a webhook endpoint.

        Raises:
            NotFoundError: ``webhook_endpoint_not_found``.

        API operation: findWebhookEndpoint.
        """

    @get("find_all_webhook_endpoints", "/webhook_endpoints", root="webhook_endpoints")
    def find_all(
        self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> AsyncPager[WebhookEndpoint]:
        """List webhook endpoints, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        API operation: findAllWebhookEndpoints.
        """

    @put("update_webhook_endpoint", "/webhook_endpoints/{lago_id}", root="webhook_endpoint")
    async def update(
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

    @delete("destroy_webhook_endpoint", "/webhook_endpoints/{lago_id}", root="webhook_endpoint")
    async def destroy(self, lago_id: str) -> WebhookEndpoint:
        """Delete a webhook endpoint, and return it as it was.

        Raises:
            NotFoundError: ``webhook_endpoint_not_found``.

        API operation: destroyWebhookEndpoint.
        """
