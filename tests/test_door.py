"""Any operation of the server can be called, also one that the table does not have: on both faces, over a socket."""

import datetime as dt
import re
import warnings
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import (
    LagoArgumentError,
    LagoConnectionError,
    LagoDecodeError,
    LagoTimeoutError,
    NotFoundError,
    RetryPolicy,
)
from lago_async._registry import ENDPOINTS
from lago_async._table.door import plain_request
from lago_async._table.endpoint import Endpoint
from lago_async._table.query import ParameterType, QueryParameter
from tests.conftest import Face, NewFace
from tests.wire import Line, Wire, answer, answering

QUICK = RetryPolicy(max_retries=3, base_delay=0.0)


def line(request: bytes) -> str:
    return request.split(b"\r\n")[0].decode()


async def test_it_reaches_what_the_table_has_too(face: Face) -> None:
    created = await face.run(face.client.request, "POST", "/customers", body={"customer": {"external_id": "a.b/c"}})
    found = await face.run(face.client.request, "GET", "/customers/{external_id}", external_id="a.b/c")
    assert found.data["customer"] == created.data["customer"]
    assert (found.status_code, bool(found.request_id)) == (200, True)


async def test_an_error_names_the_operation_and_is_that_of_its_status(face: Face) -> None:
    with pytest.raises(NotFoundError, match=r"customer_not_found: GET /customers/\{id\} 'nobody'") as failure:
        await face.run(face.client.request, "GET", "/customers/{id}", id="nobody")
    assert failure.value.operation == "GET /customers/{id}"


async def test_each_version_is_below_the_same_base_url(new_face: NewFace) -> None:
    with answering(lambda *_: answer({"products": []})) as wire:
        face = await new_face(api_key="key", base_url=f"{wire.url}/lago")
        info = await face.run(
            face.client.request,
            "GET",
            "/products/{code}/filters",
            code="a.b",
            version="v2",
            query={"page": 2, "status": ["draft", "voided"], "metadata": {"k": "v"}, "all": True},
        )
    assert info.data == {"products": []}
    target = "/lago/api/v2/products/a%2Eb/filters?page=2&status[]=draft&status[]=voided&metadata[k]=v&all=true"
    assert line(wire.requests[0]) == f"GET {target} HTTP/1.1"


@pytest.mark.parametrize(
    ("method", "repeatable", "requests"),
    [
        *((method, None, 3) for method in ("GET", "PUT", "PATCH", "DELETE")),
        ("POST", None, 1),
        ("POST", True, 3),
        ("PUT", False, 1),
    ],
)
async def test_a_call_is_repeated_only_where_that_is_safe(
    new_face: NewFace, method: str, repeatable: bool | None, requests: int
) -> None:
    with answering(lambda n, _: None if n < 3 else answer({})) as wire:
        face = await new_face(api_key="key", base_url=wire.url, max_retries=QUICK)
        call = face.run(face.client.request, method, "/things/{id}", id="1", repeatable=repeatable)
        if requests == 1:
            with pytest.raises(LagoConnectionError, match="MAY HAVE BEEN CARRIED OUT"):
                await call
        else:
            assert (await call).data == {}
    assert len(wire.requests) == requests


def say_nothing(line: Line) -> None:
    """Read a request, and then wait for the end of the connection."""
    while line.read():
        pass


async def test_it_has_the_time_limit_and_the_waits_of_any_call(new_face: NewFace) -> None:
    limited = answer({}, status="429 Too Many Requests", headers=["Retry-After: 0"])
    with answering(lambda n, _: limited if n < 3 else answer({"n": n})) as wire:
        face = await new_face(api_key="key", base_url=wire.url, max_retries=QUICK)
        assert (await face.run(face.client.request, "POST", "/things", body={"thing": {}})).data == {"n": 3}
    with Wire(say_nothing) as wire:
        face = await new_face(api_key="key", base_url=wire.url, timeout=0.05)
        with pytest.raises(LagoTimeoutError, match=r"GET /things/\{id\}"):
            await face.run(face.client.request, "GET", "/things/{id}", id="1")


async def test_a_response_that_is_not_json_keeps_its_status(new_face: NewFace) -> None:
    with answering(lambda n, _: answer(b"" if n == 1 else b"<html>")) as wire:
        face = await new_face(api_key="key", base_url=wire.url)
        assert (await face.run(face.client.request, "GET", "/things")).data is None
        with pytest.raises(LagoDecodeError, match="GET /things"):
            await face.run(face.client.request, "GET", "/things")


