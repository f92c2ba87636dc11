"""Demo data: one customer on a usage-based plan, with billed months and a running one; a business on request."""

from datetime import datetime, timedelta

from lago_async.sandbox._demo_business import Business
from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._server.server import Sandbox

DEMO_CUSTOMER = "acme"
DEMO_SUBSCRIPTION = "acme-main"
DEMO_HISTORY = timedelta(days=100)
_REGIONS = ("eu", "us", "asia")
_MIDDLE = 12  # a day of the month


def _lago_id(created: Json) -> str:
    if not isinstance(created, dict):
        raise TypeError(f"an object was expected, not {created!r}")
    return str(created["lago_id"])


def _add_plan(sandbox: Sandbox) -> str:
    """Create the plan and its metrics; return the id of the metric of gigabytes."""
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
    return _lago_id(storage)


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


def add_demo_data(sandbox: Sandbox, until: datetime, customers: int = 1) -> None:
    """Fill a new sandbox day by day, and move its clock up to ``until``. The same arguments give the same amounts.

    The first customer uses the plan "growth" every day. The others, if more are wanted, are a business: a few large
    ones and a long tail, on four plans in two currencies. Some join, grow, shrink, upgrade or leave, and the price of a
    plan changes.
    """
    sandbox.perform("create_tax", {"name": "VAT", "code": "vat", "rate": "20", "applied_to_organization": True})
    storage = _add_plan(sandbox)
    _add_customer(sandbox, DEMO_CUSTOMER, DEMO_SUBSCRIPTION, "Acme Inc.")
    business = Business(sandbox, customers) if customers > 1 else None
    if business is not None:
        business.add_plans(storage)
    day = 0
    while sandbox.now < until:
        if business is not None and (day == 0 or sandbox.now.day == 1):
            business.begin_month()
        if business is not None and sandbox.now.day == _MIDDLE:
            business.go_on_in_the_middle_of_a_month()
        _add_day_of_events(sandbox, day)
        sandbox.advance(to=min(until, sandbox.now + timedelta(days=1)))
        day += 1
    if business is not None:
        business.close()
