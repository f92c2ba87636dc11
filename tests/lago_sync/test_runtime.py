"""How the bridge behaves in a process of its own: threads, forks, interruptions, exits.

Each test is the body of a script. `scenario` runs it in a fresh interpreter, under ``-X dev -W error`` and with a time
limit, after ``from tests.lago_sync.in_child import *``; it has to come to its end, exit with 0 and leave nothing on
standard error.
"""

# The bodies are scripts, without pytest and with the names of `in_child`; their exceptions stand for those of users.
# ruff: noqa: BLE001, F405, N818

from __future__ import annotations

import ast
import inspect
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator
    from types import FrameType

    from tests.lago_sync.conftest import Server
    from tests.lago_sync.in_child import *  # noqa: F403 - the names that a scenario uses in its process
    from tests.unseen_fork import fork_unseen  # noqa: TC004 - a scenario imports it in its process

ROOT = Path(__file__).parents[2]

posix = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork and POSIX signals")
with_either_client = pytest.mark.parametrize("client", ["stand_in", "lago"])


def scenario(body: Callable[[], None]) -> Callable[..., None]:
    """Make a test of a function that runs as a script."""

    def test(server: Server, client: str, tmp_path: Path) -> None:
        function = ast.parse(inspect.getsource(body)).body[0]
        assert isinstance(function, ast.FunctionDef)
        function.decorator_list.clear()
        script = tmp_path / "scenario.py"
        script.write_text(
            "from __future__ import annotations\n\n"
            f"{'from tests.unseen_fork import fork_unseen' if 'fork_unseen' in ast.unparse(function) else ''}\n\n"
            f"from tests.lago_sync.in_child import *\n\n{ast.unparse(function)}\n\n"
            f"if __name__ == '__main__':\n    {body.__name__}()\n    print('to the end', flush=True)\n"
        )
        environment = {
            "CLIENT": client,
            "SERVER": server.url,
            "PYTHONPATH": str(ROOT),
            "PYTHONFAULTHANDLER": "1",
        }
        ran = subprocess.run(
            [sys.executable, "-X", "dev", "-W", "error", str(script)],
            env={name: value for name, value in os.environ.items() if not name.startswith(("LAGO_", "PYTHON"))}
            | environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert ran.stderr == ""
        assert ran.stdout.endswith("to the end\n")
        assert ran.returncode == 0

    test.__name__ = test.__qualname__ = body.__name__
    test.__doc__ = body.__doc__
    return test


# -- the thread ------------------------------------------------------------------------------------------------------


@with_either_client
@scenario
def test_no_thread_before_the_first_call() -> None:
    with Client() as client:
        assert threading.enumerate() == [threading.main_thread()]
        client.get()
        assert len(loop_threads()) == 1


@with_either_client
@scenario
def test_two_clients_share_one_thread() -> None:
    with Client() as one, Client() as other:
        one.get(), other.get()
        [thread] = loop_threads()
        assert thread.daemon
        one.close()
        other.get()
        assert loop_threads() == [thread]


@with_either_client
@scenario
def test_the_thread_is_gone_after_the_last_close_and_comes_back_for_a_later_client() -> None:
    for _ in range(20):
        client = Client()
        assert client.get() == client.get()
        client.close()
        client.close()
        assert threading.enumerate() == [threading.main_thread()]
    until(lambda: seen("open") == 0)


@scenario
def test_a_client_that_never_called_closes_without_a_thread() -> None:
    Client().close()
    assert threading.enumerate() == [threading.main_thread()]


@with_either_client
@scenario
def test_a_closed_client_refuses_to_call() -> None:
    with Client() as other:
        client = Client()
        client.get()
        client.close()
        for _ in range(2):
            try:
                client.get()
            except LagoClosedError as error:
                assert "closed" in str(error)
            else:
                raise AssertionError
        other.get()


@scenario
def test_clients_opened_and_closed_by_many_threads_at_once_never_lose_a_call() -> None:
    failures = []

    def work() -> None:
        try:
            for _ in range(40):
                with Client() as client:
                    client.lease.run(asyncio.sleep, 0)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    until(lambda: loop_threads() == [])


@scenario
def test_calls_under_way_in_other_threads_end_when_the_client_is_closed() -> None:
    async def count_tasks() -> int:
        return len(asyncio.all_tasks())

    outcomes = []
    client = Client()

    def call() -> None:
        try:
            client.lease.run(asyncio.sleep, 60)
        except LagoClosedError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=call) for _ in range(5)]
    for thread in threads:
        thread.start()
    until(lambda: client.lease.run(count_tasks) == 6)
    client.close()
    for thread in threads:
        thread.join(10)
    assert len(outcomes) == 5
    assert loop_threads() == []


