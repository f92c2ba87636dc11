"""Models leave the program and come back equal: as dictionaries, as JSON, and as records of a data frame."""

import json
import math
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from random import Random
from types import NoneType, UnionType
from typing import Annotated, Any, Union, cast, get_args, get_origin

import attrs
import msgspec
import pyarrow as pa
import pytest

import lago_async
import lago_sync
from lago_async import (
    UNSET,
    Customer,
    CustomerInput,
    EventInput,
    LagoArgumentError,
    Page,
    PageMeta,
    PlanInput,
    QuoteBillingItem,
    QuoteBillingItems,
    Tax,
    from_dict,
    from_json,
    models,
    to_dict,
    to_json,
    to_records,
)
from lago_async._codec.writing import write
from lago_async._plain_json import is_input, is_model
from lago_async.sandbox import Sandbox

MODELS: list[Any] = [found for name in sorted(dir(models)) if is_model(found := getattr(models, name))]

LEAVES: dict[Any, list[Any]] = {
    str: ["", 'Zoë "&<b>" \\ \u2028 🎉', "1", "null", "2026-01-01T00:00:00Z"],
    int: [0, -1, 2**63 - 1, 129_99],
    float: [0.1, -1.5, 1e300, 20.0],
    bool: [True, False],
    Decimal: [Decimal("0.1000000000000000000000000001"), Decimal(-5), Decimal("1E+2"), Decimal("12.340")],
    datetime: [
        datetime(2026, 1, 31, 23, 59, 59, 123456, tzinfo=UTC),
        datetime(2026, 7, 1, tzinfo=timezone(timedelta(hours=5, minutes=30))),
    ],
    date: [date(2026, 2, 28)],
    Any: [{"b": 1, "a": [True, None, {"c": "d"}]}, [], "text", 1.5, None, 0],
}


