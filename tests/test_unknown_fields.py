"""Fields that a newer server sends and no model has yet, on both faces: they are reached, at no cost for others."""

import copy
import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import HttpInfo, LagoArgumentError, LagoDecodeError
from lago_async._codec.unknown_fields import UnknownFields
from lago_async._registry import ENDPOINTS
from lago_async._table.http_info import http_info
from lago_async._table.messages import Request, Response
from tests.conftest import Face, NewFace
from tests.contract.recordings import exchanges
from tests.wire import Wire, answer, answering

CUSTOMER = {
    "lago_id": "1",
    "external_id": "cus_1",
    "loyalty": {"level": 3, "since": "2031-01-01"},
    "billing_configuration": {"document_locale": "fr", "carbon_neutral": True},
    "metadata": [{"lago_id": "2", "key": "k", "value": "v", "locked": None}, {"lago_id": "3", "key": "l"}],
}
META = {"current_page": 1, "next_page": None, "cursor": "abc"}


@pytest.fixture
def newer() -> Iterator[Wire]:
    """Run a server of a later version."""

    def reply(number: int, request: bytes) -> bytes:
        target = request.split(b" ")[1].decode()
        if target.endswith("/customers/cus_1"):
            return answer({"customer": CUSTOMER, "took": 0.25})
        page = 2 if "page=2" in target else 1
        meta = {**META, "current_page": page, "next_page": 2 if page == 1 else None}
        return answer({"customers": [{**CUSTOMER, "rank": page}, {"lago_id": "9"}], "meta": meta, "facets": [page]})

    with answering(reply) as wire:
        yield wire


@pytest.fixture
async def face(new_face: NewFace, newer: Wire) -> Face:
    return await new_face(api_key="key", base_url=newer.url, max_retries=0)


async def test_each_object_of_a_response_has_its_own_unknown_fields(face: Face) -> None:
    info = await face.with_http_info("customers.find", "cus_1")
    customer = info.data
    assert info.extra(customer) == {"loyalty": {"level": 3, "since": "2031-01-01"}}
    assert info.extra(customer.billing_configuration) == {"carbon_neutral": True}
    assert [info.extra(pair) for pair in customer.metadata] == [{"locked": None}, {}]
    assert info.json() == {"customer": CUSTOMER, "took": 0.25}
    assert info.response.attempts == 1


async def test_the_items_of_a_page_and_the_page_itself_have_theirs(face: Face) -> None:
    info = await face.with_http_info("customers.find_all")
    assert [sorted(info.extra(customer)) for customer in info.data] == [["loyalty", "rank"], []]
    assert info.extra(info.data) == {"facets": [1]}
    assert info.extra(info.data.meta) == {"cursor": "abc"}
    assert info.extra(info.data.items[0].metadata[0]) == {"locked": None}


async def test_a_walk_gives_each_page_with_its_response(face: Face) -> None:
    pager = face.operation("customers.find_all")(per_page=7)
    if face.name == "async":
        infos = [info async for info in pager.pages_with_http_info()]
    else:
        infos = await face.run(lambda: list(pager.pages_with_http_info()))
    assert [info.extra(info.data.items[0])["rank"] for info in infos] == [1, 2]
    assert [info.status_code for info in infos] == [200, 200]
    assert infos[0].request_id != infos[1].request_id


async def test_an_object_of_elsewhere_is_refused_by_its_type(face: Face) -> None:
    info = await face.with_http_info("customers.find", "cus_1")
    other = await face.with_http_info("customers.find", "cus_1")
    for stranger in (other.data, copy.copy(info.data), "cus_1", None, info.data.metadata):
        with pytest.raises(LagoArgumentError, match=r"^extra: .* is not an object of this response: pass data, or"):
            info.extra(stranger)


async def test_an_object_that_has_moved_is_not_taken_for_another(face: Face) -> None:
    info = await face.with_http_info("customers.find_all")
    first, second = info.data.items
    info.data.items.reverse()
    for customer in (first, second):
        with pytest.raises(LagoArgumentError, match="ask before you change or sort them"):
            info.extra(customer)
    assert info.extra(info.data) == {"facets": [1]}
    shorter = await face.with_http_info("customers.find_all")
    del shorter.data.items[0]
    with pytest.raises(LagoArgumentError):
        shorter.extra(shorter.data.items[0])
    late = await face.with_http_info("customers.find_all")
    assert late.extra(late.data.items[0])["rank"] == 1
    late.data.items.reverse()
    assert late.extra(late.data.items[1])["rank"] == 1, "what was compared once stays known"


async def test_what_is_returned_may_be_changed(face: Face) -> None:
    info = await face.with_http_info("customers.find", "cus_1")
    info.extra(info.data).clear()
    assert info.extra(info.data).keys() == {"loyalty"}


async def test_the_door_gives_all_of_the_json_anyway(face: Face) -> None:
    info = await face.run(face.client.request, "GET", "/customers/{id}", id="cus_1")
    assert info.json() == info.data == {"customer": CUSTOMER, "took": 0.25}
    with pytest.raises(LagoArgumentError):
        info.extra(info.data)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