@scenario
def test_a_stuck_loop_does_not_hold_up_a_close_for_ever() -> None:
    runtime.CLOSE_LIMIT = runtime.CANCEL_LIMIT = 0.3
    client = Client()
    client.get()
    go_on = threading.Event()

    def stick() -> None:
        go_on.wait(30)

    thread = runtime._here.get().thread
    assert thread is not None
    thread.post(stick)
    client.close()
    assert len(loop_threads()) == 1
    go_on.set()
    until(lambda: loop_threads() == [])


@scenario
def test_a_task_that_ignores_its_cancellation_does_not_hold_up_the_end() -> None:
    runtime.CANCEL_LIMIT = 0.3
    release = threading.Event()

    async def leave_one_behind() -> None:
        async def stubborn() -> None:
            while not release.is_set():
                try:
                    await asyncio.sleep(0.6)
                except asyncio.CancelledError:
                    release.set()

        client.left = asyncio.get_running_loop().create_task(stubborn())
        await asyncio.sleep(0)

    client = Client()
    client.lease.run(leave_one_behind)
    client.close()
    assert release.is_set()
    assert loop_threads() == []


@scenario
def test_what_a_call_leaves_on_the_loop_is_wound_up() -> None:
    ended: list[str] = []

    async def generate() -> AsyncGenerator[int, None]:
        try:
            yield 1
            yield 2
        finally:
            ended.append("generator")

    async def sleep() -> None:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("task")

    async def leave() -> None:
        left = generate(), asyncio.ensure_future(sleep())
        client.left = left
        await anext(left[0])
        await asyncio.to_thread(len, "an executor")

    with Client() as client:
        client.lease.run(leave)
    assert sorted(ended) == ["generator", "task"]
    assert threading.enumerate() == [threading.main_thread()]


@posix
@scenario
def test_where_no_thread_can_be_started_the_call_says_so_and_a_later_one_works() -> None:
    threading.stack_size(1 << 47)  # more than an address space has
    with Client() as client:
        try:
            client.lease.run(asyncio.sleep, 0)
        except RuntimeError as error:
            assert "can't start" in str(error)
        else:
            raise AssertionError
        threading.stack_size(0)
        client.lease.run(asyncio.sleep, 0)


@scenario
def test_uvloop_is_opt_in() -> None:
    async def is_uvloops() -> bool:
        return type(asyncio.get_running_loop()).__module__.startswith("uvloop")

    for uvloop in (False, True):
        lease = Lease(nothing, uvloop=uvloop)
        try:
            assert lease.run(is_uvloops) is uvloop
        except LagoConfigError as error:
            assert "uvloop" in str(error)
        lease.close()
        assert loop_threads() == []


# -- outcomes --------------------------------------------------------------------------------------------------------


