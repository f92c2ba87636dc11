"""The checked-in list of the exchanges that differ, which may only shrink."""

import json
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import cast

from tools.recorded.recordings import ROOT

PATH = ROOT / "differing.json"


def known() -> dict[str, set[int]]:
    """Return the numbers of the exchanges that are known to differ, by story."""
    stories = _read()["stories"]
    return {name: set(_numbers(ranges)) for name, ranges in stories.items()}


def reasons() -> dict[str, str]:
    """Return why exchanges differ, by their operation."""
    return _read()["reasons"]


def grown(found: Mapping[str, Iterable[int]]) -> list[str]:
    """Return the exchanges that differ and are not on the list: ``free/billing.alerts#7``."""
    listed = known()
    return [
        f"{name}#{number}" for name, numbers in found.items() for number in sorted({*numbers} - listed.get(name, set()))
    ]


def write(found: Mapping[str, Iterable[int]], *, grow: bool = False) -> None:
    """Take the exchanges of these stories that do not differ off the list; with ``grow``, add those that do."""
    listed = known()
    for name, numbers in found.items():
        listed[name] = {*numbers} if grow else {*numbers} & listed.get(name, set())
    ranges = {name: _ranges(sorted(numbers)) for name, numbers in sorted(listed.items()) if numbers}
    content = {"reasons": reasons(), "stories": ranges}
    PATH.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _read() -> dict[str, dict[str, str]]:
    return cast("dict[str, dict[str, str]]", json.loads(PATH.read_text(encoding="utf-8")))


def _numbers(ranges: str) -> Iterable[int]:
    for part in ranges.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


def _ranges(numbers: list[int]) -> str:
    """Write numbers as ranges: ``3 7-9 12``."""
    runs = [[number for _, number in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    return " ".join(f"{run[0]}-{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)
