"""Follows the code of serializers and controllers, statement by statement, with shapes as values.

Both branches of a condition are followed, unless it asks for an ``includes:`` that is known.
"""

# More than 400 lines in one module, because the rules for the kinds of expressions call each other.

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence as Many
from types import MappingProxyType
from typing import TypeAlias

import attrs

from tools.drift.program import Place, Program, RubyClass, Unread, describe, names_in
from tools.drift.ruby.nodes import (
    Assign,
    Begin,
    Block,
    Case,
    Const,
    If,
    Invocation,
    Jump,
    Name,
    Node,
    Operator,
    Pairs,
    Sequence,
    Splat,
    Str,
    Symbol,
    children,
)
from tools.drift.shapes import Items, JsonShape, Key, Keyed, Null, Scalar, either, merged

SCALAR, NULL = Scalar(), Null()
NOTHING: Mapping[str, RubyValue] = MappingProxyType({})

Includes: TypeAlias = "dict[str, Includes]"
"""The relations that a serializer includes, each with those that it includes itself."""


@attrs.frozen
class Serializer:
    """A serializer that was made, but not asked yet.

    Attributes:
        cls: Its class; None for a collection.
        root: The key around its object, or the key of its list.
        includes: What it includes; None if that is not known.
        of: The shape of the items, for a collection.
        paged: Whether the list has ``meta``.
    """

    cls: RubyClass | None
    root: str
    includes: Includes | None
    of: JsonShape | None = None
    paged: bool = False


@attrs.frozen
class Params:
    """The parameters of a request, or a part of them.

    Attributes:
        path: The keys that lead to this part.
    """

    path: tuple[str, ...] = ()


@attrs.frozen
class Words:
    """A list of names that code handles: the arguments of ``permit``, the relations of ``includes``."""

    node: Node


RubyValue: TypeAlias = JsonShape | Serializer | Params | Words


@attrs.define(eq=False)
class Frame:
    """A method that is followed.

    Attributes:
        cls: The class of ``self``.
        owner: The class that defines the method, in which names are looked up.
        method: The name of the method.
        values: The local variables.
        includes: What the serializer includes; None if that is not known.
        returned: What the method has returned so far.
    """

    cls: RubyClass
    owner: RubyClass
    method: str
    values: dict[str, RubyValue] = attrs.field(factory=dict[str, "RubyValue"])
    includes: Includes | None = None
    returned: list[RubyValue] = attrs.field(factory=list["RubyValue"])

    def place(self, node: Node) -> Place:
        """Return where a node stands."""
        return Place(self.owner.file, node.line)


_SAME = frozenset({
    "compact", "to_h", "presence", "freeze", "symbolize_keys", "deep_symbolize_keys", "with_indifferent_access", "dup",
    "stringify_keys", "deep_stringify_keys", "to_a", "uniq", "sort_by", "select", "filter", "reject", "values", "sort",
    "to_json", "permit!", "reverse", "order", "to_hash", "compact_blank", "transform_values", "first", "each",
})  # fmt: skip
_MAPS = frozenset({"map", "filter_map", "flat_map", "collect"})


