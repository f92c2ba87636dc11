"""The intended differences from the contract: reviewed.toml, and the check that compares found differences with it."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec


class Deviation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Places that differ for one reason."""

    reason: str
    at: list[str]


class Reviewed(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The reviewed list: models of objects that no operation shows, and each difference by what is compared."""

    other_objects: dict[str, str]
    no_model: list[Deviation]
    own_models: list[Deviation]
    missing_fields: list[Deviation]
    extra_fields: list[Deviation]
    nullable_responses: list[Deviation]
    nullable_inputs: list[Deviation] = []
    required_inputs: list[Deviation]
    enumerations: list[Deviation]
    plain_filters: list[Deviation]


REVIEWED = msgspec.convert(
    tomllib.loads((Path(__file__).parent / "reviewed.toml").read_text(encoding="utf-8")), Reviewed
)


def reasons(deviations: Sequence[Deviation]) -> dict[str, str]:
    """Return the reason for each place of a table."""
    found: dict[str, str] = {}
    for deviation in deviations:
        assert deviation.reason
        for place in deviation.at:
            assert place not in found, f"{place} is listed twice"
            found[place] = deviation.reason
    return found


def check(deviations: Sequence[Deviation], found: Mapping[str, str]) -> None:
    """Assert that the differences found are the reviewed ones: no new one, and none that is gone."""
    reviewed = reasons(deviations)
    new = [f"{place}: {problem}" for place, problem in sorted(found.items()) if place not in reviewed]
    gone = sorted(reviewed.keys() - found.keys())
    assert not new, "not reviewed:\n  " + "\n  ".join(new)
    assert not gone, f"reviewed, but no longer so: {', '.join(gone)}"
