"""The files of the contract: they are what their sources give, and every word in them is explained."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.contract.facts import ENUMS, OBJECTS, OPERATIONS
from tools.contract import files
from tools.contract.overlay import COLLECTIONS, contract

SOURCES = (files.DESCRIPTION, files.OVERLAY)
PAGE = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")


# --- made from their sources ------------------------------------------------------------------------------------------


def test_the_contract_is_the_description_with_the_overlay_over_it() -> None:
    made = contract(files.read(files.DESCRIPTION), files.read(files.OVERLAY))
    assert texts(files.CONTRACT) == {name: files.text(facts) for name, facts in made.items()}, "run `make contract`"


@pytest.mark.parametrize("folder", SOURCES, ids=lambda folder: folder.name)
def test_the_sources_are_written_as_the_tool_writes_them(folder: Path) -> None:
    assert texts(folder) == {name: files.text(facts) for name, facts in files.read(folder).items()}, (
        "run `make contract`"
    )


def texts(folder: Path) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.iterdir()}


# --- each word is explained -------------------------------------------------------------------------------------------


def keys(facts: Mapping[str, Any], *, named: bool = False) -> Iterator[str]:
    """Yield the keys in facts, without the names under them."""
    for key, value in facts.items():
        if not named:
            yield key
        if isinstance(value, Mapping):
            yield from keys(value, named=not named and key in COLLECTIONS)


def types(facts: Mapping[str, Any], *, named: bool = False) -> Iterator[str]:
    """Yield each type in facts."""
    for key, value in facts.items():
        if not named and key in ("type", "server_type", "schema") and value is not None:
            yield value
        if isinstance(value, Mapping):
            yield from types(value, named=not named and key in COLLECTIONS)


def table(heading: str) -> list[list[str]]:
    """Return the cells of the table under a heading."""
    section = PAGE.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [re.split(r"(?<!\\)\|", line)[1:-1] for line in lines]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_each_key_is_explained_and_each_key_explained_occurs() -> None:
    found = {folder.name: {key for facts in files.read(folder).values() for key in keys(facts)} for folder in SOURCES}
    allowed = {
        folder.name: {
            key
            for names, _, source, _ in table("Keys")
            if source.strip() in ("both", folder.name)
            for key in words(names)
        }
        for folder in SOURCES
    }
    for name in found:
        assert found[name] <= allowed[name]
    assert set.union(*found.values()) == set.union(*allowed.values())


def test_each_type_is_explained_and_each_type_explained_occurs() -> None:
    shapes = {"|": r"A\|B", "array<": "array<T>", "map<": "map<T>", "ref:": "ref:Name"}
    found: set[str] = set()
    for kind in (kind for facts in files.read(files.CONTRACT).values() for kind in types(facts)):
        found |= {word for word in re.findall(r"\w+", re.sub(r"ref:\w+", "", kind)) if word not in ("array", "map")}
        found |= {shape for sign, shape in shapes.items() if sign in kind}
    assert found == {word for names, _ in table("Types") for word in words(names)}


# --- each name leads somewhere ----------------------------------------------------------------------------------------


def test_each_reference_leads_to_an_object_or_an_enumeration() -> None:
    used = set(re.findall(r"ref:(\w+)", "".join(texts(files.CONTRACT).values())))
    assert used
    assert used <= OBJECTS.keys() | ENUMS.keys()


def test_each_operation_that_a_mark_names_exists() -> None:
    places = re.findall(r'"(?:spec_only_in|nullable_in)": \[(.*?)\]', "".join(texts(files.CONTRACT).values()))
    assert places
    assert {name for place in places for name in re.findall(r'"(\w+)"', place)} <= OPERATIONS.keys()
