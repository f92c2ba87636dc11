"""Filters whose values are an enumeration: the sandbox knows the server's values, and reacts to others as it does."""

from collections.abc import Iterator
from typing import Any

import aiohttp
import pytest

from lago_async.sandbox import Sandbox
from tests.contract.facts import ENUMS, OPERATIONS, QueryFacts, known_values, version_of
from tests.lago_async.sandbox.conftest import START, Answered, Caller
from tests.lago_async.sandbox.world import bodies, build, expected_status, path_values

# These lists show only active subscriptions by default, and an unknown value makes the server show all.
ACTIVE_BY_DEFAULT = "&".join(f"status[]={status}" for status in ("pending", "active", "terminated", "canceled"))


def filters() -> Iterator[tuple[str, str, QueryFacts]]:
    """Yield each operation with each enumeration in its query, if the sandbox simulates it."""
    for name, facts in OPERATIONS.items():
        for wire, query in facts["query"].items():
            if "unknown" in query and expected_status(name) == 200:
                yield name, wire, query


def values_of(query: QueryFacts) -> list[str]:
    named = query["type"].removeprefix("array<").removesuffix(">").removeprefix("ref:")
    return known_values(query) or ENUMS[named][:3]


class World:
    """A sandbox with one object of each kind; it is made again after each request that may change something."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session
        self.sandbox: Sandbox | None = None
        self.ids: dict[str, str] = {}

    async def close(self) -> None:
        if self.sandbox is not None:
            await self.sandbox.__aexit__(None, None, None)
            self.sandbox = None

    async def ask(self, name: str, query: str) -> Answered:
        if self.sandbox is None:
            self.sandbox = await Sandbox(now=START, premium=True, features={"order_forms"}).__aenter__()
            self.ids = build(self.sandbox)
        facts = OPERATIONS[name]
        path = facts["path"]
        for value in path_values(name, self.ids):
            path = path.replace(path[path.index("{") : path.index("}") + 1], value, 1)
        given = bodies(self.ids).get(name) if facts["request"] else None
        call = Caller(self.sandbox, self.session)
        answered = await call(facts["method"], f"/api/{version_of(facts)}{path}?{query}", given)
        if facts["method"] != "GET":
            await self.close()
        return answered


@pytest.fixture
async def world(session: aiohttp.ClientSession) -> Any:
    made = World(session)
    yield made
    await made.close()


async def test_every_value_that_the_server_knows_is_taken(world: World) -> None:
    refused = {
        f"{name}?{wire}={value}": answered.body
        for name, wire, query in filters()
        for value in values_of(query)
        if (answered := await world.ask(name, f"{wire}={value}")).status not in (200, 404)
    }
    assert refused == {}


async def test_a_value_that_the_server_does_not_know_has_the_effect_that_it_has_there(world: World) -> None:
    different: dict[str, Any] = {}
    tried = 0
    for name, wire, query in filters():
        if wire == "on_termination_credit_note":
            continue  # checked only for plans that are paid in advance, as below
        answered = await world.ask(name, f"{wire}=nothing")
        plain = await world.ask(name, ACTIVE_BY_DEFAULT if wire == "status[]" else "")
        tried += 1
        if not has_effect(query["unknown"], answered, plain):
            different[f"{name}?{wire}"] = (query["unknown"], answered.status, answered.body)
    assert tried > 80
    assert different == {}


async def test_the_rest_of_a_period_that_was_paid_in_advance_needs_a_known_choice(
    session: aiohttp.ClientSession,
) -> None:
    async with Sandbox(now=START) as sandbox:
        for number, in_advance in enumerate((False, True)):
            sandbox.perform("create_customer", {"external_id": "cus"})
            sandbox.perform(
                "create_plan",
                {
                    "name": "P",
                    "code": f"p{number}",
                    "interval": "monthly",
                    "amount_cents": 100,
                    "amount_currency": "EUR",
                    "pay_in_advance": in_advance,
                },
            )
            sandbox.perform(
                "create_subscription",
                {"external_customer_id": "cus", "external_id": f"s{number}", "plan_code": f"p{number}"},
            )
        call = Caller(sandbox, session)
        assert (await call.delete("/subscriptions/s0?on_termination_credit_note=nothing")).status == 200
        refused = await call.delete("/subscriptions/s1?on_termination_credit_note=nothing")
    assert (refused.status, refused["error_details"]) == (422, {"on_termination_credit_note": ["invalid_value"]})


def has_effect(unknown: str, answered: Answered, plain: Answered) -> bool:
    """Tell whether a response shows what the server does with an unknown value."""
    match unknown:
        case "refused":
            return answered.status == 422 and sum(len(found) for found in answered["error_details"].values()) == 1
        case "not_found":
            return (answered.status, answered["code"]) == (404, "subscription_not_found")
        case "nothing":
            return answered.status == 200 and next(iter(answered.body.values())) == []
        case _:
            shown = "meta" in answered.body  # a list; the ids of single objects are new in each world
            return answered.status == plain.status == 200 and (not shown or answered.body == plain.body)


@pytest.mark.parametrize(
    ("target", "details"),
    [
        (
            "/invoices?statuses[]=nothing",
            {"status": {"0": ["must be one of: draft, finalized, voided, failed, pending"]}},
        ),
        (
            "/customers/cus/invoices?payment_statuses[]=failed&payment_statuses[]=nothing",
            {"payment_status": {"1": ["must be one of: pending, succeeded, failed"]}},
        ),
        ("/invoices?settlements[]=x", {"settlements": {"0": ["must be one of: payment, credit_note"]}}),
        (
            "/invoices?payment_status=x",
            {"payment_status": ["must be one of: pending, succeeded, failed or must be an array"]},
        ),
        ("/customers?account_type[]=x", {"account_type": {"0": ["must be one of: customer, partner"]}}),
        ("/customers?customer_type=x", {"customer_type": ["must be one of: company, individual"]}),
        ("/fees?fee_type=x", {"fee_type": ["value_is_invalid"]}),
    ],
    ids=["statuses", "second", "settlements", "one", "account_type", "customer_type", "fee_type"],
)
async def test_a_refusal_names_the_values_and_the_position(
    target: str, details: object, session: aiohttp.ClientSession
) -> None:
    async with Sandbox(now=START) as sandbox:
        sandbox.perform("create_customer", {"external_id": "cus"})
        answered = await Caller(sandbox, session).get(target)
    assert (answered.status, answered["error_details"]) == (422, details)
