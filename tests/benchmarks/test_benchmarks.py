"""The benchmarks run, each for one short round. The tests assert counts, not times."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

RUN = Path(__file__).with_name("run.py")

# The number of lines of each measure, and the packages of the extra `bench` that it needs.
MEASURES = {
    "async_find": (2, ["orjson"]),
    "sync_find": (1, ["httpx"]),
    "sync_find_official": (1, ["lago_python_client"]),
    "threads": (1, ["urllib3"]),
    "bridge": (3, []),
    "decode": (3, ["orjson"]),
    "memory": (2, ["orjson"]),
    "imports": (4, ["lago_python_client"]),
    "first_customer": (4, ["lago_python_client"]),
    "connections": (2, []),
    "bulk": (9, ["lago_python_client", "orjson", "uvloop"]),
    "bulk_free": (4, ["lago_python_client", "orjson", "uvloop"]),
    "bulk_large": (2, ["lago_python_client", "orjson"]),
    "bulk_memory": (4, ["lago_python_client"]),
    "stall": (4, []),
    "core": (1, []),
    "export_rows": (6, ["pyarrow"]),
    "events_accepted": (2, []),
    "events_delivered": (3, ["lago_python_client"]),
    "events_footprint": (2, []),
    "events_spooled": (3, []),
    "sandbox_start": (2, []),
    "sandbox_year": (1, []),
}


@pytest.mark.parametrize("name", MEASURES)
def test_a_measure_runs(name: str, tmp_path: Path) -> None:
    count, needed = MEASURES[name]
    for package in needed:
        if find_spec(package) is None:  # only searched for, because some are slow to import, or warn
            pytest.skip(f"{package} comes with the extra `bench` only")
    written = tmp_path / "numbers.json"
    command = [sys.executable, str(RUN), "--quick", "--only", name, "--json", str(written)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    lines = json.loads(written.read_text())["lines"]
    assert len(lines) == count
    assert all(line["ours"] > 0 and line["how"] for line in lines)
    if name == "connections":
        assert [line["ours"] for line in lines] == [1, 1], "1,000 calls in a row share a connection, on either face"


def test_no_measure_is_left_out() -> None:
    script = "import json, run; print(json.dumps(run.MEASURES))"
    done = subprocess.run([sys.executable, "-c", script], cwd=RUN.parent, capture_output=True, timeout=60, check=True)
    assert {name: needed for name, (_, needed) in json.loads(done.stdout).items()} == {
        name: needed for name, (_, needed) in MEASURES.items()
    }
