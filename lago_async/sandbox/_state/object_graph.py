"""Which objects belong to a world, and which attributes they have: what copies and files of a world are made of."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from importlib import import_module
from pkgutil import iter_modules
from types import FunctionType, NoneType
from typing import Generic

import attrs

_PACKAGE = __name__.rpartition(".")[0]

ATOMS: frozenset[type] = frozenset({NoneType, bool, int, float, str, bytes, Decimal, datetime, date, timedelta})
"""The types of values that never change and contain nothing: copies share them."""


def is_function(value: object) -> bool:
    """Tell whether a value is code, such as the key of a collection: it is part of the program, not of the world."""
    return type(value) is FunctionType


@attrs.frozen
class Shape:
    """The facts about one class.

    Attributes:
        own: It is one of the sandbox's state, with nothing foreign among its bases.
        frozen: Its objects are values: they cannot change, and are compared by what they contain.
        declared: The attributes that it declares; None if each of its objects knows its own.
    """

    own: bool
    frozen: bool
    declared: tuple[str, ...] | None


def shape_of(kind: type) -> Shape:
    """Return the shape of a class."""
    own = kind.__module__.startswith(f"{_PACKAGE}.") and all(
        base in {object, Generic} or base.__module__.startswith(f"{_PACKAGE}.") for base in kind.__mro__
    )
    if not attrs.has(kind):
        return Shape(own, frozen=False, declared=None)
    hashed_by_value = kind.__hash__ not in {None, object.__hash__}
    return Shape(own, hashed_by_value, tuple(field.name for field in attrs.fields(kind)))


class Shapes(dict[type, Shape]):
    """The shapes of the classes that one copy or one file has met."""

    def __missing__(self, kind: type) -> Shape:
        shape = self[kind] = shape_of(kind)
        return shape


def attributes(value: object, shape: Shape) -> tuple[str, ...]:
    """Return the names of the attributes of one object of the state."""
    if shape.declared is not None:
        return shape.declared
    # `Collection[Tax](...)` notes its type argument in the object: that is for type checkers.
    return tuple(name for name in vars(value) if not name.startswith("__"))


def refusal(kind: type) -> TypeError:
    """Return the error for a value that neither copies nor files can contain."""
    return TypeError(
        f"a world cannot contain a {kind.__module__}.{kind.__qualname__}: keep it out of the store, or name its "
        "attribute in Store.OF_THE_PROCESS"
    )


def class_name(kind: type) -> str:
    """Return the name of a class below the package of the state: ``events.Event``."""
    return f"{kind.__module__.removeprefix(_PACKAGE + '.')}.{kind.__qualname__}"


def classes() -> dict[str, type]:
    """Return every class of the state by its name."""
    modules = [import_module(f"{_PACKAGE}.{found.name}") for found in iter_modules(import_module(_PACKAGE).__path__)]
    found = {
        kind for module in modules for kind in vars(module).values() if isinstance(kind, type) and shape_of(kind).own
    }
    return {class_name(kind): kind for kind in found}


_new: Callable[[type], object] = object.__new__


def empty(kind: type) -> object:
    """Return an object without attributes; no code of its class runs."""
    return _new(kind)


set_attribute: Callable[[object, str, object], None] = object.__setattr__
"""Set an attribute, also of a frozen object that is being built."""
