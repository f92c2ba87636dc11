"""The endpoint table as text, for the command line and for the page that the README links to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._registry import ENDPOINTS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lago_async._table.rows import Row

_HEADINGS = ("operation", "HTTP", "method", "returns", "sent twice?", "sent to", "needs")


def lines(*, gates_only: bool = False) -> Iterator[tuple[str, ...]]:
    """Yield one line per operation, or per operation with gates.

    A line has its name, its HTTP line, its method, its result, whether it may be repeated, the setting with the URL of
    its host if that is not ``base_url``, and its gates.
    """
    for row in ENDPOINTS.rows:
        if gates_only and not row.gates:
            continue
        resource = row.function.__module__.rpartition(".")[2]
        yield (
            row.name,
            f"{row.method} {row.path}" if row.version == "v1" else f"{row.method} /api/{row.version}{row.path}",
            f"{resource}.{row.function.__name__}",
            str(row.function.__annotations__["return"]).replace("AsyncPager", "Pager"),
            _repeatable(row),
            "" if row.host == "api" else "ingest_url",
            ", ".join(row.gates),
        )


def _repeatable(row: Row) -> str:
    return "depends on the body" if callable(row.idempotent) else "yes" if row.idempotent else "never"


def as_text(*, gates_only: bool = False) -> str:
    """Return the table in columns."""
    table = [_HEADINGS, *lines(gates_only=gates_only)]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in table
    )


def as_markdown(*, gates_only: bool = False) -> str:
    """Return the table in Markdown."""
    table = [_HEADINGS, tuple("---" for _ in _HEADINGS)]
    table += [
        (*(f"`{cell}`" for cell in (name, http, method, result)), twice, host, gates)
        for name, http, method, result, twice, host, gates in lines(gates_only=gates_only)
    ]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in table)
