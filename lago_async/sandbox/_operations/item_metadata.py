"""The rules for metadata of plans, wallets and credit notes: one object of keys and values."""

from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject

_KEYS = 50
_KEY_LENGTH = 100
_VALUE_LENGTH = 255


def checked(metadata: JsonObject | None) -> JsonObject | None:
    """Return metadata; refuse too many keys, long keys, and values that are not short texts."""
    found: list[Json] = []
    if len(metadata or {}) > _KEYS:
        found.append(f"cannot have more than {_KEYS} keys")
    for key, value in (metadata or {}).items():
        if len(key) > _KEY_LENGTH:
            found.append(f"key '{key}' must be a String up to {_KEY_LENGTH} characters")
        if value is not None and not (isinstance(value, str) and len(value) <= _VALUE_LENGTH):
            found.append(f"value for key '{key}' must be empty or a String up to {_VALUE_LENGTH} characters")
    if found:
        raise refusals.invalid({"value": found})
    return metadata


def given_metadata(given: Fields, before: JsonObject | None = None) -> JsonObject | None:
    """Return the metadata that were sent, or those of before; lists and objects in them count as not sent."""
    if not given.has("metadata"):
        return before
    sent = given.mapping("metadata")
    return checked(
        None if sent is None else {key: one for key, one in sent.items() if not isinstance(one, list | dict)}
    )
