"""Subscriptions that are listed in a file, or on standard input."""

from __future__ import annotations

import csv
import io
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import msgspec

from lago_async.errors import LagoArgumentError
from lago_async.usage._export.pairs import Pair
from lago_async.usage._formats.csv import restore_text

_KEYS = ("external_customer_id", "external_subscription_id")


class _Line(msgspec.Struct):
    external_customer_id: str
    external_subscription_id: str


_decode = msgspec.json.Decoder(_Line).decode


def read_pairs(path: Path | None) -> list[Pair]:
    """Return the subscriptions in a file, each once, in the order of the file.

    Args:
        path: NDJSON or CSV with the keys ``external_customer_id`` and ``external_subscription_id``, such as a list of
            failures, or an export. None reads standard input.

    Raises:
        LagoArgumentError: The file has another format, an id is missing, or there is no standard input.
        OSError: The file cannot be read.
    """
    if path is None:
        if sys.stdin is None:
            raise LagoArgumentError("standard input is closed: name a file with the subscriptions")
        return list(dict.fromkeys(_pairs(sys.stdin.buffer, "standard input")))
    with path.open("rb") as file:
        return list(dict.fromkeys(_pairs(file, str(path))))


def _pairs(file: BinaryIO, name: str) -> Iterator[Pair]:
    text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
    try:
        first = text.readline()
        while first and not first.strip():
            first = text.readline()
        lines = _chain(first, text)
        for number, pair in enumerate(_from_ndjson(lines) if first.lstrip().startswith("{") else _from_csv(lines), 1):
            if not all(pair):
                raise LagoArgumentError(f"{name}: an id is empty in entry {number}")
            yield pair
    except (msgspec.DecodeError, UnicodeDecodeError, csv.Error, KeyError) as error:
        raise LagoArgumentError(
            f"{name} is neither NDJSON nor CSV with the keys {' and '.join(_KEYS)}: {error}"
        ) from None
    finally:
        text.detach()


def _chain(first: str, rest: Iterator[str]) -> Iterator[str]:
    yield first
    yield from rest


def _from_ndjson(lines: Iterator[str]) -> Iterator[Pair]:
    for line in lines:
        if line.strip():
            entry = _decode(line)
            yield entry.external_customer_id, entry.external_subscription_id


def _from_csv(lines: Iterator[str]) -> Iterator[Pair]:
    customer, subscription = _KEYS
    first = next(lines, "")
    # A file for a spreadsheet may have semicolons; no id is in the header.
    rows = csv.DictReader(_chain(first, lines), delimiter=";" if ";" in first and "," not in first else ",")
    for key in _KEYS:
        if key not in (rows.fieldnames or ()):
            raise KeyError(key)
    for row in rows:
        yield restore_text(row[customer] or ""), restore_text(row[subscription] or "")
