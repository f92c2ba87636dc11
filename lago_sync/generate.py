"""Generates what follows from the endpoint table: ``python -m lago_sync.generate [--check]``.

The blocking face (``lago_sync/resources``), the index of the models (``lago_async/models/__init__.py``) and the page of
operations (``lago_async/resources/README.md``). Signatures and docstrings are taken over to the letter, from source.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import lago_async
import lago_sync

_ASYNC = Path(lago_async.__file__).parent
_SYNC = Path(lago_sync.__file__).parent
_COMMAND = "python -m lago_sync.generate"


def render() -> dict[Path, str]:
    """Every generated file and its text, from the sources as they are now."""
    files: dict[Path, str] = {}
    for source in sorted((_ASYNC / "resources").glob("*.py")):
        if source.name != "__init__.py":
            files[_SYNC / "resources" / source.name] = _resource(source)
    files[_SYNC / "resources" / "__init__.py"] = _resource_index(_ASYNC / "resources" / "__init__.py")
    files[_ASYNC / "models" / "__init__.py"] = _model_index()
    files[_ASYNC / "resources" / "README.md"] = _operations()
    return files


def differences() -> list[str]:
    """What is not as it would be generated: a diff for each such file, and each file that nothing generates."""
    files = render()
    found: list[str] = []
    for path, wanted in files.items():
        name = str(path.relative_to(path.parents[2]))
        there = path.read_text(encoding="utf-8") if path.exists() else ""
        if there != wanted:
            lines = difflib.unified_diff(
                there.splitlines(keepends=True), wanted.splitlines(keepends=True), name, f"{name} (generated)"
            )
            found.append("".join(lines))
    orphans = sorted(set((_SYNC / "resources").glob("*.py")) - files.keys())
    return found + [
        f"{orphan.relative_to(orphan.parents[2])}: generated from nothing, delete it\n" for orphan in orphans
    ]


# --- a resource module ------------------------------------------------------------------------------------------------


def _resource(source: Path) -> str:
    text = source.read_text(encoding="utf-8")
    module = ast.parse(text)
    resource = next(node for node in module.body if isinstance(node, ast.ClassDef))
    methods = [node for node in resource.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    lines = text.splitlines()
    imports = _imports_for(module, methods)
    if any(isinstance(method, ast.FunctionDef) for method in methods):
        imports.setdefault("lago_sync.pager", []).append("Pager")
    out = [
        f"# GENERATED from lago_async/resources/{source.name} by `{_COMMAND}`. Do not edit.",
        f'"""{ast.get_docstring(module, clean=False)}"""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import TYPE_CHECKING",
        "",
        f"from lago_async.resources.{source.stem} import {resource.name} as Async{resource.name}",
        "from lago_sync.endpoint import Resource",
        "",
        "if TYPE_CHECKING:",
        *_import_lines(imports),
        "",
        f'__all__ = ["{resource.name}"]',
        "",
        "",
        f"class {resource.name}(Resource[Async{resource.name}]):",
        f'    """{ast.get_docstring(resource, clean=False)}"""',
    ]
    for method in methods:
        out += ["", *_method(method, lines)]
    return "\n".join(out) + "\n"


def _method(method: ast.FunctionDef | ast.AsyncFunctionDef, lines: list[str]) -> Iterator[str]:
    docstring = method.body[0]
    if ast.get_docstring(method) is None:
        raise SystemExit(f"{method.name}: a row needs a docstring")
    head = "\n".join(lines[method.lineno - 1 : docstring.end_lineno])
    paged = isinstance(method, ast.FunctionDef)
    yield head.replace("AsyncPager[", "Pager[", 1) if paged else head.replace("async def", "def", 1)
    arguments = method.args
    passed = [argument.arg for argument in [*arguments.posonlyargs, *arguments.args][1:]]
    passed += [f"{argument.arg}={argument.arg}" for argument in arguments.kwonlyargs]
    call = f"        return self._{'page' if paged else 'run'}("
    one_line = f"{call}{', '.join([f'self._async.{method.name}', *passed])})"
    if len(one_line) <= 120:
        yield one_line
    else:
        yield call
        yield from (f"            {argument}," for argument in [f"self._async.{method.name}", *passed])
        yield "        )"


def _imports_for(module: ast.Module, methods: list[ast.FunctionDef | ast.AsyncFunctionDef]) -> dict[str, list[str]]:
    """The imports of the source that the signatures need."""
    used = {
        node.id
        for method in methods
        for part in (method.args, method.returns)
        if part is not None
        for node in ast.walk(part)
        if isinstance(node, ast.Name)
    } - {"AsyncPager"}
    imports: dict[str, list[str]] = {}
    for node in ast.walk(module):
        if isinstance(node, ast.ImportFrom) and node.module is not None:
            names = [alias.name for alias in node.names if alias.name in used]
            if names:
                imports.setdefault(node.module, []).extend(names)
    return imports


def _import_lines(imports: Mapping[str, list[str]]) -> Iterator[str]:
    own = ("lago_async", "lago_sync")
    previous: bool | None = None
    for module in sorted(imports, key=lambda name: (name.startswith(own), name)):
        names = sorted(imports[module])
        if previous is not None and module.startswith(own) != previous:
            yield ""
        previous = module.startswith(own)
        line = f"    from {module} import {', '.join(names)}"
        if len(line) <= 120:
            yield line
        else:
            yield f"    from {module} import ("
            yield from (f"        {name}," for name in names)
            yield "    )"


# --- the index of the resources, of the models, and the page of operations --------------------------------------------


def _resource_index(source: Path) -> str:
    module = ast.parse(source.read_text(encoding="utf-8"))
    resources = next(node for node in module.body if isinstance(node, ast.ClassDef))
    properties = [node for node in resources.body if isinstance(node, ast.FunctionDef) and _is_property(node)]
    pairs = [
        (node.name, ast.unparse(node.returns or ast.Constant(None)), ast.get_docstring(node)) for node in properties
    ]
    out = [
        f"# GENERATED from lago_async/resources/{source.name} by `{_COMMAND}`. Do not edit.",
        '"""The blocking face of the endpoint table: one module per resource group."""',
        "",
        "from __future__ import annotations",
        "",
        "from functools import cached_property",
        "from typing import TYPE_CHECKING, cast",
        "",
        "if TYPE_CHECKING:",
        "    from lago_async.client import LagoClient as AsyncLagoClient",
        "    from lago_sync.client import LagoClient",
        *[f"    from lago_sync.resources.{name} import {kind}" for name, kind, _ in sorted(pairs)],
        "",
        '__all__ = ["Resources"]',
        "",
        "",
        "class Resources:",
        f'    """{ast.get_docstring(resources, clean=False)}"""',
        "",
        "    _async: AsyncLagoClient",
    ]
    for name, kind, docstring in pairs:
        out += [
            "",
            "    @cached_property",
            f"    def {name}(self) -> {kind}:",
            f'        """{docstring}"""',
            f"        from lago_sync.resources.{name} import {kind}",
            "",
            f'        return {kind}(cast("LagoClient", self), self._async.{name})',
        ]
    return "\n".join(out) + "\n"


def _is_property(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(decorator) == "cached_property" for decorator in node.decorator_list)


def _model_index() -> str:
    modules = sorted(path for path in (_ASYNC / "models").glob("*.py") if path.name != "__init__.py")
    homes: dict[str, str] = {}
    for path in modules:
        for name in _dunder_all(path):
            if homes.setdefault(name, path.stem) != path.stem:
                raise SystemExit(f"two models are named {name}: in {homes[name]} and in {path.stem}")
    out = [
        f"# GENERATED from the modules of lago_async/models by `{_COMMAND}`. Do not edit.",
        '"""Every model of the API; a resource group\'s models load when one of them is first asked for."""',
        "",
        "from __future__ import annotations",
        "",
        "from importlib import import_module",
        "from typing import TYPE_CHECKING",
        "",
        "if TYPE_CHECKING:",
        *[f"    from lago_async.models.{path.stem} import *" for path in modules],
        "",
        "_HOMES = {",
        *[f'    "{name}": "{homes[name]}",' for name in sorted(homes)],
        "}",
        "",
        "if not TYPE_CHECKING:",
        "    __all__ = list(_HOMES)",
        "",
        "",
        "def __getattr__(name: str) -> object:",
        "    try:",
        "        home = _HOMES[name]",
        "    except KeyError:",
        '        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None',
        '    return globals().setdefault(name, getattr(import_module(f"{__name__}.{home}"), name))',
        "",
        "",
        "def __dir__() -> list[str]:",
        "    return sorted(_HOMES)",
    ]
    return "\n".join(out) + "\n"


def _dunder_all(path: Path) -> list[str]:
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
            return [str(name) for name in ast.literal_eval(node.value)]
    raise SystemExit(f"{path.name} has no __all__")


def _operations() -> str:
    from lago_async.table import as_markdown

    return (
        f"<!-- GENERATED by `{_COMMAND}`. Do not edit. -->\n\n# Operations\n\n"
        "Every operation of the API, as the endpoint table has it. `lago_sync` has the same methods, without `await`."
        "\n\n"
        f"{as_markdown()}\n"
    )


def main() -> int:
    """Write the files; with ``--check``, only tell what would change."""
    parser = argparse.ArgumentParser(prog=_COMMAND, description="Generate the blocking face and the indexes.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail if anything would change")
    if parser.parse_args().check:
        found = differences()
        sys.stdout.write("".join(found) + (f"\nRun `{_COMMAND}` (or `make generate`).\n" if found else ""))
        return 1 if found else 0
    for path, text in render().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
