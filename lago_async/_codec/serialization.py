"""Models that leave the program and come back: as dictionaries, as JSON, and as the records of a data frame."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast, get_args, get_origin

import attrs
import msgspec

from lago_async._codec.hints import unless_null
from lago_async._codec.oddities import Oddities
from lago_async._codec.parsing import DECODING_ERRORS, UndecodableError, json_type, parse
from lago_async._codec.tolerant import tolerant_reader
from lago_async._codec.writing import UnwritableError, encode, strict_reader, write
from lago_async._plain_json import NotJsonError, is_input, is_model, plain_json
from lago_async._validation import described
from lago_async.errors import LagoArgumentError

if TYPE_CHECKING:
    from lago_async.models import Json

__all__ = ["from_dict", "from_json", "to_dict", "to_json", "to_records"]

_T = TypeVar("_T")

_TOO_DEEP: Final = "the value holds itself, or is nested too deeply"


def to_dict(model: object, /) -> dict[str, Json]:
    """Return a model as a dictionary of plain JSON values: ``to_dict(customer)["created_at"]`` is a text.

    The names are those on the wire, in the order in which the model declares them, the ids first. A time is ISO 8601,
    and a decimal is a text with all its digits. An input has only the fields that were given.

    Args:
        model: A model, such as a ``Customer`` or a ``CustomerInput``; or a ``Page``, which has ``items`` and ``meta``.

    Raises:
        LagoArgumentError: It is something else, or JSON cannot hold one of its values.
    """
    if not attrs.has(type(model)):
        raise LagoArgumentError(f"to_dict: expected a model, such as a Customer, not {described(model)}")
    return cast("dict[str, Json]", _plain("to_dict", model))


def to_json(value: object, /) -> str:
    """Return a model as JSON, with the names, the order and the values of `to_dict`.

    Args:
        value: A model, a sequence or a mapping of models, or a ``Page``.

    Raises:
        LagoArgumentError: JSON cannot hold the value, or something in it.
    """
    plain = _plain("to_json", value)
    try:
        return encode(plain).decode()
    except (ValueError, RecursionError) as error:  # an integer of more digits than Python writes, or a lone surrogate
        raise LagoArgumentError(f"to_json: {error}") from None


def from_dict(kind: type[_T], data: object, /) -> _T:
    """Return the model that `to_dict` has turned into a dictionary: ``from_dict(Customer, data)``.

    The model of a response is read like a response: a missing field is None, and an unknown one is ignored. An input
    is checked like a request: an unknown or a missing field, or a value of a wrong type, is refused.

    Args:
        kind: A model, or a list of one: ``from_dict(list[Customer], data)``.
        data: A mapping with the names on the wire; for a list, a sequence of them.

    Raises:
        LagoArgumentError: The data is not that of the model; the message names the field.
    """
    declared: Any = kind
    if is_input(_model_of("from_dict", kind)):
        try:
            return cast("_T", strict_reader(declared, None)(write(data, kind, None)))
        except UnwritableError as error:
            raise LagoArgumentError(f"from_dict: {error}") from None
    return cast("_T", _read("from_dict", kind, encode(_plain("from_dict", data))))


def from_json(kind: type[_T], data: str | bytes, /) -> _T:
    """Return the model that `to_json` has turned into JSON: ``from_json(Customer, text)``.

    It reads what the server sends as it reads a response, and checks an input like a request; see `from_dict`.

    Args:
        kind: A model, or a list of one: ``from_json(list[Customer], text)``.
        data: The JSON, without an envelope.

    Raises:
        LagoArgumentError: The data is not JSON, or not that of the model; the message names the field.
    """
    declared: Any = kind
    model = _model_of("from_json", kind)
    try:
        wire = data.encode() if isinstance(data, str) else bytes(data)
        if is_input(model):
            write(msgspec.json.decode(wire), kind, None)  # knows the names of unknown fields
            return cast("_T", strict_reader(declared, None)(wire))  # keeps all digits of a decimal
    except (UnwritableError, *DECODING_ERRORS) as error:
        raise LagoArgumentError(f"from_json: {error}") from None
    return cast("_T", _read("from_json", kind, wire))


def to_records(models: Iterable[object], /, *, separator: str = ".") -> list[dict[str, object]]:
    """Return models as flat rows for a data frame: ``pandas.DataFrame.from_records(to_records(page))``.

    The columns follow from the class of the models, so that all rows, and those of other pages, have the same. An
    object inside a model has its columns behind its name, such as ``shipping_address.city``. Numbers, decimals and
    times keep their type. Lists and free-form JSON are JSON texts.

    Args:
        models: Models of one class: a list, a ``Page``, or a list that a pager has collected.
        separator: The text between the name of an object and the names of its fields.

    Raises:
        LagoArgumentError: Something is not a model, is of another class than the first, or JSON cannot hold it.
    """
    rows: list[dict[str, object]] = []
    kind: type[Any] | None = None
    for model in models:
        kind = kind or type(model)
        if type(model) is not kind or not is_model(kind):
            wanted = f"a {kind.__name__}" if rows else "a model, such as a Customer"
            raise LagoArgumentError(f"to_records: item {len(rows)}: expected {wanted}, not {described(model)}")
        declared: Any = kind
        values = _values(model)
        rows.append({separator.join(path): values.get(path) for path in _columns(declared)})
    return rows


def _plain(operation: str, value: object) -> Json:
    try:
        return plain_json(value, type(value).__name__)
    except NotJsonError as error:
        raise LagoArgumentError(f"{operation}: {error}") from None
    except RecursionError:
        raise LagoArgumentError(f"{operation}: {_TOO_DEEP}") from None


def _model_of(operation: str, kind: Any) -> type[Any]:
    """Return the model of the class, or of a list of it, that a caller has named."""
    (model,) = get_args(kind) if get_origin(kind) is list else (kind,)
    if is_model(model):
        return cast("type[Any]", model)
    raise LagoArgumentError(f"{operation}: expected a model, such as Customer, or list[Customer], not {kind!r}")


@cache
def _reader(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=False)


def _read(operation: str, kind: Any, wire: bytes) -> Any:
    """Read JSON as a response is read: at once if it is as declared, and else field by field."""
    try:
        return _reader(kind).decode(wire)
    except DECODING_ERRORS:
        pass
    try:
        whole = parse(wire, exact=True)
    except UndecodableError:
        raise LagoArgumentError(f"{operation}: the text is not JSON") from None
    wanted, name = (list, "a JSON array") if get_origin(kind) is list else (dict, "a JSON object")
    if not isinstance(whole, wanted):
        raise LagoArgumentError(f"{operation}: expected {name}, got a JSON {json_type(whole)}")
    oddities = Oddities()
    read = tolerant_reader(kind, str(getattr(kind, "__name__", kind)))(whole, oddities)
    oddities.log(operation)
    return read


@cache
def _columns(model: Any) -> tuple[tuple[str, ...], ...]:
    """Return the columns of a model: the names that lead to each, in the order of the fields."""
    found: list[tuple[str, ...]] = []
    attrs.resolve_types(model)
    for field in attrs.fields(model):
        inner = unless_null(field.type)
        found += [(field.name, *path) for path in _columns(inner)] if is_model(inner) else [(field.name,)]
    return tuple(found)


def _values(model: Any) -> dict[tuple[str, ...], object]:
    found: dict[tuple[str, ...], object] = {}
    for field in attrs.fields(cast("type[Any]", type(model))):
        value: Any = getattr(model, field.name)
        if is_model(type(value)):
            found |= {(field.name, *path): inner for path, inner in _values(value).items()}
        elif value is not msgspec.UNSET:
            found[field.name,] = to_json(value) if value.__class__ in (list, dict) else value
    return found
