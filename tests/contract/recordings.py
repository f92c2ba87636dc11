"""The recorded answers of a running Lago, exchange by exchange, with values in the place of the placeholders."""

import gzip
import json
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import attrs

FOLDER = Path(__file__).parent.parent / "recorded"

_TIME = re.compile(r"<now(.*)>")
_VALUES = {"<int>": 1, "<bool>": True, "<float>": 0.5, "<text>": "dGV4dA==\n"}


@attrs.frozen
class Exchange:
    """One call, and the response to it.

    Attributes:
        story: The file that has it.
        number: Its place in the story.
        operation: The operation, as in the endpoint table; ``unrouted`` for a path that the server does not know.
        method: The HTTP method.
        target: The path and the query.
        status: The HTTP status.
        headers: The headers of the response.
        response: The JSON of the response, or its text; None for an empty one.
        query: The pairs of the query, as they were sent.
        request: The JSON of the request; None without one.
    """

    story: str
    number: int
    operation: str
    method: str
    target: str
    status: int
    headers: dict[str, str]
    response: Any
    query: list[list[str]]
    request: Any

    @property
    def body(self) -> bytes:
        """The bytes of the response."""
        if self.response is None:
            return b""
        if isinstance(self.response, str):
            return self.response.encode()
        return json.dumps(self.response).encode()


@cache
def exchanges() -> list[Exchange]:
    """Return all exchanges of all stories."""
    return [
        Exchange(
            story=f"{path.parent.name}/{path.name.removesuffix('.json.gz')}",
            number=number,
            operation=exchange["operation"],
            method=exchange["method"],
            target=_target(exchange["path"], exchange["query"]),
            status=exchange["status"],
            headers=exchange["headers"],
            response=_filled(exchange["response"], "", page=_page(exchange["query"])),
            query=exchange["query"],
            request=_filled(exchange.get("request"), "", page=1),
        )
        for path in sorted(FOLDER.glob("*/*.json.gz"))
        for number, exchange in enumerate(json.loads(gzip.decompress(path.read_bytes()))["exchanges"])
    ]


def _target(path: str, query: list[list[str]]) -> str:
    """Return path and query, with the page that the server gives instead of one below the first."""
    pairs = [(name, "1" if name == "page" and value == "0" else value) for name, value in query]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def _page(query: list[list[str]]) -> int:
    """Return the page that was asked for, as far as the server understands it."""
    asked = next((value for name, value in query if name == "page"), "1")
    return max(int(asked), 1) if re.fullmatch("[0-9]+", asked) else 1


def _filled(value: Any, key: str, *, page: int) -> Any:
    """Return JSON with valid values instead of the placeholders that are not text."""
    match value:
        case dict():
            return {name: _filled(item, name, page=page) for name, item in value.items()}
        case list():
            return [_filled(item, key, page=page) for item in value]
        case str():
            if key == "current_page" and value == "<int>":
                return page
            if value == "<str>" and key == "amount":
                return "1.5"
            if value == "<str>" and key.endswith("_at"):
                return "2026-01-11T00:00:00Z"
            if time := _TIME.fullmatch(value):
                return f"2026-01-11T00:00:00{time[1]}"
            return _VALUES.get(value, value)
        case _:
            return value
