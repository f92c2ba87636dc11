"""Opening the spool of a client."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lago_async._ingest.spool import MAX_BYTES, EventSpool
from lago_async._ingest.spool_identity import SpoolOwner, admit
from lago_async.client import settings_in

if TYPE_CHECKING:
    from lago_async.client import LagoClient

_PATIENCE: Final = 5.0  # seconds for the server to name the organisation; a start does not wait longer for it


async def open_spool(client: LagoClient, path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> EventSpool:
    """Open the spool in a folder, and make the folder if it does not exist.

    Args:
        client: Its key must be of the organisation whose events are in the folder.
        path: The folder, on a local disk.
        max_bytes: The limit of all files in the folder.

    Raises:
        EventSpoolError: The folder is of another organisation, or cannot be used; the message has the remedy.
        LagoConfigError: ``max_bytes`` is not a whole number, or too small.
    """
    folder = Path(os.path.abspath(path))  # noqa: ASYNC240, PTH100 - it only joins two texts
    impatient = client.with_options(timeout=_PATIENCE, max_retries=0)

    async def find_organization() -> str:
        return (await impatient.organizations.find()).lago_id

    settings = settings_in(client)
    owner = SpoolOwner(api_key=settings.api_key, base_url=settings.base_url, find_organization=find_organization)
    spool = EventSpool(folder, max_bytes=max_bytes)
    try:
        await admit(folder, owner)
        await spool.open()
    except BaseException:
        spool.abandon()
        raise
    return spool
