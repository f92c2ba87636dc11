"""The command line of exports of lists: ``python -m lago_async export invoices --out invoices.parquet``."""

from __future__ import annotations

import argparse
import asyncio
import difflib
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final, cast

from lago_async._registry import ENDPOINTS
from lago_async._streams import error_stream, print_result, say
from lago_async.errors import LagoError
from lago_async.exports._columns import schema_of
from lago_async.exports._export import export_list
from lago_async.exports._filters import add_filters, arguments_of
from lago_async.exports._request import list_name
from lago_async.usage._command_line import (
    RESUME,
    ClientArguments,
    add_client_options,
    add_file_options,
    client_of,
    note_what_to_do,
    positive,
    print_error,
    run_command,
)
from lago_async.usage._export.moments import shown_span
from lago_async.usage._formats.choice import FORMATS
from lago_async.usage._interruption import Interruption

if TYPE_CHECKING:
    from collections.abc import Callable

    from lago_async._table.rows import Row
    from lago_async.exports._summary import ListExportSummary, ListProgress
    from lago_async.usage._export.progress import Progress
    from lago_async.usage._formats.base import FormatName
    from lago_async.usage._formats.csv import Spreadsheet
    from lago_async.usage._formats.partition import Partition

_EXIT_CODES: Final = """\
exit codes:
  0    everything is exported
  1    stopped by an error; its last words say whether to correct something
       or just to run the same command again to resume
  2    invalid arguments, or what is in the place of the output file must not
       be replaced: another export, one of another time, a changed file
  130  interrupted (143: terminated); run the same command again to resume
"""


class _Arguments(ClientArguments):
    """The values that the parser sets, besides those of the filters."""

    out: str | None
    format: str | None
    per_page: int | None
    raw_text: bool
    spreadsheet: str | None
    partition: str | None
    overwrite: bool
    quiet: bool
    columns: bool


def lists() -> dict[str, Row]:
    """Return the lists that can be exported, by name; reading them loads no model."""
    found: dict[str, Row] = {}
    for row in ENDPOINTS.rows:
        returns = str(row.function.__annotations__["return"])
        if not row.overload and row.method == "GET" and returns.startswith(("AsyncPager[", "list[")):
            found[list_name(row.name)] = row
    return found


def main(argv: Sequence[str], *, prog: str = "python -m lago_async export") -> int:
    """Run the command, and return its exit code."""
    known = lists()
    name = argv[0].replace("-", "_") if argv and not argv[0].startswith("-") else None
    if name is None or name not in known:
        return _without_list(argv, prog, known)
    row = known[name]
    parser = _parser(f"{prog} {argv[0]}", row)
    arguments = parser.parse_args(argv[1:], _Arguments())
    if arguments.columns:
        return print_result(_columns_text(row))
    if arguments.out is None:
        parser.error("the following arguments are required: --out")
    return run_command(lambda: _run(arguments, row, arguments.out or ""))


def _without_list(argv: Sequence[str], prog: str, known: dict[str, Row]) -> int:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Fetch a list into one file. After any interruption, run the same command again to resume. The API "
        f"key is read from LAGO_API_KEY. `{prog} LIST --help` shows the filters of a list, `--columns` its columns. "
        f"Usage is exported by `{prog.removesuffix('export')}usage export`.",
        epilog="lists:\n" + "\n".join(f"  {name}" for name in sorted(known)),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("list", metavar="LIST", help="the list to export")
    given = parser.parse_args(argv[:1]).list
    if given == "usage":
        parser.error("usage has a command of its own: usage export")
    near = difflib.get_close_matches(str(given), known, n=3)
    parser.error(f"there is no list {given!r}" + (f"; did you mean {' or '.join(near)}?" if near else ""))


def _parser(prog: str, row: Row) -> argparse.ArgumentParser:
    summary = (row.function.__doc__ or "").partition("\n")[0]
    parser = argparse.ArgumentParser(
        prog=prog,
        description=f"{summary} Into one file, with one row per object. After any interruption, run the same command "
        "again to resume. The API key is read from LAGO_API_KEY.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    stem = list_name(row.name)
    parser.add_argument(
        "--out",
        metavar="FILE",
        help=f"FILE.ndjson, .jsonl, .csv, .parquet or .xlsx; or a folder, for a file named {stem}",
    )
    parser.add_argument("--columns", action="store_true", help="print the columns, and fetch nothing")
    parser.add_argument(
        "--format", choices=tuple(FORMATS), help="the file format, if the suffix of the file does not say it"
    )
    if row.paged:
        parser.add_argument("--per-page", type=positive, metavar="N", help="objects per page (100)")
    add_client_options(parser)
    add_file_options(parser)
    add_filters(parser, row.endpoint)
    return parser


def _columns_text(row: Row) -> str:
    columns = schema_of(row.endpoint, list_name(row.name)).columns
    width = max(len(column.name) for column in columns)
    return "".join(f"{column.name:<{width}}  {column.type}\n" for column in columns)


def _run(arguments: _Arguments, row: Row, out: str) -> int:
    interruption = Interruption()
    try:
        summary = asyncio.run(_fetch(arguments, row, out, interruption))
    except (asyncio.CancelledError, KeyboardInterrupt):
        return print_error(f"stopped; {RESUME}", interruption.code or 130)
    except (LagoError, OSError) as error:
        note_what_to_do(error)
        raise
    _print_summary(summary)
    return 0


async def _fetch(arguments: _Arguments, row: Row, out: str, interruption: Interruption) -> ListExportSummary:
    from lago_async._bulk.reader import prepare_call
    from lago_async.usage._console import shown

    interruption.watch()
    args, filters = arguments_of(arguments, row.endpoint)
    async with client_of(arguments) as client:
        group: Any = getattr(client, row.function.__module__.rpartition(".")[2])
        operation: Any = getattr(group, row.function.__name__)
        if row.paged:
            size = {} if arguments.per_page is None else {"per_page": arguments.per_page}
            source = operation(*args, **filters, **size)
        else:
            source = prepare_call(operation, args, filters)
        limits = partial(getattr, client, "rate_limits")
        with shown(error_stream(), limits, quiet=arguments.quiet, things="objects") as show:
            return await export_list(
                source,
                out,
                format=cast("FormatName | None", arguments.format),
                raw_text=arguments.raw_text,
                spreadsheet=cast("Spreadsheet | None", arguments.spreadsheet),
                partition=cast("Partition | None", arguments.partition),
                overwrite=arguments.overwrite,
                on_progress=None if show is None else partial(_show, show),
            )


def _show(show: Callable[[Progress], None], progress: ListProgress) -> None:
    from lago_async.usage._export.progress import Progress

    show(
        Progress(
            subscriptions=progress.rows,
            total=progress.total,
            skipped=progress.skipped,
            failures=0,
            rows=progress.rows,
            seconds=progress.seconds,
        )
    )


def _print_summary(summary: ListExportSummary) -> None:
    when = shown_span(summary.began_at, summary.finished_at)
    said = [f"{summary.rows:,} rows\n"]
    if summary.no_rows:
        said.append(f"there are no rows, because {summary.no_rows}\n")
    if summary.untouched:
        said.insert(0, f"{summary.path} is already complete, {when}: ")
    else:
        said.append(f"written to {summary.path}, {when}\n")
        if summary.skipped:
            said.append(f"{summary.skipped:,} of the rows were fetched by an earlier run\n")
        if summary.changed:
            said.append(
                "the list changed while it was fetched: what joined or left it meanwhile may be missing, and "
                "everything else is in the file once\n"
            )
    say("".join(said))
