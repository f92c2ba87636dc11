"""The pages about frameworks are programs with tests: pytest runs each page in a process of its own, on the sandbox."""

import importlib.util
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

from lago_async import Json
from lago_async.sandbox import Sandbox
from tests.test_pages import WITH_CLIENT
from tests.test_pytest_plugin import run_pytest
from tests.test_tutorial import blocking

PAGES = Path(__file__).parent.parent / "docs" / "how-to"
WITH_CELERY = importlib.util.find_spec("celery") is not None

DJANGO = """
import django
from django.conf import settings

settings.configure(DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
django.setup()
"""


def blocks_of(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (PAGES / page).read_text(encoding="utf-8"), re.DOTALL)


def environment(sandbox: Sandbox) -> dict[str, str]:
    return {**os.environ, "LAGO_API_KEY": sandbox.api_key, "LAGO_API_URL": sandbox.url}


def test_the_pages_on_frameworks_are_programs_that_pass_their_tests(tmp_path: Path) -> None:
    functions, task, test = blocks_of("celery.md")
    compile(task, "celery.md", "exec")  # celery is not installed everywhere
    programs = {
        # Newer versions of starlette prefer httpx2 to httpx for their test client, and warn about it.
        "fastapi": [
            "import warnings",
            "warnings.filterwarnings('ignore', message='.*httpx2')",
            *blocks_of("fastapi.md"),
        ],
        "flask": blocks_of("flask.md"),
        "django": [DJANGO, *blocks_of("django.md")],
        "celery": [functions, *([task] if WITH_CELERY else []), test],
    }
    for name, blocks in programs.items():
        (tmp_path / f"page_{name}.py").write_text("\n".join(blocks), encoding="utf-8")
    shown, status = run_pytest(tmp_path, "\n".join(f"from page_{name} import *" for name in programs))
    assert (status, f"{len(programs)} passed" in shown) == (0, True), shown


def test_the_script_prints_on_both_faces_and_an_error_is_one_line(tmp_path: Path) -> None:
    (source,) = blocks_of("scripts.md")
    with Sandbox() as sandbox:
        sandbox.perform("create_customer", {"external_id": "cus_1"})
        sandbox.perform("create_customer", {"external_id": "cus_2", "email": "a@b.example"})
        settings = environment(sandbox)
        for number, face in enumerate((source, blocking(source))):
            script = tmp_path / f"script_{number}.py"
            script.write_text(face, encoding="utf-8")
            command = [sys.executable, "-W", "error", str(script)]
            done = subprocess.run(command, env=settings, capture_output=True, text=True, timeout=60, check=False)
            assert (done.returncode, done.stdout, done.stderr) == (0, "cus_1\n", "")
            wrong = {**settings, "LAGO_API_KEY": "another"}
            done = subprocess.run(command, env=wrong, capture_output=True, text=True, timeout=60, check=False)
            assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (1, "", 1)
            assert done.stderr.startswith("error: 401")


def test_the_program_of_the_page_on_servers_runs_in_gunicorn_as_it_is_configured(tmp_path: Path) -> None:
    program, configuration, *_ = blocks_of("servers.md")
    (tmp_path / "app.py").write_text(program, encoding="utf-8")
    (tmp_path / "gunicorn.conf.py").write_text(configuration, encoding="utf-8")
    with Sandbox() as sandbox, socket.create_server(("127.0.0.1", 0)) as listening:
        sandbox.perform("create_customer", {"external_id": "cus_1"})
        command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listening.fileno()}", "app:app"]
        process = subprocess.Popen(
            command,
            cwd=tmp_path,
            env=environment(sandbox),
            pass_fds=[listening.fileno()],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            url = f"http://127.0.0.1:{listening.getsockname()[1]}/"
            for _ in range(4):
                with urlopen(url, timeout=60) as response:
                    assert response.read() == b"1 customers"
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)
    assert process.returncode == 0


def test_the_cells_of_the_page_on_jupyter_run_in_an_event_loop_that_lasts(tmp_path: Path) -> None:
    """Run each cell by itself, as a notebook does, and show the value of the last line."""
    runner = """
import ast, asyncio, json, sys

async def run(cells):
    names = {}
    for cell in cells:
        tree = ast.parse(cell)
        last = tree.body[-1]
        if isinstance(last, ast.Expr) and isinstance(last.value, ast.Name):
            tree.body[-1] = ast.parse(f"assert {last.value.id}._repr_html_().lstrip().startswith('<')").body[0]
        running = eval(compile(tree, "cell", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), names)
        if running is not None:
            await running

asyncio.run(run(json.load(sys.stdin)))
"""
    with Sandbox() as sandbox:
        price: dict[str, Json] = {"amount_cents": 900, "amount_currency": "EUR", "interval": "monthly"}
        sandbox.perform("create_plan", {"name": "P", "code": "p", "pay_in_advance": True, **price})
        sandbox.perform("create_customer", {"external_id": "cus", "currency": "EUR"})
        sandbox.perform("create_subscription", {"external_customer_id": "cus", "external_id": "sub", "plan_code": "p"})
        done = subprocess.run(
            [sys.executable, "-W", "error", "-c", runner],
            input=json.dumps(blocks_of("jupyter.md")),
            env=environment(sandbox),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")


HELD_HERE = {"fastapi.md", "flask.md", "django.md", "celery.md", "servers.md", "jupyter.md", "scripts.md"}


def test_the_code_of_every_page_is_run_by_a_test() -> None:
    held = HELD_HERE | {page.removeprefix("how-to/") for page in WITH_CLIENT}
    with_code = {page.name for page in PAGES.glob("*.md") if "```python" in page.read_text(encoding="utf-8")}
    assert with_code - held == set()


def test_every_page_is_short_and_says_what_to_watch() -> None:
    for page in PAGES.glob("*.md"):
        text = page.read_text(encoding="utf-8")
        assert "\n## Watch out\n" in text, page.name
        assert len(text.splitlines()) <= 130, page.name
        lines = "\n".join(blocks_of(page.name)).splitlines()
        assert [line for line in lines if len(line) > 88] == [], page.name  # longer ones are cut off on the site
