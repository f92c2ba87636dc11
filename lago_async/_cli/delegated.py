"""Commands that `python -m lago_async` has, too: they get the settings of the profile, and read their own arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from lago_async._cli.access import access_of
from lago_async._cli.options import profile_of

_UNTOUCHED = {"ignore_unknown_options": True, "allow_interspersed_args": False, "help_option_names": list[str]()}


def delegated(
    name: str, text: str, run: Callable[[Sequence[str], str], int], *, needs_key: Callable[[Sequence[str]], bool]
) -> click.Command:
    """Return a command that hands its arguments on.

    Args:
        name: Its name.
        text: One line of help.
        run: Runs it with its arguments and its name, and returns the exit code.
        needs_key: Whether it sends something, so that the key is read.
    """

    @click.pass_context
    def start(ctx: click.Context, /, arguments: tuple[str, ...]) -> int:
        if needs_key(arguments):
            access_of(profile_of(ctx, {})).enter_environment()
        return run(arguments, f"lago {name}")

    return click.Command(
        name,
        params=[click.Argument(["arguments"], nargs=-1, type=click.UNPROCESSED)],
        callback=start,
        help=text,
        add_help_option=False,
        context_settings=_UNTOUCHED,
    )


def usage_command() -> click.Command:
    """Return the command for exports and reports of usage."""

    def run(arguments: Sequence[str], name: str) -> int:
        from lago_async.usage._command import main

        return main(arguments, prog=name)

    return delegated(
        "usage",
        "Export usage to files, and build reports from them.",
        run,
        needs_key=lambda arguments: arguments[:1] == ("export",) and not _asks_for_help(arguments),
    )


def doctor_command() -> click.Command:
    """Return the command that checks the settings."""

    def run(arguments: Sequence[str], name: str) -> int:
        from lago_async._doctor.command import main

        return main(arguments, prog=name)

    return delegated(
        "doctor",
        "Check the settings, the server, the key and its permissions.",
        run,
        needs_key=lambda arguments: not _asks_for_help(arguments),
    )


def sandbox_command() -> click.Command:
    """Return the command that serves a sandbox."""

    def run(arguments: Sequence[str], name: str) -> int:
        from lago_async.sandbox._command import main

        return main(arguments, prog=name)

    return delegated("sandbox", "Serve an embedded Lago on a loopback port.", run, needs_key=lambda _: False)


def endpoints_command() -> click.Command:
    """Return the command that prints the table."""

    def run(arguments: Sequence[str], name: str) -> int:
        from lago_async.__main__ import print_endpoints

        return print_endpoints(arguments, prog=name)

    return delegated("endpoints", "Print the endpoint table.", run, needs_key=lambda _: False)


def _asks_for_help(arguments: Sequence[str]) -> bool:
    return "-h" in arguments or "--help" in arguments
