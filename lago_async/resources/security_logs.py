"""The security log: who changed keys, users, roles and settings."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, get

if TYPE_CHECKING:
    from lago_async.models import SecurityLog, SecurityLogEvent, SecurityLogType

__all__ = ["SecurityLogs"]


class SecurityLogs(Resource):
    """The security log: who changed keys, users, roles and settings."""

    @get(
        "find_security_log",
        "/security_logs/{log_id}",
        root="security_log",
        gates=("premium", "security_logs", "clickhouse"),
    )
    async def find(self, log_id: str) -> SecurityLog:
        """Find one entry of the log.

        Needs a premium licence, the integration ``security_logs`` and ClickHouse on the server.

        Raises:
            NotFoundError: ``security_log_not_found``.

        API operation: findSecurityLog.
        """

    @get(
        "find_all_security_logs",
        "/security_logs",
        root="security_logs",
        gates=("premium", "security_logs", "clickhouse"),
    )
    def find_all(
        self,
        *,
        to_date: datetime | date,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        from_date: datetime | date | None = None,
        user_ids: Sequence[str] | None = None,
        api_key_ids: Sequence[str] | None = None,
        log_types: Sequence[SecurityLogType] | None = None,
        log_events: Sequence[SecurityLogEvent] | None = None,
    ) -> AsyncPager[SecurityLog]:
        """List the entries of the last 90 days, the newest first.

        Needs a premium licence, the integration ``security_logs`` and ClickHouse on the server.

        Args:
            to_date: This time or earlier. The server requires it.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            from_date: This time or later.
            user_ids: Actions of any of these users, by ``lago_id``.
            api_key_ids: Actions with any of these API keys, by ``lago_id``.
            log_types: Any of these.
            log_events: Any of these.

        Raises:
            ValidationError: A filter was refused.

        API operation: findAllSecurityLogs.
        """
