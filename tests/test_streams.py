"""Commands work, and say with their exit code what they did, whatever standard streams they have."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lago_async import _streams as streams
from lago_async.sandbox import Sandbox

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX shell")

COMMAND = f"{sys.executable} -m lago_async"
ROOT = Path(__file__).parents[1]
CLOSED = (">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-")
full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")


@pytest.fixture(scope="module")
def billed() -> Iterator[Sandbox]:
    with Sandbox() as sandbox:
        yield sandbox


def run(command: str, folder: Path, sandbox: Sandbox) -> tuple[int, str]:
    """Run a command of the shell; return its exit code and what it wrote."""
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "PYTHONPATH": str(ROOT),
        "LAGO_API_KEY": sandbox.api_key,
        "LAGO_API_URL": sandbox.url,
    }
    ran = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    return ran.returncode, ran.stdout + ran.stderr


@pytest.mark.parametrize("closed", [*CLOSED, "| exec true", *(["> /dev/full"] if Path("/dev/full").exists() else [])])
def test_a_complete_export_is_0_whatever_stream_is_closed(closed: str, tmp_path: Path, billed: Sandbox) -> None:
    code, written = run(f"({COMMAND} usage export --out usage.csv; echo $? > code) {closed}", tmp_path, billed)
    assert (tmp_path / "code").read_text() == "0\n", written
    assert (tmp_path / "usage.csv").read_bytes().count(b"\n") == 1
    assert "Traceback" not in written
    assert code == 0


@pytest.mark.parametrize("closed", CLOSED)
def test_a_mistake_is_2_whatever_stream_is_closed(closed: str, tmp_path: Path, billed: Sandbox) -> None:
    for arguments in ("export --out usage.csv --from never", "export --out usage.xml", "merge a.csv --out b.csv"):
        code, written = run(f"{COMMAND} usage {arguments} {closed}", tmp_path, billed)
        assert code == 2, arguments
        assert "Traceback" not in written


def test_standard_input_that_is_closed_is_a_mistake(tmp_path: Path, billed: Sandbox) -> None:
    code, written = run(f"{COMMAND} usage export --out usage.csv --subscriptions - <&-", tmp_path, billed)
    assert code == 2
    assert written == "standard input is closed: name a file with the subscriptions\n"


@pytest.mark.parametrize("closed", CLOSED)
def test_a_report_is_0_whatever_stream_is_closed(closed: str, tmp_path: Path, billed: Sandbox) -> None:
    pytest.importorskip("plotly")
    assert run(f"{COMMAND} usage export --out usage.csv", tmp_path, billed)[0] == 0
    assert run(f"{COMMAND} usage report usage.csv --out page.html {closed}", tmp_path, billed)[0] == 0
    assert (tmp_path / "page.html").exists()


@pytest.mark.parametrize("command", ["endpoints", "usage schema"])
def test_a_command_whose_only_result_is_its_text_fails_if_nobody_gets_it(
    command: str, tmp_path: Path, billed: Sandbox
) -> None:
    text = "cannot write to standard output: Bad file descriptor\n"
    assert run(f"{COMMAND} {command} >&-", tmp_path, billed) == (1, text)
    assert run(f"{COMMAND} {command} >&- 2>&-", tmp_path, billed) == (1, "")
    assert run(f"{COMMAND} {command} 2>&- | head -n 0", tmp_path, billed)[0] == 0
    code, written = run(f"({COMMAND} {command}; echo $? > code) | exec true", tmp_path, billed)
    assert (code, written) == (0, "")
    assert (tmp_path / "code").read_text() in {"141\n", "0\n"}  # 0 if the pipe took it all before `true` had ended


@full
def test_a_full_disk_under_standard_output_is_an_error(tmp_path: Path, billed: Sandbox) -> None:
    code, written = run(f"{COMMAND} endpoints > /dev/full", tmp_path, billed)
    assert code == 1
    assert written == "cannot write to standard output: No space left on device\n"


@pytest.mark.parametrize("closed", CLOSED)
def test_the_sandbox_serves_and_stops_whatever_stream_is_closed(closed: str, tmp_path: Path, billed: Sandbox) -> None:
    with Sandbox() as other:  # its port is free again afterwards
        port = other.url.rpartition(":")[2].partition("/")[0]
    server = f"{COMMAND} sandbox --port {port} {closed} & pid=$!"
    client = (
        f"import socket, time\nfor _ in range(600):\n try: socket.create_connection(('127.0.0.1', {port})); break\n"
    )
    client += " except OSError: time.sleep(0.05)"
    (tmp_path / "client.py").write_text(client)
    stop = f"{sys.executable} client.py; kill -{int(signal.SIGTERM)} $pid; wait $pid"
    code, written = run(f"{server}; {stop}", tmp_path, billed)
    assert code == 0
    assert "Traceback" not in written


def test_no_file_of_a_command_gets_the_number_of_a_closed_stream(tmp_path: Path, billed: Sandbox) -> None:
    script = (
        "import os; from lago_async._streams import open_closed_descriptors; open_closed_descriptors(); "
        "raise SystemExit(os.open(os.devnull, os.O_RDONLY) <= 2)"
    )
    assert run(f'{sys.executable} -c "{script}" <&- >&- 2>&-', tmp_path, billed) == (0, "")


def test_text_that_the_stream_cannot_encode_is_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    assert streams.print_result("Zürich\n") == 0
    assert written.getvalue() == b"Z\\xfcrich\n"


class Failing(io.StringIO):
    """A terminal that was hung up."""

    def write(self, text: str, /) -> int:
        raise OSError(5, "Input/output error")

    def isatty(self) -> bool:
        return True


def test_progress_on_a_terminal_that_was_hung_up_is_lost_without_an_error() -> None:
    stream = streams.ProgressStream(Failing())
    assert stream.isatty()
    assert stream.write("progress") == len("progress")
    stream.flush()
    closed = io.StringIO()
    closed.close()
    assert not streams.ProgressStream(closed).isatty()
