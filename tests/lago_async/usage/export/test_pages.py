"""Pages of subscriptions that are not whole: an interrupted run keeps them, and damage only loses some of them."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import lago_async.usage
import lago_sync.usage
from lago_async.sandbox import RawResponse, Sandbox
from lago_async.usage import ExportSummary, Progress
from lago_async.usage._export import pages as pages_module
from lago_async.usage._export.pages import Identity, PageStore
from lago_async.usage._export.pairs import Pair
from tests.conftest import Face, NewFace
from tests.lago_async.usage.export.disks import Quick
from tests.lago_async.usage.export.small_exports import PAIRS
from tests.lago_async.usage.export.test_damage import DAMAGES
from tests.lago_async.usage.worlds import billed, ids

PAST = "find_all_customer_past_usage"
Export = Callable[..., Awaitable[ExportSummary]]
SUBSCRIPTIONS, MONTHS = 6, 8


@pytest.fixture
async def world() -> AsyncIterator[Sandbox]:
    async with billed(SUBSCRIPTIONS, months=MONTHS) as running:
        yield running


@pytest.fixture
async def face(new_face: NewFace, world: Sandbox) -> Face:
    return await new_face(api_key=world.api_key, base_url=world.url)


@pytest.fixture
def export(face: Face) -> Export:
    async def run(out: Path, **options: Any) -> ExportSummary:
        function: Any = (lago_async if face.name == "async" else lago_sync).usage.export
        summary: ExportSummary = await face.run(function, face.client, out, **options)
        return summary

    return run


class StopError(Exception):
    """The export is stopped."""


class StopAfter:
    """Stop an export after some outcomes."""

    def __init__(self, outcomes: int) -> None:
        self.left = outcomes

    def __call__(self, progress: Progress) -> None:
        self.left -= 1
        if not self.left:
            raise StopError


@pytest.mark.parametrize("concurrency", [2, SUBSCRIPTIONS])
async def test_a_stopped_export_keeps_the_pages_that_it_fetched(
    export: Export, world: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, concurrency: int
) -> None:
    monkeypatch.setattr("lago_async.usage._export.progress._INTERVAL", 0.0)
    options: dict[str, Any] = {"per_page": 1, "concurrency": concurrency}
    await export(tmp_path / "calm.ndjson", **options)
    needed = sum(request.operation == PAST for request in world.requests)
    before = len(world.requests)
    out, stops = tmp_path / "usage.ndjson", 0
    while True:
        try:
            summary = await export(out, on_progress=StopAfter(7), **options)
        except StopError:
            stops += 1
            continue
        break
    assert stops >= 5
    assert summary.complete
    lines = out.read_bytes().splitlines()
    assert sorted(lines) == sorted((tmp_path / "calm.ndjson").read_bytes().splitlines())
    owners = [line.partition(b'"lago_invoice_id"')[0] for line in lines]
    assert len(dict.fromkeys(owners)) == 1 + sum(one != other for one, other in pairwise(owners))
    asked = sum(request.operation == PAST for request in list(world.requests)[before:])
    # Calls in flight at each stop are asked for again, and nothing else.
    assert asked - needed <= stops * concurrency
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith("usage")} == {
        "usage.ndjson", "usage.ndjson.journal",
    }  # fmt: skip


def asked_for(world: Sandbox, since: int = 0) -> list[str]:
    """Return the subscriptions of all calls for past usage, in their order."""
    calls = [request for request in list(world.requests)[since:] if request.operation == PAST]
    return [dict(request.query)["external_subscription_id"] for request in calls]


async def test_a_resumed_export_begins_with_what_was_begun(
    export: Export, world: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lago_async.usage._export.progress._INTERVAL", 0.0)
    for name, subscriptions in {"listed": None, "given": ids(range(SUBSCRIPTIONS))}.items():
        out = tmp_path / f"{name}.ndjson"
        options: dict[str, Any] = {"per_page": 3, "concurrency": 1, "subscriptions": subscriptions}
        with pytest.raises(StopError):
            await export(out, on_progress=StopAfter(5), **options)
        begun = asked_for(world)[-1]
        if subscriptions is None:  # the newest come first in the list
            new: dict[str, Any] = {"external_customer_id": "c0", "external_id": "new", "plan_code": "plan"}
            world.perform("create_subscription", new)
        else:
            subscriptions.sort(key=lambda pair: pair[1] == begun)
        before = len(world.requests)
        assert (await export(out, **options)).complete
        assert asked_for(world, before)[0] == begun


async def test_a_resumed_export_takes_pages_of_the_right_size_at_once(
    export: Export, world: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lago_async.usage._export.progress._INTERVAL", 0.0)
    out = tmp_path / "usage.ndjson"

    def sizes(since: int) -> list[str]:
        return [dict(item.query)["per_page"] for item in list(world.requests)[since:] if item.operation == PAST]

    with pytest.raises(StopError):
        await export(out, on_progress=StopAfter(4), concurrency=1)
    assert sizes(0)[:3] == ["3", "100", "100"]
    before = len(world.requests)
    assert (await export(out, concurrency=1)).complete
    assert set(sizes(before)) == {"100"}


async def test_pages_of_another_organisation_are_not_continued(
    export: Export, world: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lago_async.usage._export.progress._INTERVAL", 0.0)
    options: dict[str, Any] = {"per_page": 1, "concurrency": SUBSCRIPTIONS, "subscriptions": ids(range(SUBSCRIPTIONS))}
    summary = await export(tmp_path / "calm.ndjson", **options)
    other = b'{"billing_entities":[{"lago_id":"57f9a1c5-2d05-4b29-8a8f-64a4a1f6be3e"}]}'
    world.inject(RawResponse(200, other), operation="list_billing_entities")
    with pytest.raises(StopError):
        await export(tmp_path / "usage.ndjson", on_progress=StopAfter(SUBSCRIPTIONS + 1), **options)
    assert (tmp_path / "usage.ndjson.pages").stat().st_size
    assert (await export(tmp_path / "usage.ndjson", **options)).rows == summary.rows


def stored(store: PageStore, pair: Pair, number: int) -> None:
    at = datetime(2025, 1, 1, tzinfo=UTC)
    identity: Identity = (f"invoice {number}", at, None)
    store.append(pair, [identity], [f"{pair[1]} row {number}\n".encode() * 40], rows=40, position=number + 1)


def store_in(folder: Path, export: str = "one") -> PageStore:
    return PageStore(folder / "usage.csv.pages", folder / "usage.csv.part", Quick(), export)


def content(store: PageStore, folder: Path) -> dict[Pair, bytes]:
    data = (folder / "usage.csv.pages").read_bytes() if (folder / "usage.csv.pages").exists() else b""
    return {pair: b"".join(data[begin:end] for _, begin, end in found.records) for pair, found in store.load().items()}


def rows_up_to(pair: Pair, position: int) -> bytes:
    return b"".join(f"{pair[1]} row {number}\n".encode() * 40 for number in range(position))


def test_a_damaged_page_is_not_used_and_neither_is_one_behind_it(tmp_path: Path) -> None:
    chance = random.Random("pages")
    store = store_in(tmp_path)
    for number in range(5):
        for pair in PAIRS[:3]:
            stored(store, pair, number)
    store.close()
    path = tmp_path / "usage.csv.pages"
    whole = path.read_bytes()
    assert content(store_in(tmp_path), tmp_path) == {pair: rows_up_to(pair, 5) for pair in PAIRS[:3]}
    kept = 0
    for _ in range(200):
        path.write_bytes(chance.choice(DAMAGES)(whole, chance))
        again = store_in(tmp_path)
        for pair, found in again.load().items():
            data = b"".join(path.read_bytes()[begin:end] for _, begin, end in found.records)
            assert data == rows_up_to(pair, found.position)
            assert found.start.kept == found.position
            kept += found.position
        # A page that is added then is found again, behind those that were kept.
        position = again.load()[PAIRS[0]].position if PAIRS[0] in again.load() else 0
        stored(again, PAIRS[0], position)
        again.close()
        assert content(store_in(tmp_path), tmp_path)[PAIRS[0]] == rows_up_to(PAIRS[0], position + 1)
    assert kept > 200


def test_pages_of_another_export_are_not_used(tmp_path: Path) -> None:
    store = store_in(tmp_path)
    stored(store, PAIRS[0], 0)
    store.close()
    assert store_in(tmp_path, "other").load() == {}


def test_the_file_of_pages_does_not_grow_with_the_subscriptions_that_are_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages_module, "_GARBAGE", 2_000)
    store = store_in(tmp_path)
    stored(store, PAIRS[0], 0)
    for number in range(100):
        pair = ("c", f"x{number}")
        stored(store, pair, 0)
        store.drop(pair)
        store.tidy()
        assert (tmp_path / "usage.csv.pages").stat().st_size < 6_000
    stored(store, PAIRS[0], 1)
    store.close()
    assert content(store_in(tmp_path), tmp_path)[PAIRS[0]] == rows_up_to(PAIRS[0], 2)
