"""How events become units."""

from tests.billing.told import World, scenario

T = "aggregations"
S = "current_usage/by_aggregation_type"


@scenario(T, "recurring unique count, grouped by three keys", S + "/unique_count", "2024-02-06")
async def unique_grouped(w: World) -> None:
    await w.customer()
    metric = await w.metric(kind="unique_count_agg", field="item_id", recurring=True)
    await w.plan(charges=[w.charge(metric, "standard", {"amount": "1", "grouped_by": ["key_1", "key_2", "key_3"]})])
    await w.subscribe()
    w.to("2024-02-07")
    for item, key, second in (("001", "08", 0), ("001", "06", 2), ("002", "06", 3)):
        await w.event(
            properties={"item_id": item, "key_1": "2024", "key_2": "Feb", "key_3": key},
            ts=f"2024-02-07T00:00:0{second}",
        )
    w.eq("total", (await w.usage()).total_amount_cents, 300)


@scenario(T, "unique count, prorated, in advance: 7 of 29 days", S + "/unique_count", "2024-02-23T01:00:00")
async def unique_prorated(w: World) -> None:
    await w.customer()
    metric = await w.metric(kind="unique_count_agg", field="item_id", recurring=True)
    await w.plan(charges=[w.charge(metric, "standard", {"amount": "1"}, prorated=True, pay_in_advance=True)])
    await w.subscribe(billing_time="calendar")
    w.to("2024-02-23T01:02:00")
    await w.event(properties={"item_id": "seat_1"})
    usage = (await w.usage()).charges_usage[0]
    w.eq("one seat", (str(usage.units), usage.amount_cents), ("1.0", 24))
    w.to("2024-02-29T01:01:00")
    await w.event(properties={"item_id": "seat_1", "operation_type": "remove"})
    usage = (await w.usage()).charges_usage[0]
    w.eq("seat removed", (str(usage.units), usage.amount_cents), ("0.0", 24))


@scenario(T, "sum, prorated, in advance, grouped", S + "/sum", "2024-02-01")
async def sum_prorated(w: World) -> None:
    await w.customer()
    metric = await w.metric(kind="sum_agg", field="item_id", recurring=True)
    properties = {"amount": "29", "grouped_by": ["key_1", "key_2", "key_3"]}
    await w.plan(charges=[w.charge(metric, "standard", properties, prorated=True, pay_in_advance=True)])
    await w.subscribe()
    keys = {"key_1": "2024", "key_2": "Feb", "key_3": "06"}
    for hour, value, units in ((1, 10, "10.0"), (2, -5, "5.0"), (3, 2, "7.0")):
        w.to(f"2024-02-06T0{hour}:00:00")
        await w.event(properties={"item_id": value, **keys})
        usage = await w.usage()
        w.eq(f"after {value}", (str(usage.charges_usage[0].units), usage.total_amount_cents), (units, 24_000))


@scenario(T, "recurring unique count with filters, a month without events", "current_usage/zero_fees", "2024-03-05")
async def recurring_filters(w: World) -> None:
    await w.customer()
    metric = await w.metric(
        kind="unique_count_agg", field="item_id", recurring=True, filters={"region": ["europe", "usa"]}
    )
    by = [
        {"values": {"region": ["europe"]}, "properties": {"amount": "20"}},
        {"values": {"region": ["usa"]}, "properties": {"amount": "50"}},
    ]
    await w.plan(charges=[w.charge(metric, "standard", {"amount": "10"}, filters=by)])
    await w.subscribe()
    await w.event(properties={"region": "europe", "item_id": "item_1"})
    w.to("2024-04-10")
    usage = (await w.usage()).charges_usage[0]
    w.eq("usage", (str(usage.units), usage.amount_cents, len(usage.filters)), ("1.0", 2000, 3))


@scenario(T, "custom aggregation", S + "/custom", "2024-03-05")
async def custom(w: World) -> None:
    from lago_async.errors import LagoApiError

    try:
        await w.metric(kind="custom_agg")
    except LagoApiError as error:
        w.eq(
            "refused, where the feature is not switched on",
            (error.status_code, error.code),
            (403, "feature_unavailable"),
        )
    else:
        w.eq("refused, where the feature is not switched on", False, True)
