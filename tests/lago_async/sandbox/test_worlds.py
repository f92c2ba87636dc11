"""Worlds: copies share nothing with their original, and files give back what was saved, or are refused."""

import json
import re
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lago_async.sandbox import DropConnection, Sandbox, WorldFileError, add_demo_data
from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.store import Store
from lago_async.version import __version__

from .conftest import START
from .world import build

LISTS = ("plans", "customers", "invoices", "fees", "wallets", "subscriptions", "coupons", "credit_notes", "payments")
REPEATED = timedelta(days=100)


@pytest.fixture(scope="module")
def rich() -> Sandbox:
    sandbox = Sandbox(now=START, premium=True, features={"order_forms"})
    build(sandbox)
    return sandbox


def content_of(sandbox: Sandbox) -> str:
    """Return a saved world without the numbers of its records, which each process counts for itself."""
    return re.sub(r'"order":\d+', '"order":0', sandbox.export_world().decode())


def opened(content: bytes, folder: Path) -> Sandbox:
    path = folder / "some.world"
    path.write_bytes(content)
    return Sandbox.open(path)


def lists_of(sandbox: Sandbox) -> dict[str, Any]:
    return {name: sandbox.perform(f"find_all_{name}") for name in LISTS}


def amounts_of(sandbox: Sandbox) -> list[Any]:
    invoices: Any = sandbox.perform("find_all_invoices")
    return [(item["number"], item["total_amount_cents"], item["issuing_date"]) for item in invoices]


def test_a_fork_is_equal_and_shares_nothing(rich: Sandbox) -> None:
    before = rich.export_world()
    fork = rich.fork()
    assert fork.export_world() == before
    assert lists_of(fork) == lists_of(rich)
    assert fork.api_key == rich.api_key
    fork.advance(by=REPEATED)
    fork.perform("create_customer", {"external_id": "cus", "name": "Another"})
    assert fork.export_world() != before
    assert rich.export_world() == before


def test_a_fork_lives_on_as_its_original_does(rich: Sandbox) -> None:
    first, second = rich.fork(), rich.fork()
    for fork in (first, second):
        fork.advance(by=REPEATED)
    assert amounts_of(first) == amounts_of(second)
    assert len(amounts_of(first)) > len(amounts_of(rich))


