"""The parser from bytes to plain JSON values, and every error that decoding may raise."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, cast

import msgspec

from lago_async._codec.leaves import to_plain
from lago_async._codec.repairing import repair

if TYPE_CHECKING:
    from lago_async.models import Json


class UndecodableError(Exception):
    """The bytes are not JSON, or lack the envelope."""


# msgspec does not wrap the errors of what it calls: 253402300800 as a datetime is a ValueError, and other numbers are
# an OSError of the C library.
DECODING_ERRORS: Final = (msgspec.DecodeError, ValueError, ArithmeticError, OSError, RecursionError)


def parse(body: bytes, *, exact: bool = False) -> Json:
    """Parse JSON; with ``exact``, a number with a fraction becomes a ``Decimal`` with all its digits.

    Text that cannot be represented, such as NaN or half of a character, is replaced.

    Raises:
        UndecodableError: The bytes are not JSON.
    """
    if not body.strip():
        raise UndecodableError("an empty response")
    decode = _exact_parser.decode if exact else _parser.decode
    try:
        return cast("Json", decode(body))
    except DECODING_ERRORS as error:
        repaired = repair(body)
        try:
            whole = _exact_parser.decode(repaired)
            return cast("Json", whole if exact else to_plain(whole))
        except DECODING_ERRORS:
            raise UndecodableError(f"a response that is not JSON ({error})") from error


def json_type(value: object) -> str:
    """Return JSON's own name for the type of a parsed value."""
    if value is None:
        return "null"
    names: dict[type, str] = {dict: "object", list: "array", str: "string", bool: "boolean"}
    return names.get(type(value), "number")


class Huge(Decimal):
    """A number that no float can hold. msgspec would convert a plain ``Decimal`` to an infinite float."""


def _exact(number: str) -> Decimal:
    try:
        value = Decimal(number)
    except ArithmeticError:  # for example, an exponent of twenty digits
        value = Decimal(float(number))
    return value if value.adjusted() < _SURELY_FLOAT else Huge(value)


_SURELY_FLOAT: Final = 300
_parser: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_exact_parser: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=_exact)
