"""Any operation of the server can be called, also one that the table does not have: on both faces, over a socket."""

import datetime as dt
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import LagoArgumentError, LagoConnectionError, LagoDecodeError, NotFoundError, RetryPolicy
from lago_async._table.door import plain_request
from tests.conftest import Face, NewFace
from tests.wire import answer, answering

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


async def test_an_operation_that_the_sandbox_does_not_know_is_refused_by_it(face: Face) -> None:
    with pytest.raises(NotFoundError, match="resource_not_found"):
        await face.run(face.client.request, "GET", "/unheard_of")
