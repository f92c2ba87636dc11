"""One endpoint from a call to its request, and from a response to its result; every word of what is refused."""

import asyncio
import json
import re
import warnings
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import pytest

from lago_async import ENDPOINTS, LagoArgumentError, LagoDecodeError, LagoPageError, NotFoundError, Page, PageMeta
from lago_async._table.endpoint import Endpoint
from lago_async._table.messages import Request, Response
from lago_async._table.rows import row_of
from lago_async.models import Customer, CustomerInput, PlanInput, Subscription
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, Verb

LARGE = 600_000


def _is_repeatable(body: Any) -> bool:
    return isinstance(body, CustomerInput)


class Things(Resource):
    """Rows of each kind."""

    @Verb("GET")("find_thing", "/owners/{owner}/things/{code}/parts", root="customer")
    async def find(self, owner: str, code: str) -> Customer: ...

    @Verb("GET")("list_things", "/things", root="customers", deprecated={"old": "new", "older": "newer"})
    def find_all(
        self, *, kind: str, new: str | None = None, old: str | None = None, older: str | None = None
    ) -> AsyncPager[Customer]: ...

    @Verb("GET")("find_old", "/old/{code}", root="customer", deprecated="find_thing")
    async def find_old(self, code: str, *, thing: str | None = None) -> Customer: ...

    @Verb("GET")("search_things", "/search", root="customer")
    async def search(self, *, text: str | None = None, flag: bool | None = None) -> Customer: ...

    @Verb("POST")("create_thing", "/things", root="customer")
    async def create(self, thing: CustomerInput | Mapping[str, object], /) -> Customer: ...

    @Verb("POST")("create_two", "/twos", root="customer")
    async def create_two(
        self,
        thing: CustomerInput | Mapping[str, object],
        /,
        *,
        plan: PlanInput | Mapping[str, object] | None = None,
        other: CustomerInput | Mapping[str, object] | None = None,
    ) -> Customer: ...

    @Verb("POST")("create_again", "/again", root="customer", idempotent=_is_repeatable)
    async def create_again(self, thing: CustomerInput | Mapping[str, object], /) -> Customer: ...

    @Verb("PUT")("update_thing", "/things/{code}", root="customer")
    async def update(self, code: str, body: Mapping[str, object] | None = None, /) -> Customer: ...

    @Verb("POST")("create_all", "/all", root="customers")
    async def create_all(self, things: Sequence[CustomerInput | Mapping[str, object]], /) -> list[Customer]: ...

    @Verb("DELETE")("destroy_thing", "/things/{code}")
    async def destroy(self, code: str) -> None: ...

    @Verb("GET")("read_text", "/text")
    async def text(self) -> str: ...

    @Verb("GET")("find_perhaps", "/perhaps", root="customer")
    async def perhaps(self) -> Customer | None: ...

    @Verb("GET")("find_bare", "/bare", root="customer", envelope_optional=True)
    async def bare(self) -> Customer: ...

    @Verb("GET")("find_sibling", "/sibling", root="subscription", response_sibling="authorization")
    async def sibling(self) -> Subscription: ...

    @Verb("GET")("find_rootless", "/rootless")
    async def rootless(self) -> Customer: ...


def endpoint(name: str) -> Endpoint:
    return row_of(getattr(Things, name)).endpoint


def encode(name: str, *args: object, **kwargs: object) -> Request:
    return endpoint(name).encode(args, kwargs)


def response(name: str, body: bytes | object, status: int = 200) -> Response:
    wire = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(Request(endpoint(name), "/target", None, repeatable=True), status, {}, wire, "req_1", 1, False)


def read(name: str, body: bytes | object, status: int = 200) -> Any:
    """Decode both ways, which must agree."""
    asked = response(name, body, status)
    found = endpoint(name).decode(asked)
    assert asyncio.run(endpoint(name).adecode(asked)) == found
    return found