class Evaluator:
    """Follows the code of one program.

    Attributes:
        unread: What it has met and does not understand.
    """

    def __init__(self, program: Program) -> None:
        self.program = program
        self.unread: set[Unread] = set()
        self._running: list[tuple[str, str, str]] = []

    def refuse(self, frame: Frame, node: Node, what: str) -> None:
        """Note something that it does not understand."""
        self.unread.add(Unread(frame.owner.file, node.line, what))

    # --- methods ------------------------------------------------------------------------------------------------------

    def call(
        self,
        cls: RubyClass,
        name: str,
        includes: Includes | None,
        args: Many[RubyValue] = (),
        named: Mapping[str, RubyValue] = NOTHING,
        after: Frame | None = None,
    ) -> RubyValue | None:
        """Return what a method returns; None if there is no such method."""
        found = self.program.method_after(cls, after.owner, name) if after else self.program.method(cls, name)
        if found is None:
            return None
        owner, method = found
        key = (cls.path, owner.path, name)
        if key in self._running:
            return SCALAR  # it calls itself: the first call shows its shape
        self._running.append(key)
        frame = Frame(cls, owner, name, includes=includes)
        frame.values = dict(zip(method.params, args, strict=False))
        for param in method.params[len(args) :]:
            default = method.defaults.get(param)
            frame.values[param] = named[param] if param in named else self.value(default, frame) if default else SCALAR
        last = self.run(method.body, frame)
        self._running.pop()
        result = last
        for value in frame.returned:
            result = self._either(value, result)
        return result

    def run(self, statements: Many[Node], frame: Frame) -> RubyValue:
        """Follow statements and return the value of the last one."""
        value: RubyValue = NULL
        for statement in statements:
            value = self.value(statement, frame)
        return value

    def shape(self, node: Node, frame: Frame) -> JsonShape:
        """Return the shape of an expression."""
        return self.json(self.value(node, frame))

    def json(self, value: RubyValue) -> JsonShape:
        """Return the shape of the JSON of a value."""
        if isinstance(value, Serializer):
            return self.serialized(value)
        return SCALAR if isinstance(value, Params | Words) else value

    def serialized(self, serializer: Serializer) -> JsonShape:
        """Return what ``serialize`` returns."""
        if serializer.of is not None:
            at = Place("", 0)
            keys = {serializer.root: Key(Items(serializer.of), at)}
            return Keyed(keys | ({"meta": Key(SCALAR, at)} if serializer.paged else {}))
        if serializer.cls is None:
            return SCALAR
        shape = self.json(self.call(serializer.cls, "serialize", serializer.includes) or SCALAR)
        return attrs.evolve(shape, made_by=serializer.cls.path) if isinstance(shape, Keyed) else shape

    def _either(self, one: RubyValue, other: RubyValue) -> RubyValue:
        if one == other and isinstance(one, Params | Words):
            return one
        return either(self.json(one), self.json(other))

    # --- expressions --------------------------------------------------------------------------------------------------

    def value(self, node: Node, frame: Frame) -> RubyValue:
        """Follow an expression and return its value."""
        match node:
            case Pairs():
                return self._object(node, frame)
            case Sequence(items=items):
                shapes = [self.shape(item, frame) for item in items]
                if any(isinstance(shape, Keyed) for shape in shapes) and not any(
                    isinstance(item, Symbol) for item in items
                ):
                    first, *others = shapes
                    for other in others:
                        first = either(first, other)
                    return Items(first)
                return Words(node)
            case Name(id=name):
                return self._name(name, frame)
            case Invocation():
                return self.invocation(node, frame)
            case If():
                return self._if(node, frame)
            case Case(branches=branches):
                return self._branches(branches, frame)
            case Begin(body=body, handlers=handlers):
                value = self.run(body, frame)
                for handler in handlers:
                    self._aside(handler, frame)
                return value
            case Assign():
                return self._assign(node, frame)
            case Operator(operator=operator, operands=operands):
                return self._operator(operator, operands, frame)
            case Jump(word=word, value=value):
                result = NULL if value is None else self.value(value, frame)
                if word == "return":
                    frame.returned.append(result)
                return result
            case Block(body=body, params=params):
                frame.values |= dict.fromkeys(params, SCALAR)
                return self.run(body, frame)
            case Splat(value=inner):
                return self.value(inner, frame)
            case Str() | Symbol():
                return Words(node)
            case Const():
                constant = self.program.constant(frame.owner, node.path)
                return Words(constant) if constant is not None else SCALAR
            case _:
                return SCALAR

    def _name(self, name: str, frame: Frame) -> RubyValue:
        if name in frame.values:
            return frame.values[name]
        if name == "nil":
            return NULL
        if name == "params":
            return Params()
        if name == "super":
            return self.call(frame.cls, frame.method, frame.includes, after=frame) or SCALAR
        return self.call(frame.cls, name, frame.includes) or SCALAR

    def _object(self, node: Pairs, frame: Frame) -> Keyed:
        made = Keyed()
        for key, value in node.pairs:
            if key is None:
                made = self._merge(made, value, frame)
            elif isinstance(key, Symbol | Str) and (name := key.id if isinstance(key, Symbol) else key.value):
                made.keys[name] = Key(self.shape(value, frame), frame.place(key), hint=_hint(name, value))
            else:
                self.value(value, frame)
                made.gaps |= {Unread(frame.owner.file, key.line, f"a key that is computed: {describe(key)}")}
        return made

    def _merge(self, made: Keyed, value: Node, frame: Frame, *, sometimes: bool = False) -> Keyed:
        shape = self.shape(value, frame)
        if isinstance(shape, Keyed):
            if sometimes:
                keys = {name: attrs.evolve(key, sometimes=True) for name, key in shape.keys.items()}
                shape = Keyed(keys, shape.gaps)
            return merged(made, shape)
        if isinstance(shape, Scalar | Items):
            made.gaps |= {
                getattr(shape, "source", None) or Unread(frame.owner.file, value.line, f"keys of {describe(value)}")
            }
        return made

    def _if(self, node: If, frame: Frame) -> RubyValue:
        known = self._truth(node.condition, frame)
        if known is None:
            return self._branches([node.then, node.otherwise], frame, condition=node.condition)
        return self.run(node.then if known else node.otherwise, frame)

    def _branches(self, branches: Many[Many[Node]], frame: Frame, *, condition: Node | None = None) -> RubyValue:
        """Follow each branch with the same variables, and join what comes of them."""
        if condition is not None:
            self.value(condition, frame)
        before = frame.values
        values: dict[str, RubyValue] | None = None
        result: RubyValue | None = None
        for branch in branches:
            frame.values = {name: _copied(value) for name, value in before.items()}
            value = self.run(branch, frame)
            if not _leaves(branch):
                result = value if result is None else self._either(result, value)
                values = frame.values if values is None else self._joined(values, frame.values)
        frame.values = before if values is None else values
        return NULL if result is None else result

    def _joined(self, one: dict[str, RubyValue], other: dict[str, RubyValue]) -> dict[str, RubyValue]:
        return {
            name: self._either(one[name], other[name])
            if name in one and name in other
            else one.get(name, other.get(name, SCALAR))
            for name in {**one, **other}
        }

    def _aside(self, statements: Many[Node], frame: Frame) -> None:
        self._branches([statements, []], frame)

    def _truth(self, condition: Node, frame: Frame) -> bool | None:
        """Return whether a condition holds; None if that is not known."""
        match condition:
            case Invocation(receiver=None, name="include?", args=[Symbol(id=relation)]):
                return None if frame.includes is None else relation in frame.includes
            case Operator(operator="&&", operands=[one, other]):
                truths = (self._truth(one, frame), self._truth(other, frame))
                return False if False in truths else None
            case Operator(operator="==", operands=[one, other]):
                values = (self.value(one, frame), self.value(other, frame))
                texts = [
                    value.node for value in values if isinstance(value, Words) and isinstance(value.node, Symbol | Str)
                ]
                return names_in(texts[:1]) == names_in(texts[1:]) if len(texts) == 2 else None
            case Operator(operator="!", operands=[inner]):
                truth = self._truth(inner, frame)
                return None if truth is None else not truth
            case _:
                return None

    def _assign(self, node: Assign, frame: Frame) -> RubyValue:
        value = self.value(node.value, frame)
        match node.target:
            case Name(id=name):
                frame.values[name] = value
            case Invocation(receiver=Name(id=name), name="[]", args=[Symbol() | Str() as key]) if isinstance(
                target := frame.values.get(name), Keyed
            ):
                word = (key.id if isinstance(key, Symbol) else key.value) or ""
                target.keys[word] = Key(self.json(value), frame.place(node), hint=_hint(word, node.value))
            case Invocation(receiver=Name(id=name), name="[]") if isinstance(target := frame.values.get(name), Keyed):
                target.gaps |= {Unread(frame.owner.file, node.line, f"a key of {name} that is computed")}
            case _:
                pass
        return value

    def _operator(self, operator: str, operands: Many[Node], frame: Frame) -> RubyValue:
        if operator in ("||", "&&", "or", "and"):
            left, right = operands
            one = self.value(left, frame)
            other = self.value(right, frame)
            if operator in ("&&", "and"):
                return other
            return one if isinstance(one, Params) else self._either(one, other)
        for operand in operands:
            self.value(operand, frame)
        return SCALAR

    # --- calls --------------------------------------------------------------------------------------------------------

    def invocation(self, node: Invocation, frame: Frame) -> RubyValue:
        """Follow a call."""
        if node.receiver is None:
            return self._own_call(node, frame)
        if node.name == "new" and isinstance(node.receiver, Const):
            made = self._made(node, node.receiver.path, frame)
            if made is not None:
                return made
        receiver = self.value(node.receiver, frame)
        if isinstance(receiver, Serializer):
            if node.name in ("serialize", "to_json", "serialize_models"):
                shape = self.serialized(receiver)
                if node.name == "serialize_models" and receiver.of is not None:
                    return Items(receiver.of)
                return shape
            return SCALAR
        if isinstance(receiver, Keyed | Items | Null) or node.name in _MAPS:
            return self._of_json(node, self.json(receiver), frame)
        if isinstance(receiver, Words) and node.name in _SAME:
            return receiver
        if isinstance(receiver, Words) and node.name == "pluralize" and isinstance(receiver.node, Str):
            return Words(Str(node.line, f"{receiver.node.value}s"))
        self._follow_arguments(node, frame)
        if node.name in ("then", "yield_self", "tap") and node.block is not None:
            return self.value(node.block, frame)
        if node.block is not None:
            self._aside(node.block.body, frame)
        return Scalar(Unread(frame.owner.file, node.line, f"keys of {describe(node)}"))

    def _own_call(self, node: Invocation, frame: Frame) -> RubyValue:
        if node.name == "included_relations":
            return self._included(node, frame)
        if node.name == "super":
            return self.call(frame.cls, frame.method, frame.includes, after=frame) or SCALAR
        args = [self.value(arg, frame) for arg in node.args if not isinstance(arg, Pairs)]
        named: dict[str, RubyValue] = {}
        for arg in node.args:
            if isinstance(arg, Pairs):
                self._follow_pairs(arg, frame)
                named |= {key.id: self.value(value, frame) for key, value in arg.pairs if isinstance(key, Symbol)}
        if node.block is not None:
            self._aside(node.block.body, frame)
        return self.call(frame.cls, node.name, frame.includes, args, named) or SCALAR

    def _follow_arguments(self, node: Invocation, frame: Frame) -> None:
        """Follow arguments only for what they do."""
        for arg in node.args:
            if isinstance(arg, Pairs):
                self._follow_pairs(arg, frame)
            else:
                self.value(arg, frame)

    def _follow_pairs(self, pairs: Pairs, frame: Frame) -> None:
        for _, value in pairs.pairs:
            if isinstance(value, Pairs):
                self._follow_pairs(value, frame)
            else:
                self.value(value, frame)

    def _of_json(self, node: Invocation, receiver: JsonShape, frame: Frame) -> RubyValue:
        """Follow a method of an object or a list."""
        name = node.name
        if name in _MAPS and node.block is not None:
            item = receiver.of if isinstance(receiver, Items) else SCALAR
            return Items(self._of_block(node.block, item, frame))
        if name in ("then", "tap", "yield_self") and node.block is not None:
            return self._of_block(node.block, receiver, frame, returns_argument=name == "tap")
        if isinstance(receiver, Keyed):
            if name in ("merge", "merge!", "reverse_merge", "deep_merge"):
                made = receiver if name == "merge!" else receiver.copy()
                for arg in node.args:
                    joined = self._merge(made, arg, frame)
                    made.keys, made.gaps = joined.keys, joined.gaps
                return made
            if name in ("except", "slice"):
                named = {each.id for each in node.args if isinstance(each, Symbol)}
                keys = {key: value for key, value in receiver.keys.items() if (key in named) == (name == "slice")}
                return Keyed(keys, receiver.gaps)
            if name == "[]":
                return self._at_key(node, receiver)
        self._follow_arguments(node, frame)
        if name in _SAME:
            return receiver
        if name in ("any?", "blank?", "present?", "key?", "nil?", "empty?", "==", "[]", "sum", "size", "count"):
            return SCALAR
        return NULL if isinstance(receiver, Null) else SCALAR

    def _at_key(self, node: Invocation, receiver: Keyed) -> RubyValue:
        match node.args:
            case [Symbol(id=key)] if key in receiver.keys:
                return receiver.keys[key].shape
            case _:
                return SCALAR

    def _of_block(self, block: Block, item: RubyValue, frame: Frame, *, returns_argument: bool = False) -> JsonShape:
        before = frame.values
        frame.values = {**before, **dict.fromkeys(block.params, SCALAR)}
        if block.params:
            frame.values[block.params[0]] = item
        result = self.run(block.body, frame)
        value = frame.values[block.params[0]] if returns_argument and block.params else result
        frame.values = {name: frame.values[name] for name in before}
        return self.json(value)

    # --- serializers --------------------------------------------------------------------------------------------------

    def _made(self, node: Invocation, name: str, frame: Frame) -> Serializer | None:
        """Return the serializer that ``new`` makes; None for any other object."""
        if name.removeprefix("::") == "CollectionSerializer":
            return self._collection(node, frame)
        cls = self.program.resolve(name, frame.owner)
        if cls is None or self.program.method(cls, "serialize") is None:
            return None
        options = _options(node)
        return Serializer(cls, self._root(options.get("root_name"), frame), self.includes(options, frame))

    def _root(self, node: Node | None, frame: Frame) -> str:
        value = NULL if node is None else self.value(node, frame)
        match value.node if isinstance(value, Words) else None:
            case Str(value=name) if name is not None:
                return name
            case Symbol(id=name):
                return name
            case _:
                if node is not None:
                    self.refuse(frame, node, f"a root that is computed: {describe(node)}")
                return ""

    def _collection(self, node: Invocation, frame: Frame) -> Serializer | None:
        options = _options(node)
        names = [each for each in node.args if not isinstance(each, Pairs)]
        root = self._root(options.get("collection_name"), frame)
        if len(names) > 1 and isinstance(names[1], Const):
            cls = self.program.resolve(names[1].path, frame.owner)
            if cls is not None:
                self._follow_arguments(node, frame)
                item = self.serialized(Serializer(cls, "", self.includes(options, frame)))
                return Serializer(None, root, None, item, "meta" in options)
        self.refuse(frame, node, "a list with an unknown serializer")
        return Serializer(None, root, None, SCALAR, "meta" in options)

    def includes(self, options: dict[str, Node], frame: Frame) -> Includes | None:
        """Return the relations that the options of a serializer name."""
        node = options.get("includes")
        return {} if node is None else self._relations(node, frame)

    def _relations(self, node: Node, frame: Frame) -> Includes | None:
        match node:
            case Symbol(id=name):
                return {name: {}}
            case Sequence(items=items):
                found: Includes = {}
                for item in items:
                    inner = self._relations(item, frame)
                    if inner is None:
                        return None
                    found |= inner
                return found
            case Pairs(pairs=pairs):
                return {key.id: self._relations(value, frame) or {} for key, value in pairs if isinstance(key, Symbol)}
            case If(condition=condition, then=[then], otherwise=[otherwise]):
                truth = self._truth(condition, frame)
                return None if truth is None else self._relations(then if truth else otherwise, frame)
            case Invocation(receiver=None, name="included_relations"):
                words = self._included(node, frame)
                return self._relations(words.node, frame) if isinstance(words, Words) else None
            case Const() | Name():
                words = self.literal(node, frame)
                return self._relations(words.node, frame) if isinstance(words, Words) else None
            case _:
                self.refuse(frame, node, f"includes that are computed: {describe(node)}")
                return None

    def literal(self, node: Node, frame: Frame) -> RubyValue:
        """Return the list that a constant or a method of one expression stands for, as it is written."""
        if isinstance(node, Name) and node.id not in frame.values:
            found = self.program.method(frame.cls, node.id)
            if found is not None and len(found[1].body) == 1 and isinstance(found[1].body[0], Sequence | Pairs):
                return Words(found[1].body[0])
        return self.value(node, frame)

    def _included(self, node: Invocation, frame: Frame) -> RubyValue:
        """Return what ``included_relations(:plan, default: [...])`` returns."""
        default = _options(node).get("default")
        if frame.includes is None or not isinstance(node.args[0], Symbol):
            return SCALAR
        inner = frame.includes.get(node.args[0].id)
        if inner:
            names: Many[Node] = [Symbol(node.line, name) for name in inner]
            return Words(Sequence(node.line, names))
        return Words(default if default is not None else Sequence(node.line, []))


