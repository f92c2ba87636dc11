"""The slots of a pool: never more calls than slots, in their order, and none is lost when a call is cancelled."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from lago_async._net.slots import Slots


async def test_free_slots_are_taken_at_once_and_the_next_call_waits() -> None:
    slots = Slots(2)
    assert [slots.take(), slots.take(), slots.take()] == [True, True, False]
    waiting = asyncio.ensure_future(slots.wait())
    await asyncio.sleep(0)
    assert not waiting.done()
    slots.give_back()
    assert not slots.take()  # it is the one's that waits
    await waiting
    slots.give_back()
    assert slots.take()


async def test_calls_get_slots_in_the_order_in_which_they_came() -> None:
    slots, order = Slots(1), list[int]()
    assert slots.take()

    async def call(number: int) -> None:
        await slots.wait()
        order.append(number)
        slots.give_back()

    calls = [asyncio.ensure_future(call(number)) for number in range(5)]
    await asyncio.sleep(0)
    calls[1].cancel()
    slots.give_back()
    await asyncio.gather(*calls, return_exceptions=True)
    assert order == [0, 2, 3, 4]


async def test_a_slot_that_comes_together_with_a_cancellation_goes_to_the_next() -> None:
    slots = Slots(1)
    assert slots.take()
    first, second = asyncio.ensure_future(slots.wait()), asyncio.ensure_future(slots.wait())
    await asyncio.sleep(0)
    slots.give_back()
    first.cancel()
    await asyncio.wait([first])
    assert first.cancelled()
    await second


async def test_a_wait_that_is_dropped_takes_no_slot_and_leaves_none_behind() -> None:
    slots = Slots(1)
    assert slots.take()
    first, dropped = asyncio.ensure_future(slots.wait()), slots.wait()
    await asyncio.sleep(0)
    dropped.send(None)
    dropped.close()
    slots.give_back()
    assert not slots.take()  # it is the first one's
    await first
    slots.give_back()
    assert [slots.take(), slots.take()] == [True, False]


turns = st.integers(0, 3)
calls = st.lists(st.tuples(turns, st.none() | turns), min_size=1, max_size=12)


@given(number=st.integers(1, 4), calls=calls)
def test_whatever_is_cancelled_all_slots_come_back(number: int, calls: list[tuple[int, int | None]]) -> None:
    """Each call holds its slot for a number of turns of the loop; some are cancelled, after a number of turns more."""

    async def run() -> None:
        slots, used, most = Slots(number), 0, 0

        async def call(held: int) -> None:
            nonlocal used, most
            if not slots.take():
                await slots.wait()
            used += 1
            most = max(most, used)
            try:
                for _ in range(held):
                    await asyncio.sleep(0)
            finally:
                used -= 1
                slots.give_back()

        tasks = [asyncio.ensure_future(call(held)) for held, _ in calls]
        for task, (_, cancelled_after) in zip(tasks, calls, strict=True):
            if cancelled_after is not None:
                for _ in range(cancelled_after):
                    await asyncio.sleep(0)
                task.cancel()
        await asyncio.wait(tasks)
        assert most <= number
        assert [slots.take() for _ in range(number + 1)] == [True] * number + [False]

    asyncio.run(run())
