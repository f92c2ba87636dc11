"""Concurrent calls of one function, a bounded number at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

_In = TypeVar("_In")
_Out = TypeVar("_Out")


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
