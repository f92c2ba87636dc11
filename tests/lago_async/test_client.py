"""The life cycle of the async client: loops, cancellation, closing, forgotten clients."""

import asyncio
import gc
import warnings

import anyio
import pytest

from lago_async import LagoClient, LagoClosedError, LagoTimeoutError, NotFoundError, RetryPolicy, ServerError
from lago_async.sandbox import Latency, Sandbox, ServerFailure


def open_client(sandbox: Sandbox, **settings: object) -> LagoClient:
    return LagoClient(api_key=sandbox.api_key, base_url=sandbox.url, **settings)  # type: ignore[arg-type]


async def test_making_a_client_opens_nothing(sandbox: Sandbox) -> None:
    client = open_client(sandbox)
    assert sandbox.connections_opened == 0
    await client.close()
    assert client.closed
    assert repr(client) == f"<LagoClient {sandbox.url}/api/v1 closed>"


async def test_calls_in_a_row_share_one_connection(sandbox: Sandbox) -> None:
    async with open_client(sandbox) as client:
        await client.customers.create({"external_id": "cus_1"})
        for _ in range(50):
            await client.customers.find("cus_1")
    assert sandbox.connections_opened == 1


async def test_the_pool_has_the_size_that_was_asked_for(sandbox: Sandbox) -> None:
    sandbox.inject(Latency(seconds=0.01), times=None)
    async with open_client(sandbox, max_connections=3) as client:
        await asyncio.gather(*(client.customers.create({"external_id": f"cus_{n}"}) for n in range(12)))
    assert sandbox.connections_opened == 3


async def test_a_closed_client_cannot_be_entered(sandbox: Sandbox) -> None:
    client = open_client(sandbox)
    async with client:
        pass
    with pytest.raises(LagoClosedError):
        await client.__aenter__()


async def test_closing_a_view_closes_what_it_shares(sandbox: Sandbox) -> None:
    client = open_client(sandbox)
    async with client.with_options(timeout=5) as view:
        await view.customers.create({"external_id": "cus_1"})
    assert client.closed
    with pytest.raises(LagoClosedError):
        await client.customers.find("cus_1")


async def test_a_view_outlives_the_client_that_it_was_made_from(sandbox: Sandbox) -> None:
    view = open_client(sandbox).with_options(timeout=5)
    gc.collect()
    assert (await view.customers.create({"external_id": "cus_1"})).external_id == "cus_1"
    await view.close()


async def test_a_view_sends_its_headers_and_the_client_does_not(sandbox: Sandbox) -> None:
    async with open_client(sandbox, headers={"X-Tenant": "a"}) as client:
        await client.with_options(headers={"X-Trace": "b"}).customers.create({"external_id": "cus_1"})
        await client.customers.find("cus_1")
    first, second = sandbox.requests
    assert (first.headers["X-Tenant"], first.headers["X-Trace"]) == ("a", "b")
    assert second.headers["X-Tenant"] == "a"
    assert "X-Trace" not in second.headers


async def test_a_cancelled_call_is_gone_at_once_and_the_client_goes_on(sandbox: Sandbox) -> None:
    async with open_client(sandbox) as client:
        await client.customers.create({"external_id": "cus_1"})
        sandbox.inject(Latency(seconds=30))
        call = asyncio.create_task(client.customers.find("cus_1"))
        while len(sandbox.requests) < 2:
            await asyncio.sleep(0.001)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert (await client.customers.find("cus_1")).external_id == "cus_1"


async def test_a_callers_own_time_limit_is_not_mistaken_for_ours(sandbox: Sandbox) -> None:
    sandbox.inject(Latency(seconds=30), times=None)
    async with open_client(sandbox) as client:
        with pytest.raises(TimeoutError) as limit:
            async with asyncio.timeout(0.05):
                await client.customers.find("cus_1")
        assert not isinstance(limit.value, LagoTimeoutError)
        with anyio.move_on_after(0.05) as scope:
            await client.customers.find("cus_1")
        assert scope.cancelled_caught


async def test_no_retry_begins_that_the_callers_scope_would_cut_off(sandbox: Sandbox) -> None:
    sandbox.inject(ServerFailure(status=503), times=None)
    patient = RetryPolicy(max_retries=3, base_delay=1e6, max_delay=1e6)
    async with open_client(sandbox, max_retries=patient, timeout=None) as client:
        with anyio.fail_after(30), pytest.raises(ServerError) as failure:
            await client.customers.find("cus_1")
    assert failure.value.attempts == 1


def test_one_client_serves_one_loop_after_another() -> None:
    with Sandbox() as sandbox:
        client = open_client(sandbox)

        async def once() -> None:
            with pytest.raises(NotFoundError):
                await client.customers.find("nobody")

        async def last() -> None:
            await once()
            await client.close()

        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", ResourceWarning)
            asyncio.run(once())
            asyncio.run(once())
            asyncio.run(last())
            gc.collect()
        assert [str(warning.message) for warning in caught] == []


async def test_a_forgotten_client_is_one_warning_and_leaves_no_connection(sandbox: Sandbox) -> None:
    client = open_client(sandbox)
    await client.customers.create({"external_id": "cus_1"})
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del client
        gc.collect()
        await asyncio.sleep(0.01)
        gc.collect()
    assert [str(warning.message) for warning in caught if warning.category is not ResourceWarning] == []
    assert len(caught) == 1, [str(warning.message) for warning in caught]
    assert "never closed" in str(caught[0].message)
    assert sandbox.api_key not in str(caught[0].message)


async def test_a_client_that_was_never_used_may_be_forgotten(sandbox: Sandbox) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        open_client(sandbox)
        gc.collect()


async def test_an_error_keeps_no_client_alive_by_a_cycle(sandbox: Sandbox) -> None:
    async with open_client(sandbox) as client:
        gc.collect()
        gc.disable()
        try:
            try:
                await client.customers.find("nobody")
            except NotFoundError:
                pass
            gc.set_debug(gc.DEBUG_SAVEALL)
            gc.collect()
            leaked = [found for found in gc.garbage if isinstance(found, NotFoundError)]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
    assert not leaked
