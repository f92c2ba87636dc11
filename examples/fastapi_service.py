"""A FastAPI service that awaits Lago: all requests share one client, which lives as long as the service.

python -m lago_async sandbox --demo-data      # in one terminal; it prints LAGO_API_URL and LAGO_API_KEY to export
uvicorn examples.fastapi_service:app          # in another
curl localhost:8000/customers/acme/bill?subscription=acme-main
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

from lago_async import LagoApiError, LagoClient, LagoConnectionError
from lago_async.models import CustomerInput


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncGenerator[None]:
    """Open the client when the service starts and close it when it stops. Settings come from the environment."""
    async with LagoClient(timeout=10) as client:
        app.state.lago = client
        yield


app = FastAPI(title="Billing", lifespan=lifespan)


def lago(request: Request) -> LagoClient:
    """Return the service's client, as a dependency; a test overrides it to use a sandbox."""
    client: LagoClient = request.app.state.lago
    return client


Lago = Annotated[LagoClient, Depends(lago)]


class NewCustomer(BaseModel):
    """The fields of a new customer."""

    id: str
    name: str
    email: str | None = None


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


@app.exception_handler(LagoApiError)
async def refused(_: Request, error: LagoApiError) -> JSONResponse:
    """Pass Lago's refusals on to the caller, who can correct the request; report other failures as 502."""
    status = error.status_code if error.status_code in (404, 405, 422) else 502
    return JSONResponse({"error": error.code or error.error, "request_id": error.request_id}, status)


@app.exception_handler(LagoConnectionError)
async def unreachable(_: Request, error: LagoConnectionError) -> JSONResponse:
    """Report 503 if Lago did not respond."""
    return JSONResponse({"error": "billing is unreachable", "request_id": error.request_id}, 503)