def test_a_saved_world_is_equal_when_it_is_opened(rich: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "year.world"
    rich.save(path)
    assert [item.name for item in tmp_path.iterdir()] == ["year.world"]
    found = Sandbox.open(path, api_key="mine")
    assert found.api_key == "mine"
    assert content_of(found) == content_of(rich)
    assert lists_of(found) == lists_of(rich)
    assert rich.api_key not in path.read_text(encoding="utf-8")
    fork = rich.fork()
    for sandbox in (found, fork):
        sandbox.advance(by=REPEATED)
    assert amounts_of(found) == amounts_of(fork)


def test_records_that_are_added_to_an_opened_world_come_after_its_own(rich: Sandbox, tmp_path: Path) -> None:
    found = opened(rich.export_world(), tmp_path)
    found.perform("create_add_on", {"name": "New", "code": "new", "amount_cents": 1, "amount_currency": "EUR"})
    add_ons: Any = found.perform("find_all_add_ons")
    assert add_ons[0]["code"] == "new"


async def test_forks_serve_on_ports_of_their_own_while_the_original_serves(rich: Sandbox) -> None:
    async with rich.fork() as first, first.fork() as second:
        first.inject(DropConnection())
        assert first.url != second.url
        assert list(second.faults) == []


def test_a_world_can_be_forked_while_another_thread_changes_it() -> None:
    sandbox = Sandbox(now=START)

    def change() -> None:
        for number in range(300):
            sandbox.perform("create_customer", {"external_id": f"c{number}"})

    def customers() -> list[Any]:
        found: Any = sandbox.fork().perform("find_all_customers")
        return [item["external_id"] for item in found]

    thread = threading.Thread(target=change)
    thread.start()
    seen: list[list[Any]] = []
    while thread.is_alive():
        seen.append(customers())
    thread.join()
    numbers = [int(names[0].removeprefix("c")) for names in [*seen, customers()] if names]
    assert numbers == sorted(numbers)
    assert numbers[-1] == 299


def test_long_chains_of_records_are_copied_and_saved(tmp_path: Path) -> None:
    """Longer than any stack: a copy that called itself for each link would fail."""
    sandbox = Sandbox(now=START)
    plan: JsonObject = {"name": "P", "code": "p", "interval": "monthly", "amount_cents": 1, "amount_currency": "EUR"}
    sandbox.perform("create_plan", {**plan, "pay_in_advance": False})
    sandbox.perform("create_customer", {"external_id": "cus"})
    given: JsonObject = {"external_customer_id": "cus", "plan_code": "p"}
    for number in range(2 * sys.getrecursionlimit()):
        sandbox.perform("create_subscription", {**given, "external_id": f"s{number}"})
    lives = list(sandbox._store.all_subscriptions())
    for first, second in pairwise(lives):
        first.next, second.previous = second, first
    fork = sandbox.fork()
    assert fork.export_world() == sandbox.export_world()
    assert content_of(opened(sandbox.export_world(), tmp_path)) == content_of(sandbox)


def test_reset_starts_again_as_it_was_made(rich: Sandbox, tmp_path: Path) -> None:
    sandbox = Sandbox(now=START, premium=True)
    sandbox.perform("create_customer", {"external_id": "cus"})
    sandbox.advance(days=40)
    sandbox.inject(DropConnection())
    sandbox.reset()
    assert (sandbox.now, list(sandbox.faults), lists_of(sandbox)["customers"]) == (START, [], [])
    assert sandbox._store.premium
    found = opened(rich.export_world(), tmp_path)
    (tmp_path / "some.world").unlink()
    found.advance(by=REPEATED)
    found.reset()
    assert content_of(found) == content_of(rich)
    fork = sandbox.fork()
    fork.advance(days=1)
    fork.reset()
    assert fork.now == START


def test_nothing_of_the_process_is_in_a_world(rich: Sandbox) -> None:
    header, root, *_ = rich.export_world().splitlines()
    assert set(json.loads(root)[1]) == set(vars(rich._store)) - Store.OF_THE_PROCESS
    assert json.loads(header)["version"] == __version__


def test_what_cannot_be_copied_is_named(rich: Sandbox) -> None:
    fork = rich.fork()
    fork._store.files["x"] = cast("list[str]", [threading.Lock()])
    for act in (fork.fork, fork.export_world):
        with pytest.raises(TypeError, match=r"cannot contain a _thread\.lock: keep it out of the store"):
            act()


# --- files that are refused -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def small() -> bytes:
    sandbox = Sandbox(now=START - timedelta(days=45))
    add_demo_data(sandbox, START, 1)
    return sandbox.export_world()


def changed_header(content: bytes, **fields: object) -> bytes:
    header, _, rest = content.partition(b"\n")
    return json.dumps({**json.loads(header), **fields}).encode() + b"\n" + rest


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"format": "tar"}, "not a world"),
        ({"format_version": 99}, "make the world again with this version"),
        ({"version": "0.0.7"}, r"saved by lago-async 0\.0\.7, and this is "),
        ({"layout": "0"}, "make the world again with this build"),
        ({"objects": 3}, "damaged: it has"),
        ({"objects": None}, "damaged: it has"),
    ],
)
def test_the_file_of_another_version_is_refused_with_what_to_do(
    small: bytes, tmp_path: Path, fields: dict[str, object], reason: str
) -> None:
    with pytest.raises(WorldFileError, match=reason):
        opened(changed_header(small, **fields), tmp_path)


@pytest.mark.parametrize("content", [b"", b"\n", b"{}", b"[]", b"\x80\x04K\x01.", b"null\nnull\n"])
def test_a_file_that_is_no_world_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(WorldFileError, match="not a world that a sandbox saved"):
        opened(content, tmp_path)