@scenario
def test_twenty_threads_make_fifty_calls_each_through_one_client() -> None:
    async def echo(number: int) -> int:
        await asyncio.sleep(0)
        return number

    def work(first: int) -> None:
        for number in range(first, first + 50):
            assert client.lease.run(echo, number) == number
            responses.append(number)
            if number % 10 == 0:
                client.get()

    responses: list[int] = []
    with Client() as client:
        threads = [threading.Thread(target=work, args=(first,)) for first in range(0, 1000, 50)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(loop_threads()) == 1
    assert sorted(responses) == list(range(1000))


@scenario
def test_the_callers_contextvars_are_visible_in_the_call_and_stay_as_they_were() -> None:
    who = contextvars.ContextVar("who", default="nobody")

    async def call() -> str:
        before = who.get()
        await asyncio.sleep(0)
        who.set("the call")
        return before

    with Client() as client:
        assert client.lease.run(call) == "nobody"
        who.set("the caller")
        assert client.lease.run(call) == "the caller"
        assert who.get() == "the caller"


@scenario
def test_whatever_a_call_raises_reaches_its_caller_and_the_loop_goes_on() -> None:
    class Odd(BaseException):
        pass

    async def fail(error: BaseException) -> None:
        await asyncio.sleep(0)
        raise error

    async def fail_in_a_task_of_its_own(error: BaseException) -> None:
        await asyncio.ensure_future(fail(error))

    def fail_before_there_is_a_coroutine(error: BaseException) -> Coroutine[object, object, None]:
        raise error

    with Client() as client:
        client.get()
        [thread] = loop_threads()
        for how in fail, fail_in_a_task_of_its_own, fail_before_there_is_a_coroutine:
            for kind in ValueError, KeyboardInterrupt, SystemExit, GeneratorExit, asyncio.CancelledError, Odd:
                error = kind("x")
                try:
                    client.lease.run(how, error)
                except BaseException as caught:
                    assert caught is error or (how is fail_in_a_task_of_its_own and type(caught) is kind)
                else:
                    raise AssertionError(kind)
        try:
            client.lease.run(fail_before_there_is_a_coroutine, StopIteration(1))
        except StopIteration as stop:
            assert stop.value == 1
        try:
            client.lease.run(fail, StopIteration(1))
        except RuntimeError as error:
            assert isinstance(error.__cause__, StopIteration)
        client.get()
        assert loop_threads() == [thread]


@scenario
def test_a_traceback_leads_from_the_caller_to_the_cause_and_does_not_grow() -> None:
    kept = ValueError("the same each time")

    async def cause() -> None:
        raise kept

    async def between() -> None:
        await asyncio.sleep(0)
        await cause()

    def caller() -> None:
        client.lease.run(between)

    with Client() as client:
        for _ in range(5):
            try:
                caller()
            except ValueError as error:
                names = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
                assert names[1:] == ["caller", "run", "between", "cause"], names


@scenario
def test_an_error_leaves_no_cycle_behind() -> None:
    class Kept(Exception):
        pass

    async def fail() -> None:
        await asyncio.sleep(0)
        raise Kept

    def call() -> weakref.ref[Kept]:
        try:
            client.lease.run(fail)
        except Kept as error:
            return weakref.ref(error)
        raise AssertionError

    with Client() as client:
        call()
        gc.collect()
        gc.disable()
        for _ in range(20):
            error = call()
            until(lambda error=error: error() is None, 2)  # type: ignore[misc]  # mypy infers no lambda that has a default


@scenario
def test_an_answer_leaves_nothing_behind() -> None:
    class Answer:
        pass

    async def answer(question: Answer) -> Answer:
        return Answer()

    with Client() as client:
        gc.disable()
        question = Answer()
        responses = [weakref.ref(client.lease.run(answer, question)) for _ in range(20)]
        asked = weakref.ref(question)
        del question
        until(lambda: asked() is None and not any(ref() for ref in responses), 2)


@scenario
def test_an_abandoned_pager_leaves_nothing_running() -> None:
    def pages() -> Iterator[str]:
        while True:
            yield client.get()

    with Client() as client:
        pager = pages()
        next(pager)
        next(pager)
        del pager
        gc.collect()
        for page in pages():
            assert page
            break
    assert threading.enumerate() == [threading.main_thread()]


# -- where a call is made --------------------------------------------------------------------------------------------


@scenario
def test_a_call_on_the_loop_thread_is_refused_and_names_the_remedy() -> None:
    async def call() -> None:
        try:
            client.get()
        except LagoConfigError as error:
            assert "lago_async" in str(error)
        else:
            raise AssertionError

    with Client() as client:
        client.lease.run(call)
        client.get()


@scenario
def test_a_close_on_the_loop_thread_does_not_wait_for_itself() -> None:
    async def close() -> None:
        client.close()

    client = Client()
    client.lease.run(close)
    until(lambda: loop_threads() == [])


@scenario
def test_a_call_in_a_running_loop_works_and_warns_once_at_the_users_line() -> None:
    async def main() -> None:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert client.get() == client.get()
            client.get()
        [warning] = caught
        assert issubclass(warning.category, RuntimeWarning)
        assert "lago_async" in str(warning.message)
        assert warning.filename.endswith("in_child.py")  # the stand-in's line, outside of the packages
        assert "lease.run" in linecache.getline(warning.filename, warning.lineno)

    with Client() as client:
        asyncio.run(main())


# -- interruptions ---------------------------------------------------------------------------------------------------


@posix
@with_either_client
@scenario
def test_ctrl_c_drops_the_request_and_the_call_after_it_works() -> None:
    def interrupt() -> None:
        until(lambda: seen("waiting") == 1)
        os.kill(os.getpid(), signal.SIGINT)

    with Client() as client:
        for times in range(1, 4):
            thread = threading.Thread(target=interrupt)
            thread.start()
            try:
                client.get("slow")
            except KeyboardInterrupt:
                pass
            else:
                raise AssertionError
            thread.join()
            until(lambda times=times: seen("dropped") == times)  # type: ignore[misc]  # mypy infers no lambda that has a default
            assert client.get()


@posix
@scenario
def test_a_second_ctrl_c_does_not_wait_for_the_request_to_end() -> None:
    runtime.CANCEL_LIMIT = 50  # waiting for it would exceed the scenario's time limit
    go_on = threading.Event()

    async def cling() -> None:
        try:
            threading.Thread(target=os.kill, args=(os.getpid(), signal.SIGINT)).start()
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            os.kill(os.getpid(), signal.SIGINT)
            while not go_on.is_set():
                await asyncio.sleep(0.01)

    with Client() as client:
        client.get()
        try:
            client.lease.run(cling)
        except KeyboardInterrupt as error:
            assert isinstance(error.__context__, KeyboardInterrupt)
        else:
            raise AssertionError
        client.get()
        go_on.set()
    assert loop_threads() == []


@posix
@scenario
def test_ctrl_c_waits_a_limited_time_for_a_request_that_does_not_let_go() -> None:
    runtime.CANCEL_LIMIT = 0.3
    go_on = threading.Event()

    async def cling() -> None:
        try:
            os.kill(os.getpid(), signal.SIGINT)
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            while not go_on.is_set():
                await asyncio.sleep(0.01)

    with Client() as client:
        try:
            client.lease.run(cling)
        except KeyboardInterrupt:
            go_on.set()
        else:
            raise AssertionError
        client.get()


@posix
@with_either_client
@scenario
def test_an_exception_from_a_signal_handler_cancels_the_request_and_arrives() -> None:
    class TimeLimit(Exception):
        pass

    def raise_it(number: int, frame: FrameType | None) -> None:
        raise TimeLimit

    signal.signal(signal.SIGALRM, raise_it)
    with Client() as client:
        client.get()
        signal.setitimer(signal.ITIMER_REAL, 0.2)
        try:
            client.get("slow")
        except TimeLimit:
            pass
        else:
            raise AssertionError
        until(lambda: seen("waiting") == 0)
        client.get()


@posix
@scenario
def test_interruptions_at_any_moment_lose_no_task_and_no_call() -> None:
    """A timer raises exceptions in calls at any instant; afterwards nothing runs and the next call works."""

    class Hit(Exception):
        pass

    running, hits, armed = 0, 0, False

    def hit(number: int, frame: FrameType | None) -> None:
        nonlocal armed
        if armed:
            armed = False
            raise Hit

    async def nap() -> None:
        nonlocal running
        running += 1
        try:
            await asyncio.sleep(0)
        finally:
            running -= 1

    async def count_tasks() -> int:
        return len(asyncio.all_tasks())

    runtime.CANCEL_LIMIT = 50  # waiting for one would exceed the scenario's time limit
    gc.disable()  # an exception in a finalizer is lost, in any program
    signal.signal(signal.SIGALRM, hit)
    with Client() as client:
        client.lease.run(nap)
        for at in range(1, 400):
            try:
                armed = True
                signal.setitimer(signal.ITIMER_REAL, at * 5e-7)
                client.lease.run(nap)
                client.lease.run(nap)
                armed = False
            except Hit:
                hits += 1
            signal.setitimer(signal.ITIMER_REAL, 0)
            client.lease.run(nap)
            assert running == 0
        assert client.lease.run(count_tasks) == 1
    assert hits


@with_either_client
@scenario
def test_a_time_limit_raised_into_a_thread_cancels_its_request() -> None:
    class TimeLimit(Exception):
        pass

    def call() -> None:
        try:
            client.get("slow")
        except TimeLimit:
            caught.append(True)

    caught: list[bool] = []
    with Client() as client:
        thread = threading.Thread(target=call)
        thread.start()
        until(lambda: seen("waiting") == 1)
        assert thread.ident is not None
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread.ident), ctypes.py_object(TimeLimit))
        thread.join(10)
        assert caught == [True]
        until(lambda: seen("dropped") == 1)
        client.get()


