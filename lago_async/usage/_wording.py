"""The names of options on the command line, for errors that name the arguments of Python."""

from __future__ import annotations

import re
from typing import Final

_OPTIONS: Final = {
    "overwrite=True": "--overwrite",
    "raw_text": "--raw-text",
    "names=False": "--no-names",
    "format=": "--format",
    "spreadsheet=": "--spreadsheet",
    "partition=": "--partition",
    "rows=": "--rows",
    "from_datetime": "--from",
    "to_datetime": "--to",
    "periods_count": "--periods",
    "billable_metric_code": "--metric",
    "per_page": "--per-page",
    "concurrency": "--concurrency",
    "rate_share": "--rate-share",
    "shards": "--shards",
    "base_url": "--api-url (or LAGO_API_URL)",
    "pass allow_insecure_http=True": "pass --allow-insecure-http (or set LAGO_ALLOW_INSECURE_HTTP=1)",
    "pass api_key= or set LAGO_API_KEY": "set LAGO_API_KEY",
}

# A name inside a path, a quoted value or a longer word is not an argument.
_NAME: Final = re.compile(
    rf"(?<![\w./\\'\"=-])(?:{'|'.join(re.escape(name) for name in sorted(_OPTIONS, key=len, reverse=True))})"
    r"(?![\w/\\'\"=]|\.\w)"
)


def as_options(text: str) -> str:
    """Return a text with the options of the command line instead of the arguments of Python."""
    return _NAME.sub(lambda found: _OPTIONS[found[0]], text)
