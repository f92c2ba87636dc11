"""Concurrency where the server shows no limit: what a series of responses makes of it, step by step."""

import pytest

from lago_async._net.adaptive import FIRST_CONCURRENCY, AdaptiveConcurrency


class Steps:
    """Responses of a server, in batches that each end with a step of the concurrency."""

    def __init__(self) -> None:
        self.adaptive = AdaptiveConcurrency()
        self.before = 0

    def step(self, seconds: float, *, refused: int = 0, refused_before: int = 0) -> int:
        """Feed the responses of one step, and return the concurrency after it.

        Those of calls that may have been in flight before the step come first, and are slow: they must not count.
        """
        now = self.adaptive.concurrency
        count = max(20, 2 * now)
        for number in range(self.before):
            self.adaptive.learn(100.0, now, refused=number < refused_before)
        for number in range(count):
            assert self.adaptive.concurrency == now
            self.adaptive.learn(seconds, now, refused=number < refused)
        self.before = 2 * self.adaptive.concurrency
        return self.adaptive.concurrency


def test_the_concurrency_grows_by_a_quarter_while_the_latency_holds() -> None:
    steps = Steps()
    assert steps.adaptive.concurrency == FIRST_CONCURRENCY == 10
    assert [steps.step(0.2) for _ in range(6)] == [13, 17, 22, 28, 35, 44]


def test_the_concurrency_falls_by_a_fifth_but_not_below_four_while_calls_only_wait_for_each_other() -> None:
    steps = Steps()
    taken = [steps.step(0.02 * steps.adaptive.concurrency) for _ in range(9)]
    # From 10 to 13 the latency rose as much as the concurrency, and then fell as much, whichever way it went.
    assert taken == [13, 10, 8, 6, 4, 4, 5, 4, 4]


@pytest.mark.parametrize(("rise", "then"), [(1.0, 17), (1.13, 17), (1.15, 10), (2.0, 10)])
def test_a_step_up_was_worth_it_when_the_latency_rose_less_than_half_as_much(rise: float, then: int) -> None:
    # From 10 to 13, half as much is the square root of 1.3, which is 1.14.
    steps = Steps()
    steps.step(1.0)
    assert steps.step(rise) == then


@pytest.mark.parametrize(("fall", "then"), [(1.0, 13), (0.9, 13), (0.86, 8), (0.5, 8)])
def test_a_step_down_was_worth_it_when_the_latency_fell_more_than_half_as_much(fall: float, then: int) -> None:
    # From 13 to 10, half as much is 1 / 1.14, which is 0.877.
    steps = Steps()
    steps.step(1.0)
    assert steps.step(2.0) == 10
    assert steps.step(2.0 * fall) == then


@pytest.mark.parametrize(("refused", "then"), [(0, 17), (1, 17), (2, 10), (20, 10)])
def test_a_second_refusal_within_a_step_takes_the_concurrency_down(refused: int, then: int) -> None:
    steps = Steps()
    steps.step(1.0)
    assert steps.step(1.0, refused=refused) == then
    assert steps.step(1.0) == (22 if then == 17 else 13)  # refusals are not carried over to the next step


def test_refusals_of_calls_from_before_the_step_count() -> None:
    steps = Steps()
    steps.step(1.0)
    assert steps.step(1.0, refused_before=2) == 10


def test_a_latency_of_three_times_the_best_takes_the_concurrency_down_however_slowly_it_rose() -> None:
    # 11 % are less than half as much as the concurrency, but the best latency is forgotten by 1 % only: after twelve
    # steps, the latency is 3.1 times the best.
    steps = Steps()
    taken = [steps.step(1.11**number) for number in range(13)]
    assert taken[:12] == sorted(taken[:12])
    assert taken[12] < taken[11]


def test_the_best_latency_is_forgotten_by_a_percent_per_step() -> None:
    steps = Steps()
    steps.step(1.0)
    steps.step(1.13)
    steps.step(1.25)
    assert steps.adaptive._best == pytest.approx(1.01**2)
    steps.step(0.5)
    assert steps.adaptive._best == 0.5


def test_calls_with_half_of_the_slots_in_use_are_too_few_to_learn_from() -> None:
    adaptive = AdaptiveConcurrency()
    for _ in range(100):
        adaptive.learn(1.0, 4, refused=True)
    assert adaptive.concurrency == 10
    for _ in range(19):
        adaptive.learn(1.0, 5, refused=False)
    assert adaptive.concurrency == 10
    adaptive.learn(1.0, 5, refused=False)
    assert adaptive.concurrency == 13


def test_the_latency_of_a_step_is_the_mean_of_its_responses() -> None:
    steps = Steps()
    steps.step(1.0)
    for _ in range(26):
        steps.adaptive.learn(1.0, 13, refused=False)
    for number in range(26):
        steps.adaptive.learn(0.0 if number % 2 else 2.0, 13, refused=False)
    assert steps.adaptive.concurrency == 17
    assert steps.adaptive._before == (13, 1.0)


def test_after_a_step_that_moved_nothing_the_next_one_goes_up() -> None:
    steps = Steps()
    for number in range(8):
        steps.step(1.0 * 3.5**number, refused=2)
    assert steps.adaptive.concurrency == 4
    assert steps.adaptive._before is None
    assert steps.step(0.5) == 5


@pytest.mark.parametrize("first", [0.0, 0.015])
def test_a_clock_that_did_not_tick_during_a_step_shows_nothing(first: float) -> None:
    # On some systems a clock ticks every 15 ms, and all responses of a step may come between two ticks.
    steps = Steps()
    concurrency = steps.step(first)
    assert concurrency == (13 if first else 10)
    assert steps.step(0.0) == concurrency
    assert steps.step(0.015) > concurrency
