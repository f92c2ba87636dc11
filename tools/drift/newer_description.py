"""A newer public description, compared with the facts of the one that the contract was made from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import yaml

from tools.contract import files
from tools.contract.description import description
from tools.contract.overlay import COLLECTIONS
from tools.contract.schemas import is_mapping
from tools.drift.contract_places import joined
from tools.drift.findings import Drift


def compare_descriptions(path: Path, folder: Path = files.DESCRIPTION, overlay: Path = files.OVERLAY) -> list[Drift]:
    """Return what is new, gone and different in a newer description.

    Args:
        path: The newer description, an OpenAPI document.
        folder: The facts of the description that the contract was made from.
        overlay: The facts of the server. A fact that it has already is reported as known.
    """
    newer = _united(description(yaml.safe_load(path.read_text(encoding="utf-8"))))
    older = _united(files.read(folder))
    known = joined(content for _, content in files.read(overlay).items())
    return [
        drift
        for kind in (*COLLECTIONS, "servers")
        if kind in newer or kind in older
        for drift in _changes(older.get(kind, {}), newer.get(kind, {}), (kind,), known.get(kind, {}))
    ]


def _united(content: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the facts of all files as one, because a name may move from one file to another."""
    return joined(content[file] for file in sorted(content))


def _changes(older: Any, newer: Any, path: tuple[str, ...], known: Any) -> Iterator[Drift]:
    """Yield the differences of two facts; the facts of a difference stand at their place."""
    if older == newer:
        return
    if is_mapping(older) and is_mapping(newer):
        for key in {**older, **newer}:
            inner = known.get(key) if is_mapping(known) else None
            here = (*path, key)
            if key not in older:
                yield _drift(here, newer[key], "the newer description has it", is_known=inner is not None)
            elif key not in newer:
                yield _drift(here, older[key], "the newer description lacks it")
            else:
                yield from _changes(older[key], newer[key], here, inner)
        return
    if isinstance(older, list) and isinstance(newer, list):
        before, after = cast("list[object]", older), cast("list[object]", newer)
        added = [item for item in after if item not in before]
        removed = [item for item in before if item not in after]
        parts = [f"adds {', '.join(map(str, added))}"] if added else []
        parts += [f"drops {', '.join(map(str, removed))}"] if removed else []
        yield _drift(path, after, f"the newer description {' and '.join(parts) or 'has another order'}")
        return
    yield _drift(path, newer, f"{older!r} is {newer!r} in the newer description")


def _drift(path: tuple[str, ...], value: Any, says: str, *, is_known: bool = False) -> Drift:
    entry: Any = value
    for key in reversed(path):
        entry = {key: entry}
    place = ".".join(part for part in path[1:] if part not in ("fields", "query"))
    if is_known:
        says += "; the overlay has it already: remove it there"
    return Drift(side="description", place=f"{path[0]} {place}", says=says, facts=entry)
