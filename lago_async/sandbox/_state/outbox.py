"""The outbox: what has happened, and the webhooks that tell it to the endpoints."""

import heapq
from collections import deque
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

import attrs

from lago_async.sandbox._state.plain_objects import PlainObject
from lago_async.sandbox._state.record import Record

ENDPOINTS = "webhook_endpoints"
"""The name of the endpoints among the plain objects of a store."""

KEPT = 10_000
"""The number of webhooks that an outbox remembers after they were sent."""

ATTEMPTS = 3
"""How often the server tries."""

WebhookStatus: TypeAlias = Literal["pending", "succeeded", "retrying", "failed", "refused"]


@attrs.frozen(kw_only=True)
class WebhookAttempt:
    """One attempt to deliver a webhook: when, on the sandbox's clock, and the status of the response or the error."""

    at: datetime
    status: int | None = None
    error: str | None = None


@attrs.frozen(kw_only=True)
class Happening:
    """Something that happened to a record. ``detail`` is what its webhook tells besides."""

    webhook_type: str
    subject: Record
    detail: object = None


@attrs.frozen(kw_only=True)
class Payload:
    """The content of a webhook, in the bytes that are signed and sent."""

    webhook_type: str
    object_type: str
    body: bytes


@attrs.define(kw_only=True, eq=False)
class Webhook(Record):
    """A payload on its way to one endpoint; its ``lago_id`` is the unique key of all attempts."""

    payload: Payload
    endpoint: PlainObject
    status: WebhookStatus = "pending"
    due: datetime | None
    attempts: list[WebhookAttempt] = attrs.field(factory=list[WebhookAttempt])
    problem: str | None = None

    def close(self, attempt: WebhookAttempt, *, succeeded: bool) -> None:
        """Record an attempt; after one that failed there is another one later, or none."""
        self.attempts.append(attempt)
        self.due = None
        if succeeded:
            self.status = "succeeded"
        elif len(self.attempts) < ATTEMPTS:
            self.status, self.due = "retrying", attempt.at + self._wait()
        else:
            self.status = "failed"

    def refuse(self, problem: str) -> None:
        """Give the webhook up without an attempt."""
        self.status, self.problem, self.due = "refused", problem, None

    def _wait(self) -> timedelta:
        """Return how long the server waits: the fourth power of the attempts, up to 15 % more, and two seconds."""
        # The server draws the share of the 15 %. Here the unique key decides, so that forks and saved worlds wait as
        # long.
        seconds, share = len(self.attempts) ** 4, UUID(self.lago_id).int / 2**128
        return timedelta(seconds=seconds + seconds * 0.15 * share + 2)


class Outbox:
    """Events that have no webhook yet, and the webhooks, oldest first."""

    def __init__(self) -> None:
        self.webhooks: deque[Webhook] = deque(maxlen=KEPT)
        self._happened: list[Happening] = []
        # A heap: what is due first, and of that, what has waited for longest.
        self._queue: list[tuple[datetime, int, Webhook]] = []
        self._queued = 0

    def add(self, happening: Happening) -> None:
        """Remember something that happened, until it is rendered."""
        self._happened.append(happening)

    def take_happened(self) -> list[Happening]:
        """Return what has happened and forget it: it is rendered, or was undone."""
        found, self._happened = self._happened, []
        return found

    def post(self, payload: Payload, endpoints: Iterable[PlainObject], now: datetime) -> None:
        """Make a webhook for each endpoint."""
        for endpoint in endpoints:
            webhook = Webhook(created_at=now, payload=payload, endpoint=endpoint, due=now)
            self.webhooks.append(webhook)
            self.put(webhook)

    def put(self, webhook: Webhook) -> None:
        """Have a webhook sent when it is due."""
        if webhook.due is not None:
            self._queued += 1
            heapq.heappush(self._queue, (webhook.due, self._queued, webhook))

    def take(self, now: datetime) -> Webhook | None:
        """Take the webhook that has been due for longest; None if none is."""
        return heapq.heappop(self._queue)[2] if self._queue and self._queue[0][0] <= now else None


def subscribed(endpoints: Iterable[PlainObject], webhook_type: str) -> list[PlainObject]:
    """Return the endpoints that want a type of webhooks: those that name it, and those that name none."""
    found: list[PlainObject] = []
    for endpoint in endpoints:
        wanted = endpoint.values["event_types"]
        if wanted is None or (isinstance(wanted, list) and webhook_type in wanted):
            found.append(endpoint)
    return found
