"""The mutants of a source text: which spots change, and which cannot matter."""

import pytest

from tools.mutants import mutants_of


def changes(line: str) -> set[str]:
    """The mutants of a line, without the parentheses that a change may add."""
    return {mutant.after.replace("(", "").replace(")", "") for mutant in mutants_of(f"{line}\n")}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x = a < b", {"x = a <= b"}),
        ("x = a in b", {"x = a not in b"}),
        ("x = 0 <= a < b", {"x = 0 < a < b", "x = 0 <= a <= b", "x = 1 <= a < b", "x = -1 <= a < b"}),
        ("x = a and b", {"x = a", "x = b"}),
        ("x = not a", {"x = a"}),
        ("x = a + b", {"x = a - b"}),
        ("x = True", {"x = False"}),
        ("x = 5", {"x = 6", "x = 4"}),
        ("x = 2.0", {"x = 2.2"}),
        ("x = 'a'", {"x = ''"}),
        ("x = f'a{b}'", {"x = 'mutant'"}),
        ("x = a if b else c", {"x = a", "x = c"}),
        ("x = min(a, b)", {"x = maxa, b"}),
        ("x = [a for a in b if a]", {"x = [a for a in b]"}),
        ("f(a=b, c=d)", {"fa=d, c=b", "pass"}),
        ("f(a=b, c=b)", {"pass"}),
        ("x += a", {"x -= a", "pass"}),
        ("x.y = a", {"pass"}),
        ("raise x", {"pass"}),
    ],
)
def test_each_spot_is_changed_by_itself(line: str, expected: set[str]) -> None:
    assert changes(line) == expected


@pytest.mark.parametrize(
    "line",
    [
        "'''Text.'''",
        "x: Literal['a'] = y",
        "__all__ = ['a']",
        "x = TypeVar('x')",
        "x = cast('str', y)",
        "x: TypeAlias = 'a'",
    ],
)
def test_what_changes_no_behaviour_is_left(line: str) -> None:
    assert changes(line) == set()


def test_a_returned_value_becomes_none_and_each_mutant_compiles() -> None:
    source = "def f(a: int = 1) -> int:\n    '''Text.'''\n    for b in a:\n        continue\n    return (\n  a\n    )\n"
    mutants = list(mutants_of(source))
    assert [mutant.after for mutant in mutants if mutant.line == 5] == ["return None"]
    assert [mutant.before for mutant in mutants if mutant.line == 5] == ["return ( a )"]
    for mutant in mutants:
        compile(mutant.source, "mutant", "exec")
        assert mutant.source != source
