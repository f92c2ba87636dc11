"""The signature of a row is read once, and sorts the arguments of every call."""

import typing
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal, Optional, Union, get_args

import pytest
from msgspec import Meta

from lago_async._table.query import ParameterType, PositiveInt, QueryParameter
from lago_async._table.signature import _MODELS, Signature, read_signature
from lago_async.models import Customer, CustomerInput, PlanInput, SubscriptionInput

if TYPE_CHECKING:
    from lago_async.models.input_dicts import CustomerInputDict


def read(function: Any, path: str = "/things", **wire: str) -> Signature:
    return read_signature(function, name="do_it", path=path, wire=wire)


class Things:
    async def nothing(self) -> None: ...

    async def one(self, code: str, owner_id: str) -> Customer: ...

    async def filtered(
        self,
        *,
        text: str,
        page: PositiveInt | None = None,
        cents: int | None = None,
        flag: bool | None = None,
        at: datetime | None = None,
        zoned: Annotated[datetime, Meta(tz=True)] | None = None,
        day: Optional[date] = None,  # noqa: UP045
        tags: Union[Sequence[str], None] = None,  # noqa: UP007
        mixed: Sequence[str | int] | None = None,
        ints: Sequence[int] | None = None,
        labels: Mapping[str, str] | None = None,
        late: None | int = None,
        from_: date | None = None,
    ) -> list[Customer]: ...

    async def chosen(
        self,
        *,
        kind: Literal["a", "b"],
        maybe: None | Literal["c"] = None,
        last: Literal["d"] | None = None,
        many: Sequence[Literal["e", "f"]] | None = None,
        other: Sequence[str] | None = None,
    ) -> list[Customer]: ...

    async def typed(self, customer: "CustomerInput | CustomerInputDict", /) -> Customer: ...

    async def create(self, customer: CustomerInput | Mapping[str, object], /) -> Customer: ...

    async def create_many(self, customers: Sequence[CustomerInput | Mapping[str, object]], /) -> Customer: ...

    async def set_up(
        self, code: str, body: Mapping[str, Mapping[str, int]] | None = None, /, *, dry: bool | None = None
    ) -> str: ...

    async def create_two(
        self,
        subscription: SubscriptionInput | Mapping[str, object],
        /,
        plan: PlanInput | Mapping[str, object] | None = None,
        *,
        note: str | None = None,
    ) -> Customer: ...


def test_a_row_without_parameters_sends_nothing() -> None:
    signature = read(Things.nothing)
    assert (signature.path_params, signature.query, signature.siblings) == ((), (), ())
    assert (signature.body, signature.body_optional, signature.returns) == (None, False, type(None))
    assert signature.bind() == ((), None, (), ())


def test_path_parameters_are_those_in_braces() -> None:
    signature = read(Things.one, "/owners/{code}/things/{owner_id}")
    assert signature.path_params == ("code", "owner_id")
    assert signature.query == ()
    assert signature.returns is Customer
    assert signature.bind("a", "b") == signature.bind(owner_id="b", code="a") == (("a", "b"), None, (), ())


def test_query_parameters_have_the_type_of_their_annotation_and_the_name_of_the_wire() -> None:
    kind = ParameterType
    signature = read(Things.filtered, from_="from", tags="tag")
    assert signature.query == (
        QueryParameter("text", "text", kind.STRING, required=True),
        QueryParameter("page", "page", kind.POSITIVE_INT, required=False),
        QueryParameter("cents", "cents", kind.INTEGER, required=False),
        QueryParameter("flag", "flag", kind.BOOLEAN, required=False),
        QueryParameter("at", "at", kind.DATETIME, required=False),
        QueryParameter("zoned", "zoned", kind.DATETIME, required=False),
        QueryParameter("day", "day", kind.DATE, required=False),
        QueryParameter("tags", "tag[]", kind.STRINGS, required=False),
        QueryParameter("mixed", "mixed[]", kind.STRINGS_OR_INTEGERS, required=False),
        QueryParameter("ints", "ints[]", kind.STRINGS_OR_INTEGERS, required=False),
        QueryParameter("labels", "labels[key]", kind.MAPPING, required=False),
        QueryParameter("late", "late", kind.INTEGER, required=False),
        QueryParameter("from_", "from", kind.DATE, required=False),
    )
    assert signature.returns == list[Customer]
    bound = signature.bind(labels={}, text="x")
    assert bound == ((), None, ("x", *[None] * 9, {}, None, None), ())


