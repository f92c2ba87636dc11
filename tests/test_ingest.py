"""The host for events, on both faces: what goes there, what stays with the API, and what errors say of the two."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from lago_async import US, US_INGEST, LagoApiError, LagoConfigError, LagoConnectionError, NotFoundError
from lago_async._net.urls import base_url_of
from lago_async._registry import ENDPOINTS
from lago_async.sandbox import Sandbox
from tests.conftest import IMPATIENT, Face, NewFace
from tests.wire import answer, answering

KEY = "key-that-must-stay-hidden"
EVENT = {"transaction_id": "tx_1", "external_subscription_id": "sub_1", "code": "calls", "timestamp": 1_700_000_000}
STORED = {"lago_id": "1", **EVENT, "timestamp": "2023-11-14T22:13:20.000Z"}
THERE_ALREADY = {
    "status": 422,
    "code": "validation_errors",
    "error_details": {"transaction_id": ["value_already_exist"]},
}


@pytest.fixture
async def ingest(sandbox: Sandbox) -> AsyncIterator[Sandbox]:
    async with Sandbox(api_key=sandbox.api_key) as running:
        yield running


@pytest.fixture
async def split(new_face: NewFace, sandbox: Sandbox, ingest: Sandbox) -> Face:
    """Return a client of two sandboxes, of which one is for events."""
    return await new_face(api_key=sandbox.api_key, base_url=sandbox.url, ingest_url=ingest.url)


def test_only_the_two_operations_that_send_events_have_a_host_of_their_own() -> None:
    hosts = {row.name: row.host for row in ENDPOINTS.rows}
    assert {name for name, host in hosts.items() if host == "ingest"} == {"create_event", "create_batch_events"}
    assert {endpoint.name: endpoint.host for endpoint in ENDPOINTS.values()} == hosts


async def test_events_go_to_the_host_for_events_and_everything_else_to_the_api(
    split: Face, new_face: NewFace, sandbox: Sandbox, ingest: Sandbox
) -> None:
    await split("events.create", EVENT)
    await split("events.create_batch", [{**EVENT, "transaction_id": "tx_2"}])
    await split("customers.create", {"external_id": "cus_1"})
    assert await split.items("events.find_all") == []
    with pytest.raises(NotFoundError):
        await split("events.find", "tx_1")
    with pytest.raises(NotFoundError, match="billable_metric_not_found"):
        await split("events.estimate_fees", {"code": "calls", "external_subscription_id": "sub_1"})
    other = await new_face(api_key=ingest.api_key, base_url=ingest.url)
    assert {event.transaction_id for event in await other.items("events.find_all")} == {"tx_1", "tx_2"}
    assert await other.items("customers.find_all") == []
    assert (sandbox.connections_opened, ingest.connections_opened) == (1, 2)


async def test_the_door_and_a_request_that_was_prepared_keep_to_the_table(split: Face, ingest: Sandbox) -> None:
    await split.run(split.client.send, ENDPOINTS["create_event"].encode((EVENT,), {}))
    assert ingest.connections_opened == 1
    await split.run(split.client.request, "POST", "/events", body={"event": {**EVENT, "transaction_id": "tx_2"}})
    assert [event.transaction_id for event in await split.items("events.find_all")] == ["tx_2"]


async def test_without_a_host_for_events_the_api_gets_them(face: Face) -> None:
    await face("events.create", EVENT)
    assert (await face("events.find", "tx_1")).transaction_id == "tx_1"
    assert face.client.ingest_url == face.client.base_url


@pytest.mark.parametrize("batch", [False, True])
async def test_an_event_that_was_taken_although_its_answer_was_lost_is_looked_up_at_the_api(
    new_face: NewFace, batch: bool
) -> None:
    details: Any = {"0": THERE_ALREADY["error_details"]} if batch else THERE_ALREADY["error_details"]
    refusal = answer({**THERE_ALREADY, "error_details": details}, "422 Unprocessable Entity")
    with (
        answering(lambda number, _: None if number == 1 else refusal) as ingest,
        answering(lambda number, _: answer({"event": STORED})) as api,
    ):
        face = await new_face(api_key=KEY, base_url=api.url, ingest_url=ingest.url, max_retries=IMPATIENT)
        sent: Any = [EVENT] if batch else EVENT
        found = await face("events.create_batch" if batch else "events.create", sent)
    assert (found[0] if batch else found).lago_id == "1"
    path = b"/api/v1/events/batch" if batch else b"/api/v1/events"
    assert [request.split(b" ")[:2] for request in ingest.requests] == [[b"POST", path]] * 2
    assert [request.split(b" ")[:2] for request in api.requests] == [[b"GET", b"/api/v1/events/tx_1"]]
    for request in ingest.requests + api.requests:
        assert b"Authorization: Bearer " + KEY.encode() + b"\r\n" in request


async def test_an_event_that_cannot_be_looked_up_at_the_api_may_have_been_taken(new_face: NewFace) -> None:
    refusal = answer(THERE_ALREADY, "422 Unprocessable Entity")
    with answering(lambda number, _: None if number == 1 else refusal) as ingest:
        face = await new_face(
            api_key=KEY, base_url="http://127.0.0.1:9", ingest_url=ingest.url, max_retries=IMPATIENT, timeout=5
        )
        with pytest.raises(LagoApiError, match="could not be looked up") as failure:
            await face("events.create", EVENT)
    assert failure.value.maybe_applied


async def test_an_error_without_a_response_names_the_host_and_its_setting(new_face: NewFace, sandbox: Sandbox) -> None:
    nowhere = "http://127.0.0.1:9"
    face = await new_face(api_key=KEY, base_url=sandbox.url, ingest_url=nowhere, max_retries=0)
    with pytest.raises(LagoConnectionError, match=f"at {nowhere}/api/v1 .*check ingest_url and the network"):
        await face("events.create", EVENT)
    face = await new_face(api_key=sandbox.api_key, base_url=nowhere, ingest_url=sandbox.url, max_retries=0)
    with pytest.raises(LagoConnectionError, match=f"at {nowhere}/api/v1 .*check base_url and the network"):
        await face("events.find", "tx_1")
    await face("events.create", EVENT)


@pytest.mark.parametrize(
    ("status", "headers", "advice"),
    [
        ("404 Not Found", [], "check base_url .or ingest_url, if it is set., and the proxies"),
        ("401 Unauthorized", [], "organisation behind the base URL, and ingest_url, if it is set, to the same Lago"),
        ("308 Moved", ["Location: https://x.example/y"], "set base_url .or ingest_url, if it is set. to where"),
    ],
)
async def test_advice_on_a_wrong_url_names_both_settings_only_for_events(
    new_face: NewFace, status: str, headers: list[str], advice: str
) -> None:
    with answering(lambda number, _: answer(b"", status, headers)) as wire:
        face = await new_face(api_key=KEY, base_url=wire.url, ingest_url=wire.url, max_retries=0)
        with pytest.raises(LagoApiError, match=advice):
            await face("events.create", EVENT)
        with pytest.raises(LagoApiError, match="base_url|base URL") as failure:
            await face("events.find", "tx_1")
    assert "ingest_url" not in str(failure.value)


# --- the setting ------------------------------------------------------------------------------------------------------


async def test_the_setting_is_normalised_and_shown(new_face: NewFace, monkeypatch: pytest.MonkeyPatch) -> None:
    async def ingest_url(**settings: str) -> str:
        client = (await new_face(api_key=KEY, **settings)).client
        assert client.base_url == base_url_of(US)
        return client.ingest_url

    assert await ingest_url(ingest_url=US_INGEST) == "https://ingest.getlago.com/api/v1"
    assert await ingest_url() == base_url_of(US)
    monkeypatch.setenv("LAGO_INGEST_URL", "https://events.example.com/lago/api/v1/")
    assert await ingest_url() == "https://events.example.com/lago/api/v1"
    assert await ingest_url(ingest_url=US_INGEST) == base_url_of(US_INGEST)
    monkeypatch.setenv("LAGO_INGEST_URL", "")
    assert await ingest_url() == base_url_of(US)


async def test_the_key_goes_to_the_host_for_events_only_as_safely_as_to_the_api(
    new_face: NewFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = "http://events.internal"
    with pytest.raises(LagoConfigError, match="^ingest_url is 'http://events.internal': over plain http"):
        await new_face(api_key=KEY, ingest_url=inside)
    face = await new_face(api_key=KEY, ingest_url=inside, allow_insecure_http=True)
    assert face.client.ingest_url == f"{inside}/api/v1"
    with pytest.raises(LagoConfigError, match="proxy: with an ingest_url of plain http"):
        await new_face(api_key=KEY, ingest_url="http://127.0.0.1:3000", proxy="http://proxy.example.com:3128")
    monkeypatch.setenv("LAGO_INGEST_URL", inside)
    with pytest.raises(LagoConfigError, match="^ingest_url is "):
        await new_face(api_key=KEY)


# --- proxies ----------------------------------------------------------------------------------------------------------


async def test_each_host_has_the_proxy_that_the_environment_names_for_it(
    new_face: NewFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The key is in no header that a proxy gets, although the other host is reached directly."""
    with (
        answering(lambda number, _: answer(b"", "403 Forbidden")) as proxy,
        answering(lambda number, _: answer({"event": STORED})) as wire,
    ):
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        settings = {"api_key": KEY, "trust_env": True, "max_retries": 0}
        face = await new_face(base_url=wire.url, ingest_url="https://events.invalid", **settings)
        with pytest.raises(LagoConnectionError, match="at https://events.invalid/api/v1 through the proxy"):
            await face("events.create", EVENT)
        assert (await face("events.find", "tx_1")).lago_id == "1"
        face = await new_face(base_url="https://lago.invalid", ingest_url=wire.url, **settings)
        with pytest.raises(LagoConnectionError, match="at https://lago.invalid/api/v1 through the proxy"):
            await face("events.find", "tx_1")
        assert (await face("events.create", EVENT)).lago_id == "1"
    tunnels = [request.partition(b"\r\n")[0] for request in proxy.requests]
    assert tunnels == [b"CONNECT events.invalid:443 HTTP/1.1", b"CONNECT lago.invalid:443 HTTP/1.1"]
    assert not any(KEY.encode() in request for request in proxy.requests)
    assert all(b"Authorization: Bearer " + KEY.encode() in request for request in wire.requests)
    assert len(wire.requests) == 2


