"""A running sandbox, and a minimal client for it."""

from collections.abc import AsyncIterator, Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp
import attrs
import pytest
from yarl import URL

from lago_async.sandbox import Sandbox

START = datetime(2026, 1, 1, tzinfo=UTC)
NewMetric = Callable[..., Any]
NewCharge = Callable[..., dict[str, Any]]
Subscribe = Callable[..., Any]


@attrs.frozen
class Answered:
    status: int
    body: Any
    headers: Mapping[str, str]
    raw: bytes = b""

    def __getitem__(self, name: str) -> Any:
        return self.body[name]


class Caller:
    """Calls with raw paths, so that nothing between the test and the sandbox rewrites them."""

    def __init__(self, sandbox: Sandbox, session: aiohttp.ClientSession) -> None:
        self.sandbox = sandbox
        self.session = session
        self.events = 0

    async def __call__(
        self, method: str, target: str, json: object = None, *, headers: Mapping[str, str] | None = None, **kwargs: Any
    ) -> Answered:
        headers = {"Authorization": f"Bearer {self.sandbox.api_key}", "Accept": "application/json", **(headers or {})}
        url = URL(f"{self.sandbox.url}{target}", encoded=True)
        async with self.session.request(method, url, json=json, headers=headers, **kwargs) as response:
            raw = await response.read()
            body = await response.json() if response.content_type == "application/json" else raw
            return Answered(response.status, body, response.headers, raw)

    async def get(self, target: str) -> Answered:
        return await self("GET", f"/api/v1{target}")

    async def delete(self, target: str) -> Answered:
        return await self("DELETE", f"/api/v1{target}")

    async def post(self, target: str, json: object = None) -> Answered:
        return await self("POST", f"/api/v1{target}", json)

    async def customer(self, external_id: str = "cus", **fields: object) -> Answered:
        return await self.post("/customers", {"customer": {"external_id": external_id, **fields}})

    async def event(
        self,
        code: str,
        properties: Mapping[str, object] | None = None,
        *,
        timestamp: float | str | None = None,
        subscription: str = "sub",
    ) -> Any:
        self.events += 1
        event: dict[str, object] = {
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

    async def usage(self, query: str = "", *, customer: str = "cus", subscription: str = "sub") -> Any:
        target = f"/customers/{customer}/current_usage?external_subscription_id={subscription}{query}"
        response = await self.get(target)
        assert response.status == 200, response.body
        return response["customer_usage"]

    async def past(self, query: str = "", *, customer: str = "cus", subscription: str = "sub") -> Any:
        response = await self.get(f"/customers/{customer}/past_usage?external_subscription_id={subscription}{query}")
        assert response.status == 200, response.body
        return response.body


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(now=START) as running:
        yield running


@pytest.fixture
async def premium() -> AsyncIterator[Sandbox]:
    async with Sandbox(now=START, premium=True) as running:
        yield running


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as opened:
        yield opened


@pytest.fixture
def call(sandbox: Sandbox, session: aiohttp.ClientSession) -> Caller:
    return Caller(sandbox, session)


@pytest.fixture
def premium_call(premium: Sandbox, session: aiohttp.ClientSession) -> Caller:
    return Caller(premium, session)


def _metric(sandbox: Sandbox, code: str, aggregation_type: str = "sum_agg", **fields: Any) -> Any:
    field_name = None if aggregation_type == "count_agg" else "value"
    given = {"name": code, "code": code, "aggregation_type": aggregation_type, "field_name": field_name, **fields}
    return sandbox.perform("create_billable_metric", given)


def _charge(
    metric: Mapping[str, Any], charge_model: str = "standard", properties: object = None, **fields: Any
) -> dict[str, Any]:
    return {
        "billable_metric_id": metric["lago_id"],
        "charge_model": charge_model,
        "properties": {"amount": "1"} if properties is None else properties,
        **fields,
    }


def _subscribed(
    sandbox: Sandbox,
    *charges: Any,
    customer: Mapping[str, Any] | None = None,
    subscription: Mapping[str, Any] | None = None,
    **plan: Any,
) -> Any:
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
    given: dict[str, Any] = {
        "external_customer_id": "cus",
        "external_id": "sub",
        "plan_code": "plan",
        **(subscription or {}),
    }
    return sandbox.perform("create_subscription", given)


@pytest.fixture
def metric() -> NewMetric:
    return _metric


@pytest.fixture
def charge() -> NewCharge:
    return _charge


@pytest.fixture
def subscribed() -> Subscribe:
    return _subscribed
