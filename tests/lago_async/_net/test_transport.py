"""The transport's reactions to what no loopback server can produce: certificates, names, proxies, failures."""

import asyncio
import re
import ssl
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any, cast
from unittest.mock import Mock

import aiohttp
import pytest
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.streams import StreamReader
from aioresponses import aioresponses, core
from yarl import URL

from lago_async import LagoClient, LagoConnectionError, LagoTimeoutError, RetryPolicy

IMPATIENT = RetryPolicy(max_retries=2, base_delay=0.0)
CUSTOMER = "https://api.getlago.com/api/v1/customers/cus_1"
CHECKOUT = f"{CUSTOMER}/checkout_url"
KEY = ConnectionKey("api.getlago.com", 443, True, True, None, None, None)
FOUND = {"customer": {"external_id": "cus_1"}}


@pytest.fixture
def lago(monkeypatch: pytest.MonkeyPatch) -> Iterator[aioresponses]:
    """Prepare responses. aioresponses 0.7.9 lacks large bodies and the `stream_writer` that aiohttp 3.14 needs."""
    response = partial(aiohttp.ClientResponse, stream_writer=cast("Any", SimpleNamespace(output_size=0)))
    monkeypatch.setattr(core, "ClientResponse", response)
    monkeypatch.setattr(core, "stream_reader_factory", lambda loop: StreamReader(Mock(), 2**24, loop=loop))
    with aioresponses() as canned:
        yield canned


@pytest.fixture
def client(lago: aioresponses) -> LagoClient:
    return LagoClient(api_key="key", max_retries=IMPATIENT)


def sent(lago: aioresponses) -> list[Any]:
    return [call for calls in lago.requests.values() for call in calls]


def certificate_error() -> Exception:
    return aiohttp.ClientConnectorCertificateError(KEY, ssl.SSLCertVerificationError("self-signed certificate"))


async def test_a_certificate_that_is_not_trusted_is_not_tried_again(lago: aioresponses, client: LagoClient) -> None:
    lago.get(CUSTOMER, exception=certificate_error(), repeat=True)
    async with client:
        with pytest.raises(LagoConnectionError, match="certificate was not accepted.*ssl_context=") as failure:
            await client.customers.find("cus_1")
    assert failure.value.attempts == 1
    assert not failure.value.maybe_applied


@pytest.mark.parametrize(
    "failure",
    [
        aiohttp.ClientConnectorDNSError(KEY, OSError("Name or service not known")),
        aiohttp.ClientConnectorError(KEY, ConnectionRefusedError()),
        aiohttp.ConnectionTimeoutError("Connection timeout"),
        aiohttp.ClientProxyConnectionError(KEY, OSError("proxy")),
    ],
)
async def test_what_failed_before_the_request_was_sent_is_tried_again_even_for_a_post(
    lago: aioresponses, client: LagoClient, failure: Exception
) -> None:
    lago.post(CHECKOUT, exception=failure)
    lago.post(CHECKOUT, exception=failure)
    lago.post(CHECKOUT, payload={"customer": {"checkout_url": "https://pay.example.com"}})
    async with client:
        checkout = await client.customers.generate_checkout_url("cus_1")
    assert checkout.checkout_url == "https://pay.example.com"


@pytest.mark.parametrize(
    "failure",
    [
        aiohttp.ServerDisconnectedError(),
        aiohttp.ClientOSError(104, "Connection reset by peer"),
        aiohttp.ClientPayloadError("Response payload is not completed"),
        aiohttp.SocketTimeoutError("Timeout on reading data from socket"),
        aiohttp.ClientResponseError(Mock(), (), status=400, message="Bad status line"),
        ConnectionResetError(),
        TimeoutError(),
    ],
)
async def test_what_may_have_been_applied_is_tried_again_only_where_it_may_be_repeated(
    lago: aioresponses, client: LagoClient, failure: Exception
) -> None:
    lago.post(CHECKOUT, exception=failure, repeat=True)
    lago.get(CUSTOMER, exception=failure)
    lago.get(CUSTOMER, payload=FOUND)
    async with client:
        with pytest.raises(LagoConnectionError, match="MAY HAVE BEEN CARRIED OUT") as lost:
            await client.customers.generate_checkout_url("cus_1")
        assert isinstance(lost.value, LagoTimeoutError) == isinstance(failure, TimeoutError)
        assert type(failure).__name__ in str(lost.value) or isinstance(failure, TimeoutError)
        assert lost.value.__cause__ is None
        assert (await client.customers.find("cus_1")).external_id == "cus_1"
    assert len(sent(lago)) == 3


