"""The base of all records."""

from datetime import datetime
from itertools import count
from uuid import uuid4

import attrs

_order = count()


def next_order() -> int:
    """Return the next number in the order of the process."""
    return next(_order)


@attrs.define(kw_only=True, eq=False)
class Record:
    """The base of all records. ``order`` breaks ties of ``created_at``: the clock stands still between advances."""

    created_at: datetime
    lago_id: str = attrs.field(factory=lambda: str(uuid4()))
    order: int = attrs.field(factory=next_order)
    deleted_at: datetime | None = None
