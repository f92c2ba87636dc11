"""The number of periods that a bulk run requests at a time."""

from hypothesis import given
from hypothesis import strategies as st

from lago_async._bulk.page_size import PageSize


def test_the_page_size_follows_the_weight_of_periods() -> None:
    size = PageSize()
    assert size.wanted == 3
    size.learn(0, 200)
    assert size.wanted == 3
    size.learn(3, 3 * 1000)
    assert size.wanted == 100
    for _ in range(100):
        size.learn(10, 10 * PageSize.TARGET // 8)
    assert size.wanted == 8
    for _ in range(100):
        size.learn(1, 5 * PageSize.TARGET)
    assert size.wanted == 1


@given(offset=st.integers(0, 5000), wanted=st.integers(1, 200))
def test_an_aligned_size_is_the_largest_in_which_the_offset_is_a_whole_number_of_pages(
    offset: int, wanted: int
) -> None:
    size = PageSize.aligned(offset, wanted)
    assert 1 <= size <= wanted
    assert offset % size == 0
    assert not any(offset % larger == 0 for larger in range(size + 1, wanted + 1))
