"""Features, and what plans and subscriptions entitle to."""

from typing import TypeAlias

import attrs

from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class Privilege(Record):
    """What a feature can be set to."""

    code: str
    name: str | None
    value_type: str
    select_options: list[str]


@attrs.define(kw_only=True, eq=False)
class Feature(Record):
    """Something that plans and subscriptions entitle to."""

    code: str
    name: str | None
    description: str | None
    privileges: dict[str, Privilege]


Entitlements: TypeAlias = dict[str, dict[str, Json]]
"""Feature codes, and for each the values of its privileges."""
