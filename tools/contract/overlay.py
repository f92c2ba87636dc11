"""The contract: the facts of the description, overlaid with the real behaviour of the server."""

from collections.abc import Mapping

from .schemas import Facts, Json, is_mapping

# The members of these keys have names of their own; any other key has a value.
COLLECTIONS = ("operations", "objects", "fields", "query", "webhooks", "enums")


class OverlayError(ValueError):
    """The overlay does not fit the description."""


def contract(description: Mapping[str, Facts], overlay: Mapping[str, Facts]) -> dict[str, Facts]:
    """Return the facts of the description with those of the overlay over them, by file.

    Raises:
        OverlayError: An entry of the overlay stands in another file than in the description, repeats the description,
            adds something without ``server_only``, or says ``server_only`` of something that the description has.
    """
    _check_files(description, overlay)
    return {
        file: _merged(description.get(file, {}), overlay.get(file, {}), file, named=False)
        for file in sorted(description.keys() | overlay.keys())
    }


def _merged(described: Json, real: Json, place: str, *, named: bool) -> Facts:
    """Merge two mappings; ``named`` means that they are a collection, whose keys are names."""
    merged: Facts = dict(described)
    for key, value in real.items():
        here = f"{place}.{key}"
        if named and is_mapping(value):
            _check_addition(value, here, described=key in described)
        elif named:
            merged[key] = _with_values(described.get(key, []), value, here)
            continue
        if key in described and value == described[key]:
            raise OverlayError(f"{here}: the description says the same; remove it from the overlay")
        if is_mapping(value) and is_mapping(described.get(key)):
            merged[key] = _merged(described[key], value, here, named=not named and key in COLLECTIONS)
        else:
            merged[key] = value
    return merged


def _with_values(described: list[str], real: list[str], place: str) -> list[str]:
    """Return the values of an enumeration, and those that only the server knows."""
    if known := sorted(set(described) & set(real)):
        raise OverlayError(f"{place}: the description has {', '.join(known)}; remove them from the overlay")
    return [*described, *real]


def _check_addition(entry: Json, place: str, *, described: bool) -> None:
    if described and entry.get("server_only"):
        raise OverlayError(
            f"{place}: the description has it; remove server_only, and the facts that the description has"
        )
    if not described and not entry.get("server_only"):
        raise OverlayError(f"{place}: the description lacks it; correct the name, or add server_only")


def _check_files(description: Mapping[str, Facts], overlay: Mapping[str, Facts]) -> None:
    """Check that each name stands in one file."""
    homes: dict[tuple[str, str], str] = {}
    for file, kind, name in [*_names(description), *_names(overlay)]:
        home = homes.setdefault((kind, name), file)
        if home != file:
            raise OverlayError(f"{name} of {kind} is in {home}.json: move its entry there from {file}.json")


def _names(files: Mapping[str, Facts]) -> list[tuple[str, str, str]]:
    return [(file, kind, name) for file, facts in files.items() for kind in COLLECTIONS for name in facts.get(kind, {})]
