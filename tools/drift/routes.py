"""The routes of the server, read from `config/routes.rb`."""

from __future__ import annotations

import re
from collections.abc import Sequence as Many

import attrs

from tools.drift.program import Unread, describe, names_in
from tools.drift.ruby.nodes import Block, If, Invocation, Name, Node, Pairs, Sequence, Str, Symbol

VERBS = ("get", "post", "put", "patch", "delete")

_COLLECTION = {"index": ("GET",), "create": ("POST",)}
_MEMBER = {"show": ("GET",), "update": ("PUT", "PATCH"), "destroy": ("DELETE",)}
_ONE = {"create": ("POST",), "show": ("GET",), "update": ("PUT", "PATCH"), "destroy": ("DELETE",)}
_KNOWN_OPTIONS = {
    "resources": {"only", "except", "param", "controller", "constraints", "code", "path"},
    "resource": {"only", "except", "controller", "constraints", "path"},
    "verb": {"to", "on", "action", "as", "constraints"},
    "namespace": set[str](),
    "scope": {"module"},
}


@attrs.frozen
class ServerRoute:
    """A verb and a path of the server.

    Attributes:
        path: The path with its version and its parameters: ``/api/v1/plans/{plan_code}/charges/{code}``.
        controller: The controller below `app/controllers`: ``api/v1/plans/charges``.
        action: The method of the controller.
        from_update: Whether it is one of the two verbs that Rails gives to an update.
    """

    verb: str
    path: str
    controller: str
    action: str
    line: int
    from_update: bool = False

    @property
    def version(self) -> str:
        """The version of the API: ``v1``; empty if it is not below ``/api``."""
        found = re.match(r"/api/(v\d+)/", self.path)
        return found[1] if found else ""

    @property
    def below(self) -> str:
        """The path below the version."""
        return self.path.removeprefix(f"/api/{self.version}")

    @property
    def shape(self) -> tuple[str, str, str]:
        """The parts that make two routes the same, whatever the names of their parameters."""
        return self.version, self.verb, re.sub(r"\{\w+\}", "{}", self.below)

    @property
    def parameters(self) -> list[str]:
        """The names of the parameters in the path."""
        return re.findall(r"\{(\w+)\}", self.path)


@attrs.frozen
class _Around:
    """The surroundings of a route: the path, the modules, and the resources that it is nested in."""

    path: str = ""
    module: str = ""
    controller: str = ""
    member: str = ""  # the path of one member, where `on: :member` routes stand
    collection: str = ""
    is_singular: bool = False


