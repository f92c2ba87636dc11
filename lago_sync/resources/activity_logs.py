# GENERATED from lago_async/resources/activity_logs.py by `python -m tools.generate`. Do not edit.
"""The activity log: the actions on objects. Needs a premium licence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.activity_logs import ActivityLogs as AsyncActivityLogs
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from lago_async._table.query import PositiveInt
    from lago_async.models import ActivityLog, ActivitySource
    from lago_sync.pager import Pager

__all__ = ["ActivityLogs"]


class ActivityLogs(Resource[AsyncActivityLogs]):
    """The activity log: the actions on objects. Needs a premium licence."""

    def find(self, activity_id: str) -> ActivityLog:
        """Find one entry of the log.

        Needs a premium licence and ClickHouse on the server.

        Raises:
            NotFoundError: ``activity_log_not_found``.
            ForbiddenError: ``feature_unavailable``: the server has no premium licence.

        API operation: findActivityLog.
        """
        return self._run(self._async.find, activity_id)

    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        from_date: datetime | date | None = None,
        to_date: datetime | date | None = None,
        activity_types: Sequence[str] | None = None,
        activity_sources: Sequence[ActivitySource] | None = None,
        user_emails: Sequence[str] | None = None,
        external_customer_id: str | None = None,
        external_subscription_id: str | None = None,
        resource_ids: Sequence[str] | None = None,
        resource_types: Sequence[str] | None = None,
    ) -> Pager[ActivityLog]:
        """List the actions, the newest first.

        Needs a premium licence and ClickHouse on the server.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            from_date: This time or later; a date means its beginning, in UTC.
            to_date: This time or earlier; a date means its beginning, in UTC.
            activity_types: Any of these, for example ``subscription.started``.
            activity_sources: Any of these.
            user_emails: Actions of any of these users.
            external_customer_id: Only about this customer, by your id.
            external_subscription_id: Only about this subscription, by your id.
            resource_ids: Actions on any of these objects, by ``lago_id``.
            resource_types: Actions on objects of any of these classes.

        Raises:
            ForbiddenError: ``feature_unavailable``: the server has no premium licence.
            ValidationError: A filter was refused.

        API operation: findAllActivityLogs.
        """
        return self._page(
            self._async.find_all,
            page=page,
            per_page=per_page,
            from_date=from_date,
            to_date=to_date,
            activity_types=activity_types,
            activity_sources=activity_sources,
            user_emails=user_emails,
            external_customer_id=external_customer_id,
            external_subscription_id=external_subscription_id,
            resource_ids=resource_ids,
            resource_types=resource_types,
        )
