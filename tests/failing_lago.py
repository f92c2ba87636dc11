"""A Lago for events on loopback that fails by a script, and counts what it has stored."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from tests.wire import Wire, answer, answering

POISON = "poison"
"""The code of events that the server refuses by their index."""

DEADLY = "deadly"
"""The code of events on which the server fails with 500."""

LIMITED = ("X-RateLimit-Limit: 100000", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 0")


class FailingLago:
    """The server's side: all or nothing, a word on each refused event, and a fault for each request of the script.

    Attributes:
        stored: How often each event was stored, by its subscription and its transaction id.
        batches: The events of each request that arrived.
        script: The faults of the next requests; when it ends, there are none.
    """

    def __init__(self, script: Sequence[str] = (), *, clickhouse: bool = False, most: int = 100) -> None:
        self.stored: Counter[tuple[str, str]] = Counter()
        self.batches: list[list[dict[str, Any]]] = []
        self.heads: list[bytes] = []
        self.script: Iterator[str] = iter(script)
        self.gate: Callable[[], object] = lambda: None
        self._clickhouse = clickhouse
        self._most = most
        self._lock = threading.Lock()

    def reply(self, number: int, request: bytes) -> bytes | None:
        """Return the response to a request; None drops the connection."""
        del number
        head, _, body = request.partition(b"\r\n\r\n")
        self.gate()
        with self._lock:
            self.heads.append(head)
            events: list[dict[str, Any]] = json.loads(body)["events"]
            self.batches.append(events)
            fault = next(self.script, "ok")
            if fault == "drop_before":
                return None
            if fault == "429":
                return _refusal(429, "too_many_requests", None, LIMITED)
            if fault == "page":
                return answer(b"<html>Welcome</html>")
            if fault == "proxy":
                return answer(b"<html>Bad Gateway</html>", "502 Bad Gateway")
            if fault in ("401", "403", "404", "500", "503"):
                return _refusal(int(fault), "failed", None)
            said = self._store(events)
            return None if fault == "drop_after" else said

    def _store(self, events: list[dict[str, Any]]) -> bytes:
        if len(events) > self._most:
            return _refusal(422, "validation_errors", {"events": ["too_many_events"]})
        if any(event["code"] == DEADLY for event in events):
            return _refusal(500, "internal_error", None)
        wrong: dict[str, Any] = {
            str(index): "expression_evaluation_failed: x" if index % 2 else {"code": ["value_is_invalid"]}
            for index, event in enumerate(events)
            if event["code"] == POISON
        }
        keys = [(event["external_subscription_id"], event["transaction_id"]) for event in events]
        if not wrong and not self._clickhouse:
            seen = set(self.stored)
            for index, key in enumerate(keys):
                if key in seen:
                    wrong[str(index)] = {"transaction_id": ["value_already_exist"]}
                seen.add(key)
        if wrong:
            return _refusal(422, "validation_errors", wrong)
        for key in keys:
            self.stored[key] = 1 if self._clickhouse else self.stored[key] + 1
        return answer({"events": [{"lago_id": None, **event} for event in events]})


def _refusal(status: int, code: str, details: object, headers: Sequence[str] = ()) -> bytes:
    body: dict[str, object] = {"status": status, "error": "refused", "code": code}
    if details is not None:
        body["error_details"] = details
    return answer(body, f"{status} Refused", headers)


@contextmanager
def failing_lago(
    script: Sequence[str] = (), *, clickhouse: bool = False, most: int = 100
) -> Generator[tuple[FailingLago, Wire], None, None]:
    """Run the server."""
    lago = FailingLago(script, clickhouse=clickhouse, most=most)
    with answering(lago.reply) as wire:
        yield lago, wire
