"""The repair of JSON that is readable but for a few bytes: the rest of such a response must not be lost with them.

Real gateways and servers cut text in the middle of a character, write NaN, mix encodings, and pad bodies. A repair only
replaces what cannot be represented; JSON that is cut off, or that is not JSON at all, stays so.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Generator
from typing import Final, cast

from lago_async._codec.scheduling import PIECE, finish

_PADDING: Final = b" \t\r\n\f\v\0"
_REPLACEMENT: Final = rb"\ufffd"

_WINDOW: Final = PIECE // 2
_MOST: Final = 500_000
"""Repairs of one body; they take a second. A body that needs more is not JSON with a flaw."""


MAX_DIGITS: Final = 4300
"""Digits of an integer: Python's own limit for parsing text."""

# Text without anything to repair, as long as possible. The quantifiers are possessive, so the scan never goes back.
_SOUND: Final = re.compile(
    rb"""(?:
        [^"NI0-9]++
      | [0-9]{1,%d}+(?![0-9])
      | "(?:
            [^"\\\x00-\x1f]++
          | \\[^u\x00-\x1f]
          | \\u[0-9a-ce-fA-CE-F][0-9a-fA-F]{3}
          | \\u[dD][0-7][0-9a-fA-F]{2}
          | \\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}
        )*+"
    )*+"""
    % MAX_DIGITS,
    re.VERBOSE,
)
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"', re.DOTALL)
_IN_STRING: Final = re.compile(
    rb"""
        (?P<keep> (?:
            [^\\]++
          | \\[^u\x00-\x1f]
          | \\u(?![dD][89a-fA-F])
          | \\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}
        )++ )
      | (?P<surrogate> \\u[dD][89a-fA-F][0-9a-fA-F]{2} )
      | \\ (?=[\x00-\x1f])
    """,
    re.VERBOSE,
)
_CONTROL: Final = re.compile(rb"[\x00-\x1f]")
_NOT_A_NUMBER: Final = re.compile(rb"NaN|Infinity")
_DIGITS: Final = re.compile(rb"[0-9]++")


def repair(body: bytes) -> bytes:
    """Return the JSON of a body with what cannot be represented replaced; the same object if there is nothing to do."""
    return finish(repair_in_steps(body))


def repair_in_steps(body: bytes) -> Generator[None, None, bytes]:
    """Like ``repair``, as a generator that yields between the pieces of a large body."""
    text = body.removeprefix(codecs.BOM_UTF8).strip(_PADDING)
    if not text.startswith((b"{", b"[")):
        return body
    changed = len(text) < len(body)
    try:
        text.decode()
    except UnicodeDecodeError:
        text = text.decode(errors="replace").encode()
        changed = True
        yield
    parts: list[bytes] = []
    at, size, repairs = 0, _WINDOW, 0
    while at < len(text):
        window = min(at + size, len(text))
        if found := _DIGITS.match(text, window):
            window = found.end()
        end = cast("re.Match[bytes]", _SOUND.match(text, at, window)).end()
        parts.append(text[at:end])
        if end == window or (
            text.startswith(b'"', end) and window < len(text) and not _STRING.match(text, end, window)
        ):
            size = _WINDOW if end > at else size * 2  # a string is longer than the window
            at = end
            yield
            continue
        repaired, at = _repair_token(text, end)
        repairs += 1
        if at == end or repairs > _MOST:
            return body  # a string without an end, or not JSON
        if repaired == b"null" and parts[-1].endswith(b"-"):
            parts[-1] = parts[-1][:-1]  # minus infinity
        parts.append(repaired)
        size = _WINDOW
        if repairs % 1000 == 0:
            yield
    return b"".join(parts) if changed or repairs else body


def _repair_token(text: bytes, at: int) -> tuple[bytes, int]:
    """Return the repaired token at a place, and where it ends: at its beginning if it cannot be repaired."""
    if found := _STRING.match(text, at):
        string = _IN_STRING.sub(_repair_escape, found[0])
        for control in set(_CONTROL.findall(string)):
            string = string.replace(control, rb"\u%04x" % ord(control))
        return string, found.end()
    if found := _NOT_A_NUMBER.match(text, at):
        return b"null", found.end()
    if found := _DIGITS.match(text, at):
        # With an exponent, the parser takes an integer of any length.
        is_integer = (
            text[at - 1 : at] not in (b".", b"+", b"e", b"E") and text[found.end() : found.end() + 1] not in b".eE"
        )
        return found[0] + (b"e0" if is_integer else b""), found.end()
    return b"", at


def _repair_escape(found: re.Match[bytes]) -> bytes:
    return found["keep"] or (_REPLACEMENT if found["surrogate"] else b"")
