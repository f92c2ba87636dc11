"""How charge models price current usage."""

from typing import Any

from tests.billing.told import World, scenario

T = "charge models"
S = "current_usage/by_charge_model"


async def _count(
    w: World, model: str, properties: dict[str, Any], times: int, units: str, cents: int, **fields: Any
) -> None:
    await w.customer()
    metric = await w.metric()
    await w.plan(charges=[w.charge(metric, model, properties, **fields)])
    await w.subscribe()
    w.to("2024-03-06")
    await w.event(times=times)
    usage = (await w.usage()).charges_usage[0]
    w.eq("units", str(usage.units), units)
    w.eq("amount", usage.amount_cents, cents)
    w.eq("events", usage.events_count, times)


GRAD = {
    "graduated_ranges": [
        {"from_value": 0, "to_value": 5, "per_unit_amount": "10", "flat_amount": "100"},
        {"from_value": 6, "to_value": None, "per_unit_amount": "5", "flat_amount": "50"},
    ]
}
VOL = {
    "volume_ranges": [
        {"from_value": 0, "to_value": 10, "per_unit_amount": "5", "flat_amount": "100"},
        {"from_value": 11, "to_value": None, "per_unit_amount": "2", "flat_amount": "50"},
    ]
}


@scenario(T, "graduated over two ranges", S + "/graduated", "2024-03-05")
async def graduated_two(w: World) -> None:
    await _count(w, "graduated", GRAD, 8, "8.0", 21_500)


@scenario(T, "graduated without events still owes the first flat amount", S + "/graduated", "2024-03-05")
async def graduated_none(w: World) -> None:
    await w.tax()
    await w.customer()
    metric = await w.metric(kind="sum_agg", field="amount")
    ranges = [
        {"from_value": 0, "to_value": 10, "per_unit_amount": "2", "flat_amount": "100"},
        {"from_value": 11, "to_value": None, "per_unit_amount": "1", "flat_amount": "50"},
    ]
    await w.plan(charges=[w.charge(metric, "graduated", {"graduated_ranges": ranges})])
    await w.subscribe()
    w.to("2024-03-06")
    usage = await w.usage()
    w.eq("units", str(usage.charges_usage[0].units), "0.0")
    w.eq("amount", usage.charges_usage[0].amount_cents, 10_000)
    w.eq("total", usage.total_amount_cents, 12_000)


@scenario(T, "volume second range prices all units", S + "/volume", "2024-03-05")
async def volume_second(w: World) -> None:
    await _count(w, "volume", VOL, 15, "15.0", 8_000)


@scenario(T, "package all free", S + "/package", "2024-03-05")
async def package_all_free(w: World) -> None:
    await _count(w, "package", {"amount": "100", "free_units": 5, "package_size": 10}, 3, "3.0", 0)


async def _sums(
    w: World,
    model: str,
    properties: dict[str, Any],
    steps: list[tuple[str, str, int, int]],
    *,
    tax: bool = True,
    values: dict[str, str] | None = None,
) -> None:
    if tax:
        await w.tax()
    await w.customer()
    metric = await w.metric(kind="sum_agg", field="amount")
    await w.plan(amount=1000, charges=[w.charge(metric, model, properties)])
    await w.subscribe()
    w.to("2023-03-06")
    for number, (value, units, amount, total) in enumerate(steps):
        w.to(f"2023-03-06T00:{number + 1:02}:00")
        await w.event(properties={"amount": value, **(values or {})})
        usage = await w.usage()
        w.eq(f"units after {number + 1}", str(usage.charges_usage[0].units), units)
        w.eq(f"amount after {number + 1}", usage.amount_cents, amount)
        w.eq(f"total after {number + 1}", usage.total_amount_cents, total)


@scenario(T, "graduated percentage one range", S + "/graduated_percentage", "2024-03-05")
async def graduated_percentage(w: World) -> None:
    ranges = {
        "graduated_percentage_ranges": [
            {"from_value": 0, "to_value": 100, "rate": "5", "flat_amount": "0"},
            {"from_value": 101, "to_value": None, "rate": "2", "flat_amount": "10"},
        ]
    }
    await _sums(w, "graduated_percentage", ranges, [("50", "50.0", 250, 250), ("100", "150.0", 1600, 1600)], tax=False)


@scenario(T, "percentage, 3 free events", S + "/percentage", "2023-03-05")
async def percentage_events(w: World) -> None:
    await _sums(
        w,
        "percentage",
        {"rate": "1", "fixed_amount": "5", "free_units_per_events": 3},
        [("10", "10.0", 0, 0), ("10", "20.0", 0, 0), ("10", "30.0", 0, 0), ("10", "40.0", 510, 612)],
    )


@scenario(T, "percentage, both limits, total first", S + "/percentage", "2023-03-05")
async def percentage_both_total(w: World) -> None:
    both = {"rate": "1", "fixed_amount": "5", "free_units_per_events": 3, "free_units_per_total_aggregation": "15.0"}
    await _sums(w, "percentage", both, [("10", "10.0", 0, 0), ("10", "20.0", 505, 606), ("10", "30.0", 1015, 1218)])


