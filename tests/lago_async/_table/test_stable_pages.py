"""Stable walks without a server: a list changes between any two requests, and nothing that stays in it is missed."""

from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import ENDPOINTS, LagoArgumentError, LagoPageError
from lago_async._table.messages import Request, Response
from lago_async._table.page_requests import PageRequests
from lago_async._table.pages import Page, PageMeta
from lago_async._table.query import ParameterType
from lago_async._table.stable_pages import StablePages, stable_pages
from lago_async.models import Customer

CUSTOMERS = ENDPOINTS["find_all_customers"]


def requests_of(**kwargs: object) -> PageRequests[Any]:
    return PageRequests(CUSTOMERS, (), kwargs)


def asked(request: Request) -> tuple[int, int]:
    """The page and the size that a request asks for."""
    query = parse_qs(request.target.partition("?")[2])
    return int(query["page"][0]), int(query["per_page"][0])


def response_to(request: Request) -> Response:
    return Response(request, 200, {}, b"{}", "request", 1, uncertain=False)


class ChangingList:
    """A list of numbers that changes before it answers, as `changes` says per request; and what was asked of it."""

    def __init__(self, items: list[int], changes: Callable[["ChangingList"], None] = lambda _: None) -> None:
        self.items = items
        self.changes = changes
        self.asked: list[tuple[int, int]] = []
        self.removed = 0
        self.stale_by: int = 0
        self.cap = 10_000

    def remove(self, index: int) -> None:
        del self.items[index]
        self.removed += 1

    def page(self, request: Request) -> Page[int]:
        assert len(self.asked) < 5_000, "the walk does not end"
        number, size = asked(request)
        if self.asked:
            self.changes(self)
        self.asked.append((number, size))
        size = min(size, self.cap)
        total = len(self.items) + self.stale_by
        pages = -(-total // size)
        meta = PageMeta(
            current_page=number, next_page=number + 1 if number < pages else None, total_pages=pages, total_count=total
        )
        return Page(self.items[(number - 1) * size : number * size], meta)

    def walk(self, **kwargs: object) -> list[int]:
        """Walk the list, and return each number that came, once."""
        pages = StablePages[int](requests_of(**kwargs), lambda item: item)
        came: dict[int, None] = {}
        request: Request | None = pages.first
        while request is not None:
            found, request = pages.take(response_to(request), self.page(request))
            for key, item in found:
                assert key == item
                came[item] = None
        return list(came)


@given(
    length=st.integers(0, 400),
    per_page=st.integers(1, 130),
    data=st.data(),
)
def test_what_is_in_the_list_from_beginning_to_end_comes_whatever_leaves_and_joins(
    length: int, per_page: int, data: st.DataObject
) -> None:
    fresh = count(1_000)

    def change(changing: ChangingList) -> None:
        for kind in data.draw(st.lists(st.sampled_from(["front", "end", "first", "any", "many"]), max_size=4)):
            if kind == "front":
                changing.items.insert(0, next(fresh))
            elif kind == "end":
                changing.items.append(next(fresh))
            elif changing.items:
                index = 0 if kind == "first" else data.draw(st.integers(0, len(changing.items) - 1))
                for _ in range(
                    min(data.draw(st.integers(1, 150)) if kind == "many" else 1, len(changing.items) - index)
                ):
                    changing.remove(index)

    changing = ChangingList(list(range(length)), change)
    came = changing.walk(per_page=per_page)
    assert [item for item in changing.items if item < length and item not in came] == []
    size = max(per_page, StablePages.SMALLEST)
    everything = length + next(fresh) - 1_000
    assert len(changing.asked) <= 2 * everything / size + 2 * changing.removed + 2


@pytest.mark.parametrize(
    ("length", "per_page", "most"), [(0, 100, 1), (99, 100, 1), (100, 100, 2), (101, 100, 2), (10_000, 100, 116)]
)
def test_a_list_that_does_not_change_costs_about_a_seventh_more_requests(length: int, per_page: int, most: int) -> None:
    changing = ChangingList(list(range(length)))
    assert changing.walk(per_page=per_page) == list(range(length))
    assert len(changing.asked) <= most
    assert all(size <= per_page for _, size in changing.asked)


@pytest.mark.parametrize("too_low", [1, 100, 150, 250])
@pytest.mark.parametrize("length", [250, 300, 301])
def test_a_total_that_is_too_low_loses_nothing(too_low: int, length: int) -> None:
    """The server keeps the totals of invoices and fees for half an hour, and announces no page beyond them."""
    changing = ChangingList(list(range(length)))
    changing.stale_by = -too_low
    assert changing.walk(per_page=100) == list(range(length))


def test_a_page_begins_with_the_last_object_of_the_page_before() -> None:
    changing = ChangingList(list(range(1_500)))
    changing.walk()
    assert changing.asked[:3] == [(1, 100), (2, 99), (3, 98)]  # at 0, 99 and 196
    assert changing.asked[-5:] == [(12, 98), (14, 90), (14, 96), (18, 79), (16, 94)]  # of few sizes, few repeat little


@pytest.mark.parametrize("removed", [1, 2, 5, 60, 120])
def test_a_removal_costs_a_step_back_as_far_as_the_total_has_fallen(removed: int) -> None:
    def remove_once(changing: ChangingList) -> None:
        if len(changing.asked) == 2:
            for _ in range(removed):
                changing.remove(0)

    changing = ChangingList(list(range(1_000)), remove_once)
    assert changing.walk() == [*range(198), *range(198, 1_000)]
    still = ChangingList(list(range(1_000)))
    still.walk()
    assert len(changing.asked) <= len(still.asked) + 2


@pytest.mark.parametrize("removed", [1, 2, 7, 60, 120])
def test_a_removal_that_the_total_hides_costs_a_few_steps_back(removed: int) -> None:
    def exchange_once(changing: ChangingList) -> None:
        if len(changing.asked) == 2:
            for _ in range(removed):
                changing.remove(0)
            changing.items += range(2_000, 2_000 + removed)

    changing = ChangingList(list(range(1_000)), exchange_once)
    assert changing.walk()[:1_000] == list(range(1_000))
    assert len(changing.asked) <= 1_000 / 85 + removed.bit_length() + 3


def test_the_small_page_size_of_a_caller_is_raised_so_that_pages_can_overlap() -> None:
    changing = ChangingList(list(range(400)))
    assert changing.walk(per_page=1) == list(range(400))
    assert {size for _, size in changing.asked} <= set(range(16, 33))


@pytest.mark.parametrize("length", [0, 2, 31, 32, 33, 500])
@pytest.mark.parametrize("stale_by", [1, 40, 1_000])
def test_a_total_that_is_old_ends_no_walk_and_loses_nothing(length: int, stale_by: int) -> None:
    changing = ChangingList(list(range(length)))
    changing.stale_by = stale_by
    assert changing.walk(per_page=32) == list(range(length))
    still = ChangingList(list(range(length)))
    still.walk(per_page=32)
    assert len(changing.asked) <= len(still.asked) + 3


@pytest.mark.parametrize("cap", [1, 2, 25])
def test_a_server_that_sends_less_per_page_than_asked_for_is_refused_with_the_remedy(cap: int) -> None:
    changing = ChangingList(list(range(60)))
    changing.cap = cap
    with pytest.raises(LagoPageError, match="fewer items per page than the 40 that were asked for: .*set per_page to"):
        changing.walk(per_page=40)
    assert len(changing.asked) == 4


def pages_of(*, per_page: int = 40) -> StablePages[int]:
    return StablePages[int](requests_of(per_page=per_page), lambda item: item)


def meta(number: int, following: int | None, total: int | None = None) -> PageMeta:
    return PageMeta(current_page=number, next_page=following, total_pages=9, total_count=total)


def test_a_server_that_sends_more_per_page_than_asked_for_is_refused() -> None:
    pages = pages_of()
    with pytest.raises(LagoPageError, match="41 items instead of at most 40"):
        pages.take(response_to(pages.first), Page(list(range(41)), meta(1, 2)))
    whole = pages_of()
    found, following = whole.take(response_to(whole.first), Page(list(range(41)), meta(1, None)))
    assert [item for _, item in found] == list(range(41))
    assert following is None


def at(position: int, largest: int = 100) -> tuple[int, int]:
    """Return the page and size that reach a position with little repetition."""
    size = max(range(largest // 2, largest + 1), key=lambda size: size - 2 * (position % size))
    return position // size + 1, size


def taken(pages: StablePages[int], request: Request, items: list[int], total: int | None = None) -> Request:
    """Take a page of a list that continues, without a total of the list unless one is given."""
    number, _ = asked(request)
    _, following = pages.take(response_to(request), Page(items, meta(number, number + 1, total)))
    assert following is not None
    return following


def test_the_sizes_are_those_that_the_documentation_promises() -> None:
    assert (StablePages.DEFAULT, StablePages.SMALLEST, StablePages.PATIENCE) == (100, 32, 64)


def test_a_page_that_begins_too_late_is_followed_by_steps_back_that_double_and_begin_again_after_a_success() -> None:
    pages = pages_of(per_page=100)
    request = taken(pages, pages.first, list(range(100)))
    assert asked(request) == at(99)
    for position in (98, 97, 95):
        request = taken(pages, request, list(range(1_000, 1_000 + asked(request)[1])))
        assert asked(request) == at(position)
    number, size = asked(request)
    start = (number - 1) * size
    request = taken(pages, request, list(range(50, 50 + size)))
    end = start + size
    assert asked(request) == at(end - 1)
    request = taken(pages, request, list(range(2_000, 2_000 + asked(request)[1])))
    assert asked(request) == at(end - 2)


@pytest.mark.parametrize(
    ("before", "after", "back"),
    [(500, 493, 7), (500, 440, 60), (500, 501, 1), (500, 500, 1), (None, 493, 1), (500, None, 1)],
)
def test_the_first_step_back_is_as_far_as_the_total_has_fallen_if_both_totals_are_known(
    before: int | None, after: int | None, back: int
) -> None:
    pages = pages_of(per_page=100)
    request = taken(pages, pages.first, list(range(100)), before)
    request = taken(pages, request, list(range(1_000, 1_000 + asked(request)[1])), after)
    assert asked(request) == at(99 - back)


def test_a_page_without_meta_shows_no_total() -> None:
    pages = pages_of(per_page=100)
    request = taken(pages, pages.first, list(range(100)), 500)
    _, following = pages.take(response_to(request), Page(list(range(99, 99 + asked(request)[1])), None))
    assert following is not None
    request = taken(pages, following, list(range(1_000, 1_000 + asked(following)[1])), 400)
    assert asked(request) == at(196)


def test_any_object_of_the_last_page_shows_where_the_walk_is() -> None:
    def remove_the_last_of_the_page(changing: ChangingList) -> None:
        if len(changing.asked) == 1:
            changing.remove(99)
            changing.items.append(5_000)  # so that the total does not show it

    changing = ChangingList(list(range(300)), remove_the_last_of_the_page)
    assert set(changing.walk()) >= set(range(300)) - {99}
    assert changing.asked[1:3] == [at(99), at(98)]
    assert changing.asked[3] != at(97)


@pytest.mark.parametrize(("left", "known"), [(99, True), (98, False), (50, False), (0, False)])
def test_of_an_earlier_page_only_its_last_object_is_known(left: int, known: bool) -> None:
    pages = pages_of(per_page=100)
    request = taken(pages, pages.first, list(range(100)))
    request = taken(pages, request, list(range(99, 99 + asked(request)[1])))
    request = taken(pages, request, list(range(196, 196 + asked(request)[1])))
    number, size = asked(request)
    start = (number - 1) * size
    request = taken(pages, request, [left, *range(1_000, 999 + size)])
    assert asked(request) == (at(start + size - 1) if known else at(293 - 1))


def test_a_list_without_meta_is_over_after_its_first_page() -> None:
    pages = pages_of()
    assert pages.take(response_to(pages.first), Page(list(range(40)), None))[1] is None


def test_after_a_short_page_that_another_should_follow_the_next_of_its_size_is_asked_for() -> None:
    pages = pages_of()
    request = taken(pages, pages.first, [1, 2])
    assert asked(request) == (2, 40)
    assert pages.take(response_to(request), Page([], meta(2, 3))) == ([], None)


def test_the_last_object_of_an_earlier_page_shows_where_the_walk_is() -> None:
    def remove_the_last_page(changing: ChangingList) -> None:
        if len(changing.asked) == 5:
            for _ in range(150):
                changing.remove(300)

    changing = ChangingList(list(range(3_000)), remove_the_last_page)
    came = changing.walk()
    assert set(changing.items) <= set(came)
    assert (1, 100) not in changing.asked[1:]


def test_a_server_whose_pages_never_fit_together_is_given_up() -> None:
    pages = pages_of()
    numbers = count()
    request: Request | None = pages.first
    sent = 0

    def walk() -> None:
        nonlocal request, sent
        while request is not None:
            sent += 1
            number, size = asked(request)
            _, request = pages.take(response_to(request), Page([next(numbers) for _ in range(size)], meta(number, 9)))

    with pytest.raises(LagoPageError, match="a page that does not continue the one before, repeatedly"):
        walk()
    late, again = 65, 10  # six pages begin too late, then a step back reaches the first page, and so on
    assert sent == 1 + late + again


def test_an_item_without_a_key_is_refused() -> None:
    pages = StablePages[Any](requests_of(), lambda item: item.lago_id)
    page = Page([Customer(external_id="c")], meta(1, None))  # type: ignore[call-arg]  # a response may lack any field
    with pytest.raises(LagoPageError, match="an item without a key: .*pass a key that identifies each item"):
        pages.take(response_to(pages.first), page)


def test_a_walk_that_does_not_begin_at_the_beginning_or_whose_pages_are_wrong_is_refused_by_name() -> None:
    with pytest.raises(LagoArgumentError, match="find_all_customers: a stable walk takes the whole list; omit page"):
        stable_pages(requests_of(page=2), None)
    periods = {"external_subscription_id": "sub", "periods_count": 3}
    requests = PageRequests[Any](ENDPOINTS["find_all_customer_past_usage"], ("cus",), periods)
    with pytest.raises(LagoArgumentError, match="omit periods_count"):
        stable_pages(requests, lambda period: period)


@pytest.mark.parametrize("name", [endpoint.name for endpoint in ENDPOINTS.values() if endpoint.paged])
def test_every_list_can_be_walked_by_lago_id_or_asks_for_a_key(name: str) -> None:
    endpoint = ENDPOINTS[name]
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    query = {
        each.name: moment if each.type is ParameterType.DATETIME else "x" for each in endpoint.query if each.required
    }
    requests = PageRequests[Any](endpoint, ("x",) * len(endpoint.path_params), query)
    without_id = {
        "find_all_activity_logs", "find_all_api_logs", "find_all_customer_past_usage", "find_all_enriched_events",
        "find_all_features", "find_all_security_logs",
    }  # fmt: skip
    assert asked(stable_pages(requests, lambda item: item).first) == (1, 100)
    if name in without_id:
        with pytest.raises(LagoArgumentError, match=f"{name}: key is missing; .* has no lago_id"):
            stable_pages(requests, None)
    else:
        stable_pages(requests, None)


def test_a_list_that_grows_before_its_end_is_confirmed_is_walked_on() -> None:
    def join(changing: ChangingList) -> None:
        if len(changing.asked) == 3:
            changing.items[:0] = [1000, 1001]

    growing = ChangingList(list(range(89)), join)
    growing.stale_by = 2
    assert set(range(89)) <= set(growing.walk(per_page=32))


@pytest.mark.parametrize("end", [1, 2, 40, 250, 10_000])
def test_a_walk_is_resumed_at_the_last_object_of_the_part_that_is_walked(end: int) -> None:
    pages = StablePages[int](requests_of(per_page=40), lambda number: number, end=end, known={end - 1})
    assert pages.end == end
    assert asked(pages.first) == at(end - 1, 40)


def test_a_resumed_walk_steps_back_like_one_that_began_here() -> None:
    pages = StablePages[int](requests_of(per_page=40), lambda number: number, end=10_000)
    request = pages.first
    for position in (9_998, 9_997, 9_995):
        request = taken(pages, request, list(range(1_000_000, 1_000_000 + asked(request)[1])))
        assert asked(request) == at(position, 40)
