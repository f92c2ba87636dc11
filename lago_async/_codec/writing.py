"""The writer of requests: models and mappings to JSON. Strict, because a silently dropped typo causes a wrong bill."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final, cast, get_args, get_origin

import msgspec

from lago_async._codec.validation import Complaint, check_of, steps

encode = msgspec.json.Encoder().encode

_MOST: Final = 10  # complaints in one error


class UnwritableError(Exception):
    """A body does not fit its model; the message names the field."""


@cache
def strict_reader(kind: Any, root: str | None) -> Callable[[bytes], Any]:
    """Return the decoder of a body in its envelope."""
    if root is None:
        return msgspec.json.Decoder(kind).decode
    struct: Any = msgspec.defstruct("Request", [("body", kind)], rename={"body": root})
    decode = msgspec.json.Decoder(struct).decode
    return lambda wire: decode(wire).body


def write(body: object, kind: Any, root: str | None) -> bytes:
    """Return the JSON of a request in its envelope. Its body is a model, a matching mapping, a list of these or a dict.

    Raises:
        UnwritableError: A key is unknown or missing, or a value has another type; the message names the key.
    """
    if _may_be_models(body):
        try:
            wire = _encode(body, root)
            # msgspec writes some values as what they are not: NaN as null, bytes as base64. Reading them back gives
            # another body, except for an infinite Decimal. A difference may be harmless, such as 0.1 for a Decimal, so
            # the check decides.
            if b'Infinity"' not in wire and strict_reader(kind, root)(wire) == body:
                return wire
        except (TypeError, ValueError, ArithmeticError, RecursionError):
            pass  # the check below knows the path of each wrong value
    return _write_checked(body, kind, root)


def _may_be_models(body: object) -> bool:
    """Tell whether a body is worth the fast path. A mapping is not: it is mostly read back as a model, never equal."""
    first = next(iter(cast("list[object]", body)), None) if body.__class__ is list else body
    return first.__class__ is not dict


def _encode(body: object, root: str | None) -> bytes:
    return encode(body if root is None else {root: body})


def _write_checked(body: object, kind: Any, root: str | None) -> bytes:
    _check_form(body, kind)
    complaints: list[Complaint] = []
    try:
        plain = check_of(kind)(body, None, complaints)
        if complaints:
            raise UnwritableError(_sentence(complaints, kind, root or ""))
        wire = _encode(plain, root)
        strict_reader(kind, root)(wire)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at ")
        field = path.strip("`").removeprefix("$").lstrip(".")
        problem = problem.replace("`", "").replace("Expected", "expected")
        raise UnwritableError(f"{field}: {problem}") from None
    except RecursionError:
        raise UnwritableError("a value holds itself, or is nested too deeply") from None
    except ValueError as error:  # an integer of more digits than Python writes
        raise UnwritableError(str(error)) from None
    return wire


def _check_form(body: object, kind: Any) -> None:
    """Refuse a body that has not even the outer form of its type."""
    if get_origin(kind) is list:
        (model,) = get_args(kind)
        if not isinstance(body, Sequence) or isinstance(body, str | bytes | bytearray | memoryview):
            raise UnwritableError(f"expected a list of {model.__name__}, got {type(cast('object', body)).__name__}")
        for item in cast("Sequence[object]", body):
            _check_form(item, model)
    elif get_origin(kind) is dict:
        if not isinstance(body, Mapping):
            raise UnwritableError(f"expected a mapping, got {type(body).__name__}")
    elif not isinstance(body, (dict, kind, Mapping)):  # `Mapping` last, because it is slow
        raise UnwritableError(f"expected a {kind.__name__} or a mapping, got {type(body).__name__}")


def _sentence(complaints: list[Complaint], kind: Any, root: str) -> str:
    """Join complaints. Keys are those of a model, so its name begins their path; values have the path of the JSON."""
    (model,) = get_args(kind) if get_origin(kind) is list else (kind,)
    name = "body" if get_origin(kind) is dict else model.__name__
    texts: list[str] = []
    for path, text, about_keys in complaints[:_MOST]:
        if about_keys:
            texts.append(f"{name}{steps(path)} {text}")
        else:
            texts.append(f"{(root + steps(path)).lstrip('.') or name}: {text}")
    if len(complaints) > _MOST:
        texts.append(f"and {len(complaints) - _MOST} more")
    return "; ".join(texts)
