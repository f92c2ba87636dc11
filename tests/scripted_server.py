"""A server in the test's own loop that answers what a function returns, as JSON; `wire` has one for raw bytes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self


class ScriptedServer:
    """Answers each GET with the JSON that `reply` returns for its path and query.

    Attributes:
        url: Where it listens, within the block.
        asked: Path and query of each request.
    """

    url: str

    def __init__(self, reply: Callable[[str, dict[str, str]], object]) -> None:
        self.reply = reply
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._writers: set[asyncio.StreamWriter] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, backlog=200)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._server.close()
        for writer in tuple(self._writers):
            writer.close()  # Python 3.12 and later wait for the end of all connections
        await self._server.wait_closed()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                url = urlsplit(head.split(" ")[1])
                query = {name: values[-1] for name, values in parse_qs(url.query).items()}
                self.asked.append((url.path.removeprefix("/api/v1"), query))
                body = json.dumps(self.reply(*self.asked[-1])).encode()
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
                )
                writer.write(body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has closed the connection
        finally:
            self._writers.discard(writer)
            writer.close()
