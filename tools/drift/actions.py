"""The actions of controllers: the parameters that each permits or reads, and the JSON that it renders."""

from __future__ import annotations

from collections.abc import Sequence as Many
from typing import TypeAlias

import attrs

from tools.drift.evaluation import SCALAR, Evaluator, Frame, Params, RubyValue, Words
from tools.drift.program import Place, Program, RubyClass, Unread, describe, names_in
from tools.drift.routes import ServerRoute
from tools.drift.ruby.nodes import (
    Assign,
    Const,
    Invocation,
    Name,
    Node,
    Pairs,
    Sequence,
    Splat,
    Str,
    Symbol,
)
from tools.drift.shapes import Items, JsonShape, Key, Keyed, either


@attrs.define
class Taken:
    """A parameter of an action.

    Attributes:
        kind: ``value``, ``list``, ``map``, ``object``, or ``objects`` for a list of objects or one object: Rails
            permits both in the same words.
        parts: The names inside of an object.
        at: Where it is permitted or read.
        permitted: Whether it is permitted; a name that is only read may be an internal one.
    """

    kind: str
    at: Place
    parts: Names = attrs.field(factory=dict[str, "Taken"])
    permitted: bool = True


Names: TypeAlias = dict[str, Taken]


@attrs.define
class ServerAction:
    """The parameters and the JSON of an action.

    Attributes:
        route: The first route that leads to it.
        enveloped: What it takes in an envelope, by the envelope's key.
        bare: What it takes outside of an envelope, in the query or in the body.
        renders: The JSON of its successes.
        text: Whether it renders plain text.
    """

    route: ServerRoute
    enveloped: dict[str, Names] = attrs.field(factory=dict[str, Names])
    bare: Names = attrs.field(factory=dict[str, Taken])
    renders: JsonShape | None = None
    text: bool = False


