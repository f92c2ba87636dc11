"""The HTML document around a page: its styles, its scripts, and the policy that lets no other script run."""

from __future__ import annotations

import base64
import hashlib
import json
import string
from collections.abc import Sequence
from importlib import resources

from lago_async.usage._report.chart import Chart, Json
from lago_async.usage._report.target import GENERATOR


def render_document(*, title: str, body: str, charts: Sequence[Chart], plotly_js: str) -> str:
    """Return the document.

    Args:
        title: The title, as HTML.
        body: The content of the page, as HTML.
        charts: The charts to draw on it. Without any, the document has no script.
        plotly_js: The source of the drawing library.
    """
    files = resources.files("lago_async.usage._report")
    text = {name: (files / f"report.{name}").read_text("utf-8") for name in ("html", "css", "js")}
    scripts = {"plotly": _script(plotly_js) if charts else "", "js": _script(text["js"]) if charts else ""}
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in scripts.values())
    # The page fetches nothing, and runs no script but these two. It allows images in data URLs, because some releases
    # of plotly.js use one to find out what the browser supports.
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return string.Template(text["html"]).substitute(
        policy=policy,
        generator=GENERATOR,
        title=title,
        css=text["css"],
        body=body,
        charts=_json([chart.spec() for chart in charts]),
        **scripts,
    )


def _script(code: str) -> str:
    """Return a script as a browser reads it from the page, so that its hash is the same."""
    return code.replace("\r\n", "\n").replace("\r", "\n").replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode("ascii")


def _json(value: Json) -> str:
    """Return JSON for a page. Nothing in it can end the script, or start a comment."""
    text = json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
