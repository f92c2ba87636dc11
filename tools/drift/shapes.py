"""The shapes of JSON, as far as code shows them: which keys an object has, and which of them only sometimes."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from tools.drift.program import Place, Unread


@attrs.frozen
class Scalar:
    """A value without known parts: a text, a number, or whatever a database column holds.

    Attributes:
        source: The code that makes it, if that may be an object.
    """

    source: Unread | None = None


@attrs.frozen
class Null:
    """Nothing."""


@attrs.define
class Keyed:
    """An object with known keys.

    Attributes:
        keys: The keys.
        gaps: The code that adds other keys, and does not show which.
        made_by: The serializer that makes it; empty for any other object.
    """

    keys: dict[str, Key] = attrs.field(factory=dict[str, "Key"])
    gaps: frozenset[Unread] = frozenset()
    made_by: str = ""

    def copy(self) -> Keyed:
        """Return an object with the same keys."""
        return Keyed(dict(self.keys), self.gaps)


@attrs.frozen
class Items:
    """A list."""

    of: JsonShape


@attrs.frozen
class Key:
    """A key of an object.

    Attributes:
        shape: The value.
        at: Where the code adds it.
        sometimes: Whether it is added only under a condition.
        hint: The kind of the value, as far as the code shows it.
    """

    shape: JsonShape
    at: Place
    sometimes: bool = False
    hint: str = ""


JsonShape: TypeAlias = Scalar | Null | Keyed | Items


def either(one: JsonShape, other: JsonShape) -> JsonShape:
    """Return the shape of a value that has one of two shapes."""
    match one, other:
        case Null(), _:
            return other
        case _, Null():
            return one
        case Items(of=first), Items(of=second):
            return Items(either(first, second))
        case Keyed(), Keyed():
            return _either_of_objects(one, other)
        case Scalar(source=source), Keyed() if source is not None:
            return Keyed(dict(other.keys), other.gaps | {source})
        case Keyed(), Scalar(source=source) if source is not None:
            return Keyed(dict(one.keys), one.gaps | {source})
        case Scalar(), _:
            return other
        case _:
            return one


def _either_of_objects(one: Keyed, other: Keyed) -> Keyed:
    keys: dict[str, Key] = {}
    for name in {**one.keys, **other.keys}:
        if name in one.keys and name in other.keys:
            first, second = one.keys[name], other.keys[name]
            shape = either(first.shape, second.shape)
            keys[name] = attrs.evolve(first, shape=shape, sometimes=first.sometimes or second.sometimes)
        else:
            keys[name] = attrs.evolve((one if name in one.keys else other).keys[name], sometimes=True)
    return Keyed(keys, one.gaps | other.gaps, one.made_by if one.made_by == other.made_by else "")


def merged(one: Keyed, other: Keyed) -> Keyed:
    """Return an object with the keys of both; those of the second one win."""
    keys = dict(one.keys)
    for name, key in other.keys.items():
        before = keys.get(name)
        if key.sometimes and before is not None:
            keys[name] = attrs.evolve(key, shape=either(before.shape, key.shape), sometimes=before.sometimes)
        else:
            keys[name] = key
    return Keyed(keys, one.gaps | other.gaps)
