"""The files of facts: a folder each for the description, the overlay and the contract, with one file per tag."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .overlay import COLLECTIONS
from .schemas import Facts, is_mapping

FOLDER = Path(__file__).parents[2] / "tests" / "contract"
DESCRIPTION = FOLDER / "description"
OVERLAY = FOLDER / "overlay"
CONTRACT = FOLDER / "api"

_WIDTH = 120


def read(folder: Path) -> dict[str, Facts]:
    """Return the facts of each file in a folder, by the file's name without its ending."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))}


def write(folder: Path, files: Mapping[str, Facts]) -> None:
    """Replace a folder: write the given files, and delete all others."""
    folder.mkdir(exist_ok=True)
    for path in folder.glob("*.json"):
        if path.stem not in files:
            path.unlink()
    for name, facts in files.items():
        (folder / f"{name}.json").write_text(text(facts), encoding="utf-8")


def text(facts: Facts) -> str:
    """Return the text of a file: each named item has a line of its own, and values share lines."""
    return _text(facts, "", 0, named=False) + "\n"


def _text(value: Any, indent: str, column: int, *, named: bool) -> str:
    """Return the text of a value that begins at a column; ``named`` means that it is a collection of named items."""
    flat = json.dumps(value, ensure_ascii=False)
    fits = not named and not _has_collection(value) and column + len(flat) < _WIDTH
    if fits or not value or isinstance(value, str):
        return flat
    deeper = indent + "  "
    if is_mapping(value):
        lines: list[str] = []
        for key, inner in value.items():
            start = f"{deeper}{json.dumps(key)}: "
            lines.append(start + _text(inner, deeper, len(start), named=not named and key in COLLECTIONS))
        return "{\n" + ",\n".join(lines) + f"\n{indent}}}"
    return f"[\n{_packed(value, deeper)}\n{indent}]"


def _packed(values: list[Any], indent: str) -> str:
    """Return the values of a list, with as many per line as fit."""
    lines: list[str] = []
    for item in (json.dumps(value, ensure_ascii=False) for value in values):
        if lines and len(lines[-1]) + len(item) + len(", ,") <= _WIDTH:
            lines[-1] += f", {item}"
        else:
            lines.append(indent + item)
    return ",\n".join(lines)


def _has_collection(value: Any) -> bool:
    return is_mapping(value) and any(inner and key in COLLECTIONS for key, inner in value.items())
