"""A running sandbox, and a minimal client for it."""

from datetime import UTC, datetime

import aiohttp
import attrs
import pytest
from yarl import URL

from lago_async.sandbox import Sandbox

START = datetime(2026, 1, 1, tzinfo=UTC)


@attrs.frozen
class Answered:
    status: int
    body: object
    headers: object
    raw: bytes = b""

    def __getitem__(self, name):
        return self.body[name]


class Caller:
    """Calls with raw paths, so that nothing between the test and the sandbox rewrites them."""

    def __init__(self, sandbox, session):
        self.sandbox = sandbox
        self.session = session

    async def __call__(self, method, target, json=None, *, headers=None, **kwargs):
        headers = {"Authorization": f"Bearer {self.sandbox.api_key}", "Accept": "application/json", **(headers or {})}
        url = URL(f"{self.sandbox.url}{target}", encoded=True)
        async with self.session.request(method, url, json=json, headers=headers, **kwargs) as response:
            raw = await response.read()
            body = await response.json() if response.content_type == "application/json" else raw
            return Answered(response.status, body, response.headers, raw)

    async def get(self, target):
        return await self("GET", f"/api/v1{target}")

    async def delete(self, target):
        return await self("DELETE", f"/api/v1{target}")

    async def post(self, target, json=None):
        return await self("POST", f"/api/v1{target}", json)

    async def customer(self, external_id="cus", **fields):
        return await self.post("/customers", {"customer": {"external_id": external_id, **fields}})

    async def event(self, code, properties=None, *, timestamp=None, subscription="sub"):
        self.events = getattr(self, "events", 0) + 1
        event = {
            "transaction_id": f"t{self.events}",
            "external_subscription_id": subscription,
            "code": code,
            "properties": properties or {},
        }
        if timestamp is not None:
            event["timestamp"] = timestamp
        response = await self.post("/events", {"event": event})
        assert response.status == 200
        return response["event"]

    async def usage(self, query="", *, customer="cus", subscription="sub"):
        target = f"/customers/{customer}/current_usage?external_subscription_id={subscription}{query}"
        response = await self.get(target)
        assert response.status == 200, response.body
        return response["customer_usage"]

    async def past(self, query="", *, customer="cus", subscription="sub"):
        response = await self.get(f"/customers/{customer}/past_usage?external_subscription_id={subscription}{query}")
        assert response.status == 200, response.body
        return response.body


@pytest.fixture
async def sandbox():
    async with Sandbox(now=START) as running:
        yield running


@pytest.fixture
async def premium():
    async with Sandbox(now=START, premium=True) as running:
        yield running


@pytest.fixture
async def session():
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def call(sandbox, session):
    return Caller(sandbox, session)


@pytest.fixture
def premium_call(premium, session):
    return Caller(premium, session)


def _metric(sandbox, code, aggregation_type="sum_agg", **fields):
    field_name = None if aggregation_type == "count_agg" else "value"
    given = {"name": code, "code": code, "aggregation_type": aggregation_type, "field_name": field_name, **fields}
    return sandbox.perform("create_billable_metric", given)


def _charge(metric, charge_model="standard", properties=None, **fields):
    return {
        "billable_metric_id": metric["lago_id"],
        "charge_model": charge_model,
        "properties": {"amount": "1"} if properties is None else properties,
        **fields,
    }


def _subscribed(sandbox, *charges, customer=None, subscription=None, **plan):
    """Create a plan with these charges, and the customer "cus" with the subscription "sub" to it."""
    sandbox.perform(
        "create_plan",
        {
            "name": "Plan",
            "code": "plan",
            "interval": "monthly",
            "amount_cents": 0,
            "amount_currency": "EUR",
            "pay_in_advance": False,
            "charges": list(charges),
            **plan,
        },
    )
    sandbox.perform("create_customer", {"external_id": "cus", **(customer or {})})
    given = {"external_customer_id": "cus", "external_id": "sub", "plan_code": "plan", **(subscription or {})}
    return sandbox.perform("create_subscription", given)


@pytest.fixture
def metric():
    return _metric


@pytest.fixture
def charge():
    return _charge


@pytest.fixture
def subscribed():
    return _subscribed
