"""One rate limit by itself: when a call may be sent, and what responses and refusals change."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lago_async._net.limits import Limit, Recent


def full(size: int, *, share: float = 1.0, at: float = 0.0) -> Limit:
    """A limit whose calls have all been sent, 10 ms apart."""
    limit = Limit(size)
    for number in range(size):
        limit.send(at + number / 100, share, spread=False)
    return limit


def test_a_new_limit_lets_a_call_through_at_once_in_windows_of_a_second() -> None:
    limit = Limit(5)
    assert (limit.size, limit.window, limit.others.value) == (5, 1.0, 0)
    for spread in (False, True):
        assert limit.wait(0.0, 1.0, spread=spread) == 0.0
    assert limit.used(0.0) == 0


def test_a_full_window_is_waited_for_until_its_oldest_call_is_past() -> None:
    limit = full(10)
    assert limit.wait(0.5, 1.0, spread=False) == pytest.approx(0.51)
    assert limit.wait(1.01, 1.0, spread=False) == 0.0
    limit.window = 3.0
    assert limit.wait(1.02, 1.0, spread=False) == 0.0
    assert full(4).wait(1.009, 1.0, spread=False) == pytest.approx(0.001)


def test_a_longer_window_is_waited_for_as_long() -> None:
    limit = full(10)
    limit.window = 20.0
    assert limit.wait(1.0, 1.0, spread=False) == pytest.approx(20.2 - 1.0)


def test_with_a_smaller_share_the_wait_is_for_an_older_call() -> None:
    limit = full(10)
    # Of ten calls, six must be past before a share of five has room for one: those at 0.00 to 0.05.
    assert limit.wait(0.5, 0.5, spread=False) == pytest.approx(0.05 + 1.01 - 0.5)


def test_a_window_with_room_for_one_more_call_is_not_waited_for() -> None:
    limit = Limit(3)
    assert [limit.send(0.0, 1.0, spread=False) for _ in range(2)] == [1, 2]
    assert limit.wait(0.0, 1.0, spread=False) == 0.0
    assert limit.send(0.0, 1.0, spread=False) == 3
    assert limit.wait(0.0, 1.0, spread=False) == pytest.approx(1.01)


def test_calls_are_forgotten_when_the_window_and_its_margin_are_past() -> None:
    limit = Limit(10)
    limit.window = 100.0
    limit.send(0.0, 1.0, spread=False)
    assert limit.send(100.9, 1.0, spread=False) == 2
    assert limit.send(101.0, 1.0, spread=False) == 2
    assert limit.send(201.9, 1.0, spread=False) == 2


@pytest.mark.parametrize(("now", "used"), [(0.0, 3), (0.999, 3), (1.0, 2), (1.499, 2), (1.5, 0), (9.0, 0)])
def test_the_calls_of_the_last_window_are_used(now: float, used: int) -> None:
    limit = Limit(10)
    for at in (0.0, 0.5, 0.5):
        limit.send(at, 1.0, spread=False)
    assert limit.used(now) == used


@pytest.mark.parametrize(
    ("size", "share", "others", "room", "room_spread"),
    [
        (100, 1.0, 0, 100, 98),
        (100, 1.0, 30, 70, 68),
        (100, 0.5, 30, 50, 49),  # a share accounts for the others
        (10, 0.99, 0, 9, 9),
        (10, 0.25, 0, 2, 2),
        (10, 1.0, 10, 1, 1),  # one call is always let through, or there would be no response to learn from
        (10, 1.0, 25, 1, 1),
        (1, 0.1, 0, 1, 1),
        (2, 1.0, 0, 2, 1),
    ],
)
def test_the_room_is_the_share_or_what_others_leave(
    size: int, share: float, others: int, room: int, room_spread: int
) -> None:
    for spread, calls in ((False, room), (True, room_spread)):
        limit = Limit(size)
        limit.others.value = others
        for _ in range(calls):
            limit.sent.append(0.0)
            full_now = limit.wait(0.0, share, spread=spread) > 0.0
            assert full_now is (len(limit.sent) == calls)


def test_bulk_work_is_spread_evenly_over_the_window() -> None:
    limit = Limit(50)
    limit.window = 10.0
    due = []
    now = 100.0
    for _ in range(4):
        limit.send(now, 1.0, spread=True)
        wait = limit.wait(now, 1.0, spread=True)
        assert limit.wait(now, 1.0, spread=False) == 0.0  # a service's own call is not held
        due.append(wait)
        now += wait
    # The first two make up for the 50 ms that bulk work may lag; there is room for 49 calls in 10 s.
    assert due == pytest.approx([10 / 49 - 0.05, 10 / 49, 10 / 49, 10 / 49])


def test_bulk_work_that_was_late_catches_up_no_more_than_50_ms() -> None:
    limit = Limit(50)
    limit.send(1.0, 1.0, spread=True)
    limit.send(8.0, 1.0, spread=True)
    assert limit.wait(8.0, 1.0, spread=True) == 0.0  # 1/49 s is due, and 50 ms of lag are forgiven
    limit.send(8.0, 1.0, spread=True)
    limit.send(8.0, 1.0, spread=True)
    assert limit.wait(8.0, 1.0, spread=True) == pytest.approx(3 / 49 - 0.05)


def test_a_service_s_calls_do_not_move_the_schedule_of_bulk_work() -> None:
    limit = Limit(50)
    for _ in range(5):
        limit.send(1.0, 1.0, spread=False)
    assert limit.wait(1.0, 1.0, spread=True) == 0.0


@given(
    size=st.integers(1, 6),
    share=st.sampled_from([1.0, 0.5]),
    others=st.integers(0, 4),
    calls=st.lists(st.tuples(st.integers(0, 100), st.booleans(), st.booleans()), max_size=20),
)
@example(size=2, share=1.0, others=0, calls=[(0, False, False), (0, False, False), (0, True, True)])
@example(size=1, share=1.0, others=0, calls=[(0, False, False), (78, False, False)])
@example(size=50, share=1.0, others=0, calls=[(1, True, False)] * 9)
def test_a_call_is_sent_now_exactly_if_it_need_not_wait_and_is_counted_as_any_other(
    size: int, share: float, others: int, calls: list[tuple[int, bool, bool]]
) -> None:
    """Two limits see the same calls. One is asked for its wait before each, the other in one step."""
    asked, direct = Limit(size), Limit(size)
    asked.others.value = direct.others.value = others
    now = 0.0
    for later, spread, refused in calls:
        now += later * 0.013  # which never falls on the end of a window, where rounding decides
        if refused:
            for limit in (asked, direct):
                limit.refused(now, 0.3)
        counted = asked.send(now, share, spread=spread) if asked.wait(now, share, spread=spread) == 0.0 else 0
        assert direct.send_now(now, share, spread=spread) == counted
        for each in (False, True):
            assert direct.wait(now, share, spread=each) == asked.wait(now, share, spread=each)


def test_bulk_work_is_sent_at_the_moment_at_which_it_is_due() -> None:
    limit = Limit(50)
    limit._due = 1.0
    assert (limit.send_now(0.99, 1.0, spread=True), limit.send_now(1.0, 1.0, spread=True)) == (0, 1)


def test_a_share_spreads_its_own_room() -> None:
    limit = Limit(100)
    limit.send(1.0, 0.5, spread=True)
    assert limit.wait(1.0, 0.5, spread=True) == 0.0
    limit.send(1.0, 0.5, spread=True)
    limit.send(1.0, 0.5, spread=True)
    assert limit.wait(1.0, 0.5, spread=True) == pytest.approx(3 / 49 - 0.05)


@pytest.mark.parametrize(
    ("size", "beyond", "others"),
    [
        (100, -7, 0),
        (100, 4, 0),
        (100, 5, 1),
        (100, 30, 26),
        (1000, 22, 0),
        (1000, 23, 1),
        (10, 2, 0),
        (10, 3, 1),
        (130, 6, 1),  # 2 % of 130 is 2.6, of which the count of 6 keeps one
    ],
)
def test_counts_that_differ_by_two_calls_and_two_percent_show_no_other_client(
    size: int, beyond: int, others: int
) -> None:
    limit = Limit(size)
    limit.answered(50, beyond, 0.0, 1.0)
    assert limit.others.value == others


@pytest.mark.parametrize(
    ("left", "beyond", "wait"),
    [
        (0, 95, 7.0),  # others have 91 of 100
        (1, 95, 0.0),  # there is something left
        (0, 94, 0.0),  # others have 90, which is not nearly all: the server's count is our own, seen later
        (0, 0, 0.0),
    ],
)
def test_a_window_that_others_have_spent_is_closed_until_it_ends(left: int, beyond: int, wait: float) -> None:
    limit = Limit(100)
    limit.answered(left, beyond, 20.0, 7.0)
    assert limit.wait(20.0, 1.0, spread=False) == wait
    assert limit.wait(26.0, 1.0, spread=False) == max(0.0, wait - 6.0)
    limit.answered(left + 5, beyond, 20.0, 7.0)  # and is open when the server says that something is left
    assert limit.wait(20.0, 1.0, spread=False) == 0.0


def test_two_refusals_close_the_window_of_a_limit_that_was_never_answered() -> None:
    limit = Limit(100)
    limit.refused(0.0, 4.0)
    limit.refused(0.0, 4.0)
    assert limit.wait(0.0, 1.0, spread=False) == 4.0


def test_a_response_leaves_the_window_open_however_early_it_comes() -> None:
    limit = Limit(100)
    limit.answered(50, 0, 0.0, 1.0)
    assert limit.wait(0.0, 1.0, spread=False) == 0.0


def test_the_second_refusal_in_a_row_closes_the_window() -> None:
    limit = Limit(100)
    limit.refused(10.0, 4.0)
    assert limit.wait(10.0, 1.0, spread=False) == 0.0
    limit.answered(3, 0, 10.0, 4.0)
    limit.refused(10.0, 4.0)
    assert limit.wait(10.0, 1.0, spread=False) == 0.0  # a response was between them
    limit.refused(11.0, 4.0)
    assert limit.wait(11.0, 1.0, spread=False) == 4.0
    limit.refused(12.0, 4.0)
    assert limit.wait(12.0, 1.0, spread=False) == 4.0
    limit.answered(3, 0, 12.0, 4.0)
    assert limit.wait(12.0, 1.0, spread=False) == 0.0


@pytest.mark.parametrize(("size", "step"), [(1, 1), (99, 1), (100, 1), (101, 2), (5000, 50)])
def test_each_refusal_leaves_another_percent_to_others(size: int, step: int) -> None:
    limit = Limit(size)
    limit.refused(0.0, 1.0)
    assert limit.others.value == step
    limit.refused(0.5, 1.0)
    assert limit.others.value == 2 * step


def test_what_others_used_is_remembered_for_the_limit_s_own_window() -> None:
    limit = Limit(100)
    limit.window = 60.0
    limit.answered(50, 34, 0.0, 1.0)
    limit.answered(50, 0, 59.0, 1.0)
    assert limit.others.value == 30
    limit.refused(119.0, 1.0)
    assert limit.others.value == 31
    limit.answered(50, 0, 300.0, 1.0)
    assert limit.others.value == 0


@given(
    size=st.integers(1, 20),
    gaps=st.lists(st.floats(0.0, 0.7), min_size=1, max_size=60),
    share=st.sampled_from([1.0, 0.5, 0.3]),
    spread=st.booleans(),
)
def test_no_window_holds_more_calls_than_the_limit_whenever_calls_are_made(
    size: int, gaps: list[float], share: float, spread: bool
) -> None:
    limit, now = Limit(size), 0.0
    sent: list[float] = []
    for gap in gaps:
        now += gap
        now += limit.wait(now, share, spread=spread)
        sent.append(now)
        limit.send(now, share, spread=spread)
    most = max(1, int(size * share))
    for end in sent:
        assert sum(end - 1.0 < at <= end for at in sent) <= most


@pytest.mark.parametrize(
    ("notes", "value"),
    [
        ([(5, 0.0)], 5),
        ([(5, 0.0), (3, 1.0)], 5),
        ([(3, 0.0), (5, 1.0)], 5),
        ([(5, 0.0), (3, 2.5)], 5),  # the window before counts
        ([(5, 0.0), (3, 2.5), (1, 4.0)], 5),
        ([(5, 0.0), (3, 2.5), (1, 4.6)], 3),
        ([(5, 0.0), (3, 2.5), (1, 6.6)], 1),  # the window before had no responses
        ([(5, 0.0), (3, 4.0)], 5),
        ([(5, 0.0), (3, 4.01)], 3),
        ([(5, 0.0), (1, 2.0), (0, 4.0)], 5),  # a window is past only after its last instant
        ([(5, 0.0), (1, 2.01), (0, 4.02)], 1),
        ([(5, 1.9), (1, 2.1), (0, 4.2)], 1),
        ([(2, 0.0), (4, 1.0), (3, 2.5), (0, 5.0)], 3),
        ([(-3, 0.0)], 0),
        ([(-3, 0.0), (-3, 2.5)], 0),
        ([(-3, 0.0), (-3, 2.5), (-3, 5.0)], 0),
        ([(5, 0.0), (-3, 9.0)], 0),
        ([(5, 0.0), (-3, 9.0), (-3, 11.5)], 0),
    ],
)
def test_the_largest_number_of_two_windows_is_remembered(notes: list[tuple[int, float]], value: int) -> None:
    recent = Recent()
    for number, now in notes:
        recent.note(number, now, 2.0)
    assert recent.value == value
