"""The command ``lago completion``: the script by which a shell completes commands, options and profiles."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from lago_async._cli.exit_codes import ExitCode
from lago_async._cli.output import emit

SHELLS = ("bash", "zsh", "fish")


def completion_command() -> click.Command:
    """Return the command."""
    return click.Command(
        "completion",
        params=[click.Argument(["shell"], type=click.Choice(SHELLS))],
        callback=_print,
        help='Print the completion of a shell, such as for ~/.bashrc: eval "$(lago completion bash)".',
    )


def _print(*, shell: str) -> int:
    from lago_async._cli.application import root_command

    made = get_completion_class(shell)
    if made is None:
        raise click.UsageError(f"click has no completion for {shell}")
    emit(f"{made(root_command(), {}, 'lago', '_LAGO_COMPLETE').source()}\n")
    return ExitCode.DONE
