"""Remember webhooks in Redis, for several machines: `WebhookHandlers(verifier, store=RedisDeliveryStore(redis))`.

It needs redis-py. A claim that is older than the lease counts as abandoned, because Redis drops it. Choose a lease of
more than a handler ever takes. With more than 21 seconds, what a killed process was handling is refused when Lago
repeats it for the last time.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from redis import Redis

    from lago_async.webhooks import ClaimResult

DONE = "done"
KEPT = 90 * 86_400  # seconds; Lago keeps webhooks for 90 days, and somebody may repeat one until then


class RedisDeliveryStore:
    """A ``DeliveryStore`` of any number of processes on any number of machines."""

    def __init__(self, redis: Redis, *, lease: int = 20, prefix: str = "lago:webhook:") -> None:
        self._redis: Any = redis  # redis-py annotates only some of its methods
        self._lease = lease
        self._prefix = prefix
        self._mine = secrets.token_hex(16)  # so that a claim of another process is never given back

    def claim(self, key: str, /) -> ClaimResult:
        """Take a delivery to handle it, unless it is done or taken."""
        if self._redis.set(self._prefix + key, self._mine, nx=True, ex=self._lease):
            return "new"
        return "done" if _text(self._redis.get(self._prefix + key)) == DONE else "busy"

    def complete(self, key: str, /) -> None:
        """Note that a delivery was handled."""
        self._redis.set(self._prefix + key, DONE, ex=KEPT)

    def release(self, key: str, /) -> None:
        """Give a delivery back, because its handler failed."""
        with self._redis.pipeline() as pipeline:
            pipeline.watch(self._prefix + key)
            if _text(pipeline.get(self._prefix + key)) != self._mine:
                return  # another process has taken it after the lease
            pipeline.multi()
            pipeline.delete(self._prefix + key)
            pipeline.execute(raise_on_error=False)  # a change meanwhile is another process's claim, which stays


def _text(value: bytes | str | None) -> str | None:
    """Return a value as text; redis-py gives bytes, unless it was made with ``decode_responses=True``."""
    return value.decode() if isinstance(value, bytes) else value
