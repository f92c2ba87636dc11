"""Charge models compute the prices of the examples in Lago's documentation."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async.sandbox._money.aggregation import Aggregation, UsageWindow, aggregate
from lago_async.sandbox._money.amount_details import details, details_of_event
from lago_async.sandbox._money.charge_properties import default_properties, kept_properties, property_errors
from lago_async.sandbox._money.pricing import MODELS, Mode, price, priced_units
from lago_async.sandbox._money.rounding import rounded, taxes_on, to_cents
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.catalogue import BillableMetric
from lago_async.sandbox._state.events import Event

D = Decimal

UNITS = st.decimals(min_value=0, max_value=10**9, places=6)


def used(units: Decimal | int | str, *values: Decimal | int) -> Aggregation:
    return Aggregation(units=D(units), events_count=len(values), values=tuple(D(value) for value in values))


BEGIN = datetime(2026, 1, 1, tzinfo=UTC)
JANUARY = UsageWindow(start=BEGIN, end=BEGIN + timedelta(days=31, microseconds=-1), days=31, zone=UTC)


def aggregated(kind: str, events: list[dict[str, Any]], window: UsageWindow = JANUARY) -> Aggregation:
    """Aggregate the properties of events that arrive an hour after each other."""
    metric = BillableMetric(
        created_at=BEGIN,
        code="calls",
        name="Calls",
        description=None,
        aggregation_type=kind,
        field_name="value",
        recurring=False,
        rounding_function=None,
        rounding_precision=None,
        filters={},
    )
    arrived = [
        Event(
            created_at=BEGIN,
            transaction_id=str(hour),
            external_subscription_id="sub",
            code="calls",
            timestamp=BEGIN + timedelta(hours=hour),
            properties=properties,
            precise_total_amount_cents=None,
        )
        for hour, properties in enumerate(events)
    ]
    return aggregate(metric, arrived, window)


def summed(*values: Decimal | int) -> Aggregation:
    return used(sum(map(D, values)), *values)


GRADUATED: JsonObject = {
    "graduated_ranges": [
        {"from_value": 0, "to_value": 10, "flat_amount": "10", "per_unit_amount": "0.5"},
        {"from_value": 11, "to_value": 20, "flat_amount": "5", "per_unit_amount": "0.2"},
        {"from_value": 21, "to_value": None, "flat_amount": "0", "per_unit_amount": "0.1"},
    ]
}


@pytest.mark.parametrize(
    ("units", "expected"),
    [
        (0, "10"),  # the first range is always entered
        ("0.5", "10.25"),
        (1, "10.5"),
        (10, "15"),
        ("10.5", "20.1"),  # 10 + 5, then 5 + 0.5 * 0.2
        (11, "20.2"),
        (20, "22"),
        (21, "22.1"),
        (120, "32"),
    ],
)
def test_graduated_prices_each_range_by_itself(units: int | str, expected: str) -> None:
    assert price("graduated", GRADUATED, used(units)) == D(expected)


@given(UNITS, UNITS)
def test_graduated_never_falls_when_units_rise(one: Decimal, other: Decimal) -> None:
    less, more = sorted((one, other))
    assert price("graduated", GRADUATED, used(less)) <= price("graduated", GRADUATED, used(more))


@pytest.mark.parametrize(("units", "expected"), [(0, "10"), (10, "15"), (11, "7.2"), (20, "9"), (21, "2.1")])
def test_volume_prices_all_units_by_the_range_that_holds_them(units: int, expected: str) -> None:
    assert price("volume", {"volume_ranges": GRADUATED["graduated_ranges"]}, used(units)) == D(expected)


@pytest.mark.parametrize(("units", "expected"), [(0, "0"), (100, "0"), ("100.1", "5"), (1100, "5"), (1101, "10")])
def test_package_charges_begun_packages_after_the_free_units(units: int | str, expected: str) -> None:
    properties: JsonObject = {"amount": "5", "free_units": 100, "package_size": 1000}
    assert price("package", properties, used(units)) == D(expected)


@given(UNITS)
def test_a_package_of_one_is_the_ceiling(units: Decimal) -> None:
    properties: JsonObject = {"amount": "1", "free_units": 0, "package_size": 1}
    assert price("package", properties, used(units)) == units.to_integral_value("ROUND_CEILING")


@given(UNITS, st.decimals(min_value=0, max_value=1000, places=8))
def test_standard_is_exactly_units_times_amount(units: Decimal, amount: Decimal) -> None:
    assert price("standard", {"amount": str(amount)}, used(units)) == units * amount


@pytest.mark.parametrize(
    ("extra", "values", "expected"),
    [
        ({}, (100, 50), "1.5"),
        ({"fixed_amount": "0.1"}, (100, 50), "1.7"),
        ({"free_units_per_events": 1}, (100, 50), "0.5"),
        ({"free_units_per_events": 1, "fixed_amount": "0.1"}, (100, 50), "0.6"),
        ({"free_units_per_total_aggregation": "120"}, (100, 50), "0.3"),
        ({"free_units_per_total_aggregation": "120", "fixed_amount": "0.1"}, (100, 50), "0.4"),
        ({"free_units_per_total_aggregation": "500", "fixed_amount": "0.1"}, (100, 50), "0"),
        # The limit that is reached first ends the free part.
        ({"free_units_per_events": 2, "free_units_per_total_aggregation": "120"}, (100, 50, 10), "0.4"),
        ({"free_units_per_events": 1, "free_units_per_total_aggregation": "120"}, (100, 50, 10), "0.6"),
        ({"per_transaction_min_amount": "0.75"}, (100, 50), "1.75"),
        ({"per_transaction_max_amount": "0.75"}, (100, 50), "1.25"),
        ({"per_transaction_min_amount": "0.75", "free_units_per_events": 1}, (100, 50), "0.75"),
        ({"fixed_amount": "1", "per_transaction_max_amount": "1.75"}, (100, 50), "3.25"),
        ({"free_units_per_events": 0, "free_units_per_total_aggregation": "0"}, (100,), "1"),
    ],
)
def test_percentage_with_fixed_and_free_parts_and_limits(
    extra: dict[str, Any], values: tuple[int, ...], expected: str
) -> None:
    assert price("percentage", {"rate": "1", **extra}, summed(*values)) == D(expected)


def test_percentage_without_single_values_charges_the_units_and_each_event() -> None:
    latest = Aggregation(units=D(200), events_count=3)
    assert price("percentage", {"rate": "1", "fixed_amount": "0.5"}, latest) == D("3.5")


@given(st.lists(st.decimals(min_value=0, max_value=10**6, places=4)))
def test_percentage_without_extras_is_the_rate_on_the_sum(values: list[Decimal]) -> None:
    assert price("percentage", {"rate": "2.5"}, summed(*values)) == sum(values, D(0)) * D("0.025")


def test_graduated_percentage_applies_each_rate_to_its_range() -> None:
    ranges: list[Json] = [
        {"from_value": 0, "to_value": 100, "flat_amount": "1", "rate": "1"},
        {"from_value": 101, "to_value": None, "flat_amount": "2", "rate": "3"},
    ]
    assert price("graduated_percentage", {"graduated_percentage_ranges": ranges}, used(200)) == D("7")


def test_sums_of_long_decimals_stay_exact() -> None:
    tiny, huge = "0.00000000000000000000000001", "123456789012345678901234567890"
    found = aggregated("sum_agg", [{"value": tiny}, {"value": huge}])
    assert str(found.units) == f"{huge}.{tiny[2:]}"
    assert price("standard", {"amount": "3"}, found) == D("370370367037037036703703703670.00000000000000000000000003")


@pytest.mark.parametrize(
    ("amount", "exponent", "expected"),
    [("1.005", 2, 101), ("1.0049", 2, 100), ("0.5", 0, 1), ("1.4", 0, 1), ("1.2345", 3, 1235), ("-1.005", 2, -101)],
)
def test_cents_are_rounded_half_away_from_zero_in_the_decimals_of_the_currency(
    amount: str, exponent: int, expected: int
) -> None:
    assert to_cents(D(amount), exponent) == expected


def test_taxes_are_rounded_once_for_all_rates_together() -> None:
    assert taxes_on(105, [D("10"), D("5")]) == 16
    assert taxes_on(105, []) == 0


@pytest.mark.parametrize("model", MODELS)
def test_default_properties_are_valid_and_free(model: str) -> None:
    properties = default_properties(model)
    assert property_errors(model, properties, premium=True) == []
    assert price(model, properties, summed(10, 20)) == 0


@pytest.mark.parametrize(
    ("model", "properties", "codes"),
    [
        ("standard", {}, ["invalid_amount"]),
        ("standard", {"amount": "-1"}, ["invalid_amount"]),
        ("standard", {"amount": "one"}, ["invalid_amount"]),
        ("package", {}, ["invalid_amount", "invalid_free_units", "invalid_package_size"]),
        ("package", {"amount": "1", "free_units": 0, "package_size": 0}, ["invalid_package_size"]),
        ("percentage", {"fixed_amount": "-1"}, ["invalid_rate", "invalid_fixed_amount"]),
        ("graduated", {}, ["missing_graduated_ranges"]),
        ("volume", {"volume_ranges": []}, ["missing_volume_ranges"]),
        ("graduated_percentage", {"graduated_percentage_ranges": "x"}, ["missing_graduated_percentage_ranges"]),
    ],
)
def test_wrong_properties_have_the_servers_codes(model: str, properties: dict[str, Any], codes: list[str]) -> None:
    assert property_errors(model, properties, premium=True) == codes


@pytest.mark.parametrize("bounds", [[(2, None)], [(0, 10), (12, None)], [(0, 10)], [(0, None), (1, None)], [(0, -1)]])
def test_ranges_must_begin_at_zero_leave_no_gap_and_end_open(bounds: list[tuple[int, int | None]]) -> None:
    ranges: list[Json] = [
        {"from_value": start, "to_value": end, "flat_amount": "0", "per_unit_amount": "1"} for start, end in bounds
    ]
    assert property_errors("graduated", {"graduated_ranges": ranges}, premium=True) == ["invalid_graduated_ranges"]


def test_properties_of_other_models_are_dropped_and_grouping_keys_mirrored() -> None:
    kept = kept_properties("standard", {"amount": "1", "rate": "2", "grouped_by": ["cloud"]})
    assert kept == {"amount": "1", "grouped_by": ["cloud"], "pricing_group_keys": ["cloud"]}


PROPERTIES = st.lists(
    st.fixed_dictionaries({"value": st.integers(-1000, 1000), "group": st.sampled_from(["a", "b", None])}), max_size=30
)


@given(PROPERTIES)
def test_the_groups_of_counts_and_sums_add_up_to_the_whole(events: list[dict[str, Any]]) -> None:
    for kind in ("count_agg", "sum_agg"):
        groups = [[item for item in events if item["group"] == group] for group in ("a", "b", None)]
        parts = [aggregated(kind, members) for members in groups]
        whole = aggregated(kind, events)
        assert sum(part.units for part in parts) == whole.units
        assert sum(part.events_count for part in parts) == whole.events_count


@pytest.mark.parametrize(
    ("kind", "expected_units", "expected_events"),
    [("count_agg", "6", 6), ("sum_agg", "17.5", 4), ("max_agg", "10", 4), ("latest_agg", "4.5", 4)],
)
def test_events_without_a_number_are_left_out(kind: str, expected_units: str, expected_events: int) -> None:
    events: list[JsonObject] = [{"value": 10}, {"value": "3"}, {}, {"value": "12 apples"}, {"value": 0}, {"value": 4.5}]
    found = aggregated(kind, events)
    assert (found.units, found.events_count) == (D(expected_units), expected_events)


def test_unique_counts_know_removals() -> None:
    events: list[JsonObject] = [
        {"value": "a"},
        {"value": "b"},
        {"value": "a"},
        {"value": "b", "operation_type": "remove"},
        {"value": 1},
    ]
    assert aggregated("unique_count_agg", events).units == 2


@pytest.mark.parametrize(
    ("function", "precision", "expected"),
    [(None, 2, "12.345"), ("round", 2, "12.35"), ("ceil", 0, "13"), ("floor", None, "12"), ("round", -1, "10")],
)
def test_units_are_rounded_as_the_metric_says(function: str | None, precision: int | None, expected: str) -> None:
    assert rounded(D("12.345"), function, precision) == D(expected)


@pytest.mark.parametrize(("units", "expected"), [(0, 0), (5, 0), (6, 1), (15, 10)])
def test_the_price_of_one_unit_of_a_package_is_about_the_units_that_are_not_free(units: int, expected: int) -> None:
    properties: JsonObject = {"amount": "10", "free_units": 5, "package_size": 3}
    assert priced_units("package", properties, D(units)) == expected
    assert priced_units("standard", {"amount": "1"}, D(units)) == units


RATES: JsonObject = {
    "graduated_percentage_ranges": [
        {"from_value": 0, "to_value": 5, "rate": "10", "flat_amount": "1"},
        {"from_value": 6, "to_value": None, "rate": "2", "flat_amount": "0.5"},
    ]
}
OF_EVENTS: dict[str, JsonObject] = {
    "percentage": {"rate": "2.5", "fixed_amount": "0.3", "free_units_per_events": 2},
    "graduated_percentage": RATES,
}


def _total(shown: JsonObject) -> Decimal:
    """Return the price that the parts of a fee add up to."""
    ranges = shown.get("graduated_percentage_ranges")
    if isinstance(ranges, list):
        return sum((D(str(item["total_with_flat_amount"])) for item in ranges if isinstance(item, dict)), D(0))
    parts = ("per_unit_total_amount", "fixed_fee_total_amount", "min_max_adjustment_total_amount")
    return sum((D(str(shown[name])) for name in parts), D(0))


@pytest.mark.parametrize("model", OF_EVENTS)
@given(values=st.lists(st.integers(min_value=1, max_value=20), min_size=1, max_size=6))
def test_the_parts_of_the_events_of_a_charge_in_advance_add_up_to_the_parts_of_the_whole(
    model: str, values: list[int]
) -> None:
    mode = Mode(premium=True, single_event=True)
    with_all = [summed(*values[:count]) for count in range(1, len(values) + 1)]
    # The server knows the values of all events up to this one in both computations.
    without = [used(sum(values[: count - 1]), *values[:count]) for count in range(1, len(values) + 1)]
    without = [attrs.evolve(item, events_count=item.events_count - 1) for item in without]
    shown = [
        details_of_event(model, OF_EVENTS[model], after, before, mode)
        for after, before in zip(with_all, without, strict=True)
    ]
    assert _total(details(model, OF_EVENTS[model], with_all[-1], mode)) == sum(map(_total, shown), D(0))
    for name in ("units", "paid_units", "free_events", "paid_events"):
        if model == "percentage":
            whole = details(model, OF_EVENTS[model], with_all[-1], mode)
            assert sum(D(str(item[name])) for item in shown) == D(str(whole[name]))


def test_parts_are_told_for_the_models_that_have_them_only() -> None:
    mode = Mode(premium=True, single_event=True)
    assert details_of_event("standard", {"amount": "1"}, summed(1), used(0), mode) == {}
