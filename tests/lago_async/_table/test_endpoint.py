"""Rows and their endpoints: binding, path and query encoding, errors before anything is sent."""

import json
import warnings
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from urllib.parse import parse_qsl, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import ENDPOINTS, CustomerInput, LagoArgumentError
from lago_async._registry import Endpoints, rows_of
from lago_async._table.query import PositiveInt
from lago_async._table.rows import row_of
from lago_async.models import Customer
from lago_async.resources._base import Resource, Verb

FIND = ENDPOINTS["find_customer"]
FIND_ALL = ENDPOINTS["find_all_customers"]
USAGE = ENDPOINTS["find_customer_current_usage"]


@given(st.text(min_size=1).filter(lambda text: text not in {".", ".."} and text.isprintable()))
def test_any_id_is_one_path_segment_and_comes_back_as_it_was(external_id: str) -> None:
    segment = FIND.encode((external_id,), {}).target.removeprefix("/customers/")
    assert unquote(segment) == external_id
    assert not set(segment) & set("./?#&= +")


@pytest.mark.parametrize("value", ["", ".", ".."])
def test_an_id_that_would_reach_another_operation_is_refused_by_name(value: str) -> None:
    with pytest.raises(LagoArgumentError, match=r"^find_customer: external_customer_id must not be"):
        FIND.encode((value,), {})


@pytest.mark.parametrize("value", [None, 5, b"cus_1", ["cus_1"], True])
def test_an_id_that_is_no_string_is_refused_by_name(value: object) -> None:
    with pytest.raises(LagoArgumentError, match=r"^find_customer: external_customer_id must be a string"):
        FIND.encode((value,), {})


def test_an_id_with_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(LagoArgumentError, match="surrogate"):
        FIND.encode(("\ud800",), {})


def test_filters_are_sent_as_rails_reads_them() -> None:
    target = FIND_ALL.encode(
        (),
        {
            "account_type": ["customer", "partner"],
            "has_customer_type": False,
            "metadata": {"tier name": "a&b=c"},
            "search_term": "a+b ü",
            "page": 2,
            "customer_type": None,
        },
    ).target
    path, _, query = target.partition("?")
    assert path == "/customers"
    assert sorted(parse_qsl(query)) == [
        ("account_type[]", "customer"),
        ("account_type[]", "partner"),
        ("has_customer_type", "false"),
        ("metadata[tier name]", "a&b=c"),
        ("page", "2"),
        ("search_term", "a+b ü"),
    ]
    assert "+" not in query  # some parsers read a plus as a space


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"page": 0}, "page must be an integer of 1 or more"),
        ({"per_page": -1}, "per_page must be an integer of 1 or more"),
        ({"page": True}, "page must be an integer of 1 or more"),
        ({"page": "2"}, "page must be an integer of 1 or more"),
        ({"search_term": 5}, "search_term must be a string"),
        ({"has_customer_type": "true"}, "has_customer_type must be True or False"),
        ({"countries": "FR"}, "countries must be a list of strings"),
        ({"countries": []}, "countries must be a list of strings, not empty"),
        ({"countries": [5]}, "countries must be a list of strings"),
        ({"metadata": "a=b"}, "metadata must be a mapping"),
        ({"metadata": {"a": 5}}, "metadata must be a mapping"),
        ({"search_term": "\ud800"}, "search_term must be a string"),
    ],
)
def test_a_filter_that_the_server_would_drop_or_misread_is_refused(
    arguments: dict[str, object], complaint: str
) -> None:
    with pytest.raises(LagoArgumentError, match=f"^find_all_customers: {complaint}"):
        FIND_ALL.encode((), arguments)


def test_a_required_parameter_must_be_given_and_not_be_empty() -> None:
    with pytest.raises(TypeError, match=r"Customers\.find_current_usage\(\) missing .* 'external_subscription_id'"):
        USAGE.encode(("cus_1",), {})
    for value in ("", None):
        with pytest.raises(LagoArgumentError, match="external_subscription_id must be a string"):
            USAGE.encode(("cus_1",), {"external_subscription_id": value})


def test_an_unknown_argument_is_refused_in_pythons_own_words() -> None:
    with pytest.raises(TypeError, match=r"Customers\.find_all\(\) got an unexpected keyword argument 'per_pgae'"):
        FIND_ALL.encode((), {"per_pgae": 5})


def test_a_deprecated_parameter_warns_at_the_line_of_the_caller() -> None:
    with pytest.warns(DeprecationWarning, match="use charge_id instead of filter_by_charge_id") as caught:
        USAGE.encode(("cus_1",), {"external_subscription_id": "sub_1", "filter_by_charge_id": "x"})
    assert caught[0].filename == __file__


def test_a_parameter_that_is_not_deprecated_does_not_warn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        USAGE.encode(("cus_1",), {"external_subscription_id": "sub_1", "charge_id": "x"})


