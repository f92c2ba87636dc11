"""The events of a file: one JSON object per line, or the rows of a CSV file with a header."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, TypeAlias, cast

import attrs
import click

from lago_async._cli.json_input import parsed
from lago_async._printable import printable
from lago_async.errors import LagoArgumentError

if TYPE_CHECKING:
    from lago_async.models import Json

EventFormat: TypeAlias = Literal["ndjson", "csv"]

_FIELDS: Final = (
    "transaction_id", "code", "external_subscription_id", "timestamp", "precise_total_amount_cents",
)  # fmt: skip
_PROPERTY: Final = "properties."
_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]").match


@attrs.frozen
class EventLine:
    """One event of a file, or a line that is not an event.

    Attributes:
        number: The number of the line, from 1.
        event: The fields; empty if the line cannot be read.
        problem: Why the line cannot be read; empty if it can.
    """

    number: int
    event: Mapping[str, object]
    problem: str = ""


def read_events(file: BinaryIO, shape: EventFormat) -> Iterator[EventLine]:
    """Yield the events of a file, without empty lines.

    Raises:
        LagoArgumentError: The header of a CSV file is wrong, or the file is not CSV in UTF-8.
    """
    return _csv_events(file) if shape == "csv" else _json_events(file)


def _json_events(file: BinaryIO) -> Iterator[EventLine]:
    for number, line in enumerate(file, 1):
        content = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
        if not content.strip():
            continue
        try:
            event = parsed(content.decode(), "the line")
        except (UnicodeDecodeError, click.UsageError) as error:
            text = "the line is not UTF-8" if isinstance(error, UnicodeDecodeError) else error.message
            yield EventLine(number, {}, printable(text))
            continue
        if isinstance(event, dict):
            yield EventLine(number, _with_time(event))
        else:
            yield EventLine(number, {}, "the line is not an object of JSON")


def _csv_events(file: BinaryIO) -> Iterator[EventLine]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    rows = csv.reader(text, strict=True)
    try:
        header = next(rows, list[str]())
        _check_header(header)
        for row in rows:
            if not row:
                continue
            if len(row) != len(header):
                problem = f"the row has {len(row)} cells, and the header {len(header)}"
                yield EventLine(rows.line_num, {}, problem)
                continue
            yield EventLine(rows.line_num, _with_time(_event_of(header, row)))
    except UnicodeDecodeError:
        raise LagoArgumentError("the file is not UTF-8: save it as CSV in UTF-8") from None
    except csv.Error as error:
        raise LagoArgumentError(f"line {rows.line_num} is not CSV: {error}") from None
    finally:
        with suppress(ValueError):  # the file is closed already
            text.detach()


def _check_header(header: Sequence[str]) -> None:
    unknown = [name for name in header if name not in _FIELDS and not (name.startswith(_PROPERTY) and name[11:])]
    if unknown or not header:
        names = printable(", ".join(map(repr, unknown))) or "no column"
        raise LagoArgumentError(
            f"the header has {names}: a column is one of {', '.join(_FIELDS)}, or properties.NAME for a property"
        )
    if len(set(header)) < len(header):
        raise LagoArgumentError("the header has a column twice: remove one of them")


def _event_of(header: Sequence[str], row: Sequence[str]) -> dict[str, Json]:
    """Return the event of a row. An empty cell is a field that is not given. Properties stay texts, with all digits."""
    event: dict[str, Json] = {}
    properties: dict[str, Json] = {}
    for name, cell in zip(header, row, strict=True):
        if cell == "":
            continue
        if name.startswith(_PROPERTY):
            properties[name.removeprefix(_PROPERTY)] = cell
        else:
            event[name] = cell
    if properties:
        event["properties"] = properties
    return event


def _with_time(event: dict[str, Json]) -> Mapping[str, object]:
    """Return an event whose time may be text in ISO 8601; the check of the event refuses one without a zone."""
    time = event.get("timestamp")
    if not isinstance(time, str) or not _TIME(time):
        return event
    try:
        return cast("dict[str, object]", event) | {"timestamp": datetime.fromisoformat(time)}
    except ValueError:
        return event
