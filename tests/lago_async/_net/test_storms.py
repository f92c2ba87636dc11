"""Storms: many calls at a time, some of them given up at any step, some of their connections lost at any byte."""

import asyncio
import json
from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from lago_async import LagoClient, LagoConnectionError, LagoDecodeError, RetryPolicy

STEPS = 40


class Echo:
    """A server in the test's own loop, which answers with the id of the path, in pieces, some steps apart."""

    def __init__(self, drops: list[int]) -> None:
        self.drops = drops  # after how many bytes a response is cut
        self.cut = 0
        self.seen: Counter[str] = Counter()
        self.open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.open += 1
        try:
            while head := await self._head(reader):
                name = head.split(b" ")[1].decode().rpartition("/")[2]
                self.seen[name] += 1
                body = json.dumps({"customer": {"external_id": name}}).encode()
                said = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body
                cut = self.drops.pop() if self.drops else STEPS
                said = said[:cut] if cut < STEPS else said
                for at in range(0, len(said), 30):
                    writer.write(said[at : at + 30])
                    await asyncio.sleep(0)
                if cut < STEPS:
                    self.cut += 1
                    return
        except ConnectionError:
            pass
        finally:
            self.open -= 1
            writer.close()

    async def _head(self, reader: asyncio.StreamReader) -> bytes:
        try:
            return await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return b""


async def steps(count: int) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def storm(lives: list[int], drops: list[int], connections: int) -> None:
    echo = Echo(drops)
    server = await asyncio.start_server(echo.serve, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with (
        server,
        LagoClient(
            api_key="key", base_url=url, max_connections=connections, max_retries=RetryPolicy(max_retries=0)
        ) as client,
    ):
        calls = {f"cus_{number}": life for number, life in enumerate(lives)}

        async def live(name: str, life: int) -> None:
            call = asyncio.ensure_future(client.customers.find(name))
            if life < STEPS:
                await steps(life)
                call.cancel()
            try:
                assert (await call).external_id == name
            except asyncio.CancelledError:
                assert life < STEPS
            except (LagoConnectionError, LagoDecodeError):
                assert echo.cut  # its connection was

        async with asyncio.timeout(30), asyncio.TaskGroup() as group:
            for name, life in calls.items():
                group.create_task(live(name, life))
        assert all(count == 1 for count in echo.seen.values())  # no attempt was two requests
        echo.drops.clear()
        answered = await asyncio.gather(
            *(client.customers.find(f"after_{number}") for number in range(2 * connections))
        )
        assert [found.external_id for found in answered] == [f"after_{number}" for number in range(2 * connections)]
    async with asyncio.timeout(30):
        while echo.open:
            await asyncio.sleep(0)


@given(
    lives=st.lists(st.integers(0, STEPS), min_size=1, max_size=40),
    drops=st.lists(st.integers(0, STEPS), max_size=20),
    connections=st.integers(1, 5),
)
def test_a_storm_of_given_up_and_lost_calls_mixes_up_no_answer_and_keeps_no_connection(
    lives: list[int], drops: list[int], connections: int
) -> None:
    asyncio.run(storm(lives, drops, connections))
