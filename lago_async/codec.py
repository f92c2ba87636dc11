"""Wire to model and back: msgspec where the bytes are as declared, one lenient cattrs converter where they are not.

Reading is tolerant, because an answer that says 200 must never be lost: the money has already moved. Writing is strict,
because a typo that is dropped silently is a wrong bill.
"""

from __future__ import annotations

import difflib
import gc
import logging
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache, cached_property
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
    _Read: TypeAlias = Callable[[bytes | msgspec.Raw, Any], Any]

_T = TypeVar("_T")

_log = logging.getLogger("lago_async.codec")


class UndecodableError(Exception):
    """The bytes are not JSON or lack the envelope: there is nothing to read from."""


class UnwritableError(Exception):
    """A body does not fit its model; the message names the field."""


# --- reading ----------------------------------------------------------------------------------------------------------

# A page of 400 KB makes 10,000 objects that all survive: the collector walks them some fifteen times while they are
# being made, and finds nothing. Spared that, it walks them once, behind the last. (gc.freeze and gc.unfreeze would
# spare it that one, too, but move the program's own young garbage where the collector may never look again.) It has
# its way again after each piece, within milliseconds, so no other thread or task does without it for long.
_COLLECTOR_MATTERS = 16_384

# msgspec keeps the interpreter lock while it reads: a large answer in one go would stall the loop, whatever the thread,
# for 7 ms a MB. So it's read in pieces of 2 ms, or 4 for the tolerant reader. What takes longer is the collector, see
# `Endpoint.adecode`; and the first look over a body, which is one piece: 0.7 ms a MB, so 20 ms at 30 MB, and 170 at the
# largest that a client takes by default.
LARGE = 524_288
_PIECE = 262_144


# What reading raises where the bytes are not as declared: msgspec lets through what it calls does, so the number
# 253402300800 for a time is a ValueError, and others are an OSError of the C library's.
_REFUSALS = (msgspec.DecodeError, ValueError, ArithmeticError, OSError, RecursionError)


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
        if len(body) <= _COLLECTOR_MATTERS:
            return self._read(body)
        with collector_paused():
            return self._read(body)

    def _read(self, body: bytes) -> tuple[_T, Any]:
        try:
            envelope = self._fast.decode(body)
        except _REFUSALS as error:
            _log.debug("the tolerant reader takes %r: %s", self.root, error)
        else:
            if self._beside is not None:
                setattr(envelope.content, self._beside, envelope.beside)
            return envelope.content, None if self._meta is None else envelope.meta
        return self.read_tolerantly(body)

    def read_in_steps(self, body: bytes) -> Generator[None, None, tuple[_T, Any]]:
        """The same as ``read``, with a moment for others between any two pieces of a large body.

        Nothing is left behind if nobody asks for the next piece.
        """
        if len(body) > LARGE and _cut_kind(self._content) is not msgspec.Raw:
            for read in (_read_strictly, _read_tolerantly):
                try:
                    return (yield from self._in_steps(body, read))
                except (*_REFUSALS, UndecodableError) as error:
                    _log.debug("a large %r is not as declared: %s", self.root, error)
        return self.read(body)

    def _in_steps(self, body: bytes, read: _Read) -> Generator[None, None, tuple[_T, Any]]:
        cut = self._cut.decode(body)
        yield
        whole = yield from _join(cut.content, self._content, read)
        if self._beside is not None:
            setattr(whole, self._beside, read(cut.beside, self._kind_beside))
        return whole, self._meta and read(cut.meta, self._meta)

    @cached_property
    def _cut(self) -> msgspec.json.Decoder[Any]:
        struct = msgspec.defstruct(
            "Cut",
            [("content", _cut_kind(self._content)), ("meta", msgspec.Raw, _NULL), ("beside", msgspec.Raw, _NULL)],
            rename={"content": self.root, "beside": self._beside or "beside"},
        )
        return msgspec.json.Decoder(struct)

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
        if not exact:
            return cast("Json", _parser.decode(body))
        try:
            return cast("Json", _exact_parser.decode(body))
        except ArithmeticError:
            return cast("Json", _nearly_exact_parser.decode(body))
    except _REFUSALS as error:
        raise UndecodableError(f"an answer that is not JSON ({error})") from error


# To cut is to scan for where the parts begin and end, which makes no object but those parts. A large part is cut again,
# the others are read; an object is read without its large fields, so that it is as msgspec makes it, and is then given
# them.


