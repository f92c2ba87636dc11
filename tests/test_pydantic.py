"""FastAPI and pydantic take our models as they are: as results, as bodies and as fields, with a schema."""

import json
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Annotated, Any

import attrs
import pydantic
import pytest
from fastapi import Body, FastAPI

from lago_async import UNSET, Customer, CustomerInput, EventInput, Fee, SubscriptionInput, Tax, UsagePeriod, to_dict
from lago_async._plain_json import is_input
from tests.lago_async._codec.test_serialization import MODELS, examples

CUSTOMER = Customer(external_id="cus_1", created_at=datetime(2026, 1, 1, tzinfo=UTC), taxes=[Tax(code="vat", rate=1.5)])  # type: ignore[call-arg]

app = FastAPI()


@app.get("/customer")
async def customer() -> Customer:
    return CUSTOMER


@app.get("/customers", response_model=list[Customer])
async def customers() -> Any:
    return [CUSTOMER]


@app.post("/subscriptions")
async def subscribe(subscription: Annotated[SubscriptionInput, Body()]) -> SubscriptionInput:
    return subscription


class Stored(pydantic.BaseModel):
    """A model of a program, with ours in its fields."""

    customer: Customer
    event: EventInput | None = None


async def called(method: str, path: str, body: object = None) -> tuple[int, Any]:
    """Call the application without a socket; return the status and the JSON of the response."""
    sent: list[Any] = []
    scope = {
        "type": "http", "http_version": "1.1", "method": method, "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": [(b"content-type", b"application/json")], "scheme": "http",
    }  # fmt: skip
    pieces = iter([{"type": "http.request", "body": json.dumps(body).encode(), "more_body": False}])

    async def receive() -> Any:
        return next(pieces, {"type": "http.disconnect"})

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"], json.loads(b"".join(message.get("body", b"") for message in sent[1:]))


async def test_a_model_is_returned_and_is_a_response_model() -> None:
    assert await called("GET", "/customer") == (200, to_dict(CUSTOMER))
    assert await called("GET", "/customers") == (200, [to_dict(CUSTOMER)])


async def test_an_input_is_a_body_and_a_wrong_one_is_answered_with_the_place() -> None:
    given = {"external_id": "sub_1", "plan_code": "p", "external_customer_id": "c", "subscription_at": "2026-01-01"}
    assert await called("POST", "/subscriptions", given) == (200, given)
    wrong = given | {"plan": 1, "subscription_at": "2026-01-01T00:00:00"}
    status, response = await called("POST", "/subscriptions", wrong)
    assert status == 422
    assert {(*problem["loc"][:2],) for problem in response["detail"]} == {("body", "subscription_at"), ("body", "plan")}


async def test_the_description_of_the_service_has_our_models_with_their_documentation() -> None:
    _, description = await called("GET", "/openapi.json")
    schema = description["components"]["schemas"]["Customer"]
    assert (schema["title"], schema["description"].partition(".")[0]) == ("Customer", "A customer")
    assert schema["properties"]["taxes"]["items"] == {"$ref": "#/components/schemas/Tax"}
    assert schema["properties"]["created_at"]["format"] == "date-time"
    assert "external_id" in schema["required"]


def test_a_field_of_a_pydantic_model_takes_an_object_or_its_json_and_gives_it_back() -> None:
    stored = Stored(customer=CUSTOMER)
    assert stored.customer is CUSTOMER
    assert Stored.model_validate_json(stored.model_dump_json()) == stored
    assert Stored.model_validate(stored.model_dump()) == stored
    assert stored.model_dump()["customer"] == to_dict(CUSTOMER)
    older = Stored.model_validate(
        {"customer": {"external_id": "cus_1", "name": None, "slug": None, "taxes": None, "new": 1}}
    )
    assert older.customer == Customer(external_id="cus_1")  # type: ignore[call-arg]
    event = {"transaction_id": "t", "external_subscription_id": "s", "code": "c", "timestamp": 1.5}
    stored = Stored(customer=CUSTOMER, event=EventInput(**event))  # type: ignore[arg-type]
    assert stored.model_dump(mode="json")["event"] == event
    with pytest.raises(pydantic.ValidationError, match=r"event\.cdoe\s+Extra inputs are not permitted"):
        Stored.model_validate({"customer": {}, "event": event | {"cdoe": "c"}})


def test_an_object_of_any_model_comes_back_through_pydantic() -> None:
    for kind, models in groupby(examples(), type):
        adapter: pydantic.TypeAdapter[Any] = pydantic.TypeAdapter(kind)
        for model in models:
            assert adapter.validate_json(adapter.dump_json(model)) == model, kind


def test_every_model_has_a_schema_for_reading_and_one_for_writing() -> None:
    for model in MODELS:
        adapter = pydantic.TypeAdapter(model)
        fields = attrs.fields(model)
        written = adapter.json_schema(mode="serialization")
        assert list(written["properties"]) == [field.name for field in fields]
        assert written["title"] == model.__name__
        required = [field.name for field in fields if not is_input(model) or field.default is attrs.NOTHING]
        assert written.get("required", []) == required
        assert adapter.json_schema(mode="validation").get("required", []) == (required if is_input(model) else [])


def test_times_and_decimals_are_as_the_wire_has_them() -> None:
    adapter = pydantic.TypeAdapter(SubscriptionInput)
    given: dict[str, Any] = {"external_id": "s", "plan_code": "p", "external_customer_id": "c"}
    read = adapter.validate_python(given | {"subscription_at": date(2026, 1, 1), "ending_at": "2026-02-01T00:00:00Z"})
    assert (read.subscription_at, read.ending_at, read.name) == ("2026-01-01", "2026-02-01T00:00:00Z", UNSET)
    with pytest.raises(pydantic.ValidationError, match="timezone"):
        adapter.validate_python(given | {"ending_at": datetime(2026, 2, 1)})  # noqa: DTZ001 - that is refused
    fee = pydantic.TypeAdapter(Fee).validate_python({"precise_amount": Decimal("0.10"), "units": "1.50"})
    assert (fee.precise_amount, fee.units) == (Decimal("0.10"), Decimal("1.50"))
    with pytest.raises(pydantic.ValidationError, match="valid integer"):
        pydantic.TypeAdapter(UsagePeriod).validate_python({"amount_cents": "half"})


def test_our_models_do_not_import_pydantic() -> None:
    code = "import sys, lago_async; lago_async.Customer; lago_async.CustomerInput(external_id='c'); print(*sys.modules)"
    loaded = subprocess.check_output([sys.executable, "-c", code], text=True, timeout=60).split()
    assert "lago_async.models.customers" in loaded
    assert not {"pydantic", "pydantic_core", "lago_async._pydantic"} & set(loaded)
    assert CustomerInput.__module__ == "lago_async.models.customers"