@pytest.mark.parametrize(
    ("owner", "code", "target"),
    [
        ("o", "c", "/owners/o/things/c/parts"),
        ("a b", "c", "/owners/a%20b/things/c/parts"),
        ("o", "x/y.z", "/owners/o/things/x%2Fy%2Ez/parts"),
        ("...", "%2E", "/owners/%2E%2E%2E/things/%252E/parts"),
        ("ü", "?#", "/owners/%C3%BC/things/%3F%23/parts"),
    ],
)
def test_ids_fill_the_path_in_its_order(owner: str, code: str, target: str) -> None:
    request = encode("find", owner, code)
    assert (request.target, request.body, request.repeatable) == (target, None, True)
    assert request.endpoint is endpoint("find")
    assert encode("find", code=code, owner=owner) == request


@pytest.mark.parametrize(
    ("args", "complaint"),
    [
        (("", "c"), "owner must not be ''; give the id of an existing object"),
        (("o", "."), "code must not be '.'; give the id of an existing object"),
        (("o", ".."), "code must not be '..'; give the id of an existing object"),
        ((None, "c"), "owner must be a string, not NoneType"),
        (("o", 5), "code must be a string, not int"),
        (("o", "\ud800"), "code has a lone surrogate, which a URL cannot hold"),
    ],
)
def test_an_id_that_cannot_be_sent_is_refused_by_name(args: tuple[object, ...], complaint: str) -> None:
    with pytest.raises(LagoArgumentError, match=f"^find_thing: {re.escape(complaint)}$"):
        encode("find", *args)


@pytest.mark.parametrize(
    ("kwargs", "query"),
    [
        ({"kind": "a"}, "?kind=a"),
        ({"kind": "a", "new": "b c"}, "?kind=a&new=b%20c"),
        ({"kind": "a", "new": ""}, "?kind=a&new="),
    ],
)
def test_a_query_holds_what_was_given_and_nothing_else(kwargs: dict[str, object], query: str) -> None:
    assert encode("find_all", **kwargs).target == "/things" + query
    with pytest.warns(DeprecationWarning, match="find_thing"):
        assert encode("find_old", "c").target == "/old/c"


@pytest.mark.parametrize(
    ("kwargs", "complaint"),
    [
        ({"kind": ""}, "kind must be a string and not empty"),
        ({"kind": None}, "kind must be a string, not None"),
        ({"kind": 5}, "kind must be a string, not 5"),
        ({"kind": "\ud800"}, "kind must be a string, not '\\ud800'"),
        ({"kind": "a", "new": 5}, "new must be a string, not 5"),
    ],
)
def test_a_parameter_that_cannot_be_sent_is_refused_by_name(kwargs: dict[str, object], complaint: str) -> None:
    with pytest.raises(LagoArgumentError, match=f"^list_things: {re.escape(complaint)}$"):
        encode("find_all", **kwargs)
    with pytest.raises(LagoArgumentError, match="^search_things: flag must be True or False, not ''$"):
        encode("search", flag="")


def test_what_is_deprecated_warns_of_itself_only_when_it_is_used() -> None:
    with pytest.warns(DeprecationWarning, match="^find_old is deprecated: use find_thing$"):
        encode("find_old", "c", thing="1")
    with pytest.warns(DeprecationWarning, match="instead of old") as caught:
        encode("find_all", kind="a", new="b", old="c", older="d")
    assert [str(each.message) for each in caught] == [
        "list_things: use new instead of old",
        "list_things: use newer instead of older",
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        encode("find_all", kind="a", new="b")
        encode("find", "o", "c")
        assert encode("search", text="", flag=True).target == "/search?text=&flag=true"


CUSTOMER = CustomerInput(external_id="c")
PLAN = {
    "name": "P",
    "code": "p",
    "interval": "monthly",
    "amount_cents": 5,
    "amount_currency": "EUR",
    "pay_in_advance": False,
}


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "body", "repeatable"),
    [
        ("create", (CUSTOMER,), {}, {"customer": {"external_id": "c"}}, False),
        ("create_again", (CUSTOMER,), {}, {"customer": {"external_id": "c"}}, True),
        ("create_again", ({"external_id": "c"},), {}, {"customer": {"external_id": "c"}}, False),
        ("create_all", ([CUSTOMER],), {}, {"customers": [{"external_id": "c"}]}, False),
        ("update", ("a", {"x": {"y": 1}}), {}, {"customer": {"x": {"y": 1}}}, True),
        ("update", ("a", {}), {}, {"customer": {}}, True),
        ("update", ("a",), {}, None, True),
        ("create_two", (CUSTOMER,), {}, {"customer": {"external_id": "c"}}, False),
        ("create_two", (CUSTOMER,), {"plan": PLAN}, {"customer": {"external_id": "c"}, "plan": PLAN}, False),
        (
            "create_two",
            (CUSTOMER,),
            {"plan": PLAN, "other": {"external_id": "d"}},
            {"customer": {"external_id": "c"}, "plan": PLAN, "other": {"external_id": "d"}},
            False,
        ),
    ],
)
def test_a_body_is_sent_in_its_envelope_with_its_siblings(
    name: str, args: tuple[object, ...], kwargs: dict[str, object], body: object, repeatable: bool
) -> None:
    request = encode(name, *args, **kwargs)
    assert (None if request.body is None else json.loads(request.body)) == body
    assert request.repeatable is repeatable