async def test_an_attempt_that_was_lost_leaves_its_doubt_on_the_call(lago: aioresponses, client: LagoClient) -> None:
    lago.get(CUSTOMER, exception=aiohttp.ServerDisconnectedError())
    lago.get(CUSTOMER, exception=aiohttp.ClientConnectorError(KEY, ConnectionRefusedError()), repeat=True)
    async with client:
        with pytest.raises(LagoConnectionError) as failure:
            await client.customers.find("cus_1")
    assert failure.value.attempts == 3
    assert failure.value.maybe_applied


async def test_a_bug_in_the_library_is_an_error_of_ours_and_is_not_tried_again(
    lago: aioresponses, client: LagoClient
) -> None:
    lago.get(CUSTOMER, exception=ZeroDivisionError("a bug"), repeat=True)
    async with client:
        with pytest.raises(LagoConnectionError, match="ZeroDivisionError: a bug") as failure:
            await client.customers.find("cus_1")
    assert failure.value.attempts == 1
    assert failure.value.maybe_applied


async def test_a_loop_that_can_look_up_no_name_any_more_is_a_connection_error(
    lago: aioresponses, client: LagoClient
) -> None:
    lago.get(CUSTOMER, exception=RuntimeError("cannot schedule new futures after interpreter shutdown"), repeat=True)
    async with client:
        with pytest.raises(LagoConnectionError, match="interpreter shutdown") as failure:
            await client.customers.find("cus_1")
    assert failure.value.attempts == 1


async def test_what_is_set_reaches_the_http_library(lago: aioresponses) -> None:
    context = ssl.create_default_context()
    lago.get(CUSTOMER, payload=FOUND)
    async with LagoClient(
        api_key="key", proxy="http://user:pass@proxy.example.com:3128", ssl_context=context
    ) as client:
        await client.customers.find("cus_1")
        assert "pass" not in repr(client._state.settings)
    (call,) = sent(lago)
    assert call.kwargs["ssl"] is context
    assert call.kwargs["proxy"] == URL("http://proxy.example.com:3128")
    assert call.kwargs["proxy_headers"] == {"Proxy-Authorization": "Basic dXNlcjpwYXNz"}
    assert "dXNlcjpwYXNz" not in repr(call.kwargs)
    assert call.kwargs["allow_redirects"] is False
    assert call.kwargs["timeout"].sock_connect == 10
    assert call.kwargs["headers"]["Authorization"] == "Bearer key"
    assert "Bearer" not in repr(call.kwargs["headers"])


async def test_a_path_leaves_as_it_was_encoded(lago: aioresponses, client: LagoClient) -> None:
    target = "https://api.getlago.com/api/v1/customers/john%40acme%2Ecom%2F%2E%2E"
    lago.get(URL(target, encoded=True), payload=FOUND)
    async with client:
        await client.customers.find("john@acme.com/..")
    ((method, url),) = lago.requests
    assert (method, str(url)) == ("GET", target)


async def test_a_page_of_megabytes_is_read_whole(lago: aioresponses, client: LagoClient) -> None:
    customers = [{"external_id": f"cus_{number}", "legal_name": "x" * 1_000} for number in range(2_000)]
    lago.get("https://api.getlago.com/api/v1/customers", payload={"customers": customers, "meta": {}})
    async with client:
        assert len(await client.customers.find_all().collect()) == 2_000


async def test_many_calls_at_once_do_not_mix_up_their_answers(lago: aioresponses, client: LagoClient) -> None:
    for number in range(50):
        lago.get(CUSTOMER.replace("cus_1", f"cus_{number}"), payload={"customer": {"external_id": f"cus_{number}"}})
    async with client:
        found = await asyncio.gather(*(client.customers.find(f"cus_{number}") for number in range(50)))
    assert [customer.external_id for customer in found] == [f"cus_{number}" for number in range(50)]


async def test_each_call_has_its_own_url_however_many_the_client_has_asked_for(
    lago: aioresponses, client: LagoClient
) -> None:
    lago.get(re.compile(".*"), payload={"customer": {"external_id": "a"}, "product": {"code": "a"}}, repeat=True)
    ids = [f"cus_{number}" for number in range(300)]
    async with client:
        for external_id in ids + ids:
            await client.customers.find(external_id)
        await client.products.find("cus_1")
    asked = {url.raw_path: len(calls) for (_, url), calls in lago.requests.items()}
    assert asked == {f"/api/v1/customers/{each}": 2 for each in ids} | {"/api/v2/products/cus_1": 1}
