"""Rules that all models follow."""

import copy
import pickle
from decimal import Decimal
from typing import Any

import attrs
import pytest

from lago_async import UNSET, CustomerInput, HttpInfo, models
from lago_async._codec.envelope import Envelope
from lago_async._registry import ENDPOINTS
from lago_async._table.messages import Request, Response
from lago_async.models import (
    Customer,
    CustomerMetadataInput,
    GrpcToken,
    QuoteBillingItem,
    QuoteBillingItems,
    Tax,
    UsagePeriod,
)
from lago_async.models._base import camel_case

MODELS = [item for name in dir(models) if attrs.has(item := getattr(models, name))]


def test_a_model_shows_what_it_has_and_nothing_else() -> None:
    customer = Customer(external_id="cus_1", taxes=[Tax(code="vat", rate=20.0)], skip_invoice_custom_sections=False)  # type: ignore[call-arg]
    assert repr(customer) == (
        "Customer(external_id='cus_1', skip_invoice_custom_sections=False, taxes=[Tax(code='vat', rate=20.0)])"
    )
    # In an input, None clears and an empty list removes.
    given = CustomerInput(external_id="cus_1", city=None, tax_codes=[])
    assert repr(given) == "CustomerInput(external_id='cus_1', city=None, tax_codes=[])"
    assert repr(UsagePeriod(amount_cents=0)) == "UsagePeriod(amount_cents=0)"  # type: ignore[call-arg]


def test_a_model_in_camel_case_has_the_wire_names_for_readers_and_ours_for_users() -> None:
    items = QuoteBillingItems(add_ons=[QuoteBillingItem(local_id="1", type="add_on")])  # type: ignore[call-arg]
    assert repr(items) == "QuoteBillingItems(add_ons=[QuoteBillingItem(local_id='1', type='add_on')])"
    untyped: Any = items  # to a type checker, the decorator does not make it an attrs class
    assert attrs.asdict(untyped)["addOns"][0]["localId"] == "1"
    items.add_ons = []
    assert items == QuoteBillingItems()  # type: ignore[call-arg]
    items.wallet_credits.append(QuoteBillingItem(id="w"))  # type: ignore[call-arg]
    read = Envelope[QuoteBillingItems]("it", QuoteBillingItems)
    body = b'{"it":{"addOns":[],"walletCredits":[{"id":"w","localId":null}],"nothing":1}}'
    assert read.read(body)[0] == read.read_tolerantly(body)[0] == items
    assert attrs.evolve(untyped, plans=[]) == items


@pytest.mark.parametrize(("name", "wire"), [("id", "id"), ("add_ons", "addOns"), ("a_b_c", "aBC")])
def test_camel_case_joins_the_words_with_capitals(name: str, wire: str) -> None:
    assert camel_case(name) == wire


def test_a_secret_is_in_no_repr() -> None:
    token = GrpcToken(grpc_token="eyJ.secret")
    assert (repr(token), str(token), f"{token}") == ("GrpcToken(grpc_token=<hidden>)",) * 3
    assert "eyJ" not in repr([HttpInfo(token, 200, {})])
    request = Request(ENDPOINTS["create_grpc_token"], "/organizations/grpc_token", b"eyJ.secret", repeatable=False)
    response = Response(request, 200, {}, b'{"organization": {"grpc_token": "eyJ.secret"}}', "id", 1, uncertain=False)
    assert "eyJ" not in repr(response)
    assert "body=<46 bytes>" in repr(response)
    assert token.grpc_token == "eyJ.secret"
    assert repr(GrpcToken()) == "GrpcToken()"  # type: ignore[call-arg]


def test_there_are_models_of_every_object() -> None:
    assert len(MODELS) > 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_a_model_has_slots_a_docstring_and_keyword_only_fields(model: type) -> None:
    assert not hasattr(model, "__dict__") or "__dict__" not in dir(model)
    assert (model.__doc__ or "").strip().endswith((".", ")"))
    assert all(field.kw_only for field in attrs.fields(model))


@pytest.mark.parametrize(
    "model", [item for item in MODELS if not item.__name__.endswith("Input")], ids=lambda m: m.__name__
)
def test_any_field_of_an_answer_may_be_absent_and_a_model_can_be_compared_copied_and_pickled(model: type) -> None:
    empty = model()
    assert empty == model()
    assert copy.deepcopy(empty) == empty
    assert pickle.loads(pickle.dumps(empty)) == empty
    assert all(getattr(empty, field.name) in (None, []) for field in attrs.fields(model))


def fields_of(model: type[Any]) -> Any:
    """Return the fields of a model; to a type checker, its decorator does not make it an attrs class."""
    return attrs.fields(model)


def test_an_input_sends_nothing_that_was_not_given() -> None:
    customer = CustomerInput(external_id="cus_1")
    assert {field.name for field in fields_of(CustomerInput) if getattr(customer, field.name) is not UNSET} == {
        "external_id"
    }
    assert CustomerMetadataInput(key="k", value="v").display_in_invoice is UNSET


def test_a_field_that_does_not_exist_cannot_be_set() -> None:
    customer = CustomerInput(external_id="cus_1")
    with pytest.raises(AttributeError, match="nmae"):
        customer.nmae = "Acme"  # type: ignore[attr-defined]


def test_money_is_counted_in_whole_cents_and_units_are_exact() -> None:
    hints = {
        field.name: field.type for model in MODELS for field in attrs.fields(model) if field.name.endswith("_cents")
    }
    floats = {name for name, kind in hints.items() if "float" in str(kind) and "precise" not in name}
    assert floats <= {"amount_cents"}  # analytics send floats
    assert {field.type for field in fields_of(UsagePeriod) if field.name == "amount_cents"} == {int}
    assert {field.type for field in fields_of(models.ChargeUsage) if field.name == "units"} == {Decimal}
