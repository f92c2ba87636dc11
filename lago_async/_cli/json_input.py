"""JSON that a user gives: as an argument, in a file or on standard input. Nothing in it is dropped or rounded."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

import click

from lago_async._streams import input_stream

if TYPE_CHECKING:
    from lago_async.models import Json


def given_json(argument: str) -> Json:
    """Return the JSON of an argument: ``@FILE``, ``-`` for standard input, or the JSON itself.

    Raises:
        click.UsageError: There is no such file, or it is not JSON.
    """
    if argument == "-":
        return parsed(_text(input_stream().read(), "standard input"), "standard input")
    if not argument.startswith("@"):
        return parsed(argument, "--json")
    path = Path(argument[1:])
    try:
        content = path.read_bytes()
    except OSError as error:
        raise click.UsageError(f"--json: {path}: {error.strerror}") from None
    return parsed(_text(content, str(path)), str(path))


def _text(content: bytes, source: str) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise click.UsageError(f"{source} is not UTF-8") from None


def parsed(text: str, source: str) -> Json:
    """Return parsed JSON.

    Raises:
        click.UsageError: It is not JSON, has a key twice, or has a number that would be sent as another one.
    """
    try:
        return cast(
            "Json",
            json.loads(text, object_pairs_hook=_object, parse_float=_number, parse_constant=_constant),
        )
    except RecursionError:
        raise click.UsageError(f"{source}: it is nested too deeply") from None
    except json.JSONDecodeError as error:
        remedy = "; for a file, write @FILE" if source == "--json" else ""
        raise click.UsageError(f"{source} is not JSON: {error}{remedy}") from None
    except ValueError as error:
        raise click.UsageError(f"{source}: {error}") from None


def _object(pairs: Sequence[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice!r} is there twice: remove one of them")
    return found


def _number(text: str) -> float:
    number = float(text)
    if Decimal(repr(number)) != Decimal(text):
        raise ValueError(f"the number {text[:40]} has more digits than a number of JSON keeps: write it as a text")
    return number


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
