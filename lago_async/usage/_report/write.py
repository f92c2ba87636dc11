"""One HTML page of finished exports, which needs no network: bills by customer and month, growth, usage by metric."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import attrs

from lago_async.errors import LagoFileError
from lago_async.usage._report.adding import add_up
from lago_async.usage._report.extras import require
from lago_async.usage._report.page import render_page


@attrs.frozen
class ReportSummary:
    """What a report was made of, and where it is.

    Attributes:
        periods: Billed periods, each once.
        currencies: The one with most bills first, as on the page.
    """

    rows: int
    customers: int
    subscriptions: int
    periods: int
    currencies: tuple[str, ...]
    path: Path


def write_report(
    sources: Sequence[str | os.PathLike[str]], out: str | os.PathLike[str], *, title: str | None = None
) -> ReportSummary:
    """Turn finished exports into one HTML page.

    The same exports give the same page, to the byte. The page holds totals, never rows: its size is that of the
    drawing library in it, about 5 MB.

    Args:
        sources: Files that end in .ndjson, .jsonl, .csv or .parquet, in any mix, or folders of them.
        out: The page. It is replaced whole, or left as it was.
        title: The page's heading.

    Raises:
        ReportError: A source is no export, two of them hold the same period, or pyarrow or plotly is not installed.
        LagoFileError: The page cannot be written.
    """
    plotly_js: str = require("plotly.offline").get_plotlyjs()
    totals = add_up([Path(each) for each in sources])
    page = render_page(totals, title=title or "Usage and bills", plotly_js=plotly_js)
    path = Path(out)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        with part.open("x", encoding="utf-8", newline="\n") as file:
            file.write(page)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        raise LagoFileError(f"{path}: the report cannot be written: {error.strerror or error}") from error
    finally:
        part.unlink(missing_ok=True)
    return ReportSummary(
        rows=totals.rows,
        customers=totals.customers,
        subscriptions=totals.subscriptions,
        periods=totals.periods,
        currencies=tuple(each.currency for each in totals.currencies),
        path=path,
    )
