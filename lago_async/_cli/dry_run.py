"""The request of a command as text: what would be sent, without the key."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from lago_async._cli.output import as_json

if TYPE_CHECKING:
    from lago_async._table.messages import Request
    from lago_async.client import LagoClient
    from lago_async.models import Json


def shown_request(client: LagoClient, request: Request) -> str:
    """Return the method, the URL, the headers and the body of a request."""
    endpoint = request.endpoint
    base = client.ingest_url if endpoint.host == "ingest" else client.base_url
    url = base.removesuffix("v1") + endpoint.version + request.target
    agent = client._state.settings.user_agent  # pyright: ignore[reportPrivateUsage]
    lines = [
        f"{endpoint.method} {url}",
        "Accept: application/json",
        "Authorization: Bearer ***",
        f"User-Agent: {agent}",
    ]
    if request.body is not None:
        lines += ["Content-Type: application/json", "", as_json(cast("Json", json.loads(request.body)))]
    return "\n".join([*lines, ""])
