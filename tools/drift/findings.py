"""The differences that were found, and the list of those that were reviewed."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

import attrs
import msgspec

Side: TypeAlias = Literal["routes", "query", "requests", "responses", "webhooks", "description", "unread"]

FILE: Final = Path(__file__).with_name("reviewed.toml")


@attrs.frozen(kw_only=True)
class Drift:
    """A place that differs.

    Attributes:
        side: What is compared.
        place: The name of the place, which does not change when lines move: ``Customer.slug``.
        says: What the other side says: ``the server sends it``.
        at: Where it says so: a file and a line of the checkout.
        file: The file of the contract's overlay to which it belongs; empty if none.
        facts: The entry for that file.
    """

    side: Side
    place: str
    says: str
    at: str = ""
    file: str = ""
    facts: Mapping[str, Any] = attrs.field(factory=dict[str, Any])

    @property
    def key(self) -> str:
        """The text under which it can be reviewed."""
        return f"{self.place}: {self.says}"

    def __str__(self) -> str:
        return f"{self.key} ({self.at})" if self.at else self.key


class ReviewedPlaces(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Places that differ on purpose, for one reason."""

    reason: str
    at: list[str]


def reviewed(path: Path = FILE) -> dict[Side, dict[str, str]]:
    """Return the reviewed differences of each side, each with its reason."""
    content = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), dict[Side, list[ReviewedPlaces]])
    return {
        side: {place: places.reason for places in content.get(side, []) for place in places.at}
        for side in get_args(Side)
    }


def new_ones(found: Iterable[Drift], known: Mapping[Side, Mapping[str, str]]) -> list[Drift]:
    """Return the differences that were not reviewed, without repetitions, in order."""
    seen: dict[tuple[Side, str], Drift] = {}
    for drift in found:
        if drift.key not in known[drift.side]:
            seen.setdefault((drift.side, drift.key), drift)
    order = get_args(Side)
    return sorted(seen.values(), key=lambda drift: (order.index(drift.side), drift.key))


def gone(found: Iterable[Drift], known: Mapping[Side, Mapping[str, str]], sides: Iterable[Side]) -> list[str]:
    """Return the reviewed differences that are not there any more."""
    keys = {(drift.side, drift.key) for drift in found}
    return [f"{side}: {key}" for side in sides for key in known[side] if (side, key) not in keys]
