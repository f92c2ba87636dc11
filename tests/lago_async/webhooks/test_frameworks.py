"""The adapters of frameworks take real deliveries over HTTP, also those whose header is longer than servers allow."""

from __future__ import annotations

import asyncio
import inspect
import socket
import subprocess
import sys
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import uvicorn
from aiohttp import web
from fastapi import FastAPI
from starlette.applications import Starlette

import lago_async.webhooks
from lago_async.webhooks.aiohttp import endpoint as aiohttp_endpoint
from lago_async.webhooks.starlette import endpoint as starlette_endpoint
from tests.lago_async.webhooks.served import HEADER, KINDS, LIMIT, LONGEST, handlers

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

ROOT = Path(__file__).parents[3]


@asynccontextmanager
async def in_aiohttp(out: Path, limit: int = HEADER) -> AsyncIterator[int]:
    app = web.Application()
    app.router.add_post("/hooks", aiohttp_endpoint(handlers(lago_async.webhooks, out)))
    runner = web.AppRunner(app, max_field_size=limit)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


@asynccontextmanager
async def in_uvicorn(app: Any, out: Path, limit: int | None = HEADER) -> AsyncIterator[int]:
    app.add_route("/hooks", starlette_endpoint(handlers(lago_async.webhooks, out)), methods=["POST"])
    config = uvicorn.Config(app, http="h11", lifespan="off", log_config=None, h11_max_incomplete_event_size=limit)
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        task = asyncio.create_task(server._serve([listening]))
        try:
            yield listening.getsockname()[1]
        finally:
            server.should_exit = True
            await task


@asynccontextmanager
async def in_process(kind: str, out: Path, **environment: str) -> AsyncIterator[int]:
    """Serve in a process of its own, which inherits a socket that listens already."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        command = [sys.executable, "-m", "tests.lago_async.webhooks.served", kind, str(listening.fileno()), str(out)]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env={"PYTHONPATH": str(ROOT), "PATH": "", **environment},
            pass_fds=[listening.fileno()],
            stderr=subprocess.DEVNULL,
        )
        try:
            yield listening.getsockname()[1]
        finally:
            process.terminate()
            process.wait(30)


SERVERS: dict[str, Callable[[Path], Any]] = {
    "aiohttp": in_aiohttp,
    "starlette in uvicorn": lambda out: in_uvicorn(Starlette(), out),
    "fastapi in uvicorn": lambda out: in_uvicorn(FastAPI(), out),
    **{kind: partial(in_process, kind) for kind in KINDS},
}


PIECE = 4_000
"""Bytes; some servers refuse a long header only if it comes in more than one read, as over TLS and over networks."""


async def post(
    port: int,
    body: bytes,
    headers: dict[str, str],
    *,
    length: int | None = -1,
    end: str = "\r\n",
    host: str = "127.0.0.1",
) -> int:
    """Send a request byte for byte, and return the status of the response, which may come before the request's end.

    The head is sent in pieces, with a little time between them. The host comes last, as in Lago's requests.
    """
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = {**headers, "Connection": "close", "Host": f"{host}:{port}"}
    if length is not None:
        head = {"Content-Length": str(len(body) if length < 0 else length), **head}
    lines = "\r\n".join(f"{name}: {value}" for name, value in head.items())
    request = f"POST /hooks HTTP/1.1\r\n{lines}{end}{end}".encode()
    for start in range(0, len(request), PIECE):
        writer.write(request[start : start + PIECE])
        await asyncio.sleep(0.002)
    writer.write(body)
    async with asyncio.timeout(60):
        status = (await reader.readline()).split()[1]
    writer.close()
    return int(status)


def chunk(size: int) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (size, bytes(size))


@pytest.mark.parametrize("server", SERVERS)
async def test_real_deliveries_arrive_over_http_also_those_with_40_kilobytes_of_header(
    server: str, tmp_path: Path
) -> None:
    out = tmp_path / "handled"
    assert len(LONGEST.headers["X-Lago-Signature"]) > 40_000
    async with SERVERS[server](out) as port:
        for _ in range(2):
            assert await post(port, LONGEST.body, LONGEST.headers) == 200
        assert await post(port, LONGEST.body + b" ", LONGEST.headers) == 401
        assert await post(port, bytes(LIMIT), {}) == 401  # over the limit of the framework, within that of the verifier
        if server != "django in uvicorn":  # which reads the whole body before it calls a view
            assert await post(port, b"", {}, length=LIMIT + 1) == 413
            assert await post(port, b"", {}, length=10**30) in {400, 413}  # gunicorn refuses it itself
        else:
            assert await post(port, bytes(LIMIT + 1), {}) == 413
        if server != "django in gunicorn":  # under WSGI, Django takes no body without a length
            assert await post(port, chunk(LIMIT), {"Transfer-Encoding": "chunked"}, length=None) == 401
            assert await post(port, chunk(LIMIT + 1), {"Transfer-Encoding": "chunked"}, length=None) == 413
    assert out.read_text() == f"{LONGEST.webhook_type}\n"


DEFAULTS: dict[str, tuple[Callable[[Path], Any], int, str]] = {
    "aiohttp": (
        lambda out: in_aiohttp(out, inspect.signature(web.RequestHandler).parameters["max_field_size"].default),
        8_190,
        "| aiohttp.web | 8,190 bytes |",
    ),
    "gunicorn": (partial(in_process, "flask in gunicorn", DEFAULT_LIMITS="1"), 8_190, "| gunicorn | 8,190 bytes |"),
    "uvicorn": (
        lambda out: in_uvicorn(Starlette(), out, None),
        16_384,
        "| uvicorn with h11 | 16 KiB for all headers |",
    ),
}
"""The limits that docs/webhooks.md names."""


@pytest.mark.parametrize("server", DEFAULTS)
async def test_a_server_with_its_own_limit_refuses_a_longer_header_before_any_handler(
    server: str, tmp_path: Path
) -> None:
    serve, limit, name = DEFAULTS[server]
    async with serve(tmp_path / "handled") as port:
        assert await post(port, b"{}", {"X-Lago-Signature": "x" * (limit - 1_000)}) == 401
        # uvicorn counts what has come before the end of the headers; this one never ends.
        end = "" if server == "uvicorn" else "\r\n"
        assert await post(port, b"", {"X-Lago-Signature": "x" * (limit + 1)}, end=end) in {400, 431}
    assert name in (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
