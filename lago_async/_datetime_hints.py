"""The classes of datetime in type hints, also where a test has replaced them.

freezegun replaces `datetime.datetime` and `datetime.date` by subclasses while the time is frozen. Models are imported
when they are first used, perhaps just then, and must not declare the subclasses, which no decoder knows.
"""

from __future__ import annotations

import datetime as dt
from types import GenericAlias, UnionType
from typing import Annotated, Any, Union, get_args, get_origin


def are_replaced() -> bool:
    """Tell whether the classes of datetime are replaced now."""
    return dt.date.__module__ != "datetime" or dt.datetime.__module__ != "datetime"


def with_real_classes(hint: Any) -> Any:
    """Return a hint with the classes of datetime in place of their substitutes; any other hint as it is."""
    if isinstance(hint, type):
        return next((base for base in hint.__mro__ if base.__module__ == "datetime"), hint)
    origin, arguments = get_origin(hint), get_args(hint)
    members = tuple(map(with_real_classes, arguments))
    if members == arguments or origin is None:
        return hint
    if origin is Annotated:
        return Annotated[members[0], *arguments[1:]]
    if origin in (Union, UnionType):
        return Union[members]  # noqa: UP007 - the members are run-time values
    return GenericAlias(origin, members)
