"""The changes of one currency: from month to month, and of the customers that grew and shrank most."""

from __future__ import annotations

from collections.abc import Mapping

# pyarrow has no types of its own; what this module returns has.
from typing import Any

import attrs

from lago_async.usage._report.extras import require
from lago_async.usage._report.grouping import Grouping
from lago_async.usage._report.totals import MOST_CHANGES, Comparison, CustomerChange


@attrs.frozen(kw_only=True)
class Changes:
    """The changes between the two latest months that can be compared.

    Attributes:
        month: The later of the two; None if there are none.
        growing: The compared customers whose bills grew most.
        shrinking: The compared customers whose bills shrank most.
        appeared: How many customers have a bill for the later month only, and its amount.
        left: How many customers have a bill for the earlier month only, and its amount.
    """

    month: int | None = None
    growing: tuple[CustomerChange, ...] = ()
    shrinking: tuple[CustomerChange, ...] = ()
    appeared: tuple[int, int] = (0, 0)
    left: tuple[int, int] = (0, 0)


def comparisons_of(compared: Any) -> dict[int, Comparison]:
    """Return the comparison of each month with the one before, where there is one."""
    sums = {"customers": ("after", "count"), "before": ("before", "sum"), "after": ("after", "sum")}
    return {
        row["month"]: Comparison(row["customers"], int(row["before"]), int(row["after"]))
        for row in Grouping(["month"], sums).of(compared).to_pylist()
    }


def changes_of(bills: Any, compared: Any, comparisons: Mapping[int, Comparison]) -> Changes:
    """Return the changes between the two latest months that can be compared.

    Args:
        bills: A table of the bills that are final.
        compared: A table of the customers that can be compared.
        comparisons: The comparisons of all months.
    """
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    if not comparisons:
        return Changes()
    month = max(comparisons)
    these = compared.filter(pc.equal(compared["month"], month))
    these = these.append_column("change", _difference(these["after"], these["before"]))
    names = Grouping(["external_customer_id"], {"name": ("customer_name", "max")}).of(bills)

    def most(order: str) -> tuple[CustomerChange, ...]:
        found = these.sort_by([("change", order), ("external_customer_id", "ascending")]).slice(0, MOST_CHANGES)
        ids = pa.array(found["external_customer_id"].to_pylist(), pa.string())
        chosen = names.filter(pc.is_in(names["external_customer_id"], value_set=ids))
        name_of = {row["external_customer_id"]: row["name"] for row in chosen.to_pylist()}
        return tuple(
            CustomerChange(
                row["external_customer_id"],
                name_of.get(row["external_customer_id"]),
                int(row["before"]),
                int(row["after"]),
            )
            for row in found.to_pylist()
            if (row["change"] > 0) == (order == "descending") and row["change"]
        )

    return Changes(
        month=month,
        growing=most("descending"),
        shrinking=most("ascending"),
        appeared=_only_in(bills, month, month - 1),
        left=_only_in(bills, month - 1, month),
    )


def _difference(after: Any, before: Any) -> Any:
    pa, pc = require("pyarrow"), require("pyarrow.compute")
    wide = pa.decimal256(60, 0)  # a difference may have a digit more than a decimal128 holds
    return pc.subtract(after.cast(wide), before.cast(wide))


def _only_in(bills: Any, one: int, other: int) -> tuple[int, int]:
    """Return how many customers have bills for one month and not for another, and the amount of these bills."""
    pc = require("pyarrow.compute")
    mine = bills.filter(pc.equal(bills["month"], one))
    theirs = bills.filter(pc.equal(bills["month"], other))["external_customer_id"].combine_chunks()
    only = mine.filter(pc.invert(pc.is_in(mine["external_customer_id"], value_set=theirs)))
    customers = Grouping(["external_customer_id"]).of(only).num_rows
    return customers, int(pc.sum(only["total"]).as_py() or 0)