def _in_steps(raw: msgspec.Raw, kind: Any, read: _Read) -> Generator[None, None, Any]:
    cut = _cutter(kind) if len(raw) > _PIECE else None
    if cut is None:
        value = read(raw, kind)
        yield
        return value
    parts = cut(raw)
    yield
    return (yield from _join(parts, kind, read))


def _join(parts: Any, kind: Any, read: _Read) -> Generator[None, None, Any]:
    kind = _unless_null(kind)
    if get_origin(kind) is list:
        return (yield from _join_list(parts, kind, read))
    large: dict[attrs.Attribute[Any], msgspec.Raw | list[msgspec.Raw]] = {}
    for field in attrs.fields(kind):
        part = getattr(parts, field.name)
        if part and _size(part) > _PIECE // 8:  # many that are small by themselves may not be together
            large[field] = part
            setattr(parts, field.name, msgspec.UNSET)
    whole = read(_encode(parts), kind)
    yield
    for field, part in large.items():
        kind = field.type
        steps = _join(part, kind, read) if isinstance(part, list) else _in_steps(part, kind, read)
        setattr(whole, field.name, (yield from steps))
    return whole


def _join_list(items: list[msgspec.Raw], kind: Any, read: _Read) -> Generator[None, None, list[Any]]:
    whole: list[Any] = []
    for run in _runs(items):
        if len(run) == 1:
            whole.append((yield from _in_steps(run[0], get_args(kind)[0], read)))
        else:
            whole += read(b"[%b]" % b",".join(run), kind)
            yield
    return whole


def _runs(items: list[msgspec.Raw]) -> Iterator[list[msgspec.Raw]]:
    """Neighbours that make a piece; an item that is larger than a piece stands alone."""
    run: list[msgspec.Raw] = []
    size = 0
    for item in items:
        if run and size + len(item) > _PIECE:
            yield run
            run, size = [], 0
        run.append(item)
        size += len(item)
    if run:
        yield run


def _size(part: msgspec.Raw | list[msgspec.Raw]) -> int:
    return sum(map(len, part)) if isinstance(part, list) else len(part)


@cache
def _cutter(kind: Any) -> Callable[[msgspec.Raw], Any] | None:
    cut = _cut_kind(kind)
    return None if cut is msgspec.Raw else msgspec.json.Decoder(cut).decode


@cache
def _cut_kind(kind: Any) -> Any:
    """The parts of a list, or of a model with its lists in parts; of anything else there are none."""
    kind = _unless_null(kind)
    if get_origin(kind) is list:
        return list[msgspec.Raw]
    if not attrs.has(kind):
        return msgspec.Raw
    fields: list[tuple[str, Any, Any]] = []
    for field in attrs.fields(kind):
        is_list = get_origin(_unless_null(field.type)) is list
        fields.append((field.name, _optional(list[msgspec.Raw]) if is_list else msgspec.Raw, msgspec.UNSET))
    return msgspec.defstruct(kind.__name__, fields)


_NULL = msgspec.Raw(b"null")


def _read_strictly(raw: bytes | msgspec.Raw, kind: Any) -> Any:
    with collector_paused():
        return _decoder(kind).decode(raw)


def _read_tolerantly(raw: bytes | msgspec.Raw, kind: Any) -> Any:
    with collector_paused():
        return _tolerant().structure(parse(bytes(raw), exact=True), kind)


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=False)


@contextmanager
def collector_paused() -> Generator[None]:
    """Keep the garbage collector away, unless somebody does already."""
    pause = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if pause:
            gc.enable()


def _nearly_exact(number: str) -> Decimal | float:
    try:
        return Decimal(number)
    except ArithmeticError:  # an exponent of twenty digits
        return float(number)


_parser: msgspec.json.Decoder[Any] = msgspec.json.Decoder()
_exact_parser: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=Decimal)
_nearly_exact_parser: msgspec.json.Decoder[Any] = msgspec.json.Decoder(float_hook=_nearly_exact)


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
            except _REFUSALS as error:
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
            except _REFUSALS as error:
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
        except _REFUSALS:
            pass
        try:
            return last_resort(value)
        except _REFUSALS:
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


_MOST_DIGITS = 4300  # of an integer, as Python reads them by default


def _to_integer(value: object) -> int:
    number = Decimal(value.strip()) if isinstance(value, str) else value
    # All digits of 1e99999999 would take minutes to write out.
    if isinstance(number, Decimal) and number.adjusted() < _MOST_DIGITS and number == number.to_integral_value():
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


def _unless_null(kind: Any) -> Any:
    members = [member for member in get_args(kind) if member is not NoneType] if _is_union(kind) else [kind]
    return members[0] if len(members) == 1 else kind


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
