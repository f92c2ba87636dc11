"""The body of a request from ``--json`` and ``--set``, by the types of the operation's model."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, Final, cast, get_args, get_origin

import attrs
import click

from lago_async._cli.json_input import given_json, parsed
from lago_async._codec.hints import is_union
from lago_async.models import UnsetType

if TYPE_CHECKING:
    from lago_async._table.endpoint import Endpoint
    from lago_async.models import Json

_SETTING: Final = re.compile(r"([^=]+?)(:?=)(.*)", re.DOTALL)
_PLAIN: Final = frozenset({bool, int, float})
_MOST_ITEMS: Final = 10_000  # of a list that --set makes, so that a typo in an index fills no memory


@attrs.frozen
class GivenBody:
    """The arguments of a call that the body is made of.

    Attributes:
        content: The body, without its envelope; None if none was given.
        siblings: The members next to the envelope, by name.
    """

    content: Json
    siblings: Mapping[str, Json]


def body_of(endpoint: Endpoint, *, document: str | None, settings: Sequence[str]) -> GivenBody:
    """Return the body of a call.

    Args:
        endpoint: The operation.
        document: The argument of ``--json``.
        settings: The arguments of ``--set``, each ``path=value`` or ``path:=JSON``, applied after the document.

    Raises:
        click.UsageError: Something is not as it must be.
    """
    siblings: dict[str, Json] = {}
    content: Json = None
    if document is not None:
        content, siblings = _without_envelope(endpoint, given_json(document))
    if settings and get_origin(endpoint.body) is list:
        raise click.UsageError("--set is for one object, and this operation takes a list: use --json")
    for setting in settings:
        found = _SETTING.fullmatch(setting)
        if found is None:
            raise click.UsageError(f"--set {setting!r} is not PATH=VALUE or PATH:=JSON")
        path, how, text = found[1].strip(), found[2], found[3]
        steps = path.split(".")
        if not all(steps):
            raise click.UsageError(f"--set {path}: a path is made of names with one dot between two of them")
        sibling = next((model for name, model in endpoint.siblings if name == steps[0] and len(steps) > 1), None)
        kind = endpoint.body if sibling is None else sibling
        value = parsed(text, f"--set {path}:") if how == ":=" else None
        inner = steps if sibling is None else steps[1:]
        holder = content if sibling is None else siblings.get(steps[0])
        holder = {} if holder is None else holder
        _assign(holder, kind, inner, path, text if how == "=" else None, value)
        if sibling is None:
            content = holder
        else:
            siblings[steps[0]] = holder
    if content is None and (siblings or not endpoint.body_optional):
        example = next(iter(fields_of(endpoint.body)), "name")
        raise click.UsageError(f"this operation needs a body: --set {example}=VALUE, or --json @FILE")
    return GivenBody(content, siblings)


def fields_of(kind: Any, *, prefix: str = "", seen: tuple[Any, ...] = ()) -> Iterator[str]:
    """Yield the paths of ``--set`` for the fields of a model, those of inner objects included."""
    for member in _members(kind):
        if not attrs.has(member) or member in seen:
            continue
        for field in attrs.fields(member):
            inner = [item for item in _members(field.type) if attrs.has(item)]
            if inner:
                yield from fields_of(field.type, prefix=f"{prefix}{field.name}.", seen=(*seen, member))
            else:
                yield f"{prefix}{field.name}"


def _without_envelope(endpoint: Endpoint, document: Json) -> tuple[Json, dict[str, Json]]:
    """Return the content of a document and its siblings; the envelope may be there or not."""
    root = endpoint.request_root
    if root is None or not isinstance(document, dict) or root not in document:
        return document, {}
    names = {root, *(name for name, _ in endpoint.siblings)}
    if not document.keys() <= names:
        return document, {}  # a field that has the name of the envelope; or the check of the model says what is wrong
    return document[root], {name: value for name, value in document.items() if name != root}


def _assign(holder: Json, kind: Any, steps: Sequence[str], path: str, text: str | None, value: Json) -> None:
    """Put a value at a path inside a body, and make the objects and lists on the way.

    Args:
        holder: The object or the list to change.
        kind: Its declared type.
        steps: The rest of the path.
        path: The whole path, for errors.
        text: The value as text, which the type of the field decides about; None if ``value`` is given.
        value: The value as JSON.
    """
    step, *rest = steps
    inner = _inner(kind, step)
    if isinstance(holder, list):
        index = _index(step, holder, path)
        while len(holder) <= index:
            holder.append(None)
        there = holder[index]
    elif isinstance(holder, dict):
        index = None
        there = holder.get(step)
    else:
        raise click.UsageError(f"--set {path}: there is a value in front of .{step} already, which is not an object")
    if rest:
        new: Json = there
        if new is None:
            new = [] if rest[0].isdecimal() and _is_list(inner) else {}
        _assign(new, inner, rest, path, text, value)
    elif text is None:
        new = value
    elif _is_list(inner) and not text.lstrip().startswith("["):
        items = there if isinstance(there, list) else []
        new = [*items, _converted(text, _inner(inner, "0"), path)]
    else:
        new = _converted(text, inner, path)
    if index is None:
        cast("dict[str, Json]", holder)[step] = new
    else:
        cast("list[Json]", holder)[index] = new


def _index(step: str, holder: list[Json], path: str) -> int:
    if not step.isdecimal() or int(step) > min(len(holder), _MOST_ITEMS):
        raise click.UsageError(
            f"--set {path}: {step} is not the number of an item: the next one is {len(holder)}, and the first one 0"
        )
    return int(step)


def _converted(text: str, kind: Any, path: str) -> Json:
    """Return a text as the value that a field of this type has; as it is where a text fits."""
    members = list(_members(kind))
    if not members or Any in members:
        return text
    if Decimal in members:
        try:
            Decimal(text)
        except InvalidOperation:
            raise click.UsageError(f"--set {path}: {text!r} is not a number") from None
        return text
    if any(_is_text(member) for member in members) and not _PLAIN & set(members):
        return text
    try:
        found = parsed(text, f"--set {path}")
    except click.UsageError:
        if any(_is_text(member) for member in members):
            return text
        raise click.UsageError(f"--set {path}: {text!r} is not {_described(members)}") from None
    if isinstance(found, str) or (found is None and any(_is_text(member) for member in members)):
        return text
    return found


def _members(kind: Any) -> Iterator[Any]:
    """Yield the members of a hint, through unions; without None and without UNSET."""
    if is_union(kind):
        for member in get_args(kind):
            yield from _members(member)
    elif kind is not NoneType and kind is not UnsetType:
        yield kind


def _inner(kind: Any, step: str) -> Any:
    """Return the type of a field, an item or a value; Any if it is unknown, so that the check of the model names it."""
    for member in _members(kind):
        origin = get_origin(member)
        if attrs.has(member):
            for field in attrs.fields(member):
                if field.name == step:
                    return field.type
        elif origin is list:
            return get_args(member)[0]
        elif origin is dict:
            return get_args(member)[1]
    return Any


def _is_list(kind: Any) -> bool:
    return any(get_origin(member) is list for member in _members(kind))


def _is_text(member: Any) -> bool:
    return member is str or (get_origin(member) is Annotated and get_args(member)[0] is str)


def _described(members: Sequence[Any]) -> str:
    names = {bool: "true or false", int: "an integer", float: "a number"}
    found = [names[member] for member in members if member in names]
    return " or ".join(found) if found else "JSON, which this field takes: write PATH:=JSON, or set one of its fields"
