"""The writer of requests: models and mappings to JSON. Strict, because a silently dropped typo causes a wrong bill."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any, TypeAlias, cast, get_args, get_origin

import attrs
import msgspec

from lago_async._codec.hints import is_union, members_of

if TYPE_CHECKING:
    import cattrs

_Hook: TypeAlias = Callable[[Any, Any], Any]


class UnwritableError(Exception):
    """A body does not fit its model; the message names the field."""


def _encode_other(value: object) -> object:
    """Convert mappings, and subclasses of ``str`` and ``int`` that are not enumerations."""
    for kind in (str, int):
        if isinstance(value, kind):
            return kind(value)
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    raise TypeError(f"{type(value).__name__} is not a JSON value")


encode = msgspec.json.Encoder(enc_hook=_encode_other).encode


@cache
def _strict_reader(kind: Any, root: str | None) -> Callable[[bytes], Any]:
    if root is not None:
        kind = msgspec.defstruct("Request", [("body", kind)], rename={"body": root})
    return msgspec.json.Decoder(kind).decode


def write(body: object, kind: Any, root: str | None) -> bytes:
    """Return the JSON of a request in its envelope. Its body is a model, a matching mapping, a list of these or a dict.

    Raises:
        UnwritableError: A key is unknown or missing, or a value has another type; the message names the key.
    """
    body = _as_kind(body, kind)
    wire = _checked(body, kind, root)
    # If decoding and encoding again gives the same bytes, the JSON holds only declared fields. A difference is usually
    # harmless (an int for a Decimal), but it may be a mapping inside a model with an unknown key.
    if get_origin(kind) is dict or encode(_strict_reader(kind, root)(wire)) == wire:
        return wire
    return _checked(_as_kind(msgspec.to_builtins(body, enc_hook=_encode_other), kind), kind, root)


def _as_kind(body: object, kind: Any) -> object:
    if get_origin(kind) is list:
        (model,) = get_args(kind)
        if not isinstance(body, Sequence) or isinstance(body, str | bytes):
            raise UnwritableError(f"expected a list of {model.__name__}, got {type(body).__name__}")
        bodies = cast("Sequence[object]", body)
        return [_as_model(item, model, f"{model.__name__}[{index}]") for index, item in enumerate(bodies)]
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
    """Encode a body, and check that its values have the declared types."""
    try:
        wire = encode(body if root is None else {root: body})
        _strict_reader(kind, root)(wire)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at ")
        field = path.strip("`").removeprefix("$").lstrip(".") or kind.__name__
        raise UnwritableError(f"{field}: {problem.replace('`', '')}") from None
    except (TypeError, ValueError, RecursionError) as error:  # not a JSON value, a lone surrogate, or a cycle
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
    """Return the converter that refuses unknown keys. It keeps values, which are checked in their JSON form."""
    import cattrs

    converter = cattrs.Converter()
    for leaf in (str, int, float, bool, bytes):  # cattrs would call the type, which turns 5 into "5"
        converter.register_structure_hook(leaf, lambda value, _: value)
    converter.register_structure_hook_func(
        lambda kind: not any(map(attrs.has, members_of(kind))), lambda value, _: value
    )
    converter.register_structure_hook_factory(attrs.has, _strict_model_hook)
    converter.register_structure_hook_factory(
        lambda kind: is_union(kind) and any(map(attrs.has, members_of(kind))),
        _strict_union_hook,
    )
    return converter


def _strict_model_hook(model: Any, converter: cattrs.Converter) -> _Hook:
    """Structure a mapping for a model; leave a model, and anything else, to the type check."""
    from cattrs.gen import make_dict_structure_fn

    from_mapping = make_dict_structure_fn(model, converter, _cattrs_forbid_extra_keys=True)

    def structure(value: Any, _: Any) -> Any:
        return from_mapping(cast("Mapping[str, object]", value), model) if isinstance(value, Mapping) else value

    return structure


def _strict_union_hook(kind: Any, converter: cattrs.Converter) -> _Hook:
    """Structure a mapping or a list for ``Model | None | UnsetType``; leave anything else to the type check."""
    (member,) = [member for member in get_args(kind) if attrs.has(member) or any(map(attrs.has, members_of(member)))]
    form = list if get_origin(member) is list else Mapping

    def structure(value: Any, _: Any) -> Any:
        return converter.structure(value, member) if isinstance(value, form) else value

    return structure


def _complaints(error: BaseException, path: str) -> Iterator[str]:
    """Yield a sentence per leaf of a cattrs error tree, with the key and, for a typo, the nearest valid key."""
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
