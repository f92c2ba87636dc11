"""The requests that we write ourselves are those that the library would write, byte for byte."""

import asyncio
import re
import string
from collections.abc import Iterator

import aiohttp
import pytest
from aiohttp.http import HttpVersion10
from hypothesis import example, given
from hypothesis import strategies as st
from multidict import CIMultiDict
from yarl import URL

from lago_async import LagoClient, LagoConnectionError
from lago_async._net import connections
from lago_async._net.direct_request import _LONGEST, DirectRequest, request_class
from lago_async.models import Json
from tests.wire import Wire, answer, answering

ALWAYS = {"Accept": "application/json", "Accept-Encoding": "gzip", "User-Agent": "lago-async"}
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]

words = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=12)
values = st.text(st.characters(min_codepoint=0x20, exclude_characters="\x7f", exclude_categories=["Cs"]), max_size=30)
own_headers = st.dictionaries(words.map("X-{}".format), values, max_size=4)
targets = st.text(string.ascii_letters + string.digits + "/._-~%", max_size=20).map(lambda path: f"/{path}?per_page=1")
bodies = st.one_of(
    st.none(), st.just(b""), st.binary(max_size=200), st.integers(65_530, 65_540).map(lambda n: b"a" * n)
)


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    """Run a server that answers everything, and keeps what it was sent."""
    with answering(lambda _number, request: answer(b"" if request.startswith(b"HEAD") else b"{}")) as server:
        yield server


def written(
    wire: Wire, kind: type[aiohttp.ClientRequest], method: str, target: str, headers: dict[str, str], body: bytes | None
) -> bytes:
    """Return the bytes of a request."""

    async def send() -> None:
        async with (
            aiohttp.ClientSession(request_class=kind, headers=ALWAYS) as session,
            session.request(method, URL(wire.url + target, encoded=True), headers=headers, data=body) as response,
        ):
            await response.read()

    asyncio.run(send())
    return wire.requests.pop()


@given(st.sampled_from(METHODS), targets, own_headers, bodies)
@example("POST", "/", {"Content-Type": "application/json"}, b"{}")
@example("POST", "/", {}, None)
@example("DELETE", "/", {}, None)
def test_it_writes_the_bytes_that_the_library_would_write(
    wire: Wire, method: str, target: str, headers: dict[str, str], body: bytes | None
) -> None:
    ours = written(wire, DirectRequest, method, target, headers, body)
    assert ours == written(wire, aiohttp.ClientRequest, method, target, headers, body)


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("body", [None, {"customer": {"external_id": "cus_é"}}, {"large": "a" * _LONGEST}])
def test_a_client_sends_what_it_would_send_with_the_request_of_the_library(
    wire: Wire, monkeypatch: pytest.MonkeyPatch, method: str, body: dict[str, Json] | None
) -> None:
    async def send() -> bytes:
        async with LagoClient(api_key="key", base_url=f"{wire.url}/api/v1") as client:
            await client.request(method, "/customers/{id}", id="a b", body=body)  # type: ignore[arg-type]
        return re.sub(rb"(?<=X-Request-Id: )\w+", b"id", wire.requests.pop())

    ours = asyncio.run(send())
    monkeypatch.setattr(connections, "request_class", lambda: aiohttp.ClientRequest)
    assert ours == asyncio.run(send())


@pytest.mark.parametrize("value", ["a\r\nX-Injected: 1", "a\nb", "\0"])
def test_a_header_with_a_control_character_is_refused_before_anything_is_written(wire: Wire, value: str) -> None:
    with pytest.raises(ValueError, match="header"):
        written(wire, DirectRequest, "GET", "/", {"X-A": value}, None)
    assert not wire.requests


def test_every_request_of_a_client_is_written_directly(wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: aiohttp.ClientRequest, *_: object, **__: object) -> None:
        raise AssertionError("the library's own request")

    monkeypatch.setattr(aiohttp.ClientRequest, "__init__", refuse)

    async def send() -> None:
        async with LagoClient(api_key="key", base_url=f"{wire.url}/api/v1") as client:
            await client.request("GET", "/customers")
            await client.request("DELETE", "/customers/1")
            await client.request("POST", "/customers", body={"customer": {"external_id": "cus_1"}})
            with pytest.raises(LagoConnectionError, match="own request"):
                await client.request("POST", "/customers", body={"large": "a" * _LONGEST})

    asyncio.run(send())


async def is_direct(**given: object) -> bool:
    """Tell whether a request with these properties is written directly."""
    async with aiohttp.ClientSession(request_class=DirectRequest) as session:
        headers = session._prepare_headers({"Content-Type": "application/json"})
        plain = {"headers": headers, "loop": session._loop, "session": session}
        request = DirectRequest("POST", URL("http://127.0.0.1/"), **{**plain, **given})  # type: ignore[arg-type]
        return request._direct is not None


@pytest.mark.parametrize(
    "given_",
    [
        {"data": "text"},
        {"data": bytes(_LONGEST + 1)},
        {"data": b"a", "headers": CIMultiDict({"X-A": "b"})},
        {"proxy": URL("http://127.0.0.1:1")},
        {"cookies": {"a": "b"}},
        {"compress": "gzip"},
        {"chunked": True},
        {"expect100": True},
        {"params": {"a": "b"}},
        {"server_hostname": "name"},
        {"version": HttpVersion10},
        {"headers": {"Content-Type": "application/json"}},
        {"session": None},
        {"loop": None},
    ],
    ids=" and ".join,
)
async def test_a_request_with_more_than_we_know_is_the_library_s_own(given_: dict[str, object]) -> None:
    assert await is_direct(data=bytes(_LONGEST))
    assert not await is_direct(**given_)


def test_with_another_version_of_the_library_requests_are_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert request_class() is DirectRequest, (
        "this version of aiohttp is new to DirectRequest: run these tests with it, compare the two classes, and add it"
    )
    for version in ("3.15.0", "4.0.0", "3.140.0"):
        monkeypatch.setattr(aiohttp, "__version__", version)
        assert request_class() is aiohttp.ClientRequest
