"""Worlds as files: a header, and then one line of JSON per object.

Opening a file runs no code from it. Its objects are of the sandbox's own classes, or plain containers; they are built
without calling anything of theirs, and any other name is refused. Only the version that wrote a file reads it, because
records change in any release.
"""

import json
import os
from base64 import b64decode, b64encode
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from pathlib import Path
from typing import TypeAlias, cast

from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.object_graph import (
    Shapes,
    attributes,
    class_name,
    classes,
    empty,
    is_function,
    refusal,
    set_attribute,
    shape_of,
)
from lago_async.sandbox._state.record import Record, next_order
from lago_async.sandbox._state.store import Store
from lago_async.version import __version__

_FORMAT = "lago-async sandbox world"
_FORMAT_VERSION = 1  # of this module; what the records have is in the layout
_SCALARS = frozenset({bool, int, float, str})
_FACTORIES: dict[str, type] = {"list": list, "dict": dict, "set": set, "int": int}
_ROOT_KIND = "object"


class WorldFileError(ValueError):
    """A file is not a world, is damaged, or was written by another version. Make the world again, and save it."""


def _layout(fresh: Store) -> str:
    """Return a digest of the classes of the state with their attributes: a file is only for its own layout."""
    shapes = {name: sorted(shape_of(kind).declared or ()) for name, kind in classes().items()}
    shapes[class_name(Store)] = sorted(attributes(fresh, shape_of(Store)))
    return sha256(json.dumps(shapes, sort_keys=True).encode()).hexdigest()[:16]


# --- writing ----------------------------------------------------------------------------------------------------------


class _Writer:
    """Objects get a number when they are first met, and are written in the order of their numbers."""

    def __init__(self, root: Store) -> None:
        self._root = root
        self._numbers: dict[int, int] = {id(root): 0}
        self._objects: list[object] = [root]
        self._shapes = Shapes()

    def lines(self) -> list[Json]:
        written: list[Json] = []
        while len(written) < len(self._objects):
            written.append(self._object(self._objects[len(written)]))
        return written

    def _value(self, value: object) -> Json:
        """Return a value as JSON. Arrays begin with the kind of what follows, so a list is never just an array."""
        kind = type(value)
        if value is None or kind in _SCALARS:
            return cast("Json", value)
        if isinstance(value, Decimal):
            return ["decimal", str(value)]
        if isinstance(value, datetime):
            return ["datetime", value.isoformat()]
        if isinstance(value, date):
            return ["date", value.isoformat()]
        if isinstance(value, timedelta):
            return ["timedelta", value.days, value.seconds, value.microseconds]
        if isinstance(value, bytes):
            return ["bytes", b64encode(value).decode()]
        if isinstance(value, tuple):
            return ["tuple", self._values(cast("tuple[object, ...]", value))]
        if isinstance(value, frozenset):
            return ["frozenset", self._unordered(cast("frozenset[object]", value))]
        shape = self._shapes[kind]
        if shape.own and shape.frozen:
            return ["value", class_name(kind), self._attributes(value)]
        number = self._numbers.get(id(value))
        if number is None:
            number = self._numbers[id(value)] = len(self._objects)
            self._objects.append(value)
        return ["is", number]

    def _values(self, values: Iterable[object]) -> list[Json]:
        return [self._value(value) for value in values]

    def _unordered(self, values: Iterable[object]) -> list[Json]:
        """Return the values of a set in an order that does not depend on their hashes: equal worlds, equal files."""
        return sorted(self._values(values), key=json.dumps)

    def _pairs(self, values: dict[object, object]) -> Json:
        if all(type(key) is str for key in values):
            return {cast("str", key): self._value(value) for key, value in values.items()}
        return [[self._value(key), self._value(value)] for key, value in values.items()]

    def _attributes(self, value: object) -> JsonObject:
        written: JsonObject = {}
        shape = self._shapes[type(value)]
        for name in attributes(value, shape):
            item = getattr(value, name)
            if value is self._root and name in Store.OF_THE_PROCESS:
                continue
            if is_function(item) and shape.declared is None:
                continue  # the new store has it too
            written[name] = self._value(item)
        return written

    def _object(self, value: object) -> Json:
        kind = type(value)
        if kind is list:
            return ["list", self._values(cast("list[object]", value))]
        if kind is dict:
            return ["dict", self._pairs(cast("dict[object, object]", value))]
        if kind is set:
            return ["set", self._unordered(cast("set[object]", value))]
        if kind is defaultdict:
            table = cast("defaultdict[object, object]", value)
            return ["defaultdict", self._pairs(table), _factory_name(table.default_factory)]
        if kind is Counter:
            return ["counter", self._pairs(cast("dict[object, object]", value))]
        if kind is deque:
            queue = cast("deque[object]", value)
            return ["deque", self._values(queue), queue.maxlen]
        if self._shapes[kind].own:
            return [_ROOT_KIND, self._attributes(value), class_name(kind)]
        raise refusal(kind)


