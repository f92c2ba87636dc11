"""One call of the console script: shown, confirmed or sent, and its result printed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, cast, get_args

import attrs

from lago_async._cli.confirmation import confirm
from lago_async._cli.dry_run import shown_request
from lago_async._cli.exit_codes import ExitCode, InterruptedCallError
from lago_async._cli.output import emit
from lago_async._cli.progress import ProgressLine
from lago_async._net.files import wait_for_file
from lago_async._net.options import Options, timeout_of
from lago_async._streams import output_stream, say_error
from lago_async._table.http_info import http_info
from lago_async._table.risks import RISKS
from lago_async.pager import AsyncPager

if TYPE_CHECKING:
    from lago_async._cli.options import Given
    from lago_async._table.endpoint import Endpoint
    from lago_async._table.http_info import HttpInfo
    from lago_async._table.messages import Request
    from lago_async._table.pages import Page
    from lago_async._table.rows import Row
    from lago_async.client import LagoClient
    from lago_async.models import Json

UNKNOWN_RISK: Final = "is an operation that this version does not know, so it may destroy something or move money"


@attrs.frozen
class CommandCall:
    """The call of an operation, with checked arguments.

    Attributes:
        row: The operation.
        args: The path parameters and the body.
        kwargs: The query parameters, and the members next to the body.
        request: The request of the call; of a list, that of its first page.
    """

    row: Row
    args: Sequence[object]
    kwargs: Mapping[str, object]
    request: Request

    @classmethod
    def of(cls, row: Row, args: Sequence[object], kwargs: Mapping[str, object]) -> CommandCall:
        """Return a call.

        Raises:
            LagoArgumentError: An argument is not valid.
        """
        return cls(row, args, kwargs, row.endpoint.encode(tuple(args), kwargs))


def file_field(endpoint: Endpoint) -> str | None:
    """Return the field with the URL of the file that an operation makes; None for any other operation.

    A result that may be None, because the server still makes the file, is that of a download.
    """
    members = get_args(endpoint.returns)
    if NoneType not in members or not any(hasattr(member, "file_url") for member in members):
        return None
    return "xml_url" if endpoint.path.endswith("_xml") else "file_url"


def run_call(call: CommandCall, given: Given, *, every_page: bool = False, file: str | None = None) -> int:
    """Run a call, and return the exit code.

    Args:
        call: The call.
        given: The shared options.
        every_page: Whether all pages of a list are fetched.
        file: Where the file of a download goes, ``-`` for standard output; None to print the result instead.
    """
    access = given.access
    request = call.request
    if given.dry_run:
        emit(shown_request(access.client(sends=False), request))
        return ExitCode.DONE
    risk = call.row.risk
    if risk is not None:
        confirm(f"{request.endpoint.method} {request.target}", RISKS[risk], access, yes=given.yes)
    client = access.client(timeout=given.timeout)

    async def run() -> int:
        async with client:
            if file is not None:
                return await _download(client, call, file, given)
            if every_page:
                return await _walk(client, call, given)
            response = await client.send(request)
            info = http_info(await call.row.endpoint.adecode(response), response)
            return _print_result(call, info, given)

    return in_flight(run, request)


def in_flight(run: Callable[[], Coroutine[Any, Any, int]], request: Request) -> int:
    """Run a coroutine function that sends a request; say what Ctrl-C means for it.

    Raises:
        InterruptedCallError: Ctrl-C ended it, and the server may have carried it out.
        KeyboardInterrupt: Ctrl-C ended it, and it only reads.
    """
    try:
        return asyncio.run(run())
    except KeyboardInterrupt:
        if request.endpoint.method == "GET":
            raise
        raise InterruptedCallError(f"{request.endpoint.method} {request.target}") from None


def known_fields(endpoint: Endpoint) -> list[str]:
    """Return the fields of the items of a list, as far as the table knows them."""
    for member in (endpoint.returns, *get_args(endpoint.returns)):
        if attrs.has(member):
            return [field.name for field in attrs.fields(member)]
    return []


def content_of(endpoint: Endpoint, info: HttpInfo[Any]) -> Json:
    """Return the JSON of a result as the server has sent it, with the fields that no model has yet."""
    if info.data is None or isinstance(info.data, str):
        return cast("Json", info.data)
    content = endpoint.content_in(info.json())
    return content.get("items") if endpoint.paged and isinstance(content, dict) else content


def print_value(value: Json, given: Given, known: Sequence[str] = ()) -> int:
    """Print a result; whole, if an expression cannot select from it, because the call cannot be undone."""
    output = given.output(known)
    if given.selection is None:
        output.write(value)
        return ExitCode.DONE
    selected, problem = given.selection.of(value)
    output.write(value if problem else selected)
    if problem:
        say_error(f"lago: --query: {problem}; the result is printed whole\n")
        return ExitCode.FAILED
    return ExitCode.DONE


def _print_result(call: CommandCall, info: HttpInfo[Any], given: Given) -> int:
    endpoint = call.row.endpoint
    content = content_of(endpoint, info)
    if content is None and endpoint.returns in (None, NoneType):
        return ExitCode.DONE  # the operation has no result
    code = print_value(content, given, known_fields(endpoint))
    if endpoint.paged and not given.quiet:
        page = cast("Page[object]", info.data)
        if page.meta.next_page is not None:
            say_error(
                f"page {page.meta.current_page} of {page.meta.total_pages}, {page.meta.total_count} items: --all "
                "fetches all of them\n"
            )
    return code


async def _walk(client: LagoClient, call: CommandCall, given: Given) -> int:
    endpoint = call.row.endpoint
    pager = AsyncPager[Any](client, endpoint, tuple(call.args), call.kwargs)
    output = given.output(known_fields(endpoint))
    gathered: list[Json] = []
    count = 0
    progress = ProgressLine(quiet=given.quiet)
    try:
        async for info in pager.pages_with_http_info():
            items = cast("list[Json]", content_of(endpoint, info) or [])
            count += len(items)
            if given.selection is None:
                output.add(items)
            else:
                gathered += items
            progress.show(partial(_items_text, count, info.data.meta.total_count))
    finally:
        progress.end()
    if given.selection is not None:
        return print_value(gathered, given)
    output.end()
    return ExitCode.DONE


def _items_text(count: int, total: int | None) -> str:
    return f"{count:,} of {max(total or 0, count):,} items"  # the total may be half an hour old


@attrs.frozen
class _File:
    """The part of a result that `wait_for_file` looks at."""

    file_url: str | None


async def _download(client: LagoClient, call: CommandCall, file: str, given: Given) -> int:
    endpoint = call.row.endpoint
    field = file_field(endpoint)
    if field is None:
        raise TypeError(f"{endpoint.name} makes no file")

    async def fetch() -> _File:
        found = await endpoint.adecode(await client.send(call.request))
        return _File(None if found is None else getattr(found, field))

    options = Options(timeout=timeout_of(given.timeout))
    url = (await wait_for_file(fetch, endpoint.name, options)).file_url or ""
    progress = ProgressLine(quiet=given.quiet)

    def show(received: int, size: int | None) -> None:
        progress.show(lambda: f"{received:,} bytes" if size is None else f"{received:,} of {size:,} bytes")

    try:
        size = await client.download_file(url, output_stream() if file == "-" else file, on_progress=show)
    finally:
        progress.end()
    if not given.quiet:
        say_error(f"{size:,} bytes{'' if file == '-' else f' in {file}'}\n")
    return ExitCode.DONE
