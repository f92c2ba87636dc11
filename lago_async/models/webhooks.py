"""Models of the webhooks' public key."""

import base64

from lago_async.models._base import response_model

__all__ = ["WebhookPublicKey"]


@response_model
class WebhookPublicKey:
    """The key that verifies the ``jwt`` signature of webhooks.

    Attributes:
        public_key: A PEM file in base64, with line breaks; ``pem`` is the file.
    """

    public_key: str

    @property
    def pem(self) -> str:
        """Return the key as PEM, as other libraries take it.

        Raises:
            ValueError: The server did not send base64.
        """
        return base64.b64decode("".join(self.public_key.split()), validate=True).decode("ascii")
