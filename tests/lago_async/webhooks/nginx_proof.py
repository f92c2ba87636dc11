"""Proof that nginx in front passes JWTs with the setting of docs/webhooks.md, and refuses them without it.

``python -m tests.lago_async.webhooks.nginx_proof`` needs nginx on the machine, and starts it on loopback, in a
temporary folder. Behind it is the adapter of aiohttp.web.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.lago_async.webhooks.served import LONGEST
from tests.lago_async.webhooks.test_frameworks import ROOT, in_aiohttp, post

SIZES: Final = (8_000, 9_000, 34_000, 80_042)
REACHED, REFUSED = 401, 400


def documented() -> str:
    """Return the line of the documentation."""
    found = re.search(r"`(large_client_header_buffers [^`]+;)`", (ROOT / "docs/webhooks.md").read_text("utf-8"))
    if found is None:
        raise SystemExit("docs/webhooks.md names no setting of nginx")
    return found[1]


def configuration(folder: Path, port: int, behind: int, http: str, default: str, named: str) -> str:
    paths = "\n".join(
        f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    servers = "\n".join(
        f"server {{ listen 127.0.0.1:{port}; server_name {name}; {setting} "
        f"location / {{ proxy_pass http://127.0.0.1:{behind}; }} }}"
        for name, setting in (("first", default), ("hooks", named))
    )
    return (
        f"daemon off; master_process off; pid {folder}/pid; error_log {folder}/errors info;\n"
        f"events {{ }}\nhttp {{\naccess_log off;\n{paths}\n{http}\n{servers}\n}}\n"
    )


async def statuses(nginx: str, behind: int, *, http: str = "", default: str = "", named: str = "") -> list[int]:
    """Start nginx, and return the status for each size of a header, and for the longest real JWT."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="nginx-"))
    (folder / "nginx.conf").write_text(configuration(folder, port, behind, http, default, named), "utf-8")
    process = subprocess.Popen(
        [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "errors")],
        stderr=subprocess.DEVNULL,
    )
    try:
        async with asyncio.timeout(30):
            while True:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                await asyncio.sleep(0.02)
        # As Lago sends them: the host comes last.
        found = [await post(port, b"{}", {"X-Lago-Signature": "x" * size}, host="hooks") for size in SIZES]
        return [*found, await post(port, LONGEST.body, LONGEST.headers, host="hooks")]
    finally:
        process.terminate()
        process.wait(30)
        shutil.rmtree(folder)


async def prove(nginx: str) -> bool:
    """Print what nginx does with each configuration, and tell whether it is what the documentation says."""
    line = documented()
    passed, refused = [REACHED] * len(SIZES) + [200], [REACHED] + [REFUSED] * len(SIZES)
    cases = {
        "the default": ({}, refused),
        "the line in http": ({"http": line}, passed),
        "the line in the default server": ({"default": line}, passed),
        "the line in the server with the name": ({"named": line}, refused),
    }
    holds = True
    for name, (settings, expected) in cases.items():
        out = Path(tempfile.mkdtemp(prefix="handled-"))
        async with in_aiohttp(out / "handled") as behind:
            found = await statuses(nginx, behind, **settings)
        handled = (out / "handled").read_text("utf-8").splitlines() if (out / "handled").exists() else []
        shutil.rmtree(out)
        right = found == expected and len(handled) == (expected[-1] == 200)
        print(f"{name}: {dict(zip([*SIZES, 'the longest real JWT'], found, strict=True))}, {len(handled)} handled")
        holds = holds and right
    return holds


if __name__ == "__main__":
    program = shutil.which("nginx") or shutil.which("/usr/sbin/nginx")
    if program is None:
        raise SystemExit("nginx is not installed")
    print(subprocess.run([program, "-v"], capture_output=True, text=True, check=True).stderr.strip())
    sys.exit(0 if asyncio.run(prove(program)) else "nginx does not do what docs/webhooks.md says")