PER = {"rate": "1", "fixed_amount": "1", "per_transaction_max_amount": "12", "per_transaction_min_amount": "1.75"}


@scenario(T, "percentage, min and max, grouped", S + "/percentage", "2023-03-05")
async def percentage_min_max_grouped(w: World) -> None:
    await _sums(
        w,
        "percentage",
        {**PER, "pricing_group_keys": ["region", "provider"]},
        [("100", "100.0", 200, 240), ("1000", "1100.0", 1300, 1560), ("10000", "11100.0", 2500, 3000)],
        values={"region": "US", "provider": "AWS"},
    )


@scenario(T, "dynamic", S + "/dynamic", "2023-03-05")
async def dynamic(w: World) -> None:
    await w.customer()
    metric = await w.metric(kind="sum_agg", field="item_id")
    await w.plan(amount=1000, charges=[w.charge(metric, "dynamic", {})])
    await w.subscribe()
    w.to("2023-03-06")
    await w.event(properties={"item_id": "10"}, precise_total_amount_cents="10.1")
    w.eq("total", (await w.usage()).total_amount_cents, 10)
    await w.event(properties={"item_id": "10"}, precise_total_amount_cents="901.9")
    w.eq("total", (await w.usage()).total_amount_cents, 912)


@scenario(T, "grouped usage (pricing group keys)", S + "/standard", "2024-03-05")
async def grouped(w: World) -> None:
    await w.customer()
    metric = await w.metric()
    await w.plan(charges=[w.charge(metric, "standard", {"amount": "10", "grouped_by": ["region"]})])
    await w.subscribe()
    w.to("2024-03-06")
    await w.event(properties={"region": "us"}, times=2)
    await w.event(properties={"region": "eu"})
    usage = (await w.usage()).charges_usage[0]
    w.eq("all", (str(usage.units), usage.amount_cents), ("3.0", 3000))
    groups = {each.grouped_by["region"]: (str(each.units), each.amount_cents) for each in usage.grouped_usage}
    w.eq("groups", groups, {"us": ("2.0", 2000), "eu": ("1.0", 1000)})


@scenario(T, "filters", S + "/standard", "2024-03-05")
async def filters(w: World) -> None:
    await w.customer()
    metric = await w.metric(kind="sum_agg", field="hours", filters={"cloud": ["aws", "gcp"]})
    by = [
        {"values": {"cloud": ["gcp"]}, "properties": {"amount": "0.10"}, "invoice_display_name": "GCP"},
        {"values": {"cloud": ["aws"]}, "properties": {"amount": "0.08"}, "invoice_display_name": "AWS"},
    ]
    await w.plan(charges=[w.charge(metric, "standard", {"amount": "0.12"}, filters=by)])
    await w.subscribe()
    w.to("2024-03-06")
    await w.event(properties={"cloud": "aws", "hours": 100})
    await w.event(properties={"cloud": "gcp", "hours": 200})
    usage = (await w.usage()).charges_usage[0]
    w.eq("amount", usage.amount_cents, 2800)
    shown = {tuple(each.values["cloud"]): (str(each.units), each.amount_cents) for each in usage.filters if each.values}
    w.eq("filters", shown, {("aws",): ("100.0", 800), ("gcp",): ("200.0", 2000)})


@scenario(T, "filters and the bucket of the rest, with zero filters shown", "current_usage/zero_fees", "2024-03-05")
async def filters_rest(w: World) -> None:
    await w.customer()
    metric = await w.metric(filters={"region": ["europe", "usa"]})
    by = [
        {"values": {"region": ["europe"]}, "properties": {"amount": "20"}},
        {"values": {"region": ["usa"]}, "properties": {"amount": "50"}},
    ]
    await w.plan(charges=[w.charge(metric, "standard", {"amount": "10"}, filters=by)])
    await w.subscribe()
    await w.event(properties={"region": "europe"})
    await w.event(properties={"region": "unknown"})
    usage = await w.usage()
    w.eq("amount", usage.amount_cents, 3000)
    shown = {(each.values or {}).get("region", [None])[0]: each.amount_cents for each in usage.charges_usage[0].filters}
    w.eq("filters", shown, {"europe": 2000, "usa": 0, None: 1000})


@scenario(
    T,
    "without a licence graduated percentage is refused",
    "models/charge (charge_model_allowance)",
    "2023-03-05",
    premium=False,
)
async def unlicensed_model(w: World) -> None:
    from lago_async.errors import ValidationError

    metric = await w.metric(kind="sum_agg", field="v")
    ranges = {"graduated_percentage_ranges": [{"from_value": 0, "to_value": None, "rate": "5", "flat_amount": "0"}]}
    try:
        await w.plan(charges=[w.charge(metric, "graduated_percentage", ranges)])
    except ValidationError as error:
        w.eq("refused", error.error_details, {"charge_model": ["graduated_percentage_requires_premium_license"]})
    else:
        w.eq("refused", False, True)
