"""A server of events that counts what it stores, and fails at random in every way that a network and a server can."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from typing import Final

import msgspec

# Of 1,000 batches. "before" has stored nothing, "after" has stored the batch, and the client cannot know which.
FAULTS: Final = {
    "drop before": 15,
    "drop after": 15,
    "truncated after": 10,
    "500 before": 10,
    "503 after": 15,
    "502 before": 10,
    "429 before": 15,
}


class _Event(msgspec.Struct):
    transaction_id: str
    timestamp: float
    properties: dict[str, int]


class _Batch(msgspec.Struct):
    events: list[_Event]


_BATCH: Final = msgspec.json.Decoder(_Batch)


class CountingServer:
    """Stores each event that has `properties.n`, under its number.

    Args:
        dedupes: Like a server on Postgres, refuse a batch with a known transaction id. Otherwise, like one on
            ClickHouse, take it again and count an event once per transaction id and timestamp.
        chance: Where the faults come from.
    """

    def __init__(self, *, dedupes: bool, chance: random.Random) -> None:
        self.stored: Counter[int] = Counter()
        self.requests = 0
        self.faults: Counter[str] = Counter()
        self.failing = True
        self._dedupes = dedupes
        self._chance = chance
        self._known: set[object] = set()

    def answer(self, body: bytes) -> tuple[int, bytes, bool]:
        """Return status and body for a batch, and whether the connection breaks before the end of it."""
        self.requests += 1
        fault = "none"
        if self.failing:
            names = [*FAULTS, "none"]
            fault = self._chance.choices(names, [*FAULTS.values(), 1000 - sum(FAULTS.values())])[0]
            self.faults[fault] += 1
        kind, _, when = fault.partition(" ")
        if when == "before":
            return (0 if kind == "drop" else int(kind)), b'{"status":%s}' % kind.encode(), False
        status, text = self._store(_BATCH.decode(body).events)
        if kind == "drop":
            return 0, b"", False
        if kind == "503":
            return 503, b"overloaded", False
        return status, text, kind == "truncated"

    def _store(self, events: list[_Event]) -> tuple[int, bytes]:
        errors: dict[str, object] = {}
        for index, event in enumerate(events):
            if event.properties.get("bad"):
                errors[str(index)] = {"timestamp": ["invalid_format"]}
            elif self._dedupes and event.transaction_id in self._known:
                errors[str(index)] = {"transaction_id": ["value_already_exist"]}
        if errors:
            refusal = {"status": 422, "error": "Unprocessable Entity", "code": "validation_errors"}
            return 422, json.dumps({**refusal, "error_details": errors}).encode()
        for event in events:
            key = event.transaction_id if self._dedupes else (event.transaction_id, event.timestamp)
            if key not in self._known:
                self._known.add(key)
                self.stored[event.properties["n"]] += 1
        taken = [{"transaction_id": event.transaction_id} for event in events]
        return 200, msgspec.json.encode({"events": taken})

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
                body = await reader.readexactly(int(lengths[0].partition(b":")[2])) if lengths else b""
                if b"/organizations" in head.split(b"\r\n", 1)[0]:
                    status, text, breaks = 200, b'{"organization":{"lago_id":"org-1","name":"us"}}', False
                else:
                    status, text, breaks = self.answer(body)
                if not status:
                    break
                lines = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(text)}\r\n"
                if status == 429:
                    lines += "Retry-After: 0\r\n"
                writer.write(lines.encode() + b"\r\n" + (text[:5] if breaks else text))
                await writer.drain()
                if breaks:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
