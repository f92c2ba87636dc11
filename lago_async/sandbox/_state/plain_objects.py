"""Objects that are kept as they are shown."""

import attrs

from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class PlainObject(Record):
    """An object without behaviour: its fields as they are on the wire."""

    values: JsonObject
