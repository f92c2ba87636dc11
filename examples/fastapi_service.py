"""A FastAPI service that bills by usage: it accepts usage, shows bills, and handles webhooks once each.

python -m lago_async sandbox --demo-data      # in one terminal; it prints LAGO_API_URL and LAGO_API_KEY to export
uvicorn examples.fastapi_service:app          # in another
curl localhost:8000/customers/acme/bill?subscription=acme-main

All requests share one client. Acknowledged usage and webhooks survive a crash: usage is in the spool, and webhooks
are in the store, both in the folder SERVICE_DATA, until Lago or the handler has taken them. Set SERVICE_HMAC_KEY to the
HMAC key of your organisation to receive webhooks.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from decimal import Decimal
from pathlib import Path
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import AwareDatetime, BaseModel

from lago_async import (
    EventSink,
    EventSinkError,
    LagoApiError,
    LagoArgumentError,
    LagoClient,
    LagoConnectionError,
)
from lago_async.models import CustomerInput
from lago_async.webhooks import SqliteDeliveryStore, Webhook, WebhookHandlers, WebhookVerifier, WebhookWorker
from lago_async.webhooks.starlette import endpoint

DATA = Path(os.environ.get("SERVICE_DATA", "service-data"))
HMAC_KEY = os.environ.get("SERVICE_HMAC_KEY")


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Open the client when the service starts and close it when it stops. Settings come from the environment.

    At the start, the sink sends what a killed process has left, and the worker handles its webhooks. At the end, the
    worker ends first, then the sink, then the client that both use.
    """
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(LagoClient(timeout=10))
        app.state.lago = client
        app.state.sink = await stack.enter_async_context(EventSink(client, spool=DATA / "events"))
        if hooks is not None:
            await stack.enter_async_context(WebhookWorker(hooks))
        yield


app = FastAPI(title="Billing", lifespan=lifespan)


def lago(request: Request) -> LagoClient:
    """Return the service's client, as a dependency; a test overrides it to use a sandbox."""
    client: LagoClient = request.app.state.lago
    return client


def sink(request: Request) -> EventSink:
    """Return the service's sink of events, as a dependency."""
    events: EventSink = request.app.state.sink
    return events


Lago = Annotated[LagoClient, Depends(lago)]
Sink = Annotated[EventSink, Depends(sink)]


class NewCustomer(BaseModel):
    """The fields of a new customer."""

    id: str
    name: str
    email: str | None = None


class Usage(BaseModel):
    """Usage to bill. A caller that gets no response repeats it with the same id and time, and it is billed once.

    A server with ClickHouse takes the same id at another time for another event.
    """

    id: str
    at: AwareDatetime
    subscription: str
    metric: str
    value: Decimal


class Bill(BaseModel):
    """A bill in cents."""

    customer: str
    currency: str
    running_cents: int
    last_cents: int | None


@app.post("/customers", status_code=201)
async def create_customer(new: NewCustomer, lago: Lago) -> dict[str, str]:
    """Create a customer, or update the one with this id."""
    customer = await lago.customers.create(CustomerInput(external_id=new.id, name=new.name, email=new.email))
    return {"id": customer.external_id, "lago_id": customer.lago_id}


@app.get("/customers/{customer}/bill")
async def bill(customer: str, subscription: str, lago: Lago) -> Bill:
    """Return the cost of the running period so far, and the cost of the last period."""
    usage = await lago.customers.find_current_usage(customer, external_subscription_id=subscription)
    past = await lago.customers.find_all_past_usage(customer, external_subscription_id=subscription, periods_count=1)
    return Bill(
        customer=customer,
        currency=usage.currency,
        running_cents=usage.total_amount_cents,
        last_cents=past.items[0].total_amount_cents if past.items else None,
    )


@app.post("/usage", status_code=202)
async def accept_usage(usage: Usage, sink: Sink) -> dict[str, str]:
    """Accept usage; when this returns, the event is on the disk, and will be sent."""
    accepted = await sink.add(
        {
            "transaction_id": usage.id,
            "external_subscription_id": usage.subscription,
            "code": usage.metric,
            "timestamp": usage.at,
            "properties": {"value": str(usage.value)},
        }
    )
    return {"id": accepted}


def record(webhook: Webhook) -> None:
    """Store the effect of a webhook and its key in one transaction, so that a second call has no effect."""
    with closing(sqlite3.connect(DATA / "effects.db", timeout=30)) as database, database:
        database.execute("CREATE TABLE IF NOT EXISTS effects (key TEXT PRIMARY KEY, webhook_type TEXT)")
        database.execute("INSERT OR IGNORE INTO effects VALUES (?, ?)", (webhook.unique_key, webhook.webhook_type))


def webhooks_of(hmac_key: str) -> WebhookHandlers:
    """Return handlers that answer at once; after a crash, the next process handles what is left after 5 seconds."""
    DATA.mkdir(parents=True, exist_ok=True)
    store = SqliteDeliveryStore(DATA / "deliveries.db", lease=5)
    made = WebhookHandlers(WebhookVerifier(hmac_key=hmac_key), store=store, respond="at_once")

    @made.on_other
    async def handle(webhook: Webhook) -> None:
        await to_thread.run_sync(record, webhook)

    return made


hooks = webhooks_of(HMAC_KEY) if HMAC_KEY else None
if hooks is not None:
    app.add_route("/webhooks/lago", endpoint(hooks), methods=["POST"])


@app.exception_handler(LagoApiError)
async def refused(_: Request, error: LagoApiError) -> JSONResponse:
    """Pass Lago's refusals on to the caller, who can correct the request; report other failures as 502."""
    status = error.status_code if error.status_code in (404, 405, 422) else 502
    return JSONResponse({"error": error.code or error.error, "request_id": error.request_id}, status)


@app.exception_handler(LagoArgumentError)
async def invalid(_: Request, error: LagoArgumentError) -> JSONResponse:
    """Tell the caller which field cannot be right, such as an empty metric; nothing was accepted."""
    return JSONResponse({"error": str(error)}, 422)


@app.exception_handler(EventSinkError)
async def not_accepted(_: Request, _error: EventSinkError) -> JSONResponse:
    """Report 503 if usage cannot be kept now, for example because the disk is full: the caller repeats it later."""
    return JSONResponse({"error": "usage cannot be accepted now"}, 503)


@app.exception_handler(LagoConnectionError)
async def unreachable(_: Request, error: LagoConnectionError) -> JSONResponse:
    """Report 503 if Lago did not respond."""
    return JSONResponse({"error": "billing is unreachable", "request_id": error.request_id}, 503)
