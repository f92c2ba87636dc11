"""The layout stays simple: imports form no circle, a name means one thing, and a large module says why it is large.

The layers are those of docs/architecture.md, and tests/test_docs.py holds them.
"""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("lago_async", "lago_sync", "tools")

LARGE = 400


def files(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES = {name_of(path): path for package in PACKAGES for path in files(package)}


@cache
def tree_of(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imports(module: str) -> Iterator[str]:
    """Yield the modules that a module imports at its top level, also for type checkers."""
    tree = tree_of(module)
    inner = {
        node
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
    }
    for node in ast.walk(tree):
        if node in inner:
            continue
        if isinstance(node, ast.ImportFrom) and node.module is not None and not node.level:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                yield submodule if submodule in MODULES else node.module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def test_imports_form_no_circle_not_even_for_the_type_checkers() -> None:
    fronts = {"lago_async", "lago_sync", "lago_async.models"}  # they load each name on first use
    graph = {
        module: {imported for imported in imports(module) if imported in MODULES and imported != module} - fronts
        for module in MODULES
        if module not in fronts
    }
    try:
        list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        pytest.fail(f"a circle: {' -> '.join(error.args[1])}")


@pytest.mark.parametrize("module", MODULES)
def test_a_module_of_more_than_400_lines_says_in_its_first_comment_why(module: str) -> None:
    text = MODULES[module].read_text(encoding="utf-8")
    if len(text.splitlines()) > LARGE:
        first = next((line for line in text.splitlines() if line.startswith("#")), "")
        reason = first.startswith(("# GENERATED", "# More than 400 lines in one module, because"))
        assert reason, f"{module} has {len(text.splitlines())} lines"


def test_a_module_opens_with_a_sentence() -> None:
    assert [module for module in MODULES if not ast.get_docstring(tree_of(module))] == []


COUNTERPARTS = {"IngestResults", "LagoClient", "Outcomes", "Prepared", "Sender", "WebhookWorker"}
"""Classes that both faces have under one name, on purpose."""


def test_a_class_name_means_one_thing() -> None:
    homes: dict[str, set[str]] = {}
    for module, path in MODULES.items():
        # The sandbox's records are Lago's objects, as the models are; and a resource has its name on both faces.
        is_domain = ".sandbox._state." in module or ".resources." in module
        if is_domain or path.read_text(encoding="utf-8").startswith("# GENERATED"):
            continue
        for node in tree_of(module).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                homes.setdefault(node.name, set()).add(module)
    repeated = {name: modules for name, modules in homes.items() if len(modules) > 1}
    assert repeated.keys() - COUNTERPARTS == set()
    assert repeated.keys() >= COUNTERPARTS
