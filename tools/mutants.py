"""The mutants of a source text: the same text with one spot changed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from copy import copy
from typing import Final, cast

import attrs


@attrs.frozen
class Mutant:
    """One change.

    Attributes:
        line: Its line, from 1.
        before: The line as it was; the lines, as one, if the change concerns several.
        after: The line as it is.
        source: The whole text with the change.
    """

    line: int
    before: str
    after: str
    source: str


_BOUNDARIES: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
_ARITHMETIC: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult,
}  # fmt: skip
_OPPOSITES: Final = {"min": "max", "max": "min", "any": "all", "all": "any", "ceil": "floor", "floor": "ceil"}
_UNSEEN: Final = frozenset({"TypeVar", "debug", "TypeAlias"})  # calls whose arguments change no behaviour
_DECLARATIONS: Final = ("annotation", "returns", "decorator_list", "pattern", "bases")
_SUITES: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def mutants_of(source: str) -> Iterator[Mutant]:
    """Yield all mutants of a module that still compile."""
    lines = source.encode().splitlines(keepends=True)
    for node, replacement in _changes(ast.parse(source)):
        start, end = node.lineno - 1, (node.end_lineno or node.lineno) - 1
        head, tail = lines[start][: node.col_offset], lines[end][node.end_col_offset :]
        changed = b"".join([*lines[:start], head, replacement.encode(), tail, *lines[end + 1 :]]).decode()
        try:
            compile(changed, "mutant", "exec", dont_inherit=True)
        except SyntaxError:
            continue
        yield Mutant(
            node.lineno, _one_line(lines[start : end + 1]), _one_line([head, replacement.encode(), tail]), changed
        )


def _one_line(lines: list[bytes]) -> str:
    return " ".join(b"".join(lines).decode().split())


def _changes(node: ast.AST) -> Iterator[tuple[ast.expr | ast.stmt, str]]:
    """Yield each changeable node at or below this one with the text to put in its place."""
    if isinstance(node, ast.stmt):
        yield from ((node, text) for text in _statements(node))
    if isinstance(node, ast.expr):
        texts = dict.fromkeys(map(ast.unparse, _expressions(node)))  # two keyword arguments may have the same value
        yield from ((node, f"({text})") for text in texts if text != ast.unparse(node))
    for child in _children(node):
        yield from _changes(child)


def _children(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what lies below a node and can matter when the program runs."""
    if isinstance(node, ast.JoinedStr):
        return  # positions inside of it are not those of the text
    if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in _UNSEEN:
        return
    if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
        return
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in ("__all__", "__slots__"):
        return
    if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias":
        return
    skipped = {id(below) for field in _DECLARATIONS for below in _at(node, field)}
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "cast":
        skipped.add(id(node.args[0]))
    if isinstance(node, _SUITES):
        skipped.update(id(below) for below in node.body if _is_text(below))
    for below in ast.iter_child_nodes(node):
        if id(below) not in skipped:
            yield below


def _at(node: ast.AST, field: str) -> list[object]:
    value: list[object] | object = getattr(node, field, None)
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _statements(node: ast.stmt) -> Iterator[str]:
    """Delete a statement, or return nothing."""
    if isinstance(node, ast.Return) and node.value is not None and ast.unparse(node.value) != "None":
        yield "return None"
    deletable = (ast.AugAssign, ast.Raise, ast.Continue, ast.Break)
    assigns = isinstance(node, ast.Assign) and not isinstance(node.targets[0], ast.Name | ast.Tuple)
    calls = isinstance(node, ast.Expr) and not _is_text(node) and "_log.debug" not in ast.unparse(node)
    if isinstance(node, deletable) or assigns or calls:
        yield "pass"
    if isinstance(node, ast.AugAssign) and type(node.op) in _ARITHMETIC:
        changed = copy(node)
        changed.op = _ARITHMETIC[type(node.op)]()
        yield ast.unparse(changed)


def _expressions(node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Compare(ops=[op]) if type(op) in _BOUNDARIES:
            yield ast.Compare(node.left, [_BOUNDARIES[type(op)]()], node.comparators)
        case ast.Compare(ops=[_, _]):
            for index, op in enumerate(node.ops):
                yield ast.Compare(
                    node.left, [*node.ops[:index], _BOUNDARIES[type(op)](), *node.ops[index + 1 :]], node.comparators
                )
        case ast.BoolOp():
            for index in range(len(node.values)):
                rest = [*node.values[:index], *node.values[index + 1 :]]
                yield rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest)
        case ast.BinOp() if type(node.op) in _ARITHMETIC:
            yield ast.BinOp(node.left, _ARITHMETIC[type(node.op)](), node.right)
        case ast.UnaryOp(op=ast.Not() | ast.USub()):
            yield node.operand
        case ast.IfExp():
            yield node.body
            yield node.orelse
        case ast.Constant(value=bool(truth)):
            yield ast.Constant(not truth)
        case ast.Constant(value=int(number)):
            yield ast.Constant(number + 1)
            yield ast.Constant(number - 1)
        case ast.Constant(value=float(fraction)):
            yield ast.Constant(fraction * 1.1 if fraction else 0.1)
        case ast.Constant(value=str(text)):
            yield ast.Constant("" if text else "mutant")
        case ast.Constant(value=bytes(octets)):
            yield ast.Constant(b"" if octets else b"mutant")
        case ast.JoinedStr():
            yield ast.Constant("mutant")
        case ast.ListComp() | ast.SetComp() | ast.GeneratorExp() if node.generators[0].ifs:
            changed = copy(node)
            changed.generators = [ast.comprehension(node.generators[0].target, node.generators[0].iter, [], 0)]
            yield changed
        case ast.Call(func=ast.Name(id=name)) if name in _OPPOSITES:
            yield ast.Call(ast.Name(_OPPOSITES[name]), node.args, node.keywords)
        case ast.Call() if len(node.keywords) > 1:
            for one, other in zip(node.keywords, node.keywords[1:], strict=False):
                swapped = {id(one): other.value, id(other): one.value}
                keywords = [ast.keyword(each.arg, swapped.get(id(each), each.value)) for each in node.keywords]
                yield ast.Call(node.func, node.args, keywords)
        case ast.Dict() if len(node.values) > 1:
            for index in range(len(node.values) - 1):
                values = list(node.values)
                values[index], values[index + 1] = values[index + 1], values[index]
                yield ast.Dict(node.keys, values)
        case _:
            pass
