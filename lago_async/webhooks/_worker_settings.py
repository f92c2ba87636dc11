"""The settings of a worker, on both faces."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from lago_async._validation import check_seconds, check_whole_number
from lago_async.errors import LagoConfigError

if TYPE_CHECKING:
    from lago_async.webhooks._backlog import Backlog


@attrs.frozen(kw_only=True)
class WorkerSettings:
    """The settings of a worker, checked."""

    concurrency: int
    max_attempts: int
    poll: float
    grace: float

    def __attrs_post_init__(self) -> None:
        check_whole_number("concurrency", self.concurrency, least=1)
        check_whole_number("max_attempts", self.max_attempts, least=1)
        check_seconds("poll", self.poll, positive=True, optional=False)
        check_seconds("grace", self.grace, positive=False, optional=False)

    def backlog_of(self, backlog: Backlog | None) -> Backlog:
        """Return the backlog of handlers.

        Raises:
            LagoConfigError: They have none.
        """
        if backlog is None:
            raise LagoConfigError(
                'a WebhookWorker needs handlers that keep deliveries: WebhookHandlers(..., respond="at_once")'
            )
        return backlog
