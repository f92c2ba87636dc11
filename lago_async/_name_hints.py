"""The answer to a wrong name on a client or on a resource group: the right name, from one table of the usual verbs."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from typing import Final

__all__ = ["missing_group", "missing_operation"]

_FIND: Final = ("find", "get", "find_all")
_LIST: Final = ("find_all", "get")
_DESTROY: Final = ("destroy", "delete", "void")
_UPDATE: Final = ("update", "override")
_CREATE: Final = ("create", "apply")

_VERBS: Final[Mapping[str, Sequence[str]]] = {
    "get": _FIND, "retrieve": _FIND, "fetch": _FIND, "read": _FIND, "show": _FIND, "load": _FIND, "find": _FIND,
    "list": _LIST, "all": _LIST, "index": _LIST, "search": _LIST, "filter": _LIST, "iterate": _LIST, "query": _LIST,
    "delete": _DESTROY, "remove": _DESTROY, "cancel": _DESTROY, "terminate": _DESTROY, "destroy": _DESTROY,
    "update": _UPDATE, "edit": _UPDATE, "modify": _UPDATE, "patch": _UPDATE, "put": _UPDATE, "change": _UPDATE,
    "set": _UPDATE, "save": _UPDATE, "upsert": (*_UPDATE, *_CREATE),
    "create": _CREATE, "add": _CREATE, "new": _CREATE, "insert": _CREATE, "post": _CREATE, "make": _CREATE,
    "send": _CREATE, "ingest": _CREATE, "start": _CREATE,
}  # fmt: skip
"""What newcomers call a verb, and our verbs for it, the most likely first."""

_CREATE_UPDATES: Final = frozenset({"customers"})
"""The resource groups without an update: creating an object that exists updates it."""


def missing_operation(resource: type, name: str) -> AttributeError:
    """Return the error for a name that a resource group does not have."""
    if name.startswith("_"):
        return AttributeError(f"{resource.__name__} has no {name!r}")
    operations = [found for found in dir(resource) if not found.startswith("_") and found not in _OWN]
    remedy = _operation_for(_snake(name), _snake(resource.__name__), operations)
    if remedy is None:
        remedy = f"it has {', '.join(operations)}"
    return AttributeError(f"{resource.__name__} has no {name!r}: {remedy}")


def missing_group(client: type, name: str, groups: Sequence[str]) -> AttributeError:
    """Return the error for a name that a client does not have."""
    if name.startswith("_"):
        return AttributeError(f"{client.__name__} has no {name!r}")
    snake = _snake(name)
    verb, _, rest = snake.partition("_")
    near = [group for group in groups if snake in _forms(group)]
    if not near and (owners := [group for group in groups if rest in _forms(group)]):
        usual = [target for target in _VERBS.get(verb, ()) if target in _USUAL]
        if usual:
            target = "find_all" if rest in groups and "find_all" in usual else usual[0]
            return AttributeError(f"{client.__name__} has no {name!r}: use {owners[0]}.{target}")
    if near := near or difflib.get_close_matches(snake, groups, n=1):
        return AttributeError(f"{client.__name__} has no {name!r}: use {near[0]}")
    return AttributeError(f"{client.__name__} has no {name!r}; its resource groups are {', '.join(groups)}")


_OWN: Final = frozenset({"method_of", "async_method"})  # not operations
_USUAL: Final = frozenset({"create", "find", "find_all", "update", "destroy"})


def _operation_for(name: str, group: str, operations: Sequence[str]) -> str | None:
    if name in operations:
        return f"use {name}"
    verb, _, rest = name.partition("_")
    rest = "" if rest in _forms(group) else rest
    for target in _VERBS.get(verb, ()):
        for candidate in (f"{target}_{rest}", f"{target}_{rest}s") if rest else (target,):
            if candidate in operations:
                return f"use {candidate}"
    if not rest and group in _CREATE_UPDATES and _VERBS.get(verb) is _UPDATE:
        return "use create, which updates"
    within = [operation for operation in operations if f"_{name}" in f"_{operation}"]
    near = within or difflib.get_close_matches(name, operations, n=2)
    return f"use {' or '.join(near)}" if 0 < len(near) < 4 else None


def _snake(name: str) -> str:
    """Return ``find_all`` for ``findAll``."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _forms(group: str) -> frozenset[str]:
    """Return the plural and the singular of a group: ``taxes`` and ``tax``, ``entities`` and ``entity``."""
    return frozenset({group, group.removesuffix("s"), group.removesuffix("es"), re.sub("ies$", "y", group)})
