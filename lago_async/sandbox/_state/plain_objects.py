"""Objects that are stored in the shape of their JSON."""

import attrs

from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class PlainObject(Record):
    """An object without behaviour: its fields are stored as responses show them."""

    values: JsonObject
