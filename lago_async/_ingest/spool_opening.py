"""The spool of a client."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lago_async._ingest.spool import MAX_BYTES, EventSpool
from lago_async._ingest.spool_identity import SpoolOwner, admit
from lago_async._validation import described
from lago_async.errors import LagoConfigError

if TYPE_CHECKING:
    from lago_async.client import LagoClient

_PATIENCE: Final = 5.0  # seconds for the server to name the organisation; a start does not wait longer for it


def spool_of(client: LagoClient, path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> EventSpool:
    """Return the spool in a folder, for events of the organisation of the client. Its first call opens the folder.

    Args:
        client: Its key must be of the organisation whose events are in the folder.
        path: The folder, on a local disk; it is made if it does not exist.
        max_bytes: The limit of all files in the folder.

    Raises:
        LagoConfigError: ``max_bytes`` is not a whole number, or too small; or ``path`` is not that of a folder.
    """
    if not isinstance(path, str | os.PathLike) or not isinstance(os.fspath(path), str):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise LagoConfigError(f"spool must be the path of a folder, not {described(path)}")
    text = os.fspath(path)
    if not text or "\0" in text:  # the path of no folder is not the current one
        raise LagoConfigError(f"spool must be the path of a folder, not {text!r}")
    folder = Path(text).absolute()
    impatient = client.with_options(timeout=_PATIENCE, max_retries=0)

    async def find_organization() -> str:
        return (await impatient.organizations.find()).lago_id

    settings = client._state.settings  # pyright: ignore[reportPrivateUsage]
    owner = SpoolOwner(api_key=settings.api_key, base_url=settings.base_url, find_organization=find_organization)
    return EventSpool(folder, max_bytes=max_bytes, admit=partial(admit, folder, owner))