async def test_a_proxy_that_is_not_used_is_named_for_the_host_that_it_is_for(
    new_face: NewFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "events.invalid")
    face = await new_face(
        api_key=KEY, base_url="https://lago.invalid", ingest_url="https://events.invalid", max_retries=0
    )
    with pytest.raises(LagoConnectionError) as failure:
        await face("events.create", EVENT)
    assert "HTTPS_PROXY" not in str(failure.value)
    with pytest.raises(LagoConnectionError, match="HTTPS_PROXY is set but not used"):
        await face("events.find", "tx_1")


async def test_a_refusal_by_the_proxy_of_one_host_is_not_taken_for_one_by_the_other(
    new_face: NewFace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 407 is the proxy's only where a proxy stands in between."""
    with answering(lambda number, _: answer({"code": "odd"}, "407 Odd")) as wire:
        monkeypatch.setenv("HTTP_PROXY", wire.url)
        face = await new_face(
            api_key=KEY,
            base_url="http://lago.invalid",
            ingest_url=wire.url,
            trust_env=True,
            allow_insecure_http=True,
            max_retries=0,
        )
        with pytest.raises(LagoApiError, match="407 odd"):
            await face("events.create", EVENT)
        with pytest.raises(LagoConnectionError, match="the proxy refused with 407"):
            await face("events.find", "tx_1")
    assert [json.loads(request.partition(b"\r\n\r\n")[2] or b"null") is None for request in wire.requests] == [
        False,
        True,
    ]
