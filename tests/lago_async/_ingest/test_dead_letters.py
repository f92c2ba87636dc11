"""Events that the server refused permanently: kept with the reason, read by any tool, sent again or removed."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path
from typing import IO

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lago_async import EventSpoolError, EventSpoolFullError
from lago_async._ingest import dead_letters
from lago_async._ingest.spool import EventSpool
from lago_async._ingest.store import EventBatch
from tests.lago_async._ingest.spools import body, folder_in, numbers

REASON = b'{"status_code":422,"error_details":{"code":["value_is_mandatory"]}}'


async def rejected(path: Path, count: int) -> EventSpool:
    spool = EventSpool(path)
    await spool.put([body(number) for number in range(count + 1)])
    taken = await spool.take(count)
    await spool.reject([(each, REASON) for each in taken])
    return spool


async def test_a_rejected_event_is_a_line_that_any_tool_reads(tmp_path: Path) -> None:
    spool = await rejected(tmp_path, 2)
    lines = [json.loads(line) for line in (tmp_path / "dead-letters.ndjson").read_text().splitlines()]
    assert [sorted(line) for line in lines] == [
        ["event", "id", "reason", "rejected_at", "status_code", "transaction_id"]
    ] * 2
    assert [(line["event"], line["status_code"], line["reason"]) for line in lines] == [
        (json.loads(body(number)), 422, {"code": ["value_is_mandatory"]}) for number in range(2)
    ]
    letters = await spool.dead_letters()
    assert [(letter.transaction_id, letter.event, letter.reason) for letter in letters] == [
        (f"t{number}", json.loads(body(number)), {"code": ["value_is_mandatory"]}) for number in range(2)
    ]
    assert all(letter.rejected_at.tzinfo is not None for letter in letters)
    assert numbers(await spool.take(9)) == [2], "it is not sent again"
    assert spool.waiting() == 1
    await spool.aclose()


async def test_a_dead_letter_is_sent_again_or_removed(tmp_path: Path) -> None:
    spool = await rejected(tmp_path, 4)
    letters = await spool.dead_letters()
    assert await spool.resend([letters[1].id, letters[3].id, "nothing"]) == 2
    assert await spool.forget([letters[0].id, "nothing"]) == 1
    assert [letter.transaction_id for letter in await spool.dead_letters()] == ["t2"]
    assert [each.body for each in await spool.take(9)] == [body(4), body(1), body(3)]
    assert await spool.resend([]) == await spool.forget([letters[0].id]) == 0
    await spool.aclose()
    again = EventSpool(tmp_path)
    assert [letter.transaction_id for letter in await again.dead_letters()] == ["t2"], "it outlives the process"
    await again.aclose()


def test_a_process_that_dies_before_the_removal_leaves_one_letter(tmp_path: Path) -> None:
    """The next process sends the event again and is refused again: the letter has the same id."""
    for _ in range(3):
        folder = folder_in(tmp_path)
        if not folder.events:
            folder.commit([[body(1)]], ())
        folder.keep_as_dead_letters([(folder.take(1)[0], REASON)])
        folder.close()
    assert len((tmp_path / "dead-letters.ndjson").read_bytes().splitlines()) == 3
    folder = folder_in(tmp_path)
    (letter,) = folder.dead_letters()
    assert folder.forget([letter.id]) == 1
    assert (tmp_path / "dead-letters.ndjson").read_bytes() == b""
    folder.close()


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=st.integers(0, 500), more=st.integers(1, 3))
def test_a_line_that_a_power_cut_left_incomplete_harms_no_other(
    tmp_path_factory: pytest.TempPathFactory, cut: int, more: int
) -> None:
    path = tmp_path_factory.mktemp("letters")
    line = dead_letters.letter_line("a", "t0", body(0), REASON, dead_letters.now())
    second = dead_letters.letter_line("b", "t1", body(1), REASON, dead_letters.now())
    dead_letters.append(path, [line, second])
    whole = (path / "dead-letters.ndjson").read_bytes()
    (path / "dead-letters.ndjson").write_bytes(whole[: len(whole) - min(cut, len(second))])
    added = [
        dead_letters.letter_line(f"c{number}", f"t{number}", body(number), REASON, dead_letters.now())
        for number in range(more)
    ]
    dead_letters.append(path, added)
    found = [letter.id for letter in dead_letters.read(path)]
    # Without its line break, a line is complete still.
    assert found == ["a", *(["b"] if cut <= 1 else []), *(f"c{number}" for number in range(more))]
    assert dead_letters.remove(path, ["a"]) == 1
    assert [letter.id for letter in dead_letters.read(path)] == found[1:]


async def test_a_full_disk_keeps_the_event_held_and_the_file_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = await rejected(tmp_path, 1)
    before = (tmp_path / "dead-letters.ndjson").read_bytes()
    (taken,) = await spool.take(1)

    def full(file: IO[bytes], data: bytes) -> None:
        file.seek(0, os.SEEK_END)
        file.write(data[: len(data) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(dead_letters, "_write", full)
        with pytest.raises(EventSpoolFullError, match="Free some space"):
            await spool.reject([(taken, REASON)])
        letters = await spool.dead_letters()
        with pytest.raises(EventSpoolFullError):
            await spool.forget([letters[0].id])
    assert (tmp_path / "dead-letters.ndjson").read_bytes() == before
    assert spool.waiting() == 1
    await spool.release(EventBatch.of([taken]))
    assert numbers(await spool.take(9)) == [1]
    await spool.aclose()


async def test_a_file_that_cannot_be_read_is_an_error_that_names_it(tmp_path: Path) -> None:
    spool = EventSpool(tmp_path)
    (tmp_path / "dead-letters.ndjson").mkdir()
    with pytest.raises(EventSpoolError, match=r"dead-letters\.ndjson"):
        await spool.dead_letters()
    await spool.aclose()


@settings(max_examples=30)
@given(st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists))
def test_any_reason_comes_back_as_it_was(reason: object) -> None:
    refusal = json.dumps({"status_code": 422, "error_details": reason}, indent=1).encode()
    line = dead_letters.letter_line("a", "t\n1", body(0), refusal, dead_letters.now())
    assert line.count(b"\n") == 1
    assert msgspec.json.decode(line)["reason"] == reason
