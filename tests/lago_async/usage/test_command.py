"""``usage export`` as a process: its output, its exit codes, and its resumption after a kill."""

import hashlib
import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from lago_async.__main__ import main
from lago_async._net.limits import RateLimit
from lago_async.sandbox import Latency, RateLimits, RawResponse, Sandbox, ServerFailure
from lago_async.usage import Progress
from lago_async.usage._console import line_of, shown
from lago_async.usage._export.selection import read_pairs
from tests.lago_async.usage.formats.files import from_parquet
from tests.lago_async.usage.worlds import billed, ids

PAST = "find_all_customer_past_usage"
ROOT = Path(__file__).parents[3]
PATIENCE = 120  # seconds, for a machine under load
COUNT = 100


@pytest.fixture(scope="module")
def world() -> Iterator[Sandbox]:
    """Serve a sandbox on its own thread, because the tests wait for processes."""
    with billed(COUNT, months=1, requests_kept=1_000_000) as running:
        yield running


@pytest.fixture(autouse=True)
def _faultless(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "world" in request.fixturenames:
        request.getfixturevalue("world").clear_faults()


def command(sandbox: Sandbox, *arguments: object) -> dict[str, Any]:
    """Return the arguments that start the command in its own process, unmeasured: a killed one writes no coverage."""
    return {
        "args": [sys.executable, "-W", "error", "-m", "lago_async", "usage", *map(str, arguments)],
        "env": {
            **{name: value for name, value in os.environ.items() if not name.startswith(("LAGO_", "COVERAGE_"))},
            "LAGO_API_KEY": sandbox.api_key,
            "LAGO_API_URL": sandbox.url,
            "PYTHONPATH": str(ROOT),
        },
        "text": True,
        "stdout": subprocess.PIPE,
        "stderr": subprocess.PIPE,
    }


def run(sandbox: Sandbox, *arguments: object, **more: Any) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(**command(sandbox, *arguments), **more, timeout=PATIENCE, check=False)
    assert "Traceback" not in done.stderr, done.stderr
    assert sandbox.api_key not in done.stderr + done.stdout
    return done


def lines(path: Path) -> list[Any]:
    return sorted(from_parquet(path), key=repr) if path.suffix == ".parquet" else sorted(path.read_bytes().splitlines())


def until(condition: Callable[[], bool], process: subprocess.Popen[str]) -> bool:
    """Wait for a condition; return whether the process still runs then."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None:
        if condition():
            return True
        assert time.monotonic() < deadline
        time.sleep(0.001)
    return False


def kill_when(condition: Callable[[], bool], number: int, **started: Any) -> int:
    """Start a process, send it a signal when a condition is true, and return its end."""
    process = subprocess.Popen(**started)
    if until(condition, process):
        process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)
    assert "Traceback" not in said, said
    return process.returncode


def has_asked(sandbox: Sandbox, requests: int) -> bool:
    return len(sandbox.requests) >= requests


def has_written(path: Path, size: int) -> bool:
    return path.exists() and path.stat().st_size >= size


@pytest.mark.parametrize(("suffix", "kills", "seed"), [("ndjson", 16, 1), ("csv", 2, 2), ("parquet", 3, 3)])
def test_killed_again_and_again_it_goes_on_and_has_the_rows_of_an_undisturbed_run(
    suffix: str, kills: int, seed: int, world: Sandbox, tmp_path: Path
) -> None:
    chance = random.Random(seed)
    world.inject(Latency(0.002), operation=PAST, times=None)
    out, journal = tmp_path / f"usage.{suffix}", tmp_path / f"usage.{suffix}.journal"
    arguments = ("export", "--out", out, "--concurrency", 3, "--quiet")
    killed = 0
    while killed < kills:
        # At different times: after some requests, after some commits, or just before the file is published.
        asked, committed = len(world.requests), journal.stat().st_size if journal.exists() else 0
        requests, growth = chance.randrange(1, 40), chance.randrange(1, 400)
        how = chance.choice(
            (
                partial(has_asked, world, asked + requests),
                partial(has_written, journal, committed + growth),
            )
        )
        if kill_when(how, signal.SIGKILL, **command(world, *arguments)) != -signal.SIGKILL:
            out.unlink()  # it was complete before: once more from the beginning
            journal.unlink()
            continue
        killed += 1
    done = run(world, *arguments)
    assert (done.returncode, done.stderr) == (0, "")
    calm = tmp_path / "calm" / out.name
    run(world, "export", "--out", calm)
    found = lines(out)
    assert found == lines(calm)
    assert len(found) == COUNT * 2 + (suffix == "csv")
    assert {path.name for path in tmp_path.iterdir()} == {out.name, journal.name, "calm"}


@pytest.mark.skipif(sys.platform == "win32", reason="signals are another matter there")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_interrupted_it_ends_in_an_orderly_way_and_goes_on(
    number: int, code: int, world: Sandbox, tmp_path: Path
) -> None:
    world.inject(Latency(0.02), operation=PAST, times=None)
    journal = tmp_path / "usage.csv.journal"
    arguments = ("export", "--out", tmp_path / "usage.csv", "--concurrency", 2)
    process = subprocess.Popen(**command(world, *arguments))
    assert until(lambda: journal.exists() and b"committed" in journal.read_bytes(), process)
    process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert said.splitlines()[-1] == "stopped; what was committed is kept; run the same command again to resume"
    assert not (tmp_path / "usage.csv").exists()
    world.clear_faults()
    done = run(world, *arguments)
    assert done.returncode == 0
    assert "were fetched by an earlier run" in done.stdout
    assert len(lines(tmp_path / "usage.csv")) == COUNT * 2 + 1


def test_each_option_of_the_query_goes_where_it_belongs(
    world: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGO_API_KEY", world.api_key)
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("external_customer_id,external_subscription_id\nc1,s1\n")
    command = ("usage", "export", "--subscriptions", str(pairs), "--api-url", world.url, "--quiet")
    for number, (options, settings) in enumerate[tuple[list[str], dict[str, Any]]](
        [
            (["--from", "2025-02-01"], {"from": "2025-02-01T00:00:00+00:00"}),
            (["--to", "2025-02-01T12:00:00+01:00"], {"to": "2025-02-01T11:00:00+00:00"}),
            (["--periods", "2", "--per-page", "3"], {"periods": 2}),
            (["--metric", "calls"], {"metric": "calls"}),
            (["--kind", "current", "--format", "csv"], {"kind": "current", "format": "csv", "CSV text": "harmless"}),
            (["--raw-text", "--format", "csv"], {"format": "csv", "CSV text": "raw"}),
        ]
    ):
        out = tmp_path / f"{number}.ndjson"
        assert main([*command, "--out", str(out), *options]) == 0
        first = json.loads((tmp_path / f"{number}.ndjson.journal").read_text().splitlines()[0])["settings"]
        plain = {"from": None, "to": None, "periods": None, "metric": None, "kind": "past", "format": "ndjson"}
        assert {name: first.get(name) for name in {**plain, **settings}} == {**plain, **settings}
        assert ("CSV text" in first) == (first["format"] == "csv")


def test_a_csv_export_with_text_like_formulas_is_resumed_with_the_same_choice_and_read_as_a_list(
    world: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LAGO_API_KEY", world.api_key)
    out, again = tmp_path / "usage.csv", tmp_path / "again.csv"
    command = ["usage", "export", "--api-url", world.url, "--quiet", "--out", str(out)]
    assert main(command) == 0
    assert main([*command, "--raw-text"]) == 2
    assert "CSV text harmless there, raw now" in capsys.readouterr().err
    assert main([*command[:-1], str(tmp_path / "usage.ndjson"), "--raw-text"]) == 2
    assert "--raw-text is for CSV" in capsys.readouterr().err
    again.write_text("external_customer_id,external_subscription_id\n'=c,''s\n-c,'s\n")
    assert read_pairs(again) == [("=c", "'s"), ("-c", "'s")]


def test_everything_exported_is_0_and_so_is_what_was_complete_already(world: Sandbox, tmp_path: Path) -> None:
    done = run(world, "export", "--out", tmp_path, "--format", "csv")
    assert (done.returncode, done.stderr) == (0, "")
    when = r"(as of|fetched from) 20\d\d-\d\d-\d\d \d\d:\d\d (to .* )?UTC; what is billed later is not in it"
    assert re.fullmatch(rf"100 subscriptions, 200 rows\nwritten to {tmp_path}/usage\.csv, {when}\n", done.stdout)
    before = len(world.requests)
    done = run(world, "export", "--out", tmp_path, "--format", "csv")
    assert done.returncode == 0
    already = rf"{tmp_path}/usage\.csv is already complete, {when}: 100 subscriptions, 200 rows\n"
    assert re.fullmatch(already, done.stdout)
    assert len(world.requests) == before


def test_failures_are_3_and_what_is_listed_can_be_given_back(world: Sandbox, tmp_path: Path) -> None:
    world.inject(ServerFailure(500), operation=PAST, times=2)
    out, failures = tmp_path / "usage.ndjson", tmp_path / "usage.ndjson.failures.ndjson"
    done = run(world, "export", "--out", out)
    assert done.returncode == 3
    assert f"2 subscriptions failed, and are listed in {failures}" in done.stdout
    listed = failures.read_text()
    fed = run(world, "export", "--out", tmp_path / "rest.csv", "--subscriptions", failures)
    assert (fed.returncode, fed.stdout.splitlines()[0]) == (0, "2 subscriptions, 4 rows")
    piped = run(world, "export", "--out", tmp_path / "piped.csv", "--subscriptions", "-", input=listed)
    assert (piped.returncode, piped.stdout.splitlines()[0]) == (0, "2 subscriptions, 4 rows")
    done = run(world, "export", "--out", out)
    assert done.returncode == 0
    assert not failures.exists()
    assert len(lines(out)) == COUNT * 2


def test_an_error_that_ends_it_is_1_and_one_line(world: Sandbox, tmp_path: Path) -> None:
    world.inject(ServerFailure(500), operation="find_all_subscriptions", times=None)
    done = run(world, "export", "--out", tmp_path / "usage.csv")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert done.stderr.startswith("500")
    assert done.stderr.endswith("; what was committed is kept; run the same command again to resume\n")


@pytest.mark.parametrize(
    ("status", "code", "begins"),
    [
        (401, None, "401 Unauthorized"),
        (403, "read_action_not_allowed_for_subscription", "403 read_action"),
        (404, "resource_not_found", "404 resource_not_found"),
        (404, None, "404 Unauthorized"),
        (422, "validation_errors", "422 validation_errors"),
        (308, None, "308 Unauthorized"),
    ],
)
def test_what_would_fail_again_is_to_be_corrected_first(
    world: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch,
    status: int, code: str | None, begins: str,
) -> None:  # fmt: skip
    body = json.dumps({"status": status, "error": "Unauthorized", **({"code": code} if code else {})}).encode()
    world.inject(RawResponse(status=status, body=body), operation="find_all_subscriptions", times=None)
    monkeypatch.setenv("LAGO_API_KEY", world.api_key)
    arguments = ["usage", "export", "--out", str(tmp_path / "usage.csv"), "--api-url", world.url]
    assert main(arguments) == 1
    (said,) = capsys.readouterr().err.splitlines()
    assert said.startswith(begins)
    assert said.endswith("correct this first, because the same command would fail again")


@pytest.mark.parametrize("body", [b"<html>", b'{"status":404,"error":"Not Found","code":"resource_not_found"}'])
def test_a_wrong_address_ends_an_export_of_given_subscriptions(
    world: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    world.inject(RawResponse(status=404, body=body), operation=PAST, times=None)
    monkeypatch.setenv("LAGO_API_KEY", world.api_key)
    given = tmp_path / "given.csv"
    given.write_text("external_customer_id,external_subscription_id\na,b\nc,d\n")
    out = str(tmp_path / "usage.csv")
    assert main(["usage", "export", "--out", out, "--api-url", world.url, "--subscriptions", str(given)]) == 1
    assert "check --api-url (or LAGO_API_URL)" in capsys.readouterr().err


def test_a_place_that_cannot_be_written_is_1_and_named(world: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    done = run(world, "export", "--out", tmp_path / "file" / "usage.csv")
    assert done.returncode == 1
    assert str(tmp_path / "file") in done.stderr


def test_what_is_used_wrongly_is_2(
    world: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = str(tmp_path / "usage.csv")
    (tmp_path / "usage.csv").write_text("precious")
    (tmp_path / "list.txt").write_text("a,b\n1,2\n")
    for arguments, said in (
        (["export"], "--out"),
        (["export", "--out", out, "--from", "soon"], "'soon' names no time"),
        (["export", "--out", out, "--periods", "0"], "is not a number of at least 1"),
        (["export", "--out", out], "no API key"),
        (["export", "--out", out, "--subscriptions", str(tmp_path / "list.txt")], "neither NDJSON nor CSV"),
        (["merge", "--out", out, str(tmp_path / "none.csv")], "without none.csv.journal"),
    ):
        try:
            code = main(["usage", *arguments])
        except SystemExit as stop:
            code = int(stop.code or 0)
        assert code == 2, arguments
        assert said in capsys.readouterr().err
    monkeypatch.setenv("LAGO_API_KEY", world.api_key)
    assert main(["usage", "export", "--out", str(tmp_path / "x.xls")]) == 2
    assert "has no known suffix" in capsys.readouterr().err
    done = run(world, "export", "--out", out)
    assert done.returncode == 2
    assert "has no journal of an export" in done.stderr
    assert (tmp_path / "usage.csv").read_text() == "precious"


def test_errors_have_the_words_of_the_command_line(
    world: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, given = str(tmp_path / "overwrite=True" / "usage.csv"), str(tmp_path / "given.csv")
    (tmp_path / "given.csv").write_text("external_customer_id,external_subscription_id\nc1,s1\n")
    command = ["usage", "export", "--out", out, "--quiet", "--subscriptions", given]
    assert main([*command, "--api-url", world.url]) == 2
    assert "no API key: set LAGO_API_KEY" in capsys.readouterr().err
    monkeypatch.setenv("LAGO_API_KEY", world.api_key)
    assert main([*command, "--api-url", world.url]) == 0
    capsys.readouterr()
    for options, said in (
        (["--from", "2025-02-01", "--to", "2025-01-01"], "the range is empty: --from is 2025-02-01"),
        (["--kind", "current", "--periods", "1"], "--from, --to, --periods and --per-page are for past usage"),
        (["--metric", ""], "--metric is empty"),
        (["--metric", "calls"], f"{out} belongs to an export with other settings"),
        (["--metric", "calls"], "write to another file, or start again with --overwrite\n"),
        (["--format", "ndjson", "--raw-text"], "--raw-text is for CSV"),
        (["--rate-share", "2"], "--rate-share must be a number, more than 0 and at most 1"),
    ):
        assert main([*command, "--api-url", world.url, *options]) == 2
        error = capsys.readouterr().err
        assert said in error
        assert not re.search(
            r"_datetime|per_page|periods_count|rate_share|raw_text|overwrite\b(?!=True/)",
            error.replace("--overwrite", ""),
        )
    assert main([*command, "--api-url", "http://lago-api:3000"]) == 2
    error = capsys.readouterr().err
    assert "--api-url (or LAGO_API_URL) is 'http://lago-api:3000'" in error
    assert "pass --allow-insecure-http (or set LAGO_ALLOW_INSECURE_HTTP=1)" in error


@pytest.mark.parametrize("how", ["option", "variable"])
def test_a_lago_on_plain_http_inside_a_network_can_be_exported(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], how: str
) -> None:
    monkeypatch.setenv("LAGO_API_KEY", "key")
    monkeypatch.setenv("LAGO_MAX_RETRIES", "0")
    if how == "variable":
        monkeypatch.setenv("LAGO_ALLOW_INSECURE_HTTP", "1")
    command = ["usage", "export", "--out", str(tmp_path / "usage.csv"), "--api-url", "http://lago-api.invalid:3000"]
    assert main([*command, "--quiet", *(["--allow-insecure-http"] if how == "option" else [])]) == 1
    assert "lago-api.invalid" in capsys.readouterr().err  # it was tried


def test_a_list_of_subscriptions_is_never_written_over(
    world: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGO_API_KEY", world.api_key)
    for name in ("usage.csv", "usage.csv.failures.ndjson"):
        given = tmp_path / name
        given.write_text("external_customer_id,external_subscription_id\nc1,s1\n")
        before = given.read_bytes()
        command = ["usage", "export", "--out", str(tmp_path / "usage.csv"), "--subscriptions", str(given)]
        assert main([*command, "--api-url", world.url, "--overwrite"]) == 2
        assert "would be written over" in capsys.readouterr().err
        assert given.read_bytes() == before


def test_subscriptions_that_do_not_exist_are_named_and_no_rows_say_why(
    world: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGO_API_KEY", world.api_key)
    given = tmp_path / "given.csv"
    given.write_text("external_customer_id,external_subscription_id\nc1,typo\nc2,other typo\n")
    command = ["usage", "export", "--out", str(tmp_path / "usage.csv"), "--api-url", world.url, "--quiet"]
    assert main([*command, "--subscriptions", str(given), "--concurrency", "1"]) == 3
    said = capsys.readouterr().out
    assert "there are no rows, because 2 subscriptions do not exist\n" in said
    assert "2 subscriptions do not exist: typo, other typo\n" in said


def test_a_published_file_that_was_changed_is_2(
    world: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGO_API_KEY", world.api_key)
    out = tmp_path / "usage.csv"
    command = ["usage", "export", "--out", str(out), "--api-url", world.url, "--quiet"]
    assert main(command) == 0
    whole = out.read_bytes()
    for damaged in (b"", whole[:-1], b"<html></html>"):
        out.write_bytes(damaged)
        assert main(command) == 2
        assert "is not the file that was published" in capsys.readouterr().err
    out.write_bytes(whole)
    assert main(command) == 0


def test_current_usage_of_before_is_2_and_never_complete(
    world: Sandbox, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAGO_API_KEY", world.api_key)
    out = tmp_path / "now.csv"
    command = ["usage", "export", "--kind", "current", "--out", str(out), "--api-url", world.url, "--quiet"]
    assert main(command) == 0
    capsys.readouterr()
    assert main(command) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "has the current usage of 20" in said.err
    assert "replace this one with --overwrite" in said.err
    assert main([*command, "--overwrite"]) == 0


def test_two_processes_do_not_write_the_same_export(world: Sandbox, tmp_path: Path) -> None:
    world.inject(Latency(1.0), operation=PAST, times=None)  # until the second process has been refused
    arguments = ("export", "--out", tmp_path / "usage.csv", "--concurrency", 2)
    first = subprocess.Popen(**command(world, *arguments))
    assert until((tmp_path / "usage.csv.spool").exists, first)
    second = run(world, *arguments)
    assert second.returncode == 1
    assert "another process is writing this export" in second.stderr
    world.clear_faults()
    first.communicate(timeout=PATIENCE)
    assert first.returncode == 0
    assert len(lines(tmp_path / "usage.csv")) == COUNT * 2 + 1


def test_the_exit_codes_stand_in_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["usage", "export", "--help"])
    assert stop.value.code == 0
    shown = capsys.readouterr().out
    assert all(f"\n  {code} " in shown for code in (0, 1, 2, 3, 130))


# --- progress ---------------------------------------------------------------------------------------------------------

HALFWAY = Progress(subscriptions=600, total=1_000, skipped=100, failures=2, rows=12_345, seconds=10.0)


def test_a_line_of_progress_says_all_that_matters() -> None:
    limit = RateLimit(limit=50, window=1.0, used=49, others=0, waiting=3)
    other = RateLimit(limit=200, window=1.0, used=1, others=0, waiting=0)
    assert line_of(HALFWAY, ()) == "600 of 1,000 subscriptions, 12,345 rows, 50/s, 2 failed"
    assert line_of(HALFWAY, (other, limit)).endswith(", 49 of 50 calls in 1 s")
    assert HALFWAY.remaining == 8.0
    assert line_of(Progress(subscriptions=3, total=None, skipped=0, failures=0, rows=9, seconds=0.0), ()) == (
        "3 subscriptions, 9 rows, 0/s"
    )


class Terminal:
    """A stream that may say that it is a terminal."""

    def __init__(self, *, tty: bool) -> None:
        self.tty = tty
        self.text = ""

    def isatty(self) -> bool:
        return self.tty

    def write(self, text: str) -> int:
        self.text += text
        return len(text)

    def flush(self) -> None:
        pass


def test_without_a_terminal_it_is_a_plain_line_now_and_then() -> None:
    now = [0.0]
    stream: Any = Terminal(tty=False)
    with shown(stream, lambda: (), quiet=False, clock=lambda: now[0]) as show:
        assert show is not None
        for now[0] in (0.0, 4.9, 5.1, 6.0, 10.2):
            show(HALFWAY)
    assert stream.text.splitlines() == ["600 of 1,000 subscriptions, 12,345 rows, 50/s, 2 failed, 8 s left"] * 2


def test_on_a_terminal_it_is_a_bar_where_rich_is_there_and_lines_where_it_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "150")
    stream: Any = Terminal(tty=True)
    with shown(stream, lambda: (), quiet=False) as show:
        assert show is not None
        show(HALFWAY)
    assert "600 of 1,000 subscriptions" in stream.text
    assert "8 s left" in stream.text
    monkeypatch.setattr("lago_async.usage._console.find_spec", lambda name: None)
    with shown(stream, lambda: (), quiet=False) as show:
        assert type(show).__name__ == "_Lines"
    with shown(stream, lambda: (), quiet=True) as show:
        assert show is None


def test_the_current_limit_is_shown_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lago_async.usage._console._LINE_EVERY", 0.0)
    monkeypatch.setattr("lago_async.usage._export.progress._INTERVAL", 0.0)
    stream: Any = Terminal(tty=False)
    monkeypatch.setattr("sys.stderr", stream)
    with billed(5, rate_limits=RateLimits()) as limited:
        monkeypatch.setenv("LAGO_API_KEY", limited.api_key)
        assert main(["usage", "export", "--out", str(tmp_path), "--api-url", limited.url, "--rate-share", "0.5"]) == 0
    assert "of 50 calls in" in stream.text


def test_what_it_writes_is_what_the_journal_says(world: Sandbox, tmp_path: Path) -> None:
    run(world, "export", "--out", tmp_path / "usage.ndjson")
    entries = [json.loads(line) for line in (tmp_path / "usage.ndjson.journal").read_text().splitlines()]
    assert entries[0]["settings"]["server"] == f"{world.url}/api/v1"
    published = (tmp_path / "usage.ndjson").read_bytes()
    assert [entry["entry"] for entry in entries[-2:]] == ["publishing", "completed"]
    assert (entries[-2]["size"], entries[-2]["sha256"]) == (len(published), hashlib.sha256(published).hexdigest())
    assert entries[-3]["offset"] == len(published)
    done = [pair for entry in entries if entry["entry"] == "committed" for pair in entry["done"]]
    assert sorted(map(tuple, done)) == sorted(ids(range(COUNT)))
    assert world.api_key not in (tmp_path / "usage.ndjson.journal").read_text()
