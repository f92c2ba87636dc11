"""Wire to model and back: msgspec where the bytes are as declared, one lenient cattrs converter where they are not.

Reading is tolerant, because an answer that says 200 must never be lost: the money has already moved. Writing is strict,
because a typo that is dropped silently is a wrong bill.
"""

from __future__ import annotations

import difflib
import gc
import logging
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Generic, TypeVar, Union, cast, get_args, get_origin

import attrs
import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeAlias

    import cattrs

    from lago_async.models.base import Json

    _Hook: TypeAlias = Callable[[Any, Any], Any]

_T = TypeVar("_T")

_log = logging.getLogger("lago_async.codec")


class UndecodableError(Exception):
    """The bytes are not JSON or lack the envelope: there is nothing to read from."""


class UnwritableError(Exception):
    """A body does not fit its model; the message names the field."""


# --- reading ----------------------------------------------------------------------------------------------------------

# A page of 400 KB makes 10,000 objects that all survive: the collector walks them some fifteen times while they are
# being made, and finds nothing. Spared that, it walks them once, behind the last. (gc.freeze and gc.unfreeze would
# spare it that one, too, but move the program's own young garbage where the collector may never look again.) msgspec
# keeps the interpreter lock all the while, so no other thread runs without a collector.
_COLLECTOR_MATTERS = 16_384


class Envelope(Generic[_T]):
    """Reads ``{root: T}`` from bytes, and ``{root: [...], "meta": {...}}`` where ``meta`` names a class.

    Where ``beside`` names a field of T, it is read from ``{root: T, beside: ...}``; ``bare`` takes a T without an
    envelope, too.
    """

    def __init__(
        self, root: str, content: object, *, meta: type | None = None, beside: str | None = None, bare: bool = False
    ) -> None:
        self.root = root
        self._content: Any = content
        self._meta: Any = meta and _optional(meta)
        self._beside = beside
        self._bare = bare
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [("content", content)]
        if meta is not None:
            fields.append(("meta", self._meta, None))
        if beside is not None:
            fields.append(("beside", self._kind_beside, None))
        struct = msgspec.defstruct("Envelope", fields, rename={"content": root, "beside": beside or "beside"})
        self._fast: msgspec.json.Decoder[Any] = msgspec.json.Decoder(struct, strict=False)

    def read(self, body: bytes) -> tuple[_T, Any]:
        """The content, and the meta or None.

        Raises:
            UndecodableError: No JSON, or no such envelope.
        """
        pause = len(body) > _COLLECTOR_MATTERS and gc.isenabled()
        if pause:
            gc.disable()
        try:
            envelope = self._fast.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:  # a ValidationError is a DecodeError
            _log.debug("the tolerant reader takes %r: %s", self.root, error)
        else:
            if self._beside is not None:
                setattr(envelope.content, self._beside, envelope.beside)
            return envelope.content, None if self._meta is None else envelope.meta
        finally:
            if pause:
                gc.enable()
        return self.read_tolerantly(body)

    def read_tolerantly(self, body: bytes) -> tuple[_T, Any]:
        """The same for bytes that are not quite as declared."""
        whole = parse(body, exact=True)
        if not isinstance(whole, dict):
            raise UndecodableError(f"a JSON {_json_type(whole)} where an object with {self.root!r} belongs")
        if self._bare and self.root not in whole and "lago_id" in whole:
            whole = {self.root: cast("Json", whole)}
        if self.root not in whole:
            raise UndecodableError(f"no {self.root!r} in the answer")
        content = whole[self.root]
        wanted = _container(self._content)
        if not (isinstance(content, wanted) or (content is None and type(None) in get_args(self._content))):
            raise UndecodableError(f"{self.root!r} is a JSON {_json_type(content)}")
        structure = _tolerant().structure
        read = structure(content, self._content)
        if self._beside is not None:
            setattr(read, self._beside, structure(whole.get(self._beside), self._kind_beside))
        return read, self._meta and structure(whole.get("meta"), self._meta)

    @property
    def _kind_beside(self) -> Any:
        return getattr(attrs.fields(self._content), self._beside or "").type


