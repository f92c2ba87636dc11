"""From the events of a window to priced fees: the same for current usage and for invoices."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TypeAlias

import attrs

from lago_async._currencies import exponent
from lago_async.sandbox._money import aggregation, amount_details, pricing, rounding
from lago_async.sandbox._money.aggregation import ZERO, Aggregation, UsageWindow
from lago_async.sandbox._money.pricing import Mode
from lago_async.sandbox._money.taxes import applicable_taxes
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text
from lago_async.sandbox._state.events import Event
from lago_async.sandbox._state.invoices import Boundaries
from lago_async.sandbox._state.periods import days_between
from lago_async.sandbox._state.plans import ALL_FILTER_VALUES, Charge, ChargeFilter
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription

_Properties = Mapping[str, Json]
Group = tuple[tuple[str, str | None], ...]
_Key: TypeAlias = tuple[object, ...]
COUNTED = ("sum_agg", "unique_count_agg")
"""The aggregations whose units stay until they are removed: they can recur and be prorated."""


@attrs.frozen(kw_only=True)
class Scope:
    """The parts of current usage that a request can narrow or turn off; invoices are not ``running``."""

    running: bool = True
    apply_taxes: bool = True
    grouping: bool = True
    groups: Mapping[str, frozenset[str]] = attrs.field(factory=dict[str, frozenset[str]])
    presentation_keys: frozenset[str] | None = None


EVERYTHING = Scope()


@attrs.frozen(kw_only=True)
class UsageFee:
    """The smallest thing that is priced and rounded: a charge, one of its filters, or one group of values."""

    charge_filter: ChargeFilter | None
    grouped_by: Group
    units: Decimal
    total_units: Decimal
    events_count: int
    amount_cents: int
    precise_cents: Decimal
    unit_amount: Decimal
    taxes_amount_cents: int
    presentation: list[Json]
    details: Callable[[], JsonObject] = dict[str, Json]

    @property
    def billed(self) -> bool:
        """Whether the server would store it."""
        return bool(self.units or self.amount_cents or self.events_count)


@attrs.frozen
class MeteredCharge:
    """One charge with its fees."""

    charge: Charge
    fees: list[UsageFee]


def _accepts(values: Mapping[str, list[str]], charge: Charge, properties: _Properties) -> bool:
    """Return whether an event has an accepted value for every key of a filter."""
    for key, accepted in values.items():
        given = aggregation.property_text(properties.get(key))
        known = charge.metric.filters.get(key, []) if ALL_FILTER_VALUES in accepted else accepted
        if given is None or given not in known:
            return False
    return True


def matching_filter(charge: Charge, properties: _Properties) -> ChargeFilter | None:
    """Return the filter with the most keys that accepts an event."""
    accepting = [
        charge_filter for charge_filter in charge.filters if _accepts(charge_filter.values, charge, properties)
    ]
    return max(accepting, key=lambda charge_filter: len(charge_filter.values), default=None)


def _by_filter(charge: Charge, events: Iterable[Event]) -> list[tuple[ChargeFilter | None, list[Event]]]:
    """Assign each event to the filter with the most keys that accepts it, or to the default bucket."""
    if not charge.filters:
        return [(None, list(events))]
    specific_first = sorted(charge.filters, key=lambda charge_filter: -len(charge_filter.values))
    buckets: dict[str | None, list[Event]] = {charge_filter.lago_id: [] for charge_filter in charge.filters}
    rest: list[Event] = []
    for event in events:
        for charge_filter in specific_first:
            if _accepts(charge_filter.values, charge, event.properties):
                buckets[charge_filter.lago_id].append(event)
                break
        else:
            rest.append(event)
    return [*((charge_filter, buckets[charge_filter.lago_id]) for charge_filter in charge.filters), (None, rest)]


def group_of(keys: Sequence[str], properties: _Properties) -> Group:
    """Return the values of an event under these keys."""
    return tuple((key, aggregation.property_text(properties.get(key))) for key in keys)


def _by_group(keys: Sequence[str], events: Iterable[Event]) -> dict[Group, list[Event]]:
    groups: dict[Group, list[Event]] = {}
    for event in events:
        groups.setdefault(group_of(keys, event.properties), []).append(event)
    return groups


def group_keys(charge: Charge, charge_filter: ChargeFilter | None) -> list[str]:
    """Return the keys that usage is grouped by. The keys of a charge are not for its filters, which have their own."""
    properties = charge.properties if charge_filter is None else charge_filter.properties
    return Fields(properties).strings("pricing_group_keys") or []


def rounded(charge: Charge, found: Aggregation) -> Aggregation:
    """Apply the rounding function of the metric."""
    metric = charge.metric
    if metric.rounding_function is None:
        return found
    full = found.full_units

    def of(units: Decimal) -> Decimal:
        return rounding.rounded(units, metric.rounding_function, metric.rounding_precision)

    return attrs.evolve(found, units=of(found.units), full_units=None if full is None else of(full))


def count_key(subscription: Subscription, charge: Charge, charge_filter: ChargeFilter | None, group: Group) -> _Key:
    """Return what the counts of a charge are kept under."""
    filter_id = None if charge_filter is None else charge_filter.lago_id
    return subscription.external_id, charge.lago_id, filter_id, group


def _opening(store: Store, subscription: Subscription, charge: Charge, key: _Key, before: datetime) -> Decimal:
    """Return what a recurring weighted sum had reached before a window."""
    if not charge.metric.recurring:
        return Decimal(0)
    known = [total for at, total in store.reached_sums.get(key, ()) if at < before]
    if known:
        return known[-1]
    if subscription.previous is None:
        return Decimal(0)
    earlier = store.events.between(subscription.external_id, charge.metric.code, None, before - timedelta(seconds=1))
    values = [aggregation.number(event.properties.get(charge.metric.field_name or "")) for event in earlier]
    return sum((value for value in values if value is not None), Decimal(0))


def _presentation(
    charge: Charge, properties: JsonObject, events: Sequence[Event], window: UsageWindow, scope: Scope
) -> list[Json]:
    given = Fields(properties).list_of_fields("presentation_group_keys") or []
    keys = [key for item in given if (key := item.text("value")) is not None]
    if scope.presentation_keys is not None:
        keys = [key for key in keys if key in scope.presentation_keys]
    if not keys:
        return []
    plain = attrs.evolve(window, prorated=False)
    return [
        {
            "presentation_by": dict(group),
            "units": decimal_text(rounded(charge, aggregation.aggregate(charge.metric, members, plain)).units),
        }
        for group, members in _by_group(keys, events).items()
    ]


@attrs.frozen(kw_only=True)
class _Metering:
    """One charge of a subscription in a window."""

    store: Store
    subscription: Subscription
    charge: Charge
    window: UsageWindow
    rates: Sequence[Decimal]
    scope: Scope

    def fees(self, events: Iterable[Event]) -> list[UsageFee]:
        """Return a fee per filter and group."""
        charge = self.charge
        fees: list[UsageFee] = []
        for charge_filter, accepted in _by_filter(charge, events):
            properties = charge.properties if charge_filter is None else charge_filter.properties
            keys = group_keys(charge, charge_filter) if self.scope.grouping else []
            # A group that the request fixes does not group any more.
            keys = [key for key in keys if key not in self.scope.groups]
            # Without events there is one group without values: a single fee of zero is shown.
            for group, members in (_by_group(keys, accepted) or {tuple((key, None) for key in keys): []}).items():
                fees.append(self._fee(charge_filter, properties, group, members))
        return fees

    def _aggregated(
        self, key: _Key, members: Sequence[Event], window: UsageWindow
    ) -> tuple[Aggregation, Decimal | None]:
        """Return the units to price, and those to show."""
        charge, scope = self.charge, self.scope
        # The whole of what recurs is paid in advance at the start of a period.
        whole = charge.pay_in_advance and not scope.running
        found = aggregation.aggregate(charge.metric, members, attrs.evolve(window, prorated=False) if whole else window)
        if not scope.running:
            if found.reached is not None and charge.metric.recurring:
                at = members[-1].timestamp if members else window.start
                self.store.reached_sums[key].append((at, found.reached))
            return rounded(charge, found), None
        full = found.units if found.full_units is None else found.full_units
        shown = rounding.rounded(max(full, ZERO), charge.metric.rounding_function, charge.metric.rounding_precision)
        if charge.pay_in_advance and charge.metric.aggregation_type in COUNTED:
            found = self._paid_in_advance(key, found, full)
        elif window.prorated:
            found = attrs.evolve(found, units=max(found.units, ZERO))
        return rounded(charge, found), shown if charge.pay_in_advance or charge.prorated else None

    def _paid_in_advance(self, key: _Key, found: Aggregation, full: Decimal) -> Aggregation:
        """Return what was charged already: units that left give nothing back in the period."""
        window = self.window
        known = [count for count in self.store.in_advance.get(key, ()) if window.start <= count.timestamp <= window.end]
        if not known:
            return attrs.evolve(found, units=max(found.units, ZERO))
        last = known[-1]
        if not window.prorated or last.highest_prorated is None:
            return attrs.evolve(found, units=max(full - last.current + last.highest, ZERO))
        kept = max(full, ZERO) - max(last.current, ZERO)
        share = days_between(window.start, window.end, window.zone) / window.days
        if share < 1:
            kept = rounding.ceil_to(kept * rounding.binary(share), 5)
        return attrs.evolve(found, units=max(kept + last.highest_prorated, ZERO))

    def _fee(
        self, charge_filter: ChargeFilter | None, properties: JsonObject, group: Group, members: Sequence[Event]
    ) -> UsageFee:
        charge, subscription = self.charge, self.subscription
        key = count_key(subscription, charge, charge_filter, group)
        window = self.window
        if charge.metric.aggregation_type == "weighted_sum_agg":
            opening = _opening(self.store, subscription, charge, key, window.start)
            window = attrs.evolve(window, opening=opening)
        if group:
            window = attrs.evolve(window, grouped=True)
        found, shown = self._aggregated(key, members, window)
        decimals = exponent(subscription.plan.amount_currency)
        mode = Mode(premium=self.store.premium, decimals=decimals)
        price = pricing.price(charge.charge_model, properties, found, mode)
        full = found.units if found.full_units is None else found.full_units
        units = shown if shown is not None else full if charge.prorated else found.units
        reached = found.reached
        if found.units < 0 or price < 0:
            price, units, full = ZERO, ZERO, ZERO
        amount = rounding.to_cents(price, decimals)
        return UsageFee(
            charge_filter=charge_filter,
            grouped_by=group,
            units=units,
            total_units=units if reached is None else reached,
            events_count=found.events_count,
            amount_cents=amount,
            precise_cents=price.scaleb(decimals, rounding.EXACT),
            unit_amount=rounding.quotient(price, pricing.priced_units(charge.charge_model, properties, full)),
            taxes_amount_cents=rounding.taxes_on(amount, self.rates) if self.scope.apply_taxes else 0,
            presentation=_presentation(charge, properties, members, window, self.scope),
            details=partial(amount_details.details, charge.charge_model, properties, found, mode),
        )


def _in_groups(properties: _Properties, groups: Mapping[str, frozenset[str]]) -> bool:
    return all(aggregation.property_text(properties.get(key)) in values for key, values in groups.items())


def window_of(subscription: Subscription, charge: Charge, boundaries: Boundaries) -> UsageWindow:
    """Return the window in which a charge is metered."""
    return UsageWindow(
        start=boundaries.charges_start or boundaries.start,
        end=boundaries.charges_end or boundaries.end,
        days=boundaries.charges_days,
        zone=subscription.customer.zone,
        prorated=charge.prorated and charge.metric.aggregation_type in COUNTED,
    )


def metered_events(store: Store, subscription: Subscription, charge: Charge, window: UsageWindow) -> list[Event]:
    """Return the events of a charge; what recurs counts from the first event on."""
    carried = charge.metric.recurring and charge.metric.aggregation_type in COUNTED
    since = None if carried else window.start
    return store.events.between(subscription.external_id, charge.metric.code, since, window.end)


def metered(
    store: Store, subscription: Subscription, charge: Charge, boundaries: Boundaries, scope: Scope
) -> MeteredCharge:
    """Return the fees of one charge for the events in its window."""
    window = window_of(subscription, charge, boundaries)
    events = metered_events(store, subscription, charge, window)
    if scope.groups:
        events = [event for event in events if _in_groups(event.properties, scope.groups)]
    rates = [tax.rate for tax in applicable_taxes(store, subscription.customer, subscription.plan, charge.taxes)]
    metering = _Metering(store=store, subscription=subscription, charge=charge, window=window, rates=rates, scope=scope)
    return MeteredCharge(charge, metering.fees(events))


def charge_usages(
    store: Store,
    subscription: Subscription,
    charges: Iterable[Charge],
    boundaries: Boundaries,
    scope: Scope = EVERYTHING,
) -> list[MeteredCharge]:
    """Return the fees of each charge for the events in its window, in the order of the metrics' names."""
    ordered = sorted(charges, key=lambda item: (item.metric.name, item.order))
    return [metered(store, subscription, charge, boundaries, scope) for charge in ordered]


def taxes_cents(store: Store, subscription: Subscription, usages: Iterable[MeteredCharge]) -> int:
    """Return the taxes on usage, rounded once for all of it, as on an invoice."""
    exact = ZERO
    for item in usages:
        rates = applicable_taxes(store, subscription.customer, subscription.plan, item.charge.taxes)
        amount = sum(fee.amount_cents for fee in item.fees)
        exact += sum((amount * tax.rate for tax in rates), ZERO)
    return rounding.whole(exact.scaleb(-2))
