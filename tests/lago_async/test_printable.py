"""Foreign text in messages and logs is one printable line within a limit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async._printable import LONGEST, printable, shown


@given(st.text(alphabet=st.characters(), max_size=2 * LONGEST), st.integers(3, 2 * LONGEST))
def test_any_text_becomes_one_printable_line_within_the_limit(text: str, limit: int) -> None:
    line = printable(text, limit)
    assert line.isprintable()
    assert len(line) <= limit
    line.encode()


@given(st.text(alphabet=st.characters(exclude_categories=("C", "Z")), max_size=LONGEST))
def test_printable_text_within_the_limit_stays_as_it_is(text: str) -> None:
    assert printable(text) is text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a b", "a b"),
        ("a\r\nb", r"a\r\nb"),
        ("\x1b[31mred", r"\x1b[31mred"),
        ("\x00\x7f\x85", r"\x00\x7f\x85"),
        ("a\u2028b\u2029c", r"a\u2028b\u2029c"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("\u2066x\u2069", r"\u2066x\u2069"),
        ("no\u200bwidth\ufeff", r"no\u200bwidth\ufeff"),
        ("\ud800", r"\ud800"),
        ("\U000e0041", r"\U000e0041"),
        ("grüße 東京 🎉", "grüße 東京 🎉"),
    ],
)
def test_what_a_terminal_would_act_on_is_escaped(text: str, line: str) -> None:
    assert printable(text) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("x" * 10, "x" * 10),
        ("x" * 11, "xxxxxxx..."),
        ("xxxxxxxx\n", r"xxxxxxxx\n"),
        ("xxxxxxxxx\n", "xxxxxxx..."),
        ("xxxxxxxxxx\n", "xxxxxxx..."),
    ],
)
def test_a_text_that_is_too_long_is_cut_after_it_was_escaped(text: str, line: str) -> None:
    assert printable(text, 10) == line


def test_a_value_is_shown_by_its_repr_within_the_limit_or_by_its_type() -> None:
    class Broken:
        def __repr__(self) -> str:
            raise KeyError

    nested: list[object] = []
    for _ in range(5_000):
        nested = [nested]
    assert shown("a\nb") == r"'a\nb'"
    assert shown("x" * 1_000) == "'" + "x" * (LONGEST - 4) + "..."
    assert shown(Broken()) == "a value of type Broken"
    assert shown(nested) in {"a value of type list", "[" * (LONGEST - 3) + "..."}  # Python 3.13 writes it
    assert shown(10**5_000) == "a value of type int"
