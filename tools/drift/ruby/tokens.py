"""The tokens of a Ruby program."""

import re
from collections.abc import Iterator
from typing import Literal, TypeAlias

import attrs

from tools.drift.ruby.nodes import RubyError

Kind: TypeAlias = Literal[
    "word", "const", "label", "symbol", "text", "words", "other", "op", "keyword", "newline", "end"
]

KEYWORDS = frozenset({
    "alias", "and", "begin", "break", "case", "class", "def", "defined?", "do", "else", "elsif", "end", "ensure", "for",
    "if", "in", "module", "next", "not", "or", "redo", "rescue", "retry", "return", "super", "then", "undef", "unless",
    "until", "when", "while", "yield",
})  # fmt: skip

_OPERATORS = re.compile(
    r"\*\*=|<=>|===|\.\.\.|\|\|=|&&=|<<=|>>=|=~|!~|==|!=|<=|>=|=>|&&|\|\||&\.|\*\*|\.\.|::|->|<<|>>|\+=|-=|\*=|/=|%=|\|=|&="
    r"|[-+*/%<>=!~&|^?:.,;()\[\]{}]"
)
_WORD = re.compile(r"(?:@@|@|\$)?[a-z_]\w*(?:[?!](?![=]|$)|[?!](?==[=~>])|[?!]$)?", re.MULTILINE)
_CONST = re.compile(r"[A-Z]\w*")
_NUMBER = re.compile(r"\d[\d_]*(?:\.\d[\d_]*)?(?:e[-+]?\d+)?r?")
_SYMBOL = re.compile(r":(?:(?:@@|@)?[A-Za-z_]\w*[?!=]?(?!:)|\[\]=?|[-+*/%<>]=?|==|<=>)")
_HEREDOC = re.compile(r"<<[~-]?([\"']?)([A-Z_]+)\1")
_PERCENT = re.compile(r"%([iIwWq]?)([\[({|<])")
_CLOSING = {"[": "]", "(": ")", "{": "}", "|": "|", "<": ">"}

_ENDS_A_VALUE = frozenset({")", "]", "}"})


@attrs.frozen
class Token:
    """A token.

    Attributes:
        value: Its text; of a computed string, None.
        spaced: Whether a space is before it.
        glued: Whether no space is after it.
        items: The words of ``%i[...]`` and ``%w[...]``.
    """

    kind: Kind
    value: str | None
    line: int
    spaced: bool
    glued: bool
    items: tuple[str, ...] = ()

    def is_op(self, *values: str) -> bool:
        """Tell whether it is one of these operators."""
        return self.kind == "op" and self.value in values

    def is_keyword(self, *values: str) -> bool:
        """Tell whether it is one of these keywords."""
        return self.kind == "keyword" and self.value in values


