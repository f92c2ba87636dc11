"""From the events of a window to priced fees."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

import attrs

from lago_async._currencies import exponent
from lago_async.sandbox._money import aggregation, pricing, rounding
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text
from lago_async.sandbox._state.catalogue import Tax
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.periods import Period
from lago_async.sandbox._state.plans import Charge, ChargeFilter, Plan
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription

ALL_FILTER_VALUES = "__ALL_FILTER_VALUES__"
_Properties = Mapping[str, Json]
Group = tuple[tuple[str, str | None], ...]


@attrs.frozen(kw_only=True)
class Scope:
    """The parts of current usage that a request can narrow or turn off."""

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
    events_count: int
    amount_cents: int
    taxes_amount_cents: int
    presentation: list[Json]

    @property
    def billed(self) -> bool:
        """Whether the server would store it: a fee without units and amount is not stored."""
        return bool(self.units or self.amount_cents)


@attrs.frozen
class MeteredCharge:
    """One charge with its fees."""

    charge: Charge
    fees: list[UsageFee]


def applicable_taxes(store: Store, customer: Customer, plan: Plan, charge: Charge | None = None) -> list[Tax]:
    """Return the taxes of the charge, or else of the plan, of the customer, or of the organization."""
    own = charge.taxes if charge is not None else []
    return own or plan.taxes or customer.taxes or store.organization_taxes()


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


def _by_filter(charge: Charge, events: Iterable[_Properties]) -> list[tuple[ChargeFilter | None, list[_Properties]]]:
    """Assign each event to the filter with the most keys that accepts it, or to the default bucket."""
    specific_first = sorted(charge.filters, key=lambda charge_filter: -len(charge_filter.values))
    buckets: dict[str | None, list[_Properties]] = {charge_filter.lago_id: [] for charge_filter in charge.filters}
    rest: list[_Properties] = []
    for properties in events:
        for charge_filter in specific_first:
            if _accepts(charge_filter.values, charge, properties):
                buckets[charge_filter.lago_id].append(properties)
                break
        else:
            rest.append(properties)
    return [*((charge_filter, buckets[charge_filter.lago_id]) for charge_filter in charge.filters), (None, rest)]


def _by_group(keys: Sequence[str], events: Iterable[_Properties]) -> dict[Group, list[_Properties]]:
    groups: dict[Group, list[_Properties]] = {}
    for properties in events:
        group = tuple((key, aggregation.property_text(properties.get(key))) for key in keys)
        groups.setdefault(group, []).append(properties)
    return groups


def _group_keys(charge: Charge, charge_filter: ChargeFilter | None) -> list[str]:
    own = charge_filter.properties if charge_filter is not None else {}
    return Fields(own).strings("pricing_group_keys") or Fields(charge.properties).strings("pricing_group_keys") or []


def _aggregate(charge: Charge, events: Sequence[_Properties]) -> aggregation.Aggregation:
    metric = charge.metric
    found = aggregation.aggregate(metric.aggregation_type, metric.field_name, events)
    units = rounding.rounded(found.units, metric.rounding_function, metric.rounding_precision)
    return attrs.evolve(found, units=units)


def _presentation(charge: Charge, properties: JsonObject, events: Sequence[_Properties], scope: Scope) -> list[Json]:
    given = Fields(properties).list_of_fields("presentation_group_keys") or []
    keys = [key for item in given if (key := item.text("value")) is not None]
    if scope.presentation_keys is not None:
        keys = [key for key in keys if key in scope.presentation_keys]
    if not keys:
        return []
    return [
        {"presentation_by": dict(group), "units": decimal_text(_aggregate(charge, members).units)}
        for group, members in _by_group(keys, events).items()
    ]


def _fees(
    charge: Charge, events: Iterable[_Properties], *, currency_exponent: int, rates: Sequence[Decimal], scope: Scope
) -> list[UsageFee]:
    fees: list[UsageFee] = []
    for charge_filter, accepted in _by_filter(charge, events):
        properties = charge.properties if charge_filter is None else charge_filter.properties
        keys = _group_keys(charge, charge_filter) if scope.grouping else []
        # Without events there is nothing to group: a single fee of zero is shown.
        for group, members in (_by_group(keys, accepted) or {(): []}).items():
            found = _aggregate(charge, members)
            amount = rounding.to_cents(pricing.price(charge.charge_model, properties, found), currency_exponent)
            fees.append(
                UsageFee(
                    charge_filter=charge_filter,
                    grouped_by=group,
                    units=found.units,
                    events_count=found.events_count,
                    amount_cents=amount,
                    taxes_amount_cents=rounding.taxes_on(amount, rates) if scope.apply_taxes else 0,
                    presentation=_presentation(charge, properties, members, scope),
                )
            )
    return fees


def _in_groups(properties: _Properties, groups: Mapping[str, frozenset[str]]) -> bool:
    return all(aggregation.property_text(properties.get(key)) in values for key, values in groups.items())


def charge_usages(
    store: Store,
    subscription: Subscription,
    charges: Iterable[Charge],
    window: Period,
    scope: Scope = EVERYTHING,
) -> list[MeteredCharge]:
    """Return the fees of each charge for the events in a window, in the order of the metrics' names.

    A recurring metric carries over: its window opens when the subscription began. A prorated charge is priced in full.
    A charge that is paid in advance is billed at the end of the period, like any other.
    """
    customer, plan = subscription.customer, subscription.plan
    usages: list[MeteredCharge] = []
    for charge in sorted(charges, key=lambda item: (item.metric.name, item.order)):
        since = (charge.metric.recurring and subscription.started_at) or window.start
        events = store.events.between(subscription.external_id, charge.metric.code, since, window.end)
        given = (event.properties for event in events if _in_groups(event.properties, scope.groups))
        rates = [tax.rate for tax in applicable_taxes(store, customer, plan, charge)]
        usages.append(
            MeteredCharge(
                charge, _fees(charge, given, currency_exponent=exponent(plan.amount_currency), rates=rates, scope=scope)
            )
        )
    return usages


def billed(usages: Iterable[MeteredCharge]) -> list[MeteredCharge]:
    """Keep what a past period shows: fees that are not zero, and the charges that have such fees."""
    kept = (MeteredCharge(usage.charge, [fee for fee in usage.fees if fee.billed]) for usage in usages)
    return [usage for usage in kept if usage.fees]
