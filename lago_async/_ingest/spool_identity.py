"""Whose events a spool holds, so that no key of another organisation ever sends them.

`spool.json` in the folder has the id of the organisation, once the server has told it, and digests of the keys that are
known to be of it. A start with a known key needs no server. Another key must be confirmed by the server.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from lago_async._ingest.dead_letters import locked, replace_file
from lago_async._ingest.spool_errors import spool_error
from lago_async.errors import EventSpoolError, LagoError

if TYPE_CHECKING:
    from typing import IO

    from lago_async._net.options import Secret

FILE_NAME: Final = "spool.json"
VERSION: Final = 1
_MOST_KEYS: Final = 16
# A key of Lago is a random UUID, so even a fast digest would not give it away; this is for keys that people chose.
_ROUNDS: Final = 200_000

FindOrganization = Callable[[], Awaitable[str]]


class _Identity(msgspec.Struct, kw_only=True, omit_defaults=True):
    version: int
    salt: str
    keys: list[str]
    organization: str | None = None


class SpoolOwner:
    """The user of a spool: the key of a client, and the URL that it is for.

    Args:
        api_key: The key.
        base_url: The URL of the API.
        find_organization: Ask the server for the id of the key's organisation.
    """

    def __init__(self, *, api_key: Secret, base_url: str, find_organization: FindOrganization) -> None:
        self._api_key = api_key
        self._base_url = base_url
        self.find_organization = find_organization

    def digest(self, salt: str) -> str:
        """Return a digest of key and URL. It takes a tenth of a second on purpose."""
        # Without a variable: no frame is to hold the key in clear.
        return hashlib.pbkdf2_hmac(
            "sha256", f"{self._base_url}\n{str.__str__(self._api_key)}".encode(), bytes.fromhex(salt), _ROUNDS
        ).hex()


async def admit(folder: Path, owner: SpoolOwner) -> None:
    """Make the folder of a spool, or check that an existing one is of the same organisation.

    Raises:
        EventSpoolError: The spool is of another organisation; or the server could not be asked, and has to be.
        EventSpoolError: The folder cannot be used.
    """
    from anyio.to_thread import run_sync

    identity, known = await run_sync(_look, folder, owner)
    if known and identity.organization is not None:
        return
    try:
        organization = await owner.find_organization()
    except LagoError as error:
        if known:
            return  # another start will learn it
        raise _unconfirmed(folder, f"Lago could not tell: {type(error).__name__}: {error}") from None
    if not known:
        if identity.organization is None:
            raise _unconfirmed(folder, "no start with the key before could ask Lago for the organisation")
        if organization != identity.organization:
            raise EventSpoolError(
                f"the event spool {folder} has events of the organisation {identity.organization}, and the API key is "
                f"of the organisation {organization}: pass the path of another folder"
            )
    await run_sync(_note, folder, owner, organization)


def _unconfirmed(folder: Path, reason: str) -> EventSpoolError:
    return EventSpoolError(
        f"the event spool {folder} was made with another API key or base_url, and it is not certain that both are of "
        f"one organisation ({reason}). Start once with the key before, or when Lago can be reached; pass another "
        f"folder; or, if you know that they are of one organisation, delete {FILE_NAME} in the folder"
    )


def _look(folder: Path, owner: SpoolOwner) -> tuple[_Identity, bool]:
    """Return the identity of a spool, and whether it has this key. A folder without one gets it."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(folder):
            identity = _read(folder)
            if identity is None:
                identity = _Identity(version=VERSION, salt=secrets.token_hex(16), keys=[])
                identity.keys.append(owner.digest(identity.salt))
                _replace(folder, identity)
                return identity, True
    except OSError as error:
        raise spool_error(error, folder) from None
    digest = owner.digest(identity.salt)
    return identity, any(hmac.compare_digest(digest, known) for known in identity.keys)


def _note(folder: Path, owner: SpoolOwner, organization: str) -> None:
    """Record the organisation and the key, which the server has confirmed."""
    try:
        with locked(folder):
            identity = _read(folder)
            if identity is None:
                return  # somebody has just deleted it
            digest = owner.digest(identity.salt)
            identity.keys = [*(known for known in identity.keys if known != digest), digest][-_MOST_KEYS:]
            identity.organization = organization
            _replace(folder, identity)
    except OSError as error:
        raise spool_error(error, folder) from None


def _read(folder: Path) -> _Identity | None:
    path = folder / FILE_NAME
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return None
    try:
        identity = msgspec.json.decode(text, type=_Identity)
        bytes.fromhex(identity.salt)
    except (msgspec.MsgspecError, ValueError):
        raise EventSpoolError(
            f"{path} is damaged, so it is not known whose events the spool has: restore it, or delete it if the API "
            "key is of the organisation that they are for"
        ) from None
    if identity.version > VERSION:
        raise EventSpoolError(f"{path} was made by a newer version of this library: install it again")
    return identity


def _replace(folder: Path, identity: _Identity) -> None:
    def fill(file: IO[bytes]) -> None:
        file.write(msgspec.json.encode(identity) + b"\n")
        os.fsync(file.fileno())

    replace_file(folder / FILE_NAME, fill)