@posix
@scenario
def test_a_signal_handler_can_call_in_the_middle_of_a_call() -> None:
    def call(number: int, frame: FrameType | None) -> None:
        responses.append(client.get())
        go_on.set()

    async def wait() -> None:
        os.kill(os.getpid(), signal.SIGUSR1)
        while not go_on.is_set():
            await asyncio.sleep(0.01)

    responses: list[str] = []
    go_on = threading.Event()
    signal.signal(signal.SIGUSR1, call)
    with Client() as client:
        client.lease.run(wait)
        assert len(responses) == 1


# -- forks -----------------------------------------------------------------------------------------------------------


@posix
@with_either_client
@scenario
def test_a_forked_child_can_call_while_the_parent_goes_on() -> None:
    with Client() as client:
        mine = client.get()
        child = os.fork()
        if child == 0:
            assert threading.enumerate() == [threading.main_thread()]
            theirs = client.get()
            assert theirs == client.get() != mine
            client.close()
            assert threading.enumerate() == [threading.main_thread()]
            os._exit(0)
        for _ in range(20):
            assert client.get() == mine
        assert os.waitpid(child, 0)[1] == 0
        assert client.get() == mine


@posix
@with_either_client
@scenario
def test_a_forked_child_that_only_exits_leaves_the_parents_connections_alone() -> None:
    with Client() as client:
        mine = client.get()
        ways: tuple[Callable[[], object], ...] = (lambda: os._exit(0), sys.exit)
        for leave in ways:
            child = os.fork()
            if child == 0:
                leave()
            assert os.waitpid(child, 0)[1] == 0
            assert client.get() == mine


