"""The sandbox is built in layers: each imports only from those below it, without cycles."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import lago_async.sandbox

PACKAGE = "lago_async.sandbox"
ROOT = Path(lago_async.sandbox.__file__).parent

# From the bottom up. The protocol is separate: all the others may import it, and it imports none of them.
STOREYS = ("_protocol", "_state", "_money", "_operations", "_server", "_demo_business", "_demo", "_command", "__init__")

# The modules of the client that the sandbox may import: the table, and modules that are independent of it.
OUTSIDE = {
    "lago_async._registry",
    "lago_async._table.rows",
    "lago_async._table.messages",
    "lago_async._net.addresses",
    "lago_async._currencies",
    "lago_async._streams",
    "lago_async.version",
}


def module_name(file: Path, root: Path = ROOT) -> str:
    """Return the name of a module below the package: ``_money.clock``; for a layer's own file just ``_money``."""
    return ".".join(file.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def _run(node: ast.AST) -> Iterator[ast.AST]:
    """Walk all code that runs; imports for type checkers only do not."""
    if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
        return
    yield node
    for child in ast.iter_child_nodes(node):
        yield from _run(child)


def imported(file: Path, names: set[str] | dict[str, Path]) -> Iterator[str]:
    """Return the modules that a file imports from the client or the sandbox, at any depth of its code."""
    for node in _run(ast.parse(file.read_text(encoding="utf-8"))):
        match node:
            case ast.ImportFrom(level=level) if level:
                yield "." * level + (node.module or "")
            case ast.ImportFrom(module=str() as module) if module.partition(".")[0] == "lago_async":
                for alias in node.names:
                    whole = f"{module}.{alias.name}"
                    yield whole if whole.removeprefix(PACKAGE + ".") in names else module
            case ast.Import():
                yield from (alias.name for alias in node.names if alias.name.partition(".")[0] == "lago_async")


def storey(name: str) -> str:
    return name.partition(".")[0]


def broken_rules(root: Path = ROOT) -> Iterator[str]:
    """Return every import that does not point down, as "file: import"."""
    files = sorted(root.rglob("*.py"))
    names = {module_name(file, root) for file in files}
    for file in files:
        own = storey(module_name(file, root))
        for target in imported(file, names):
            inside = target.removeprefix(PACKAGE + ".")
            if inside == target:
                allowed = target in OUTSIDE
            else:
                other = storey(inside)
                allowed = other in STOREYS and STOREYS.index(other) <= STOREYS.index(own)
            if not allowed:
                yield f"{file.relative_to(root)}: {target}"


def test_imports_point_down() -> None:
    assert list(broken_rules()) == []


def test_every_file_stands_in_a_storey() -> None:
    assert {storey(module_name(file)) for file in ROOT.rglob("*.py")} == set(STOREYS)


@pytest.mark.parametrize(
    ("file", "line", "target"),
    [
        ("_protocol/wire.py", "from lago_async.sandbox._state.store import Store", "lago_async.sandbox._state.store"),
        ("_state/store.py", "def f():\n    import lago_async.sandbox._money.clock", "lago_async.sandbox._money.clock"),
        ("_money/clock.py", "from lago_async.sandbox import Sandbox", "lago_async.sandbox"),
        ("_operations/plans.py", "from lago_async.models import Plan", "lago_async.models"),
        ("_operations/plans.py", "from lago_async.sandbox import Sandbox", "lago_async.sandbox"),
        ("_server/api.py", "from .routing import Router", ".routing"),
    ],
)
def test_a_broken_rule_names_the_file_and_the_import(tmp_path: Path, file: str, line: str, target: str) -> None:
    for name in ("_state/store.py", "_money/clock.py", file):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / file).write_text(line)
    assert list(broken_rules(tmp_path)) == [f"{file}: {target}"]


def test_imports_do_not_run_in_a_circle() -> None:
    files = {module_name(file): file for file in ROOT.rglob("*.py")}
    graph = {
        name: {target.removeprefix(PACKAGE + ".") for target in imported(file, files)} & set(files)
        for name, file in files.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


def test_no_module_is_long() -> None:
    lengths = {module_name(file): len(file.read_text(encoding="utf-8").splitlines()) for file in ROOT.rglob("*.py")}
    assert {name: length for name, length in lengths.items() if length > 400} == {}


def test_no_public_name_is_also_one_of_the_client() -> None:
    assert set(lago_async.sandbox.__all__) & set(dir(lago_async)) == set()
