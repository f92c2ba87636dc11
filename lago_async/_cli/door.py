"""The command ``lago request``: any request, also for operations that the endpoint table does not have."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast, get_args
from urllib.parse import parse_qsl, unquote

import click

from lago_async._cli.calls import UNKNOWN_RISK, in_flight, print_value
from lago_async._cli.confirmation import confirm
from lago_async._cli.dry_run import shown_request
from lago_async._cli.exit_codes import ExitCode
from lago_async._cli.json_input import given_json
from lago_async._cli.options import given_options, shared_options
from lago_async._cli.output import emit
from lago_async._cli.values import pair
from lago_async._registry import ENDPOINTS
from lago_async._table.door import plain_request
from lago_async._table.messages import ApiVersion, HttpMethod
from lago_async._table.risks import RISKS

if TYPE_CHECKING:
    from lago_async._table.door import QueryValue
    from lago_async._table.messages import Request
    from lago_async.models import Json

_KEY: Final = re.compile(r"(\w+)(\[\]|\[(\w+)\])?")
_LITERAL: Final = re.compile(r"[A-Za-z0-9_~-]+").fullmatch


def request_command() -> click.Command:
    """Return the command."""
    params: list[click.Parameter] = [
        click.Argument(["method"], type=click.Choice(get_args(HttpMethod), case_sensitive=False)),
        click.Argument(["path"]),
        click.Option(
            ["parameters", "--param"],
            type=pair,
            metavar="KEY=VALUE",
            multiple=True,
            help="A query parameter; key[]=value for an item of a list.",
        ),
        click.Option(["document", "--json"], metavar="JSON|@FILE|-", help="The body, with its envelope."),
        click.Option(
            ["version", "--api-version"], type=click.Choice(get_args(ApiVersion)), default="v1", show_default=True
        ),
        *shared_options(changes=True),
    ]
    return click.Command(
        "request",
        params=params,
        callback=click.pass_context(_run),
        help="Send a request to a path below the version, such as lago request GET /customers/cus_1, and print its "
        "JSON. An id in a path is percent-encoded where it has a slash or another special character.",
        context_settings={"max_content_width": 120},
    )


def door_request(
    method: str, path: str, *, parameters: Sequence[tuple[str, str]], document: Json, version: str
) -> Request:
    """Return the request for a path with its values in it.

    Raises:
        LagoArgumentError: An argument is not valid.
        click.UsageError: A query parameter has no right name, or the body is not an object.
    """
    path, _, query = path.partition("?")
    values: dict[str, object] = {}
    segments: list[str] = []
    for number, segment in enumerate(path.split("/")):
        if segment and not _LITERAL(segment):
            values[f"value_{number}"] = unquote(segment)
            segments.append(f"{{value_{number}}}")
        else:
            segments.append(segment)
    if document is not None and not isinstance(document, dict):
        raise click.UsageError('the body must be an object with its envelope, such as {"customer": {...}}')
    pairs = [*parse_qsl(query, keep_blank_values=True), *parameters]
    return plain_request(
        cast("HttpMethod", method),
        "/".join(segments),
        values,
        query=_query(pairs),
        body=document,
        version=cast("ApiVersion", version),
        repeatable=None,
    )


def consequence_of(method: str, path: str, version: str) -> str | None:
    """Return what a request may do, as the table says of its operation; None if there is nothing to ask about."""
    if method == "GET":
        return None
    found = [
        row
        for row in ENDPOINTS.rows
        if row.method == method
        and row.version == version
        and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", row.path), path.partition("?")[0])
    ]
    # A fixed path has precedence over one with an id in its place.
    found.sort(key=lambda row: row.path.count("{"))
    if not found:
        return UNKNOWN_RISK
    return None if found[0].risk is None else RISKS[found[0].risk]


def _query(pairs: Sequence[tuple[str, str]]) -> dict[str, QueryValue]:
    query: dict[str, QueryValue] = {}
    for key, value in pairs:
        found = _KEY.fullmatch(key)
        if found is None:
            raise click.UsageError(f"--param {key}: a name is like status, status[] or metadata[key]")
        name, suffix, inner = found[1], found[2], found[3]
        there = query.get(name)
        if suffix == "[]" and (there is None or isinstance(there, list)):
            query[name] = [*(there or []), value]
        elif inner is not None and (there is None or isinstance(there, dict)) and inner not in (there or {}):
            query[name] = {**(there or {}), inner: value}
        elif not suffix and there is None:
            query[name] = value
        else:
            raise click.UsageError(f"--param {key} is there twice: for a list, write {name}[]=VALUE each time")
    return query


def _run(ctx: click.Context, /, **values: Any) -> int:
    given = given_options(ctx, values)
    document = None if values["document"] is None else given_json(values["document"])
    method, path, version = values["method"], values["path"], values["version"]
    parameters: Sequence[tuple[str, str]] = values["parameters"]
    request = door_request(method, path, parameters=parameters, document=document, version=version)
    access = given.access
    if given.dry_run:
        emit(shown_request(access.client(sends=False), request))
        return ExitCode.DONE
    consequence = consequence_of(method, path, version)
    if consequence is not None:
        confirm(f"{method} {request.target}", consequence, access, yes=given.yes)
    client = access.client(timeout=given.timeout)

    async def run() -> int:
        async with client:
            found: Json = await request.endpoint.adecode(await client.send(request))
        if found is None:
            return ExitCode.DONE
        rows = _rows_in(found) if given.format in ("table", "csv") and given.selection is None else found
        return print_value(rows, given)

    return in_flight(run, request)


def _rows_in(found: Json) -> Json:
    """Return the one object or list in an envelope, for formats with columns."""
    if isinstance(found, Mapping):
        inner = [value for name, value in found.items() if name != "meta" and isinstance(value, dict | list)]
        if len(inner) == 1 and len(found) <= 2:
            return inner[0]
    return found
