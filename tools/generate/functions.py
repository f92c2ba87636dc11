"""The blocking face of public functions, such as those of ``bulk``: translated from the async source.

A source has only imports, assignments, and functions whose bodies call private machinery. The differences between the
faces are in that machinery: a source imports it from one module, and the generated module imports the same names from
the module's counterpart. The translation itself has only these rules:

- ``async def``, ``async for`` and ``async with`` lose the ``async``, and ``await`` is omitted, in code and in examples.
- ``Iterable[X] | AsyncIterable[X]`` becomes ``Iterable[X]``.
- A function that takes a method of a resource, ``Callable[_P, Awaitable[_T]]``, gets two overloads, because the
  blocking methods return a pager or a result.
- In docstrings, ``lago_async`` becomes ``lago_sync``, except in a path and in a command. A sentence about asynchronous
  generators or the event loop is omitted, unless the module's `phrases` have a replacement.

It refuses to write a module in which anything about asyncio is left.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

from tools.generate.sources import (
    ASYNC,
    ROOT,
    SYNC,
    grouped_imports,
    header,
    in_order,
    module_of,
    names_in_all,
)

_OPERATION: Final = "Callable[_P, Awaitable[_T]]"
_ARGUMENTS: Final = "*args: _P.args, **kwargs: _P.kwargs"
_ABOUT_ASYNCIO: Final = re.compile(r"\b(async\w*|await\w*|event loop|coroutines?)\b", re.IGNORECASE)
_SENTENCE: Final = re.compile(r"(?<=\.)\s+[A-Z][^.]*\.(?=\s|$)")

_Imports = dict[str, list[str]]


@attrs.frozen(kw_only=True)
class Module:
    """A module of public functions, and the parts of its blocking counterpart.

    Attributes:
        source: The functions.
        front: The module that users import: its docstring and its ``__all__`` are those of the generated module.
        target: The file to generate.
        counterparts: By module that the source imports from, the one that the generated module imports from.
        phrases: The replacements of phrases of the docstrings in the blocking face. Each phrase must occur.
        note: A last paragraph of the module's docstring.
    """

    source: Path
    front: Path
    target: Path
    counterparts: Mapping[str, str]
    phrases: Mapping[str, str] = attrs.field(factory=dict[str, str])
    note: str = ""

    def render(self) -> str:
        """Return the text of the generated module.

        Raises:
            SystemExit: The source has something that cannot be translated; the message names it.
        """
        body = module_of(self.source).body
        text = self.source.read_text(encoding="utf-8")
        functions = "\n\n".join(
            "\n" + part
            for node in body
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            for part in self._function(node, text)
        )
        constants = [
            ast.get_source_segment(text, node) or ""
            for node in body
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) != "__all__"
        ]
        public = names_in_all(self.front)
        used = _names("\n".join([*constants, functions])) | set(public)
        needed, for_types = self._imports(body, used, public)
        out = [
            header(str(self.source.relative_to(ROOT))),
            f'"""{self._module_docstring()}"""',
            "",
            "from __future__ import annotations",
            "",
            *grouped_imports(needed),
            "",
            *(["if TYPE_CHECKING:", *grouped_imports(for_types, "    "), ""] if for_types else []),
            "__all__ = [",
            *(f'    "{name}",' for name in in_order(public)),
            "]",
            "",
            *constants,
            *([""] if constants else []),
            functions,
            "",
        ]
        rendered = "\n".join(out)
        self._refuse_leftovers(rendered)
        return rendered

    def _module_docstring(self) -> str:
        docstring = self._docstring(ast.get_docstring(module_of(self.front), clean=False) or "")
        return docstring + (f"\n{self.note.strip()}\n" if self.note else "")

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, text: str) -> Iterator[str]:
        docstring = node.body[0]
        if ast.get_docstring(node) is None or len(node.body) < 2 or node.decorator_list:
            raise SystemExit(f"{self.source.name}: {node.name} needs a docstring, a body, and no decorators")
        lines = text.splitlines()
        signature = _code("\n".join(lines[node.lineno - 1 : docstring.lineno - 1]))
        described = self._docstring("\n".join(lines[docstring.lineno - 1 : docstring.end_lineno]))
        code = _code("\n".join(lines[(docstring.end_lineno or 0) : node.end_lineno]))
        for module, counterpart in self.counterparts.items():
            code = code.replace(f"from {module} import", f"from {counterpart} import")
        if _OPERATION in signature:
            yield from _overloads(signature)
            signature = re.sub(r"\b_T\b", "Any", signature.replace(_OPERATION, "Callable[..., Any]")).replace(
                _ARGUMENTS, "*args: Any, **kwargs: Any"
            )
        yield f"{signature}\n{described}\n{code}"

    def _docstring(self, text: str) -> str:
        for phrase, instead in self.phrases.items():
            text = text.replace(phrase, instead)
        text = re.sub(r"(?<!-m )\blago_async\b(?!/)", "lago_sync", _code(text))
        return _SENTENCE.sub(lambda found: "" if _ABOUT_ASYNCIO.search(found[0]) else found[0], text)

    def _imports(self, body: Sequence[ast.stmt], used: set[str], public: Sequence[str]) -> tuple[_Imports, _Imports]:
        needed: _Imports = {}
        for_types: _Imports = {}
        for node in body:
            guarded = isinstance(node, ast.If)
            for statement in node.body if isinstance(node, ast.If) else [node]:
                self._import(statement, used, for_types if guarded else needed)
        for name, module, imports in (
            ("Any", "typing", needed),
            ("overload", "typing", needed),
            ("Page", "lago_async._table.pages", for_types),
            ("Pager", "lago_sync.pager", for_types),
        ):
            if name in used and name not in imports.get(module, []):
                imports.setdefault(module, []).append(name)
        if for_types:
            needed["typing"] = list({*needed.get("typing", []), "TYPE_CHECKING"})
        known = {name for imports in (needed, for_types) for names in imports.values() for name in names}
        defined = {node.name for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
        others = [name for name in public if name not in known | defined]
        if others:
            needed[_name_of(self.front)] = others
        return needed, for_types

    def _import(self, node: ast.stmt, used: set[str], imports: _Imports) -> None:
        if isinstance(node, ast.Import):
            imports.update((alias.name, []) for alias in node.names if alias.name.partition(".")[0] in used)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            names = [alias.name for alias in node.names if alias.name in used]
            if names and node.module != "__future__":
                imports.setdefault(self.counterparts.get(node.module, node.module), []).extend(names)

    def _refuse_leftovers(self, rendered: str) -> None:
        source = "".join(
            (ast.get_docstring(module_of(path), clean=False) or "") + path.read_text(encoding="utf-8")
            for path in {self.source, self.front}
        )
        for phrase in self.phrases:
            if phrase not in source:
                raise SystemExit(f"{self.source.name}: no docstring says {phrase!r}; nothing was generated")
        for line in rendered.splitlines()[1:]:
            if not re.match(r"\s*from lago_async[\w.]* import ", line) and (found := _ABOUT_ASYNCIO.search(line)):
                raise SystemExit(
                    f"{self.source.name}: the blocking face would say {found[0]!r} in {line.strip()!r}; "
                    "change the source, or its phrases in tools/generate/functions.py"
                )


def _code(text: str) -> str:
    """Translate code, or the examples in a docstring."""
    text = re.sub(r"\basync (def|for|with)\b", r"\1", text)
    text = re.sub(r"\bawait (?=\w)", "", text)
    text = re.sub(r"(Iterable\[.+\]) \| Async\1", r"\1", text)
    return re.sub(r"\bAsyncPager\b", "Pager", text)


def _overloads(signature: str) -> Iterator[str]:
    for returned, value in (("Pager[_T]", "Page[_T]"), ("_T", "_T")):
        before, arrow, after = signature.replace(_OPERATION, f"Callable[_P, {returned}]").rpartition(" -> ")
        yield f"@overload\n{before}{arrow}{after.replace('_T', value)} ..."


def _names(code: str) -> set[str]:
    return {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}


def _name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


MODULES: Final = (
    Module(
        source=ASYNC / "bulk.py",
        front=ASYNC / "bulk.py",
        target=SYNC / "bulk.py",
        counterparts={"lago_async._bulk.reader": "lago_sync._bulk", "lago_async.client": "lago_sync.client"},
        note="""
Calls are sent on the client's background thread and handed over in batches; the inputs are taken, and the responses
decoded, on the thread that walks the outcomes. Any number of threads may each walk a run of their own.
""",
    ),
    Module(
        source=ASYNC / "usage" / "_export" / "export.py",
        front=ASYNC / "usage" / "__init__.py",
        target=SYNC / "usage.py",
        counterparts={"lago_async.usage._export.run": "lago_sync._usage", "lago_async.client": "lago_sync.client"},
        phrases={
            "on the event loop": "on the thread of the caller",
            "``README.md`` next to this file": "``README.md`` in ``lago_async/usage``",
        },
    ),
    Module(
        source=ASYNC / "exports" / "_export.py",
        front=ASYNC / "exports" / "__init__.py",
        target=SYNC / "exports.py",
        counterparts={
            "lago_async.exports._run": "lago_sync._exports",
            "lago_async._bulk.reader": "lago_sync._bulk",
            "lago_async.pager": "lago_sync.pager",
        },
        phrases={"on the event loop": "on the thread of the caller"},
    ),
)


def render() -> dict[Path, str]:
    """Return the generated modules and their texts."""
    return {module.target: module.render() for module in MODULES}
