"""One attempt is one request, and its answer is that to this request: over raw sockets."""

import asyncio
import threading
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lago_async import LagoClient, LagoConnectionError, RetryPolicy
from lago_async._net.connector import CheckedConnector, CheckedProtocol
from lago_async._registry import ENDPOINTS
from lago_async._table.messages import Request
from lago_async._table.rows import Row
from tests.conftest import NewFace
from tests.wire import Line, Wire, answer, answering

SOMEBODY_ELSE = answer({"customer": {"lago_id": "2", "external_id": "somebody_else"}})
FAREWELL = answer({"status": 408}, "408 Request Timeout", ["Connection: close"])


CHUNKED = (
    b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n28\r\n{"customer":{"external_id":"cus_1"}}    \r\n0\r\n\r\n'
)


def speaking_when_idle(first: bytes, stray: bytes, spoken: threading.Event, *, at_once: bool) -> Callable[[Line], None]:
    """Return a server that says something that no request asked for, after its first answer on its first connection."""

    def talk(line: Line) -> None:
        while line.read():
            if line.number != 1:
                line.send(answer())
                continue
            for said in [first + stray] if at_once else [first, stray]:
                line.send(said)
            spoken.set()

    return talk


strays = st.one_of(
    st.binary(min_size=1, max_size=40),
    st.integers(1, len(SOMEBODY_ELSE)).map(lambda length: SOMEBODY_ELSE[:length]),
    st.just(FAREWELL),
)


@pytest.mark.parametrize("first", [answer(), CHUNKED])
@pytest.mark.parametrize("at_once", [True, False])
@pytest.mark.parametrize("loop_reads_it", [True, False])
@given(stray=strays)
@example(stray=SOMEBODY_ELSE)
@example(stray=SOMEBODY_ELSE[:20])
@example(stray=FAREWELL)
def test_a_connection_that_spoke_while_it_was_idle_is_not_used_again(
    first: bytes, at_once: bool, loop_reads_it: bool, stray: bytes
) -> None:
    spoken = threading.Event()

    async def two_calls(url: str) -> list[str]:
        async with LagoClient(api_key="key", base_url=url, max_retries=0) as client:
            found = await client.customers.find("cus_1")
            if loop_reads_it:
                await asyncio.to_thread(spoken.wait)
                for _ in range(3):
                    await asyncio.sleep(0)
            else:
                spoken.wait()  # the bytes are in the socket, and the loop had no turn
            return [found.external_id, (await client.customers.find("cus_1")).external_id]

    with Wire(speaking_when_idle(first, stray, spoken, at_once=at_once)) as wire:
        try:
            assert asyncio.run(two_calls(wire.url)) == ["cus_1", "cus_1"]
        except LagoConnectionError:
            assert first is CHUNKED  # its end is known to the parser only, which drops it for what comes with it
        else:
            assert wire.connections == 2


async def test_a_connection_that_the_server_has_closed_is_not_used_again(new_face: NewFace) -> None:
    closed = threading.Event()

    def talk(line: Line) -> None:
        line.read()
        line.send(answer())
        line.socket.close()
        closed.set()

    with Wire(talk) as wire:
        face = await new_face(api_key="key", base_url=wire.url, max_retries=0)
        for _ in range(3):  # a POST, which would not be repeated
            closed.clear()
            await face("customers.generate_checkout_url", "cus_1")
            await asyncio.to_thread(closed.wait)
    assert wire.connections == 3


async def test_a_server_that_speaks_before_it_is_asked_gets_no_request(new_face: NewFace) -> None:
    def talk(line: Line) -> None:
        line.send(SOMEBODY_ELSE)
        line.read()

    with Wire(talk) as wire:
        face = await new_face(api_key="key", base_url=wire.url, max_retries=0)
        for _ in range(3):
            try:
                found = await face("customers.find", "cus_1")
            except LagoConnectionError as error:
                assert not error.maybe_applied or "spoke" not in str(error)
            else:
                assert found.external_id == "somebody_else"  # it may come after the request, and is then its answer


ONE_OF_EACH_METHOD: dict[str, Row] = {row.method: row for row in ENDPOINTS.rows}


@pytest.mark.parametrize("method", sorted(ONE_OF_EACH_METHOD))
@pytest.mark.parametrize("max_retries", [0, 3])
@pytest.mark.parametrize("reset", [True, False])
async def test_an_attempt_is_one_request(new_face: NewFace, method: str, max_retries: int, reset: bool) -> None:
    row = ONE_OF_EACH_METHOD[method]

    def talk(line: Line) -> None:
        while line.read():
            if len(line.server.requests) > 1:  # the connection that is lost has been used before
                if reset:
                    line.reset()
                return
            line.send(answer())

    with Wire(talk) as wire:
        face = await new_face(
            api_key="key", base_url=wire.url, max_retries=RetryPolicy(max_retries=max_retries, base_delay=0.0)
        )
        await face("customers.find", "cus_1")
        body = None if method in ("GET", "DELETE") else b"{}"
        request = Request(row.endpoint, "/anything", body, repeatable=True)
        with pytest.raises(LagoConnectionError) as failure:
            await face.run(face.client.send, request)
    assert len(wire.requests) - 1 == failure.value.attempts == max_retries + 1


async def test_what_is_sent_once_is_sent_once_when_its_connection_is_lost(new_face: NewFace) -> None:
    with answering(lambda *_: None) as wire:
        face = await new_face(api_key="key", base_url=wire.url, max_retries=RetryPolicy(max_retries=3, base_delay=0.0))
        with pytest.raises(LagoConnectionError) as failure:
            await face("wallets.create", {"external_customer_id": "cus_1", "currency": "EUR", "rate_amount": "1"})
    assert failure.value.maybe_applied
    assert len(wire.requests) == failure.value.attempts == 1


async def test_the_library_opens_its_connections_with_our_protocol() -> None:
    """The one private name that the connector needs: this fails when a new aiohttp ignores it."""
    used: list[object] = []

    class Watching(CheckedConnector):
        async def connect(self, *args: object, **kwargs: object) -> object:  # type: ignore[override]
            connection = await super().connect(*args, **kwargs)  # type: ignore[arg-type]
            used.append(connection.protocol)
            return connection

    import aiohttp

    with answering(lambda *_: answer()) as wire:
        async with aiohttp.ClientSession(connector=Watching()) as session, session.get(wire.url):
            pass
    assert [type(protocol) for protocol in used] == [CheckedProtocol]
