"""The command line of exports: ``python -m lago_async usage export``, ``report``, ``merge`` and ``schema``."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from lago_async._bulk.queries import CONCURRENCY
from lago_async._net.options import switch_of
from lago_async._printable import printable
from lago_async._streams import error_stream, print_result, say, say_error
from lago_async.errors import LagoArgumentError, LagoConfigError, LagoError
from lago_async.usage._cluster.command import add_cluster_options, print_merged, run_on_cluster
from lago_async.usage._cluster.run import export_on_cluster
from lago_async.usage._errors import ExportConflictError, UsageError, is_lasting
from lago_async.usage._export.export import export
from lago_async.usage._export.merge import merge
from lago_async.usage._export.moments import shown as shown_time
from lago_async.usage._export.pairs import Pair
from lago_async.usage._export.selection import read_pairs
from lago_async.usage._formats.choice import FORMATS, target_of
from lago_async.usage._interruption import Interruption
from lago_async.usage._paths import ExportPaths, same_file
from lago_async.usage._readme import as_markdown, as_text
from lago_async.usage._report.write import write_report
from lago_async.usage._wording import as_options

if TYPE_CHECKING:
    from lago_async.usage._export.request import UsageKind
    from lago_async.usage._export.summary import ExportSummary
    from lago_async.usage._formats.base import FormatName

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

_OVERWRITE = ("--overwrite", "--force")
_RESUME = "what was committed is kept; run the same command again to resume"
_CORRECT = "what was committed is kept; correct this first, because the same command would fail again"


class _Arguments(argparse.Namespace):
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
    rate_share: float
    api_url: str | None
    allow_insecure_http: bool | None
    raw_text: bool
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
    try:
        return arguments.run(arguments)
    except (ExportConflictError, LagoArgumentError, LagoConfigError) as error:
        return _print_error(_text_of(error), 2)
    except LagoError as error:
        return _print_error(_with_notes(_text_of(error), error), 1)
    except OSError as error:
        text = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return _print_error(_with_notes(text, error), 1)
    except KeyboardInterrupt:
        return _print_error("interrupted", 130)


def _print_error(message: str, code: int) -> int:
    say_error(f"{message}\n")
    return code


def _text_of(error: LagoError) -> str:
    """Return the text of an error, with the options of this command line instead of the arguments of Python."""
    if isinstance(error, UsageError):  # its problem holds paths and ids, which must stay as they are
        return f"{error.problem}: {as_options(error.remedy)}" if error.remedy else error.problem
    return as_options(str(error))


def _with_notes(text: str, error: Exception) -> str:
    return "; ".join([text, *getattr(error, "__notes__", ())])


def _time(text: str) -> datetime:
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a date or time like 2025-01-31 or 2025-01-31T12:00:00Z"
        ) from None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 1")
    return int(text)


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
        "--out", required=True, help="FILE.ndjson, .jsonl, .csv or .parquet; or a folder, which gets a file named usage"
    )
    exporting.add_argument(
        "--kind",
        choices=("past", "current"),
        default="past",
        help="past: billed periods; current: the running period (%(default)s)",
    )
    exporting.add_argument(
        "--from",
        dest="from_datetime",
        type=_time,
        metavar="TIME",
        help="only periods that begin at this time or later (UTC)",
    )
    exporting.add_argument(
        "--to", dest="to_datetime", type=_time, metavar="TIME", help="only periods that begin before this time (UTC)"
    )
    exporting.add_argument(
        "--periods", type=_positive, metavar="N", help="only the N newest periods of each subscription"
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
        type=_positive,
        metavar="N",
        help="periods per page; by default as many as fit in about half a megabyte",
    )
    exporting.add_argument(
        "--concurrency",
        type=_positive,
        default=CONCURRENCY,
        metavar="N",
        help="calls in flight at a time (%(default)s)",
    )
    exporting.add_argument(
        "--rate-share", type=float, default=1.0, metavar="SHARE", help="share of the rate limit to use (%(default)s)"
    )
    exporting.add_argument("--api-url", metavar="URL", help="the server; default: LAGO_API_URL, or Lago Cloud")
    exporting.add_argument(
        "--allow-insecure-http",
        action="store_true",
        default=None,
        help="send the API key over plain http, inside a network that you trust; default: LAGO_ALLOW_INSECURE_HTTP",
    )
    exporting.add_argument(
        "--no-names",
        dest="names",
        action="store_false",
        help="do not list invoices, customers and plans: leave the status of invoices and the names empty",
    )
    exporting.add_argument(
        "--raw-text",
        action="store_true",
        help="CSV only: write text as it is; by default, text that a spreadsheet would run as a formula gets an "
        "apostrophe in front",
    )
    exporting.add_argument(
        *_OVERWRITE, action="store_true", help="start from the beginning, and replace the file that is there"
    )
    add_cluster_options(exporting)
    exporting.add_argument("--quiet", action="store_true", help="do not show progress")

    reporting = commands.add_parser("report", help="build an HTML page of charts from exports")
    reporting.set_defaults(run=_report)
    reporting.add_argument(
        "sources", nargs="+", type=Path, metavar="SOURCE", help="an export, or a folder with exports"
    )
    reporting.add_argument("--out", required=True, metavar="FILE", help="the HTML page to write")
    reporting.add_argument("--title", help="title of the page")
    reporting.add_argument(*_OVERWRITE, action="store_true", help="replace a file that is not a report")

    merging = commands.add_parser("merge", help="merge finished exports of one format into one file")
    merging.set_defaults(run=_merge)
    merging.add_argument(
        "sources", nargs="+", type=Path, metavar="SOURCE", help="an export, or a folder with one export"
    )
    merging.add_argument("--out", required=True, help="the merged file, or a folder for it")
    merging.add_argument(*_OVERWRITE, action="store_true", help="replace an existing file")

    describing = commands.add_parser("schema", help="print the columns of an export")
    describing.set_defaults(run=_schema)
    describing.add_argument("--markdown", action="store_true", help="print a page in Markdown")
    return parser


# --- export -----------------------------------------------------------------------------------------------------------


def _export(arguments: _Arguments) -> int:
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
        return _print_error(f"stopped; {_RESUME}", interruption.code or 130)
    except (LagoError, OSError) as error:
        if not isinstance(error, ExportConflictError | LagoArgumentError | LagoConfigError):
            error.add_note(_CORRECT if is_lasting(error) else _RESUME)
        raise
    _print_summary(summary, kind=arguments.kind)
    return 0 if summary.complete else 3


def _export_on_cluster(arguments: _Arguments, pairs: list[Pair] | None, scheduler: str) -> int:
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
        allow_insecure_http=_allows_insecure_http(arguments),
        rate_share=arguments.rate_share,
    )
    return run_on_cluster(scheduler, exporting, quiet=arguments.quiet)


def _allows_insecure_http(arguments: _Arguments) -> bool:
    return switch_of("allow_insecure_http", arguments.allow_insecure_http, "LAGO_ALLOW_INSECURE_HTTP")


def _check_is_not_written(given: Path, arguments: _Arguments) -> None:
    """Refuse an output that would be written over the list of subscriptions."""
    out, _ = target_of(
        Path(arguments.out), folder=arguments.out.endswith("/"), name=arguments.format, raw_text=arguments.raw_text
    )
    if any(same_file(given, written) for written in (out, *ExportPaths(out).companions)):
        raise LagoArgumentError(
            f"--subscriptions {given} is a file that --out {arguments.out} would be written over; use another --out"
        )


async def _fetch(arguments: _Arguments, pairs: list[Pair] | None, interruption: Interruption) -> ExportSummary:
    from lago_async.client import LagoClient
    from lago_async.usage._console import shown

    interruption.watch()
    client = LagoClient(
        base_url=arguments.api_url,
        rate_share=arguments.rate_share,
        max_connections=max(100, arguments.concurrency),
        allow_insecure_http=_allows_insecure_http(arguments),
    )
    async with client:
        with shown(error_stream(), lambda: client.rate_limits, quiet=arguments.quiet) as show:
            return await export(
                client,
                arguments.out,
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
                names=arguments.names,
                overwrite=arguments.overwrite,
                on_progress=show,
            )


_NAMED = 10  # subscriptions that do not exist


def _print_summary(summary: ExportSummary, *, kind: str) -> None:
    said = [f"{summary.subscriptions:,} subscriptions, {summary.rows:,} rows\n"]
    if summary.no_rows:
        said.append(f"there are no rows, because {summary.no_rows}\n")
    began, finished = shown_time(summary.began_at), shown_time(summary.finished_at)
    when = f"as of {began}" if began == finished else f"fetched from {began} to {finished}"
    more = ""
    if summary.open_ended and kind == "past":
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
