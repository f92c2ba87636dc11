"""Every parameter of every query has an effect on the sandbox, or is listed with the reason why it has none."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import aiohttp

from lago_async import ENDPOINTS
from lago_async._table.query import ParameterType, QueryParameter
from lago_async.sandbox import Sandbox
from tests.contract.facts import OPERATIONS, version_of
from tests.lago_async.sandbox.conftest import START, Answered, Caller
from tests.lago_async.sandbox.world import QUERIES, bodies, build, expected_status, path_values

# Values of which at least one changes the response to a request without the parameter.
VALUES: dict[ParameterType, list[str]] = {
    ParameterType.STRING: ["nothing", "1", '["region"]', "idle", "terminated"],
    ParameterType.POSITIVE_INT: ["2", "0"],
    ParameterType.INTEGER: ["0", "-1", "1000000000"],
    ParameterType.BOOLEAN: ["true", "false"],
    ParameterType.DATETIME: ["2000-01-01T00:00:00Z", "2100-01-01T00:00:00Z"],
    ParameterType.DATE: ["2000-01-01", "2100-01-01"],
    ParameterType.STRINGS: ["nothing"],
    ParameterType.STRINGS_OR_INTEGERS: ["nothing"],
    ParameterType.MAPPING: ["nothing"],
}

# Other parameters that a parameter needs for its effect.
BESIDES = {("find_all_events", "timestamp_from_started_at"): "external_subscription_id=sub"}
# These need a world of their own: a plan in advance (test_enumeration_filters.py), and a change that waits (below).
ELSEWHERE = [("destroy_subscription", "on_termination_credit_note"), ("update_subscription", "status")]


def built() -> tuple[Sandbox, dict[str, str]]:
    """Return the world of all operations, with usage in the running period."""
    sandbox = Sandbox(now=START, premium=True, features={"order_forms"})
    ids = build(sandbox)
    perform: Any = sandbox.perform
    perform("create_billing_entity", {"code": "idle", "name": "Idle"})
    metric = {"name": "Grouped", "code": "grouped", "aggregation_type": "count_agg"}
    charge = {
        "billable_metric_id": perform("create_billable_metric", metric)["lago_id"],
        "charge_model": "standard",
        "code": "grouped",
        "properties": {
            "amount": "3",
            "pricing_group_keys": ["region"],
            "presentation_group_keys": [{"value": "cloud"}],
        },
    }
    perform("create_plan_charge", charge, "plan")
    for number, code in enumerate(("calls", "grouped")):
        event = {"transaction_id": f"now{number}", "external_subscription_id": "sub", "code": code}
        perform("create_event", {**event, "properties": {"region": "eu", "cloud": "aws"}})
    early = {"transaction_id": "early", "external_subscription_id": "sub", "code": "calls", "timestamp": 1_000_000_000}
    perform("create_event", {**early, "properties": {}})
    perform("create_product", {"name": "P", "code": "p", "product_type": "fixed", "product_category_code": "category"})
    return sandbox, ids


def parameters() -> Iterator[tuple[str, QueryParameter]]:
    """Yield each operation that the sandbox simulates with each parameter of its query."""
    seen: set[tuple[str, str]] = set()
    for row in ENDPOINTS.rows:
        for parameter in row.query:
            if expected_status(row.name) == 200 and (row.name, parameter.wire) not in seen:
                seen.add((row.name, parameter.wire))
                yield row.name, parameter


class World:
    """A sandbox that serves; requests that change something are sent to a copy of it."""

    def __init__(self, session: aiohttp.ClientSession, sandbox: Sandbox, ids: dict[str, str]) -> None:
        self.session, self.prepared, self.ids = session, sandbox, ids

    async def ask(self, name: str, query: str) -> Answered:
        facts = OPERATIONS[name]
        path = facts["path"]
        for value in path_values(name, self.ids):
            path = path.replace(path[path.index("{") : path.index("}") + 1], value, 1)
        given = bodies(self.ids).get(name) if facts["request"] else None
        target = f"/api/{version_of(facts)}{path}?{query}"
        if facts["method"] == "GET":
            return await Caller(self.prepared, self.session)("GET", target)
        async with self.prepared.fork() as copy:
            return await Caller(copy, self.session)(facts["method"], target, given)


def shown(answered: Answered) -> object:
    """Return a response without what is new in each world: ids and times."""
    return answered.status, without_new(answered.body)


def without_new(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            key: without_new(item)
            for key, item in value.items()
            if not (key.endswith("_id") or key in ("request_response", "logged_at", "created_at"))
        }
    return [without_new(item) for item in value] if isinstance(value, list) else value


async def test_every_parameter_changes_the_response_or_has_a_reason_not_to(session: aiohttp.ClientSession) -> None:
    sandbox, ids = built()
    async with sandbox:
        await has_logs(Caller(sandbox, session))
        await sweep(World(session, sandbox, ids))


async def has_logs(call: Caller) -> None:
    """Send requests that are logged, for the lists of logs."""
    for code in ("one", "two"):
        assert (await call("POST", "/api/v1/taxes", {"tax": {"name": "T", "code": code, "rate": "1"}})).status == 200


async def sweep(world: World) -> None:
    silent: list[tuple[str, str]] = []
    plain: dict[tuple[str, str], object] = {}
    for name, parameter in parameters():
        usual = BESIDES.get((name, parameter.wire), QUERIES.get(name, ""))
        if (name, usual) not in plain:
            plain[name, usual] = shown(await world.ask(name, usual))
        for value in [*VALUES[parameter.type], *parameter.values]:
            query = "&".join(filter(None, (usual, urlencode({parameter.wire.replace("[key]", "[k]"): value}))))
            if shown(await world.ask(name, query)) != plain[name, usual]:
                break
        else:
            silent.append((name, parameter.wire))
    assert len(plain) > 70
    assert sorted(silent) == sorted(ELSEWHERE)


async def test_of_two_lives_an_update_changes_the_one_of_the_status(session: aiohttp.ClientSession) -> None:
    async with Sandbox(now=START) as sandbox:
        perform: Any = sandbox.perform
        perform("create_customer", {"external_id": "cus"})
        plan = {"name": "P", "interval": "monthly", "amount_currency": "EUR", "pay_in_advance": False}
        for code, amount in (("dear", 900), ("cheap", 100)):
            perform("create_plan", {**plan, "code": code, "amount_cents": amount})
            given = {"external_customer_id": "cus", "external_id": "sub", "plan_code": code}
            perform("create_subscription", given)
        call = Caller(sandbox, session)
        for query, code in (("", "dear"), ("?status=pending", "cheap")):
            changed = await call("PUT", f"/api/v1/subscriptions/sub{query}", {"subscription": {"name": code}})
            assert changed["subscription"]["plan_code"] == code
