"""The prose check finds each wording on its line, and nothing in good sentences or in code."""

import pytest

from tools import prose


def lines(path: str, content: str) -> list[int]:
    return sorted(hit.line for hit in prose.hits(path, prose.texts(path, content)))


@pytest.mark.parametrize("wording", prose.WORDINGS, ids=lambda wording: wording.bad)
def test_a_wording_hits_its_bad_example_and_not_its_good_one(wording: prose.Wording) -> None:
    assert wording.compiled().search(wording.bad)
    assert not wording.compiled().search(wording.good)


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("a.py", '"""A module.\n\nBegin\nanew.\n"""\n', [4]),
        ("a.py", "x = 1  # anew\n# under\n# way\n", [1, 2]),
        ("a.py", "x = 'anew'  # `anew` is a name\n", []),
        ("a.py", "parser.add_argument('--x', help='begin anew')\n", [1]),
        ("a.py", "raise ValueError(f'{x}: begin anew')\n", [1]),
        ("a.py", "# GENERATED from b.py\n# anew\n", []),
        ("a.md", "Text.\n\n```python\n# anew\n```\n\nBegin anew.\n", [7]),
        ("Makefile", "x: ## Begin anew.\n", [1]),
        ("a.json", '"anew"', []),
    ],
)
def test_a_hit_is_in_prose_and_on_its_line(path: str, content: str, expected: list[int]) -> None:
    assert lines(path, content) == expected
