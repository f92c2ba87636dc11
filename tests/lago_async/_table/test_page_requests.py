"""Which page comes next, and which may be fetched ahead: the pagers' rules, without a server."""

import asyncio
import re
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import ENDPOINTS, LagoArgumentError
from lago_async._table.messages import Request, Response
from lago_async._table.page_requests import PageRequests, check_collect
from lago_async._table.pages import Page, PageMeta
from lago_async.pager import AsyncPager


def customers(**kwargs: object) -> PageRequests[int]:
    return PageRequests(ENDPOINTS["find_all_customers"], (), kwargs)


def periods(**kwargs: object) -> PageRequests[int]:
    query = {"external_subscription_id": "sub", **kwargs}
    return PageRequests(ENDPOINTS["find_all_customer_past_usage"], ("cus",), query)


def page_of(items: int, **meta: int | None) -> Page[int]:
    return Page(list(range(items)), PageMeta(**meta))


def test_the_first_request_is_for_the_page_asked_for_and_others_differ_in_their_number():
    requests = customers(page=3, per_page=20)
    assert requests.first.target == "/customers?page=3&per_page=20"
    assert requests.at(4).target == "/customers?page=4&per_page=20"
    assert periods().at(2).target == "/customers/cus/past_usage?external_subscription_id=sub&page=2"


def test_making_the_requests_checks_the_arguments():
    with pytest.raises(LagoArgumentError, match="page must be an integer of 1 or more"):
        customers(page=0)


@pytest.mark.parametrize(
    ("current", "following", "after"),
    [
        (1, 2, 2),
        (1, 5, 5),
        (None, 1, 1),
        (0, 1, 1),
        (1, None, None),
        (None, None, None),
        # A server that leads in circles is not followed.
        (2, 2, None),
        (3, 2, None),
        (1, 0, None),
        (None, 0, None),
        (0, -1, None),
    ],
)
def test_the_next_page_is_followed_only_if_it_is_a_later_one(
    current: int | None, following: int | None, after: int | None
):
    assert customers().after(page_of(1, current_page=current, next_page=following, total_pages=9)) == after


def test_a_page_without_items_or_meta_is_the_last():
    assert customers().after(page_of(0, current_page=1, next_page=2)) is None
    assert customers().after(Page([1], None)) is None
    assert customers().foreseen(Page([1], None), None, 4) == range(0)
    assert customers().foreseen(page_of(0, current_page=1, next_page=2, total_pages=9), None, 4) == range(0)


def test_a_parameter_that_disables_paging_makes_the_first_page_the_last():
    page = page_of(2, current_page=1, next_page=2, total_pages=6)
    assert periods(periods_count=2).after(page) is None
    assert periods(periods_count=2).foreseen(page, None, 4) == range(0)
    assert periods(periods_count=None).after(page) == 2
    assert periods().after(page) == 2


class CircularServer:
    """Says of the same page, again and again, that it follows; refuses to be asked more than a few times."""

    def __init__(self, following: int) -> None:
        self.following = following
        self.requests = 0

    async def send(self, request: Request) -> Response:
        self.requests += 1
        assert self.requests < 5, "the walk goes in a circle"
        body = b'{"customers":[{"external_id":"a"}],"meta":{"current_page":%d,"next_page":%d,"total_pages":3}}'
        return Response(request, 200, {}, body % (2, self.following), "", 1, uncertain=False)


@pytest.mark.parametrize("following", [1, 2])
@pytest.mark.parametrize("collect", [True, False])
def test_a_walk_ends_where_a_server_says_that_the_same_page_follows(following: int, collect: bool):
    async def walk() -> int:
        pager: AsyncPager[Any] = AsyncPager(server, ENDPOINTS["find_all_customers"], (), {})
        return len(await pager.collect()) if collect else len([item async for item in pager])

    server = CircularServer(following)
    assert asyncio.run(walk()) == 1
    assert server.requests == 1


@given(
    items=st.integers(1, 30),
    current=st.integers(1, 5),
    total=st.none() | st.integers(0, 60),
    missing=st.none() | st.integers(-30, 300),
    concurrency=st.integers(1, 3),
)
def test_the_pages_foreseen_are_those_that_exist_and_are_wanted_and_of_a_few_rounds(
    items: int, current: int, total: int | None, missing: int | None, concurrency: int
):
    page = page_of(items, current_page=current, next_page=current + 1, total_pages=total)
    last = total or current + 1  # that there is a next page is known, whatever the total is
    expected: list[int] = []
    for number in count(current + 1):
        enough = missing is not None and items * len(expected) >= missing
        if number > last or enough or len(expected) == 16 * concurrency:
            break
        expected.append(number)
    assert list(customers().foreseen(page, missing, concurrency)) == expected


@pytest.mark.parametrize(("concurrency", "last"), [(1, 17), (3, 49)])
def test_a_batch_is_sixteen_rounds_whatever_total_a_server_reports(concurrency: int, last: int):
    page = page_of(1, current_page=1, next_page=2, total_pages=20_000_000)
    assert customers().foreseen(page, None, concurrency) == range(2, last + 1)


@pytest.mark.parametrize(("limit", "concurrency"), [(None, 1), (0, 1), (1, 100)])
def test_a_limit_of_nothing_and_a_single_call_at_a_time_may_be_asked_for(limit: int | None, concurrency: int):
    check_collect(limit, concurrency)


@pytest.mark.parametrize(
    ("limit", "concurrency", "complaint"),
    [
        (-1, 1, "collect: limit must be a whole number, 0 or more, not -1"),
        (None, 0, "collect: concurrency must be a whole number, 1 or more, not 0"),
        (5, -3, "collect: concurrency must be a whole number, 1 or more, not -3"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(limit: int | None, concurrency: int, complaint: str):
    with pytest.raises(ValueError, match=f"^{re.escape(complaint)}$"):
        check_collect(limit, concurrency)
