"""The blocking face of the event sink: translated from the async source, line by line."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tools.generate.sources import ASYNC, ROOT, SYNC, header

_SOURCE: Final = ASYNC / "_ingest" / "sink.py"

_BLOCKING: Final = {
    "The sink of events for asyncio.": "The sink of events for blocking code.",
    "from lago_async._ingest.face import SinkFace\n": "",
    "from lago_async._validation import check_seconds\n": (
        "from lago_async._validation import check_seconds\nfrom lago_sync._sink_face import BlockingSinkFace\n"
    ),
    "    from lago_async.client import LagoClient\n": "    from lago_sync.client import LagoClient\n",
    "class EventSink(SinkFace)": "class EventSink(BlockingSinkFace)",
    "  # noqa: ASYNC109 - its error says what is left": "",
    "any number of tasks": "any number of threads",
    "logged at the level ERROR of the logger ``lago_async.events``. It may be a coroutine function.": (
        "logged at the level ERROR of the logger ``lago_async.events``. It is called on a thread of its own."
    ),
    "def __aenter__": "def __enter__",
    "def __aexit__": "def __exit__",
    "def aclose": "def close",
    "async with": "with",
    "async def": "def",
    "await ": "",
}
"""The differences of the blocking sink, in this order."""


def render() -> dict[Path, str]:
    """Return the module of the blocking sink and its text.

    Raises:
        SystemExit: The source lacks a phrase that differs; the message names it.
    """
    text = _SOURCE.read_text(encoding="utf-8")
    for phrase, replacement in _BLOCKING.items():
        if phrase not in text:
            raise SystemExit(f"{_SOURCE.relative_to(ROOT)} does not have {phrase!r}; nothing was generated")
        text = text.replace(phrase, replacement)
    return {SYNC / "_event_sink.py": f"{header(str(_SOURCE.relative_to(ROOT)))}\n{text}"}