def encoded(path: Any, values: Mapping[str, Any] | None = None, *, method: Any = "GET", **options: Any) -> str:
    rest: dict[str, Any] = {"query": None, "body": None, "version": "v1", "repeatable": None, **options}
    return plain_request(method, path, values or {}, **rest).target


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ({"path": "customers"}, "path must be like '/quotes/{id}'"),
        ({"path": "/customers/john@acme.com"}, "ids are in braces"),
        ({"path": "/customers/../plans"}, "ids are in braces"),
        ({"path": "/customers?page=1"}, "path must be like"),
        ({"path": "/customers/"}, "path must be like"),
        ({"path": ""}, "path must be like"),
        ({"path": 3}, "path must be like"),
        ({"path": "/customers/{id}"}, "values for the path must be id, not none"),
        ({"path": "/customers", "values": {"id": "1"}}, "values for the path must be none, not id"),
        ({"path": "/customers/{id}", "values": {"id": ""}}, "id must not be ''"),
        ({"path": "/customers/{id}", "values": {"id": 3}}, "id must be a string"),
        ({"path": "/customers", "method": "HEAD"}, "method must be one of GET"),
        ({"path": "/customers", "version": "v3"}, "version must be one of v1, v2"),
        ({"path": "/x/{version}", "values": {}}, "{version} in the path has the name of another argument"),
        ({"path": "/x/{query}/{body}"}, "give it any other name, such as {body_id}"),
        ({"path": "/customers", "query": [("a", "b")]}, "query must be a mapping of names to values"),
        ({"path": "/customers", "repeatable": "no"}, "repeatable must be True, False or None"),
        ({"path": "/customers", "query": {"a&b": "1"}}, "query parameter 'a&b'"),
        ({"path": "/customers", "query": {"a": []}}, "query parameter 'a'"),
        ({"path": "/customers", "query": {"a": None}}, "query parameter 'a'"),
        ({"path": "/customers", "query": {"a": 1.5}}, "query parameter 'a'"),
        ({"path": "/customers", "query": {"a": dt.datetime(2026, 1, 1)}}, "datetime with a time zone"),  # noqa: DTZ001
        ({"path": "/customers", "body": {"a": object()}}, "object"),
        ({"path": "/customers", "body": [1]}, "expected a mapping"),
    ],
)
def test_a_call_that_cannot_be_meant_is_refused_before_it_is_sent(call: dict[str, Any], message: str) -> None:
    with pytest.raises(LagoArgumentError) as failure:
        encoded(**call)
    assert message in str(failure.value)


@given(value=st.text(min_size=1).filter(lambda text: text not in (".", "..")))
def test_any_value_is_one_segment_of_the_path_and_comes_back_as_it_was(value: str) -> None:
    try:
        target = encoded("/things/{id}/parts", {"id": value})
    except LagoArgumentError as error:
        assert "surrogate" in str(error)
        return
    _, things, segment, parts = target.split("/")
    assert (things, unquote(segment), parts) == ("things", value, "parts")
    assert "." not in segment


class Unshowable(str):
    """Text whose repr fails, as that of a lazy object may."""

    __slots__ = ()

    def __repr__(self) -> str:
        raise RuntimeError


NESTED: list[Any] = []
for _ in range(5_000):
    NESTED = [NESTED]

ODD = st.one_of(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=5) | st.binary(),
    st.datetimes() | st.dates() | st.decimals() | st.uuids(),
    st.sampled_from([object(), Unshowable("x"), NESTED, "x" * 100_000, range(3), {1: "a"}, ("a", 1), iter([])]),
)
ODD_PARTS = ODD | st.lists(ODD, max_size=2) | st.dictionaries(st.text(max_size=3), ODD, max_size=2)


@given(
    method=ODD | st.just("GET"),
    path=ODD | st.just("/things/{id}"),
    value=ODD | st.just("1"),
    query=ODD_PARTS | st.dictionaries(st.text(max_size=3), ODD_PARTS, max_size=2),
    body=ODD_PARTS,
    version=ODD | st.just("v1"),
    repeatable=ODD | st.none(),
)
def test_whatever_is_passed_is_a_request_or_one_line_that_says_why_not(
    method: Any, path: Any, value: Any, query: Any, body: Any, version: Any, repeatable: Any
) -> None:
    options: dict[str, Any] = {"query": query, "body": body, "version": version, "repeatable": repeatable}
    try:
        target = encoded(path, {"id": value}, method=method, **options)
    except LagoArgumentError as error:
        assert str(error).isprintable()
        assert len(str(error)) < 1_000
    else:
        assert re.fullmatch(r"/things/[A-Za-z0-9_~%-]+(\?[A-Za-z0-9_~.%&=\[\]-]+)?", target)


@given(parameter=st.sampled_from([(row, each) for row in ENDPOINTS.values() for each in row.query]), value=ODD_PARTS)
def test_whatever_is_passed_to_a_filter_is_a_request_or_one_line_that_says_why_not(
    parameter: tuple[Endpoint, QueryParameter], value: Any
) -> None:
    endpoint, filtered = parameter
    needed: dict[str, Any] = {
        each.name: "x" if each.type is ParameterType.STRING else dt.date(2026, 1, 1)
        for each in endpoint.query
        if each.required
    }
    ids = ["x" for _ in endpoint.path_params]
    bodies: list[Any] = [] if endpoint.body is None else [{}]
    with warnings.catch_warnings(action="ignore"):
        try:
            endpoint.encode((*ids, *bodies), {**needed, filtered.name: value})
        except LagoArgumentError as error:
            assert str(error).isprintable()
            assert len(str(error)) < 1_000


async def test_an_operation_that_the_sandbox_does_not_know_is_refused_by_it(face: Face) -> None:
    with pytest.raises(NotFoundError, match="resource_not_found"):
        await face.run(face.client.request, "GET", "/unheard_of")
