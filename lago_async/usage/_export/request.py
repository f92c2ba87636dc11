"""The request of one call of `export`, as a value that both faces and the command line build the same way."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from os import fspath
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import attrs

from lago_async._bulk.queries import CurrentUsageQuery, PastUsageQuery, UsageQuery
from lago_async.errors import LagoArgumentError
from lago_async.usage._columns import SCHEMA_VERSION, SCHEMAS, RowShape, TableSchema
from lago_async.usage._export.entries import CSV_TEXT, PARTITION, ROWS, SPREADSHEET, ExportSettings
from lago_async.usage._export.pairs import Pair, fingerprint
from lago_async.usage._formats.base import Format
from lago_async.usage._formats.choice import target_of
from lago_async.usage._formats.csv import Csv, Spreadsheet
from lago_async.usage._formats.partition import Partition, Partitioned

if TYPE_CHECKING:
    import os

UsageKind: TypeAlias = Literal["past", "current"]
"""Billed periods, or the running one."""

_KINDS: Final = get_args(UsageKind)
_SLASHES: Final = ("/", "\\") if sys.platform == "win32" else ("/",)


def usage_query(
    *,
    kind: UsageKind,
    from_datetime: datetime | None,
    to_datetime: datetime | None,
    periods_count: int | None,
    billable_metric_code: str | None,
    per_page: int | None,
) -> UsageQuery:
    """Return the query that the arguments of `export` describe.

    Raises:
        LagoArgumentError: An argument is invalid, or is not for this kind of usage.
    """
    if kind not in _KINDS:
        raise LagoArgumentError(f"kind is one of {', '.join(_KINDS)}, not {kind!r}")
    if billable_metric_code == "":
        raise LagoArgumentError("billable_metric_code is empty, and the server would take it for all metrics; omit it")
    if kind == "past":
        return PastUsageQuery(
            from_datetime=from_datetime,
            to_datetime=to_datetime,
            periods_count=periods_count,
            billable_metric_code=billable_metric_code,
            per_page=per_page,
        )
    if any(given is not None for given in (from_datetime, to_datetime, periods_count, per_page)):
        raise LagoArgumentError(
            "current usage is that of one period: "
            "from_datetime, to_datetime, periods_count and per_page are for past usage"
        )
    return CurrentUsageQuery(billable_metric_code=billable_metric_code)


def target_for(
    out: str | os.PathLike[str],
    format_name: str | None,
    schema: TableSchema,
    *,
    raw_text: bool,
    spreadsheet: Spreadsheet | None,
    partition: Partition | None,
) -> tuple[Path, Format]:
    """Return the file or folder that an export writes, and its format; see `target_of`."""
    text = fspath(out)
    return target_of(
        Path(text),
        folder=text.endswith(_SLASHES),
        name=format_name,
        schema=schema,
        raw_text=raw_text,
        spreadsheet=spreadsheet,
        partition=partition,
    )


def format_settings(file_format: Format) -> ExportSettings:
    """Return the settings that say how the rows are written."""
    if isinstance(file_format, Partitioned):
        return {**format_settings(file_format.inner), PARTITION: file_format.partition}
    if not isinstance(file_format, Csv):
        return {"format": file_format.name}
    settings: dict[str, str | int | None] = {
        "format": file_format.name,
        CSV_TEXT: "raw" if file_format.raw_text else "harmless",
    }
    if file_format.spreadsheet is not None:
        settings[SPREADSHEET] = file_format.spreadsheet
    return settings


def _unique(
    subscriptions: Iterable[Pair] | AsyncIterable[Pair] | None,
) -> list[Pair] | Iterable[Pair] | AsyncIterable[Pair] | None:
    """Return a list of what can be iterated over again, each pair once."""
    return list(dict.fromkeys(map(_pair, subscriptions))) if isinstance(subscriptions, Collection) else subscriptions


def _pair(given: Sequence[str]) -> Pair:
    pair: list[object] = list(given) if not isinstance(given, str) else []
    if len(pair) != 2 or not all(isinstance(part, str) and part for part in pair):
        raise LagoArgumentError(
            f"a subscription is a pair of texts that are not empty, (external_customer_id, external_subscription_id), "
            f"not {given!r}"
        )
    return given[0], given[1]


@attrs.frozen(kw_only=True)
class ExportRequest:
    """The usage to export, and the file to export it to.

    Attributes:
        server: The base URL of the API.
        out: The file, or the folder of an export in partitions.
        file_format: Its format.
        rows: The shape of the rows.
        query: The usage to fetch of each subscription.
        subscriptions: The subscriptions whose usage to fetch; None for all of the organisation.
        names: Whether to list invoices, customers, subscriptions and plans, for the columns that need them.
    """

    server: str
    out: Path
    file_format: Format
    rows: RowShape = "charge"
    query: UsageQuery
    subscriptions: Iterable[Pair] | AsyncIterable[Pair] | None = attrs.field(converter=_unique)
    names: bool = True

    @classmethod
    def for_path(
        cls,
        out: str | os.PathLike[str],
        format_name: str | None,
        *,
        rows: RowShape = "charge",
        raw_text: bool,
        spreadsheet: Spreadsheet | None = None,
        partition: Partition | None = None,
        server: str,
        query: UsageQuery,
        subscriptions: Iterable[Pair] | AsyncIterable[Pair] | None,
        names: bool = True,
    ) -> ExportRequest:
        """Return a request for a file, or for a file in a folder.

        Args:
            out: The file or the folder.
            format_name: The format; None to go by the file's suffix.
            rows: The shape of the rows.
            raw_text: CSV only: do not make text harmless for spreadsheets.
            spreadsheet: CSV only: the decimal sign of the spreadsheet that will open the file.
            partition: Make a folder of one file per month.
            server: The base URL of the API.
            query: The usage to fetch of each subscription.
            subscriptions: The subscriptions whose usage to fetch; None for all of the organisation.
            names: Whether to list invoices, customers, subscriptions and plans.

        Raises:
            LagoArgumentError: The format is unknown, or cannot be told from the suffix; or the shape is unknown.
        """
        if rows not in SCHEMAS:
            raise LagoArgumentError(f"rows= is one of {', '.join(SCHEMAS)}, not {rows!r}")
        path, file_format = target_for(
            out, format_name, SCHEMAS[rows], raw_text=raw_text, spreadsheet=spreadsheet, partition=partition
        )
        return cls(
            server=server,
            out=path,
            file_format=file_format,
            rows=rows,
            query=query,
            subscriptions=subscriptions,
            names=names,
        )

    @property
    def pairs(self) -> list[Pair] | None:
        """The subscriptions, if they are known before the export starts."""
        return self.subscriptions if isinstance(self.subscriptions, list) else None

    @property
    def settings(self) -> ExportSettings:
        """The settings that must be the same to resume an export. They never contain the API key."""
        past = self.query if isinstance(self.query, PastUsageQuery) else None
        return {
            "schema version": SCHEMA_VERSION,
            **format_settings(self.file_format),
            **({} if self.rows == "charge" else {ROWS: self.rows}),
            "server": self.server,
            "kind": "current" if past is None else "past",
            "from": None if past is None else _text(past.from_datetime),
            "to": None if past is None else _text(past.to_datetime),
            "periods": None if past is None else past.periods_count,
            "metric": self.query.billable_metric_code,
            "subscriptions": self._subscriptions_text(),
            "names": "listed" if self.names else "none",
        }

    def _subscriptions_text(self) -> str:
        if self.subscriptions is None:
            return "all"
        pairs = self.pairs
        return "given" if pairs is None else f"{len(pairs)} given ({fingerprint(pairs)})"


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat()