class ActionReader(Evaluator):
    """Reads the actions of controllers."""

    def __init__(self, program: Program) -> None:
        super().__init__(program)
        self._action: ServerAction | None = None

    def read(self, route: ServerRoute) -> ServerAction | None:
        """Return what the action of a route takes and renders; None, and an entry in ``unread``, without the action."""
        path = f"app/controllers/{route.controller}_controller.rb"
        cls = next((each for each in self.program.classes.values() if each.file == path and each.base), None)
        if cls is None or self.program.method(cls, route.action) is None:
            self.unread.add(Unread("config/routes.rb", route.line, f"no method {route.controller}#{route.action}"))
            return None
        self._action = ServerAction(route)
        for before in self._before(cls, route.action):
            self.call(cls, before, {})
        self.call(cls, route.action, {})
        action, self._action = self._action, None
        for name in [*action.bare]:
            taken = action.bare[name]
            if name in route.parameters:
                del action.bare[name]
            elif not taken.permitted and (taken.parts or name in action.enveloped):  # params[:charge][:cascade_updates]
                action.enveloped.setdefault(name, {}).update(taken.parts)
                del action.bare[name]
        return action

    def _before(self, cls: RubyClass, action: str) -> list[str]:
        """Return the methods that run before an action."""
        found: list[str] = []
        for each in self.program.ancestors(cls):
            if each.path == "Api::BaseController":
                break
            for node in each.body:
                if isinstance(node, Invocation) and node.receiver is None and node.name == "before_action":
                    options = {
                        key.id: names_in([value])
                        for arg in node.args
                        if isinstance(arg, Pairs)
                        for key, value in arg.pairs
                        if isinstance(key, Symbol)
                    }
                    if action in options.get("only", [action]) and action not in options.get("except", []):
                        found += names_in([arg for arg in node.args if isinstance(arg, Symbol)])
        return found

    # --- calls --------------------------------------------------------------------------------------------------------

    def value(self, node: Node, frame: Frame) -> RubyValue:
        """Follow an expression; Rails tells a controller its own name."""
        if isinstance(node, Name) and node.id == "controller_name":
            return Words(Str(node.line, frame.cls.file.rpartition("/")[2].removesuffix("_controller.rb")))
        return super().value(node, frame)

    def invocation(self, node: Invocation, frame: Frame) -> RubyValue:
        """Follow a call, and note what it takes or renders."""
        if self._action is None:
            return super().invocation(node, frame)
        if node.receiver is None and node.name == "render":
            self._render(node, frame)
            return SCALAR
        if node.receiver is not None and node.name in _OF_PARAMS:
            receiver = self.value(node.receiver, frame)
            if isinstance(receiver, Params):
                return self._of_params(node, receiver, frame)
        self._passed_on(node, frame)
        return super().invocation(node, frame)

    def _passed_on(self, node: Invocation, frame: Frame) -> None:
        """Follow a method of another class that takes all parameters, if its file is found."""
        if not isinstance(node.receiver, Const) or not any(
            isinstance(arg, Name) and arg.id == "params" and "params" not in frame.values for arg in node.args
        ):
            return
        cls = self.program.load(node.receiver.path)
        if (
            cls is None
            or self.call(cls, f"self.{node.name}", {}, [self.value(arg, frame) for arg in node.args]) is None
        ):
            self.refuse(frame, node, f"parameters that {describe(node)} takes")

    def _render(self, node: Invocation, frame: Frame) -> None:
        options = {
            key.id: value
            for arg in node.args
            if isinstance(arg, Pairs)
            for key, value in arg.pairs
            if isinstance(key, Symbol)
        }
        status = names_in([options["status"]]) if "status" in options else ["ok"]
        if self._action is None or status not in (["ok"], ["created"]):
            return
        if "plain" in options:
            self._action.text = True
        elif "json" in options:
            value = self.value(options["json"], frame)
            shape = self.json(value)
            root = getattr(value, "root", "")
            if root and not (
                isinstance(shape, Keyed) and root in shape.keys and getattr(value, "of", None) is not None
            ):
                at = frame.place(node)
                shape = _enveloped(root, shape, at)
            self._action.renders = shape if self._action.renders is None else either(self._action.renders, shape)

    def _of_params(self, node: Invocation, params: Params, frame: Frame) -> RubyValue:
        match node.name:
            case "require" if len(node.args) == 1 and isinstance(node.args[0], Symbol):
                return Params((*params.path, node.args[0].id))
            case "permit":
                for name, taken in self._names(node.args, frame).items():
                    self._take(params, name, taken)
                return SCALAR
            case "expect":
                self._expect(node, params, frame)
                return SCALAR
            case "dig" if all(isinstance(arg, Symbol) for arg in node.args):
                *path, name = names_in(node.args)
                self._take(Params((*params.path, *path)), name, Taken("value", frame.place(node), permitted=False))
                return SCALAR
            case "[]" | "fetch" | "key?" | "delete" | "has_key?":
                for arg in node.args[1:] if node.name == "fetch" else ():
                    self.value(arg, frame)
                if node.args and isinstance(node.args[0], Symbol | Str):
                    name = names_in([node.args[0]])[0]
                    self._take(params, name, Taken("value", frame.place(node), permitted=False))
                    return SCALAR if node.name in ("key?", "has_key?") else Params((*params.path, name))
                self.refuse(frame, node, f"a parameter that is computed: {describe(node)}")
                return SCALAR
            case "merge" | "except" | "to_h" | "permit!" | "presence" | "to_unsafe_h" | "compact" | "symbolize_keys":
                return params
            case "map" | "filter_map" | "each" if node.block is not None:
                frame.values = {**frame.values, **dict.fromkeys(node.block.params, params)}
                return self.run(node.block.body, frame)
            case _:
                self.refuse(frame, node, f"parameters: {node.name}")
                return SCALAR

    def _take(self, params: Params, name: str, taken: Taken) -> None:
        """Note a parameter at its place."""
        if self._action is None:
            return
        if not params.path:
            names = self._action.bare
        else:
            root, *inner = params.path
            if root in self._action.bare and not taken.permitted:
                names = self._action.bare[root].parts  # params[:a][:b]
            elif root in self._action.bare and self._action.bare[root].permitted:
                names = self._action.bare[root].parts
            else:
                self._action.bare.pop(root, None)
                names = self._action.enveloped.setdefault(root, {})
            for each in inner:
                names = names.setdefault(each, Taken("object", taken.at)).parts
        before = names.get(name)
        if before is None or (taken.permitted and not before.permitted):
            names[name] = taken
        elif taken.permitted:
            before.parts |= taken.parts

    def _expect(self, node: Invocation, params: Params, frame: Frame) -> None:
        """Note ``expect(customer: [:name])``: an envelope and what is permitted in it."""
        for arg in node.args:
            if isinstance(arg, Pairs):
                for key, value in arg.pairs:
                    if isinstance(key, Symbol) and isinstance(value, Sequence):
                        inner = Params((*params.path, key.id))
                        for name, taken in self._names(value.items, frame).items():
                            self._take(inner, name, taken)
                    else:
                        self.refuse(frame, node, "an expectation")
            else:
                for name, taken in self._names([arg], frame).items():
                    self._take(params, name, taken)

    def _names(self, nodes: Many[Node], frame: Frame) -> Names:
        """Return what the arguments of ``permit`` name."""
        found: Names = {}
        for node in nodes:
            match node:
                case Symbol(id=name):
                    found[name] = Taken("value", frame.place(node))
                case Str(value=name) if name is not None:
                    found[name] = Taken("value", frame.place(node))
                case Pairs(pairs=pairs):
                    for key, value in pairs:
                        if isinstance(key, Symbol | Str):
                            found[names_in([key])[0]] = self._taken(value, frame)
                        elif key is None:
                            found |= self._names([value], frame)
                        else:
                            self.refuse(frame, node, "a permitted name that is computed")
                case Sequence(items=items):
                    found |= self._names(items, frame)
                case Splat(value=inner):
                    found |= self._names([inner], frame)
                case Const() | Name() | Invocation():
                    words = self.literal(node, frame)
                    if isinstance(words, Words):
                        found |= self._names([words.node], frame)
                    else:
                        self.refuse(frame, node, f"permitted names that are computed: {describe(node)}")
                case Assign(value=value):
                    found |= self._names([value], frame)
                case _:
                    self.refuse(frame, node, f"permitted names that are computed: {describe(node)}")
        return found

    def _taken(self, node: Node, frame: Frame) -> Taken:
        at = frame.place(node)
        match node:
            case Sequence(items=[]):
                return Taken("list", at)
            case Sequence(items=[Sequence() as inner]):  # `expect` writes a list of objects so
                return Taken("objects", at, self._names(inner.items, frame))
            case Sequence(items=items):
                return Taken("objects", at, self._names(items, frame))
            case Pairs(pairs=[]):
                return Taken("map", at)
            case _:
                return Taken("objects", at, self._names([node], frame))


_OF_PARAMS = frozenset({
    "require", "permit", "expect", "[]", "fetch", "key?", "has_key?", "dig", "delete", "merge", "except", "to_h", "map",
    "permit!", "presence", "to_unsafe_h", "compact", "symbolize_keys", "slice", "filter_map", "each", "values_at",
})  # fmt: skip


def _enveloped(root: str, shape: JsonShape, at: Place) -> Keyed:
    return Keyed({root: Key(shape, at)})


def roots_of(shape: JsonShape | None) -> dict[str, JsonShape]:
    """Return what is in each envelope that an action renders."""
    if not isinstance(shape, Keyed):
        return {}
    return {name: key.shape for name, key in shape.keys.items() if name != "meta"}


def items_of(shape: JsonShape) -> JsonShape:
    """Return the shape of the items of a list, or the shape itself."""
    return shape.of if isinstance(shape, Items) else shape
