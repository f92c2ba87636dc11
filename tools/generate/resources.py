"""The blocking face of the resources: signatures and docstrings are copied from the async source."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

from tools.generate.sources import ASYNC, SYNC, WIDTH, from_import, header, imports_of, module_of, names_used_in

Method = ast.FunctionDef | ast.AsyncFunctionDef


def render() -> dict[Path, str]:
    """Return every file of ``lago_sync/resources`` and its text."""
    sources = [path for path in sorted((ASYNC / "resources").glob("*.py")) if not path.name.startswith("_")]
    files = {SYNC / "resources" / source.name: _resource(source) for source in sources}
    files[SYNC / "resources" / "__init__.py"] = _index(ASYNC / "resources" / "__init__.py")
    return files


def _resource(source: Path) -> str:
    module = module_of(source)
    resource = next(node for node in module.body if isinstance(node, ast.ClassDef))
    methods = [node for node in resource.body if isinstance(node, Method)]
    lines = source.read_text(encoding="utf-8").splitlines()
    return "\n".join([
        header(f"lago_async/resources/{source.name}"),
        f'"""{ast.get_docstring(module, clean=False)}"""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import TYPE_CHECKING",
        "",
        f"from lago_async.resources.{source.stem} import {resource.name} as Async{resource.name}",
        "from lago_sync._resource import Resource",
        "",
        "if TYPE_CHECKING:",
        *_imports(module, methods),
        "",
        f'__all__ = ["{resource.name}"]',
        "",
        "",
        f"class {resource.name}(Resource[Async{resource.name}]):",
        f'    """{ast.get_docstring(resource, clean=False)}"""',
        *(line for method in methods for line in ["", *_method(method, lines)]),
        "",
    ])  # fmt: skip


def _method(method: Method, lines: list[str]) -> Iterator[str]:
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
    if len(one_line) <= WIDTH:
        yield one_line
    else:
        yield call
        yield from (f"            {argument}," for argument in [f"self._async.{method.name}", *passed])
        yield "        )"


def _imports(module: ast.Module, methods: list[Method]) -> Iterator[str]:
    """Yield the imports that the signatures need, ours after the standard library's."""
    known = imports_of(module)
    used = set[str]().union(*map(names_used_in, methods))
    imports: dict[str, list[str]] = {}
    for name in used:
        if name == "AsyncPager":
            imports["lago_sync.pager"] = ["Pager"]
        elif name in known:
            imports.setdefault(known[name], []).append(name)
    yield from _grouped(imports)


def _grouped(imports: Mapping[str, list[str]]) -> Iterator[str]:
    previous: bool | None = None
    for module in sorted(imports, key=lambda name: (name.startswith("lago_"), name)):
        if previous is not None and module.startswith("lago_") != previous:
            yield ""
        previous = module.startswith("lago_")
        yield from from_import(module, imports[module], "    ")


def _index(source: Path) -> str:
    resources = next(node for node in module_of(source).body if isinstance(node, ast.ClassDef))
    properties = [node for node in resources.body if isinstance(node, ast.FunctionDef) and _is_property(node)]
    groups = [
        (node.name, ast.unparse(node.returns or ast.Constant(None)), ast.get_docstring(node)) for node in properties
    ]
    out = [
        header(f"lago_async/resources/{source.name}"),
        '"""The blocking face of the endpoint table: one module per resource group."""',
        "",
        "from __future__ import annotations",
        "",
        "from abc import abstractmethod",
        "from collections.abc import Sequence",
        "from functools import cached_property",
        "from typing import TYPE_CHECKING",
        "",
        "if TYPE_CHECKING:",
        "    from lago_async._table.messages import Request, Response",
        "    from lago_async.client import LagoClient as AsyncLagoClient",
        *(f"    from lago_sync.resources.{name} import {kind}" for name, kind, _ in sorted(groups)),
        "",
        '__all__ = ["Resources"]',
        "",
        "",
        "class Resources:",
        f'    """{ast.get_docstring(resources, clean=False)}"""',
        "",
        "    _async: AsyncLagoClient",
        "",
        "    @abstractmethod",
        "    def send(self, request: Request, /) -> Response:",
        '        """Send a prepared request, and return the response of whatever status."""',
        "",
        "    @abstractmethod",
        "    def send_all(self, requests: Sequence[Request], /, *, concurrency: int) -> list[Response]:",
        '        """Send prepared requests, ``concurrency`` at a time; return the responses in their order."""',
    ]
    for name, kind, docstring in groups:
        out += [
            "",
            "    @cached_property",
            f"    def {name}(self) -> {kind}:",
            f'        """{docstring}"""',
            f"        from lago_sync.resources.{name} import {kind}",
            "",
            f"        return {kind}(self, self._async.{name})",
        ]
    return "\n".join(out) + "\n"


def _is_property(node: ast.FunctionDef) -> bool:
    return any(ast.unparse(decorator) == "cached_property" for decorator in node.decorator_list)
