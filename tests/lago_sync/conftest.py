"""A small keep-alive HTTP server in the test process, so that the connections the scenarios pool are real."""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator


class Server:
    """Answers ``.../quick`` with the connection's number, ``.../slow`` after a minute, ``/seen/...`` with its counts.

    Below ``/api/v1/customers/`` the number comes as a customer's ``external_id``.
    """

    def __init__(self) -> None:
        self.connections = 0
        self.counts = {"open": 0, "waiting": 0, "dropped": 0, "requests": 0}
        self.loop = asyncio.new_event_loop()
        self.tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.loop.run_until_complete, args=(self.serve(),))
        self.thread.start()
        self.ready.wait(10)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self) -> None:
        self.end = asyncio.Event()
        server = await asyncio.start_server(self.accept, "127.0.0.1", 0, backlog=200)
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        await self.end.wait()
        server.close()
        for task in self.tasks:
            task.cancel()
        if self.tasks:
            await asyncio.wait(self.tasks)

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self.end.set)
        self.thread.join(10)
        self.loop.close()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self.converse(reader, writer))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        number = self.connections
        asking = False
        self.counts["open"] += 1
        try:
            while request := await reader.readuntil(b"\r\n\r\n"):
                path = request.split(b" ", 2)[1].decode()
                self.counts["requests"] += 1
                response = str(number)
                if path.startswith("/seen/"):
                    asking = True
                    self.counts["open"] -= 1
                    response = str(self.counts[path.removeprefix("/seen/")])
                elif path.endswith("/slow"):
                    await self.hold(reader)
                if path.startswith("/api/"):
                    response = f'{{"customer": {{"lago_id": "1", "external_id": "{number}"}}}}'
                head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(response)}"
                writer.write(f"{head}\r\n\r\n{response}".encode())
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass  # the other side went away, or the test is over
        finally:
            if not asking:
                self.counts["open"] -= 1
            writer.close()

    async def hold(self, reader: asyncio.StreamReader) -> None:
        self.counts["waiting"] += 1
        try:
            async with asyncio.timeout(60):
                if not await reader.read(1):
                    self.counts["dropped"] += 1
                    raise ConnectionAbortedError
        except TimeoutError:
            pass
        finally:
            self.counts["waiting"] -= 1


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    try:
        yield server
    finally:
        server.stop()


@pytest.fixture
def client() -> str:
    """Return the client of a scenario that is not parametrised."""
    return "stand_in"
