"""Foreign text on one printable line, for messages and logs: text of a server, a gateway, a proxy or a library."""

from __future__ import annotations

from typing import Final

__all__ = ["LONGEST", "printable", "shown"]

LONGEST: Final = 300  # characters of one foreign text in a message or a log
_CUT: Final = "..."


def printable(text: str, limit: int = LONGEST) -> str:
    """Return a text on one line, with escapes for all that a terminal or a log would act on, cut to a limit.

    Line breaks and escape sequences forge lines of a log, bidirectional controls reorder them, characters of no width
    hide in them, and a lone surrogate cannot be written at all. None of these is printable for Python.
    """
    if len(text) <= limit and text.isprintable():
        return text
    cut = len(text) > limit
    line = "".join(char if char.isprintable() else repr(char)[1:-1] for char in text[:limit])
    if cut or len(line) > limit:
        return line[: limit - len(_CUT)] + _CUT
    return line


def shown(value: object, limit: int = LONGEST) -> str:
    """Return the repr of a value that a message names, within a limit; its type if the repr fails.

    The repr of what a program passes by mistake may be megabytes, nested too deeply, or any code of its own.
    """
    try:
        text = repr(value)
    except Exception:  # noqa: BLE001 - the message is about the value, and must not end in an error of its repr
        return f"a value of type {type(value).__name__}"
    return printable(text, limit)
