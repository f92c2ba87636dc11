"""The script as a process: what it loads, pipes that end, Ctrl-C, a missing extra, completion in a shell."""

import json
import os
import pty
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lago_async.sandbox import Latency, Sandbox
from tests.lago_async._cli.conftest import KEY

SCRIPT = [sys.executable, "-W", "error", "-m", "lago_async._cli"]


def run(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SCRIPT, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=100,
        env={**os.environ, **settings},
        stdin=subprocess.DEVNULL,
    )


def loaded_by(*arguments: str) -> set[str]:
    program = (
        "import sys\nfrom lago_async._cli.script import main\n"
        f"code = main({list(arguments)!r})\nprint(*sorted(sys.modules), file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=100)
    return set(done.stderr.split())


def test_help_loads_no_client_no_model_and_no_resource() -> None:
    for arguments in (["--help"], ["--version"]):
        loaded = loaded_by(*arguments)
        heavy = {"aiohttp", "asyncio", "cattrs", "msgspec", "yarl", "jmespath", "keyring", "rich"}
        assert not loaded & heavy
        assert [name for name in loaded if name.startswith(("lago_async.models", "lago_async.resources."))] == []


def test_help_of_a_group_loads_no_model() -> None:
    loaded = loaded_by("customers", "--help")
    assert [
        name for name in loaded if name.startswith("lago_async.models.") and name.rpartition(".")[2][0] != "_"
    ] == []
    assert not loaded & {"aiohttp", "cattrs"}


def test_without_the_extra_one_line_says_how_to_install_it(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['click'] = None\n")
    program = (
        "import sys, importlib.util as u\nreal = u.find_spec\n"
        "u.find_spec = lambda name, *rest: None if name == 'click' else real(name, *rest)\n"
        "from lago_async._cli.script import main\nsys.exit(main(['customers']))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=100)
    assert (done.returncode, done.stdout) == (15, "")
    assert done.stderr == (
        "lago needs the extra cli: pip install 'lago-async[cli]' (python -m lago_async works without it)\n"
    )


def test_a_pipe_that_ends_early_ends_the_command_quietly(sandbox: Sandbox) -> None:
    for number in range(300):
        sandbox.perform("create_customer", {"external_id": f"cus_{number}", "name": "x" * 250})
    for shape in ("json", "ndjson", "csv", "table"):
        reader, writer = os.pipe()
        os.close(reader)
        walk = ["customers", "find-all", "--all", "--per-page", "100", "-o", shape]
        child = subprocess.Popen([*SCRIPT, *walk], stdout=writer, stderr=subprocess.PIPE, text=True)
        os.close(writer)
        _, err = child.communicate(timeout=100)
        assert (child.returncode, err) == (141, ""), shape


def wait_for_request(sandbox: Sandbox, operation: str, child: "subprocess.Popen[str]") -> None:
    limit = time.monotonic() + 100
    while not any(request.operation == operation for request in list(sandbox.requests)):
        assert child.poll() is None
        assert time.monotonic() < limit
        time.sleep(0.005)


def test_ctrl_c_during_a_call_that_changes_something_says_what_may_have_happened(sandbox: Sandbox) -> None:
    sandbox.inject(Latency(30), times=None)
    for words, text in (
        (
            ["customers", "create", "--set", "external_id=a"],
            "interrupted while POST /customers was in flight: the server",
        ),
        (["customers", "find-all"], "lago: interrupted\n"),
    ):
        child = subprocess.Popen([*SCRIPT, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        wait_for_request(sandbox, "create_customer" if "create" in words else "find_all_customers", child)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=100)
        assert (child.returncode, out) == (130, "")
        assert text in err
        assert "Traceback" not in err


def test_on_a_terminal_the_key_is_not_echoed_and_tables_are_the_default(sandbox: Sandbox) -> None:
    """The whole of it, on a terminal of its own."""
    primary, terminal = pty.openpty()
    child = subprocess.Popen(
        [*SCRIPT, "profiles", "add", "here", "--url", sandbox.url],
        stdin=terminal, stdout=terminal, stderr=terminal, start_new_session=True, close_fds=True,
        preexec_fn=None, env={**os.environ, "TERM": "dumb"},
    )  # fmt: skip
    os.close(terminal)
    shown = b""
    while b"(not shown): " not in shown:
        shown += os.read(primary, 1_000)
    os.write(primary, f"{KEY}\n".encode())
    try:
        while piece := os.read(primary, 1_000):
            shown += piece
    except OSError:  # the other side is closed
        pass
    assert child.wait(100) == 0
    os.close(primary)
    assert KEY.encode() not in shown
    assert b"the profile here is in" in shown


def completed(words: str) -> list[str]:
    """Return what a shell would offer after these words."""
    done = run(_LAGO_COMPLETE="bash_complete", COMP_WORDS=words, COMP_CWORD=str(len(words.split(" ")) - 1))
    return [line.partition(",")[2] for line in done.stdout.splitlines()]


def test_the_shell_completes_commands_options_choices_and_profiles() -> None:
    run("profiles", "add", "prod")
    assert completed("lago cust") == ["customers"]
    assert completed("lago customers find-all-p") == [
        "find-all-past-usage",
        "find-all-payment-requests",
        "find-all-payments",
    ]
    assert "--payment-status" in completed("lago invoices find-all --pay")
    assert completed("lago invoices find-all --status f") == ["finalized", "failed"]
    assert completed("lago completion z") == ["zsh"]


@pytest.mark.skipif(shutil.which("bash") is None, reason="needs bash")
def test_bash_takes_the_completion(tmp_path: Path) -> None:
    """In a real bash, with `lago` on its path."""
    script = tmp_path / "lago"
    script.write_text(f'#!/bin/sh\nexec {" ".join(SCRIPT)} "$@"\n')
    script.chmod(0o755)
    program = (
        'eval "$(lago completion bash)"\nCOMP_WORDS=(lago customers find-all-pay)\nCOMP_CWORD=2\n'
        '_lago_completion lago\nprintf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["bash", "--norc", "-c", program], capture_output=True, text=True, check=False, timeout=100, env=environment
    )
    assert (done.stdout.split(), done.stderr) == (["find-all-payment-requests", "find-all-payments"], "")


def test_no_output_of_any_kind_has_the_key(sandbox: Sandbox) -> None:
    """The key in each place that it may be given, with each kind of ending, and with the log on."""
    runs = [
        ["customers", "find-all"],
        ["customers", "find-all", "--dry-run"],
        ["customers", "find", "no-such"],
        ["customers", "create", "--set", "nmae=x"],
        ["customers", "destroy", "x"],
        ["request", "GET", "/no/such/path"],
        ["profiles", "list"],
        ["nonsense"],
    ]
    for words in runs:
        done = run(*words, LAGO_LOG="debug")
        assert KEY not in done.stdout + done.stderr, words
    refused = run("customers", "find-all", LAGO_API_URL="http://127.0.0.1:9", LAGO_MAX_RETRIES="0", LAGO_LOG="debug")
    assert KEY not in refused.stdout + refused.stderr
    assert json.loads(run("customers", "find-all").stdout) == []
