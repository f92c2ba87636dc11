"""The reader of Ruby: the constructs that it knows, and the refusal of all others."""

from typing import Any, get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.drift.ruby.nodes import (
    Invocation,
    Name,
    Node,
    Operator,
    Other,
    Pairs,
    RubyError,
    walk,
)
from tools.drift.ruby.parser import parse


def short(node: Any) -> Any:
    """Return a node as nested tuples, without its lines."""
    if isinstance(node, list | tuple):
        return [short(each) for each in node]
    if not attrs.has(type(node)):
        return node
    values = [getattr(node, field.name) for field in attrs.fields(type(node)) if field.name != "line"]
    return (type(node).__name__, *map(short, values))


def only(program: str) -> Any:
    (node,) = parse(program)
    return node


def test_a_call_without_brackets_takes_all_arguments_and_the_block_of_do() -> None:
    node = only("resources :books, only: %i[index show], param: :code do\n  get :cover\nend")
    assert isinstance(node, Invocation)
    name, pairs = node.args
    assert (node.name, short(name)) == ("resources", ("Symbol", "books"))
    assert isinstance(pairs, Pairs)
    assert [short(key) for key, _ in pairs.pairs] == [("Symbol", "only"), ("Symbol", "param")]
    assert node.block is not None
    assert short(node.block.body) == [("Invocation", None, "get", [("Symbol", "cover")], None)]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("a.b&.c(1)", ("Invocation", ("Invocation", ("Name", "a"), "b", [], None), "c", [("Other", "1")], None)),
        ("a&.[](:b)", ("Invocation", ("Name", "a"), "[]", [("Symbol", "b")], None)),
        ("a\n  # why\n  .b", ("Invocation", ("Name", "a"), "b", [], None)),
        ("::V1::Books.new", ("Invocation", ("Const", "V1::Books"), "new", [], None)),
        (
            "{a:, 'b' => 1, **c}",
            ("Pairs", [[("Symbol", "a"), ("Name", "a")], [("Str", "b"), ("Other", "1")], [None, ("Name", "c")]]),
        ),
        ('{"a": 1}', ("Pairs", [[("Symbol", "a"), ("Other", "1")]])),
        ("%w[a b]", ("Sequence", [("Str", "a"), ("Str", "b")])),
        ('"a#{b}c"', ("Str", None)),
        ("x = <<~SQL\n  SELECT 1\nSQL\n", ("Assign", ("Name", "x"), "=", ("Str", None))),
        ("a[:b] ||= c", ("Assign", ("Invocation", ("Name", "a"), "[]", [("Symbol", "b")], None), "||=", ("Name", "c"))),
        ("a if b", ("If", ("Name", "b"), [("Name", "a")], [])),
        ("a unless b", ("If", ("Name", "b"), [("Name", "a")], [])),
        ("unless a\n b\nelse\n c\nend", ("If", ("Name", "a"), [("Name", "c")], [("Name", "b")])),
        ("a ? b : c", ("If", ("Name", "a"), [("Name", "b")], [("Name", "c")])),
        ("a && !b", ("Operator", "&&", [("Name", "a"), ("Operator", "!", [("Name", "b")])])),
        ("!a == b", ("Operator", "==", [("Operator", "!", [("Name", "a")]), ("Name", "b")])),
        ("return a, b", ("Jump", "return", ("Sequence", [("Name", "a"), ("Name", "b")]))),
        ("x = [1..]", ("Assign", ("Name", "x"), "=", ("Sequence", [("Operator", "..", [("Other", "1")])]))),
        ("a = b = 1", ("Assign", ("Name", "a"), "=", ("Assign", ("Name", "b"), "=", ("Other", "1")))),
        ("a.map(&:b)", ("Invocation", ("Name", "a"), "map", [("Splat", ("Symbol", "b"))], None)),
        ("a { |b, c| b }", ("Invocation", None, "a", [], ("Block", ["b", "c"], [("Name", "b")]))),
        ("-> { a }", ("Block", [], [("Name", "a")])),
        ("code: /[^\\/]+/", None),
        ("case a\nwhen 1, 2 then b\nelse\n c\nend", ("Case", [[("Name", "a")], [("Name", "b")], [("Name", "c")]])),
        (
            "begin\n a\nrescue B, C => e\n d\nensure\n f\nend",
            ("Begin", [("Begin", [("Name", "a")], [[("Name", "d")], [("Name", "f")]])], []),
        ),
        ("a rescue b", ("Begin", [("Name", "a")], [[("Name", "b")]])),
        (
            "def a(b, c = 1, d:, e: 2, *f)\n b\nend",
            ("Definition", "a", ["b", "c", "d", "e", "f"], [("Name", "b")], {"c": Other(1, "1"), "e": Other(1, "2")}),
        ),
        ("def self.a = b", ("Definition", "self.a", [], [("Name", "b")], {})),
        (
            "module A\n class B < C::D\n end\nend",
            ("ClassBody", "module", "A", None, [("ClassBody", "class", "B", "C::D", [])]),
        ),
        ("a, b = c", ("Assign", ("Sequence", [("Name", "a"), ("Name", "b")]), "=", ("Name", "c"))),
        ("x = 1 # a comment with ' and {", ("Assign", ("Name", "x"), "=", ("Other", "1"))),
        ("a / b", ("Operator", "/", [("Name", "a"), ("Name", "b")])),
        ("a -1", ("Invocation", None, "a", [("Operator", "-", [("Other", "1")])], None)),
    ],
)
def test_a_construct_is_read(program: str, expected: object) -> None:
    if expected is None:
        program, expected = (
            f"get {program}",
            ("Invocation", None, "get", [("Pairs", [[("Symbol", "code"), ("Other", "/[^\\/]+/")]])], None),
        )
    assert short(only(program)) == expected


def test_a_local_variable_takes_no_arguments() -> None:
    last = parse("a = 1\na [0]\na -1")[1:]
    assert [type(node) for node in last] == [Invocation, Operator]


def test_every_line_is_known() -> None:
    nodes = [each for node in parse('a\n\n<<~X\n  1\n  2\nX\nb "c\nd"\ne') for each in walk(node)]
    assert [node.line for node in nodes if isinstance(node, Name)] == [1, 9]


@pytest.mark.parametrize(
    "program",
    ["a ? b", "[1, 2", "class", "'a", "def a(1)\nend", "a = <<~X\n1\n", "%q~a~", "=begin\n=end", "for a in b\nend"],
)
def test_anything_else_is_refused_with_its_line(program: str) -> None:
    with pytest.raises(RubyError) as refused:
        parse(program)
    assert str(refused.value).startswith("line ")


WORDS = """a B :c d: 'e' 1 ( ) [ ] { } | = . &. , => do end if def class case when
    # %i[ <<~X / ? : * & -> rescue return .. " #{"""


@given(st.lists(st.sampled_from([*WORDS.split(), "\n"]), max_size=30))
def test_reading_ends_with_nodes_or_a_refusal(words: list[str]) -> None:
    try:
        nodes = parse(" ".join(words))
    except RubyError:
        return
    assert all(isinstance(each, get_args(Node)) for node in nodes for each in walk(node))
