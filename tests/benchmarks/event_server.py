"""The server of the measured events: it answers each batch as Lago does, from its own process.

It stores nothing. It reads the id of each event, and returns the events with the fields that Lago adds.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tests.benchmarks.server import HEAD, Server

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ROOT = Path(__file__).parents[2]


class _Sent(msgspec.Struct):
    transaction_id: str


class _Batch(msgspec.Struct):
    events: list[_Sent]


_decode = msgspec.json.Decoder(_Batch).decode
_BEFORE = b'{"lago_id":"1a901a90-1a90-1a90-1a90-1a901a901a90","transaction_id":"'
_AFTER = (
    b'","lago_customer_id":null,"code":"calls","timestamp":"2025-11-26T19:02:27.123Z","precise_total_amount_cents":null,'
    b'"properties":{"region":"eu-west-1","calls":12,"cached":false},"lago_subscription_id":null,'
    b'"external_subscription_id":"sub_12345678","created_at":"2025-11-26T19:02:27Z"}'
)


class _Answering(asyncio.Protocol):
    """One connection, kept alive."""

    def __init__(self) -> None:
        self._received = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport: asyncio.Transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        while (end := received.find(b"\r\n\r\n")) >= 0:
            head = bytes(received[:end]).lower()
            at = head.find(b"content-length:")
            length = int(head[at + 15 :].partition(b"\r\n")[0]) if at >= 0 else 0
            if len(received) < end + 4 + length:
                return
            body = bytes(received[end + 4 : end + 4 + length])
            del received[: end + 4 + length]
            stored = b",".join([_BEFORE + event.transaction_id.encode() + _AFTER for event in _decode(body).events])
            answer = b'{"events":[%b]}' % stored
            self._transport.write(HEAD.format(len(answer)).encode() + answer)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Answering, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    gone = asyncio.Event()

    def watch() -> None:
        sys.stdin.read()  # returns when the measuring process closes the pipe, or dies
        loop.call_soon_threadsafe(gone.set)

    threading.Thread(target=watch, daemon=True).start()
    await gone.wait()
    server.close()


@contextlib.contextmanager
def running(*, cores: Iterable[int] | None = None) -> Iterator[Server]:
    """Start the server on the given cores, and stop it at the end."""
    command = [sys.executable, "-m", "tests.benchmarks.event_server"]
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


if __name__ == "__main__":
    asyncio.run(_serve())
