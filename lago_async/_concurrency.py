"""Concurrent calls of one function, a bounded number at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")


class InFlight(Generic[_In, _Out]):
    """Numbered calls of one function, whose results are taken as they arrive; on one event loop."""

    def __init__(self, function: Callable[[_In], Awaitable[_Out]]) -> None:
        self._function = function
        self._tasks: dict[asyncio.Task[_Out | Exception], int] = {}

    async def swap(self, calls: Iterable[tuple[int, _In]]) -> list[tuple[int, _Out | Exception]]:
        """Start calls, wait until at least one has a result, and return the numbers and results that are there."""
        for number, argument in calls:
            self._tasks[asyncio.ensure_future(self._call(argument))] = number
        done, _ = await asyncio.wait(self._tasks, return_when=asyncio.FIRST_COMPLETED)
        return [(self._tasks.pop(task), task.result()) for task in done]

    def __bool__(self) -> bool:
        """Return whether calls are in flight, or have results that were not taken."""
        return bool(self._tasks)

    async def aclose(self) -> None:
        """Cancel the calls in flight, and wait for them."""
        import anyio

        tasks, self._tasks = self._tasks, {}
        for task in tasks:
            task.cancel()
        if tasks:
            with anyio.CancelScope(shield=True):
                await asyncio.wait(tasks)

    async def _call(self, argument: _In) -> _Out | Exception:
        try:
            return await self._function(argument)
        except Exception as error:  # noqa: BLE001 - the caller of `swap` has it
            return error


async def side_by_side(
    function: Callable[[_In], Awaitable[_Out]], arguments: Sequence[_In], concurrency: int
) -> list[_Out]:
    """Call ``function`` for all arguments, ``concurrency`` at a time; return the results in order.

    The first error cancels the other calls and is raised as it is, not in a group.
    """
    import anyio

    results: dict[int, _Out] = {}
    waiting = iter(enumerate(arguments))
    failures: list[Exception] = []

    async def work() -> None:
        for index, argument in waiting:
            try:
                results[index] = await function(argument)
            except Exception as error:  # noqa: BLE001 - raised below
                failures.append(error)
                tasks.cancel_scope.cancel()
                return

    async with anyio.create_task_group() as tasks:
        for _ in range(min(concurrency, len(arguments))):
            tasks.start_soon(work)
    if failures:
        raise failures[0]
    return [results[index] for index in range(len(arguments))]
