"""The server of the measured calls: it sends prepared bytes, chosen by path, from its own process.

It does as little as possible, so that on a small machine it takes little from the measured clients. It sends all of
Lago's headers, including the rate limit's, because reading them is part of a client's work.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import selectors
import subprocess
import sys
import threading
import urllib.request
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from tests.benchmarks import payloads

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_ROOT = Path(__file__).parents[2]
HEAD = (
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


@attrs.frozen(kw_only=True)
class Settings:
    """The responses of the server, and their delay.

    Attributes:
        shape: The shape of every page of past usage.
        pages: Pages of past usage per subscription.
        subscriptions: The number of subscriptions in the list.
        latency: Seconds from each request to its response; other requests are not delayed.
    """

    shape: payloads.Shape = payloads.LARGE
    pages: int = 1
    subscriptions: int = 0
    latency: float = 0.0

    def to_json(self) -> str:
        return json.dumps(attrs.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Settings:
        values = json.loads(text)
        return cls(**{**values, "shape": payloads.Shape(**values["shape"])})


class _Answers:
    """The responses by target; each is made once, so that it costs nothing after the first time."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._customer = _answer(payloads.customer())
        self._nobody = _answer({"billing_entities": []})
        self._pages = [
            _answer(payloads.past_usage(settings.shape, page=page, pages=settings.pages))
            for page in range(1, settings.pages + 1)
        ]

    def to(self, target: bytes) -> bytes:
        path, _, query = target.partition(b"?")
        if path.endswith(b"/past_usage"):
            return self._pages[_number(query, _PAGE, 1) - 1]
        if path.endswith(b"/subscriptions"):
            return self._subscriptions(_number(query, _PAGE, 1), _number(query, _PER_PAGE, 100))
        if path.endswith(b"/billing_entities"):
            return self._nobody
        return self._customer

    @cache  # noqa: B019 - there is one instance, which lives as long as the process
    def _subscriptions(self, page: int, per_page: int) -> bytes:
        count = self._settings.subscriptions
        return _answer(payloads.subscriptions(page=page, per_page=per_page, count=count))


_PAGE = re.compile(rb"(?:^|&)page=(\d+)")
_PER_PAGE = re.compile(rb"(?:^|&)per_page=(\d+)")


def _number(query: bytes, pattern: re.Pattern[bytes], default: int) -> int:
    found = pattern.search(query)
    return int(found[1]) if found else default


def _answer(value: payloads.JsonObject) -> bytes:
    body = payloads.to_bytes(value)
    return HEAD.format(len(body)).encode() + body


class _Answering(asyncio.Protocol):
    """One connection, kept alive. It supports only GET, because the end of the head must be the request's end."""

    opened = 0

    def __init__(self, answers: _Answers, latency: float) -> None:
        self._answers = answers
        self._latency = latency
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]
        self._loop = asyncio.get_running_loop()
        type(self).opened += 1

    def data_received(self, data: bytes) -> None:
        self._received += data
        while b"\r\n\r\n" in self._received:
            head, _, self._received = self._received.partition(b"\r\n\r\n")
            target = head[4 : head.index(b" ", 4)]
            if target == b"/connections":  # without the connection that asks
                type(self).opened -= 1
                count = str(self.opened)
                self._transport.write(HEAD.format(len(count)).encode() + count.encode())
            elif self._latency:
                self._loop.call_later(self._latency, self._write, self._answers.to(target))
            else:
                self._transport.write(self._answers.to(target))

    def _write(self, answer: bytes) -> None:
        if not self._transport.is_closing():  # closed by a client that no longer waits for the response
            self._transport.write(answer)


async def serve(protocol: Callable[[], asyncio.BaseProtocol]) -> None:
    """Print the port, and serve until the measuring process closes the pipe, or dies."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    gone = asyncio.Event()

    def watch() -> None:
        sys.stdin.read()  # returns when the pipe is closed
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
        """Return how many connections were opened so far, without those that asked for this."""
        with urllib.request.urlopen(f"{self.url}/connections") as answer:
            return int(answer.read())


def running(
    settings: Settings | None = None, *, cores: Iterable[int] | None = None
) -> contextlib.AbstractContextManager[Server]:
    """Start a server on the given cores, and stop it at the end."""
    return started("tests.benchmarks.server", (settings or Settings()).to_json(), cores=cores)


@contextlib.contextmanager
def started(module: str, *arguments: str, cores: Iterable[int] | None) -> Iterator[Server]:
    """Start a module that serves, on the given cores, and stop it at the end."""
    command = [sys.executable, "-m", module, *arguments]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        if cores is not None:
            os.sched_setaffinity(process.pid, cores)
        try:
            yield Server(int(process.stdout.readline()))
        finally:
            process.stdin.close()
            process.wait()


def _loop() -> asyncio.AbstractEventLoop:
    # Only this selector waits with a resolution below a millisecond, so that 20 ms of latency do not become 21.
    return asyncio.SelectorEventLoop(selectors.SelectSelector())


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=_loop) as runner:
        settings = Settings.from_json(sys.argv[1])
        answers = _Answers(settings)
        runner.run(serve(lambda: _Answering(answers, settings.latency)))
