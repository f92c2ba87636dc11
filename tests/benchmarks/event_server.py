"""The server of the measured events: it answers each batch as Lago does, from its own process.

It stores nothing. It reads the id of each event, and returns the events with the fields that Lago adds.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import msgspec

from tests.benchmarks.server import HEAD, Server, serve, started

if TYPE_CHECKING:
    from collections.abc import Iterable
    from contextlib import AbstractContextManager


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


def running(*, cores: Iterable[int] | None = None) -> AbstractContextManager[Server]:
    """Start the server on the given cores, and stop it at the end."""
    return started("tests.benchmarks.event_server", cores=cores)


if __name__ == "__main__":
    asyncio.run(serve(_Answering))
