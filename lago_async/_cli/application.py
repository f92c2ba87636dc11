"""The root of the console script: the commands, loaded when they are asked for, and what ends one of them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, cast

import click

from lago_async._cli.exit_codes import ExitCode, InterruptedCallError, OutputEndedError, code_of, is_uncertain
from lago_async._cli.options import profile_option
from lago_async._printable import printable
from lago_async._streams import say_error
from lago_async.errors import LagoError
from lago_async.resources import Resources
from lago_async.version import __version__

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from lago_async._cli.operations import ResourceGroup

_OTHERS: Final[Mapping[str, tuple[str, str, str]]] = {
    "completion": ("completion", "completion_command", "Print the completion of bash, zsh or fish."),
    "doctor": ("delegated", "doctor_command", "Check the settings, the server, the key and its permissions."),
    "endpoints": ("delegated", "endpoints_command", "Print the endpoint table."),
    "profiles": ("profile_commands", "profiles_command", "List, add, choose and remove profiles: servers with keys."),
    "request": ("door", "request_command", "Send any request, also one that this version does not know."),
    "sandbox": ("delegated", "sandbox_command", "Serve an embedded Lago on a loopback port."),
    "usage": ("delegated", "usage_command", "Export usage to files, and build reports from them."),
}
"""Commands besides those of the table: the module, the function that makes the command, and a line of help."""

_BESIDE: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {"events": {"send": ("event_commands", "send_command")}}
"""Commands besides those of one resource."""

_DOUBT: Final = "the server may have carried it out: look the effect up before you repeat it"


class Root(click.Group):
    """All commands. Listing them loads no resource and no model."""

    @cached_property
    def resources(self) -> Mapping[str, str]:
        """The resources, each with a line of help."""
        found: dict[str, str] = {}
        for name, member in vars(Resources).items():
            if isinstance(member, cached_property):
                text = cast("cached_property[object]", member).__doc__ or ""
                found[name.replace("_", "-")] = text.partition("\n")[0].replace("``", "")
        return found

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands."""
        return sorted([*self.resources, *_OTHERS])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command; of a resource, all that it has."""
        name = cmd_name.replace("_", "-")
        if name in _OTHERS:
            module, function, _ = _OTHERS[name]
            return _made(module, function)()
        return self._group(name) if name in self.resources else None

    def _group(self, name: str) -> ResourceGroup:
        from lago_async._cli.operations import ResourceGroup

        others = {other: _made(*where) for other, where in _BESIDE.get(name, {}).items()}
        return ResourceGroup(name.replace("-", "_"), self.resources[name], others)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the list of commands."""
        with formatter.section("Resources of the API"):
            formatter.write_dl(sorted(self.resources.items()))
        with formatter.section("Other commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in _OTHERS.items()])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin with a text."""
        from click.shell_completion import CompletionItem

        texts = {**self.resources, **{name: text for name, (_, _, text) in _OTHERS.items()}}
        found = [
            CompletionItem(name, help=text)
            for name, text in sorted(texts.items())
            if name.startswith(incomplete.replace("_", "-"))
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


def _made(module: str, function: str) -> Callable[[], click.Command]:
    def make() -> click.Command:
        return cast("click.Command", getattr(import_module(f"lago_async._cli.{module}"), function)())

    return make


def root_command() -> Root:
    """Return the root of all commands."""

    def print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001
        if value and not ctx.resilient_parsing:
            click.echo(f"lago-async {__version__}")
            ctx.exit()

    return Root(
        "lago",
        params=[
            profile_option(),
            click.Option(
                ["--version"],
                is_flag=True,
                expose_value=False,
                is_eager=True,
                callback=print_version,
                help="Print the version, and end.",
            ),
        ],
        help="Every operation of the Lago API as a command: lago customers find cus_1.",
        epilog="The key is that of --profile, of LAGO_PROFILE, of LAGO_API_KEY, or of the current profile, in this "
        "order. It is never an option. docs/cli.md has examples and the exit codes.",
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    )


def run(arguments: Sequence[str]) -> int:
    """Run a command, and return its exit code. Errors of ours are one line on standard error."""
    with warnings.catch_warnings():
        # They are for programs. Commands say themselves on standard error what is deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        return _run(arguments)


def _run(arguments: Sequence[str]) -> int:
    try:
        result: Any = root_command().main(list(arguments), prog_name="lago", standalone_mode=False)
    except OutputEndedError as ended:
        return ended.code
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except InterruptedCallError as sent:
        return _end(f"interrupted while {printable(str(sent))} was in flight: {_DOUBT}", ExitCode.INTERRUPTED)
    except (click.Abort, KeyboardInterrupt):
        return _end("interrupted", ExitCode.INTERRUPTED)
    except LagoError as error:
        return _end(_text_of(error), code_of(error))
    except OSError as error:
        text = f"{error.filename}: {error.strerror}" if error.filename else str(error)
        return _end(printable(text), ExitCode.FAILED)
    return result if isinstance(result, int) else ExitCode.DONE


def _text_of(error: LagoError) -> str:
    text = "; ".join([str(error), *getattr(error, "__notes__", ())])
    for argument, option in _OPTIONS.items():
        text = text.replace(argument, option)
    return f"{text}; {_DOUBT}" if is_uncertain(error) else text


_OPTIONS: Final = {
    "api_key= or LAGO_API_KEY": "lago profiles, or LAGO_API_KEY",
    "pass api_key= or set LAGO_API_KEY": "run lago profiles add NAME, or set LAGO_API_KEY",
    "pass allow_insecure_http=True": "add the profile with --allow-insecure-http (or set LAGO_ALLOW_INSECURE_HTTP=1)",
    "wait longer with timeout=": "wait longer with --timeout",
    "raise max_retries or timeout": "wait longer with --timeout",
}
"""The words of the command line for arguments of Python that messages name."""


def _end(text: str, code: int) -> int:
    say_error(f"lago: {text}\n")
    return code
