"""The differences between a recorded response and ours."""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

import attrs

from lago_async.sandbox._protocol.wire import Json
from tools.recorded.lists import aligned, natural, reordered, unordered, untied
from tools.recorded.symbols import NOW, SYMBOL, Symbols

ROOT = "response"
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
# Times at which a server noted something, unlike the bounds of periods: the jobs of a server run some minutes late.
_NOTED = re.compile(
    r"(activated|created|updated|finalized|voided|settled|failed|terminated|started|canceled|deleted|last_\w+|reached|paid"
    r"|succeeded|trial_ended)_at$"
)
_JOBS = timedelta(minutes=65)
# A recorded time of this minute is when the jobs of the recorded server ran; the sandbox's run at the full hour. A
# subscription that a job starts or ends has the job's time, and so have the periods that it bounds.
_JOB_MINUTE = timedelta(minutes=10)
# A time this near to its request is written as `<now>`.
_NEAR = timedelta(minutes=5)
# How long a request may take.
_REQUEST = timedelta(seconds=10)


@attrs.frozen
class Difference:
    """A difference at one place. ``kind`` is status, missing (in ours), extra, type, length, order or value."""

    path: str
    kind: str
    recorded: Json
    ours: Json


@attrs.define
class Sums:
    """How much was compared, and how much of it is equal."""

    keys: int = 0
    keys_equal: int = 0
    values: int = 0
    values_equal: int = 0


def leaves(value: Json) -> int:
    """Return the number of values that are not objects or lists."""
    if isinstance(value, dict):
        return sum(leaves(each) for each in value.values())
    if isinstance(value, list):
        return sum(leaves(each) for each in value)
    return 1


def type_name(value: Json) -> str:
    """Return the JSON type of a value, or the one that a placeholder stands for."""
    if isinstance(value, str):
        names = {"<int>": "integer", "<float>": "number", "<bool>": "boolean"}
        return names.get(value, "string")
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return {int: "integer", float: "number", list: "list", dict: "object"}[type(value)]


@attrs.define
class Comparison:
    """The comparison of one story: its symbols and the times of its requests so far."""

    symbols: Symbols
    sums: Sums = attrs.field(factory=Sums)
    writes: list[datetime] = attrs.field(factory=list[datetime])
    any_order: bool = False  # whether the order of all lists is left to chance

    def statuses(self, recorded: Json, status: int, ours: Json, our_status: int) -> Iterator[Difference]:
        """Yield the difference of two statuses; the bodies are not compared then."""
        if status != our_status:
            self.sums.keys += 1
            self.sums.values += leaves(recorded)
            yield Difference("status", "status", f"{status} {_code(recorded)}", f"{our_status} {_code(ours)}")

    def headers(self, recorded: Mapping[str, str], ours: Mapping[str, str]) -> Iterator[Difference]:
        """Yield the differences of the headers that recordings keep."""
        for name in sorted(recorded.keys() | ours.keys()):
            if recorded.get(name, "").lower() != ours.get(name, "").lower():
                yield Difference(f"header {name}", "value", recorded.get(name), ours.get(name))

    def bodies(
        self, recorded: Json, ours: Json, clock: datetime, path: str = ROOT, key: str = ""
    ) -> Iterator[Difference]:
        """Yield the differences of two bodies, and pair the ids in them."""
        if isinstance(recorded, dict) and isinstance(ours, dict):
            yield from self._objects(recorded, ours, clock, path)
        elif isinstance(recorded, list) and isinstance(ours, list):
            yield from self._lists(recorded, ours, clock, path, key)
        else:
            self.sums.values += 1
            if type_name(recorded) != type_name(ours):
                yield Difference(path, "type", recorded, ours)
            elif self._are_equal(recorded, ours, clock, key):
                self.sums.values_equal += 1
            else:
                yield Difference(path, "value", recorded, ours)

    def _objects(
        self, recorded: dict[str, Json], ours: dict[str, Json], clock: datetime, path: str
    ) -> Iterator[Difference]:
        # In the order of the recording's keys, in which its symbols are numbered.
        for key in sorted(recorded.keys() | ours.keys()):
            self.sums.keys += 1
            if key in recorded and key in ours:
                self.sums.keys_equal += 1
                yield from self.bodies(recorded[key], ours[key], clock, f"{path}.{key}", key)
                continue
            kind = "missing" if key in recorded else "extra"
            self.sums.values += leaves(recorded.get(key, ours.get(key)))
            yield Difference(f"{path}.{key}", kind, recorded.get(key), ours.get(key))

    def _lists(
        self, recorded: list[Json], ours: list[Json], clock: datetime, path: str, key: str
    ) -> Iterator[Difference]:
        if len(recorded) != len(ours):
            longer = recorded if len(recorded) > len(ours) else ours
            self.sums.values += sum(leaves(each) for each in longer[min(len(recorded), len(ours)) :])
            yield Difference(path, "length", len(recorded), len(ours))
        named = self.symbols.named
        by_chance = self.any_order or unordered(path)
        if path == f"{ROOT}.invoices" and not by_chance:
            ours = untied(recorded, ours)
        pairs = aligned(recorded, ours, named) if by_chance else list(zip(recorded, ours, strict=False))
        if not by_chance and (in_order := reordered(recorded, ours, named)) is not None:
            yield Difference(path, "order", _known(recorded), _known(ours))
            pairs = list(zip(recorded, in_order, strict=True))
        for left, right in pairs:
            yield from self.bodies(left, right, clock, f"{path}[]", key)

    def _are_equal(self, recorded: Json, ours: Json, clock: datetime, key: str) -> bool:
        if not isinstance(recorded, str) or not isinstance(ours, str):
            return recorded == ours
        if SYMBOL.search(recorded):
            return recorded == ours or self.symbols.stands_for(recorded, ours)
        return recorded == ours or self._same_time(recorded, ours, clock, key)

    def _same_time(self, recorded: str, ours: str, clock: datetime, key: str) -> bool:
        now = NOW.fullmatch(recorded)
        if not (now or _TIME.fullmatch(recorded)) or not _TIME.fullmatch(ours):
            return False
        if (now[1] if now else _form(recorded)) != _form(ours):
            return False
        left, right = clock if now else datetime.fromisoformat(recorded), datetime.fromisoformat(ours)
        limit = _JOBS if _NOTED.search(key) else _NEAR if now else timedelta(0)
        if not now and _is_job(left) and left - right == _JOB_MINUTE:
            return True
        return abs(left - right) <= limit or any(
            abs(left - each) <= _REQUEST and abs(right - each) <= _REQUEST for each in self.writes
        )


def _is_job(time: datetime) -> bool:
    """Return whether a time is one at which the jobs of the recorded server ran."""
    return timedelta(minutes=time.minute, seconds=time.second, microseconds=time.microsecond) == _JOB_MINUTE


def _code(body: Json) -> str:
    """Return what a refusal says in short."""
    if not isinstance(body, dict):
        return ""
    details = body.get("error_details")
    said = f"{body.get('code') or body.get('error') or ''}"
    return f"{said} {details}" if details else said


def _form(time: str) -> str:
    """Return how a time is written: its fraction and its zone."""
    found = _TIME.fullmatch(time)
    fraction, zone = found.groups() if found else ("", "")
    return ("." + "0" * (len(fraction) - 1) if fraction else "") + ("Z" if zone == "Z" else "+00:00")


def _known(items: list[Json]) -> str:
    return "; ".join(natural(item) or "" for item in items)