@posix
@with_either_client
@scenario
def test_a_forked_child_that_collects_closes_and_exits_leaves_the_parents_connections_alone() -> None:
    client = Client()
    mine = client.get()
    child = os.fork()
    if child == 0:
        client.close()
        del client
        gc.collect()
        sys.exit()
    assert os.waitpid(child, 0)[1] == 0
    assert client.get() == mine
    client.close()


@posix
@with_either_client
@scenario
def test_a_forked_child_that_calls_and_never_closes_exits_silently() -> None:
    with Client() as client:
        mine = client.get()
        child = os.fork()
        if child == 0:
            assert client.get() != mine
            sys.exit()
        assert os.waitpid(child, 0)[1] == 0
        assert client.get() == mine


@posix
@with_either_client
@scenario
def test_a_forks_fork_can_call() -> None:
    with Client() as client:
        mine = client.get()
        child = os.fork()
        if child == 0:
            theirs = client.get()
            grandchild = os.fork()
            if grandchild == 0:
                assert client.get() not in {mine, theirs}
                sys.exit()
            assert os.waitpid(grandchild, 0)[1] == 0
            assert client.get() == theirs
            sys.exit()
        assert os.waitpid(child, 0)[1] == 0
        assert client.get() == mine


@posix
@with_either_client
@scenario
def test_a_fork_in_the_midst_of_other_threads_calls_leaves_both_sides_working() -> None:
    def work() -> None:
        while not over.is_set():
            client.get()

    over = threading.Event()
    with Client() as client:
        client.get()
        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for _ in range(10):
            child = os.fork()
            if child == 0:
                client.get()
                client.close()
                os._exit(0 if threading.enumerate() == [threading.main_thread()] else 1)
            assert os.waitpid(child, 0)[1] == 0
        over.set()
        for thread in threads:
            thread.join()
        client.get()


