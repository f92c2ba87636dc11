"""The endpoint table as text, for the command line and for the page that the README links to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._registry import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lago_async._table.rows import Row

_HEADINGS = ("operation", "HTTP", "method", "returns", "sent twice?")


def lines() -> Iterator[tuple[str, str, str, str, str]]:
    """Yield one line per operation: its name, its HTTP line, its method, its result, and whether it may be repeated."""
    for row in ENDPOINTS.rows:
        resource = row.function.__module__.rpartition(".")[2]
        yield (
            row.name,
            f"{row.method} {row.path}" if row.version == "v1" else f"{row.method} /api/{row.version}{row.path}",
            f"{resource}.{row.function.__name__}",
            str(row.function.__annotations__["return"]).replace("AsyncPager", "Pager"),
            _repeatable(row),
        )


def _repeatable(row: Row) -> str:
    return "depends on the body" if callable(row.idempotent) else "yes" if row.idempotent else "never"


def as_text() -> str:
    """Return the table in columns."""
    table = [_HEADINGS, *lines()]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table
    )


def as_markdown() -> str:
    """Return the table in Markdown."""
    table = [_HEADINGS, tuple("---" for _ in _HEADINGS)]
    table += [
        (f"`{name}`", f"`{http}`", f"`{method}`", f"`{result}`", twice) for name, http, method, result, twice in lines()
    ]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in table)
