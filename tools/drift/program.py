"""The classes of a checkout of the server: their methods, constants, bases and modules."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Sequence as Many
from functools import cached_property
from pathlib import Path

import attrs

from tools.drift.ruby.nodes import (
    Assign,
    ClassBody,
    Const,
    Definition,
    Invocation,
    Name,
    Node,
    RubyError,
    Sequence,
    Str,
    Symbol,
    walk,
)
from tools.drift.ruby.parser import parse


@attrs.frozen(order=True)
class Place:
    """A line of a file of the checkout; it prints as ``app/serializers/v1/fee_serializer.rb:12``."""

    path: str
    line: int

    def __str__(self) -> str:
        return f"{self.path}:{self.line}"


@attrs.frozen(order=True)
class Unread:
    """Something that the reader found and does not understand."""

    path: str
    line: int
    what: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.what}"

    @property
    def key(self) -> str:
        """The name under which it can be reviewed: lines move, names stay."""
        return f"{self.path}: {self.what}"


@attrs.define(eq=False)
class RubyClass:
    """A class or a module.

    Attributes:
        path: Its name with the modules around it: ``V1::InvoiceSerializer``.
        base: The name of the class that it extends, as it is written.
        file: Where it stands, from the root of the checkout.
        methods: Its methods by name.
        constants: The values of its constants.
        modules: The modules that it includes, as they are written.
        body: All of its statements.
    """

    path: str
    base: str | None
    file: str
    methods: dict[str, Definition] = attrs.field(factory=dict[str, Definition])
    constants: dict[str, Node] = attrs.field(factory=dict[str, Node])
    modules: list[str] = attrs.field(factory=list[str])
    body: Many[Node] = ()

    @property
    def nesting(self) -> list[str]:
        """The modules around it, the innermost first: ``V1::Customers``, ``V1``, and nothing."""
        parts = self.path.split("::")
        return ["::".join(parts[:length]) for length in range(len(parts), -1, -1)]


class Program:
    """The classes below some folders of a checkout, by name.

    Attributes:
        unread: The files that could not be read.
    """

    def __init__(self, root: Path, folders: list[str]) -> None:
        self._root = root
        self._folders = folders
        self.unread: list[Unread] = []

    @cached_property
    def classes(self) -> dict[str, RubyClass]:
        """All classes and modules."""
        found: dict[str, RubyClass] = {}
        for folder in self._folders:
            for path in sorted((self._root / folder).rglob("*.rb")):
                name = path.relative_to(self._root).as_posix()
                for each in self._classes_of(self.statements(name), name, ""):
                    found[each.path] = each
        return found

    def statements(self, name: str) -> list[Node]:
        """Return the statements of a file; none, and an entry in ``unread``, if it cannot be read."""
        try:
            return parse((self._root / name).read_text(encoding="utf-8"))
        except RubyError as error:
            self.unread.append(Unread(name, error.line, error.problem))
            return []

    def _classes_of(self, statements: Many[Node], file: str, around: str) -> Iterator[RubyClass]:
        for node in statements:
            if not isinstance(node, ClassBody) or node.kind == "class << self":
                continue
            path = f"{around}::{node.path}" if around else node.path
            inner = [child for child in node.body if isinstance(child, ClassBody)]
            own = [child for child in node.body if not isinstance(child, ClassBody)]
            yield from self._classes_of(inner, file, path)
            if own or node.kind == "class":
                yield _class(path, node.base, file, own)

    def load(self, name: str) -> RubyClass | None:
        """Return a class of another folder below `app`, found by its name."""
        name = name.removeprefix("::")
        if name not in self.classes:
            words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.replace("::", "/")).lower()
            for path in sorted(self._root.glob(f"app/*/{words}.rb")):
                file = path.relative_to(self._root).as_posix()
                for each in self._classes_of(self.statements(file), file, ""):
                    self.classes.setdefault(each.path, each)
        return self.classes.get(name)

    def resolve(self, name: str, within: RubyClass) -> RubyClass | None:
        """Return the class that a name means inside of another class."""
        if name.startswith("::"):
            return self.classes.get(name[2:])
        for around in within.nesting:
            found = self.classes.get(f"{around}::{name}" if around else name)
            if found is not None and found is not within:
                return found
        return None

    def ancestors(self, cls: RubyClass) -> Iterator[RubyClass]:
        """Yield a class, its modules, its base and so on."""
        yield cls
        for name in cls.modules:
            module = self.resolve(name, cls)
            if module is not None:
                yield from self.ancestors(module)
        base = self.resolve(cls.base, cls) if cls.base else None
        if base is not None:
            yield from self.ancestors(base)

    def method(self, cls: RubyClass, name: str) -> tuple[RubyClass, Definition] | None:
        """Return a method of a class, with the class or module that defines it."""
        for each in self.ancestors(cls):
            if name in each.methods:
                return each, each.methods[name]
        return None

    def method_after(self, cls: RubyClass, owner: RubyClass, name: str) -> tuple[RubyClass, Definition] | None:
        """Return the method that ``super`` means in a method of ``owner``."""
        passed = False
        for each in self.ancestors(cls):
            if passed and name in each.methods:
                return each, each.methods[name]
            passed = passed or each is owner
        return None

    def constant(self, cls: RubyClass, name: str) -> Node | None:
        """Return the value of a constant, as a class sees it."""
        *scope, last = name.removeprefix("::").split("::")
        start = self.resolve("::".join(scope), cls) if scope else cls
        if start is None:
            return None
        return next((each.constants[last] for each in self.ancestors(start) if last in each.constants), None)


def _class(path: str, base: str | None, file: str, body: Many[Node]) -> RubyClass:
    made = RubyClass(path, base, file, body=body)
    for node in body:
        match node:
            case Definition(name=name):
                made.methods[name] = node
            case Assign(target=Const(path=name), value=value):
                made.constants[name] = _unfrozen(value)
            case Invocation(receiver=None, name="include", args=args):
                made.modules += [each.path for each in args if isinstance(each, Const)]
            case _:
                pass
    return made


def _unfrozen(node: Node) -> Node:
    return node.receiver if isinstance(node, Invocation) and node.name == "freeze" and node.receiver else node


def names_in(nodes: Many[Node]) -> list[str]:
    """Return the symbols and texts in arguments: those of ``only: %i[show update]`` and of ``:find_plan``."""
    found: list[str] = []
    for node in nodes:
        for each in walk(node):
            if isinstance(each, Symbol):
                found.append(each.id)
            elif isinstance(each, Str) and each.value is not None:
                found.append(each.value)
    return found


def describe(node: Node) -> str:
    """Return a short text for an expression, without its arguments."""
    match node:
        case Name(id=name) | Symbol(id=name):
            return name
        case Const(path=path):
            return path
        case Invocation(receiver=None, name=name):
            return name
        case Invocation(receiver=receiver, name=name) if receiver is not None:
            return f"{describe(receiver)}.{name}"
        case Sequence():
            return "a list"
        case _:
            return type(node).__name__.lower()
