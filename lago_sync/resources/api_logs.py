# GENERATED from lago_async/resources/api_logs.py by `python -m tools.generate`. Do not edit.
"""The log of API calls. Needs a premium licence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.api_logs import ApiLogs as AsyncApiLogs
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from lago_async._table.query import PositiveInt
    from lago_async.models import ApiLog, LoggedMethod
    from lago_sync.pager import Pager

__all__ = ["ApiLogs"]


class ApiLogs(Resource[AsyncApiLogs]):
    """The log of API calls. Needs a premium licence."""

    def find(self, request_id: str) -> ApiLog:
        """Find a call by its request id: the ``request_id`` of an error or of ``with_http_info``.

        Needs a premium licence and ClickHouse on the server.

        Raises:
            NotFoundError: ``api_log_not_found``.
            ForbiddenError: ``feature_unavailable``: the server has no premium licence.

        API operation: findApiLog.
        """
        return self._run(self._async.find, request_id)

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
    ) -> Pager[ApiLog]:
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
        return self._page(
            self._async.find_all,
            page=page,
            per_page=per_page,
            from_date=from_date,
            to_date=to_date,
            http_methods=http_methods,
            http_statuses=http_statuses,
            api_version=api_version,
            request_paths=request_paths,
            clients=clients,
        )
