"""Every public name is public on purpose: it is in an ``__all__``, like every name that its signature mentions."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

import lago_async
import lago_sync

ROOT = Path(__file__).parent.parent


def modules() -> list[str]:
    """The modules whose path has no underscore, and their packages."""
    found = ["lago_async", "lago_sync"]
    for package in (lago_async, lago_sync):
        names = [module.name for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")]
        found += [name for name in names if not any(part.startswith("_") for part in name.split("."))]
    return found


PUBLIC = modules()


@cache
def tree_of(module: str) -> ast.Module:
    found = importlib.import_module(module)
    assert found.__file__ is not None
    return ast.parse(Path(found.__file__).read_text(encoding="utf-8"))


def definitions(module: str) -> dict[str, ast.stmt]:
    """Return the names that a module itself defines at its top level: classes, functions and assigned names."""
    found: dict[str, ast.stmt] = {}
    for node in tree_of(module).body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.setdefault(node.name, node)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found[node.target.id] = node
        elif isinstance(node, ast.Assign):
            found |= {target.id: node for target in node.targets if isinstance(target, ast.Name)}
    return found


@pytest.mark.parametrize("module", PUBLIC)
def test_what_a_public_module_defines_is_in_its_all_or_has_an_underscore(module: str) -> None:
    named = importlib.import_module(module).__all__
    assert len(named) == len(set(named))
    assert {name for name in definitions(module) if not name.startswith("_")} <= set(named)


@pytest.mark.parametrize("module", PUBLIC)
def test_every_name_in_an_all_exists(module: str) -> None:
    found = importlib.import_module(module)
    for name in found.__all__:
        assert getattr(found, name) is not None


# --- the signatures ---------------------------------------------------------------------------------------------------


def importable() -> set[str]:
    """Return the names that users can import from the packages and their public submodules."""
    return {name for module in PUBLIC for name in importlib.import_module(module).__all__}


def imported(module: str) -> dict[str, tuple[str, str]]:
    """Return the names that a module imports, including those for type checkers, with their modules and names there."""
    return {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    }


def names_in(annotation: ast.expr | None) -> Iterator[str]:
    for node in ast.walk(annotation) if annotation is not None else ():
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            yield node.value


def annotations(node: ast.stmt) -> Iterator[ast.expr | None]:
    """Yield the annotations of a function or a class that a user sees: parameters, results, fields."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        arguments = node.args
        for argument in [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]:
            yield argument.annotation
        yield node.returns
    elif isinstance(node, ast.ClassDef):
        for member in node.body:
            if isinstance(member, ast.FunctionDef | ast.AsyncFunctionDef):
                if not member.name.startswith("_") or _is_for_users(node, member.name):
                    yield from annotations(member)
            elif isinstance(member, ast.AnnAssign) and not ast.unparse(member.target).startswith("_"):
                yield member.annotation
    elif isinstance(node, ast.AnnAssign):
        yield node.annotation


MADE_BY_US = {"AsyncPager", "IngestResults", "Pager", "Outcomes", "Prepared"}
"""Classes that users are given and never call, so that their constructors are ours."""


def _is_for_users(owner: ast.ClassDef, method: str) -> bool:
    return method == "__init__" and owner.name not in MADE_BY_US


def is_type_variable(node: ast.stmt | None) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.value).startswith(("TypeVar(", "ParamSpec("))


def home_of(module: ModuleType, name: str) -> str | None:
    """Return the place where a public name is defined; None for a constant, which needs only its type."""
    return getattr(getattr(module, name), "__module__", None)


SYMBOLS = sorted(
    {
        (home, name)
        for module in map(importlib.import_module, PUBLIC)
        for name in module.__all__
        if (home := home_of(module, name)) is not None and home.startswith(("lago_async", "lago_sync"))
    }
)


@pytest.mark.parametrize("home", sorted({home for home, _ in SYMBOLS}))
def test_whatever_a_public_signature_mentions_can_be_imported(home: str) -> None:
    public, origins, own = importable(), imported(home), definitions(home)
    missing: set[str] = set()
    for name in [name for module, name in SYMBOLS if module == home and name in own]:
        for annotation in annotations(own[name]):
            for mentioned in names_in(annotation):
                module, original = origins.get(mentioned, (home, mentioned))
                ours = module.startswith(("lago_async", "lago_sync"))
                known = original in public or is_type_variable(own.get(mentioned))
                if ours and (mentioned in origins or mentioned in own) and not known:
                    missing.add(f"{name} mentions {original}")
    assert not missing


def test_the_signatures_were_walked() -> None:
    homes = {home for home, _ in SYMBOLS}
    assert {"lago_async.client", "lago_async.pager", "lago_sync.client", "lago_async.bulk", "lago_sync.bulk"} <= homes
    assert any(home.startswith("lago_async.resources.") for home in homes)
