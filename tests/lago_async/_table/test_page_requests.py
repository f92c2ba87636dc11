"""Which page comes next: the pagers' rules, without a server."""

import re

import pytest

from lago_async import ENDPOINTS, LagoArgumentError
from lago_async._table.page_requests import PageRequests, check_collect
from lago_async._table.pages import Page, PageMeta


def customers(**kwargs: object) -> PageRequests[int]:
    return PageRequests(ENDPOINTS["find_all_customers"], (), kwargs)


def periods(**kwargs: object) -> PageRequests[int]:
    query = {"external_subscription_id": "sub", **kwargs}
    return PageRequests(ENDPOINTS["find_all_customer_past_usage"], ("cus",), query)


def page_of(items: int, **meta: int | None) -> Page[int]:
    return Page(list(range(items)), PageMeta(**meta))


def test_the_first_request_is_for_the_page_asked_for_and_others_differ_in_their_number() -> None:
    requests = customers(page=3, per_page=20)
    assert requests.first.target == "/customers?page=3&per_page=20"
    assert requests.at(4).target == "/customers?page=4&per_page=20"
    assert periods().at(2).target == "/customers/cus/past_usage?external_subscription_id=sub&page=2"


def test_making_the_requests_checks_the_arguments() -> None:
    with pytest.raises(LagoArgumentError, match="page must be an integer of 1 or more"):
        customers(page=0)


def test_the_next_page_is_the_one_after_the_page_that_was_asked_for_whatever_its_meta_says() -> None:
    for following in (1, 2, 5, 0, -3, 10**30):
        assert customers().after(4, page_of(1, current_page=2, next_page=following, total_pages=9)) == 5
    assert customers().after(4, page_of(1, current_page=4, next_page=None, total_pages=9)) is None


def test_the_first_page_is_the_one_that_the_caller_asked_for() -> None:
    assert customers().start == 1
    assert customers(page=None).start == 1
    assert customers(page=3).start == 3
    assert customers(page=3).at(3) is not customers(page=3).first
    requests = customers(page=3)
    assert requests.at(3) is requests.first
    assert requests.at(3, per_page=7).target == "/customers?page=3&per_page=7"
    # A list without a position is over after its first page, and a later page is followed until one is empty.
    assert requests.after(3, Page([1], None)) is None
    assert requests.after(4, Page([1], None)) == 5


def test_a_page_without_items_is_the_last() -> None:
    assert customers().after(1, page_of(0, current_page=1, next_page=2)) is None


def test_a_parameter_that_disables_paging_makes_the_first_page_the_last() -> None:
    page = page_of(2, current_page=1, next_page=2, total_pages=6)
    assert periods(periods_count=2).after(1, page) is None
    assert periods(periods_count=None).after(1, page) == 2
    assert periods().after(1, page) == 2


@pytest.mark.parametrize(("limit", "concurrency"), [(None, 1), (0, 1), (1, 100)])
def test_a_limit_of_nothing_and_a_single_call_at_a_time_may_be_asked_for(limit: int | None, concurrency: int) -> None:
    check_collect(limit, concurrency)


@pytest.mark.parametrize(
    ("limit", "concurrency", "complaint"),
    [
        (-1, 1, "collect: limit must be a whole number, 0 or more, not -1"),
        (None, 0, "collect: concurrency must be a whole number, 1 or more, not 0"),
        (5, -3, "collect: concurrency must be a whole number, 1 or more, not -3"),
    ],
)
def test_numbers_that_mean_nothing_are_refused(limit: int | None, concurrency: int, complaint: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(complaint)}$"):
        check_collect(limit, concurrency)
