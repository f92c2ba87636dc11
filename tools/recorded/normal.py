"""Placeholders for the parts of a response that depend on the server that gave it."""

import json
import re
from collections.abc import Collection

from lago_async.sandbox._protocol.wire import Json
from tools.recorded.symbols import UUID

# Values that each server makes up, by their key. Only their presence is compared.
MADE_UP: dict[str, str] = {
    **dict.fromkeys(
        ("portal_url", "checkout_url", "payment_url", "file_url", "xml_url", "logo_url", "signed_document_url"), "<url>"
    ),
    **dict.fromkeys(("public_key", "hmac_key", "api_key", "token", "grpc_token", "signature"), "<secret>"),
    **dict.fromkeys(("sequential_id", "organization_sequential_id"), "<int>"),
    "document_number_prefix": "<prefix>",
    **dict.fromkeys(("provider_method_id", "provider_payment_id"), "<provider id>"),
    **dict.fromkeys(("lago_version", "api_version", "client", "request_origin"), "<environment>"),
}

# An invoice without a number has one that begins with the prefix of the organization.
_NUMBERS = ("number", "invoice_number")
_DRAFT = re.compile(r"^[A-Z]{1,10}-\w{4}-DRAFT$")


def normal(value: Json, key: str | None = None) -> Json:
    """Return a response with placeholders for what its server made up."""
    if isinstance(value, dict):
        return {each: normal(value[each], each) for each in value}
    if isinstance(value, list):
        return [normal(item, key) for item in value]
    if isinstance(value, str) and key in _NUMBERS:
        return _DRAFT.sub("<prefix>-DRAFT", value)
    if value is None or isinstance(value, bool) or key not in MADE_UP:
        return value
    return MADE_UP[key]


def parsed(content: bytes, content_type: str) -> Json:
    """Return a body as the recordings write it; a text that is not JSON is ``<text>``."""
    if not content:
        return None
    text = content.decode("utf-8", "replace")
    if "json" in content_type:
        value: Json = json.loads(text)
        return value
    return "<text>" if text.strip() else ""


def shapes(value: Json) -> Json:
    """Return types in the place of values, for responses about a whole organization."""
    if isinstance(value, dict):
        return {key: shapes(each) for key, each in value.items()}
    if isinstance(value, list):
        return [shapes(item) for item in value[:1]]
    return value if value is None else f"<{type(value).__name__}>"


def owned(body: Json, prefix: str, ids: Collection[str]) -> Json:
    """Return, of lists at the top of a response, the items that hold a code or an id of the story."""
    if not isinstance(body, dict) or not any(isinstance(value, list) for value in body.values()):
        return body
    kept: dict[str, Json] = {}
    for key, value in body.items():
        if isinstance(value, list):
            kept[key] = [item for item in value if _is_owned(json.dumps(item), prefix, ids)]
        elif key == "meta" and isinstance(value, dict):
            kept[key] = shapes({each: count or 0 for each, count in value.items()})
        else:
            kept[key] = value
    return kept


def _is_owned(text: str, prefix: str, ids: Collection[str]) -> bool:
    return prefix in text or any(found in ids for found in re.findall(UUID, text))
