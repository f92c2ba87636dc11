"""The request of one export of a list, as a value that both faces and the command line build the same way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from lago_async._table.page_requests import PageRequests
from lago_async.errors import LagoArgumentError
from lago_async.exports._columns import model_of, schema_of
from lago_async.exports._rows import RowMaker
from lago_async.usage._export.entries import LIST, ExportSettings
from lago_async.usage._export.reasons import Reasons
from lago_async.usage._export.request import format_settings, target_for
from lago_async.usage._formats.base import Format

if TYPE_CHECKING:
    import os

    from lago_async._table.endpoint import Endpoint
    from lago_async._table.messages import Request
    from lago_async.usage._columns import TableSchema
    from lago_async.usage._formats.csv import Spreadsheet
    from lago_async.usage._formats.partition import Partition

_PAGING: Final = frozenset({"page", "per_page"})


def list_name(operation: str) -> str:
    """Return the name of a list: ``invoices`` for the operation ``find_all_invoices``."""
    return re.sub(r"^(find_all|get|list)_", "", operation)


def is_list(endpoint: Endpoint) -> bool:
    """Return whether an operation returns a list of the organisation's objects, and changes nothing."""
    return endpoint.method == "GET" and (endpoint.paged or str(endpoint.returns).startswith("list["))


@attrs.frozen(eq=False)
class ListSource:
    """A list, as its pager or its prepared call describes it.

    Attributes:
        endpoint: The list operation.
        args: Its path parameters.
        kwargs: Its query parameters.
        first: The first request, encoded, so that every argument is valid.
    """

    endpoint: Endpoint
    args: tuple[object, ...]
    kwargs: Mapping[str, object]
    first: Request

    @property
    def schema(self) -> TableSchema:
        """The columns of the list."""
        return schema_of(self.endpoint, list_name(self.endpoint.name))

    @property
    def filters(self) -> dict[str, object]:
        """The arguments that say which objects the list has."""
        named = dict(zip(self.endpoint.path_params, self.args, strict=False))
        given = {name: value for name, value in self.kwargs.items() if value is not None and name not in _PAGING}
        return {**named, **given}


def source_of(given: object) -> tuple[ListSource, Any]:
    """Return the list that a pager or a prepared call describes, and the client of it.

    Raises:
        LagoArgumentError: It is something else, or cannot be walked from its beginning to its end.
    """
    from lago_async._bulk.run_plans import PreparedCall

    requests: object = getattr(given, "_requests", None)
    if isinstance(requests, PageRequests):
        source = ListSource(requests.endpoint, requests.args, requests.kwargs, requests.first)
        for name in ("page", source.endpoint.disables_paging):
            if name is not None and source.kwargs.get(name) is not None:
                raise LagoArgumentError(f"{source.endpoint.name}: an export takes the whole list; omit {name}")
        return source, getattr(given, "_client", None)
    if isinstance(given, PreparedCall):
        call = cast("PreparedCall[Any, Any]", given)
        endpoint: Any = call.request.endpoint
        if is_list(endpoint) and not endpoint.paged:
            return ListSource(endpoint, call.args, call.kwargs, call.request), call.client
    raise LagoArgumentError(
        "export_list takes a pager, such as client.invoices.find_all(), or a prepared call that returns a list without "
        f"pages, such as bulk.prepare(client.billing_entities.find_all), not {given!r}"
    )


@attrs.frozen(kw_only=True)
class ListRequest:
    """The list to export, and the file to export it to.

    Attributes:
        source: The list.
        server: The base URL of the API.
        out: The file, or the folder of an export in partitions.
        file_format: Its format.
    """

    source: ListSource
    server: str
    out: Path
    file_format: Format

    @classmethod
    def for_path(
        cls,
        source: ListSource,
        out: str | os.PathLike[str],
        format_name: str | None,
        *,
        server: str,
        raw_text: bool,
        spreadsheet: Spreadsheet | None,
        partition: Partition | None,
    ) -> ListRequest:
        """Return a request for a file, or for a file in a folder.

        Raises:
            LagoArgumentError: The format is unknown, or cannot be told from the suffix; or the list has no months.
        """
        path, file_format = target_for(
            out, format_name, source.schema, raw_text=raw_text, spreadsheet=spreadsheet, partition=partition
        )
        return cls(source=source, server=server, out=path, file_format=file_format)

    @property
    def maker(self) -> RowMaker:
        """The maker of the rows."""
        return RowMaker(self.file_format.schema, model_of(self.source.endpoint).__name__)

    @property
    def settings(self) -> ExportSettings:
        """The settings that must be the same to resume an export. They never contain the API key."""
        return {
            "schema version": self.file_format.schema.version,
            **format_settings(self.file_format),
            "server": self.server,
            LIST: list_name(self.source.endpoint.name),
            **{f"filter {name}": _text(value) for name, value in sorted(self.source.filters.items())},
        }

    @property
    def reasons(self) -> Reasons:
        """Why there are no rows, if there are none."""
        return _ListReasons(list_name(self.source.endpoint.name), filtered=bool(self.source.filters))


class _ListReasons(Reasons):
    """Why the export of a list has no rows."""

    def __init__(self, name: str, *, filtered: bool) -> None:
        super().__init__()
        self._name = name.replace("_", " ")
        self._filtered = filtered

    def no_rows(self, *, subscriptions: int, failed: int, listed: bool, current: bool) -> str:  # noqa: ARG002
        """Return why there are no rows."""
        if self._filtered:
            return f"the server has no {self._name} with these filters"
        return f"the organisation has no {self._name}"


def _text(value: object) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}={item}" for key, item in sorted(cast("Mapping[str, str]", value).items()))
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return str(value)
    items: Any = value
    return ", ".join(sorted(map(str, items)))
