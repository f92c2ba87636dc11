"""Demo data: one customer on a usage-based plan, with billed months and a running one; more customers on request."""

from datetime import datetime, timedelta

from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._server.server import Sandbox

DEMO_CUSTOMER = "acme"
DEMO_SUBSCRIPTION = "acme-main"
DEMO_HISTORY = timedelta(days=100)
_REGIONS = ("eu", "us", "asia")


def _lago_id(created: Json) -> str:
    if not isinstance(created, dict):
        raise TypeError(f"an object was expected, not {created!r}")
    return str(created["lago_id"])


def _add_plan(sandbox: Sandbox) -> None:
    calls = sandbox.perform(
        "create_billable_metric",
        {
            "name": "API calls",
            "code": "api_calls",
            "aggregation_type": "count_agg",
            "filters": [{"key": "region", "values": list[Json](_REGIONS)}],
        },
    )
    storage = sandbox.perform(
        "create_billable_metric",
        {"name": "Storage", "code": "storage", "aggregation_type": "max_agg", "field_name": "gigabytes"},
    )
    tiers: list[Json] = [
        {"from_value": 0, "to_value": 100, "flat_amount": "0", "per_unit_amount": "0.02"},
        {"from_value": 101, "to_value": None, "flat_amount": "0", "per_unit_amount": "0.01"},
    ]
    sandbox.perform(
        "create_plan",
        {
            "name": "Growth",
            "code": "growth",
            "interval": "monthly",
            "amount_cents": 4900,
            "amount_currency": "EUR",
            "pay_in_advance": False,
            "charges": [
                {
                    "billable_metric_id": _lago_id(calls),
                    "charge_model": "graduated",
                    "properties": {"graduated_ranges": tiers},
                    "filters": [
                        {
                            "invoice_display_name": "Asia",
                            "values": {"region": ["asia"]},
                            "properties": {"graduated_ranges": tiers},
                        }
                    ],
                },
                {"billable_metric_id": _lago_id(storage), "charge_model": "standard", "properties": {"amount": "0.1"}},
            ],
        },
    )


def _add_day_of_events(sandbox: Sandbox, day: int) -> None:
    noon = int(sandbox.now.timestamp())
    for number in range(10):
        sandbox.perform(
            "create_event",
            {
                "transaction_id": f"call-{day}-{number}",
                "external_subscription_id": DEMO_SUBSCRIPTION,
                "code": "api_calls",
                "timestamp": noon + number,
                "properties": {"region": _REGIONS[(day + number) % 3]},
            },
        )
    sandbox.perform(
        "create_event",
        {
            "transaction_id": f"storage-{day}",
            "external_subscription_id": DEMO_SUBSCRIPTION,
            "code": "storage",
            "timestamp": noon,
            "properties": {"gigabytes": 20 + day},
        },
    )


def _add_customer(sandbox: Sandbox, external_id: str, subscription: str, name: str) -> None:
    sandbox.perform(
        "create_customer",
        {
            "external_id": external_id,
            "name": name,
            "currency": "EUR",
            "country": "FR",
            "email": f"billing@{external_id}.example",
        },
    )
    sandbox.perform(
        "create_subscription",
        {"external_customer_id": external_id, "external_id": subscription, "plan_code": "growth"},
    )


def _add_month_of_others(sandbox: Sandbox, month: int, others: range) -> None:
    """Add a few events for each other customer; some grow from month to month, some shrink."""
    noon = int(sandbox.now.timestamp())
    events: list[Json] = []
    for number in others:
        gigabytes = (20 + number * 7919 % 1_500) * (20 + month * (number % 9 - 3)) // 20
        used: list[tuple[str, dict[str, Json]]] = [("storage", {"gigabytes": gigabytes})]
        for call in range(1 + number % 5):
            used.append(("api_calls", {"region": _REGIONS[(number + call) % 3]}))  # noqa: PERF401 - pyright loses the type
        for code, properties in used:
            events.append(
                {
                    "transaction_id": f"other-{number}-{month}-{len(events)}",
                    "external_subscription_id": _other(number) + "-main",
                    "code": code,
                    "timestamp": noon,
                    "properties": properties,
                }
            )
    for start in range(0, len(events), 100):
        sandbox.perform("create_batch_events", events[start : start + 100])


def _other(number: int) -> str:
    return f"customer-{number:04}"


def add_demo_data(sandbox: Sandbox, until: datetime, customers: int = 1) -> None:
    """Fill a new sandbox day by day, and move its clock up to ``until``.

    The first customer uses the plan every day. The others, if more customers are wanted, use it every month.
    """
    sandbox.perform("create_tax", {"name": "VAT", "code": "vat", "rate": "20", "applied_to_organization": True})
    _add_plan(sandbox)
    _add_customer(sandbox, DEMO_CUSTOMER, DEMO_SUBSCRIPTION, "Acme Inc.")
    others = range(2, customers + 1)
    for number in others:
        _add_customer(sandbox, _other(number), _other(number) + "-main", f"Customer {number}")
    day = month = 0
    while sandbox.now < until:
        if day == 0 or sandbox.now.day == 1:
            _add_month_of_others(sandbox, month, others)
            month += 1
        _add_day_of_events(sandbox, day)
        sandbox.advance(to=min(until, sandbox.now + timedelta(days=1)))
        day += 1
