"""The typed dictionaries of bodies: one for each input model, so that type checkers see a typo in a mapping."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tools.generate.sources import ASYNC, WIDTH, from_import, header, module_of

TARGET: Final = ASYNC / "models" / "input_dicts.py"

_ALSO_TAKES: Final = {"Decimal": ("int", "float", "str"), "Timestamp": ("str",)}
"""The other types that a mapping may have where a model has this one; see ``lago_async/_codec/validation.py``."""


def dict_name(model: str) -> str:
    """Return ``CustomerInputDict`` for ``CustomerInput``."""
    return f"{model}Dict"


def sources() -> list[Path]:
    """Return the modules that define models."""
    return sorted(
        path for path in (ASYNC / "models").glob("*.py") if path not in (TARGET, TARGET.with_stem("__init__"))
    )


def _inputs() -> Iterator[ast.ClassDef]:
    for path in sources():
        for node in module_of(path).body:
            if isinstance(node, ast.ClassDef) and "input_model" in map(ast.unparse, node.decorator_list):
                if node.bases:
                    raise SystemExit(f"{node.name} has a base class: teach {Path(__file__).name} to follow it")
                yield node


def names() -> list[str]:
    """Return the names of all typed dictionaries."""
    return sorted(dict_name(node.name) for node in _inputs())


def _members(hint: ast.expr) -> Iterator[ast.expr]:
    """Yield the members of a union, from left to right."""
    if isinstance(hint, ast.BinOp) and isinstance(hint.op, ast.BitOr):
        yield from _members(hint.left)
        yield from _members(hint.right)
    else:
        yield hint


def _hint(hint: ast.expr, inputs: set[str]) -> str:
    """Return the type of a value in a mapping where a model has a field of this type."""
    found: list[str] = []
    for member in _members(hint):
        text = ast.unparse(member)
        if text == "UnsetType":
            continue
        if text in inputs:
            found += [text, dict_name(text)]
        elif isinstance(member, ast.Subscript) and ast.unparse(member.value) == "list":
            item = _hint(member.slice, inputs)
            # A text is a sequence of texts too, and must not pass for a list of them.
            if item == "str" or item.startswith("Open["):
                found += ["list[str]", f"list[{item}]", "tuple[str, ...]"]
            else:
                found.append(f"Sequence[{item}]")
        elif isinstance(member, ast.Subscript) and isinstance(member.slice, ast.Tuple):  # a dictionary
            found.append(f"Mapping[str, {_hint(member.slice.elts[1], inputs)}]")
        elif text == "Json":
            found.append("object")
        else:
            found += [text, *_ALSO_TAKES.get(text, ())]
    return " | ".join(dict.fromkeys(found))


def _class(node: ast.ClassDef, inputs: set[str]) -> Iterator[str]:
    yield from ("", "", f"class {dict_name(node.name)}(TypedDict, total=False):")
    yield f'    """A mapping with the fields of ``{node.name}``."""'
    yield ""
    for field in node.body:
        if isinstance(field, ast.AnnAssign):
            hint = _hint(field.annotation, inputs)
            name, brackets = ast.unparse(field.target), "()" if field.value is not None else ("Required[", "]")
            line = f"    {name}: {hint if field.value is not None else f'Required[{hint}]'}"
            yield from (
                [line]
                if len(line) <= WIDTH
                else [f"    {name}: {brackets[0]}", f"        {hint}", f"    {brackets[1]}"]
            )


def _names_in(node: ast.ClassDef, inputs: set[str]) -> set[str]:
    annotations = [field.annotation for field in node.body if isinstance(field, ast.AnnAssign)]
    texts = [_hint(annotation, inputs) for annotation in annotations]
    return {name.id for text in texts for name in ast.walk(ast.parse(text)) if isinstance(name, ast.Name)}


def render() -> dict[Path, str]:
    """Return the module and its text."""
    nodes = sorted(_inputs(), key=lambda node: node.name)
    inputs = {node.name for node in nodes}
    dicts = {dict_name(name) for name in inputs}
    used = set[str]().union(*(_names_in(node, inputs) for node in nodes)) - dicts
    builtins = {"str", "int", "float", "bool", "list", "tuple", "object"}
    abstract = {"Mapping", "Sequence"}
    out = [
        header("the input models of lago_async/models"),
        '"""Bodies as typed dictionaries. Only type checkers use them; any mapping works at run time."""',
        "",
        "from __future__ import annotations",
        "",
        "from typing import TYPE_CHECKING, TypedDict",
        "",
        "if TYPE_CHECKING:",
        *from_import("collections.abc", sorted(used & abstract), "    "),
        *from_import("decimal", ["Decimal"], "    "),
        *from_import("typing", ["Required"], "    "),
        "",
        *from_import("lago_async.models", sorted(used - builtins - abstract - {"Decimal"}), "    "),
        "",
        "__all__ = [",
        *(f'    "{name}",' for name in sorted(dicts)),
        "]",
        *(line for node in nodes for line in _class(node, inputs)),
        "",
    ]
    return {TARGET: "\n".join(out)}
