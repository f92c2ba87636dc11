"""The commands of the endpoint table: a group per resource, a command per row. A new row is a new command."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, get_origin

import click

from lago_async._cli.bodies import body_of, fields_of
from lago_async._cli.calls import CommandCall, file_field, run_call
from lago_async._cli.docstrings import help_text
from lago_async._cli.options import given_options, shared_options
from lago_async._cli.parameters import option_of, values_of
from lago_async._registry import ENDPOINTS, rows_of
from lago_async._streams import say_error
from lago_async._table.gates import needs
from lago_async._table.risks import RISKS
from lago_async.resources._base import Resource

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from lago_async._table.rows import Row


def command_name(name: str) -> str:
    """Return the name of a command for a name of Python: ``find-all`` for ``find_all``."""
    return name.replace("_", "-")


class ResourceGroup(click.Group):
    """The commands of one resource. Listing them loads no model.

    Args:
        resource: The module of the resource: ``credit_notes``.
        text: What it is, for help.
        others: Commands of ours besides those of the table, by name.
    """

    def __init__(self, resource: str, text: str, others: Mapping[str, Callable[[], click.Command]]) -> None:
        super().__init__(command_name(resource), help=text, no_args_is_help=True)
        module = import_module(f"lago_async.resources.{resource}")
        classes = [
            member
            for member in vars(module).values()
            if isinstance(member, type) and issubclass(member, Resource) and member is not Resource
        ]
        self.rows = {command_name(row.function.__name__): row for cls in classes for row in rows_of(cls)}
        self.others = others

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Return the names of all commands."""
        return sorted([*self.rows, *self.others])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Return a command."""
        name = command_name(cmd_name)
        if name in self.others:
            return self.others[name]()
        return operation_command(self.rows[name]) if name in self.rows else None

    def summaries(self, ctx: click.Context) -> list[tuple[str, str]]:
        """Return the names of the commands, each with one line of help."""
        return [(name, self._summary(name)) for name in self.list_commands(ctx)]

    def _summary(self, name: str) -> str:
        if name in self.others:
            return self.others[name]().get_short_help_str(200)
        row = self.rows[name]
        summary = help_text(row.function.__doc__).summary
        return f"(Deprecated.) {summary}" if isinstance(row.deprecated, str) else summary

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands."""
        with formatter.section("Commands"):
            formatter.write_dl(self.summaries(ctx))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the commands that begin with a text."""
        from click.shell_completion import CompletionItem

        found = [
            CompletionItem(name, help=text)
            for name, text in self.summaries(ctx)
            if name.startswith(command_name(incomplete))
        ]
        return [*found, *click.Command.shell_complete(self, ctx, incomplete)]


def operation_command(row: Row) -> click.Command:
    """Return the command of a row."""
    endpoint = row.endpoint
    texts = help_text(row.function.__doc__)
    old = _deprecated_parameters(row)
    params: list[click.Parameter] = [
        click.Argument([f"path_{name}"], metavar=name.upper()) for name in endpoint.path_params
    ]
    params += [
        option_of(parameter, texts.arguments.get(parameter.name, ""), deprecated=old.get(parameter.name))
        for parameter in endpoint.query
    ]
    if endpoint.body is not None:
        params += _body_options(listed=get_origin(endpoint.body) is list)
    if endpoint.paged:
        params.append(click.Option(["every_page", "--all"], is_flag=True, help="Fetch all pages."))
    if file_field(endpoint) is not None:
        params.append(
            click.Option(
                ["file", "--output"],
                type=click.Path(dir_okay=False, allow_dash=True),
                help="Wait until the server has made the file, and write it there.",
            )
        )
    params += shared_options(changes=row.risk is not None)

    @click.pass_context
    def run(ctx: click.Context, /, **values: Any) -> int:
        return _run(ctx, row, values)

    return click.Command(
        command_name(row.function.__name__),
        params=params,
        callback=run,
        help=_help(row, texts.text),
        epilog=_epilog(row),
        short_help=texts.summary,
        deprecated=isinstance(row.deprecated, str),
        context_settings={"max_content_width": 120},
    )


def _body_options(*, listed: bool) -> list[click.Parameter]:
    document = click.Option(
        ["document", "--json"],
        metavar="JSON|@FILE|-",
        help="The body, with or without its envelope; - is standard input.",
    )
    settings = click.Option(
        ["settings", "--set"],
        metavar="PATH=VALUE",
        multiple=True,
        hidden=listed,
        help="A field of the body, such as billing_configuration.document_locale=fr; PATH:=JSON for anything that is "
        "not text. It may be given several times, also together with --json.",
    )
    return [settings, document]


def _help(row: Row, text: str) -> str:
    lines = [text, "", f"{row.method} /api/{row.version}{row.path}"]
    if isinstance(row.deprecated, str):
        lines += ["", f"Use {_command_of(row.deprecated)} instead."]
    if row.gates:
        lines += ["", f"The server needs {needs(row.gates)}."]
    if row.risk is not None:
        lines += ["", f"Asks first, because it {RISKS[row.risk]}."]
    return "\n".join(lines)


def _deprecated_parameters(row: Row) -> Mapping[str, str]:
    """Return the query parameters that have a replacement, by name."""
    return {} if row.deprecated is None or isinstance(row.deprecated, str) else row.deprecated


def _command_of(operation: str) -> str:
    row = next(row for row in ENDPOINTS.rows if row.name == operation)
    return f"lago {command_name(row.resource)} {command_name(row.function.__name__)}"


def _epilog(row: Row) -> str | None:
    endpoint = row.endpoint
    names = list(dict.fromkeys(fields_of(endpoint.body))) if endpoint.body is not None else []
    for sibling, model in endpoint.siblings:
        names += fields_of(model, prefix=f"{sibling}.")
    return f"Fields of the body: {', '.join(names)}." if names else None


def _run(ctx: click.Context, row: Row, values: Mapping[str, Any]) -> int:
    endpoint = row.endpoint
    given = given_options(ctx, values)
    args: list[object] = [values[f"path_{name}"] for name in endpoint.path_params]
    kwargs = values_of(endpoint.query, values)
    if endpoint.body is not None:
        settings: Sequence[str] = values["settings"]
        body = body_of(endpoint, document=values["document"], settings=settings)
        args.append(body.content)
        kwargs |= body.siblings
    file = values.get("file")
    if given.dry_run is False and file is not None and given.selection is not None:
        raise click.UsageError("--output writes a file, so --query has nothing to select from")
    call = CommandCall.of(row, args, kwargs)
    for name, replacement in _deprecated_parameters(row).items():
        if name in kwargs and not given.quiet:
            say_error(f"--{command_name(name)} is deprecated: use --{command_name(replacement)}\n")
    return run_call(call, given, every_page=bool(values.get("every_page")), file=file)
