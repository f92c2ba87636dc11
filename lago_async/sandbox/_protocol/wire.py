"""JSON and decimals as Lago's server writes them."""

import json
from decimal import Decimal
from math import isinf
from typing import Never, TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
JsonObject: TypeAlias = dict[str, Json]


# The server escapes these in every JSON text, so that a body can be embedded in an HTML page.
_ESCAPES = str.maketrans(
    {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"},
)


def encode(value: Json) -> bytes:
    """Return compact JSON bytes with the server's escapes."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False)
    # "replace": a lone surrogate is legal in JSON input (as an escape) but has no bytes of its own.
    return text.translate(_ESCAPES).encode("utf-8", "replace")


def _refuse_constant(name: str) -> Never:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number):
        raise ValueError(f"{text} is too large")
    return number


def decode(body: bytes) -> Json:
    """Parse a request body; raises ``ValueError`` if it is not JSON (``NaN`` and ``Infinity`` are not)."""
    try:
        value: Json = json.loads(body, parse_constant=_refuse_constant, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    return value


def decimal_text(number: Decimal) -> str:
    """Write a decimal without exponent and with at least one digit after the point: ``"4.0"``, ``"0.00001"``."""
    text = format(number, "f")
    if "." not in text:
        return text + ".0"
    text = text.rstrip("0")
    return text + "0" if text.endswith(".") else text
