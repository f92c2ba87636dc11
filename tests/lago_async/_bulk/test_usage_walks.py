"""The walks of usage without a server: which request follows which response, and which periods are returned."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import LagoPageError, Page, PageMeta
from lago_async._bulk.ids import SubscriptionIds
from lago_async._bulk.page_size import PageSize
from lago_async._bulk.queries import CurrentUsageQuery, PastUsageQuery
from lago_async._bulk.walks import OneCall, PastUsage, PastUsageWalk, WalkStart, identity
from lago_async._table.messages import Request, Response
from lago_async.models import UsagePeriod

IDS = SubscriptionIds("cus", "sub")
NEWEST = datetime(2025, 12, 1, tzinfo=UTC)


def start_of(number: int) -> datetime:
    """When the period with this number began; 0 is the newest."""
    return NEWEST - timedelta(days=30 * number)


def period(number: int) -> UsagePeriod:
    return UsagePeriod(  # type: ignore[call-arg]  # a response may lack any field
        lago_invoice_id=f"i{number}", from_datetime=start_of(number), to_datetime=start_of(number) + timedelta(days=30)
    )


def asked(request: Request) -> tuple[int, int]:
    """The page and the size that a request asks for."""
    query = parse_qs(request.target.partition("?")[2])
    return int(query["page"][0]), int(query["per_page"][0])


def answer(request: Request, size: int = 1) -> Response:
    return Response(request, 200, {}, b"x" * size, "", 1, uncertain=False)


def page_of(items: list[Any], following: int | None = None, total: int | None = None) -> Page[Any]:
    return Page(items, PageMeta(next_page=following, total_pages=9, total_count=total))


class Server:
    """A list of periods, and the pages that were asked for."""

    def __init__(self, periods: list[UsagePeriod], *, cap: int = 1000, bytes_per_period: int = 1) -> None:
        self.periods = periods
        self.cap = cap
        self.bytes_per_period = bytes_per_period
        self.asked: list[tuple[int, int]] = []

    def answer(self, request: Request) -> tuple[Response, Page[UsagePeriod]]:
        number, size = asked(request)
        assert len(self.asked) < 2_000, "the walk does not end"
        self.asked.append((number, size))
        given = min(size, self.cap)
        items = self.periods[(number - 1) * given : number * given]
        more = len(self.periods) > number * given
        body = answer(request, self.bytes_per_period * len(items))
        return body, page_of(items, number + 1 if more else None)

    def walk(self, walk: PastUsageWalk) -> list[UsagePeriod]:
        came: list[UsagePeriod] = []
        request: Request | None = walk.first()
        while request is not None:
            values, request = walk.after(*self.answer(request))
            for value in values:
                assert value.last is (request is None)
                came += value.periods
        return came


def walk_of(query: PastUsageQuery, page_size: PageSize | None = None) -> PastUsageWalk:
    return PastUsageWalk(query, page_size or PageSize(query.per_page), IDS)


def numbers(periods: list[UsagePeriod]) -> list[int]:
    return [int(each.lago_invoice_id[1:]) for each in periods]


def test_the_first_request_asks_for_the_newest_periods_of_the_subscription() -> None:
    walk = PastUsageQuery(billable_metric_code="gb").walks()(IDS)
    path, _, query = walk.first().target.partition("?")
    assert path == "/customers/cus/past_usage"
    assert parse_qs(query) == {
        "external_subscription_id": ["sub"],
        "billable_metric_code": ["gb"],
        "page": ["1"],
        "per_page": ["3"],
    }


def test_all_walks_of_a_run_share_what_they_learn_of_the_page_size() -> None:
    begin = PastUsageQuery().walks()
    first = begin(IDS)
    first.after(answer(first.first(), 3 * PageSize.TARGET // 8), page_of([period(0)] * 3))
    assert asked(begin(IDS).first()) == (1, 8)
    assert asked(PastUsageQuery(per_page=20).walks()(IDS).first()) == (1, 20)


def test_an_input_of_one_call_has_its_result_and_no_further_call() -> None:
    walk = CurrentUsageQuery(apply_taxes=False).walks()(IDS)
    request = walk.first()
    assert request.target.startswith("/customers/cus/current_usage?")
    assert isinstance(walk, OneCall)
    assert walk.after(answer(request), "usage") == (("usage",), None)


@given(
    count=st.integers(0, 60),
    cap=st.sampled_from([1, 4, 7, 1000]),
    per_page=st.none() | st.integers(1, 70),
    weight=st.sampled_from([1, 9_000, 100_000, 600_000]),
    periods_count=st.none() | st.integers(1, 70),
    newest=st.none() | st.integers(-1, 62),
    length=st.none() | st.integers(1, 62),
)
def test_exactly_the_periods_in_the_range_come_once_and_newest_first(
    count: int,
    cap: int,
    per_page: int | None,
    weight: int,
    periods_count: int | None,
    newest: int | None,
    length: int | None,
) -> None:
    """The range ends before the start of period ``newest``, and begins ``length`` periods before that."""
    query = PastUsageQuery(
        from_datetime=None if length is None else start_of((newest or 0) + length),
        to_datetime=None if newest is None else start_of(newest),
        periods_count=periods_count,
        per_page=per_page,
    )
    server = Server([period(number) for number in range(count)], cap=cap, bytes_per_period=weight)
    came = server.walk(walk_of(query))
    first = 0 if newest is None else newest + 1
    last = count if length is None else min(count, (newest or 0) + length + 1)
    assert numbers(came) == list(range(first, last))[:periods_count]


@pytest.mark.parametrize(
    ("newest", "oldest", "came"),
    [(None, 2, [0, 1, 2]), (1, None, [2, 3, 4]), (0, 2, [1, 2]), (None, None, [0, 1, 2, 3, 4])],
)
def test_of_a_page_only_the_periods_in_the_range_are_kept(
    newest: int | None, oldest: int | None, came: list[int]
) -> None:
    query = PastUsageQuery(
        from_datetime=None if oldest is None else start_of(oldest),
        to_datetime=None if newest is None else start_of(newest),
        per_page=5,
    )
    walk = walk_of(query)
    ((value,), _) = walk.after(answer(walk.first()), page_of([period(number) for number in range(5)], None))
    assert numbers(value.periods) == came


def test_a_page_of_usage_that_a_test_makes_has_no_position_unless_it_says_one() -> None:
    assert repr(PastUsage([], last=True)) == "PastUsage(periods=[], last=True, position=0)"
    assert PastUsage([], last=True, position=3) == PastUsage([], last=True)
    with pytest.raises(TypeError):
        PastUsage([], True, 3)  # type: ignore[call-arg]


def test_a_page_that_begins_before_its_offset_brings_no_period_twice() -> None:
    unbilled = [UsagePeriod(from_datetime=start_of(number)) for number in range(10)]  # type: ignore[call-arg]
    server = Server(unbilled)
    assert server.walk(walk_of(PastUsageQuery())) == unbilled
    assert server.asked == [(1, 3), (1, 100)]


def test_nothing_is_asked_for_beyond_the_periods_that_are_wanted() -> None:
    server = Server([period(number) for number in range(50)])
    server.walk(walk_of(PastUsageQuery(periods_count=5, per_page=20)))
    assert server.asked == [(1, 5)]
    server.asked.clear()
    # The newest two begin too late: before any period was kept, the first page must not be cut to the count.
    server.walk(walk_of(PastUsageQuery(periods_count=5, per_page=4, to_datetime=start_of(1))))
    assert server.asked == [(1, 4), (3, 2), (7, 1)]
    server.asked.clear()
    server.walk(walk_of(PastUsageQuery(periods_count=2, per_page=4, to_datetime=start_of(1))))
    assert server.asked == [(1, 4)]
    server.asked.clear()
    server.walk(walk_of(PastUsageQuery(per_page=4, from_datetime=start_of(5))))
    assert server.asked == [(1, 4), (2, 4)]
    server.asked.clear()
    server.walk(walk_of(PastUsageQuery(per_page=4, from_datetime=start_of(3))))
    assert server.asked == [(1, 4), (2, 4)]  # only the next page shows that all that follow are older
    server.asked.clear()
    server.walk(walk_of(PastUsageQuery(per_page=4, periods_count=4)))
    assert server.asked == [(1, 4)]


@pytest.mark.parametrize("periods_count", [1, 2, 3, 4, 5])
def test_no_more_periods_come_than_are_wanted_although_their_page_holds_more(periods_count: int) -> None:
    server = Server([period(number) for number in range(50)])
    query = PastUsageQuery(periods_count=periods_count, per_page=5, to_datetime=start_of(0))
    assert numbers(server.walk(walk_of(query))) == [1, 2, 3, 4, 5][:periods_count]


def test_a_server_that_gives_less_per_page_is_asked_for_no_more() -> None:
    server = Server([period(number) for number in range(10)], cap=4)
    assert numbers(server.walk(walk_of(PastUsageQuery(per_page=6)))) == list(range(10))
    assert server.asked == [(1, 6), (2, 4), (3, 4)]


def test_a_page_that_came_shorter_on_the_way_is_asked_for_again_in_its_size() -> None:
    page_size = PageSize()
    walk = walk_of(PastUsageQuery(), page_size)
    request = walk.first()
    _, following = walk.after(answer(request, 3 * PageSize.TARGET // 50), page_of([period(n) for n in range(3)], 2))
    assert following is not None
    assert asked(following) == (1, 50)
    # Asked for fifty from the first on, the server gives two per page, and these are known.
    values, following = walk.after(answer(following), page_of([period(0), period(1)], 2))
    assert [numbers(value.periods) for value in values] == [[]]
    assert following is not None
    assert asked(following) == (4, 1)
    values, last = walk.after(answer(following), page_of([period(3)], None))
    assert [numbers(value.periods) for value in values] == [[3]]
    assert last is None
    assert page_size.wanted == 2


def test_a_last_page_is_short_without_a_limit_of_the_server() -> None:
    page_size = PageSize()
    server = Server([period(number) for number in range(4)])
    assert numbers(server.walk(walk_of(PastUsageQuery(), page_size))) == [0, 1, 2, 3]
    assert page_size.wanted == 100


@pytest.mark.parametrize(
    ("items", "meta"),
    [([], PageMeta(next_page=None)), ([period(0)], PageMeta(next_page=None)), ([period(0)], None)],
)
def test_a_page_without_items_or_without_a_next_page_is_the_last(
    items: list[UsagePeriod], meta: PageMeta | None
) -> None:
    walk = walk_of(PastUsageQuery(per_page=1))
    assert walk.after(answer(walk.first()), Page(items, meta)) == ((PastUsage(items, last=True),), None)


@given(count=st.integers(1, 40), per_page=st.integers(1, 20), before=st.integers(1, 12))
def test_a_period_that_is_billed_during_the_walk_makes_none_come_twice(count: int, per_page: int, before: int) -> None:
    class Growing(Server):
        def answer(self, request: Request) -> tuple[Response, Page[UsagePeriod]]:
            if len(self.asked) == before:
                self.periods.insert(0, period(-1))
            return super().answer(request)

    server = Growing([period(number) for number in range(count)])
    assert numbers(server.walk(walk_of(PastUsageQuery(per_page=per_page)))) == list(range(count))


@pytest.mark.parametrize(
    "change",
    [
        lambda each: setattr(each, "lago_invoice_id", "another"),
        lambda each: setattr(each, "from_datetime", start_of(7)),
        lambda each: setattr(each, "to_datetime", start_of(7)),
    ],
)
def test_periods_that_differ_in_invoice_or_time_are_different(change: Callable[[UsagePeriod], None]) -> None:
    walk = walk_of(PastUsageQuery(per_page=2))
    walk.after(answer(walk.first()), page_of([period(0), period(1)], 2))
    other = period(1)
    change(other)
    ((value,), _) = walk.after(answer(walk.first()), page_of([period(1), other], None))
    assert value.periods == [other]


def test_periods_without_an_invoice_are_never_taken_for_the_same() -> None:
    unbilled = UsagePeriod(from_datetime=start_of(0))  # type: ignore[call-arg]  # a response may lack any field
    walk = walk_of(PastUsageQuery(per_page=1))
    came = [walk.after(answer(walk.first()), page_of([unbilled], following))[0] for following in (2, 3, None)]
    assert [value.periods for (value,) in came] == [[unbilled]] * 3


def test_a_period_without_a_beginning_is_kept_whatever_the_range() -> None:
    odd = UsagePeriod(lago_invoice_id="i9")  # type: ignore[call-arg]  # a response may lack any field
    query = PastUsageQuery(from_datetime=start_of(2), to_datetime=start_of(0), per_page=5)
    walk = walk_of(query)
    ((value,), following) = walk.after(answer(walk.first()), page_of([period(0), odd, period(1), period(2)], None))
    assert numbers(value.periods) == [9, 1, 2]
    assert following is None


@pytest.mark.parametrize(
    "early",
    [
        page_of([period(3)], None, 5),
        page_of([], None, 5),
        page_of([], 3),
        Page([], None),
    ],
    ids=["short", "empty", "announces more", "silent"],
)
def test_a_walk_that_ends_before_the_total_is_asked_for_again_and_then_a_failure(early: Page[UsagePeriod]) -> None:
    walk = walk_of(PastUsageQuery(per_page=3))
    _, request = walk.after(answer(walk.first()), page_of([period(n) for n in range(3)], 2, 5))
    assert request is not None
    for _ in range(2):
        values, again = walk.after(answer(request), early)
        assert values == ()
        assert again is not None
        assert asked(again) == asked(request) == (2, 3)
    with pytest.raises(LagoPageError, match=r"the end of the list after \d of 5 periods.*the rest did not come"):
        walk.after(answer(request), early)


def test_a_walk_is_resumed_where_it_was_and_brings_no_period_twice() -> None:
    server = Server([period(number) for number in range(40)])
    whole = list(range(40))
    for position in range(41):
        for billed_meanwhile in range(3):
            seen = [period(number) for number in range(position)]
            start = WalkStart(position, position, frozenset(map(identity, seen)))
            server.periods = [period(1000 + number) for number in range(billed_meanwhile)] + [
                period(number) for number in whole
            ]
            rest = numbers(server.walk(PastUsageWalk(PastUsageQuery(), PageSize(), SubscriptionIds("c", "s"), start)))
            assert [number for number in rest if number < 1000] == whole[position:]
            assert len(rest) == len(set(rest))
