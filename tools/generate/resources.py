"""The blocking face of the resources, and both indexes of resource groups: all copied from the sources."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tools.generate.sources import ASYNC, SYNC, WIDTH, grouped_imports, header, imports_of, module_of, names_used_in

Method = ast.FunctionDef | ast.AsyncFunctionDef

_COUNTERPARTS: Final = {"lago_async._ingest.results": "lago_sync._ingest_results",
                        "lago_async._ingest.routes": "lago_sync._ingest_streams"}  # fmt: skip
"""By module of the asynchronous face, the one that methods without a row use on the blocking face."""

_INDEX_DOCSTRING: Final = "One attribute per resource group; each loads its rows and models when it is first used."

_HINTS: Final = (
    "",
    "    if not TYPE_CHECKING:  # a type checker knows the names itself",
    "",
    "        def __getattr__(self, name: str) -> NoReturn:",
    "            raise missing_group(type(self), name, _GROUPS)",
)


def render() -> dict[Path, str]:
    """Return every file of ``lago_sync/resources`` and both indexes of resource groups, each with its text."""
    sources = [path for path in sorted((ASYNC / "resources").glob("*.py")) if not path.name.startswith("_")]
    groups = _groups(sources)
    return {
        **{SYNC / "resources" / source.name: _resource(source) for source in sources},
        ASYNC / "resources" / "__init__.py": _async_index(groups),
        SYNC / "resources" / "__init__.py": _sync_index(groups),
    }


def _resource_class(module: ast.Module) -> ast.ClassDef:
    return next(node for node in module.body if isinstance(node, ast.ClassDef))


def _resource(source: Path) -> str:
    module = module_of(source)
    resource = _resource_class(module)
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
    if not method.decorator_list:
        yield _composed("\n".join(lines[method.lineno - 1 : method.end_lineno]))
        return
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


def _composed(text: str) -> str:
    """Translate a method that has no row, whose body calls private machinery of its face."""
    text = re.sub(r"(Iterable\[.+\]) \| Async\1", r"\1", text)
    for module, counterpart in _COUNTERPARTS.items():
        text = text.replace(f"from {module} import", f"from {counterpart} import")
    return text


def _imports(module: ast.Module, methods: list[Method]) -> Iterator[str]:
    """Yield the imports that the signatures need, ours after the standard library's."""
    known = imports_of(module)
    used = set[str]().union(*map(names_used_in, methods))
    imports: dict[str, list[str]] = {}
    for name in used:
        if name == "AsyncPager":
            imports["lago_sync.pager"] = ["Pager"]
        elif name in known and name != "AsyncIterable":
            imports.setdefault(_COUNTERPARTS.get(known[name], known[name]), []).append(name)
    yield from grouped_imports(imports, "    ")


def _groups(sources: list[Path]) -> list[tuple[str, str, str]]:
    """Return the resource groups: the attribute, which is the module's name, the class, and its docstring."""
    found: list[tuple[str, str, str]] = []
    for source in sources:
        resource = _resource_class(module_of(source))
        found.append((source.stem, resource.name, ast.get_docstring(resource, clean=False) or ""))
    return found


def _async_index(groups: list[tuple[str, str, str]]) -> str:
    out = [
        header("the modules of lago_async/resources"),
        '"""The endpoint table: one module per resource group, one decorated stub per operation."""',
        "",
        "from __future__ import annotations",
        "",
        "from abc import abstractmethod",
        "from functools import cached_property",
        "from typing import TYPE_CHECKING, Final, NoReturn",
        "",
        "from lago_async._name_hints import missing_group",
        "",
        "if TYPE_CHECKING:",
        "    from lago_async._table.messages import Request, Response",
        *(f"    from lago_async.resources.{name} import {kind}" for name, kind, _ in groups),
        "",
        '__all__ = ["Resources"]',
        "",
        "_GROUPS: Final = (",
        *(f'    "{name}",' for name, _, _ in groups),
        ")",
        "",
        "",
        "class Resources:",
        f'    """{_INDEX_DOCSTRING}"""',
        *_HINTS,
        "",
        "    @abstractmethod",
        "    async def send(self, request: Request, /) -> Response:",
        '        """Send a prepared request, and return the response, whatever its status."""',
    ]
    for name, kind, docstring in groups:
        out += _property("lago_async", name, kind, docstring, f"{kind}(self)")
    return "\n".join(out) + "\n"


def _sync_index(groups: list[tuple[str, str, str]]) -> str:
    out = [
        header("the modules of lago_async/resources"),
        '"""The blocking face of the endpoint table: one module per resource group."""',
        "",
        "from __future__ import annotations",
        "",
        "from abc import abstractmethod",
        "from collections.abc import Sequence",
        "from functools import cached_property",
        "from typing import TYPE_CHECKING, Final, NoReturn",
        "",
        "from lago_async._name_hints import missing_group",
        "",
        "if TYPE_CHECKING:",
        "    from lago_async._table.messages import Request, Response",
        "    from lago_async.client import LagoClient as AsyncLagoClient",
        "    from lago_sync._sender import ConcurrentCalls",
        *(f"    from lago_sync.resources.{name} import {kind}" for name, kind, _ in groups),
        "",
        '__all__ = ["Resources"]',
        "",
        "_GROUPS: Final = (",
        *(f'    "{name}",' for name, _, _ in groups),
        ")",
        "",
        "",
        "class Resources:",
        f'    """{_INDEX_DOCSTRING}"""',
        *_HINTS,
        "",
        "    _async: AsyncLagoClient",
        "",
        "    @abstractmethod",
        "    def send(self, request: Request, /) -> Response:",
        '        """Send a prepared request, and return the response, whatever its status."""',
        "",
        "    @abstractmethod",
        "    def send_all(self, requests: Sequence[Request], /, *, concurrency: int) -> list[Response]:",
        '        """Send prepared requests, ``concurrency`` at a time; return the responses in their order."""',
        "",
        "    @abstractmethod",
        "    def _calls(self) -> ConcurrentCalls:",
        '        """Return a sender of concurrent requests."""',
    ]
    for name, kind, docstring in groups:
        out += _property("lago_sync", name, kind, docstring, f"{kind}(self, self._async.{name})")
    return "\n".join(out) + "\n"


def _property(package: str, name: str, kind: str, docstring: str, value: str) -> list[str]:
    return [
        "",
        "    @cached_property",
        f"    def {name}(self) -> {kind}:",
        f'        """{docstring}"""',
        f"        from {package}.resources.{name} import {kind}",
        "",
        f"        return {value}",
    ]
