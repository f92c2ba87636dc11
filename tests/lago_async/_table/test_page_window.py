"""Which pages are fetched concurrently: whatever totals say, all items come and few requests go beyond the end."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import ENDPOINTS
from lago_async._table.page_requests import PageRequests
from lago_async._table.page_window import PageWindow
from lago_async._table.pages import Page, PageMeta

TOTALS = st.none() | st.integers(-5, 60) | st.sampled_from([10**9, 10**30])


def window_of(*, limit: int | None = None, concurrency: int = 4, **kwargs: object) -> PageWindow[int]:
    return PageWindow(PageRequests(ENDPOINTS["find_all_customers"], (), kwargs), limit=limit, concurrency=concurrency)


class PagedList:
    """Pages of numbers, which a window fetches in an order that the test chooses."""

    def __init__(self, sizes: list[int], totals: Any, failing: frozenset[int] = frozenset()) -> None:
        self.pages: list[list[int]] = []
        start = 0
        for size in sizes:
            self.pages.append(list(range(start, start + size)))
            start += size
        self.totals = totals
        self.failing = failing
        self.sent: list[int] = []
        self.most = 0

    def page(self, number: int) -> Page[int]:
        items = self.pages[number - 1] if number <= len(self.pages) else []
        following = number + 1 if number < len(self.pages) else None
        return Page(items, PageMeta(current_page=number, next_page=following, total_pages=self.totals()))

    def collect(self, window: PageWindow[int], choose: Any) -> list[int]:
        in_flight: list[int] = []
        while (calls := window.take()) or window.waits:
            for number, request in calls:
                assert f"page={number}" in request.target or number == 1
                in_flight.append(number)
                self.sent.append(number)
            self.most = max(self.most, len(in_flight))
            number = in_flight.pop(choose(len(in_flight)))
            if number in self.failing:
                window.fail(number, ValueError(number))
            else:
                window.put(number, self.page(number))
        return window.result()


@given(
    sizes=st.lists(st.integers(1, 4), min_size=1, max_size=20),
    concurrency=st.integers(1, 6),
    limit=st.none() | st.integers(1, 60),
    data=st.data(),
)
def test_whatever_totals_say_all_items_come_in_order_and_few_requests_go_beyond_the_last_page(
    sizes: list[int], concurrency: int, limit: int | None, data: st.DataObject
) -> None:
    paged = PagedList(sizes, lambda: data.draw(TOTALS))
    window = window_of(limit=limit, concurrency=concurrency)
    came = paged.collect(window, lambda count: data.draw(st.integers(0, count - 1)))
    assert came == list(range(sum(sizes)))[:limit]
    assert paged.sent == list(range(1, len(paged.sent) + 1))
    assert len(paged.sent) <= len(sizes) + concurrency
    assert paged.most <= concurrency


@given(
    sizes=st.lists(st.integers(1, 3), min_size=1, max_size=12),
    failing=st.frozensets(st.integers(1, 20), min_size=1, max_size=4),
    limit=st.none() | st.integers(1, 40),
    data=st.data(),
)
def test_the_first_page_that_fails_raises_its_error_unless_the_list_or_the_limit_ends_before_it(
    sizes: list[int], failing: frozenset[int], limit: int | None, data: st.DataObject
) -> None:
    paged = PagedList(sizes, lambda: data.draw(TOTALS), failing)
    window = window_of(limit=limit, concurrency=5)
    first = min(failing)
    before = sum(sizes[: first - 1])
    enough = limit is not None and before >= limit
    if first <= len(sizes) and not enough:
        with pytest.raises(ValueError, match=f"^{first}$"):
            paged.collect(window, lambda count: data.draw(st.integers(0, count - 1)))
    else:
        came = paged.collect(window, lambda count: data.draw(st.integers(0, count - 1)))
        assert came == list(range(sum(sizes)))[:limit]


def test_pages_are_fetched_as_far_as_the_total_says_and_as_the_limit_needs() -> None:
    paged = PagedList([10] * 8, lambda: 8)
    window = window_of(limit=35, concurrency=10)
    assert [number for number, _ in window.take()] == [1]
    window.put(1, paged.page(1))
    assert [number for number, _ in window.take()] == [2, 3, 4]
    window.put(3, paged.page(3))
    assert window.take() == []
    waits: bool = window.waits
    assert waits
    window.put(2, paged.page(2))
    window.put(4, paged.page(4))
    assert not window.take()
    assert not window.waits
    assert window.result() == list(range(35))


def test_no_page_is_fetched_beyond_the_one_that_fills_the_limit_exactly() -> None:
    paged = PagedList([10] * 8, lambda: 8)
    window = window_of(limit=40, concurrency=10)
    window.take()
    window.put(1, paged.page(1))
    assert [number for number, _ in window.take()] == [2, 3, 4]


def test_a_page_that_fails_does_not_matter_if_the_pages_before_it_have_enough() -> None:
    window = window_of(limit=4, concurrency=4)
    window.take()
    window.put(1, Page([1], PageMeta(current_page=1, next_page=2, total_pages=9)))
    assert [number for number, _ in window.take()] == [2, 3, 4]
    window.fail(4, ValueError("not needed"))
    window.put(2, Page([2, 3], PageMeta(current_page=2, next_page=3)))
    window.put(3, Page([4], PageMeta(current_page=3, next_page=4)))
    assert window.result() == [1, 2, 3, 4]


def test_an_error_of_the_page_after_the_last_does_not_count() -> None:
    window = window_of(concurrency=3)
    window.take()
    window.put(1, Page([1], PageMeta(current_page=1, next_page=2, total_pages=9)))
    window.take()
    window.fail(3, ValueError("there is no page 3"))
    window.put(2, Page([2], PageMeta(current_page=2)))
    assert window.result() == [1, 2]


def test_a_page_without_meta_is_followed_by_one_page_at_a_time_until_one_is_empty() -> None:
    window = window_of(concurrency=3)
    window.take()
    window.put(1, Page([1], PageMeta(current_page=1, next_page=2)))
    for number in (2, 3, 4):
        assert [taken for taken, _ in window.take()] == [number]
        assert not window.take()
        window.put(number, Page([number] if number < 4 else [], None))
    assert window.take() == []
    assert window.result() == [1, 2, 3]


def test_the_walk_begins_with_the_page_that_was_asked_for() -> None:
    window = window_of(page=3, per_page=10)
    ((number, request),) = window.take()
    assert number == 3
    assert request.target == "/customers?page=3&per_page=10"
    window.put(3, Page([1], PageMeta(current_page=3, next_page=4, total_pages=4)))
    ((number, request),) = window.take()
    assert request.target == "/customers?page=4&per_page=10"
    assert window.waits
    window.put(4, Page([2], PageMeta(current_page=4)))
    assert window.result() == [1, 2]


def test_pages_beyond_the_end_are_not_waited_for_and_their_errors_and_items_do_not_count() -> None:
    window = window_of(concurrency=4)
    window.take()
    window.put(1, Page([1], PageMeta(current_page=1, next_page=2, total_pages=10**30)))
    assert [number for number, _ in window.take()] == [2, 3, 4, 5]
    window.fail(5, ValueError("beyond"))
    window.put(4, Page([4], PageMeta(current_page=4, next_page=5)))
    window.put(2, Page([2], PageMeta(current_page=2)))
    assert not window.waits
    assert not window.take()
    window.fail(3, ValueError("beyond"))
    assert window.result() == [1, 2]