def test_a_truncated_file_is_refused(small: bytes, tmp_path: Path) -> None:
    with pytest.raises(WorldFileError, match="damaged"):
        opened(small[: len(small) // 2], tmp_path)


def with_object(content: bytes, line: object) -> bytes:
    """Return a world with one more object, to which a part of its store refers."""
    header, root, *rest = content.splitlines()
    kind, values, name = json.loads(root)
    values["slug"] = ["is", len(rest) + 1]
    lines = [json.dumps([kind, values, name]).encode(), *rest, json.dumps(line).encode()]
    head = json.dumps({**json.loads(header), "objects": len(lines)}).encode()
    return b"\n".join([head, *lines]) + b"\n"


@pytest.mark.parametrize(
    "line",
    [
        ["object", {}, "os.system"],
        ["object", {}, "builtins.eval"],
        ["object", {}, "store.Store"],
        ["object", {}, "store.threading"],
        ["object", {}, "record.attrs"],
        ["object", {"__class__": 1}, "collection.Collection"],
        ["object", {"add": 1}, "collection.Collection"],
        ["object", {}, "events.Event"],
        ["defaultdict", {}, "os.getcwd"],
        ["defaultdict", {}, "eval"],
        ["list", [["value", "events.Event", {}]]],
        ["list", [["value", "subprocess.Popen", {}]]],
        ["list", [["is", -1]]],
        ["list", [["is", 10**9]]],
        ["list", [["decimal", "x"]]],
        ["list", [["datetime", "now"]]],
        ["list", [["bytes", "%"]]],
        ["list", [{}]],
        ["set", [["is", 0], ["is", 1]]],
        ["function", "f"],
        None,
        {},
        "text",
    ],
)
def test_a_file_with_anything_foreign_is_refused_and_runs_nothing(small: bytes, tmp_path: Path, line: object) -> None:
    content = with_object(small, line)
    seen: list[str] = []

    def audit(event: str, _: object) -> None:
        if active and event in {"os.system", "subprocess.Popen", "exec", "compile"}:
            seen.append(event)

    active = True
    sys.addaudithook(audit)
    try:
        with pytest.raises(WorldFileError, match="damaged"):
            opened(content, tmp_path)
    finally:
        active = False
    assert seen == []


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_file_opens_or_is_refused_but_never_fails_otherwise(
    small: bytes, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lines = small.splitlines()
    number = data.draw(st.integers(0, len(lines) - 1))
    line = lines[number]
    start = data.draw(st.integers(0, len(line)))
    end = data.draw(st.integers(start, min(len(line), start + 12)))
    lines[number] = line[:start] + data.draw(st.binary(max_size=6)) + line[end:]
    try:
        opened(b"\n".join(lines) + b"\n", tmp_path_factory.mktemp("worlds"))
    except WorldFileError as error:
        assert "again" in str(error) or "save" in str(error)


def test_a_save_that_fails_leaves_the_old_file(rich: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.world"
    path.write_text("old", encoding="utf-8")

    def full(self: Path, content: bytes) -> int:
        raise OSError("no space left")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="no space"):
        rich.save(path)
    assert path.read_text(encoding="utf-8") == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.world"]


def test_starting_a_sandbox_in_a_test_is_little_work() -> None:
    """Counted in Python calls, which do not depend on the machine: it was 20,000 when every route was compiled."""
    script = (
        "import sys\n"
        "from lago_async.sandbox import Sandbox\n"
        "count = 0\n"
        "def profile(frame, event, arg):\n"
        "    global count\n"
        "    count += event == 'call'\n"
        "sys.setprofile(profile)\n"
        "with Sandbox() as sandbox:\n"
        "    sandbox.perform('create_customer', {'external_id': 'cus'})\n"
        "sys.setprofile(None)\n"
        "print(count)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert int(done.stdout) < 4_000


def test_the_work_of_a_fork_grows_with_the_world_and_not_with_its_square() -> None:
    def calls(customers: int) -> int:
        sandbox = Sandbox(now=datetime(2026, 1, 1, tzinfo=UTC))
        for number in range(customers):
            sandbox.perform("create_customer", {"external_id": f"c{number}"})
        count = 0

        def profile(frame: object, event: str, arg: object) -> None:
            nonlocal count
            count += event == "call"

        sys.setprofile(profile)
        try:
            sandbox.fork()
        finally:
            sys.setprofile(None)
        return count

    assert calls(800) / calls(200) < 4.4
