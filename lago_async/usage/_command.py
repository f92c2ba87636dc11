# More than 400 lines in one module, because the options of a command are read together with what uses them.
"""The command line of exports: ``python -m lago_async usage export``, ``report``, ``merge`` and ``schema``."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lago_async._bulk.queries import CONCURRENCY
from lago_async._printable import printable
from lago_async._streams import error_stream, print_result, say
from lago_async.errors import LagoArgumentError, LagoError
from lago_async.usage._cluster.command import add_cluster_options, print_merged, run_on_cluster
from lago_async.usage._cluster.run import export_on_cluster
from lago_async.usage._columns import SCHEMAS
from lago_async.usage._command_line import (
    OVERWRITE,
    RESUME,
    ClientArguments,
    add_client_options,
    add_file_options,
    allows_insecure_http,
    client_of,
    from_time,
    note_what_to_do,
    positive,
    print_error,
    range_of,
    run_command,
    to_time,
)
from lago_async.usage._export.export import export
from lago_async.usage._export.merge import merge
from lago_async.usage._export.moments import shown as shown_time
from lago_async.usage._export.moments import shown_span
from lago_async.usage._export.pairs import Pair
from lago_async.usage._export.selection import read_pairs
from lago_async.usage._formats.choice import FORMATS, target_of
from lago_async.usage._formats.partition import Partitioned
from lago_async.usage._interruption import Interruption
from lago_async.usage._paths import ExportPaths, same_file
from lago_async.usage._readme import as_markdown, as_text
from lago_async.usage._report.extras import check_extras
from lago_async.usage._report.write import write_report
from lago_async.usage._time_words import EXAMPLES, Span

if TYPE_CHECKING:
    from lago_async.usage._columns import RowShape
    from lago_async.usage._export.request import UsageKind
    from lago_async.usage._export.summary import ExportSummary
    from lago_async.usage._formats.base import Format, FormatName
    from lago_async.usage._formats.csv import Spreadsheet
    from lago_async.usage._formats.partition import Partition

_EXIT_CODES = """\
exit codes:
  0    everything is exported
  1    stopped by an error; its last words say whether to correct something
       or just to run the same command again to resume
  2    invalid arguments, or what is in the place of the output file must not
       be replaced: another export, one of another time, a changed file
  3    finished, but some subscriptions failed: they are listed beside the
       file, and the same command retries only those
  130  interrupted (143: terminated); run the same command again to resume
