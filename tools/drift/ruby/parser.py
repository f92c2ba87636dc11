"""From tokens to nodes. Precedences are Ruby's; a construct that is not known here is an error, never skipped."""

# More than 400 lines in one module, because the rules of a grammar call each other.

from collections.abc import Callable

from tools.drift.ruby.nodes import (
    Assign,
    Begin,
    Block,
    Case,
    ClassBody,
    Const,
    Definition,
    If,
    Invocation,
    Jump,
    Name,
    Node,
    Operator,
    Other,
    Pairs,
    RubyError,
    Sequence,
    Splat,
    Str,
    Symbol,
)
from tools.drift.ruby.tokens import Lexer, Token

_BINARY = [
    ("..", "..."),
    ("||",),
    ("&&",),
    ("<=>", "==", "===", "!=", "=~", "!~"),
    ("<", "<=", ">", ">="),
    ("|", "^"),
    ("&",),
    ("<<", ">>"),
    ("+", "-"),
    ("*", "/", "%"),
    ("**",),
]
_LEVEL = {operator: level for level, operators in enumerate(_BINARY) for operator in operators}
_ASSIGNMENTS = ("=", "||=", "&&=", "+=", "-=", "*=", "/=", "<<=", "**=", "%=", "|=", "&=", ">>=")
_BEGIN_A_VALUE = ("word", "const", "label", "symbol", "text", "words", "other")
_VALUE_KEYWORDS = ("not", "defined?", "case", "if", "unless", "begin", "super", "yield")
_OPTIONAL_ARGUMENT = ("*", "**", "&", "-", "::", "[", "!", "..", "...")


