"""The server that the calls are measured against: ready-made bytes, chosen by path, from a process of its own.

It does as little as a server can, so that on a small machine it takes nothing from what is measured. Lago's headers are
all there, the rate limit's included, because reading them is part of a client's work.
"""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import threading
import urllib.request
from typing import TYPE_CHECKING

import payloads

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEAD = (
    "HTTP/1.1 200 OK\r\n"
    "Content-Type: application/json; charset=utf-8\r\n"
    'ETag: W/"d0f3c1bd64f2d3a3bb2c45d1ac1d6f2a"\r\n'
    "Cache-Control: max-age=0, private, must-revalidate\r\n"
    "X-Request-Id: 0f4b2cb0-9f5e-4f63-8a0c-6a2f3b1c7d5e\r\n"
    "X-Runtime: 0.021458\r\n"
    "X-RateLimit-Limit: 100000\r\n"
    "X-RateLimit-Remaining: 99000\r\n"
    "X-RateLimit-Reset: 1\r\n"
    "Content-Length: {}\r\n"
    "\r\n"
)


def _answer(body: bytes) -> bytes:
    return _HEAD.format(len(body)).encode() + body


class _Answering(asyncio.Protocol):
    """One connection, kept alive. It answers GET only, as a request's end is where its head ends."""

    customer = b""
    page = b""
    opened = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._received = b""
        type(self).opened += 1

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            target = head[4 : head.index(b" ", 4)]
            if target == b"/connections":  # leaves out the one that asks
                type(self).opened -= 1
                self._transport.write(_answer(str(self.opened).encode()))
            elif b"/past_usage" in target:
                self._transport.write(self.page)
            else:
                self._transport.write(self.customer)


async def _serve() -> None:
    _Answering.customer = _answer(payloads.to_bytes(payloads.customer()))
    _Answering.page = _answer(payloads.to_bytes(payloads.past_usage()))
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Answering, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    gone = asyncio.Event()

    def watch() -> None:
        sys.stdin.read()  # ends when the measuring process closes the pipe, or dies
        loop.call_soon_threadsafe(gone.set)

    threading.Thread(target=watch, daemon=True).start()
    await gone.wait()
    server.close()


class Server:
    """A running server, seen from the measuring process."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"

    def connections(self) -> int:
        """How many were opened so far, but for those that asked."""
        with urllib.request.urlopen(f"{self.url}/connections") as answer:
            return int(answer.read())


@contextlib.contextmanager
def running() -> Iterator[Server]:
    """Start a server, and stop it in the end."""
    with subprocess.Popen([sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield Server(int(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait()


if __name__ == "__main__":
    asyncio.run(_serve())