def parse(body: bytes, *, exact: bool = False) -> Json:
    """Parse JSON; with ``exact``, a number with a fraction becomes a ``Decimal`` and loses no digit.

    Raises:
        UndecodableError: It isn't JSON.
    """
    if not body.strip():
        raise UndecodableError("an empty answer")
    try:
        return cast("Json", (_exact_parser if exact else _parser).decode(body))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError(f"an answer that is not JSON ({error})") from error


_parser: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_exact_parser: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)


@cache
def _tolerant() -> cattrs.Converter:
    """The converter that makes something of everything: what cannot be read at all becomes None, and is logged."""
    import cattrs

    converter = cattrs.Converter(detailed_validation=False)
    for leaf, last_resort in _LAST_RESORTS.items():
        converter.register_structure_hook(leaf, _leaf_hook(leaf, last_resort))
    converter.register_structure_hook_func(lambda kind: kind is Any, lambda value, _: _plain(value))
    converter.register_structure_hook_factory(_has_origin(Annotated), _annotated_hook)
    converter.register_structure_hook_factory(_is_union, _union_hook)
    converter.register_structure_hook_factory(_has_origin(list), _list_hook)
    converter.register_structure_hook_factory(_has_origin(dict), _dict_hook)
    converter.register_structure_hook_factory(attrs.has, _object_hook)
    return converter


def _has_origin(*origins: object) -> Callable[[Any], bool]:
    return lambda kind: get_origin(kind) in origins


_is_union = _has_origin(Union, UnionType)


def _object_hook(cls: Any, converter: cattrs.Converter) -> _Hook:
    """Convert an object whole if it is as declared, else field by field: the oddity costs only its own object."""
    from cattrs.gen import make_dict_structure_fn

    field_by_field = make_dict_structure_fn(cls, converter, _cattrs_detailed_validation=False)
    # `convert` would leave the parser's Decimals in a field of arbitrary JSON, where floats belong.
    whole = not _holds_json(cls)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            return None if value is None else _unreadable(value, cls)
        if whole:
            try:
                return msgspec.convert(value, cls, strict=False)
            except msgspec.ValidationError as error:
                _log.debug("%s is read field by field: %s", cls.__name__, error)
        return field_by_field(cast("Mapping[str, Any]", value), cls)

    return structure


def _annotated_hook(kind: Any) -> _Hook:
    return _leaf_hook(kind, _LAST_RESORTS[get_args(kind)[0]])  # with its constraint: a time has a zone


def _list_hook(kind: Any, converter: cattrs.Converter) -> _Hook:
    (item,) = get_args(kind)
    structure_item = converter.get_structure_hook(item)

    whole = not _holds_json(kind)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, list):
            if value is not None:
                _unreadable(value, kind)
            return []
        if whole:
            try:
                return msgspec.convert(value, kind, strict=False)
            except msgspec.ValidationError as error:
                _log.debug("a list is read item by item: %s", error)
        return [structure_item(each, item) for each in cast("list[Any]", value)]

    return structure


def _dict_hook(kind: Any, converter: cattrs.Converter) -> _Hook:
    _, item = get_args(kind)
    structure_item = converter.get_structure_hook(item)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            return None if value is None else _unreadable(value, kind)
        return {key: structure_item(each, item) for key, each in cast("dict[str, Any]", value).items()}

    return structure


def _union_hook(kind: Any, converter: cattrs.Converter) -> _Hook:
    members = [member for member in get_args(kind) if member is not NoneType]
    if len(members) > 1:
        return _leaf_hook(kind, lambda value: _as_float(value, kind))
    (member,) = members
    structure_member = converter.get_structure_hook(member)
    return lambda value, _: None if value is None else structure_member(value, member)


def _leaf_hook(kind: Any, last_resort: Callable[[Any], Any]) -> _Hook:
    """Read a value as the fast path does, so that both agree; only what it refuses comes to the last resort."""
    as_declared = kind if kind in (str, int, float) else None

    def structure(value: Any, _: Any) -> Any:
        if value is None or value.__class__ is as_declared:
            return value
        try:
            return msgspec.convert(value, kind, strict=False)
        except msgspec.ValidationError:
            pass
        try:
            return last_resort(value)
        except (ValueError, ArithmeticError, msgspec.ValidationError):
            return _unreadable(value, kind)

    return structure


def _unreadable(value: object, kind: object) -> None:
    # Never the value: it may be personal data. `with_http_info(...).body` has it all.
    _log.warning("a JSON %s cannot be read as %s and is None", _json_type(value), getattr(kind, "__name__", kind))


