"""The parser from bytes to plain JSON values, and every error that decoding may raise."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

if TYPE_CHECKING:
    from lago_async.models import Json


class UndecodableError(Exception):
    """The bytes are not JSON, or lack the envelope."""


# msgspec does not wrap the errors of what it calls: 253402300800 as a datetime is a ValueError, and other numbers are
# an OSError of the C library.
DECODING_ERRORS: Final = (msgspec.DecodeError, ValueError, ArithmeticError, OSError, RecursionError)


def parse(body: bytes, *, exact: bool = False) -> Json:
    """Parse JSON; with ``exact``, a number with a fraction becomes a ``Decimal`` with all its digits.

    Raises:
        UndecodableError: The bytes are not JSON.
    """
    if not body.strip():
        raise UndecodableError("an empty response")
    try:
        if not exact:
            return cast("Json", _parser.decode(body))
        try:
            return cast("Json", _exact_parser.decode(body))
        except ArithmeticError:
            return cast("Json", _nearly_exact_parser.decode(body))
    except DECODING_ERRORS as error:
        raise UndecodableError(f"a response that is not JSON ({error})") from error


def json_type(value: object) -> str:
    """Return JSON's own name for the type of a parsed value."""
    if value is None:
        return "null"
    names: dict[type, str] = {dict: "object", list: "array", str: "string", bool: "boolean"}
    return names.get(type(value), "number")


def _nearly_exact(number: str) -> Decimal | float:
    try:
        return Decimal(number)
    except ArithmeticError:  # for example, an exponent of twenty digits
        return float(number)


_parser: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_exact_parser: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)
_nearly_exact_parser: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=_nearly_exact)
