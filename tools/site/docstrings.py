"""Docstrings in Google's form, taken apart into their text and their sections."""

from __future__ import annotations

import inspect
import re

import attrs

_HEADING = re.compile(r"^(Args|Attributes|Raises|Returns|Yields|Examples?):\s*$", re.MULTILINE)
_ENTRY = re.compile(r"^ {4}(\*{0,2}[\w.]+):[ \n]", re.MULTILINE)


@attrs.frozen
class Docstring:
    """A docstring.

    Attributes:
        text: The text before and behind the sections.
        arguments: What is said of each parameter or attribute.
        raises: What is said of each exception.
    """

    text: str
    arguments: dict[str, str]
    raises: dict[str, str]


def read(documented: object) -> Docstring:
    """Take the docstring of a function or class apart."""
    text = inspect.getdoc(documented) or ""
    sections: dict[str, str] = {}
    while heading := _HEADING.search(text):
        body, end = _indented(text, heading.end())
        sections[heading[1]] = body
        text = text[: heading.start()].rstrip() + "\n\n" + text[end:].lstrip("\n")
    arguments = {**_entries(sections.get("Args", "")), **_entries(sections.get("Attributes", ""))}
    return Docstring(text.strip(), arguments, _entries(sections.get("Raises", "")))


def _indented(text: str, start: int) -> tuple[str, int]:
    """Return the indented lines from a place on, and the place behind them."""
    end = start
    for line in re.finditer(r"\n( {4,}.*|[ ]*)(?=\n|\Z)", text[start:]):
        if line.start() != end - start:
            break
        end = start + line.end()
    return text[start:end].strip("\n"), end


def _entries(section: str) -> dict[str, str]:
    starts = list(_ENTRY.finditer(section))
    ends = [*(entry.start() for entry in starts[1:]), len(section)]
    return {entry[1]: " ".join(section[entry.end() : end].split()) for entry, end in zip(starts, ends, strict=False)}
