"""Features, their privileges, and entitlements."""

from typing import TypeAlias

import attrs

from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class Privilege(Record):
    """A setting of a feature."""

    code: str
    name: str | None
    value_type: str
    select_options: list[str]


@attrs.define(kw_only=True, eq=False)
class Feature(Record):
    """A feature that plans and subscriptions can include."""

    code: str
    name: str | None
    description: str | None
    privileges: dict[str, Privilege]


Entitlements: TypeAlias = dict[str, dict[str, Json]]
"""The values of privileges, by feature code and privilege code."""
