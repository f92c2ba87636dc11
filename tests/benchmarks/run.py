"""The costs of the clients, as ratios to the libraries that they use and to the clients that they replace.

``python tests/benchmarks/run.py`` prints one table. A missed target is only reported, because the machine may have been
busy; with ``--strict`` it fails. `measuring` describes the method and its reasons.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

# Import the package of this tree, even if another one is installed.
sys.path.insert(1, str(Path(__file__).parents[2]))

from tests.benchmarks.measuring import Effort, Line

# Per measure: the module with the function of its name, and the packages of the extra `bench` that it needs.
MEASURES: dict[str, tuple[str, tuple[str, ...]]] = {
    "async_find": ("calls", ("orjson",)),
    "sync_find": ("calls", ("httpx",)),
    "sync_find_official": ("calls", ("lago_python_client",)),
    "threads": ("calls", ("urllib3",)),
    "bridge": ("bridge", ()),
    "decode": ("decoding", ("orjson",)),
    "memory": ("decoding", ("orjson",)),
    "imports": ("starting", ("lago_python_client",)),
    "first_customer": ("starting", ("lago_python_client",)),
    "connections": ("calls", ()),
    "bulk": ("bulk", ("lago_python_client", "orjson", "uvloop")),
    "bulk_free": ("bulk", ("lago_python_client", "orjson", "uvloop")),
    "bulk_large": ("bulk", ("lago_python_client", "orjson")),
    "bulk_memory": ("footprint", ("lago_python_client",)),
    "stall": ("footprint", ()),
    "core": ("bulk", ()),
    "export_rows": ("exporting", ("pyarrow",)),
    "events_accepted": ("events", ()),
    "events_delivered": ("events", ("lago_python_client",)),
    "events_footprint": ("events", ()),
    "events_spooled": ("spooling", ()),
    "sandbox_start": ("sandbox", ()),
    "sandbox_year": ("sandbox", ()),
}
_VERSIONS = ("lago-async", "aiohttp", "msgspec", "lago-python-client", "httpx", "urllib3", "orjson", "anyio")


def main() -> int:
    arguments = _arguments()
    effort = Effort(quick=arguments.quick)
    lines: list[Line] = []
    for name in arguments.only or MEASURES:
        module, needed = MEASURES[name]
        if missing := [package for package in needed if find_spec(package) is None]:
            print(f"{name} needs {', '.join(missing)}: pip install -e .[bench]", file=sys.stderr)
            return 1
        print(f"{name} ...", file=sys.stderr, flush=True)
        lines += getattr(import_module(f"tests.benchmarks.{module}"), name)(effort)
    print(_table(lines))
    if arguments.json:
        arguments.json.write_text(
            json.dumps({"machine": _machine(), "lines": [_record(line) for line in lines]}, indent=1)
        )
    return 1 if arguments.strict and any(line.met is False for line in lines) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--only", action="append", choices=MEASURES, metavar="NAME", help=", ".join(MEASURES))
    parser.add_argument("--quick", action="store_true", help="one short round each, to check that it works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write the numbers to a file")
    parser.add_argument("--strict", action="store_true", help="exit with 1 if a target was missed")
    return parser.parse_args()


def _table(lines: list[Line]) -> str:
    rows = [("measure", "ours", "against", "", "ratio", "target", "", "how")]
    rows += [
        (
            line.measure,
            _number(line.ours, line.unit),
            line.rival,
            "" if line.theirs is None else _number(line.theirs, line.unit),
            "" if line.ratio is None else f"{line.ratio:.3f}",
            "" if line.target is None else str(line.target),
            {True: "ok", False: "MISSED", None: ""}[line.met],
            line.how,
        )
        for line in lines
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    numeric = {1, 3, 4}
    return "\n".join(
        "  ".join(
            cell.rjust(width) if place in numeric else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _number(value: float, unit: str) -> str:
    return f"{value:,.0f} {unit}".rstrip() if value >= 100 or not unit else f"{value:.1f} {unit}"


def _record(line: Line) -> dict[str, object]:
    return {
        "measure": line.measure,
        "ours": line.ours,
        "unit": line.unit,
        "against": line.rival,
        "theirs": line.theirs,
        "ratio": line.ratio,
        "target": None if line.target is None else str(line.target),
        "met": line.met,
        "how": line.how,
    }


def _machine() -> dict[str, object]:
    return {
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "versions": {name: _version(name) for name in _VERSIONS},
    }


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


if __name__ == "__main__":
    sys.exit(main())
