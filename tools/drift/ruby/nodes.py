"""The nodes of a Ruby program, as far as this reader knows them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Many
from typing import TypeAlias

import attrs


class RubyError(ValueError):
    """A program holds something that the reader does not know."""

    def __init__(self, line: int, problem: str) -> None:
        super().__init__(f"line {line}: {problem}")
        self.line = line
        self.problem = problem


@attrs.frozen
class Name:
    """A bare word: a local variable, a method without arguments, ``self``, ``nil``, ``@model``."""

    line: int
    id: str


@attrs.frozen
class Const:
    """A constant: ``::V1::InvoiceSerializer``."""

    line: int
    path: str


@attrs.frozen
class Symbol:
    """A symbol, or the key of a hash that is written ``key:``."""

    line: int
    id: str


@attrs.frozen
class Str:
    """A string; its value is None if it is computed."""

    line: int
    value: str | None


@attrs.frozen
class Other:
    """A literal whose value does not matter here: a number, a pattern."""

    line: int
    text: str


@attrs.frozen
class Sequence:
    """A list in brackets."""

    line: int
    items: Many[Node]


@attrs.frozen
class Pairs:
    """A hash, or the keyword arguments of a call. The key of ``**other`` is None."""

    line: int
    pairs: Many[tuple[Node | None, Node]]


@attrs.frozen
class Splat:
    """The argument ``*items`` or ``&block``."""

    line: int
    value: Node


@attrs.frozen
class Block:
    """The block of a call, or a lambda."""

    line: int
    params: list[str]
    body: Many[Node]


@attrs.frozen
class Invocation:
    """A call: with a receiver, with arguments, with a block."""

    line: int
    receiver: Node | None
    name: str
    args: Many[Node] = ()
    block: Block | None = None


@attrs.frozen
class Operator:
    """An operator with its operands: ``a + b``, ``!a``, ``a ? b : c`` is an `If`."""

    line: int
    operator: str
    operands: Many[Node]


@attrs.frozen
class Assign:
    """An assignment: ``a = 1``, ``a[:b] ||= 1``."""

    line: int
    target: Node
    operator: str
    value: Node


@attrs.frozen
class If:
    """A condition, in any of its spellings."""

    line: int
    condition: Node
    then: Many[Node]
    otherwise: Many[Node]


@attrs.frozen
class Case:
    """A case with its branches; the last one may be the ``else``."""

    line: int
    branches: Many[Many[Node]]


@attrs.frozen
class Begin:
    """Statements with what rescues and ensures follow."""

    line: int
    body: Many[Node]
    handlers: Many[Many[Node]]


@attrs.frozen
class Jump:
    """A ``return``, ``next`` or ``break``."""

    line: int
    word: str
    value: Node | None


@attrs.frozen
class Definition:
    """A method.

    Attributes:
        defaults: The default values of parameters that have one.
    """

    line: int
    name: str
    params: list[str]
    body: Many[Node]
    defaults: Mapping[str, Node] = attrs.field(factory=dict[str, "Node"])


@attrs.frozen
class ClassBody:
    """A class or a module, with the name of the class that it extends."""

    line: int
    kind: str
    path: str
    base: str | None
    body: Many[Node]


Node: TypeAlias = (
    Name | Const | Symbol | Str | Other | Sequence | Pairs | Splat | Block | Invocation | Operator | Assign | If | Case
    | Begin | Jump | Definition | ClassBody
)  # fmt: skip


def children(node: Node) -> Iterator[Node]:
    """Yield the nodes directly inside a node."""
    match node:
        case Sequence(_, items):
            yield from items
        case Pairs(_, pairs):
            for key, value in pairs:
                if key is not None:
                    yield key
                yield value
        case Splat(_, value):
            yield value
        case Block(_, _, body) | Definition(_, _, _, body, _) | ClassBody(_, _, _, _, body):
            yield from body
        case Invocation(_, receiver, _, args, block):
            yield from [part for part in (receiver, *args, block) if part is not None]
        case Operator(_, _, operands):
            yield from operands
        case Assign(_, target, _, value):
            yield from (target, value)
        case If(_, condition, then, otherwise):
            yield from (condition, *then, *otherwise)
        case Case(_, branches):
            for branch in branches:
                yield from branch
        case Begin(_, body, handlers):
            yield from body
            for handler in handlers:
                yield from handler
        case Jump(_, _, value):
            if value is not None:
                yield value
        case _:
            pass


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and all nodes inside it."""
    yield node
    for child in children(node):
        yield from walk(child)
