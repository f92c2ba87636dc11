"""Copies of a world: everything in a store, so that a change to one world is not seen in the other."""

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from typing import cast

from lago_async.sandbox._state.object_graph import (
    ATOMS,
    Shape,
    Shapes,
    attributes,
    empty,
    is_function,
    refusal,
    set_attribute,
)
from lago_async.sandbox._state.store import Store


class _Copier:
    """One copy. Objects wait in a list until they are filled: a recursion would end at long chains of records."""

    def __init__(self) -> None:
        self._copies: dict[int, object] = {}
        self._shapes = Shapes()
        self._unfilled: list[tuple[object, object]] = []

    def run(self, source: Store, target: Store) -> None:
        self._copies[id(source)] = target
        for name in attributes(source, self._shapes[Store]):
            if name not in Store.OF_THE_PROCESS:
                setattr(target, name, self._copy(getattr(source, name)))
        while self._unfilled:
            self._fill(*self._unfilled.pop())

    def _copy(self, value: object) -> object:
        """Return the copy of a value, which may have to be filled yet."""
        kind = type(value)
        if kind in ATOMS:
            return value
        found = self._copies.get(id(value))
        if found is None:
            found = self._begin(value, kind)
            self._copies[id(value)] = found
        return found

    def _begin(self, value: object, kind: type) -> object:
        if kind is tuple:
            return tuple([self._copy(item) for item in cast("tuple[object, ...]", value)])
        if kind is frozenset:
            return frozenset([self._copy(item) for item in cast("frozenset[object]", value)])
        shape = self._shapes[kind]
        if shape.own and shape.frozen:  # like a tuple, it may be a key: it is complete at once
            return self._copy_attributes(value, empty(kind), shape)
        if is_function(value):
            return value
        if shape.own:
            copied = empty(kind)
        else:
            copied = _begun(value, kind)
            if not value:
                return copied
        self._unfilled.append((value, copied))
        return copied

    def _fill(self, value: object, copied: object) -> None:
        copy = self._copy
        if isinstance(value, dict):
            items = cast("dict[object, object]", value)
            # Most tables are JSON of atoms: the test of their types runs without a call per item.
            if ATOMS.issuperset(map(type, items.values())) and ATOMS.issuperset(map(type, items)):
                cast("dict[object, object]", copied).update(items)
            else:
                cast("dict[object, object]", copied).update({copy(key): copy(item) for key, item in items.items()})
        elif isinstance(value, list | deque):
            cast("list[object]", copied).extend([copy(item) for item in cast("list[object]", value)])
        elif isinstance(value, set):
            cast("set[object]", copied).update([copy(item) for item in cast("set[object]", value)])
        else:
            self._copy_attributes(value, copied, self._shapes[type(value)])

    def _copy_attributes(self, value: object, copied: object, shape: Shape) -> object:
        copies = self._copies
        for name in attributes(value, shape):
            item = getattr(value, name)
            # The first steps of `_copy` without the call, because most attributes are atoms, or known already.
            if type(item) not in ATOMS:
                known = copies.get(id(item))
                item = self._copy(item) if known is None else known
            set_attribute(copied, name, item)
        return copied


_CONTAINERS: dict[type, Callable[[], object]] = {dict: dict, list: list, set: set, Counter: Counter}


def _begun(value: object, kind: type) -> object:
    """Return an empty container of the same kind."""
    if kind is defaultdict:
        return defaultdict[object, object](cast("defaultdict[object, object]", value).default_factory)
    if kind is deque:
        return deque[object](maxlen=cast("deque[object]", value).maxlen)
    if (make := _CONTAINERS.get(kind)) is not None:
        return make()
    raise refusal(kind)


def copy_world(source: Store, target: Store) -> None:
    """Make ``target`` a copy of ``source``, whose lock is held. Attributes that belong to the process stay."""
    _Copier().run(source, target)