def _as_float(value: object, kind: Any) -> Any:
    """Read a number of several possible types as the fast path does: there it was never a ``Decimal``."""
    if isinstance(value, Decimal):
        return msgspec.convert(float(value), kind, strict=False)
    raise ValueError(value)


def _to_text(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return str(value)
    raise ValueError(value)


def _to_integer(value: object) -> int:
    number = Decimal(value.strip()) if isinstance(value, str) else value
    if isinstance(number, Decimal) and number == number.to_integral_value():
        return int(number)
    raise ValueError(value)


def _to_decimal(value: object) -> Decimal:
    if isinstance(value, str):
        return Decimal(value.strip())
    raise ValueError(value)


def _to_float(value: object) -> float:
    if isinstance(value, str | Decimal):
        return float(value)
    raise ValueError(value)


def _to_boolean(value: object) -> bool:
    if isinstance(value, Decimal) and value in (0, 1):
        return bool(value)
    raise ValueError(value)


def _to_datetime(value: object) -> datetime:
    if isinstance(value, Decimal):
        return datetime.fromtimestamp(float(value), UTC)
    if isinstance(value, str):
        moment = datetime.fromisoformat(value.strip())
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    raise ValueError(value)


def _to_date(value: object) -> date:
    return _to_datetime(value).date()


_LAST_RESORTS: dict[Any, Callable[[Any], Any]] = {
    str: _to_text,
    int: _to_integer,
    float: _to_float,
    bool: _to_boolean,
    Decimal: _to_decimal,
    datetime: _to_datetime,
    date: _to_date,
}


def _plain(value: Any) -> Any:
    """Arbitrary JSON as the fast path gives it: fractions are floats."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, list):
        return [_plain(item) for item in cast("list[Any]", value)]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in cast("dict[str, Any]", value).items()}
    return value


@cache
def _holds_json(kind: Any) -> bool:
    if attrs.has(kind):
        return any(_holds_json(field.type) for field in attrs.fields(kind))
    return kind is Any or any(_holds_json(argument) for argument in get_args(kind))


def _optional(kind: Any) -> Any:
    return Union[kind, None]  # noqa: UP007 - `kind` is a run-time value


def _container(kind: Any) -> type | tuple[type, ...]:
    """The JSON containers that a declared type can be read from."""
    if _is_union(kind):
        return tuple(cast("type", _container(member)) for member in get_args(kind) if member is not NoneType)
    if get_origin(kind) is list:
        return list
    return dict if attrs.has(kind) or get_origin(kind) is dict else object


def _json_type(value: object) -> str:
    if value is None:
        return "null"
    names: dict[type, str] = {dict: "object", list: "array", str: "string", bool: "boolean"}
    return names.get(type(value), "number")


# --- writing ----------------------------------------------------------------------------------------------------------


def _encode_other(value: object) -> object:
    """The value of a ``str`` or ``int`` subclass, of which msgspec knows enumerations only; a mapping as a dict."""
    for kind in (str, int):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    raise TypeError(f"{type(value).__name__} is not a JSON value")


_encode = msgspec.json.Encoder(enc_hook=_encode_other).encode


@cache
def _strict_reader(kind: Any, root: str | None) -> Callable[[bytes], Any]:
    if root is not None:
        kind = msgspec.defstruct("Request", [("body", kind)], rename={"body": root})
    return msgspec.json.Decoder(kind).decode


def write(body: object, kind: Any, root: str | None) -> bytes:
    """The JSON of a request in its envelope: a model or a mapping that fits one, a list of them, or a dictionary.

    Raises:
        UnwritableError: An unknown key, a missing one, a value of another type; the message names the key.
    """
    body = _as_kind(body, kind)
    wire = _checked(body, kind, root)
    # Read back and written again, the same bytes: all that is sent is what the model declares. A difference is mostly
    # harmless (an int for a Decimal), but may be a mapping inside of a model, with a key that nobody knows.
    if get_origin(kind) is dict or _encode(_strict_reader(kind, root)(wire)) == wire:
        return wire
    return _checked(_as_kind(msgspec.to_builtins(body, enc_hook=_encode_other), kind), kind, root)


def _as_kind(body: object, kind: Any) -> object:
    if get_origin(kind) is list:
        (model,) = get_args(kind)
        if not isinstance(body, Sequence) or isinstance(body, str | bytes):
            raise UnwritableError(f"expected a list of {model.__name__}, got {type(body).__name__}")
        bodies = cast("Sequence[object]", body)
        return [_as_model(each, model, f"{model.__name__}[{index}]") for index, each in enumerate(bodies)]
    if get_origin(kind) is dict:
        if not isinstance(body, Mapping):
            raise UnwritableError(f"expected a mapping, got {type(body).__name__}")
        return cast("object", body)
    return _as_model(body, kind, kind.__name__)


def _as_model(body: object, model: type, name: str) -> object:
    if isinstance(body, Mapping):
        return _from_mapping(cast("Mapping[str, object]", body), model, name)
    if not isinstance(body, model):
        raise UnwritableError(f"expected a {model.__name__} or a mapping, got {type(body).__name__}")
    return body


def _checked(body: object, kind: Any, root: str | None) -> bytes:
    """The bytes of a body, once they are known to be of the declared types."""
    try:
        wire = _encode(body if root is None else {root: body})
        _strict_reader(kind, root)(wire)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at ")
        field = path.strip("`").removeprefix("$").lstrip(".") or root or getattr(kind, "__name__", "the body")
        raise UnwritableError(f"{field}: {problem.replace('`', '')}") from None
    except (TypeError, ValueError, RecursionError) as error:  # no JSON for such an object; a lone surrogate; a cycle
        raise UnwritableError(str(error)) from error
    return wire


def _from_mapping(body: Mapping[str, object], model: type, name: str) -> object:
    import cattrs

    try:
        return cast("object", _strict().structure(body, model))
    except cattrs.BaseValidationError as error:
        raise UnwritableError("; ".join(_complaints(error, name))) from None


@cache
def _strict() -> cattrs.Converter:
    """The converter that refuses unknown keys; values pass through and are checked in their JSON form."""
    import cattrs

    converter = cattrs.Converter(forbid_extra_keys=True)
    for leaf in (str, int, float, bool, bytes):  # cattrs would call these, and make "5" of 5
        converter.register_structure_hook(leaf, lambda value, _: value)
    converter.register_structure_hook_func(
        lambda kind: not attrs.has(kind) and not any(map(attrs.has, _members(kind))), lambda value, _: value
    )
    converter.register_structure_hook_factory(
        lambda kind: _is_union(kind) and any(map(attrs.has, _members(kind))),
        _strict_union_hook,
    )
    return converter


def _strict_union_hook(kind: Any, converter: cattrs.Converter) -> _Hook:
    """``Model | None | UnsetType``: a mapping or a list is structured, anything else is for the type check."""
    (member,) = [member for member in get_args(kind) if attrs.has(member) or any(map(attrs.has, _members(member)))]
    form = list if get_origin(member) is list else Mapping

    def structure(value: Any, _: Any) -> Any:
        return converter.structure(value, member) if isinstance(value, form) else value

    return structure


def _members(kind: Any) -> Iterator[Any]:
    for argument in get_args(kind):
        yield argument
        yield from _members(argument)


def _complaints(error: BaseException, path: str) -> Iterator[str]:
    """Every leaf of a cattrs error tree, as a sentence that names the key and, for a typo, the nearest right one."""
    from cattrs.errors import (
        AttributeValidationNote,
        BaseValidationError,
        ForbiddenExtraKeysError,
        IterableValidationNote,
    )

    if isinstance(error, BaseValidationError):
        for inner in cast("tuple[BaseException, ...]", error.exceptions):
            notes = cast("list[object]", getattr(inner, "__notes__", []))
            steps = [f".{note.name}" for note in notes if isinstance(note, AttributeValidationNote)]
            steps += [f"[{note.index}]" for note in notes if isinstance(note, IterableValidationNote)]
            yield from _complaints(inner, path + "".join(steps))
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [field.name for field in attrs.fields(error.cl)]
        for key in sorted(map(str, error.extra_fields)):
            near = difflib.get_close_matches(key, known, n=1)
            yield f"{path} has no {key!r}" + (
                f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(known)}"
            )
    elif isinstance(error, KeyError):
        yield f"{path} is missing"
    else:
        yield f"{path}: {error}"
