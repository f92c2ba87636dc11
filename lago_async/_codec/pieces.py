"""The reader of large bodies: it cuts them without creating objects, decodes each piece, and joins the pieces.

Cutting scans for the beginnings and ends of the parts of a list or an object. A part that is larger than a piece is
cut again; the others are decoded. An object is decoded without its large fields, which are set afterwards.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from functools import cache
from typing import Any, TypeAlias, get_args, get_origin

import attrs
import msgspec

from lago_async._codec.collector import collector_paused
from lago_async._codec.hints import optional, unless_null
from lago_async._codec.oddities import Oddities
from lago_async._codec.parsing import parse
from lago_async._codec.scheduling import PIECE
from lago_async._codec.tolerant import tolerant_reader
from lago_async._codec.writing import encode

Read: TypeAlias = "Callable[[bytes | msgspec.Raw, Any, str], Any]"
"""A function that decodes one piece as a type, strictly or tolerantly. The text names the field."""


def read_in_steps(raw: msgspec.Raw, kind: Any, read: Read, field: str) -> Generator[None, None, Any]:
    """Decode the bytes of one value; yield after each piece."""
    cut = _cutter(kind) if len(raw) > PIECE else None
    if cut is None:
        value = read(raw, kind, field)
        yield
        return value
    parts = cut(raw)
    yield
    return (yield from join_in_steps(parts, kind, read, field))


def join_in_steps(parts: Any, kind: Any, read: Read, field: str) -> Generator[None, None, Any]:
    """Decode the parts that ``cut_kind(kind)`` describes; yield after each piece."""
    kind = unless_null(kind)
    if get_origin(kind) is list:
        return (yield from _join_list(parts, kind, read, field))
    large: dict[attrs.Attribute[Any], msgspec.Raw | list[msgspec.Raw]] = {}
    for member in attrs.fields(kind):
        part = getattr(parts, member.name)
        if part and _size(part) > PIECE // 8:  # many small fields may be large together
            large[member] = part
            setattr(parts, member.name, msgspec.UNSET)
    whole = read(encode(parts), kind, field)
    yield
    for member, part in large.items():
        join: Any = join_in_steps if isinstance(part, list) else read_in_steps
        setattr(whole, member.name, (yield from join(part, member.type, read, f"{kind.__name__}.{member.name}")))
    return whole


@cache
def cut_kind(kind: Any) -> Any:
    """Return the type of the parts: the items of a list, or the fields of a model; any other type stays whole."""
    kind = unless_null(kind)
    if get_origin(kind) is list:
        return list[msgspec.Raw]
    if not attrs.has(kind):
        return msgspec.Raw
    fields: list[tuple[str, Any, Any]] = []
    for field in attrs.fields(kind):
        is_list = get_origin(unless_null(field.type)) is list
        fields.append((field.name, optional(list[msgspec.Raw]) if is_list else msgspec.Raw, msgspec.UNSET))
    return msgspec.defstruct(kind.__name__, fields)


def read_strictly(raw: bytes | msgspec.Raw, kind: Any, _: str = "") -> Any:
    """Decode bytes that are as declared."""
    with collector_paused():
        return _decoder(kind).decode(raw)


def tolerantly(oddities: Oddities) -> Read:
    """Return the function that decodes bytes that are not exactly as declared."""

    def read_tolerantly(raw: bytes | msgspec.Raw, kind: Any, field: str) -> Any:
        with collector_paused():
            return tolerant_reader(kind, field)(parse(bytes(raw), exact=True), oddities)

    return read_tolerantly


def _join_list(items: list[msgspec.Raw], kind: Any, read: Read, field: str) -> Generator[None, None, list[Any]]:
    whole: list[Any] = []
    for run in _runs(items):
        if len(run) == 1:
            whole.append((yield from read_in_steps(run[0], get_args(kind)[0], read, field)))
        else:
            whole += read(b"[%b]" % b",".join(run), kind, field)
            yield
    return whole


def _runs(items: list[msgspec.Raw]) -> Iterator[list[msgspec.Raw]]:
    """Group neighbours into pieces; an item that is larger than a piece stands alone."""
    run: list[msgspec.Raw] = []
    size = 0
    for item in items:
        if run and size + len(item) > PIECE:
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
    cut = cut_kind(kind)
    return None if cut is msgspec.Raw else msgspec.json.Decoder(cut).decode


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, strict=False)
