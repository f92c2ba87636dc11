"""The texts of help: the parts of a docstring of the endpoint table, without the marks of Python."""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping
from typing import Final

import attrs

_SECTION: Final = re.compile(r"^(Args|Raises|Attributes):$", re.MULTILINE)
_ITEM: Final = re.compile(r"^    (\w+): (.*(?:\n {5,}.*)*)", re.MULTILINE)
_LAST: Final = re.compile(r"\n*API operation: \w+\.\s*\Z")


@attrs.frozen
class HelpText:
    """The texts of one docstring.

    Attributes:
        summary: Its first line.
        text: All paragraphs before the first section.
        arguments: What it says about each argument.
        attributes: What it says about each attribute.
    """

    summary: str
    text: str
    arguments: Mapping[str, str]
    attributes: Mapping[str, str]


def help_text(docstring: str | None) -> HelpText:
    """Return the parts of a docstring."""
    whole = inspect.cleandoc(docstring or "")
    head, *rest = _SECTION.split(whole)
    sections = dict(zip(rest[::2], rest[1::2], strict=True))
    text = plain(_LAST.sub("", head).strip())
    return HelpText(
        summary=text.partition("\n")[0],
        text=text,
        arguments=_items(sections.get("Args", "")),
        attributes=_items(sections.get("Attributes", "")),
    )


def plain(text: str) -> str:
    """Return a text without the marks of code."""
    return text.replace("``", "")


def _items(section: str) -> Mapping[str, str]:
    return {name: plain(" ".join(text.split())) for name, text in _ITEM.findall(section)}
