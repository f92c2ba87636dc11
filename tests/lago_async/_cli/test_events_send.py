"""``lago events send``: every event of a file once, through kills, with or without ids of its own."""

import csv
import json
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from lago_async.sandbox import Latency, RawResponse, Sandbox
from tests.lago_async._cli.conftest import KEY, Lago

LINE: Mapping[str, Any] = {"code": "calls", "external_subscription_id": "sub_1"}


def stored(sandbox: Sandbox) -> Counter[str]:
    """Return how often the server has each transaction."""
    found: Any = sandbox.perform("find_all_events", {"per_page": 100_000})
    assert len(found) < 100_000
    return Counter(event["transaction_id"] for event in found)


def received(sandbox: Sandbox) -> list[dict[str, Any]]:
    """Return the events of all batches, as they arrived."""
    bodies = [request.body for request in sandbox.requests if request.operation == "create_batch_events"]
    return [event for body in bodies for event in json.loads(body or b"")["events"]]


def write(path: Path, events: list[Any]) -> Path:
    path.write_text("".join(f"{event if isinstance(event, str) else json.dumps(event)}\n" for event in events))
    return path


def test_ndjson_is_sent_and_what_is_refused_is_listed(lago: Lago, sandbox: Sandbox, tmp_path: Path) -> None:
    file = write(
        tmp_path / "events.ndjson",
        [
            {**LINE, "transaction_id": "a", "timestamp": "2026-01-31T12:00:00+01:00", "properties": {"n": 0.1}},
            "",
            "{not json",
            {**LINE, "transaction_id": "b", "timestamp": 1_700_000_000},
            {"code": "calls", "transaction_id": "c"},
            [1],
            {**LINE, "transaction_id": "d", "timestamp": "2026-01-31T12:00:00"},
            {**LINE, "transaction_id": "e"},
        ],
    )
    ended = lago("events", "send", str(file))
    assert (ended.code, ended.out) == (13, "")
    refused = tmp_path / "events.ndjson.lago.refused.ndjson"
    assert ended.err == f"7 events: 3 delivered, 4 refused, which are in {refused}\n"
    assert stored(sandbox) == {"a": 1, "b": 1, "e": 1}
    lines = [json.loads(line) for line in refused.read_text().splitlines()]
    assert [line["line"] for line in lines] == [3, 5, 6, 7]
    assert {line["status"] for line in lines} == {"invalid"}
    assert "external_subscription_id" in lines[1]["reason"]
    first = next(event for event in received(sandbox) if event["transaction_id"] == "a")
    assert float(first["timestamp"]) == 1_769_857_200
    assert first["properties"] == {"n": 0.1}
    again = lago("events", "send", str(file))
    assert again.code == 13
    assert "were sent already" in again.err
    assert len(received(sandbox)) == 3


def test_csv_is_sent_with_its_properties_as_they_are(lago: Lago, sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "events.csv"
    with file.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["transaction_id", "code", "external_subscription_id", "properties.amount", "properties.note"])
        rows.writerow(["a", "calls", "sub_1", "0.10000000000000000001", "two\nlines"])
        rows.writerow(["b", "calls", "sub_1", "", "x"])
    ended = lago("events", "send", str(file))
    assert (ended.code, ended.err) == (0, "2 events: 2 delivered\n")
    found = {event["transaction_id"]: event["properties"] for event in received(sandbox)}
    assert found == {"a": {"amount": "0.10000000000000000001", "note": "two\nlines"}, "b": {"note": "x"}}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"code,amount\nx,1\n", "the header has 'amount'"),
        (b"", "the header has no column"),
        (b"code,code\n", "a column twice"),
        (b"code,properties.\n", "the header has 'properties.'"),
        (b"code,external_subscription_id\n\xff\xfe,x\n", "not UTF-8"),
        (b'code,external_subscription_id\n"a"b,x\n', "line 2 is not CSV"),
    ],
    ids=["unknown", "empty", "twice", "nameless", "encoding", "quotes"],
)
def test_a_csv_file_that_is_not_one_of_events_is_refused(
    content: bytes, problem: str, lago: Lago, sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "e.csv"
    file.write_bytes(content)
    ended = lago("events", "send", str(file))
    assert ended.code == 2
    assert problem in ended.err
    assert received(sandbox) == []


def test_a_file_that_is_killed_at_any_time_is_sent_once(sandbox: Sandbox, tmp_path: Path, lago: Lago) -> None:
    """The events have no ids of their own. Some are refused, and listed once."""
    count = 1_600
    events: list[Any] = [{**LINE, "properties": {"n": number}} for number in range(count)]
    events[3::500] = [{"code": "calls", "properties": {"n": number}} for number in range(3, count, 500)]
    file = write(tmp_path / "e.ndjson", events)
    command = [sys.executable, "-m", "lago_async._cli", "events", "send", str(file), "--concurrency", "2"]
    sandbox.inject(Latency(0.02), operation="create_batch_events", times=None)
    for least in (3, 13):  # batches that have arrived
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        limit = time.monotonic() + 100
        while sum(r.operation == "create_batch_events" for r in list(sandbox.requests)) < least:
            assert child.poll() is None
            assert time.monotonic() < limit
            time.sleep(0.005)
        child.kill()
        child.wait()
    sandbox.clear_faults()
    ended = lago("events", "send", str(file))
    assert ended.code == 13
    times = stored(sandbox)
    assert len(times) == count - 4
    assert set(times.values()) == {1}
    refused = (tmp_path / "e.ndjson.lago.refused.ndjson").read_text().splitlines()
    assert [json.loads(line)["line"] for line in refused] == list(range(4, count, 500))
    assert {event["properties"]["n"] for event in received(sandbox)} == {n for n in range(count) if n % 500 != 3}
    assert len({event["timestamp"] for event in received(sandbox)}) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["int", "term"])
