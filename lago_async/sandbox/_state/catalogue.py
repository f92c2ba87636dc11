"""Taxes, billable metrics and add-ons."""

from decimal import Decimal

import attrs

from lago_async.sandbox._state.record import Record


@attrs.define(kw_only=True, eq=False)
class Tax(Record):
    """A tax, in percent."""

    code: str
    name: str
    rate: Decimal
    description: str | None
    applied_to_organization: bool
    # The billing entities whose customers have it when nothing else has a tax.
    entity_codes: tuple[str, ...] = ()


@attrs.define(kw_only=True, eq=False)
class BillableMetric(Record):
    """The rule that turns events into units."""

    code: str
    name: str
    description: str | None
    aggregation_type: str
    field_name: str | None
    recurring: bool
    rounding_function: str | None
    rounding_precision: int | None
    filters: dict[str, list[str]]
    expression: str | None = None
    weighted_interval: str | None = None


@attrs.define(kw_only=True, eq=False)
class AddOn(Record):
    """An item that is sold once, or with every period of a plan."""

    code: str
    name: str
    invoice_display_name: str | None
    description: str | None
    amount_cents: int
    amount_currency: str
    taxes: list[Tax]