@posix
@scenario
def test_a_call_that_a_signal_handlers_fork_finds_waiting_ends_in_the_child_with_an_error() -> None:
    child = -1

    def fork(number: int, frame: FrameType | None) -> None:
        nonlocal child
        child = os.fork()

    signal.signal(signal.SIGUSR1, fork)
    with Client() as client:
        client.get()
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        try:
            client.lease.run(asyncio.sleep, 1)
        except LagoClosedError:
            assert child == 0
            client.get()
            client.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        client.get()


@posix
@with_either_client
@scenario
def test_a_process_forked_or_spawned_by_multiprocessing_can_call() -> None:
    with Client() as client:
        mine = client.get()
        fork = multiprocessing.get_context("fork")
        for _ in range(2):
            process = fork.Process(target=client.get)
            process.start()
            process.join()
            assert process.exitcode == 0
            assert client.get() == mine
        spawned = multiprocessing.get_context("spawn").Process(target=call_once)
        spawned.start()
        spawned.join()
        assert spawned.exitcode == 0
        assert client.get() == mine


@posix
@with_either_client
@scenario
def test_a_child_whose_fork_python_did_not_see_can_call_while_the_parent_goes_on() -> None:
    with Client() as client:
        mine = client.get()
        child = fork_unseen()  # as uWSGI forks its workers
        if child == 0:
            theirs = client.get()
            assert theirs == client.get() != mine
            grandchild = fork_unseen()
            if grandchild == 0:
                assert client.get() not in {mine, theirs}
                sys.exit()
            assert os.waitpid(grandchild, 0)[1] == 0
            assert client.get() == theirs
            client.close()
            os._exit(0)
        for _ in range(20):
            assert client.get() == mine
        assert os.waitpid(child, 0)[1] == 0
        assert client.get() == mine


@posix
@with_either_client
@scenario
def test_a_child_whose_fork_python_did_not_see_closes_collects_and_exits_without_the_parents_connections() -> None:
    client = Client()
    mine = client.get()
    began = time.monotonic()
    child = fork_unseen()
    if child == 0:
        client.close()
        del client
        gc.collect()
        sys.exit()
    assert os.waitpid(child, 0)[1] == 0
    assert time.monotonic() - began < runtime.CLOSE_LIMIT  # it has not waited for the parent's thread
    assert client.get() == mine
    client.close()


@posix
@scenario
def test_threads_that_notice_a_fork_at_once_share_one_loop_thread() -> None:
    used: set[object] = set()

    def call() -> None:
        barrier.wait()
        client.get()
        used.add(runtime._here.get().thread)

    with Client() as client:
        client.get()
        child = fork_unseen()
        if child == 0:
            sys.setswitchinterval(1e-6)
            barrier = threading.Barrier(8)
            threads = [threading.Thread(target=call) for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            os._exit(len(used) != 1)
        assert os.waitpid(child, 0)[1] == 0


@posix
@scenario
def test_a_call_that_an_unseen_fork_finds_waiting_ends_in_the_child_with_an_error() -> None:
    child = -1

    def fork(number: int, frame: FrameType | None) -> None:
        nonlocal child
        child = fork_unseen()

    signal.signal(signal.SIGUSR1, fork)
    with Client() as client:
        client.get()
        threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGUSR1)).start()
        try:
            client.lease.run(asyncio.sleep, 1)
        except LagoClosedError as error:
            assert child == 0
            assert "forked" in str(error)
            client.get()
            client.close()
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
        client.get()


# -- greenlets -------------------------------------------------------------------------------------------------------


@scenario
def test_a_process_without_poll_can_call() -> None:
    """`eventlet.monkey_patch` leaves only this selector."""
    import selectors

    del selectors.PollSelector
    setattr(selectors, "DefaultSelector", selectors.SelectSelector)  # noqa: B010 - a class, to type checkers
    with Client() as client:
        assert client.get() == client.get()


