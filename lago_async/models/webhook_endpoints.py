"""Models of webhook endpoints."""

from typing import Literal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model

__all__ = ["SignatureAlgorithm", "WebhookEndpoint", "WebhookEndpointInput", "WebhookEndpointUpdateInput"]

SignatureAlgorithm = Literal["jwt", "hmac"]


@response_model
class WebhookEndpoint:
    """An address of yours to which the server sends webhooks.

    Attributes:
        event_types: The types that it gets; None: all.
    """

    lago_id: str
    lago_organization_id: str
    webhook_url: str
    signature_algo: Open[SignatureAlgorithm]
    name: str | None
    event_types: list[str] | None
    created_at: Timestamp


@input_model
class WebhookEndpointInput:
    """A webhook endpoint to create.

    Attributes:
        signature_algo: ``jwt`` unless given; its header outgrows the limits of many servers with large payloads,
            ``hmac`` never.
        event_types: The types to get; all unless given.
    """

    webhook_url: str
    signature_algo: Open[SignatureAlgorithm] | None | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    event_types: list[str] | None | UnsetType = UNSET


@input_model
class WebhookEndpointUpdateInput:
    """What to change of a webhook endpoint.

    Attributes:
        event_types: The types to get; None: all.
    """

    webhook_url: str
    signature_algo: Open[SignatureAlgorithm] | None | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    event_types: list[str] | None | UnsetType = UNSET