def _factory_name(factory: Callable[[], object] | None) -> str | None:
    if factory is None:
        return None
    if isinstance(factory, type):
        kind = cast("type[object]", factory)
        if shape_of(kind).own:
            return class_name(kind)
    name = getattr(getattr(factory, "__origin__", factory), "__name__", "")
    if name not in _FACTORIES:
        raise TypeError(f"a world cannot contain a defaultdict of {factory!r}: use one of {', '.join(_FACTORIES)}")
    return name


def write_world(store: Store) -> bytes:
    """Return the content of a file with everything in a store, whose lock is held."""
    lines = _Writer(store).lines()
    header: JsonObject = {
        "format": _FORMAT,
        "format_version": _FORMAT_VERSION,
        "version": __version__,
        "layout": _layout(store),
        "objects": len(lines),
    }
    encoder = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return "".join(encoder.encode(line) + "\n" for line in [header, *lines]).encode()


def write_file(path: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


# --- reading ----------------------------------------------------------------------------------------------------------

_Line: TypeAlias = list[Json]


class _Reader:
    """All objects are begun first and filled then, so that they can refer to each other."""

    def __init__(self, lines: list[_Line], fresh: Store) -> None:
        self._lines = lines
        self._fresh = fresh
        self._classes = classes()
        self._objects: list[object] = []
        self._shapes = Shapes()

    def run(self) -> None:
        reused = self._of_the_fresh_store()
        self._objects = [
            reused[number] if number in reused else self._begin(line) for number, line in enumerate(self._lines)
        ]
        for line, begun in zip(self._lines, self._objects, strict=True):
            self._fill(line, begun)
        # Orders are counted per process: these records come before all that are added from here on.
        records = [item for item in self._objects if isinstance(item, Record)]
        for record in sorted(records, key=lambda record: record.order):
            record.order = next_order()

    def _of_the_fresh_store(self) -> dict[int, object]:
        """Return the objects that a new store has already: they hold functions, which no file contains."""
        kind, values, name = self._lines[0]
        if kind != _ROOT_KIND or name != class_name(Store) or not isinstance(values, dict):
            raise ValueError("the first object is not a store")
        if set(values) != set(attributes(self._fresh, self._shapes[Store])) - Store.OF_THE_PROCESS:
            raise ValueError("the store has other attributes")
        found: dict[int, object] = {0: self._fresh}
        for attribute, value in values.items():
            present = getattr(self._fresh, attribute)
            if self._shapes[type(present)].own and isinstance(value, list) and value[:1] == ["is"]:
                number = _number(value[1])
                if self._lines[number][2] != class_name(cast("type[object]", type(present))):
                    raise ValueError(f"{attribute} is of another class")
                found[number] = present
        return found

    def _class(self, name: Json) -> type:
        found = self._classes.get(name) if isinstance(name, str) else None
        if found is None or found is Store:
            raise ValueError(f"{name!r} is not a class of the sandbox's records")
        return found

    def _begin(self, line: _Line) -> object:
        match line:
            case ["list", list()]:
                return []
            case ["dict", dict() | list()]:
                return {}
            case ["set", list()]:
                return set[object]()
            case ["counter", dict() | list()]:
                return Counter[object]()
            case ["deque", list(), int() | None as longest]:
                return deque[object](maxlen=longest)
            case ["defaultdict", dict() | list(), str() | None as factory]:
                known = None if factory is None else _FACTORIES.get(factory) or self._class(factory)
                return defaultdict[object, object](known)
            case [kind, dict(), name] if kind == _ROOT_KIND:
                return empty(self._class(name))
            case _:
                raise ValueError("an object of an unknown kind")

    def _fill(self, line: _Line, begun: object) -> None:
        values = line[1]
        if line[0] == _ROOT_KIND:
            self._set_attributes(begun, cast("JsonObject", values))
        elif isinstance(begun, dict):
            # A counter would count pairs, but it takes a table as it is.
            cast("dict[object, object]", begun).update(dict(self._pairs(values)))
        elif isinstance(begun, set):
            cast("set[object]", begun).update(map(self._value, cast("list[Json]", values)))
        else:
            cast("list[object]", begun).extend(map(self._value, cast("list[Json]", values)))

    def _pairs(self, values: Json) -> Iterator[tuple[object, object]]:
        if isinstance(values, dict):
            return ((key, self._value(value)) for key, value in values.items())
        pairs = cast("list[list[Json]]", values)
        return ((self._value(key), self._value(value)) for key, value in pairs)

    def _set_attributes(self, begun: object, values: JsonObject) -> None:
        kind = type(begun)
        names = self._shapes[kind].declared
        if names is not None and set(names) != set(values):
            raise ValueError(f"{class_name(kind)} has other attributes")
        for name, value in values.items():
            if names is None and (name.startswith("__") or hasattr(kind, name)):
                raise ValueError(f"{class_name(kind)} has no attribute {name!r}")
            set_attribute(begun, name, self._value(value))

    def _value(self, value: Json) -> object:
        if not isinstance(value, list):
            if isinstance(value, dict):
                raise TypeError("an object in the place of a value")
            return value
        match value:
            case ["is", number]:
                return self._objects[_number(number)]
            case ["decimal", str(text)]:
                return Decimal(text)
            case ["datetime", str(text)]:
                return datetime.fromisoformat(text)
            case ["date", str(text)]:
                return date.fromisoformat(text)
            case ["timedelta", int(days), int(seconds), int(microseconds)]:
                return timedelta(days, seconds, microseconds)
            case ["bytes", str(text)]:
                return b64decode(text, validate=True)
            case ["tuple", list(items)]:
                return tuple(map(self._value, items))
            case ["frozenset", list(items)]:
                return frozenset(map(self._value, items))
            case ["value", name, dict(values)] if self._shapes[self._class(name)].frozen:
                built = empty(self._class(name))
                self._set_attributes(built, values)
                return built
            case _:
                raise ValueError("a value of an unknown kind")


def _number(value: Json) -> int:
    if not isinstance(value, int) or value < 0:
        raise ValueError("a reference that is not a number")
    return value


def _checked_header(first: bytes, fresh: Store) -> int:
    """Return the number of objects that a header announces."""
    try:
        header: Json = json.loads(first)
    except ValueError:
        header = None
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        raise WorldFileError("this is not a world that a sandbox saved: make one with Sandbox.save(path)")
    if header.get("format_version") != _FORMAT_VERSION or header.get("version") != __version__:
        raise WorldFileError(
            f"the world was saved by lago-async {header.get('version')}, and this is {__version__}, whose records "
            "differ: make the world again with this version, and save it"
        )
    if header.get("layout") != _layout(fresh):
        raise WorldFileError(
            f"the world was saved by another build of lago-async {__version__}, whose records differ: make the world "
            "again with this build, and save it"
        )
    count = header.get("objects")
    return count if isinstance(count, int) else -1


def read_world(content: bytes, fresh: Store) -> None:
    """Fill a new store from the content of a file.

    Raises:
        WorldFileError: the content is not a world, is damaged, or comes from another version.
    """
    first, *rest = content.splitlines() or [b""]
    count = _checked_header(first, fresh)
    if count != len(rest) or not count:
        raise WorldFileError(
            f"the file is damaged: it has {len(rest)} of {count} objects. Make the world again, and save it"
        )
    try:
        _Reader([json.loads(line) for line in rest], fresh).run()
    except (
        ArithmeticError,
        AttributeError,
        InvalidOperation,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        raise WorldFileError(f"the file is damaged ({error}): make the world again, and save it") from None


def world_of(content: bytes) -> Store:
    """Return a new store with the content of a file.

    Raises:
        WorldFileError: as `read_world`.
    """
    store = Store(now=datetime.now(UTC), premium=False, front_url="", payment_providers={})
    read_world(content, store)
    return store
