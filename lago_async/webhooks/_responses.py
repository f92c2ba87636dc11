"""The statuses that deliveries are answered with, and the checks that lead to them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from lago_async.errors import WebhookBodyError
from lago_async.webhooks._age import sent_at
from lago_async.webhooks._signatures import UNIQUE_KEY, header_of
from lago_async.webhooks._tokens import RefusedSignatureError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lago_async.webhooks._types import Webhook

DONE: Final = 200
BAD: Final = 400
UNSIGNED: Final = 401
BUSY: Final = 409
TOO_LARGE: Final = 413
FAILED: Final = 500

_LONGEST_KEY: Final = 200  # characters; Lago sends a UUID


def unique_key_of(headers: Mapping[str, str]) -> str:
    """Return the key of a delivery.

    Raises:
        WebhookBodyError: It has none, or one that Lago does not send.
    """
    try:
        key = header_of(headers, UNIQUE_KEY)
    except RefusedSignatureError as error:
        raise WebhookBodyError(str(error)) from error
    if not (key.isascii() and key.isprintable() and 0 < len(key) <= _LONGEST_KEY):
        raise WebhookBodyError(f"the header {UNIQUE_KEY} is not a key")
    return key


def check_age(webhook: Webhook, max_age: float | None, now: float) -> None:
    """Check the age of a delivery, if its payload has the time.

    Raises:
        WebhookBodyError: It is older than ``max_age`` seconds.
    """
    sent = sent_at(webhook)
    if max_age is not None and sent is not None and now - sent.timestamp() > max_age:
        raise WebhookBodyError(f"it is older than {max_age:g} seconds: it is of {sent.isoformat()}")
