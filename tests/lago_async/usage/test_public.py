"""What the public packages export, and what importing them loads."""

import subprocess
import sys


def test_importing_the_package_loads_neither_pyarrow_nor_rich_nor_what_fetches() -> None:
    for package in ("lago_async.usage", "lago_sync.usage"):
        code = f"import sys, {package}; print(*sys.modules)"
        loaded = set(subprocess.check_output([sys.executable, "-c", code], text=True, timeout=60).split())
        assert not loaded & {"pyarrow", "plotly", "rich", "aiohttp", "anyio", "lago_async.bulk", "lago_sync.bulk"}
