"""The page size of a run: fixed, learned from the responses, and aligned with the offset."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async._bulk.page_size import PageSize

HALF_A_MEGABYTE = 524_288


def test_the_sizes_are_those_that_the_documentation_promises() -> None:
    assert (PageSize.TARGET, PageSize.FIRST, PageSize.MOST, PageSize.MEMORY) == (HALF_A_MEGABYTE, 3, 100, 0.9)


def test_before_any_response_three_periods_are_wanted() -> None:
    size = PageSize()
    assert size.wanted == 3
    size.learn(0, 1_000_000)  # an empty page shows no weight
    assert size.wanted == 3
    size.limit(2)
    assert size.wanted == 2


def test_a_fixed_size_is_kept_whatever_the_responses_weigh() -> None:
    size = PageSize(250)
    size.learn(10, 10 * HALF_A_MEGABYTE)
    assert size.wanted == 250
    size.limit(300)
    assert size.wanted == 250
    size.limit(100)
    assert size.wanted == 100


@pytest.mark.parametrize(
    ("periods", "size", "wanted"),
    [
        (1, HALF_A_MEGABYTE, 1),
        (1, HALF_A_MEGABYTE // 2, 2),
        (1, HALF_A_MEGABYTE // 2 + 1, 1),
        (3, HALF_A_MEGABYTE, 3),
        (8, HALF_A_MEGABYTE // 2, 16),
        (1, 10 * HALF_A_MEGABYTE, 1),
        (1, HALF_A_MEGABYTE // 100, 100),
        (1, HALF_A_MEGABYTE // 101, 100),
        (1, 1, 100),
        (1, 0, 100),
    ],
)
def test_after_a_response_as_many_are_wanted_as_make_half_a_megabyte(periods: int, size: int, wanted: int) -> None:
    page_size = PageSize()
    page_size.learn(periods, size)
    assert page_size.wanted == wanted
    page_size.limit(7)
    assert page_size.wanted == min(wanted, 7)


def test_a_run_begins_with_the_size_that_an_earlier_one_has_found() -> None:
    first = PageSize()
    assert first.weight is None
    first.learn(8, HALF_A_MEGABYTE // 2)
    second = PageSize(None, first.weight)
    assert [first.weight, second.wanted] == [HALF_A_MEGABYTE // 16, 16]
    second.learn(100, 100 * HALF_A_MEGABYTE // 4)  # what it sees itself soon counts more
    assert second.wanted == 4
    assert PageSize(7, first.weight).wanted == 7


def test_later_responses_weigh_more() -> None:
    size = PageSize()
    size.learn(10, 10 * HALF_A_MEGABYTE // 20)
    assert size.wanted == 20
    size.learn(10, 10 * HALF_A_MEGABYTE // 10)
    # Nine tenths of ten periods at a twentieth, and ten at a tenth: 19 periods in 1.45 of the target.
    assert size.wanted == int(19 / 1.45)
    size.learn(10, 0)
    assert size.wanted == int((0.81 * 10 + 0.9 * 10 + 10) / (0.81 * 0.5 + 0.9))


@pytest.mark.parametrize(
    ("offset", "wanted", "size"),
    [
        (0, 3, 3), (0, 100, 100), (3, 3, 3), (3, 100, 100), (3, 2, 1), (12, 5, 4), (12, 100, 100), (7, 6, 6), (6, 1, 1),
        (97, 10, 8), (60, 100, 60), (1, 3, 3), (7, 5, 5),  # one repeated period costs less than two sizes
    ],
)  # fmt: skip
def test_a_size_covers_its_offset_with_many_new_periods_and_few_repeated_ones(
    offset: int, wanted: int, size: int
) -> None:
    assert PageSize.covering(offset, wanted) == size


@given(offset=st.integers(0, 5000), wanted=st.integers(1, 200))
def test_no_other_size_brings_more_new_periods_for_those_that_it_repeats(offset: int, wanted: int) -> None:
    size = PageSize.covering(offset, wanted)
    assert 1 <= size <= wanted
    repeated = offset % size
    assert all(
        (size - repeated) - repeated >= (other - offset % other) - offset % other for other in range(1, wanted + 1)
    )
