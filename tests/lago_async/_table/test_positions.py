"""Whether a page is the one that was asked for, and whether another follows, from whatever a server says of it."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import ENDPOINTS, LagoPageError, LagoResponseError
from lago_async._codec.scheduling import LARGE
from lago_async._table.messages import Response
from lago_async._table.pages import Page, PageMeta
from lago_async._table.positions import ListEnd, another_follows

CUSTOMERS = ENDPOINTS["find_all_customers"]
PERIODS = ENDPOINTS["find_all_customer_past_usage"]


def read(meta: object, *, pad: int = 0, **query: object) -> Page[Any]:
    body = json.dumps({"customers": [{"external_id": "c"}], "meta": meta, "pad": "x" * pad}).encode()
    page: Page[Any] = CUSTOMERS.decode(Response(CUSTOMERS.encode((), query), 200, {"X": "y"}, body, "id", 1, False))
    return page


@pytest.mark.parametrize("pad", [0, LARGE])
def test_another_page_than_the_one_asked_for_is_an_error_that_says_so_and_keeps_the_response(pad: int) -> None:
    with pytest.raises(LagoPageError, match="^200 with page 1 instead of page 2: find_all_customers .*cache") as caught:
        read({"current_page": 1, "next_page": 2}, pad=pad, page=2)
    error = caught.value
    assert isinstance(error, LagoResponseError)
    assert (error.status_code, error.headers["x"], error.operation) == (200, "y", "find_all_customers")
    assert json.loads(error.body)["customers"] == [{"external_id": "c"}]


@pytest.mark.parametrize(
    ("asked", "meta"),
    [
        (2, {"current_page": 1}),
        (2, {"current_page": 3}),
        (2, {"current_page": "1"}),
        (2, {"current_page": -2}),
        (None, {"current_page": 2}),
        (1, {"current_page": 10**30}),
        # Without a number of its own, a page is told by its neighbours.
        (2, {"next_page": 2}),
        (2, {"current_page": 0, "next_page": 2}),
        (1, {"next_page": 1}),
        (1, {"next_page": 5}),
        (1, {"prev_page": 3}),
        (3, {"prev_page": 1, "next_page": None}),
    ],
)
def test_the_number_of_a_page_is_compared_with_the_one_asked_for(asked: int | None, meta: dict[str, object]) -> None:
    with pytest.raises(LagoPageError, match=f"instead of page {asked or 1}"):
        read(meta, page=asked)


@pytest.mark.parametrize(
    ("asked", "meta"),
    [
        (None, {"current_page": 1}),
        (2, {"current_page": 2, "next_page": -7, "prev_page": 9}),
        (2, {"current_page": "2"}),
        (2, {"current_page": 0}),  # an empty list, whatever page was asked for
        (2, {}),
        (2, None),
        (2, {"current_page": None, "next_page": 3}),
        (2, {"prev_page": 1}),
        (12, {"current_page": 12}),
    ],
)
def test_a_page_that_does_not_say_its_number_may_be_the_one_asked_for(asked: int | None, meta: object) -> None:
    assert len(read(meta, page=asked)) == 1


@pytest.mark.parametrize("query", [{"search_term": "a&page=7"}, {"search_term": "?page=7", "per_page": 7}])
def test_only_the_page_parameter_is_taken_for_the_page(query: dict[str, Any]) -> None:
    read({"current_page": 1}, **query)
    read({"current_page": 2}, page=2, **query)


def test_with_periods_count_the_server_numbers_pages_wrongly() -> None:
    body = json.dumps({"usage_periods": [{}], "meta": {"current_page": 51, "next_page": None}}).encode()

    def periods(**query: object) -> Page[Any]:
        request = PERIODS.encode(("cus",), {"external_subscription_id": "sub", "page": 2, **query})
        page: Page[Any] = PERIODS.decode(Response(request, 200, {}, body, "id", 1, False))
        return page

    assert len(periods(periods_count=2)) == 1
    with pytest.raises(LagoPageError, match="page 51 instead of page 2: find_all_customer_past_usage 'cus'"):
        periods()


NUMBERS = st.none() | st.integers(-3, 5)


@given(meta=st.builds(PageMeta, current_page=NUMBERS, next_page=NUMBERS, total_pages=NUMBERS), first=st.booleans())
def test_next_page_alone_says_whether_another_page_follows(meta: PageMeta, first: bool) -> None:
    assert not another_follows(Page([], meta), first=first)
    if meta != PageMeta():
        assert another_follows(Page([1], meta), first=first) is (meta.next_page is not None)


@pytest.mark.parametrize("meta", [None, PageMeta()])
def test_without_a_position_the_first_page_is_the_whole_list_and_a_later_one_is_followed(meta: PageMeta | None) -> None:
    assert not another_follows(Page([1], meta), first=True)
    assert another_follows(Page([1], meta), first=False)
    assert not another_follows(Page([], meta), first=False)


def last(items: list[int], next_page: int | None = None, total: int | None = None) -> Page[int]:
    return Page(items, PageMeta(next_page=next_page, total_count=total))


def response_to(**query: object) -> Response:
    return Response(CUSTOMERS.encode((), query), 200, {}, b"", "id", 1, False)


@pytest.mark.parametrize(
    ("totals", "page", "position", "reached"),
    [
        ([], last([1]), 1, True),  # a server without totals is believed
        ([None], last([]), 0, True),
        ([5], last([1]), 5, True),
        ([5], last([1]), 6, True),
        ([5], last([1]), 4, False),
        ([5], last([]), 4, False),
        ([5, None], last([1]), 4, False),  # the total of an earlier page holds until another comes
        ([5, 4], last([1]), 4, True),
        ([4, 5], last([1]), 4, False),
        ([0], last([]), 0, True),
        ([], last([], next_page=3), 10, False),  # an empty page that announces another is not the end
        ([5], last([], next_page=3), 10, False),
        ([], last([1], next_page=3), 10, True),  # the walk has decided already that it is the last
    ],
)
def test_a_list_ends_where_its_newest_total_says(
    totals: list[int | None], page: Page[int], position: int, reached: bool
) -> None:
    end = ListEnd("customers")
    for total in totals:
        end.learn(last([1], total=total))
    assert end.is_reached(response_to(), page, position) is reached


@pytest.mark.parametrize(
    ("total", "page", "known"), [(12_345, last([1]), "1,234 of 12,345"), (None, last([], next_page=3), "1,234")]
)
def test_a_list_that_ends_early_is_asked_for_again_twice_and_then_an_error_with_its_remedy(
    total: int | None, page: Page[int], known: str
) -> None:
    end = ListEnd("customers")
    end.learn(last([1], total=total))
    assert [end.is_reached(response_to(), page, 1_234) for _ in range(2)] == [False, False]
    with pytest.raises(LagoPageError) as caught:
        end.is_reached(response_to(), page, 1_234)
    assert str(caught.value) == (
        f"200 with the end of the list after {known} customers: find_all_customers (request id); the rest did not "
        "come; call again, and look for what shortens lists between this program and Lago; the error's body holds the "
        "response"
    )


def test_an_end_that_is_reached_costs_no_try() -> None:
    end = ListEnd("customers")
    end.learn(last([1], total=5))
    assert [end.is_reached(response_to(), last([1]), position) for position in (5, 4, 5, 4, 5)] == [
        True, False, True, False, True,
    ]  # fmt: skip
