"""A spool belongs to one organisation: no key of another one sends its events, and no start needs the server twice."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from lago_async import EventSpoolError, LagoClient, LagoConfigError
from lago_async._ingest.spool_opening import spool_of
from lago_async.sandbox import Sandbox
from tests.lago_async._ingest.spools import body, numbers

DOWN = "http://127.0.0.1:1"


async def opened(path: Path, client: LagoClient) -> list[int]:
    """Open a spool, take all events, and close it again."""
    async with client:
        spool = spool_of(client, path)
        await spool.open()
        found = numbers(await spool.take(1000))
        await spool.aclose()
    return found


async def filled(path: Path, client: LagoClient) -> None:
    async with client:
        spool = spool_of(client, path)
        await spool.open()
        await spool.put([body(1)])
        await spool.aclose()


def keyed(sandbox: Sandbox, key: str = "") -> LagoClient:
    return LagoClient(api_key=key or sandbox.api_key, base_url=sandbox.url)


async def test_a_spool_of_another_organisation_is_refused_and_stays_as_it_is(tmp_path: Path) -> None:
    async with Sandbox() as ours, Sandbox() as theirs:
        await filled(tmp_path, keyed(ours))
        with pytest.raises(EventSpoolError, match="pass the path of another folder"):
            await opened(tmp_path, keyed(theirs))
        assert await opened(tmp_path, keyed(ours)) == [1]


async def test_another_key_of_the_organisation_is_learned_from_the_server_and_known_from_then_on(
    tmp_path: Path,
) -> None:
    """The URL is part of what is known: the same server by another name is asked, too."""
    async with Sandbox() as sandbox:
        await filled(tmp_path, keyed(sandbox))
        renamed = sandbox.url.replace("127.0.0.1", "localhost")
        assert renamed != sandbox.url
        assert await opened(tmp_path, LagoClient(api_key=sandbox.api_key, base_url=renamed)) == [1]
    assert await opened(tmp_path, LagoClient(api_key=sandbox.api_key, base_url=renamed)) == [1], "the server is down"
    assert await opened(tmp_path, LagoClient(api_key=sandbox.api_key, base_url=sandbox.url)) == [1]


async def test_a_first_start_while_the_server_is_down_works_and_the_organisation_is_learned_later(
    tmp_path: Path,
) -> None:
    key = "0a4c5b1e-key"
    await filled(tmp_path, LagoClient(api_key=key, base_url=DOWN))
    assert "organization" not in json.loads((tmp_path / "spool.json").read_text())
    assert await opened(tmp_path, LagoClient(api_key=key, base_url=DOWN)) == [1]


async def test_another_key_is_refused_while_the_server_cannot_confirm_it(tmp_path: Path) -> None:
    async with Sandbox() as sandbox:
        await filled(tmp_path, keyed(sandbox))
        with pytest.raises(EventSpoolError, match=r"Lago could not tell: UnauthorizedError.*delete spool\.json"):
            await opened(tmp_path, keyed(sandbox, "another-key"))
    with pytest.raises(EventSpoolError, match=r"when Lago can be reached"):
        await opened(tmp_path, keyed(sandbox, "another-key"))
    (tmp_path / "spool.json").unlink()  # the remedy for those who know better
    assert await opened(tmp_path, keyed(sandbox, "another-key")) == [1]


async def test_another_key_is_refused_if_the_organisation_was_never_learned(tmp_path: Path) -> None:
    await filled(tmp_path, LagoClient(api_key="first-key", base_url=DOWN))
    async with Sandbox() as sandbox:
        with pytest.raises(EventSpoolError, match="Start once with the key before"):
            await opened(tmp_path, keyed(sandbox))


async def test_neither_the_key_nor_its_plain_digest_is_in_any_file_or_error(tmp_path: Path) -> None:
    import hashlib

    async with Sandbox() as sandbox:
        await filled(tmp_path, keyed(sandbox))
        with pytest.raises(EventSpoolError) as caught:
            await opened(tmp_path, keyed(sandbox, "another-key"))
        for path in tmp_path.iterdir():
            data = path.read_bytes()
            assert sandbox.api_key.encode() not in data
            assert hashlib.sha256(sandbox.api_key.encode()).hexdigest().encode() not in data
        assert "another-key" not in repr(caught.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version":1}', '{"version":1,"salt":"zz","keys":[]}'])
async def test_a_damaged_identity_is_refused_with_the_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / "spool.json").write_text(text)
    with pytest.raises(EventSpoolError, match=r"spool\.json is damaged.*restore it, or delete it"):
        await opened(tmp_path, LagoClient(api_key="key", base_url=DOWN))


async def test_an_identity_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spool.json").write_text('{"version":2,"salt":"00","keys":[]}')
    with pytest.raises(EventSpoolError, match="newer version"):
        await opened(tmp_path, LagoClient(api_key="key", base_url=DOWN))


async def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(EventSpoolError, match="must be a folder"):
            await opened(path, LagoClient(api_key="key", base_url=DOWN))


async def test_many_starts_at_once_agree_on_one_identity(tmp_path: Path) -> None:
    async with Sandbox() as sandbox, keyed(sandbox) as client:
        spools = [spool_of(client, tmp_path / "new") for _ in range(8)]
        await asyncio.gather(*(spool.open() for spool in spools))
        for spool in spools:
            await spool.aclose()
        assert len(json.loads((tmp_path / "new" / "spool.json").read_text())["keys"]) == 1


async def test_settings_are_checked_before_anything_is_made(tmp_path: Path) -> None:
    async with LagoClient(api_key="key", base_url=DOWN) as client:
        with pytest.raises(LagoConfigError, match="max_bytes"):
            spool_of(client, tmp_path / "new", max_bytes=5)
        with pytest.raises(LagoConfigError, match="spool must be the path"):
            spool_of(client, b"new")  # type: ignore[arg-type]
    assert not (tmp_path / "new").exists()