def test_a_body_may_be_a_model_or_a_mapping() -> None:
    create = ENDPOINTS["create_customer"]
    given_model = create.encode((CustomerInput(external_id="cus_1", name=None),), {})
    given_mapping = create.encode(({"name": None, "external_id": "cus_1"},), {})
    assert given_model.body == b'{"customer":{"external_id":"cus_1","name":null}}'
    assert given_mapping.body == given_model.body


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        ({"external_id": "a", "nmae": "x"}, "CustomerInput has no 'nmae'; did you mean 'name'"),
        ({"external_id": "a", "billing_configuration": {"sycn": True}}, "billing_configuration has no 'sycn'.*'sync'"),
        ({"external_id": "a", "metadata": [{"key": "k", "valeu": "v"}]}, r"metadata\[0\].* has no 'valeu'.*'value'"),
        ({"name": "x"}, "CustomerInput.external_id is missing"),
        ({"external_id": 5}, "customer.external_id: expected str, got int"),
        ({"external_id": "a", "net_payment_term": "30"}, "customer.net_payment_term: expected int.*got str"),
        ({"external_id": "a", "net_payment_term": 30.5}, "customer.net_payment_term: expected int.*got float"),
        ({"external_id": "a", "tax_codes": "vat"}, "customer.tax_codes: expected array"),
        ({"external_id": "a", "name": object()}, "customer.name: expected str . null, got object"),
        ({"external_id": "\ud800"}, "customer.external_id: a lone surrogate, which JSON cannot hold"),
        ("cus_1", "expected a CustomerInput or a mapping, got str"),
        (None, "expected a CustomerInput or a mapping, got NoneType"),
    ],
)
def test_a_body_with_a_typo_or_a_wrong_type_is_refused_by_name(body: object, complaint: str) -> None:
    with pytest.raises(LagoArgumentError, match=f"^create_customer: .*{complaint}"):
        ENDPOINTS["create_customer"].encode((body,), {})


def test_a_mapping_inside_of_a_model_is_held_to_its_model_too() -> None:
    create = ENDPOINTS["create_customer"]
    typo = CustomerInput(external_id="a", billing_configuration={"sycn": True})  # type: ignore[arg-type]
    with pytest.raises(LagoArgumentError, match="did you mean 'sync'"):
        create.encode((typo,), {})
    right = CustomerInput(external_id="a", billing_configuration={"sync": True})  # type: ignore[arg-type]
    assert json.loads(create.encode((right,), {}).body or b"") == {
        "customer": {"external_id": "a", "billing_configuration": {"sync": True}}
    }


def test_reading_and_changing_may_be_repeated_and_posts_only_where_the_row_says_so() -> None:
    assert {
        name for name, endpoint in ENDPOINTS.items() if endpoint.method != "POST" and endpoint.idempotent is not True
    } == set()
    assert ENDPOINTS["generate_customer_checkout_url"].idempotent is False


def test_only_an_operation_of_a_client_has_a_row() -> None:
    with pytest.raises(LagoArgumentError, match=r"client\.customers\.find"):
        row_of(print)


class TestGrammar:
    """Rows of this test."""

    def test_every_kind_of_query_parameter_has_its_form(self) -> None:
        class Things(Resource):
            @Verb("GET")("find_thing", "/things/{code}", root="thing", wire={"from_": "from"})
            async def find(
                self,
                code: str,
                *,
                from_: date | None = None,
                at: datetime | None = None,
                cents: int | None = None,
                count: PositiveInt | None = None,
                tags: Sequence[str] | None = None,
                labels: Mapping[str, str] | None = None,
            ) -> Customer: ...

        target = (
            row_of(Things.find)
            .endpoint.encode(
                ("t",),
                {
                    "from_": date(2026, 1, 31),
                    "at": datetime(2026, 1, 31, 12, tzinfo=UTC),
                    "cents": 0,
                    "count": 1,
                    "tags": ("a", "b"),
                    "labels": {"k": "v"},
                },
            )
            .target
        )
        assert parse_qsl(target.partition("?")[2]) == [
            ("from", "2026-01-31"),
            ("at", "2026-01-31T12:00:00+00:00"),
            ("cents", "0"),
            ("count", "1"),
            ("tags[]", "a"),
            ("tags[]", "b"),
            ("labels[k]", "v"),
        ]

    def test_a_time_without_a_zone_is_refused(self) -> None:
        class Things(Resource):
            @Verb("GET")("find_thing", "/things", root="thing")
            async def find(self, *, at: datetime) -> Customer: ...

        with pytest.raises(LagoArgumentError, match="^find_thing: at: the datetime has no time zone; give it one"):
            row_of(Things.find).endpoint.encode((), {"at": datetime(2026, 1, 1)})  # noqa: DTZ001 - the point

    def test_a_number_of_more_digits_than_python_writes_is_refused(self) -> None:
        with pytest.raises(
            LagoArgumentError, match="^find_all_customers: page must be an integer.*, not a value of type int$"
        ):
            ENDPOINTS["find_all_customers"].encode((), {"page": -(10**5000)})

    def test_two_rows_of_one_name_are_refused(self) -> None:
        class Things(Resource):
            @Verb("GET")("find_thing", "/things", root="thing")
            async def find(self) -> Customer: ...

            @Verb("PUT")("find_thing", "/things", root="thing")
            async def update(self) -> Customer: ...

        with pytest.raises(ValueError, match="two rows are named 'find_thing'"):
            len(Endpoints(lambda: list(rows_of(Things))))

    def test_a_positional_query_parameter_is_refused(self) -> None:
        class Things(Resource):
            @Verb("GET")("find_thing", "/things", root="thing")
            async def find(self, at: str) -> Customer: ...

        with pytest.raises(TypeError, match="'at' must be keyword-only"):
            _ = row_of(Things.find).endpoint

    def test_a_path_without_its_parameter_is_refused(self) -> None:
        class Things(Resource):
            @Verb("GET")("find_thing", "/things/{code}", root="thing")
            async def find(self) -> Customer: ...

        with pytest.raises(TypeError, match="no parameter for code"):
            _ = row_of(Things.find).endpoint

    def test_path_parameters_stand_in_the_order_of_the_path(self) -> None:
        class Things(Resource):
            @Verb("GET")("find_thing", "/owners/{owner}/things/{code}", root="thing")
            async def find(self, code: str, owner: str) -> Customer: ...

        with pytest.raises(TypeError, match="another order: owner, code"):
            _ = row_of(Things.find).endpoint