def test_a_signal_ends_it_and_it_resumes(number: int, code: int, sandbox: Sandbox, tmp_path: Path, lago: Lago) -> None:
    file = write(tmp_path / "e.ndjson", [{**LINE, "properties": {"n": number}} for number in range(1_500)])
    command = [sys.executable, "-m", "lago_async._cli", "events", "send", str(file), "--concurrency", "1"]
    sandbox.inject(Latency(0.05), operation="create_batch_events", times=None)
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    limit = time.monotonic() + 100
    while sum(r.operation == "create_batch_events" for r in list(sandbox.requests)) < 3:
        assert time.monotonic() < limit
        time.sleep(0.005)
    child.send_signal(number)
    out, err = child.communicate(timeout=100)
    assert (child.returncode, out) == (code, "")
    assert "run the same command again to resume" in err
    settled = json.loads((tmp_path / "e.ndjson.lago.json").read_text())["settled"]
    assert 0 < settled < 1_500
    sandbox.clear_faults()
    ended = lago("events", "send", str(file))
    assert ended.code == 0
    assert f"resuming after {settled:,} events" in ended.err
    assert set(stored(sandbox).values()) == {1}
    assert len(stored(sandbox)) == 1_500


def test_a_file_that_has_changed_is_not_resumed(lago: Lago, sandbox: Sandbox, tmp_path: Path) -> None:
    file = write(tmp_path / "e.ndjson", [{**LINE, "transaction_id": "a"}])
    assert lago("events", "send", str(file)).code == 0
    write(file, [{**LINE, "transaction_id": "b"}, {**LINE, "transaction_id": "a"}])
    ended = lago("events", "send", str(file))
    assert ended.code == 2
    assert "has changed since 1 of its events were sent" in ended.err
    assert len(received(sandbox)) == 1


def test_another_organisation_does_not_get_the_rest_of_a_file(
    lago: Lago, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(tmp_path / "e.ndjson", [{**LINE, "transaction_id": "a"}])
    assert lago("events", "send", str(file)).code == 0
    with Sandbox(api_key=KEY) as other:
        monkeypatch.setenv("LAGO_API_URL", other.url)
        ended = lago("events", "send", str(file))
        assert ended.code == 2
        assert "use the profile from before" in ended.err
        assert received(other) == []


def test_a_key_that_the_server_refuses_ends_it_before_the_first_event(
    lago: Lago, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The sink itself would wait until the key is mended."""
    monkeypatch.setenv("LAGO_API_KEY", "wrong")
    file = write(tmp_path / "e.ndjson", [LINE])
    assert lago("events", "send", str(file)).code == 4
    assert not (tmp_path / "e.ndjson.lago.json").exists()


def test_a_key_without_the_right_to_read_the_organisation_is_known_by_its_digest(
    lago: Lago, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    forbidden = RawResponse(403, b'{"status": 403, "code": "forbidden"}')
    sandbox.inject(forbidden, operation="find_organization", times=None)
    file = write(tmp_path / "e.ndjson", [LINE])
    assert lago("events", "send", str(file)).code == 0
    assert lago("events", "send", str(file)).code == 0
    journal = (tmp_path / "e.ndjson.lago.json").read_text()
    assert KEY not in journal
    assert "the key with the digest" in journal


def test_a_pipe_needs_ids_and_times_because_it_cannot_be_resumed(lago: Lago, sandbox: Sandbox, tmp_path: Path) -> None:
    full = {**LINE, "transaction_id": "a", "timestamp": 1_700_000_000}
    lines = "".join(f"{json.dumps(event)}\n" for event in (full, LINE))
    ended = lago("events", "send", "-", "--format", "ndjson", stdin=lines.encode())
    assert ended.code == 13
    assert ended.err == "2 events: 1 delivered, 1 refused\n"
    (line,) = [json.loads(line) for line in ended.out.splitlines()]
    assert line["line"] == 2
    assert "transaction_id and timestamp: each event of a pipe needs both" in line["reason"]
    assert stored(sandbox) == {"a": 1}
    assert lago("events", "send", "-", stdin=b"").code == 2  # no format


def test_a_dry_run_checks_every_event_and_sends_none(lago: Lago, tmp_path: Path) -> None:
    file = write(tmp_path / "e.ndjson", [LINE, {"code": "x"}, "nonsense"])
    ended = lago("events", "send", str(file), "--dry-run")
    assert ended.code == 13
    assert ended.err.splitlines()[-1] == "3 events, 2 of them are not valid; nothing was sent"
    assert ended.err.startswith("line 2: EventSink.add: external_subscription_id")
    assert [path.name for path in tmp_path.iterdir()] == ["e.ndjson"]


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
def test_two_processes_do_not_send_one_file(lago: Lago, sandbox: Sandbox, tmp_path: Path) -> None:
    import fcntl

    file = write(tmp_path / "e.ndjson", [LINE])
    with file.open("rb") as other:
        fcntl.flock(other.fileno(), fcntl.LOCK_EX)
        ended = lago("events", "send", str(file))
        assert ended.code == 2
        assert "is being sent by another process" in ended.err
    assert lago("events", "send", str(file)).code == 0


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[1]", b"\xff", b'{"version": 1}'], ids=["empty", "object", "list", "bytes", "part"]
)
def test_a_damaged_journal_is_named(content: bytes, lago: Lago, sandbox: Sandbox, tmp_path: Path) -> None:
    file = write(tmp_path / "e.ndjson", [LINE])
    (tmp_path / "e.ndjson.lago.json").write_bytes(content)
    ended = lago("events", "send", str(file))
    assert ended.code == 2
    assert "is not a journal of lago events send" in ended.err
    assert received(sandbox) == []
