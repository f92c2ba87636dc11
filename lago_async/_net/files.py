"""Files that Lago generates: waiting until a file is ready, and downloading it in chunks."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, TypeVar
from urllib.parse import urlsplit

import anyio.to_thread

from lago_async._net.addresses import is_loopback
from lago_async._net.retry import random_fraction
from lago_async.errors import LagoArgumentError, LagoError, LagoFileError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import aiohttp

    from lago_async._net.options import Options, Settings

    Target: TypeAlias = str | os.PathLike[str] | BinaryIO
    OnProgress: TypeAlias = Callable[[int, int | None], None]

_T = TypeVar("_T")

_PIECE = 256 * 1024
_REDIRECTS = 5
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 5.0


async def wait_for_file(fetch: Callable[[], Awaitable[_T | None]], name: str, options: Options) -> _T:
    """Repeat a call until its result has a file; ``options.timeout.total`` limits the whole wait.

    Raises:
        LagoFileError: No file was ready in time.
    """
    loop = asyncio.get_running_loop()
    total = options.timeout.total
    deadline = None if total is None else loop.time() + total
    wait = _FIRST_WAIT
    try:
        async with asyncio.timeout_at(deadline):
            while True:
                found = await fetch()
                if found is not None and getattr(found, "file_url", None):
                    return found
                await asyncio.sleep(wait * (0.5 + random_fraction() / 2))
                wait = min(2 * wait, _LONGEST_WAIT)
    except TimeoutError as error:
        if isinstance(error, LagoError):
            raise
        late = f"{name}: no file within {total:g} s; try again later, or wait longer with timeout="
        raise LagoFileError(late) from None


async def download_file(
    url: str, to: Target, settings: Settings, options: Options, *, on_progress: OnProgress | None, max_bytes: int
) -> int:
    """Download a file, and return its size. The API key is not sent, because the host may not be Lago's.

    Raises:
        LagoFileError: The file could not be downloaded completely.
        LagoArgumentError: The URL is not https (or allowed plain http), has no host, or holds credentials.
    """
    download = _Download(url, settings, options, on_progress, max_bytes)
    if not isinstance(to, str | os.PathLike):
        return await download.run(to)
    path = Path(to)
    part = path.with_name(f".{path.name}.{os.getpid()}.{os.urandom(4).hex()}.part")
    try:
        with part.open("xb") as file:
            size = await download.run(file)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return size


class _Download:
    """The download of one file. After a failure it starts again, unless it has already written some bytes."""

    def __init__(
        self, url: str, settings: Settings, options: Options, on_progress: OnProgress | None, max_bytes: int
    ) -> None:
        self._url = url
        self._settings = settings
        self._options = options
        self._on_progress = on_progress
        self._max_bytes = max_bytes
        self._received = 0
        self._check(url)

    async def run(self, file: BinaryIO) -> int:
        import aiohttp

        timeout, retries = self._options.timeout, self._options.retries
        limits = aiohttp.ClientTimeout(total=timeout.total, sock_connect=timeout.connect, sock_read=timeout.read)
        async with aiohttp.ClientSession(timeout=limits, cookie_jar=aiohttp.DummyCookieJar()) as session:
            attempt = 0
            while True:
                try:
                    return await self._fetch(session, file)
                except (aiohttp.ClientError, TimeoutError) as error:
                    if self._received or attempt == retries.max_retries:
                        reason = str(error) or type(error).__name__
                        raise LagoFileError(f"the download failed after {self._received} bytes: {reason}") from error
                await asyncio.sleep(min(retries.max_delay, retries.base_delay * 2.0**attempt))
                attempt += 1

    async def _fetch(self, session: aiohttp.ClientSession, file: BinaryIO) -> int:
        url = self._url
        for _ in range(_REDIRECTS + 1):
            async with session.get(
                url, allow_redirects=False, ssl=self._settings.ssl_context or True, proxy=self._settings.proxy
            ) as response:
                if response.status == 200:
                    return await self._pass_on(response, file)
                location = response.headers.get("Location")
                if response.status not in (301, 302, 303, 307, 308) or location is None:
                    raise LagoFileError(
                        f"the file's server responded with {response.status}; "
                        "its link may have expired: get a new file_url"
                    )
                url = str(response.url.join(type(response.url)(location)))
                self._check(url)
        raise LagoFileError(f"the file's server redirects more than {_REDIRECTS} times; get a new file_url")

    async def _pass_on(self, response: aiohttp.ClientResponse, file: BinaryIO) -> int:
        total = response.content_length
        if total is not None and total > self._max_bytes:
            raise LagoFileError(f"the file has {total} bytes, more than max_bytes={self._max_bytes}")
        async for piece in response.content.iter_chunked(_PIECE):
            self._received += len(piece)
            if self._received > self._max_bytes:
                raise LagoFileError(f"the file has more than max_bytes={self._max_bytes}")
            await anyio.to_thread.run_sync(file.write, piece)
            if self._on_progress is not None:
                self._on_progress(self._received, total)
        return self._received

    def _check(self, url: str) -> None:
        parts = urlsplit(url)
        insecure = parts.scheme == "http" and (self._settings.allow_insecure_http or is_loopback(parts.hostname or ""))
        if (parts.scheme == "https" or insecure) and parts.hostname and parts.username is None:
            return
        raise LagoArgumentError(
            f"files are downloaded over https, not from {parts.scheme}://{parts.hostname}; "
            "allow_insecure_http=True allows plain http"
        )
