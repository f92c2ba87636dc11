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
from lago_async.usage._columns import SCHEMA_VERSION
from lago_async.usage._export.entries import CSV_TEXT, ExportSettings
from lago_async.usage._export.pairs import Pair, fingerprint
from lago_async.usage._formats.base import Format
from lago_async.usage._formats.choice import target_of
from lago_async.usage._formats.csv import Csv

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
        out: The file.
        file_format: Its format.
        query: The usage to fetch of each subscription.
        subscriptions: The subscriptions whose usage to fetch; None for all of the organisation.
        names: Whether to list invoices, customers, subscriptions and plans, for the columns that need them.
    """

    server: str
    out: Path
    file_format: Format
    query: UsageQuery
    subscriptions: Iterable[Pair] | AsyncIterable[Pair] | None = attrs.field(converter=_unique)
    names: bool = True

    @classmethod
    def for_path(
        cls,
        out: str | os.PathLike[str],
        format_name: str | None,
        *,
        raw_text: bool,
        server: str,
        query: UsageQuery,
        subscriptions: Iterable[Pair] | AsyncIterable[Pair] | None,
        names: bool = True,
    ) -> ExportRequest:
        """Return a request for a file, or for a file in a folder.

        Args:
            out: The file or the folder.
            format_name: The format; None to go by the file's suffix.
            raw_text: CSV only: do not make text harmless for spreadsheets.
            server: The base URL of the API.
            query: The usage to fetch of each subscription.
            subscriptions: The subscriptions whose usage to fetch; None for all of the organisation.
            names: Whether to list invoices, customers, subscriptions and plans.

        Raises:
            LagoArgumentError: The format is unknown, or cannot be told from the suffix.
        """
        text = fspath(out)
        path, file_format = target_of(Path(text), folder=text.endswith(_SLASHES), name=format_name, raw_text=raw_text)
        return cls(
            server=server, out=path, file_format=file_format, query=query, subscriptions=subscriptions, names=names
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
            "format": self.file_format.name,
            **(
                {CSV_TEXT: "raw" if self.file_format.raw_text else "harmless"}
                if isinstance(self.file_format, Csv)
                else {}
            ),
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