@scenario
def test_greenlets_that_share_the_thread_of_the_loop_get_no_warning() -> None:
    """With gevent and eventlet, the flag of the running loop is set for all greenlets of the real thread."""
    with Client() as client:
        client.get()
        thread = runtime._here.get().thread
        assert thread is not None
        asyncio._set_running_loop(thread.loop)
        try:
            client.get()
        finally:
            asyncio._set_running_loop(None)


@scenario
def test_a_loop_that_cannot_run_beside_another_one_is_refused_with_the_remedy() -> None:
    """The hub of eventlet may be an asyncio loop, in the real thread whose greenlet the loop thread is."""
    get_running_loop = asyncio._get_running_loop
    setattr(asyncio, "_get_running_loop", lambda: "another loop")  # noqa: B010 - not declared
    runtime._here.get().warned = True
    client = Client()
    for _ in range(2):
        try:
            client.get()
        except LagoConfigError as error:
            assert "hub other than asyncio" in str(error)
        else:
            raise AssertionError
    setattr(asyncio, "_get_running_loop", get_running_loop)  # noqa: B010 - not declared
    client.get()
    client.close()
    assert loop_threads() == []


@scenario
def test_gevent_without_threads_is_refused_by_name_until_it_is_patched_otherwise() -> None:
    import types

    gevent: Any = types.ModuleType("gevent.monkey")
    sys.modules["gevent.monkey"] = gevent
    client = Client()
    patched: set[str]
    for patched in ({"select", "socket"}, {"queue"}):
        gevent.is_module_patched = patched.__contains__
        try:
            client.get()
        except LagoConfigError as error:
            assert "gevent.monkey.patch_all() without thread=False" in str(error)
        else:
            raise AssertionError
    for patched in (set(), {"socket"}, {"select", "queue", "threading"}):
        gevent.is_module_patched = patched.__contains__
        with Client() as other:
            other.get()
    client.close()


# -- frozen time -----------------------------------------------------------------------------------------------------


@scenario
def test_a_timeout_ends_a_call_while_a_test_has_frozen_the_time() -> None:
    from lago_sync import LagoClient, LagoTimeoutError

    with LagoClient(api_key="key", base_url=os.environ["SERVER"], timeout=0.3, max_retries=0) as client:
        client.customers.find("quick")
        now, real = time.monotonic(), time.monotonic
        time.monotonic = lambda: now
        try:
            client.customers.find("quick")
            client.customers.find("slow")
        except LagoTimeoutError:
            pass
        else:
            raise AssertionError
        finally:
            time.monotonic = real


@scenario
def test_models_that_are_imported_while_a_test_has_frozen_the_time_are_read() -> None:
    """freezegun puts such subclasses in the places of the real classes."""
    import datetime as dt

    real = dt.date, dt.datetime

    class Kind(type):
        def __instancecheck__(cls, value: object) -> bool:
            return isinstance(value, cls.__mro__[1])

    class FakeDate(dt.date, metaclass=Kind):
        pass

    class FakeDatetime(dt.datetime, metaclass=Kind):
        pass

    vars(dt).update(date=FakeDate, datetime=FakeDatetime)
    from lago_async import ENDPOINTS, models

    found = [getattr(models, name) for name in vars(models)["__all__"]]
    hints = [str(model.__annotations__) for model in found if hasattr(model, "__attrs_attrs__")]
    assert sum("datetime.datetime" in each for each in hints) > 50
    assert [each for each in hints if "Fake" in each] == []
    list_invoices = ENDPOINTS["find_all_invoices"]
    assert list_invoices.encode((), {"issuing_date_from": FakeDate(2025, 1, 1)}).target.endswith("=2025-01-01")
    with Lago() as client:
        client.get()
    vars(dt).update(date=real[0], datetime=real[1])
    assert list_invoices.encode((), {"issuing_date_from": dt.date(2025, 1, 1)}).target.endswith("=2025-01-01")


# -- a thread that ends with an error --------------------------------------------------------------------------------


