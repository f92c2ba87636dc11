"""Reading of the recordings: what a running Lago was asked, and what it answered."""

import gzip
import json
import re
from fnmatch import fnmatch
from pathlib import Path
from typing import NotRequired, TypedDict, cast

from lago_async.sandbox._protocol.wire import Json, JsonObject

ROOT = Path(__file__).parents[2] / "tests/recorded"
FOLDERS = ("free", "premium", "random")
SUFFIX = ".json.gz"


class RecordedExchange(TypedDict):
    """A request to the running Lago, and its response."""

    operation: str
    method: str
    path: str
    query: list[tuple[str, str]]
    clock: str
    status: int
    headers: dict[str, str]
    response: Json
    request: NotRequired[JsonObject]
    raw_request: NotRequired[str]
    note: NotRequired[str]
    base: NotRequired[str]
    scope: NotRequired[str]
    other_key: NotRequired[bool]
    unstable: NotRequired[bool]


class Story(TypedDict):
    """A story: the exchanges in their order, and whether the server had a licence."""

    scenario: str
    start: str
    premium_server: bool
    exchanges: list[RecordedExchange]
    webhooks: NotRequired[list[JsonObject]]


def names(pattern: str = "*") -> list[str]:
    """Return the names of the stories whose name matches, with their folder: ``free/billing.alerts``."""
    found = [
        f"{folder}/{path.name.removesuffix(SUFFIX)}"
        for folder in FOLDERS
        for path in sorted((ROOT / folder).glob(f"*{SUFFIX}"))
    ]
    return [name for name in found if fnmatch(name, pattern) or fnmatch(name.partition("/")[2], pattern)]


def read(name: str) -> Story:
    """Return the story of this name."""
    text = gzip.decompress((ROOT / f"{name}{SUFFIX}").read_bytes()).decode()
    prefix = f"{name.partition('/')[2].replace('.', '_')}_"
    # The codes of a story began with a tag, which was taken out of texts but not out of keys.
    return cast("Story", json.loads(re.sub(rf"\br[0-9a-f]{{4,}}_(?={prefix})", "", text)))
