"""The sandbox from the command line: prints its address and its key, and serves until it is stopped."""

import argparse
import asyncio
import re
import signal
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from lago_async._net.addresses import is_loopback
from lago_async._streams import say, say_error
from lago_async.sandbox._demo import DEMO_CUSTOMER, DEMO_HISTORY, DEMO_SUBSCRIPTION, add_demo_data
from lago_async.sandbox._protocol.timestamps import parse_timestamp
from lago_async.sandbox._server.limits import RateLimits
from lago_async.sandbox._server.options import FEATURES
from lago_async.sandbox._server.server import Sandbox
from lago_async.sandbox._state.world_file import WorldFileError

_PROGRAM: Final = "python -m lago_async sandbox"


def _loopback(host: str) -> str:
    if not is_loopback(host):
        raise argparse.ArgumentTypeError(
            f"{host!r} is not a loopback address, and the sandbox serves this machine only: "
            "use 127.0.0.1, ::1 or localhost"
        )
    return host


def _timestamp(text: str) -> datetime:
    at = parse_timestamp(text)
    if at is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date or time like 2026-01-31 or 2026-01-31T12:00:00Z")
    return at


def _speed(text: str) -> float:
    """Return the speed of a clock: ``fixed``, ``real`` or a multiple such as ``x60``."""
    names = {"fixed": 0.0, "real": 1.0}
    if text in names:
        return names[text]
    found = re.fullmatch(r"x([0-9]{1,9}(?:\.[0-9]{1,9})?)", text)
    if found is None or not float(found[1]):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a clock: use fixed, real, or x60 for a clock that runs 60 times as fast"
        )
    return float(found[1])


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of customers: give 1 or more")
    return int(text)


def _parser(prog: str = _PROGRAM) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog, description="Serve an embedded Lago on a loopback port until interrupted."
    )
    parser.add_argument("--host", type=_loopback, default="127.0.0.1", help="loopback address (default: %(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port (default: any free port)")
    parser.add_argument("--api-key", help="the API key to accept (default: a random one)")
    parser.add_argument("--now", type=_timestamp, help="start of its clock, in ISO 8601 (default: the real time)")
    parser.add_argument(
        "--clock",
        type=_speed,
        default="fixed",
        metavar="{fixed,real,x60}",
        help="fixed: only control requests move it; real: it runs; x60: it runs 60 times as fast, or any other number "
        "(default: %(default)s)",
    )
    parser.add_argument("--premium", action="store_true", help="have the features that need a licence")
    parser.add_argument(
        "--feature",
        action="append",
        choices=sorted(FEATURES),
        default=[],
        help="turn a feature flag of the organization on; may be given several times",
    )
    parser.add_argument(
        "--rate-limits", action="store_true", help="apply the rate limits of Lago Cloud's gateway (default: none)"
    )
    parser.add_argument(
        "--world",
        type=Path,
        help="start from a file that Sandbox.save or GET /_sandbox/world made; "
        "without --now, --premium, --feature and --demo-data",
    )
    parser.add_argument(
        "--demo-data",
        type=_count,
        nargs="?",
        const=1,
        metavar="CUSTOMERS",
        help="start with a plan, this many customers (default: 1) and three months of usage",
    )
    return parser


async def _serve(sandbox: Sandbox, *, customers: int | None, until: datetime, speed: float) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM) if sys.platform != "win32" else ()
    for number in signals:
        loop.add_signal_handler(number, stop.set)
    try:
        async with sandbox:
            lines = [
                f"Lago sandbox at {sandbox.url} with the key {sandbox.api_key}",
                f"export LAGO_API_URL={sandbox.url}",
                f"export LAGO_API_KEY={sandbox.api_key}",
            ]
            if customers is not None:
                await asyncio.to_thread(add_demo_data, sandbox, until, customers)  # takes seconds
                lines.append(f"# demo data: customer {DEMO_CUSTOMER!r}, subscription {DEMO_SUBSCRIPTION!r}")
            sandbox.set_clock_speed(speed)
            say("\n".join([*lines, ""]))
            await stop.wait()
    finally:
        for number in signals:
            loop.remove_signal_handler(number)


def _sandbox(arguments: argparse.Namespace, now: datetime) -> Sandbox:
    """Return the sandbox that the arguments describe. Its clock runs later, when its data are complete."""
    api_key: str | None = arguments.api_key
    host: str = arguments.host
    port: int = arguments.port
    rate_limits = RateLimits() if arguments.rate_limits else None
    if arguments.world is not None:
        return Sandbox.open(arguments.world, api_key=api_key, host=host, port=port, rate_limits=rate_limits)
    features: list[str] = arguments.feature
    return Sandbox(
        api_key=api_key,
        host=host,
        port=port,
        now=now,
        premium=bool(arguments.premium),
        features=features,
        rate_limits=rate_limits,
    )


def main(argv: Sequence[str], *, prog: str = _PROGRAM) -> int:
    """Serve until Ctrl-C or SIGTERM. The exit status is 0 then, and 1 if the port or the world is not available."""
    parser = _parser(prog)
    arguments = parser.parse_args(argv)
    customers: int | None = arguments.demo_data
    given = {"--now": arguments.now, "--premium": arguments.premium, "--feature": arguments.feature}
    if arguments.world is not None and any([*given.values(), customers]):
        parser.error(f"--world has its own time, licence and data: leave out {', '.join(given)} and --demo-data")
    now: datetime = arguments.now or datetime.now(UTC)
    # Demo data has a history: the clock starts at its beginning, and has reached the requested time before the first
    # line is printed.
    begins = now if customers is None else now - DEMO_HISTORY
    speed: float = arguments.clock
    try:
        sandbox = _sandbox(arguments, begins)
    except (OSError, WorldFileError) as error:
        say_error(f"the sandbox can't start from {arguments.world}: {error}\n")
        return 1
    try:
        asyncio.run(_serve(sandbox, customers=customers, until=now, speed=speed))
    except KeyboardInterrupt:
        return 0  # on platforms where the loop can't handle signals
    except OSError as error:
        say_error(f"the sandbox can't serve on {arguments.host} port {arguments.port}: {error}\n")
        return 1
    return 0
