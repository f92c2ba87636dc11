"""The base of all types of webhooks, and the type that this version does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, TypeVar, dataclass_transform

import attrs

if TYPE_CHECKING:
    from lago_async.models import Json

_T = TypeVar("_T")


@dataclass_transform(kw_only_default=True, frozen_default=True)
def webhook_model(cls: type[_T], /) -> type[_T]:
    """Make the class of a type of webhook: frozen, with keyword-only fields.

    A class that is based on another one is as that one at run time, and only type checkers see its fields: 75 calls of
    attrs would make the import ten times as long.
    """
    return attrs.frozen(kw_only=True)(cls) if cls.__base__ is object else cls


@webhook_model
class KnownWebhook:
    """The base of all known types of webhooks. Each type has its own model in ``payload``.

    Attributes:
        organization_id: The id of the organisation whose webhook it is.
        payload: The object that the webhook is about.
        unique_key: The ``X-Lago-Unique-Key``, the same in all attempts of a delivery; empty if ``parse`` was not told.
    """

    webhook_type: ClassVar[str]
    object_type: ClassVar[str]
    organization_id: str
    payload: object
    unique_key: str = ""


@webhook_model
class UnknownWebhook:
    """A webhook of a type that this version does not know, from a newer server.

    Attributes:
        webhook_type: None, so that type checkers can tell it from the others.
        organization_id: The id of the organisation whose webhook it is.
        unknown_type: The type, as the server spells it.
        object_type: The kind of object in ``payload``, and its name in the JSON.
        payload: The JSON of the object; the whole body if it has none of the name in ``object_type``.
        unique_key: The ``X-Lago-Unique-Key``; empty if ``parse`` was not told it.
    """

    webhook_type: ClassVar[None] = None
    organization_id: str
    unknown_type: str
    object_type: str
    payload: Json
    unique_key: str = ""