@with_either_client
@scenario
def test_a_thread_that_ends_with_an_error_tells_it_and_the_next_call_starts_another() -> None:
    def fail(*_: object) -> None:
        raise OSError("no more events")

    def call() -> None:
        try:
            client.get("slow")
        except LagoClosedError as error:
            told.append(str(error))

    told: list[str] = []
    printed: list[object] = []
    warnings.simplefilter("ignore", ResourceWarning)  # asyncio's, of the sockets that were open in the loop
    threading.excepthook = printed.append
    logging.getLogger("asyncio").setLevel(logging.CRITICAL)  # the loop's tasks were destroyed with it
    # The destroyed task of a call leaves its `async with`, which may still want the closed loop.
    ignored: list[str] = []
    sys.unraisablehook = lambda failure: ignored.append(str(failure.exc_value))
    with Client() as client:
        client.get()
        thread = threading.Thread(target=call)
        thread.start()
        until(lambda: seen("waiting") == 1)
        loop_thread: Any = runtime._here.get().thread
        loop_thread.loop._selector.select = fail
        loop_thread.post(lambda: None)
        thread.join(10)
        assert len(told) == 1
        assert "OSError: no more events" in told[0]
        assert "MAY HAVE BEEN CARRIED OUT" in told[0]
        assert len(printed) == 1
        client.get()
    assert loop_threads() == []
    assert set(ignored) <= {"Event loop is closed"}


@pytest.mark.parametrize("client", ["lago"])
@scenario
def test_a_client_whose_thread_ended_with_an_error_closes() -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    warnings.filterwarnings("ignore", "unclosed", ResourceWarning)  # asyncio's, of the sockets in the loop
    threading.excepthook = lambda _: None
    client = Client()
    client.get()
    thread: Any = runtime._here.get().thread
    thread.loop._selector.select = fail
    thread.post(lambda: None)
    until(lambda: not thread.is_alive())
    client.close()
    assert runtime._here.get().leases == set()
    del client
    gc.collect()


# -- the end ---------------------------------------------------------------------------------------------------------


@with_either_client
@scenario
def test_a_client_never_closed_ends_silently_with_the_interpreter() -> None:
    globals()["client"] = Client()
    globals()["client"].get()


@with_either_client
@scenario
def test_calls_under_way_in_daemon_threads_do_not_disturb_the_exit() -> None:
    def call() -> None:
        try:
            client.get("slow")
        except Exception:  # closed under the call
            pass

    globals()["client"] = client = Client()
    for _ in range(3):
        threading.Thread(target=call, daemon=True).start()
    until(lambda: seen("waiting") == 3)


@with_either_client
@scenario
def test_a_collected_unclosed_client_is_one_resource_warning_and_no_leak() -> None:
    client = Client()
    client.get()
    assert seen("open") == 1
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del client
        gc.collect()
        until(lambda: seen("open") == 0)
        until(lambda: loop_threads() == [])
        gc.collect()
    assert [warning.category for warning in caught] == [ResourceWarning], [str(w) for w in caught]


@scenario
def test_a_client_collected_on_the_loop_thread_or_at_any_other_moment_blocks_nothing() -> None:
    async def collect() -> None:
        gc.collect()

    def leave_unclosed() -> None:
        client = Client()
        client.itself = client
        client.lease.run(asyncio.sleep, 0)

    warnings.simplefilter("ignore")
    with Client() as other:
        leave_unclosed()
        other.lease.run(collect)
        gc.set_threshold(1)  # collect wherever there is an allocation
        for _ in range(100):
            leave_unclosed()
        gc.set_threshold(700)
        gc.collect()
        until(lambda: len(runtime._here.get().leases) == 1)
        assert other.get()
    assert loop_threads() == []


@with_either_client
@scenario
def test_exit_handlers_registered_after_the_import_can_call_and_earlier_ones_get_a_clear_error() -> None:
    """`atexit` runs the last registered first, and ours is registered when `lago_sync` is imported."""
    atexit.unregister(runtime._close_all)

    def before() -> None:
        try:
            client.get()
        except LagoClosedError as error:
            assert "exiting" in str(error)
            client.close()
            print("to the end", flush=True)
        try:
            with Client() as late:
                late.get()
        except LagoClosedError as error:
            assert "exiting" in str(error)

    def after() -> None:
        assert client.get()
        with Client() as another:
            assert another.get()

    atexit.register(before)
    atexit.register(runtime._close_all)
    atexit.register(after)
    client = Client()
    client.get()
    globals()["client"] = client
