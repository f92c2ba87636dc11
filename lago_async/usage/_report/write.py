"""The report: one HTML page from finished exports, which needs no network."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import attrs

from lago_async.errors import LagoFileError


@attrs.frozen
class ReportSummary:
    """The result of a report.

    Attributes:
        rows: Rows in the exports.
        customers: Customers in the exports.
        subscriptions: Subscriptions in the exports.
        periods: Periods in the exports.
        currencies: The currencies in the order of the page: the one with most bills first.
        path: The page.
        check: The first check in words, as it stands at the top of the page: what each part is about, and what is to be
            said of it.
    """

    rows: int
    customers: int
    subscriptions: int
    periods: int
    currencies: tuple[str, ...]
    path: Path
    check: tuple[tuple[str, str], ...] = ()


def write_report(
    sources: Sequence[str | os.PathLike[str]],
    out: str | os.PathLike[str],
    *,
    title: str | None = None,
    overwrite: bool = False,
) -> ReportSummary:
    """Build one HTML page with charts and tables from finished exports. It blocks.

    The same exports give the same page, byte for byte. The page contains totals, not rows. It has about 5 MB, most of
    which are the drawing library. It needs the extra ``report``.

    Args:
        sources: Exports in any mix of formats, or folders with exports.
        out: The page. An existing report is replaced atomically; a file of anything else is not.
        title: The heading of the page.
        overwrite: Replace a file that is not a report. The exports are never replaced.

    Returns:
        What the exports contain.

    Raises:
        ReportError: A source is not an export, two sources contain the same period, or pyarrow or plotly is not
            installed.
        ExportConflictError: A file is there that is not a report.
        LagoArgumentError: ``out`` is an export, or has the name of one.
        LagoFileError: The page cannot be written.
    """
    from lago_async.usage._report.adding import add_up
    from lago_async.usage._report.extras import require
    from lago_async.usage._report.first_check import check_in_words
    from lago_async.usage._report.page import render_page
    from lago_async.usage._report.sources import export_files
    from lago_async.usage._report.target import check_target

    plotly_js: str = require("plotly.offline").get_plotlyjs()
    path = Path(out)
    files = export_files([Path(item) for item in sources])
    check_target(path, read=files, overwrite=overwrite)
    totals = add_up(files)
    page = render_page(totals, title=title or "Usage and bills", plotly_js=plotly_js)
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
        currencies=tuple(item.currency for item in totals.currencies),
        path=path,
        check=check_in_words(totals),
    )
