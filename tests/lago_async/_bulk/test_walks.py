"""The next page of past usage: every period comes once, whatever the sizes of pages."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from lago_async import Page, PageMeta
from lago_async._bulk.ids import SubscriptionIds
from lago_async._bulk.page_size import PageSize
from lago_async._bulk.queries import PastUsageQuery
from lago_async._bulk.walks import PastUsageWalk
from lago_async._table.messages import Request, Response
from lago_async.models import UsagePeriod

MONTHS = [datetime(2025, month, 1, tzinfo=UTC) for month in range(1, 13)]


def _walk(
    periods: list[UsagePeriod],
    query: PastUsageQuery,
    *,
    page_size: PageSize | None = None,
    cap: int = 1000,
    weights: Callable[[int], int] = lambda _: 1,
) -> tuple[list[str], list[tuple[int, int]]]:
    """Walk through a server's pages; return the ids that arrived, and the requested pages."""
    walk = PastUsageWalk(query, page_size or PageSize(query.per_page), SubscriptionIds("cus_0", "sub_0"))
    came: list[str] = []
    asked: list[tuple[int, int]] = []
    request: Request | None = walk.first()
    last = False
    while request is not None:
        assert not last
        assert len(asked) < 10_000
        number, size = (
            int(re.search(rf"[?&]{name}=(\d+)", request.target)[1])  # type: ignore[index]
            for name in ("page", "per_page")
        )
        asked.append((number, size))
        given = min(size, cap)
        items = periods[(number - 1) * given : number * given]
        pages = -(-len(periods) // given)
        meta = PageMeta(current_page=number, next_page=number + 1 if number < pages else None, total_pages=pages)
        answer = Response(request, 200, {}, b"x" * weights(len(items)), "", 1, False)
        values, request = walk.after(answer, Page(items, meta))
        for value in values:
            came += [period.lago_invoice_id for period in value.periods]
            last = value.last
    assert last
    return came, asked


def _periods(count: int) -> list[UsagePeriod]:
    return [UsagePeriod(lago_invoice_id=f"i{number}") for number in range(count)]  # type: ignore[call-arg]  # a response may lack any field


@given(
    count=st.integers(0, 400),
    sizes=st.lists(st.integers(1, 100), min_size=1, max_size=20),
    cap=st.sampled_from([1, 2, 7, 30, 1000]),
    periods_count=st.none() | st.integers(1, 450),
)
def test_pages_of_changing_sizes_bring_every_period_once(
    count: int, sizes: list[int], cap: int, periods_count: int | None
) -> None:
    page_size = PageSize()
    turns = iter(sizes * 500)

    def weigh(periods: int) -> int:
        page_size._seen = 0.0, 0.0
        return int(PageSize.TARGET * periods / next(turns)) - 1 if periods else 0

    query = PastUsageQuery(periods_count=periods_count)
    came, asked = _walk(_periods(count), query, page_size=page_size, cap=cap, weights=weigh)
    assert came == [f"i{number}" for number in range(count)][:periods_count]
    assert all(size <= 100 for _, size in asked)


@given(count=st.integers(0, 60), per_page=st.integers(1, 70), inserted_before=st.integers(1, 30))
def test_a_period_that_is_billed_meanwhile_makes_none_come_twice(
    count: int, per_page: int, inserted_before: int
) -> None:
    class Growing(list[UsagePeriod]):
        reads = 0

        def __getitem__(self, index: Any) -> Any:
            self.reads += 1
            if self.reads == inserted_before:
                self.insert(0, UsagePeriod(lago_invoice_id="new"))  # type: ignore[call-arg]  # a response may lack any field
            return super().__getitem__(index)

    came, _ = _walk(Growing(_periods(count)), PastUsageQuery(per_page=per_page))
    assert [each for each in came if each != "new"] == [f"i{number}" for number in range(count)]


def test_a_fixed_page_size_is_kept_to() -> None:
    assert _walk(_periods(10), PastUsageQuery(per_page=4))[1] == [(1, 4), (2, 4), (3, 4)]
    assert _walk(_periods(500), PastUsageQuery(per_page=300))[1] == [(1, 300), (2, 300)]
    assert _walk(_periods(8), PastUsageQuery(per_page=4))[1] == [(1, 4), (2, 4)]


def test_a_period_without_a_beginning_is_kept_and_stops_nothing() -> None:
    query = PastUsageQuery(from_datetime=MONTHS[5], to_datetime=MONTHS[9], per_page=2)
    assert _walk(_periods(5), query)[0] == [f"i{number}" for number in range(5)]
