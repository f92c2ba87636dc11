"""Models of webhook endpoints."""

from typing import Literal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model

__all__ = ["SignatureAlgorithm", "WebhookEndpoint", "WebhookEndpointInput", "WebhookEndpointUpdateInput"]

SignatureAlgorithm = Literal["jwt", "hmac"]


@response_model
class WebhookEndpoint:
    """Your address that the server sends webhooks to.

    Attributes:
        event_types: The types to send; None: all.
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
        signature_algo: By default ``jwt``. With large payloads, its header exceeds the size limits of many servers; the
            header of ``hmac`` never does.
        event_types: The types to send; by default all.
    """

    webhook_url: str
    signature_algo: Open[SignatureAlgorithm] | None | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    event_types: list[str] | None | UnsetType = UNSET


@input_model
class WebhookEndpointUpdateInput:
    """Changes to a webhook endpoint.

    Attributes:
        event_types: The types to send; None: all.
    """

    webhook_url: str | UnsetType = UNSET
    signature_algo: Open[SignatureAlgorithm] | None | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    event_types: list[str] | None | UnsetType = UNSET
