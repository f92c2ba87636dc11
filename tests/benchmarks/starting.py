"""Measures of starting: an import, and the time to the first customer, each in a fresh process."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.benchmarks import server
from tests.benchmarks.measuring import Line, at_most, compare, in_turns

if TYPE_CHECKING:
    from tests.benchmarks.measuring import Effort, Turn

_ROOT = Path(__file__).parents[2]
_OFFICIAL = "official client"

_TIMED = """
import time
wall, cpu = time.perf_counter(), time.process_time()
import {module}
print(time.perf_counter() - wall, time.process_time() - cpu)
"""

# CPU time starts with the process; the parent reads the clock at the other end of the pipe.
_FIRST = {
    "async": """
import asyncio
from lago_async import LagoClient
async def main():
    async with LagoClient(api_key="1", base_url="{url}") as client:
        customer = await client.customers.find("cus_1")
        {done}
asyncio.run(main())
""",
    "sync": """
from lago_sync import LagoClient
with LagoClient(api_key="1", base_url="{url}") as client:
    customer = client.customers.find("cus_1")
    {done}
""",
    _OFFICIAL: """
from lago_python_client.client import Client
customer = Client(api_key="1", api_url="{url}/").customers.find("cus_1")
{done}
""",
}
_DONE = "assert customer.name; import time; print(time.process_time(), flush=True)"


def imports(effort: Effort) -> list[Line]:
    """Measure ``import lago_async`` and ``import lago_sync``, timed inside the process."""
    modules = {"lago_async": "lago_async", "lago_sync": "lago_sync", _OFFICIAL: "lago_python_client.client"}
    wall, cpu = _two_ways({name: _TIMED.format(module=module) for name, module in modules.items()}, effort.rounds(9))
    return [
        compare(f"import {face}", taken, _OFFICIAL, ours=face, unit="ms", target=at_most(0.15), how=how)
        for face in ("lago_async", "lago_sync")
        for taken, how in ((wall, "wall-clock time, fresh processes"), (cpu, "CPU, fresh processes"))
    ]


def first_customer(effort: Effort) -> list[Line]:
    """Measure the time from the start of the interpreter to the first decoded customer."""
    with server.running() as host:
        scripts = {name: script.format(url=host.url, done=_DONE) for name, script in _FIRST.items()}
        wall, cpu = _two_ways(scripts, effort.rounds(9), clock_outside=True)
    return [
        compare(
            f"start to first customer, {face}", taken, _OFFICIAL, ours=face, unit="ms", target=at_most(0.6), how=how
        )
        for face in ("async", "sync")
        for taken, how in ((wall, "wall-clock time, fresh processes"), (cpu, "CPU, fresh processes"))
    ]


def _two_ways(
    scripts: dict[str, str], rounds: int, *, clock_outside: bool = False
) -> tuple[dict[str, list[float]], dict[str, list[float]]]:
    """Return the same rounds in wall-clock time and in CPU time, in milliseconds."""
    cpu: dict[str, list[float]] = {name: [] for name in scripts}

    def turn(name: str) -> Turn:
        def run() -> float:
            wall, *printed = _run(scripts[name])
            if not clock_outside:
                wall = printed.pop(0)
            cpu[name].append(printed[0] * 1e3)
            return wall * 1e3

        return run

    wall = in_turns({name: turn(name) for name in scripts}, rounds)
    return wall, {name: taken[-rounds:] for name, taken in cpu.items()}


def _run(script: str) -> list[float]:
    """Return the seconds until the script prints its line, and the numbers in it."""
    environment = {**os.environ, "PYTHONPATH": str(_ROOT)}
    start = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment) as process:
        assert process.stdout is not None
        printed = process.stdout.readline()
        took = time.perf_counter() - start
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, script)
    return [took, *map(float, printed.split())]
