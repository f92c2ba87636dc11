"""The options that all commands share, in front of the command and after it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import click

from lago_async._cli.output import FORMATS, Output, OutputFormat, default_format
from lago_async._cli.selection import Selection
from lago_async._cli.values import seconds

if TYPE_CHECKING:
    from lago_async._cli.access import Access


@attrs.frozen(kw_only=True)
class Given:
    """The values of the shared options.

    Attributes:
        profile: The profile that the command names.
        format: The format of the result.
        columns: The fields to show.
        selection: The selection of ``--query``; None without it.
        raw_text: Whether CSV has text as it is.
        dry_run: Whether the request is shown instead of sent.
        yes: Whether the question before a risk is answered.
        quiet: Whether no progress is shown.
        timeout: The limit of a call in seconds.
    """

    profile: str | None
    format: OutputFormat
    columns: tuple[str, ...]
    selection: Selection | None
    raw_text: bool
    dry_run: bool
    yes: bool
    quiet: bool
    timeout: float | None

    @property
    def access(self) -> Access:
        """The server to use."""
        from lago_async._cli.access import access_of  # loads the client

        return access_of(self.profile)

    def output(self, known: Sequence[str] = ()) -> Output:
        """Return the writer of the result."""
        # A selection has other fields than the model.
        fields = () if self.selection is not None else known
        return Output(self.format, columns=self.columns, known=fields, raw_text=self.raw_text)


def shared_options(*, changes: bool) -> list[click.Option]:
    """Return new options for a command.

    Args:
        changes: Whether it may change something.
    """
    options = [
        profile_option(),
        click.Option(
            ["format", "-o", "--format"],
            type=click.Choice(list(FORMATS)),
            help="How to print the result: by default, a table on a terminal and JSON elsewhere.",
        ),
        click.Option(["columns", "--columns"], metavar="NAME,...", help="The fields of a table or of CSV."),
        click.Option(["query", "--query"], metavar="JMESPATH", help="Print what a JMESPath expression selects."),
        click.Option(
            ["raw_text", "--raw-text"], is_flag=True, help="CSV: text as it is, even if it looks like a formula."
        ),
        click.Option(["dry_run", "--dry-run"], is_flag=True, help="Print the request, and send nothing."),
        click.Option(["quiet", "-q", "--quiet"], is_flag=True, help="Show no progress and no notes."),
        click.Option(
            ["timeout", "--timeout"], type=seconds, metavar="SECONDS", help="Limit of a call, with its retries."
        ),
    ]
    if changes:
        options.append(yes_option())
    return options


def profile_option() -> click.Option:
    """Return a new option for the profile."""
    return click.Option(
        ["profile", "--profile"],
        metavar="NAME",
        shell_complete=complete_profile,
        help="The profile to use, with its key.",
    )


def complete_profile(_: click.Context, __: click.Parameter, incomplete: str) -> list[str]:
    """Return the profiles that begin with a text; none if the configuration cannot be used."""
    from lago_async._cli.profiles import load_profiles
    from lago_async.errors import LagoConfigError

    try:
        return [name for name in sorted(load_profiles().profiles) if name.startswith(incomplete)]
    except LagoConfigError:
        return []


def yes_option() -> click.Option:
    """Return a new option that answers the question before a risk."""
    return click.Option(["yes", "-y", "--yes"], is_flag=True, help="Do not ask before money moves or something ends.")


def given_options(ctx: click.Context, values: Mapping[str, Any]) -> Given:
    """Return the values of the shared options of a command.

    Raises:
        click.UsageError: The expression of ``--query`` is wrong.
    """
    query: str | None = values.get("query")
    shape: OutputFormat | None = values.get("format")
    columns = [name.strip() for name in (values.get("columns") or "").split(",")]
    return Given(
        profile=profile_of(ctx, values),
        format=default_format() if shape is None else shape,
        columns=tuple(name for name in columns if name),
        selection=None if query is None else Selection(query),
        raw_text=bool(values.get("raw_text")),
        dry_run=bool(values.get("dry_run")),
        yes=bool(values.get("yes")),
        quiet=bool(values.get("quiet")),
        timeout=values.get("timeout"),
    )


def profile_of(ctx: click.Context, values: Mapping[str, Any]) -> str | None:
    """Return the profile that was named after the command, or else in front of it."""
    named: str | None = values.get("profile") or ctx.find_root().params.get("profile")
    return named