@pytest.mark.parametrize(
    ("name", "args", "kwargs", "complaint"),
    [
        ("create", ({"external_id": 5},), {}, "create_thing: customer.external_id: expected str, got int"),
        ("create", (None,), {}, "create_thing: expected a CustomerInput or a mapping, got NoneType"),
        ("create_two", (CUSTOMER,), {"other": {}}, "create_two: CustomerInput.external_id is missing"),
    ],
)
def test_a_body_that_does_not_fit_is_refused(
    name: str, args: tuple[object, ...], kwargs: dict[str, object], complaint: str
) -> None:
    with pytest.raises(LagoArgumentError, match=f"^{re.escape(complaint)}$"):
        encode(name, *args, **kwargs)


FOUND = {"customer": {"external_id": "c"}}


@pytest.mark.parametrize("padding", [0, LARGE])
def test_a_response_is_read_as_the_row_declares(padding: int) -> None:
    pad = {"x": "y" * padding} if padding else {}
    assert read("find", {**FOUND, **pad}).external_id == "c"
    assert read("bare", {"external_id": "c", "lago_id": "1", **pad}).external_id == "c"
    assert read("perhaps", {**FOUND, **pad}).external_id == "c"
    body = {"subscription": {"external_id": "s"}, "authorization": {"id": "a"}, **pad}
    found = read("sibling", body)
    assert (found.external_id, found.authorization.id) == ("s", "a")
    page = read("find_all", {"customers": [{"external_id": "c"}], "meta": {"current_page": 1}, **pad})
    assert page == Page([Customer(external_id="c")], PageMeta(current_page=1))  # type: ignore[call-arg]  # a response may lack any field
    assert [customer.external_id for customer in read("create_all", {"customers": [{"external_id": "c"}], **pad})] == [
        "c"
    ]
    assert read("destroy", {**FOUND, **pad}) is None
    assert read("text", b"a\xffb" + b"c" * padding) == "a\ufffdb" + "c" * padding


@pytest.mark.parametrize("body", [b"", b"  \n", b" " * LARGE])
def test_a_result_that_may_be_missing_is_none_for_an_empty_body(body: bytes) -> None:
    assert read("perhaps", body) is None
    assert read("destroy", body) is None
    with pytest.raises(LagoDecodeError, match="an empty response"):
        read("text", body)


@pytest.mark.parametrize("padding", [0, 100_000, LARGE])
def test_a_success_that_cannot_be_read_is_an_error_with_its_reason(padding: int) -> None:
    body = b'{"other":1,"x":"' + b"y" * padding + b'"}'
    for decode in (endpoint("find").decode, lambda asked: asyncio.run(endpoint("find").adecode(asked))):
        with pytest.raises(LagoDecodeError, match="200 with no 'customer' in the response: find_thing") as caught:
            decode(response("find", body))
        assert caught.value.body == body
        with pytest.raises(LagoDecodeError, match="200 with a response that is not JSON"):
            decode(response("find", b"<" + body))
        with pytest.raises(NotFoundError, match="404"):
            decode(response("find", body, 404))
    with pytest.raises(LagoDecodeError, match="an empty response"):
        read("find", b" " * padding)


