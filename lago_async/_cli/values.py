"""The values of options, from the text of the command line. It loads nothing of the table, so that help is fast."""

from __future__ import annotations

from datetime import date, datetime
from math import nan
from typing import Final

import click

_MOST_SECONDS: Final = 1e9


def day(text: str) -> date:
    """Return the date in a text in ISO 8601.

    Raises:
        click.BadParameter: It is not a date.
    """
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a date like 2026-01-31") from None


def day_or_time(text: str) -> date:
    """Return the date or the time in a text in ISO 8601.

    Raises:
        click.BadParameter: It is neither; or it is a time without a zone, which the server would take for UTC.
    """
    try:
        if len(text) == len("2026-01-31"):
            return date.fromisoformat(text)
        found = datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a date or time like 2026-01-31 or 2026-01-31T12:00:00Z") from None
    if found.tzinfo is None:
        raise click.BadParameter(f"{text!r} has no time zone: add Z for UTC, or an offset such as +01:00")
    return found


def pair(text: str) -> tuple[str, str]:
    """Return the key and the value of ``key=value``.

    Raises:
        click.BadParameter: It is something else.
    """
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise click.BadParameter(f"{text!r} is not KEY=VALUE")
    return key, value


def seconds(text: str) -> float:
    """Return a number of seconds above 0.

    Raises:
        click.BadParameter: It is something else.
    """
    try:
        found = float(text)
    except ValueError:
        found = nan
    if not 0 < found <= _MOST_SECONDS:
        raise click.BadParameter(f"{text!r} is not a number of seconds above 0")
    return found


def not_empty(text: str) -> str:
    """Return a text; the server ignores an empty filter that it must have, and lists everything.

    Raises:
        click.BadParameter: It is empty.
    """
    if not text:
        raise click.BadParameter("it must not be empty")
    return text