"""


class _Arguments(ClientArguments):
    """The values that the parsers below set."""

    run: Callable[[_Arguments], int]
    out: str
    kind: str
    from_datetime: datetime | None
    to_datetime: datetime | None
    periods: int | None
    metric: str | None
    subscriptions: str | None
    format: str | None
    per_page: int | None
    concurrency: int
    raw_text: bool
    spreadsheet: str | None
    partition: str | None
    rows: str
    names: bool
    during: Span | None
    report: str | None
    overwrite: bool
    dask: str | None
    shards: int | None
    quiet: bool
    sources: list[Path]
    title: str | None
    markdown: bool


def main(argv: Sequence[str], *, prog: str = "python -m lago_async usage") -> int:
    """Run a command, and return its exit code."""
    arguments = _parser(prog).parse_args(argv, _Arguments())
    return run_command(lambda: arguments.run(arguments))


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=prog, description="Export usage to files, and build reports from them.")
    commands = parser.add_subparsers(dest="command", required=True)

    exporting = commands.add_parser(
        "export",
        help="fetch usage into a file",
        description="Fetch past or current usage of all or some subscriptions into one file. After any interruption, "
        "run the same command again to resume. The API key is read from LAGO_API_KEY.",
        epilog=_EXIT_CODES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    exporting.set_defaults(run=_export)
    exporting.add_argument(
        "--out",
        required=True,
        help="FILE.ndjson, .jsonl, .csv, .parquet or .xlsx; or a folder, which gets a file named usage",
    )
    exporting.add_argument(
        "--kind",
        choices=("past", "current"),
        default="past",
        help="past: billed periods; current: the running period (%(default)s)",
    )
    exporting.add_argument(
        "--rows",
        choices=tuple(SCHEMAS),
        default="charge",
        help="charge: one row per charge, filter and group; period: one row per period (%(default)s)",
    )
    exporting.add_argument(
        "--from",
        dest="from_datetime",
        type=from_time,
        metavar="TIME",
        help=f"only periods that begin then or later; in UTC: {EXAMPLES}",
    )
    exporting.add_argument(
        "--to",
        dest="to_datetime",
        type=to_time,
        metavar="TIME",
        help="only periods that begin before this day or time, which is not included",
    )
    exporting.add_argument(
        "--during",
        type=range_of,
        metavar="SPAN",
        help="only periods that begin in this span of time, instead of --from and --to: 2026-01, 'last month', ...",
    )
    exporting.add_argument(
        "--periods", type=positive, metavar="N", help="only the N newest periods of each subscription"
    )
    exporting.add_argument("--metric", metavar="CODE", help="only usage of this billable metric")
    exporting.add_argument(
        "--subscriptions",
        metavar="FILE",
        help="export only the subscriptions in this file: NDJSON or CSV with external_customer_id and "
        "external_subscription_id, such as a list of failures; - reads standard input",
    )
    exporting.add_argument(
        "--format", choices=tuple(FORMATS), help="the file format, if the suffix of the file does not say it"
    )
    exporting.add_argument(
        "--per-page",
        type=positive,
        metavar="N",
        help="periods per page; by default as many as fit in about half a megabyte",
    )
    exporting.add_argument(
        "--concurrency",
        type=positive,
        default=CONCURRENCY,
        metavar="N",
        help="calls in flight at a time (%(default)s)",
    )
    add_client_options(exporting)
    add_file_options(exporting)
    exporting.add_argument(
        "--report", metavar="PAGE", help="also build the HTML page of charts, if no subscription failed"
    )
    exporting.add_argument("--title", help="title of that page")
    exporting.add_argument(
        "--no-names",
        dest="names",
        action="store_false",
        help="do not list invoices, customers and plans: leave the status of invoices and the names empty",
    )
    add_cluster_options(exporting)

    reporting = commands.add_parser("report", help="build an HTML page of charts from exports")
    reporting.set_defaults(run=_report)
    reporting.add_argument(
        "sources", nargs="+", type=Path, metavar="SOURCE", help="an export, or a folder with exports"
    )
    reporting.add_argument("--out", required=True, metavar="FILE", help="the HTML page to write")
    reporting.add_argument("--title", help="title of the page")
    reporting.add_argument(*OVERWRITE, action="store_true", help="replace a file that is not a report")

    merging = commands.add_parser("merge", help="merge finished exports of one format into one file")
    merging.set_defaults(run=_merge)
    merging.add_argument(
        "sources", nargs="+", type=Path, metavar="SOURCE", help="an export, or a folder with one export"
    )
    merging.add_argument("--out", required=True, help="the merged file, or a folder for it")
    merging.add_argument(*OVERWRITE, action="store_true", help="replace an existing file")

    describing = commands.add_parser("schema", help="print the columns of an export")
    describing.set_defaults(run=_schema)
    describing.add_argument("--markdown", action="store_true", help="print a page in Markdown")
    return parser


# --- export -----------------------------------------------------------------------------------------------------------


def _export(arguments: _Arguments) -> int:
    _check_range(arguments)
    _check_report(arguments)
    given = arguments.subscriptions
    if given not in (None, "-"):
        _check_is_not_written(Path(str(given)), arguments)
    pairs = None if given is None else read_pairs(None if given == "-" else Path(given))
    if arguments.shards is not None and arguments.dask is None:
        raise LagoArgumentError("--shards is for exports with --dask")
    interruption = Interruption()
    try:
        if arguments.dask is not None:
            return _export_on_cluster(arguments, pairs, arguments.dask)
        summary = asyncio.run(_fetch(arguments, pairs, interruption))
    except (asyncio.CancelledError, KeyboardInterrupt):
        return print_error(f"stopped; {RESUME}", interruption.code or 130)
    except (LagoError, OSError) as error:
        note_what_to_do(error)
        raise
    _print_summary(summary, arguments)
    if arguments.report is not None:
        if not summary.complete:
            say(f"no report was written to {arguments.report}, because subscriptions are missing\n")
        else:
            write_report([summary.path], arguments.report, title=arguments.title, overwrite=arguments.overwrite)
            say(f"written to {arguments.report}\n")
    return 0 if summary.complete else 3


def _target(arguments: _Arguments) -> tuple[Path, Format]:
    return target_of(
        Path(arguments.out),
        folder=arguments.out.endswith("/"),
        name=arguments.format,
        raw_text=arguments.raw_text,
        spreadsheet=cast("Spreadsheet | None", arguments.spreadsheet),
        partition=cast("Partition | None", arguments.partition),
    )


def _check_range(arguments: _Arguments) -> None:
    """Check the range, and take it from ``--during`` if that is given."""
    during = arguments.during
    if during is not None:
        if arguments.from_datetime is not None or arguments.to_datetime is not None:
            raise LagoArgumentError("--during names the whole range: omit --from and --to, or use only these")
        arguments.from_datetime, arguments.to_datetime = during.begin, during.end
    begin, end = arguments.from_datetime, arguments.to_datetime
    if begin is not None and end is not None and begin >= end:
        raise LagoArgumentError(
            f"the range is empty: --from is {shown_time(begin)}, and --to, which is not included, {shown_time(end)}"
        )


def _check_report(arguments: _Arguments) -> None:
    """Check before anything is fetched that the report can be written."""
    if arguments.report is None:
        return
    from lago_async.usage._report.target import check_target

    if arguments.rows != "charge":
        raise LagoArgumentError("--report needs one row per charge: omit --rows")
    if arguments.spreadsheet is not None:
        raise LagoArgumentError("--report cannot read a CSV for spreadsheets: omit --spreadsheet, or write two files")
    out, file_format = _target(arguments)
    files = file_format.inner if isinstance(file_format, Partitioned) else file_format
    if not files.readable:
        raise LagoArgumentError(f"--report cannot read {files.name}: omit --report, or export to Parquet, too")
    check_extras()
    check_target(Path(arguments.report), read=[out], overwrite=arguments.overwrite)


def _export_on_cluster(arguments: _Arguments, pairs: list[Pair] | None, scheduler: str) -> int:
    options = (arguments.spreadsheet, arguments.partition, arguments.report)
    if arguments.rows != "charge" or any(option is not None for option in options):
        raise LagoArgumentError("--rows period, --spreadsheet, --partition and --report are for exports without --dask")
    exporting = partial(
        export_on_cluster,
        out=arguments.out,
        shards=arguments.shards,
        format=cast("FormatName | None", arguments.format),
        kind=cast("UsageKind", arguments.kind),
        subscriptions=pairs,
        from_datetime=arguments.from_datetime,
        to_datetime=arguments.to_datetime,
        periods_count=arguments.periods,
        billable_metric_code=arguments.metric,
        per_page=arguments.per_page,
        concurrency=arguments.concurrency,
        raw_text=arguments.raw_text,
        overwrite=arguments.overwrite,
        base_url=arguments.api_url,
        allow_insecure_http=allows_insecure_http(arguments),
        rate_share=arguments.rate_share,
    )
    return run_on_cluster(scheduler, exporting, quiet=arguments.quiet)


def _check_is_not_written(given: Path, arguments: _Arguments) -> None:
    """Refuse an output that would be written over the list of subscriptions."""
    out, _ = _target(arguments)
    paths = ExportPaths(out, arguments.partition is not None)
    inside = paths.is_folder and out.resolve() in given.resolve().parents
    if inside or any(same_file(given, written) for written in (out, *paths.companions)):
        raise LagoArgumentError(
            f"--subscriptions {given} is a file that --out {arguments.out} would be written over; use another --out"
        )


async def _fetch(arguments: _Arguments, pairs: list[Pair] | None, interruption: Interruption) -> ExportSummary:
    from lago_async.usage._console import shown

    interruption.watch()
    async with client_of(arguments, connections=arguments.concurrency) as client:
        with shown(error_stream(), lambda: client.rate_limits, quiet=arguments.quiet) as show:
            return await export(
                client,
                arguments.out,
                format=cast("FormatName | None", arguments.format),
                kind=cast("UsageKind", arguments.kind),
                rows=cast("RowShape", arguments.rows),
                subscriptions=pairs,
                from_datetime=arguments.from_datetime,
                to_datetime=arguments.to_datetime,
                periods_count=arguments.periods,
                billable_metric_code=arguments.metric,
                per_page=arguments.per_page,
                concurrency=arguments.concurrency,
                raw_text=arguments.raw_text,
                spreadsheet=cast("Spreadsheet | None", arguments.spreadsheet),
                partition=cast("Partition | None", arguments.partition),
                names=arguments.names,
                overwrite=arguments.overwrite,
                on_progress=show,
            )


_NAMED = 10  # subscriptions that do not exist


def _print_summary(summary: ExportSummary, arguments: _Arguments) -> None:
    said = [f"{summary.subscriptions:,} subscriptions, {summary.rows:,} rows\n"]
    if summary.no_rows:
        said.append(f"there are no rows, because {summary.no_rows}\n")
    if arguments.from_datetime is not None or arguments.to_datetime is not None:
        said.append(f"periods that begin {_range_text(arguments)}\n")
    when = shown_span(summary.began_at, summary.finished_at)
    more = ""
    if summary.open_ended and arguments.kind == "past":
        more = "; what is billed later is not in it"
    if summary.untouched:
        said.insert(0, f"{summary.path} is already complete, {when}{more}: ")
    else:
        said.append(f"written to {summary.path}, {when}{more}\n")
        if summary.skipped:
            said.append(f"{summary.skipped:,} of the subscriptions were fetched by an earlier run\n")
    if summary.ended:
        said.append(f"{summary.ended:,} subscriptions ended during the export, and have no current usage\n")
    if summary.unknown:
        names = [subscription for _, subscription in summary.unknown[:_NAMED]]
        rest = len(summary.unknown) - len(names)
        said.append(
            f"{_counted(len(summary.unknown), 'subscription does', 'subscriptions do')} not exist: "
            f"{', '.join(map(printable, names))}{f' and {rest:,} more' if rest else ''}\n"
        )
    if summary.failures:
        said.append(
            f"{_counted(summary.failures, 'subscription', 'subscriptions')} failed, and are listed in "
            f"{summary.failures_path}; run the same command again to retry only those\n"
        )
    say("".join(said))


def _range_text(arguments: _Arguments) -> str:
    begin, end = arguments.from_datetime, arguments.to_datetime
    parts = [] if begin is None else [f"at {shown_time(begin)} or later"]
    return " and ".join(parts + ([] if end is None else [f"before {shown_time(end)}"]))


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


# --- report, merge and schema -----------------------------------------------------------------------------------------


def _report(arguments: _Arguments) -> int:
    summary = write_report(arguments.sources, arguments.out, title=arguments.title, overwrite=arguments.overwrite)
    say("".join(f"{about}: {said}\n" for about, said in summary.check) + f"written to {arguments.out}\n")
    return 0


def _merge(arguments: _Arguments) -> int:
    print_merged(merge(arguments.sources, arguments.out, overwrite=arguments.overwrite))
    return 0


def _schema(arguments: _Arguments) -> int:
    return print_result(as_markdown() if arguments.markdown else as_text() + "\n")
