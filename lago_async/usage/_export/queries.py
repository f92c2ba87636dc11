"""What usage to fetch, as values that check themselves."""

from __future__ import annotations

from datetime import datetime

import attrs

from lago_async.bulk_requests import CurrentUsageJob, PastUsageJob


@attrs.frozen(kw_only=True)
class PastUsageQuery:
    """The billed periods to fetch of each subscription."""

    from_datetime: datetime | None = None
    to_datetime: datetime | None = None
    periods_count: int | None = None
    billable_metric_code: str | None = None
    per_page: int | None = None

    def __attrs_post_init__(self) -> None:
        PastUsageJob.of(
            self.from_datetime, self.to_datetime, self.periods_count, self.billable_metric_code, self.per_page
        )


@attrs.frozen(kw_only=True)
class CurrentUsageQuery:
    """What to fetch of the running period of each subscription."""

    billable_metric_code: str | None = None
    apply_taxes: bool | None = None

    def __attrs_post_init__(self) -> None:
        CurrentUsageJob.of(self.billable_metric_code, self.apply_taxes)