def test_a_body_is_the_positional_only_parameter() -> None:
    signature = read(Things.create)
    assert (signature.body, signature.body_optional, signature.siblings) == (CustomerInput, False, ())
    assert signature.bind({"a": 1}) == ((), {"a": 1}, (), ())
    assert read(Things.create_many).body == list[CustomerInput]


def test_a_body_that_is_no_model_is_a_dictionary_and_may_be_optional() -> None:
    signature = read(Things.set_up, "/things/{code}")
    assert signature.body == dict[str, dict[str, int]]
    assert signature.body_optional
    assert signature.bind("a", dry=True) == (("a",), None, (True,), ())
    assert signature.bind("a", {"b": {}}) == (("a",), {"b": {}}, (None,), ())


def test_a_second_model_is_a_sibling_of_the_body() -> None:
    signature = read(Things.create_two)
    assert signature.body is SubscriptionInput
    assert signature.siblings == (("plan", PlanInput),)
    assert [parameter.name for parameter in signature.query] == ["note"]
    assert signature.bind(1, 2, note="x") == ((), 1, ("x",), (2,))
    assert signature.bind(1) == ((), 1, (None,), (None,))


@pytest.mark.parametrize(
    ("call", "complaint"),
    [
        (lambda bind: bind(), r"^Things\.one\(\) missing 2 required positional arguments: 'code' and 'owner_id'$"),
        (lambda bind: bind("a", "b", "c"), r"^Things\.one\(\) takes 2 positional arguments but 3 were given$"),
        (lambda bind: bind("a", "b", page=1), r"^Things\.one\(\) got an unexpected keyword argument 'page'$"),
    ],
)
def test_wrong_arguments_are_refused_in_the_name_of_the_method(call: Any, complaint: str) -> None:
    bind = read(Things.one, "/owners/{code}/things/{owner_id}").bind
    assert bind.__name__ == "one"
    with pytest.raises(TypeError, match=complaint):
        call(bind)


def positional_query(self: Any, at: str) -> None: ...
def without_path(self: Any, code: str) -> None: ...
def other_order(self: Any, code: str, owner: str) -> None: ...
def other_order_and_more(self: Any, code: str, owner: str, *, page: str | None = None) -> None: ...
def unknown_model(self: Any) -> "NoSuchModel": ...  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("function", "path", "complaint"),
    [
        (positional_query, "/things", "^do_it: the query parameter 'at' must be keyword-only$"),
        (without_path, "/o/{owner}/t/{code}/{a}", "^do_it: no parameter for a, owner in the path$"),
        (other_order, "/o/{owner}/t/{code}", "^do_it: the path has its parameters in another order: owner, code$"),
        (other_order_and_more, "/o/{owner}/t/{code}", "another order: owner, code$"),
    ],
)
def test_a_signature_that_breaks_a_rule_is_refused(function: Any, path: str, complaint: str) -> None:
    with pytest.raises(TypeError, match=complaint):
        read(function, path)


def test_models_are_found_by_name_and_nothing_else_is() -> None:
    def by_name(self: Any, customer: "CustomerInput", /) -> "Invoice": ...

    from lago_async.models import Invoice

    assert read(by_name).returns is Invoice
    with pytest.raises(NameError, match="NoSuchModel"):
        read(unknown_model)


def test_query_parameters_know_the_values_of_an_enumeration() -> None:
    found = {parameter.name: (parameter.type, parameter.values) for parameter in read(Things.chosen).query}
    assert found == {
        "kind": (ParameterType.STRING, ("a", "b")),
        "maybe": (ParameterType.STRING, ("c",)),
        "last": (ParameterType.STRING, ("d",)),
        "many": (ParameterType.STRINGS, ("e", "f")),
        "other": (ParameterType.STRINGS, ()),
    }


def test_a_body_that_is_a_model_or_its_dictionary_is_the_model() -> None:
    assert read(Things.typed).body is CustomerInput
    hints = typing.get_type_hints(Things.typed, localns=_MODELS)
    assert get_args(hints["customer"]) == (CustomerInput, Mapping)
