"""The log of API calls. Needs a premium licence."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, get

if TYPE_CHECKING:
    from lago_async.models import ApiLog, LoggedMethod

__all__ = ["ApiLogs"]


class ApiLogs(Resource):
    """The log of API calls. Needs a premium licence."""

    @get("find_api_log", "/api_logs/{request_id}", root="api_log", gates=("premium", "clickhouse"))
    async def find(self, request_id: str) -> ApiLog:
        """Find a call by its request id: the ``request_id`` of an error or of ``with_http_info``.

        Needs a premium licence and ClickHouse on the server.

        Raises:
            NotFoundError: ``api_log_not_found``.
            ForbiddenError: ``feature_unavailable``: the server has no premium licence.

        API operation: findApiLog.
        """

    @get("find_all_api_logs", "/api_logs", root="api_logs", gates=("premium", "clickhouse"))
    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        from_date: datetime | date | None = None,
        to_date: datetime | date | None = None,
        http_methods: Sequence[LoggedMethod] | None = None,
        http_statuses: Sequence[int | str] | None = None,
        api_version: str | None = None,
        request_paths: str | None = None,
        clients: Sequence[str] | None = None,
    ) -> AsyncPager[ApiLog]:
        """List calls that changed something, the newest first.

        Needs a premium licence and ClickHouse on the server.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            from_date: This time or later; a date means its beginning, in UTC.
            to_date: This time or earlier; a date means its beginning, in UTC.
            http_methods: Any of these.
            http_statuses: Any of these: numbers, or ``succeeded`` and ``failed``.
            api_version: Only this version, for example ``v1``.
            request_paths: Only this path.
            clients: Calls of any of these clients, by their User-Agent.

        Raises:
            ForbiddenError: ``feature_unavailable``: the server has no premium licence.
            ValidationError: A filter was refused.

        API operation: findAllApiLogs.
        """
