"""The garbage collector is paused only for milliseconds, and its settings are restored for every program."""

import gc
import os
import threading
from collections.abc import Iterator

import pytest

from lago_async._codec.collector import collector_paused


@pytest.fixture(autouse=True)
def threshold() -> Iterator[tuple[int, int, int]]:
    before = gc.get_threshold()
    gc.set_threshold(700, 11, 12)
    yield (700, 11, 12)
    gc.set_threshold(*before)
    gc.enable()


def test_a_pause_ends_with_the_threshold_that_it_found(threshold: tuple[int, int, int]) -> None:
    with collector_paused():
        assert gc.get_threshold()[0] == 0
    assert gc.get_threshold() == threshold


def test_an_error_ends_a_pause(threshold: tuple[int, int, int]) -> None:
    with pytest.raises(ZeroDivisionError), collector_paused():
        _ = 1 / 0
    assert gc.get_threshold() == threshold


def test_of_overlapping_pauses_the_last_one_restores(threshold: tuple[int, int, int]) -> None:
    inside, leave = threading.Event(), threading.Event()

    def pause() -> None:
        with collector_paused():
            inside.set()
            leave.wait(10)

    with collector_paused():
        thread = threading.Thread(target=pause)
        thread.start()
        assert inside.wait(10)
    assert gc.get_threshold()[0] == 0
    leave.set()
    thread.join()
    assert gc.get_threshold() == threshold


def test_a_programs_own_switch_and_threshold_survive_a_pause(threshold: tuple[int, int, int]) -> None:
    with collector_paused():
        gc.disable()
    assert not gc.isenabled()
    assert gc.get_threshold() == threshold
    with collector_paused():
        gc.set_threshold(5, 6, 7)
    assert gc.get_threshold() == (5, 6, 7)


def test_a_program_that_has_no_automatic_collections_gets_none() -> None:
    gc.set_threshold(0, 11, 12)
    with collector_paused():
        pass
    assert gc.get_threshold()[0] == 0


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
@pytest.mark.parametrize("forked_inside", [True, False], ids=["in the pausing thread", "beside it"])
def test_a_child_that_is_forked_during_a_pause_has_a_collector(
    threshold: tuple[int, int, int], *, forked_inside: bool
) -> None:
    def child() -> int:
        """Fork, and return the child's exit code."""
        pid = os.fork()
        if pid == 0:
            ok = gc.get_threshold() == threshold
            with collector_paused():
                ok = ok and gc.get_threshold()[0] == 0
            os._exit(0 if ok and gc.get_threshold() == threshold else 1)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])

    inside, leave = threading.Event(), threading.Event()

    def pause() -> None:
        with collector_paused():
            inside.set()
            leave.wait(10)

    if forked_inside:
        with collector_paused():
            assert child() == 0
            assert gc.get_threshold()[0] == 0
    else:
        thread = threading.Thread(target=pause)
        thread.start()
        assert inside.wait(10)
        assert child() == 0
        leave.set()
        thread.join()
    assert gc.get_threshold() == threshold


def test_many_threads_that_decode_leave_the_collector_its_turns() -> None:
    collections: list[int] = []

    def count(phase: str, info: dict[str, int]) -> None:
        if phase == "start":
            collections.append(info["generation"])

    stop = threading.Event()

    def decode() -> None:
        while not stop.is_set():
            with collector_paused():
                _ = [[number] for number in range(1000)]

    threads = [threading.Thread(target=decode) for _ in range(8)]
    gc.callbacks.append(count)
    try:
        for thread in threads:
            thread.start()
        for _ in range(2000):
            _ = [[number] for number in range(1000)]
            if collections:
                break
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        gc.callbacks.remove(count)
    assert collections