def parse(program: str) -> list[Node]:
    """Return the statements of a program.

    Raises:
        RubyError: The program holds something that the reader does not know.
    """
    try:
        return _Parser(list(Lexer(program).tokens())).program()
    except (IndexError, ValueError, RecursionError) as error:
        if isinstance(error, RubyError):
            raise
        raise RubyError(0, f"it cannot be read: {error}") from error


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._locals: set[str] = set()
        self._no_do = False

    # --- tokens -------------------------------------------------------------------------------------------------------

    @property
    def _token(self) -> Token:
        return self._tokens[self._at]

    def _take(self) -> Token:
        token = self._tokens[self._at]
        self._at += 1
        return token

    def _accept_op(self, *values: str) -> bool:
        if self._token.is_op(*values):
            self._at += 1
            return True
        return False

    def _expect_op(self, value: str) -> None:
        if not self._accept_op(value):
            raise self._unknown(f"{value!r} expected, not")

    def _expect_end(self) -> None:
        if not self._token.is_keyword("end"):
            raise self._unknown("'end' expected, not")
        self._at += 1

    def _unknown(self, problem: str = "unknown:") -> RubyError:
        token = self._token
        return RubyError(token.line, f"{problem} {token.value or token.kind!r}")

    def _skip_newlines(self) -> None:
        while self._token.kind == "newline" or self._token.is_op(";"):
            self._at += 1

    def _skip_line_ends(self) -> None:
        while self._token.kind == "newline":
            self._at += 1

    # --- statements ---------------------------------------------------------------------------------------------------

    def program(self) -> list[Node]:
        """Return all statements."""
        found = self._statements()
        if self._token.kind != "end":
            raise self._unknown()
        return found

    def _statements(self, *, closing: str = "") -> list[Node]:
        """Return the statements up to a keyword or an operator that ends them."""
        before, self._no_do = self._no_do, False
        found: list[Node] = []
        self._skip_newlines()
        while not (
            self._token.kind == "end"
            or self._token.is_keyword("end", "else", "elsif", "when", "in", "rescue", "ensure")
            or (closing and self._token.is_op(closing))
        ):
            found.append(self._statement())
            if not (
                self._token.kind in ("newline", "end")
                or self._token.is_op(";", *([closing] if closing else []))
                or self._token.is_keyword("end", "else", "elsif", "when", "rescue", "ensure")
            ):
                raise self._unknown()
            self._skip_newlines()
        self._no_do = before
        return found

    def _statement(self) -> Node:
        node = self._and_or()
        while self._token.is_keyword("if", "unless", "while", "until", "rescue"):
            token = self._take()
            condition = self._and_or()
            if token.value in ("while", "until"):
                node = Begin(token.line, [condition, node], [])
            elif token.value == "rescue":
                node = Begin(token.line, [node], [[condition]])
            else:
                node = If(token.line, condition, [node], [])
        return node

    def _and_or(self) -> Node:
        node = self._not()
        while self._token.is_keyword("and", "or"):
            token = self._take()
            self._skip_newlines()
            node = Operator(token.line, str(token.value), [node, self._not()])
        return node

    def _not(self) -> Node:
        if self._token.is_keyword("not"):
            return Operator(self._take().line, "!", [self._not()])
        node = self._expression()
        if (
            self._token.is_op(",")
            and not self._in_arguments
            and isinstance(node, Name | Invocation)
            and self._is_multiple_assignment()
        ):
            targets: list[Node] = [node]
            while self._accept_op(","):
                self._accept_op("*")
                targets.append(self._postfix(self._primary()))
            self._targets(targets)
            line = self._token.line
            self._expect_op("=")
            return Assign(line, Sequence(line, list(targets)), "=", self._right_side())
        return node

    def _is_multiple_assignment(self) -> bool:
        """Tell whether an ``=`` follows the names before the end of the line."""
        for token in self._tokens[self._at :]:
            if token.is_op("="):
                return True
            if token.kind not in ("word", "const") and not token.is_op(",", ".", "*", "&."):
                return False
        return False

    def _targets(self, targets: list[Node]) -> None:
        self._locals |= {target.id for target in targets if isinstance(target, Name)}

    # --- expressions --------------------------------------------------------------------------------------------------

    def _expression(self) -> Node:
        node = self._ternary()
        if self._token.is_op(*_ASSIGNMENTS):
            token = self._take()
            self._skip_line_ends()
            self._targets([node])
            return Assign(token.line, node, str(token.value), self._right_side())
        return node

    def _right_side(self) -> Node:
        self._skip_line_ends()
        value = self._splat() if self._token.is_op("*") else self._expression()
        if self._token.is_op(",") and not self._in_arguments:
            items = [value]
            while self._accept_op(","):
                self._skip_line_ends()
                items.append(self._expression())
            return Sequence(value.line, items)
        return value

    _in_arguments = 0

    def _ternary(self) -> Node:
        node = self._binary(0)
        if self._token.is_op("?"):
            line = self._take().line
            self._skip_line_ends()
            then = self._ternary_part()
            self._skip_line_ends()
            if not self._accept_op(":"):
                raise self._unknown("':' expected, not")
            self._skip_line_ends()
            return If(line, node, [then], [self._expression()])
        return node

    def _ternary_part(self) -> Node:
        """Return what is between ``?`` and ``:``; ``a ? b: c`` reads as the label ``b:``."""
        token = self._token
        if token.kind == "label":
            raise self._unknown("a label in a condition:")
        return self._expression()

    def _binary(self, level: int) -> Node:
        if self._token.is_op("..", "..."):  # a range without a beginning
            return Operator(self._take().line, "..", [self._binary(1)])
        node = self._unary() if level == len(_BINARY) else self._binary(level + 1)
        while self._token.kind == "op" and _LEVEL.get(str(self._token.value)) == level:
            token = self._take()
            following = self._tokens[self._at]
            if token.value in ("..", "...") and (following.kind == "newline" or following.is_op(")", "]", ",")):
                return Operator(token.line, "..", [node])  # a range without an end
            self._skip_line_ends()
            node = Operator(token.line, str(token.value), [node, self._binary(level + 1)])
        return node

    def _unary(self) -> Node:
        token = self._token
        if token.is_op("!", "-", "+", "~"):
            self._take()
            return Operator(token.line, str(token.value), [self._unary()])
        if token.is_keyword("defined?"):
            self._take()
            return Operator(token.line, "defined?", [self._unary()])
        return self._postfix(self._primary())

    def _postfix(self, node: Node) -> Node:
        while True:
            token = self._token
            if token.is_op(".", "&."):
                self._take()
                self._skip_line_ends()
                if self._token.is_op("(", "["):  # `a.()` and `a&.[](b)`
                    method = "call" if self._token.is_op("(") else "[]"
                    self._at += 0 if method == "call" else 2
                else:
                    method = str(self._take().value)
                node = self._call(token.line, node, method)
            elif token.is_op("::") and not token.spaced:
                self._take()
                name = self._take()
                is_method = name.kind == "word" or self._token.is_op("(")
                if isinstance(node, Const) and not is_method:
                    node = Const(node.line, f"{node.path}::{name.value}")
                else:
                    node = self._call(token.line, node, str(name.value))
            elif token.is_op("[") and (not token.spaced or (isinstance(node, Name) and node.id in self._locals)):
                self._take()
                node = Invocation(token.line, node, "[]", self._arguments("]"))
            else:
                return node

    def _call(self, line: int, receiver: Node | None, name: str) -> Node:
        """Return a call whose name was read: its arguments and its block follow."""
        args: list[Node] = []
        has_arguments = False
        if self._token.is_op("(") and not self._token.spaced:
            self._take()
            args = self._arguments(")")
            has_arguments = True
        elif self._begins_an_argument(receiver, name):
            args = self._command_arguments()
            has_arguments = True
        block = self._block()
        if receiver is None and not has_arguments and block is None:
            return Name(line, name)
        return Invocation(line, receiver, name, args, block)

    def _begins_an_argument(self, receiver: Node | None, name: str) -> bool:
        token = self._token
        if not token.spaced or (receiver is None and name in self._locals) or name[0] == "@":
            return False
        if token.kind in _BEGIN_A_VALUE:
            return True
        if token.kind == "keyword":
            return token.value in _VALUE_KEYWORDS and token.value not in ("if", "unless")
        return token.is_op("->") or (token.is_op(*_OPTIONAL_ARGUMENT) and token.glued)

    def _command_arguments(self) -> list[Node]:
        before, self._no_do = self._no_do, True
        args = self._items(lambda: False)
        self._no_do = before
        return args

    def _arguments(self, closing: str) -> list[Node]:
        """Return the arguments in brackets; the opening bracket was read."""
        before, self._no_do = self._no_do, False
        self._skip_line_ends()
        args = self._items(lambda: self._token.is_op(closing), bracketed=True)
        self._skip_line_ends()
        self._expect_op(closing)
        self._no_do = before
        return args

    def _items(self, ends: Callable[[], bool], *, bracketed: bool = False) -> list[Node]:
        self._in_arguments += 1
        items: list[Node] = []
        pairs: list[tuple[Node | None, Node]] = []
        line = self._token.line
        while not ends():
            item = self._argument()
            if isinstance(item, tuple):
                pairs.append(item)
            else:
                items.append(item)
            if bracketed:
                self._skip_line_ends()
            if not self._accept_op(","):
                break
            self._skip_line_ends()
        self._in_arguments -= 1
        return [*items, Pairs(line, pairs)] if pairs else items

    def _argument(self) -> "Node | tuple[Node | None, Node]":
        token = self._token
        if token.is_op("**"):
            self._take()
            return None, Name(token.line, "") if self._token.is_op(",", ")") else self._ternary()
        if token.is_op("*", "&", "...") and not self._begins_a_range():
            return self._splat()
        if token.kind == "label":
            self._take()
            key = Symbol(token.line, str(token.value)) if token.value is not None else Str(token.line, None)
            if self._token.is_op(",", ")", "]", "}") or self._token.kind in ("newline", "end"):
                following = self._tokens[self._at :]
                rest = next((each for each in following if each.kind != "newline"), self._token)
                if self._token.kind != "newline" or rest.is_op(",", ")", "]", "}") or rest.kind in ("end", "label"):
                    return key, Name(token.line, key.id if isinstance(key, Symbol) else "")
                self._skip_line_ends()
            return key, self._expression()
        value = self._not()
        if self._accept_op("=>"):
            self._skip_line_ends()
            return value, self._expression()
        return value

    def _begins_a_range(self) -> bool:
        return self._token.is_op("...") and not self._tokens[self._at + 1].is_op(")")

    def _splat(self) -> Node:
        token = self._take()
        if self._token.is_op(")", ","):
            return Splat(token.line, Name(token.line, ""))
        return Splat(token.line, self._ternary())

    def _block(self) -> Block | None:
        token = self._token
        if token.is_op("{"):
            self._take()
            params = self._block_params()
            body = self._statements(closing="}")
            self._expect_op("}")
            return Block(token.line, params, body)
        if token.is_keyword("do") and not self._no_do:
            self._take()
            params = self._block_params()
            body = self._body()
            return Block(token.line, params, body)
        return None

    def _block_params(self) -> list[str]:
        if self._token.is_op("||"):
            self._take()
            return []
        if not self._accept_op("|"):
            return []
        names: list[str] = []
        while not self._accept_op("|"):
            token = self._take()
            if token.kind in ("word", "label"):
                names.append(str(token.value))
            elif token.is_op("="):
                self._binary(_LEVEL["|"] + 1)
            elif not token.is_op(",", "(", ")", "*", "&", "**", ";"):
                raise self._unknown("a parameter of a block:")
        self._locals |= set(names)
        return names

    def _body(self) -> list[Node]:
        """Return the statements up to ``end``, with what they rescue."""
        body = self._statements()
        handlers: list[list[Node]] = []
        while self._token.is_keyword("rescue", "ensure", "else"):
            self._take()
            if self._tokens[self._at - 1].is_keyword("rescue"):
                while self._token.kind != "newline" and not self._token.is_keyword("then"):
                    token = self._take()
                    if token.is_op(","):
                        self._skip_line_ends()
                    if token.is_op("=>"):
                        self._locals.add(str(self._token.value))
            handlers.append(self._statements())
        self._expect_end()
        return [Begin(handlers[0][0].line if handlers[0] else 0, body, handlers)] if handlers else body

    # --- primaries ----------------------------------------------------------------------------------------------------

    def _primary(self) -> Node:
        token = self._take()
        match token.kind:
            case "word":
                return self._call(token.line, None, str(token.value))
            case "const":
                if self._token.is_op("(") and not self._token.spaced:
                    return self._call(token.line, None, str(token.value))
                return Const(token.line, str(token.value))
            case "symbol":
                return Symbol(token.line, str(token.value))
            case "text":
                node = Str(token.line, token.value)
                while self._token.kind == "text":  # adjacent strings are one
                    self._take()
                    node = Str(token.line, None)
                return node
            case "words":
                make = Symbol if token.value == "i" else Str
                return Sequence(token.line, [make(token.line, item) for item in token.items])
            case "other":
                return Other(token.line, str(token.value))
            case "op":
                return self._bracketed(token)
            case "keyword":
                return self._construct(token)
            case _:
                self._at -= 1
                raise self._unknown()

    def _bracketed(self, token: Token) -> Node:
        if token.value == "[":
            return Sequence(token.line, self._arguments("]"))
        if token.value == "{":
            items = self._arguments("}")
            if not items:
                return Pairs(token.line, [])
            if len(items) == 1 and isinstance(items[0], Pairs):
                return items[0]
            raise RubyError(token.line, "a list in braces")
        if token.value == "(":
            inside, self._in_arguments = self._in_arguments, 0
            body = self._statements(closing=")")
            self._expect_op(")")
            self._in_arguments = inside
            return body[0] if len(body) == 1 else Begin(token.line, body, [])
        if token.value == "::":
            return Const(token.line, str(self._take().value))
        if token.value == "->":
            params: list[str] = []
            if self._accept_op("("):
                params = [*self._params(")")]
            before, self._no_do = self._no_do, False
            block = self._block()
            self._no_do = before
            if block is None:
                raise self._unknown("a lambda without a body:")
            return Block(token.line, params, block.body)
        self._at -= 1
        raise self._unknown()

    def _construct(self, token: Token) -> Node:
        match token.value:
            case "if" | "unless":
                return self._if(token)
            case "case":
                return self._case(token)
            case "begin":
                return Begin(token.line, self._body(), [])
            case "while" | "until":
                before, self._no_do = self._no_do, True
                condition = self._and_or()
                self._no_do = before
                if self._token.is_keyword("do"):
                    self._take()
                return Begin(token.line, [condition, *self._body()], [])
            case "def":
                return self._definition(token)
            case "class" | "module":
                return self._scope(token)
            case "return" | "next" | "break":
                value = None if self._at_the_end_of_a_statement() else self._right_side_of_a_jump()
                return Jump(token.line, token.value, value)
            case "retry" | "redo":
                return Name(token.line, token.value)
            case "super" | "yield":
                return self._call(token.line, None, token.value)
            case _:
                self._at -= 1
                raise self._unknown()

    def _at_the_end_of_a_statement(self) -> bool:
        token = self._token
        ends = token.is_keyword("if", "unless", "end", "while") or token.is_op(";", "}", ")")
        return token.kind in ("newline", "end") or ends

    def _right_side_of_a_jump(self) -> Node:
        inside, self._in_arguments = self._in_arguments, 0
        value = self._right_side()
        self._in_arguments = inside
        return value

    def _if(self, token: Token) -> Node:
        condition = self._and_or()
        if self._token.is_keyword("then"):
            self._take()
        then = self._statements()
        otherwise: list[Node] = []
        if self._token.is_keyword("elsif"):
            otherwise = [self._if(self._take())]
        else:
            if self._token.is_keyword("else"):
                self._take()
                otherwise = self._statements()
            self._expect_end()
        if token.value == "unless":
            then, otherwise = otherwise, then
        return If(token.line, condition, then, otherwise)

    def _case(self, token: Token) -> Node:
        branches: list[list[Node]] = []
        if self._token.kind != "newline":
            branches.append([self._and_or()])
        self._skip_newlines()
        while self._token.is_keyword("when"):
            self._take()
            while True:
                self._splat() if self._token.is_op("*") else self._ternary()
                if not self._accept_op(","):
                    break
                self._skip_line_ends()
            if self._token.is_keyword("then"):
                self._take()
            branches.append(self._statements())
        if self._token.is_keyword("else"):
            self._take()
            branches.append(self._statements())
        self._expect_end()
        return Case(token.line, branches)

    def _definition(self, token: Token) -> Node:
        name = str(self._take().value)
        while self._accept_op("."):
            name = f"{name}.{self._take().value}"
        if self._token.is_op("=") and not self._token.spaced:
            self._take()
            name += "="
        before, self._locals = self._locals, set()
        params: dict[str, Node | None] = {}
        if self._accept_op("("):
            params = self._params(")")
        elif self._token.kind != "newline" and not self._token.is_op("=", ";"):
            params = self._params("")
        defaults = {param: default for param, default in params.items() if default is not None}
        if self._accept_op("="):  # a method of one expression
            self._skip_line_ends()
            body = [self._statement()]
        else:
            body = self._body()
        self._locals = before
        return Definition(token.line, name, [*params], body, defaults)

    def _params(self, closing: str) -> dict[str, Node | None]:
        """Return the parameters, each with its default value or None."""
        found: dict[str, Node | None] = {}
        while True:
            if closing:
                self._skip_line_ends()
                if self._accept_op(closing):
                    break
            elif self._token.kind == "newline":
                break
            token = self._take()
            if token.kind in ("word", "label"):
                name = str(token.value)
                self._locals.add(name)
                is_default = token.kind == "label" and not (
                    self._token.is_op(",", ")") or self._token.kind == "newline"
                )
                found[name] = self._ternary() if is_default or self._accept_op("=") else None
            elif not token.is_op(",", "*", "**", "&", "...", "(", ")") and token.kind != "newline":
                self._at -= 1
                raise self._unknown("a parameter:")
        return found

    def _scope(self, token: Token) -> Node:
        if self._token.is_op("<<"):
            self._take()
            self._take()
            return ClassBody(token.line, "class << self", "self", None, self._body())
        self._accept_op("::")
        path = str(self._take().value)
        while self._accept_op("::"):
            path += f"::{self._take().value}"
        base: str | None = None
        if self._accept_op("<"):
            parent = self._expression()
            base = parent.path if isinstance(parent, Const) else ""
        before, self._locals = self._locals, set()
        body = self._body()
        self._locals = before
        return ClassBody(token.line, str(token.value), path, base, body)
