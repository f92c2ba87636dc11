"""From the body of a webhook to its class; tolerant like the reading of responses."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, TypeVar, cast

import msgspec

from lago_async import models
from lago_async._codec.envelope import Envelope
from lago_async._codec.parsing import DECODING_ERRORS, UndecodableError, json_type
from lago_async._codec.parsing import parse as parse_json
from lago_async._printable import printable
from lago_async.errors import LagoArgumentError, WebhookBodyError
from lago_async.webhooks._received import KnownWebhook, UnknownWebhook
from lago_async.webhooks._types import TYPES

if TYPE_CHECKING:
    from lago_async.models import Json
    from lago_async.webhooks._types import Webhook

_WebhookT = TypeVar("_WebhookT", bound=KnownWebhook)


class _Head(msgspec.Struct):
    """The members of every webhook besides its object."""

    webhook_type: str
    object_type: str | None = None
    organization_id: str | None = None


_head_decoder = msgspec.json.Decoder(_Head)


def parse(body: bytes, *, unique_key: str = "") -> Webhook:
    """Return the webhook of a body. Verify its signature first: anybody can send a body.

    Compare ``webhook_type`` and type checkers know the payload: ``if webhook.webhook_type == "invoice.created":
    webhook.payload.total_amount_cents``. A type that this version does not know is an ``UnknownWebhook``. A payload
    that differs from its model is read as far as possible, like a response, and what is lost is logged.

    Args:
        body: The bytes of the body.
        unique_key: The header ``X-Lago-Unique-Key``, for ``webhook.unique_key``.

    Raises:
        WebhookBodyError: The body is not a webhook.
        LagoArgumentError: The body is not ``bytes``; JSON that was parsed before is not enough.
    """
    if not isinstance(cast("object", body), bytes):
        raise LagoArgumentError(f"parse: the body must be bytes, not {type(body).__name__}: pass it as it arrived")
    head = _head(body)
    cls = TYPES.get(head.webhook_type)
    return cast("Webhook", _unknown(head, body, unique_key) if cls is None else _known(cls, head, body, unique_key))


def _known(cls: type[_WebhookT], head: _Head, body: bytes, unique_key: str) -> _WebhookT:
    envelope = _envelope_of(head.webhook_type)
    if head.object_type not in (None, envelope.root):  # not cached: the body names it
        envelope = _new_envelope(cls, head.object_type)
    try:
        payload, _ = envelope.read(body)
    except UndecodableError as error:
        raise WebhookBodyError(f"a webhook {head.webhook_type!r} cannot be read: {printable(str(error))}") from error
    return cls(organization_id=head.organization_id or "", payload=payload, unique_key=unique_key)


def _new_envelope(cls: type[KnownWebhook], root: str | None = None) -> Envelope[object]:
    model = getattr(models, str(cls.__annotations__["payload"]))  # an annotation as text, which names a model
    return Envelope(root or cls.object_type, model, operation=f"the webhook {cls.webhook_type}")


@cache
def _envelope_of(webhook_type: str) -> Envelope[object]:
    return _new_envelope(TYPES[webhook_type])


def _unknown(head: _Head, body: bytes, unique_key: str) -> UnknownWebhook:
    whole = _object(body)
    object_type = head.object_type or ""
    return UnknownWebhook(
        organization_id=head.organization_id or "",
        object_type=object_type,
        unknown_type=head.webhook_type,
        payload=whole.get(object_type, cast("Json", whole)),
        unique_key=unique_key,
    )


def organization_of(body: bytes) -> str | None:
    """Return the organisation of a webhook.

    Raises:
        WebhookBodyError: The body is not a webhook.
    """
    return _head(body).organization_id


def _head(body: bytes) -> _Head:
    try:
        return _head_decoder.decode(body)
    except DECODING_ERRORS:
        return _tolerant_head(body)


def _tolerant_head(body: bytes) -> _Head:
    """Read the head of a body that is not quite JSON, or whose members have unexpected types."""
    whole = _object(body)
    webhook_type, *others = (whole.get(name) for name in ("webhook_type", "object_type", "organization_id"))
    if not isinstance(webhook_type, str):
        raise WebhookBodyError(f"the body is not a webhook: its 'webhook_type' is a JSON {json_type(webhook_type)}")
    object_type, organization_id = (text if isinstance(text, str) else None for text in others)
    return _Head(webhook_type, object_type, organization_id)


def _object(body: bytes) -> dict[str, Json]:
    try:
        whole = parse_json(body)
    except UndecodableError as error:
        raise WebhookBodyError(f"the body is not a webhook: {printable(str(error))}") from error
    if not isinstance(whole, dict):
        raise WebhookBodyError(f"the body is not a webhook: it is a JSON {json_type(whole)}")
    return whole