async def test_json_of_a_body_that_is_none_is_an_error_with_the_response(new_face: NewFace) -> None:
    with answering(lambda number, _: answer(b"key" if number == 1 else b" ")) as wire:
        face = await new_face(api_key="key", base_url=wire.url, max_retries=0)
        info = await face.with_http_info("webhooks.fetch_public_key")
        with pytest.raises(LagoDecodeError, match="not JSON") as failure:
            info.json()
        assert failure.value.body == b"key"
        empty = await face.with_http_info("invoices.resend_email", "1", {})
        assert empty.json() is None


def read(name: str, body: Any) -> HttpInfo[Any]:
    endpoint = ENDPOINTS[name]
    response = Response(Request(endpoint, "/x", None, True), 200, {}, json.dumps(body).encode(), "id", 1, False)
    return http_info(endpoint.decode(response), response)


def test_other_envelopes_and_members_next_to_them_are_known() -> None:
    bare = read("find_payment", {"lago_id": "1", "novel": 1})
    assert bare.extra(bare.data) == {"novel": 1}
    one = read("destroy_subscription_entitlement", {"entitlement": {"code": "seats", "novel": 2}})
    assert one.extra(one.data[0]) == {"novel": 2}
    beside = read("create_subscription", {"subscription": {"lago_id": "1"}, "authorization": {"id": "a", "novel": 3}})
    assert beside.extra(beside.data) == {}
    assert beside.extra(beside.data.authorization) == {"novel": 3}
    spelled = read("find_quote_version", {"quote_version": {"billing_items": {"addOns": [{"localId": "1", "new": 4}]}}})
    assert spelled.extra(spelled.data.billing_items.add_ons[0]) == {"new": 4}


def test_a_response_that_is_not_as_declared_has_its_unknown_fields_too() -> None:
    info = read("find_customer", {"customer": {"net_payment_term": "soon", "novel": 1, "metadata": [7, {"novel": 2}]}})
    assert info.data.net_payment_term is None
    assert info.extra(info.data) == {"novel": 1}
    assert info.extra(info.data.metadata[1]) == {"novel": 2}


# --- any response -----------------------------------------------------------------------------------------------------

FIRST = {exchange.operation: exchange for exchange in reversed(exchanges()) if exchange.status == 200}
RECORDED = {name: exchange for name, exchange in FIRST.items() if name in ENDPOINTS and exchange.response}


def planted(json: Any, read: Any, counter: Iterator[int]) -> Any:
    """Return JSON with an unknown field in every object that was read as a model."""
    if isinstance(json, list) and isinstance(read, list):
        return [planted(*pair, counter) for pair in zip(json, read, strict=True)]
    if isinstance(json, dict) and isinstance(read, dict):
        return {name: planted(value, read[name], counter) for name, value in json.items()}
    if isinstance(json, dict) and attrs.has(type(read)):
        members = {name: planted(value, getattr(read, name, None), counter) for name, value in json.items()}
        return {**members, "novel": next(counter)}
    return json


def objects_in(value: Any) -> Iterator[Any]:
    """Yield every object of a model inside a result."""
    if isinstance(value, list):
        for item in value:
            yield from objects_in(item)
    elif isinstance(value, dict):
        yield from objects_in(list(value.values()))
    elif attrs.has(type(value)):
        yield value
        yield from objects_in([getattr(value, field.name) for field in attrs.fields(type(value))])


def test_in_any_recorded_response_every_object_has_exactly_what_was_planted_in_it() -> None:
    counted: Counter[str] = Counter()
    for name, exchange in RECORDED.items():
        endpoint = ENDPOINTS[name]
        if endpoint.root is None or not isinstance(exchange.response, dict) or endpoint.root not in exchange.response:
            continue
        request, numbers = Request(endpoint, exchange.target, None, True), iter(range(10**6))
        plain = endpoint.decode(Response(request, 200, {}, exchange.body, "id", 1, False))
        content = exchange.response[endpoint.root]
        body = {**exchange.response, endpoint.root: planted(content, plain.items if endpoint.paged else plain, numbers)}
        if endpoint.paged:
            body = {**body, "meta": planted(body["meta"], plain.meta, numbers), "novel": next(numbers)}
        response = Response(request, 200, {}, json.dumps(body).encode(), "id", 1, False)
        info = http_info(endpoint.decode(response), response)
        found = [info.extra(obj)["novel"] for obj in objects_in(info.data)]
        assert all(info.extra(obj).keys() == {"novel"} for obj in objects_in(info.data))
        assert len(set(found)) == len(found), "each object has its own"
        counted[name] = len(found)
    assert len(counted) > 150
    assert counted["find_invoice"] > 3


@given(
    st.recursive(st.integers() | st.lists(st.integers(), max_size=2), lambda inner: st.dictionaries(st.text(), inner))
)
def test_no_json_fits_a_result_so_badly_that_it_fails(sent: Any) -> None:
    customer = read("find_customer", {"customer": CUSTOMER}).data
    found = UnknownFields([customer, {"x": customer}], [sent, sent]).of(customer)
    assert found is None or isinstance(sent, dict)


def test_json_of_any_depth_is_compared() -> None:
    deep: Any = []
    for _ in range(50_000):
        deep = [deep]
    assert UnknownFields(deep, deep).of(deep) is None
