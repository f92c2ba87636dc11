"""Files that Lago generates: waiting until a file is ready, and downloading it in chunks."""

from __future__ import annotations

import asyncio
import os
from typing import TYPE_CHECKING, BinaryIO, TypeAlias, TypeVar

from lago_async._net.event_loop import running_loop
from lago_async._net.file_target import in_thread, target_of
from lago_async._net.file_url import FileUrl
from lago_async._net.options import WrongType, hidden
from lago_async._net.retry import random_fraction
from lago_async._net.urls import MalformedUrlError
from lago_async._validation import check_whole_number, described
from lago_async.errors import LagoArgumentError, LagoError, LagoFileError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lago_async._net.options import Options, Settings

    Target: TypeAlias = str | os.PathLike[str] | BinaryIO
    OnProgress: TypeAlias = Callable[[int, int | None], None]

_T = TypeVar("_T")

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 5.0


async def wait_for_file(fetch: Callable[[], Awaitable[_T | None]], name: str, options: Options) -> _T:
    """Repeat a call until its result has a file; ``options.timeout.total`` limits the whole wait.

    Raises:
        LagoFileError: No file was ready in time.
    """
    loop = running_loop()
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
        LagoArgumentError: An argument is not valid; nothing was sent.
    """
    from lago_async._net.download import Download

    running_loop()
    text = hidden(url)
    if text is None or isinstance(text, WrongType):
        given = "None" if text is None else f"a value of type {text}"
        raise LagoArgumentError(
            f"download_file: file_url must be text (str), not {given}; wait_for_file waits until there is one"
        )
    check_whole_number("download_file: max_bytes", max_bytes, least=1, error=LagoArgumentError)
    if on_progress is not None and not callable(on_progress):
        raise LagoArgumentError(f"download_file: on_progress must be a function, not {described(on_progress)}")
    try:
        start = FileUrl.of(text, settings)
    except MalformedUrlError as error:
        raise LagoArgumentError(f"download_file: file_url {error}") from None
    target = await in_thread(lambda: target_of(to))
    download = Download(start, target, settings, options, on_progress=on_progress, max_bytes=max_bytes)
    try:
        size = await download.run()
        await in_thread(target.finish)
    except BaseException:
        target.discard()
        raise
    return size
