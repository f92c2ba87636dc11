"""Faults as JSON: ``{"fault": "latency", "seconds": 1}``."""

import re
from typing import get_args

import attrs
import msgspec

from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._server.faults import Fault

_NAME = "fault"


def _name(kind: type[Fault]) -> str:
    """Return the name of a fault: ``drop_connection``."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).lower()


_KINDS: dict[str, type[Fault]] = {_name(kind): kind for kind in get_args(Fault)}


def _fields(kind: type[Fault]) -> list[str]:
    return [field.name for field in attrs.fields(kind)]


FAULT_PARAMS: dict[str, str] = {_NAME: f"one of {', '.join(_KINDS)}"}
for _kind_name, _kind in _KINDS.items():
    for _field in _fields(_kind):
        _of = FAULT_PARAMS.get(_field)
        FAULT_PARAMS[_field] = f"of {_kind_name}" if _of is None else f"{_of} and {_kind_name}"


def fault_from(given: JsonObject) -> Fault:
    """Return the fault that a request describes.

    Raises:
        ValueError: there is no such fault, or a parameter is unknown or invalid.
    """
    fields = dict(given)
    name = fields.pop(_NAME, None)
    kind = _KINDS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise ValueError(f'fault has to be one of {", ".join(_KINDS)}, as in {{"fault": "latency", "seconds": 1}}')
    if unknown := sorted(set(fields) - set(_fields(kind))):
        known = ", ".join(_fields(kind))
        raise ValueError(f"{name} takes {known}, not {', '.join(unknown)}")
    values: dict[str, object] = {**fields}
    body = values.get("body")
    if isinstance(body, str):
        values["body"] = body.encode()
    try:
        return msgspec.convert(values, kind, builtin_types=(bytes,))
    except msgspec.ValidationError as error:
        raise ValueError(f"{name}: {error}") from None


def fault_json(fault: Fault) -> JsonObject:
    """Return a fault as a request describes it."""
    shown: JsonObject = {_NAME: _name(type(fault))}
    for field in attrs.fields(type(fault)):
        value: object = getattr(fault, field.name)
        shown[field.name] = _shown(value)
    return shown


def _shown(value: object) -> Json:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, dict):
        return {str(name): _shown(item) for name, item in value.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    raise TypeError(f"a fault contains a {type(value).__qualname__}")