def _options(node: Invocation) -> dict[str, Node]:
    pairs = [pair for each in node.args if isinstance(each, Pairs) for pair in each.pairs]
    return {key.id: value for key, value in pairs if isinstance(key, Symbol)}


def _copied(value: RubyValue) -> RubyValue:
    return value.copy() if isinstance(value, Keyed) else value


def _leaves(statements: Many[Node]) -> bool:
    """Tell whether statements end the method."""
    last = statements[-1] if statements else None
    return isinstance(last, Jump) or (isinstance(last, If) and _leaves(last.then) and _leaves(last.otherwise))


def _hint(name: str, value: Node) -> str:
    """Return the kind of a value, as far as the code shows it."""
    calls = _calls(value)
    if "iso8601" in calls:
        return "datetime" if name.endswith(("_at", "datetime", "timestamp")) else "date"
    if name == "lago_id" or (name.startswith("lago_") and name.endswith("_id")):
        return "uuid"
    if name.endswith(("_cents", "_count")):
        return "integer"
    if isinstance(value, Name) and value.id in ("true", "false"):
        return "boolean"
    return ""


def _calls(node: Node) -> set[str]:
    found = {node.name} if isinstance(node, Invocation) else set[str]()
    for child in children(node):
        found |= _calls(child)
    return found