def test_a_result_without_an_envelope_is_a_mistake_of_the_row() -> None:
    with pytest.raises(TypeError, match=r"^find_rootless: a result of <class '.*Customer'> needs a root$"):
        read("rootless", FOUND)


def test_a_row_is_compiled_once_and_so_is_its_reader() -> None:
    assert endpoint("find") is endpoint("find")
    assert endpoint("find")._envelope is endpoint("find")._envelope
    assert endpoint("find")._literals == ("/owners/", "/things/", "/parts")
    assert not {"_bind", "_own_repeat"} & set(re.findall(r"\w+", repr(endpoint("find"))))


@pytest.mark.parametrize(
    ("name", "whole", "content"),
    [
        ("find", {"customer": {"external_id": "c"}, "x": 1}, {"external_id": "c"}),
        ("find", {"other": 1}, None),
        ("find", ["customer"], ["customer"]),
        ("destroy", {"customer": 1}, {"customer": 1}),
        ("text", "text", "text"),
        ("bare", {"lago_id": "1"}, {"lago_id": "1"}),
        ("find_all", {"customers": [1], "meta": {"total_count": 1}}, {"items": [1], "meta": {"total_count": 1}}),
        ("sibling", {"subscription": {"a": 1}, "authorization": 2, "x": 3}, {"a": 1, "authorization": 2}),
        ("sibling", {"subscription": {"a": 1}}, {"a": 1, "authorization": None}),
        ("sibling", {"subscription": None, "authorization": 2}, None),
    ],
)
def test_the_json_of_a_result_has_the_names_of_its_fields(name: str, whole: Any, content: Any) -> None:
    assert endpoint(name).content_in(whole) == content


@pytest.mark.parametrize("padding", [0, LARGE])
def test_another_page_than_the_one_asked_for_is_refused_by_both_readers(padding: int) -> None:
    body = {"customers": [], "meta": {"current_page": 2}, "x": "y" * padding}
    for decode in (endpoint("find_all").decode, lambda asked: asyncio.run(endpoint("find_all").adecode(asked))):
        with pytest.raises(LagoPageError, match="200 with page 2 instead of page 1: list_things"):
            decode(response("find_all", body))


def test_only_a_row_that_says_so_has_results_without_an_envelope_and_oddities_name_the_operation(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with pytest.raises(LagoDecodeError, match="no 'customer' in the response"):
        read("find", {"lago_id": "1", "external_id": "c"})
    assert endpoint("find").decode(response("find", {"customer": {"name": []}})).name is None
    assert caplog.messages == ["find_thing: Customer.name: a JSON array cannot be read as str and is None"]


async def test_a_repeat_that_is_refused_is_settled_if_its_row_has_a_rule_for_that() -> None:
    asked: list[str] = []

    async def send(request: Request) -> Response:
        asked.append(request.target)
        return Response(request, 404, {}, b"{}", "req_2", 1, False)

    details = {"code": "validation_errors", "error_details": {"transaction_id": ["value_already_exist"]}}
    refused = response("create", details, 422)
    assert await endpoint("create").settle(refused, send) is refused
    assert asked == []
    event = ENDPOINTS["create_event"]
    request = event.encode(({"transaction_id": "t", "external_subscription_id": "s", "code": "c"},), {})
    settled = await event.settle(Response(request, 422, {}, refused.body, "req_1", 2, True), send)
    assert asked == ["/events/t"]
    assert settled.status_code == 422
    assert settled.note


def test_a_time_without_a_zone_in_a_query_is_refused_by_the_name_of_its_parameter() -> None:
    naive = datetime(2026, 1, 1)  # noqa: DTZ001
    with pytest.raises(LagoArgumentError, match="^find_all_activity_logs: from_date: the datetime has no time zone"):
        ENDPOINTS["find_all_activity_logs"].encode((), {"from_date": naive})


def test_an_integer_that_is_too_long_to_be_written_is_refused_without_its_digits() -> None:
    with pytest.raises(
        LagoArgumentError, match="^find_all_customers: page must be an integer of 1 or more, not a value of type int$"
    ):
        ENDPOINTS["find_all_customers"].encode((), {"page": -(10**5_000)})
