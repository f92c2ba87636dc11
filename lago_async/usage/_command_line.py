"""The common parts of the command lines of exports: errors in their own words, options of the client, times."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeVar

from lago_async._net.options import switch_of
from lago_async._streams import say_error
from lago_async.errors import LagoArgumentError, LagoConfigError, LagoError
from lago_async.usage._errors import ExportConflictError, UsageError, is_lasting
from lago_async.usage._export.moments import utc_now
from lago_async.usage._formats.csv import SPREADSHEETS
from lago_async.usage._formats.partition import PARTITIONS
from lago_async.usage._time_words import Span, beginning, span_of
from lago_async.usage._time_words import limit as upper_limit
from lago_async.usage._wording import as_options

if TYPE_CHECKING:
    from lago_async.client import LagoClient

OVERWRITE: Final = ("--overwrite", "--force")
RESUME: Final = "what was committed is kept; run the same command again to resume"
_CORRECT: Final = "what was committed is kept; correct this first, because the same command would fail again"

_Read = TypeVar("_Read")


class ClientArguments(argparse.Namespace):
    """The values of the options that `add_client_options` adds."""

    api_url: str | None
    allow_insecure_http: bool | None
    rate_share: float


def run_command(run: Callable[[], int]) -> int:
    """Run a command, print its error, and return its exit code."""
    try:
        return run()
    except (ExportConflictError, LagoArgumentError, LagoConfigError) as error:
        return print_error(_text_of(error), 2)
    except LagoError as error:
        return print_error(_with_notes(_text_of(error), error), 1)
    except OSError as error:
        text = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return print_error(_with_notes(text, error), 1)
    except KeyboardInterrupt:
        return print_error("interrupted", 130)


def print_error(message: str, code: int) -> int:
    """Print an error, and return the exit code."""
    say_error(f"{message}\n")
    return code


def note_what_to_do(error: LagoError | OSError) -> None:
    """Add to the error that ended an export whether to correct something, or only to run the same command again."""
    if not isinstance(error, ExportConflictError | LagoArgumentError | LagoConfigError):
        error.add_note(_CORRECT if is_lasting(error) else RESUME)


def _text_of(error: LagoError) -> str:
    """Return the text of an error, with the options of this command line instead of the arguments of Python."""
    if isinstance(error, UsageError):  # its problem holds paths and ids, which must stay as they are
        return f"{error.problem}: {as_options(error.remedy)}" if error.remedy else error.problem
    return as_options(str(error))


def _with_notes(text: str, error: Exception) -> str:
    return "; ".join([text, *getattr(error, "__notes__", ())])


# --- options ----------------------------------------------------------------------------------------------------------


def add_client_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which server to use, and how fast."""
    parser.add_argument(
        "--rate-share", type=float, default=1.0, metavar="SHARE", help="share of the rate limit to use (%(default)s)"
    )
    parser.add_argument("--api-url", metavar="URL", help="the server; default: LAGO_API_URL, or Lago Cloud")
    parser.add_argument(
        "--allow-insecure-http",
        action="store_true",
        default=None,
        help="send the API key over plain http, inside a network that you trust; default: LAGO_ALLOW_INSECURE_HTTP",
    )


def add_file_options(parser: argparse.ArgumentParser) -> None:
    """Add the options that say how the file is written."""
    parser.add_argument(
        "--raw-text",
        action="store_true",
        help="CSV only: write text as it is; by default, text that a spreadsheet would run as a formula gets an "
        "apostrophe in front",
    )
    parser.add_argument(
        "--spreadsheet",
        nargs="?",
        const=SPREADSHEETS[0],
        choices=SPREADSHEETS,
        help="CSV only: write what a spreadsheet opens without help; comma: with semicolons and decimal commas, as it "
        "expects in German, French and many other languages; point (if nothing follows): in English",
    )
    parser.add_argument(
        "--partition",
        choices=PARTITIONS,
        help="write a folder of one file per month, such as month=2026-01/part-0.parquet: of the period's start, or of "
        "created_at of the objects of a list, in UTC",
    )
    parser.add_argument(
        *OVERWRITE, action="store_true", help="start from the beginning, and replace the file that is there"
    )
    parser.add_argument("--quiet", action="store_true", help="do not show progress")


def client_of(arguments: ClientArguments, *, connections: int = 100) -> LagoClient:
    """Return the client that the options describe."""
    from lago_async.client import LagoClient

    return LagoClient(
        base_url=arguments.api_url,
        rate_share=arguments.rate_share,
        max_connections=max(100, connections),
        allow_insecure_http=allows_insecure_http(arguments),
    )


def allows_insecure_http(arguments: ClientArguments) -> bool:
    """Return whether the key may be sent over plain http, by the option or the environment."""
    return switch_of("allow_insecure_http", arguments.allow_insecure_http, "LAGO_ALLOW_INSECURE_HTTP")


def positive(text: str) -> int:
    """Return a number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of at least 1")
    return int(text)


def from_time(text: str) -> datetime:
    """Return the beginning of what a text names."""
    return _read(lambda: beginning(text, utc_now()))


def to_time(text: str) -> datetime:
    """Return the time that a text names, which must not be more than a day."""
    return _read(lambda: upper_limit(text, utc_now(), option="--to", instead=", or use --during").begin)


def range_of(text: str) -> Span:
    """Return the span that a text names."""
    span = _read(lambda: span_of(text, utc_now()))
    if span.is_instant:
        raise argparse.ArgumentTypeError(f"{text!r} names no span; name a day, a month or another span of time")
    return span


def _read(read: Callable[[], _Read]) -> _Read:
    try:
        return read()
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
