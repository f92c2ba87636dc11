"""Customers and their metadata."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

import attrs

from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.catalogue import Tax
from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class CustomerMetadata(Record):
    """One key and value on a customer."""

    key: str
    value: str
    display_in_invoice: bool


@attrs.define
class BillingDefaults:
    """Settings that customers have from the billing entity unless they have their own."""

    timezone: str = "UTC"


@attrs.define(kw_only=True, eq=False)
class Customer(Record):
    """A customer. ``columns`` holds the plain attributes under their names in JSON."""

    external_id: str
    sequential_id: int
    slug: str
    updated_at: datetime
    billing_entity_code: str
    columns: dict[str, Json]
    shipping: dict[str, Json]
    billing: dict[str, Json]
    provider: dict[str, Json] | None = None
    metadata: list[CustomerMetadata] = attrs.field(factory=list[CustomerMetadata])
    taxes: list[Tax] = attrs.field(factory=list[Tax])
    defaults: BillingDefaults = attrs.field(factory=BillingDefaults)
    awaits_refresh: bool = False  # whether its wallets do not know of its newest usage

    @property
    def applicable_timezone(self) -> str:
        """Its own time zone, or the billing entity's."""
        own = self.columns.get("timezone")
        return own if isinstance(own, str) else self.defaults.timezone

    @property
    def zone(self) -> tzinfo:
        """The time zone in which its periods begin."""
        name = self.applicable_timezone
        return UTC if name == "UTC" else ZoneInfo(name)

    @property
    def currency(self) -> str | None:
        """Its currency, once it has one."""
        own = self.columns.get("currency")
        return own if isinstance(own, str) else None
