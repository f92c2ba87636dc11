"""Models of the webhooks' public key."""

from lago_async.models._base import response_model

__all__ = ["WebhookPublicKey"]


@response_model
class WebhookPublicKey:
    """The key that verifies the ``jwt`` signature of webhooks.

    Attributes:
        public_key: A PEM file in base64, with line breaks.
    """

    public_key: str