class RouteReader:
    """Reads routes.

    Attributes:
        routes: The routes read so far.
        unread: The statements that it does not understand.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self.routes: list[ServerRoute] = []
        self.unread: list[Unread] = []

    def read(self, statements: Many[Node]) -> None:
        """Read the statements of the file."""
        for node in statements:
            if isinstance(node, Invocation) and node.name == "draw" and node.block is not None:
                self._body(node.block.body, _Around())
            else:
                self._refuse(node)

    def _refuse(self, node: Node, what: str = "") -> None:
        self.unread.append(Unread(self._file, node.line, f"route: {what or describe(node)}"))

    def _body(self, statements: Many[Node], around: _Around) -> None:
        for node in statements:
            if isinstance(node, If):
                self._body([*node.then, *node.otherwise], around)
            elif isinstance(node, Invocation) and node.receiver is None:
                self._statement(node, around)
            elif isinstance(node, Invocation) and node.name == "mount":
                pass
            else:
                self._refuse(node)

    def _statement(self, node: Invocation, around: _Around) -> None:
        options = _options(node)
        match node.name:
            case "namespace" if (name := _text(node)) and node.block:
                self._check(node, options, "namespace")
                inner = _Around(f"{around.path}/{name}", f"{around.module}{name}/")
                self._body(node.block.body, inner)
            case "scope" if node.block and not _positional(node):
                self._check(node, options, "scope")
                module = _names(options.get("module"))
                self._body(node.block.body, attrs.evolve(around, module=f"{around.module}{'/'.join(module)}/"))
            case "resources" | "resource":
                self._resources(node, options, around)
            case "collection" | "member" if node.block:
                path = around.collection if node.name == "collection" else around.member
                self._body(node.block.body, attrs.evolve(around, path=path))
            case "match":
                self._match(node, around)
            case "mount":
                pass  # another application
            case name if name in VERBS:
                self._verb(node, options, around)
            case _:
                self._refuse(node)

    def _check(self, node: Invocation, options: dict[str, Node], kind: str) -> None:
        for name in options.keys() - _KNOWN_OPTIONS[kind]:
            self._refuse(node, f"{node.name} with {name}:")

    def _resources(self, node: Invocation, options: dict[str, Node], around: _Around) -> None:
        self._check(node, options, node.name)
        for name in _names_of(node):
            self._one_of_resources(node, name, options, around)

    def _one_of_resources(self, node: Invocation, name: str, options: dict[str, Node], around: _Around) -> None:
        singular = node.name == "resource"
        param = (_names(options.get("param")) or ["id"])[0]
        controller = around.module + (_names(options.get("controller")) or [name])[0]
        if singular and "controller" not in options:
            controller = around.module + _plural(name)
        collection = f"{around.path}/{(_names(options.get('path')) or [name])[0]}"
        member = collection if singular else f"{collection}/{{{param}}}"
        verbs = dict(_ONE if singular else {**_COLLECTION, **_MEMBER})
        if "only" in options:
            verbs = {action: verbs[action] for action in verbs if action in names_in([options["only"]])}
        if "except" in options:
            verbs = {action: verbs[action] for action in verbs if action not in names_in([options["except"]])}
        for action, kinds in verbs.items():
            path = collection if singular or action in _COLLECTION else member
            for verb in kinds:
                route = ServerRoute(verb, path, controller, action, node.line, from_update=len(kinds) > 1)
                self.routes.append(route)
        if node.block:
            nested = collection if singular else f"{collection}/{{{_singular(name)}_{param}}}"
            inner = _Around(nested, around.module, controller, member, collection, singular)
            self._body(node.block.body, inner)

    def _verb(self, node: Invocation, options: dict[str, Node], around: _Around) -> None:
        self._check(node, options, "verb")
        paths = _positional(node)
        if len(paths) != 1 or not _names(paths[0]):
            # `get "path" => "controller#action"`, and several at once
            self._refuse(node)
            return
        on = _names(options.get("on"))
        base = around.member if on == ["member"] else around.collection if on == ["collection"] else around.path
        own = re.sub(r":(\w+)", r"{\1}", _names(paths[0])[0].strip("/"))
        path = f"{base}/{own}" if own else base
        to = _names(options.get("to"))
        if to and "#" in to[0]:
            controller, _, action = to[0].partition("#")
            controller = around.module + controller
        elif around.controller:
            action = (_names(options.get("action")) or [own.rpartition("/")[2]])[0]
            controller = around.controller
        else:
            self._refuse(node)
            return
        self.routes.append(ServerRoute(node.name.upper(), path, controller, action, node.line))

    def _match(self, node: Invocation, around: _Around) -> None:
        paths = [name for path in _positional(node) for name in _names(path)]
        if any(isinstance(each, Pairs) for each in node.args) and not paths:
            pairs = next(each for each in node.args if isinstance(each, Pairs)).pairs
            paths = [key.value for key, _ in pairs if isinstance(key, Str) and key.value is not None]
        if not paths or not all(path.startswith("*") for path in paths) or around.path:
            self._refuse(node)  # `match "*unmatched"` is the answer to all other paths


def _options(node: Invocation) -> dict[str, Node]:
    pairs = [each for each in node.args if isinstance(each, Pairs)]
    return {key.id: value for each in pairs for key, value in each.pairs if isinstance(key, Symbol)}


def _positional(node: Invocation) -> list[Node]:
    return [each for each in node.args if not isinstance(each, Pairs)]


def _text(node: Invocation) -> str | None:
    names = _names_of(node)
    return names[0] if len(names) == 1 else None


def _names_of(node: Invocation) -> list[str]:
    return [name for each in _positional(node) for name in _names(each)]


def _names(node: Node | None) -> list[str]:
    match node:
        case Symbol(id=name) | Name(id=name):
            return [name]
        case Str(value=value) if value is not None:
            return [value]
        case Sequence() | Block() | None:
            return []
        case _:
            return []


def _singular(name: str) -> str:
    for plural, singular in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("s", "")):
        if name.endswith(plural):
            return name.removesuffix(plural) + singular
    return name


def _plural(name: str) -> str:
    return name if name == "metadata" else f"{name}s"
