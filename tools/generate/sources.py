"""The sources: their folders, and readers that parse them as text or syntax trees, without importing anything."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
ASYNC: Final = ROOT / "lago_async"
SYNC: Final = ROOT / "lago_sync"
COMMAND: Final = "python -m tools.generate"
WIDTH: Final = 120


def module_of(path: Path) -> ast.Module:
    """Return the syntax tree of a file.

    Raises:
        SystemExit: The file has a syntax error; the message names the file, the line and the error.
    """
    try:
        return ast.parse(path.read_text(encoding="utf-8"), str(path))
    except SyntaxError as error:
        raise SystemExit(f"{path.relative_to(ROOT)}:{error.lineno}: {error.msg}; nothing was generated") from None


def names_in_all(path: Path) -> list[str]:
    """Return the ``__all__`` of a module.

    Raises:
        SystemExit: The module has no ``__all__``.
    """
    for node in module_of(path).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [str(name) for name in ast.literal_eval(node.value)]
    raise SystemExit(f"{path.relative_to(ROOT)} has no __all__")


def header(source: str) -> str:
    """Return the first line of a generated file."""
    return f"# GENERATED from {source} by `{COMMAND}`. Do not edit."


def in_order(names: Iterable[str]) -> list[str]:
    """Sort names like the linter: constants, classes, everything else."""
    return sorted(names, key=lambda name: (not name.isupper(), not name[:1].isupper(), name))


def from_import(module: str, names: list[str], indent: str = "") -> Iterator[str]:
    """Yield the lines of an import, one or more names per line; without names, of the module itself."""
    if not names:
        yield f"{indent}import {module}"
        return
    line = f"{indent}from {module} import {', '.join(in_order(names))}"
    if len(line) <= WIDTH:
        yield line
    else:
        yield f"{indent}from {module} import ("
        yield from (f"{indent}    {name}," for name in in_order(names))
        yield f"{indent})"


def grouped_imports(imports: Mapping[str, list[str]], indent: str = "") -> Iterator[str]:
    """Yield the lines of many imports, ours after the standard library's."""
    previous: bool | None = None
    for module in sorted(imports, key=lambda name: (name.startswith("lago_"), bool(imports[name]), name)):
        if previous is not None and module.startswith("lago_") != previous:
            yield ""
        previous = module.startswith("lago_")
        yield from from_import(module, imports[module], indent)


def imports_of(module: ast.Module) -> Mapping[str, str]:
    """Return the names that a module imports, with their modules, including those for type checkers."""
    return {
        alias.name: node.module
        for node in ast.walk(module)
        if isinstance(node, ast.ImportFrom) and node.module is not None
        for alias in node.names
    }


def names_used_in(function: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    """Return the names in the signature of a function."""
    parts = [function.args, *([function.returns] if function.returns is not None else [])]
    return {node.id for part in parts for node in ast.walk(part) if isinstance(node, ast.Name)}