class Lexer:
    """Reads the tokens of a program.

    Raises:
        RubyError: There is something that it does not know.
    """

    def __init__(self, program: str) -> None:
        self._program = program.partition("\n__END__\n")[0]
        self._at = 0
        self._line = 1
        self._heredocs: list[str] = []
        self._last: Token | None = None

    def tokens(self) -> Iterator[Token]:
        """Yield all tokens; the last one is an ``end``."""
        while True:
            token = self._next()
            self._last = token
            yield token
            if token.kind == "end":
                return

    def _next(self) -> Token:
        start = self._at
        self._skip_blanks()
        spaced = self._at > start or self._at == 0
        program, at = self._program, self._at
        if at >= len(program):
            return self._token("end", "", 0, spaced=spaced)
        if program[at] == "\n":
            newline = self._token("newline", "\n", 1, spaced=spaced)
            self._line += 1
            self._skip_heredocs()
            return newline
        wants = self._wants_a_value(spaced=spaced)
        if wants and (token := self._literal(spaced=spaced)) is not None:
            return token
        if program[at] in "\"'`":
            return self._text(spaced=spaced)
        if (symbol := _SYMBOL.match(program, at)) and (wants or spaced or not self._ends_a_value()):
            return self._token("symbol", symbol.group()[1:], len(symbol.group()), spaced=spaced)
        if program.startswith(':"', at):
            self._at += 1
            text = self._text(spaced=spaced)
            return attrs.evolve(text, kind="symbol")
        if number := _NUMBER.match(program, at):
            return self._token("other", number.group(), len(number.group()), spaced=spaced)
        if word := _WORD.match(program, at) or _CONST.match(program, at):
            return self._word(word.group(), spaced=spaced)
        if operator := _OPERATORS.match(program, at):
            return self._token("op", operator.group(), len(operator.group()), spaced=spaced)
        raise RubyError(self._line, f"unknown text {program[at : at + 10]!r}")

    def _token(self, kind: Kind, value: str | None, length: int, *, spaced: bool, items: tuple[str, ...] = ()) -> Token:
        self._at += length
        glued = self._at < len(self._program) and not self._program[self._at].isspace()
        return Token(kind, value, self._line, spaced, glued, items)

    def _word(self, word: str, *, spaced: bool) -> Token:
        after = self._at + len(word)
        is_label = self._program.startswith(":", after) and not self._program.startswith("::", after)
        in_path = self._last is not None and self._last.is_op(".", "&.", "::")
        if is_label and not in_path and not (self._last is not None and self._last.is_op("?") and word[-1:] != " "):
            return self._token("label", word, len(word) + 1, spaced=spaced)
        if word == "defined" and self._program.startswith("?", after):
            word = "defined?"
        is_keyword = word in KEYWORDS and not in_path
        kind: Kind = "keyword" if is_keyword else "const" if word[0].isupper() else "word"
        return self._token(kind, word, len(word), spaced=spaced)

    def _ends_a_value(self) -> bool:
        last = self._last
        return last is not None and (
            last.kind in ("word", "const", "symbol", "text", "words", "other")
            or (last.kind == "op" and last.value in _ENDS_A_VALUE)
            or last.is_keyword("end")
        )

    def _wants_a_value(self, *, spaced: bool) -> bool:
        """Tell whether ``/``, ``%`` or ``<<`` begins a literal here."""
        if not self._ends_a_value():
            return True
        following = self._program[self._at + 1 : self._at + 2]
        return self._last is not None and self._last.kind == "word" and spaced and not following.isspace()

    def _literal(self, *, spaced: bool) -> Token | None:
        program, at = self._program, self._at
        if heredoc := _HEREDOC.match(program, at):
            self._heredocs.append(heredoc[2])
            return self._token("text", None, len(heredoc.group()), spaced=spaced)
        if program[at] == "/":
            end = at + 1
            while program[end] != "/":
                end += 2 if program[end] == "\\" else 1
            while program[end + 1 : end + 2].isalpha():
                end += 1
            return self._token("other", program[at : end + 1], end + 1 - at, spaced=spaced)
        if percent := _PERCENT.match(program, at):
            end = program.index(_CLOSING[percent[2]], percent.end())
            inside = program[percent.end() : end]
            kind: Kind = "words" if percent[1] in tuple("iIwW") else "text"
            items = tuple(inside.split()) if kind == "words" else ()
            token = self._token(kind, percent[1].lower() or inside, end + 1 - at, spaced=spaced, items=items)
            self._line += inside.count("\n")
            return token
        return None

    def _text(self, *, spaced: bool) -> Token:
        program, quote, end = self._program, self._program[self._at], self._at + 1
        computed = quote == "`"
        while end < len(program) and program[end] != quote:
            if program[end] == "\\":
                end += 1
            elif quote == '"' and program.startswith("#{", end):
                computed, depth = True, 1
                end += 2
                while depth:
                    depth += (program[end] == "{") - (program[end] == "}")
                    end += 1
                continue
            end += 1
        if end >= len(program):
            raise RubyError(self._line, "a string without an end")
        inside = program[self._at + 1 : end]
        is_label = program.startswith(":", end + 1) and not program.startswith("::", end + 1)
        token = self._token(
            "label" if is_label else "text",
            None if computed else inside,
            end + 1 + is_label - self._at,
            spaced=spaced,
        )
        self._line += inside.count("\n")
        return token

    def _skip_blanks(self) -> None:
        """Skip spaces, comments and line ends that do not end a statement."""
        program = self._program
        while self._at < len(program):
            if program[self._at] in " \t\r":
                self._at += 1
            elif program[self._at] == "#":
                end = program.find("\n", self._at)
                self._at = len(program) if end < 0 else end
            elif program.startswith("\\\n", self._at):
                self._at += 2
                self._line += 1
            elif program[self._at] == "\n" and (
                rest := re.compile(r"(?:\s|#.*)*\n[ \t]*(?=&?\.\w)").match(program, self._at)
            ):
                self._line += rest.group().count("\n")
                self._at = rest.end()
            else:
                return

    def _skip_heredocs(self) -> None:
        for name in self._heredocs:
            end = re.compile(rf"^[ \t]*{name}[ \t]*\n", re.MULTILINE).search(self._program, self._at)
            if end is None:
                raise RubyError(self._line, f"a text without its end {name}")
            self._line += self._program.count("\n", self._at, end.end())
            self._at = end.end()
        self._heredocs.clear()
