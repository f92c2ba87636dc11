"""Compares months like for like: customers whose same subscriptions were billed from beginning to end of two months."""

from __future__ import annotations

# pyarrow has no types of its own.
from typing import Any, Final

from lago_async.usage._report.extras import require
from lago_async.usage._report.grouping import Grouping
from lago_async.usage._report.states import BILLED

_DAY: Final = 86_400
# Midnight in UTC-10 (Hawaii) is 10 o'clock in UTC; a later time is midnight of the next day east of UTC, up to UTC+13.
_WEST_OF_UTC: Final = 10 * 3_600
_SUMMER_TIME: Final = 2 * 3_600  # the most seconds by which a month may differ from whole days

_CUSTOMER: Final = ("external_customer_id", "currency")


def compared_customers(periods: Any, bills: Any) -> Any:
    """Return a table of the customers that can be compared, with one row per month and the amounts of both months.

    A subscription that began, ended, or was not billed in one of the two months takes its customer out of the
    comparison. So do bills without an amount, and bills for several months.

    Args:
        periods: A table with one row per period.
        bills: A table with one row per bill.
    """
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    billed = bills.filter(pc.equal(bills["state"], BILLED))
    unclear = billed.filter(
        pc.or_(
            pc.is_null(billed["total"]),
            pc.fill_null(pc.not_equal(billed["month"], billed["last_month"]), pa.scalar(value=True)),
        )
    )
    periods = periods.filter(
        pc.and_(
            pc.and_(pc.equal(periods["state"], BILLED), pc.is_valid(periods["month"])),
            pc.and_(
                pc.is_valid(periods["until"]),
                pc.invert(
                    pc.is_in(
                        periods["external_customer_id"],
                        value_set=pa.array(unclear["external_customer_id"].to_pylist(), pa.string()),
                    )
                ),
            ),
        )
    )
    begin = periods["from_datetime"].cast(pa.int64())
    end = pc.add(periods["until"].cast(pa.int64()), 1)
    subscriptions = Grouping(
        [*_CUSTOMER, "external_subscription_id", "month"],
        {"begin": ("begin", "min"), "end": ("end", "max"), "seconds": ("seconds", "sum")},
    ).of(
        pa.table(
            {
                **{name: periods[name] for name in (*_CUSTOMER, "external_subscription_id", "month")},
                "begin": begin,
                "end": end,
                "seconds": pc.subtract(end, begin),
            }
        )
    )
    gaps = pc.abs(pc.subtract(pc.subtract(subscriptions["end"], subscriptions["begin"]), subscriptions["seconds"]))
    whole = pc.and_(_are_whole_months(subscriptions["begin"], subscriptions["end"]), pc.less_equal(gaps, _SUMMER_TIME))
    subscriptions = subscriptions.append_column("whole", whole.cast(pa.int64())).drop_columns(
        ["begin", "end", "seconds"]
    )
    before = _in_next_month(subscriptions).rename_columns(
        [*_CUSTOMER, "external_subscription_id", "month", "whole_before"]
    )
    both = subscriptions.join(
        before, [*_CUSTOMER, "external_subscription_id", "month"], join_type="inner", use_threads=False
    )
    keys = [*_CUSTOMER, "month"]
    count = {"subscriptions": ("whole", "count")}
    now = Grouping(keys, count).of(subscriptions)
    then = Grouping(keys, {"earlier": ("whole", "count")}).of(_in_next_month(subscriptions))
    same = Grouping(
        keys, {"same": ("whole", "count"), "whole": ("whole", "min"), "whole_before": ("whole_before", "min")}
    ).of(both)
    found = same.join(now, keys, join_type="inner", use_threads=False).join(
        then, keys, join_type="inner", use_threads=False
    )
    found = found.filter(
        pc.and_(
            pc.and_(pc.equal(found["same"], found["subscriptions"]), pc.equal(found["same"], found["earlier"])),
            pc.and_(pc.equal(found["whole"], 1), pc.equal(found["whole_before"], 1)),
        )
    )
    amounts = Grouping(keys, {"after": ("total", "sum")}).of(billed)
    earlier = _in_next_month(amounts).rename_columns([*keys, "before"])
    return (
        found.select(keys)
        .join(amounts, keys, join_type="inner", use_threads=False)
        .join(earlier, keys, join_type="inner", use_threads=False)
    )


def _in_next_month(table: Any) -> Any:
    """Return a table whose rows belong to the month after theirs."""
    pc = require("pyarrow.compute")
    place = table.column_names.index("month")
    return table.set_column(place, "month", pc.add(table["month"], 1).cast(table["month"].type))


def _are_whole_months(begin: Any, end: Any) -> Any:
    """Return whether each time from a beginning to an end, in seconds, is one month in the time zone of some customer.

    The zone is not known, but a period that is a whole month begins at midnight there.
    """
    pc = require("pyarrow.compute")
    day = pc.divide(begin, _DAY)
    seconds = pc.subtract(begin, pc.multiply(day, _DAY))
    west = pc.and_(pc.less_equal(seconds, _WEST_OF_UTC), _is_month_from(day, begin, end))
    east = pc.and_(pc.greater(seconds, _WEST_OF_UTC), _is_month_from(pc.add(day, 1), begin, end))
    return pc.or_(west, east)


def _is_month_from(day: Any, begin: Any, end: Any) -> Any:
    """Return whether each period is one month if it begins at the beginning of a day, counted from 1970."""
    pc = require("pyarrow.compute")
    shifted = pc.add(pc.add(end, pc.subtract(pc.multiply(day, _DAY), begin)), _SUMMER_TIME)
    end_day = pc.divide(shifted, _DAY)
    at_midnight = pc.less_equal(pc.subtract(shifted, pc.multiply(end_day, _DAY)), 2 * _SUMMER_TIME)
    first, last = _dates(day), _dates(end_day)
    next_month = pc.equal(pc.subtract(_month(last), _month(first)), 1)
    day_of_first, day_of_last = pc.day(first), pc.day(last)
    is_end = pc.equal(pc.day(_dates(pc.add(end_day, 1))), 1)
    begins_at_end = pc.equal(pc.day(_dates(pc.add(day, 1))), 1)
    # A subscription of the 31st has months from the last day of one month to that of the next.
    clamped = pc.and_(is_end, pc.or_(begins_at_end, pc.greater(day_of_first, day_of_last)))
    return pc.and_(at_midnight, pc.and_(next_month, pc.or_(pc.equal(day_of_first, day_of_last), clamped)))


def _dates(days: Any) -> Any:
    pa = require("pyarrow")
    return days.cast(pa.int32()).cast(pa.date32())


def _month(dates: Any) -> Any:
    pc = require("pyarrow.compute")
    return pc.add(pc.multiply(pc.year(dates), 12), pc.month(dates))
