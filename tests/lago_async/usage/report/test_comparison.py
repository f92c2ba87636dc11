"""Months are compared like for like: the same subscriptions, billed from the beginning to the end of both."""

from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from lago_async.usage._report.comparison import _are_whole_months
from lago_async.usage._report.totals import LikeForLike
from tests.lago_async.usage.report.made_up_exports import UsageRow, counted, row, write

pa: Any = import_module("pyarrow")  # without types

ZONES = ("UTC", "Europe/Paris", "Europe/London", "America/New_York", "Asia/Tokyo", "Pacific/Auckland", "Asia/Kolkata")


def utc(text: str, zone: str = "UTC") -> str:
    """Return the time in UTC of a local time."""
    return f"{datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def whole(*spans: tuple[datetime, datetime]) -> list[bool]:
    begins, ends = ([int(span[side].timestamp()) for span in spans] for side in (0, 1))
    found: list[bool] = _are_whole_months(pa.array(begins, pa.int64()), pa.array(ends, pa.int64())).to_pylist()
    return found


def test_a_month_is_whole_in_every_time_zone_and_whatever_day_it_begins_on() -> None:
    months: list[tuple[datetime, datetime]] = []
    parts: list[tuple[datetime, datetime]] = []
    for zone in map(ZoneInfo, ZONES):
        for month in range(24):
            for day in (1, 2, 15, 20):
                begin = datetime(2024 + month // 12, month % 12 + 1, day, tzinfo=zone)
                end = datetime(2024 + (month + 1) // 12, (month + 1) % 12 + 1, day, tzinfo=zone)
                months.append((begin, end))
                for less in (timedelta(days=1), timedelta(days=7), timedelta(hours=9)):
                    parts += [(begin + less, end), (begin, end - less)]
    assert [span for span, found in zip(months, whole(*months), strict=True) if not found] == []
    assert [span for span, found in zip(parts, whole(*parts), strict=True) if found] == []


@pytest.mark.parametrize(
    ("begin", "end", "expected"),
    [
        ("2025-01-31", "2025-02-28", True),
        ("2025-01-30", "2025-02-28", True),
        ("2025-02-28", "2025-03-31", True),
        ("2025-01-01", "2025-03-01", False),
        ("2025-01-01", "2026-01-01", False),
        ("2025-01-04", "2025-02-01", False),
        ("2025-02-01", "2025-02-15", False),
    ],
)
def test_months_of_the_31st_are_whole_and_quarters_years_and_parts_are_not(
    begin: str, end: str, expected: bool
) -> None:
    span = datetime.fromisoformat(f"{begin}T00:00Z"), datetime.fromisoformat(f"{end}T00:00Z")
    assert whole(span) == [expected]


def two_months(customer: str, before: int, after: int, **more: Any) -> list[UsageRow]:
    return [
        row(customer, month, period_total_amount_cents=amount, **more)
        for month, amount in (("2025-01", before), ("2025-02", after))
    ]


FAITHFUL = two_months("faithful", 1000, 1100)


@pytest.mark.parametrize(
    "other",
    [
        [row("new", "2025-02")],
        [row("gone", "2025-01")],
        [row("half", "2025-01", from_datetime="2025-01-16T00:00:00Z"), row("half", "2025-02")],
        [row("left", "2025-01"), row("left", "2025-02", to_datetime="2025-02-14T23:59:59Z")],
        [*two_months("more", 5, 5), row("more", "2025-02", external_subscription_id="second")],
        [row("draft", "2025-01"), row("draft", "2025-02", invoice_status="draft")],
        [row("void", "2025-01"), row("void", "2025-02", invoice_status="voided")],
        [row("running", "2025-01"), row("running", "2025-02", lago_invoice_id=None)],
        [row("unknown", "2025-01"), row("unknown", "2025-02", period_total_amount_cents=None)],
        [row("year", "2025-01", to_datetime="2025-12-31T23:59:59Z"), row("year", "2025-02")],
        [
            row("both", "2025-01", lago_invoice_id="one for two months"),
            row("both", "2025-02", lago_invoice_id="one for two months"),
        ],
    ],
    ids=lambda rows: str(rows[0]["external_customer_id"]),
)
def test_whoever_did_not_use_the_same_for_both_whole_months_is_in_no_growth_figure(
    tmp_path: Path, other: list[UsageRow]
) -> None:
    found = counted(write(tmp_path / "usage.ndjson", [*FAITHFUL, *other]))
    assert found.months[-1].comparison == LikeForLike(1, 1000, 1100)
    assert [change.external_customer_id for change in (*found.growing, *found.shrinking)] == ["faithful"]


def test_an_upgrade_in_the_middle_of_a_month_is_still_the_same_subscription(tmp_path: Path) -> None:
    rows = [
        row("a", "2025-01"),
        row("a", "2025-02", to_datetime="2025-02-10T23:59:59Z", lago_invoice_id="first half"),
        row("a", "2025-02", from_datetime="2025-02-11T00:00:00Z", lago_invoice_id="second half"),
    ]
    assert counted(write(tmp_path / "usage.ndjson", rows)).months[-1].comparison == LikeForLike(1, 200, 400)


def test_an_invoice_over_two_subscriptions_is_compared_once(tmp_path: Path) -> None:
    rows = [
        row("a", month, external_subscription_id=name, lago_invoice_id=f"for both {month}")
        for month in ("2025-01", "2025-02")
        for name in ("one", "two")
    ]
    assert counted(write(tmp_path / "usage.ndjson", rows)).months[-1].comparison == LikeForLike(1, 200, 200)


def test_a_month_that_has_only_half_passed_is_no_growth(tmp_path: Path) -> None:
    """The export was made on the 15th, from past and current usage: neither half of February counts as billed."""
    rows = [*two_months("a", 1000, 300)[:1], row("a", "2025-02", lago_invoice_id=None, period_total_amount_cents=300)]
    found = counted(write(tmp_path / "usage.ndjson", rows))
    assert [(month.billed, month.running, month.comparison) for month in found.months] == [
        (1000, 0, None),
        (0, 300, None),
    ]
    assert (found.billed, found.running) == (1000, 300)


def test_months_of_a_customer_elsewhere_are_compared_too(tmp_path: Path) -> None:
    rows = [
        row(
            "tokyo", "2025-03", from_datetime=utc(f"2025-0{month}-01T00:00:00", "Asia/Tokyo"),
            to_datetime=utc(f"2025-0{month + 1}-01T00:00:00", "Asia/Tokyo").replace("15:00:00", "14:59:59"),
            lago_invoice_id=f"i{month}",
        )
        for month in (3, 4)
    ]  # fmt: skip
    assert counted(write(tmp_path / "usage.ndjson", rows)).months[-1].comparison == LikeForLike(1, 200, 200)