def value_of(hint: Any, random: Random) -> Any:
    """Return a value of a declared type."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        pattern = any(isinstance(note, msgspec.Meta) and note.pattern for note in arguments[1:])
        return random.choice(["2026-01-01", date(2026, 2, 3)]) if pattern else value_of(arguments[0], random)
    if origin in (Union, UnionType):
        return value_of(random.choice([member for member in arguments if member is not msgspec.UnsetType]), random)
    if origin is list:
        return [value_of(arguments[0], random) for _ in range(random.randrange(3))]
    if origin is dict:
        return {key: value_of(arguments[1], random) for key in ["b", "ä", "a"][: random.randrange(4)]}
    if hint is NoneType:
        return None
    return filled(hint, random) if attrs.has(hint) else random.choice(LEAVES[hint])


def filled(model: Any, random: Random) -> Any:
    """Return an object of a model with a random value in most of its fields."""
    fields = attrs.fields(attrs.resolve_types(model))
    given = [field for field in fields if field.default is attrs.NOTHING or random.random() < 0.7]
    return model(**{str(field.alias): value_of(field.type, random) for field in given})


def examples() -> Iterator[Any]:
    for model in MODELS:
        random = Random(model.__name__)
        for _ in range(6):
            yield filled(model, random)


def test_any_object_of_any_model_comes_back_equal_from_its_json_and_its_dictionary() -> None:
    assert len(MODELS) > 250
    for model in examples():
        kind: Any = type(model)
        assert from_json(kind, to_json(model)) == model, kind
        assert from_json(kind, to_json(model).encode()) == model, kind
        assert from_dict(kind, to_dict(model)) == model, kind
        assert json.loads(to_json(model)) == to_dict(model), kind
        assert from_json(list[kind], to_json([model, model])) == [model, model], kind


def test_the_fields_are_in_the_declared_order_and_an_input_has_only_what_was_given() -> None:
    for model in examples():
        names = [field.name for field in attrs.fields(type(model))]
        written = list(to_dict(model))
        assert written == [name for name in names if getattr(model, name) is not UNSET]
        assert "UNSET" not in to_json(model)
        if not is_input(type(model)):
            assert written == names


def test_an_input_that_came_back_is_sent_as_the_same_bytes() -> None:
    for model in filter(lambda each: is_input(type(each)), examples()):
        kind = type(model)
        assert write(from_json(kind, to_json(model)), kind, None) == write(model, kind, None)
        assert write(to_dict(model), kind, None) == write(model, kind, None)


def test_values_are_as_the_wire_has_them() -> None:
    customer = from_dict(Customer, {"external_id": "cus_1", "created_at": "2026-01-01T01:00:00+01:00", "future": 1})
    assert to_dict(customer)["created_at"] == "2026-01-01T01:00:00+01:00"
    assert customer.created_at == datetime(2026, 1, 1, tzinfo=UTC)
    event = EventInput(
        transaction_id="t",
        external_subscription_id="s",
        code="c",
        timestamp=datetime(2026, 1, 1, tzinfo=UTC),
        precise_total_amount_cents=Decimal("0.10"),
        properties={"at": cast("Any", date(2026, 1, 1))},
    )
    assert to_json(event) == (
        '{"transaction_id":"t","external_subscription_id":"s","code":"c","timestamp":"1767225600.000",'
        '"precise_total_amount_cents":"0.10","properties":{"at":"2026-01-01"}}'
    )
    items = QuoteBillingItems(add_ons=[QuoteBillingItem(local_id="1", type="add_on")])  # type: ignore[call-arg]
    assert to_dict(items)["addOns"][0]["localId"] == "1"  # type: ignore[index, call-overload]
    assert from_dict(QuoteBillingItems, to_dict(items)) == items


def test_what_the_server_sends_is_read_like_a_response(caplog: pytest.LogCaptureFixture) -> None:
    assert from_dict(Customer, {}) == Customer()  # type: ignore[call-arg]
    read = from_json(Customer, '{"external_id": 7, "net_payment_term": "30", "taxes": null, "created_at": "soon"}')
    assert read == Customer(external_id="7", net_payment_term=30)  # type: ignore[call-arg]
    assert "from_json: Customer.created_at: a JSON string cannot be read as datetime and is None" in caplog.text
    assert "soon" not in caplog.text


def test_a_number_that_its_type_cannot_hold_comes_back() -> None:
    period = from_json(models.UsagePeriod, '{"amount_cents": 98765.4}')
    assert period.amount_cents == Decimal("98765.4")
    assert from_json(models.UsagePeriod, to_json(period)) == period


def test_a_dictionary_may_hold_models_and_python_values_and_is_not_kept() -> None:
    properties = {"a": [1]}
    event = from_dict(
        models.Event, {"code": "c", "properties": properties, "timestamp": datetime(2026, 1, 1, tzinfo=UTC)}
    )
    properties["a"].append(2)
    assert (event.properties, event.timestamp) == ({"a": [1]}, datetime(2026, 1, 1, tzinfo=UTC))
    assert from_dict(Customer, {"taxes": [Tax(code="vat")]}).taxes[0].code == "vat"  # type: ignore[call-arg]
    given = from_dict(CustomerInput, {"external_id": "cus_1", "city": None, "name": UNSET})
    assert given == CustomerInput(external_id="cus_1", city=None)


NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001 - it is refused
EVENT: dict[str, Any] = {"transaction_id": "t", "external_subscription_id": "s", "code": "c"}

REFUSED: list[tuple[Any, str]] = [
    (lambda: from_dict(CustomerInput, {"external_id": "c", "nmae": "x"}), "from_dict: CustomerInput has no 'nmae'"),
    (lambda: from_json(CustomerInput, '{"external_id": "c", "nmae": 1}'), "from_json: CustomerInput has no 'nmae'"),
    (lambda: from_json(CustomerInput, "{}"), "from_json: CustomerInput.external_id is missing"),
    (lambda: from_json(CustomerInput, '{"external_id": 1}'), "external_id: expected str, got int"),
    (lambda: from_json(CustomerInput, "[1"), "from_json: "),
    (lambda: from_json(Customer, "[1"), "from_json: the text is not JSON"),
    (lambda: from_json(Customer, "\ud800"), "from_json: "),
    (lambda: from_json(Customer, ""), "from_json: the text is not JSON"),
    (lambda: from_json(Customer, "[]"), "from_json: expected a JSON object, got a JSON array"),
    (lambda: from_json(list[Customer], "{}"), "from_json: expected a JSON array, got a JSON object"),
    (lambda: from_dict(Customer, {"name": object()}), "from_dict: dict.name: JSON cannot hold a value of type object"),
    (lambda: from_dict(Customer, {1: 2}), "from_dict: dict: expected keys of type str, got int"),
    (lambda: from_json(int, "1"), "from_json: expected a model, such as Customer, or list"),
    (lambda: from_dict(Page[Customer], {}), "from_dict: expected a model, such as Customer, or list"),
    (lambda: from_dict(PageMeta, {}), "from_dict: expected a model, such as Customer, or list"),
    (lambda: to_dict({"a": 1}), "to_dict: expected a model, such as a Customer, not a value of type dict"),
    (lambda: to_json(EventInput(**EVENT, properties={"a": [math.nan]})), r"EventInput.properties.a\[0\]: expected"),
    (lambda: to_json(EventInput(**EVENT, timestamp=NAIVE)), "EventInput.timestamp: the datetime has no time zone"),
    (lambda: to_json({"key": b"bytes"}), "to_json: dict.key: JSON cannot hold a value of type bytes"),
    (lambda: to_json(["\ud800"]), "to_json: "),
    (lambda: to_json([10**5000]), "to_json: "),
    (lambda: to_dict(deep()), "to_dict: the value holds itself, or is nested too deeply"),
    (lambda: to_records([1]), "to_records: item 0: expected a model, such as a Customer, not 1"),
    (lambda: to_records([Customer(), Tax()]), "to_records: item 1: expected a Customer, not a value of type Tax"),  # type: ignore[call-arg]
]  # fmt: skip


def deep() -> EventInput:
    properties: dict[str, Any] = {}
    properties["again"] = properties
    return EventInput(**EVENT, properties=properties)


def test_what_cannot_travel_is_refused_by_its_name() -> None:
    for call, message in REFUSED:
        with pytest.raises(LagoArgumentError, match=message):
            call()


def test_every_digit_of_a_decimal_survives_also_as_a_number() -> None:
    plan = '{"name": "p", "code": "p", "interval": "monthly", "amount_cents": 1, "amount_currency": "EUR", "charges": '
    plan += '[{"billable_metric_id": "m", "charge_model": "standard", "min_amount_cents": 1}], "trial_period": 0.1}'
    assert from_json(PlanInput, plan).trial_period == 0.1
    wallet = from_json(models.WalletInput, '{"rate_amount": 0.1000000000000000000000000001}')
    assert wallet.rate_amount == Decimal("0.1000000000000000000000000001")


def test_both_packages_have_the_same_functions() -> None:
    for name in ("to_dict", "to_json", "from_dict", "from_json", "to_records"):
        assert getattr(lago_async, name) is getattr(lago_sync, name)


async def test_a_page_of_the_sandbox_becomes_json_and_a_table_with_the_types_of_its_columns() -> None:
    async with (
        Sandbox(now=datetime(2026, 1, 1, tzinfo=UTC)) as sandbox,
        lago_async.LagoClient(api_key=sandbox.api_key, base_url=sandbox.url) as client,
    ):
        await client.taxes.create({"name": "VAT", "code": "vat", "rate": 20})
        for number in range(2):
            address = {"city": "Paris"} if number else UNSET
            await client.customers.create(
                CustomerInput(external_id=f"cus_{number}", tax_codes=["vat"], shipping_address=cast("Any", address))
            )
        page = await client.customers.find_all()
    assert from_json(list[Customer], to_json(page.items)) == page.items
    assert list(to_dict(page)) == ["items", "meta"]
    records = to_records(page)
    assert [list(record) for record in records] == [list(to_records([Customer()])[0])] * 2  # type: ignore[call-arg]
    table = pa.Table.from_pylist(records)
    assert table["external_id"].to_pylist() == ["cus_1", "cus_0"]
    assert table["shipping_address.city"].to_pylist() == ["Paris", None]
    assert pa.types.is_timestamp(table["created_at"].type)
    assert json.loads(table["taxes"][0].as_py())[0]["code"] == "vat"


def test_records_have_a_column_for_each_field_of_an_object_inside_whether_it_is_there_or_not() -> None:
    (with_it,) = to_records([Customer(shipping_address=models.Address(city="Paris"))], separator="_")  # type: ignore[call-arg]
    (without,) = to_records([Customer()], separator="_")  # type: ignore[call-arg]
    assert list(with_it) == list(without)
    assert (with_it["shipping_address_city"], without["shipping_address_city"]) == ("Paris", None)
    assert to_records([]) == []
    for model in examples():
        assert (
            len({len(record) for record in to_records([model, type(model)() if not is_input(type(model)) else model])})
            == 1
        )
