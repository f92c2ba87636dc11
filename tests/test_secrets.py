"""No error leads to the API key or to a proxy's password: not its text, frames, attributes, causes or contexts."""

import asyncio
import contextlib
import logging
import traceback
from base64 import b64encode
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType, TracebackType
from typing import Any

import pytest

from lago_async import LagoConnectionError, LagoError, RetryPolicy, Timeout
from lago_async._net.options import Secret
from tests.conftest import Face, NewFace
from tests.wire import Line, Wire, answer

KEY = "key-SECRET-123"
PASSWORD = "PW-SECRET:%/é"
BASIC = b64encode(f"user:{PASSWORD}".encode()).decode()
SECRETS = (KEY, "PW-SECRET", BASIC)
WALLET = {"external_customer_id": "cus_1", "currency": "EUR", "rate_amount": "1"}
ONCE = RetryPolicy(max_retries=0)


def found_in(value: object) -> list[str]:
    if isinstance(value, Secret):
        value = repr(value)
    if isinstance(value, bytes | bytearray | memoryview):
        value = bytes(value).decode("latin-1")
    return [secret for secret in SECRETS if isinstance(value, str) and secret in value]


def leaks(error: BaseException) -> list[str]:
    """Return the ways from an error to a secret: what an error tracker shows, and what it could reach."""
    found: list[str] = []
    seen: set[int] = set()
    todo: deque[tuple[str, object, int]] = deque([("error", error, 0)])
    while todo:
        way, value, depth = todo.popleft()
        if id(value) in seen or depth > 6:
            continue
        seen.add(id(value))
        found += [f"{way} has {secret}" for secret in found_in(value)]
        if isinstance(value, str | bytes | int | float | ModuleType | type | FunctionType | CodeType | logging.Logger):
            continue
        chained = isinstance(value, BaseException | TracebackType)
        todo.extend((f"{way}{name}", item, 0 if chained else depth + 1) for name, item in parts(value))
        if not isinstance(value, Mapping | list | tuple | set | frozenset | TracebackType | FrameType):
            with contextlib.suppress(Exception):
                found += [f"repr of {way} has {secret}" for secret in found_in(repr(value))]
    return found


def parts(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, BaseException):
        yield ".args", value.args
        yield ".__cause__", value.__cause__
        yield ".__context__", value.__context__
        yield ".__traceback__", value.__traceback__
        yield ".text", str(value)
    if isinstance(value, TracebackType):
        yield ".tb_next", value.tb_next
        if "/tests/" not in value.tb_frame.f_code.co_filename:
            for name, item in value.tb_frame.f_locals.items():
                yield f"<{Path(value.tb_frame.f_code.co_filename).name}:{value.tb_lineno} {name}>", item
        return
    if isinstance(value, Mapping):
        for key, item in list(value.items()):
            yield f"[{key!r:.40}]", item
            yield ".key", key
        return
    if isinstance(value, list | tuple | set | frozenset):
        for number, item in enumerate(list(value)):
            yield f"[{number}]", item
        return
    if isinstance(value, asyncio.AbstractEventLoop | asyncio.Task):
        return  # they lead to everything that runs
    for owner in type(value).__mro__:
        for name in (
            vars(owner).get("__slots__", ()) if isinstance(vars(owner).get("__slots__", ()), tuple | list) else ()
        ):
            with contextlib.suppress(Exception):
                yield f".{name}", getattr(value, name)
    for name, item in list(getattr(value, "__dict__", {}).items()):
        yield f".{name}", item


def dropping(line: Line) -> None:
    line.read()


def resetting_amid_the_body(line: Line) -> None:
    line.socket.recv(1_000)
    line.reset()


def saying(said: bytes) -> Callable[[Line], None]:
    def talk(line: Line) -> None:
        line.read()
        line.send(said)

    return talk


def silent(line: Line) -> None:
    line.read()
    line.read()


def stalling_in_the_body(line: Line) -> None:
    line.read()
    line.send(answer()[:-5])
    line.read()


SERVERS: dict[str, Callable[[Line], None]] = {
    "drops the connection": dropping,
    "resets the connection at once": Line.reset,
    "resets it while the body is written": resetting_amid_the_body,
    "is silent": silent,
    "says what is not HTTP": saying(b"\x01\x02 no HTTP\r\n\r\n"),
    "sends a header without end": saying(answer(headers=["X: " + "a" * 300_000])),
    "cuts the body": saying(answer()[:-5]),
    "stalls in the body": stalling_in_the_body,
    "breaks its content coding": saying(answer(b"no gzip", headers=["Content-Encoding: gzip"])),
    "sends more than is allowed": saying(answer(b" " * 200_000)),
    "sends what is not JSON": saying(answer(b"<html>")),
    "refuses": saying(answer({"status": 401, "error": "Unauthorized"}, "401 Unauthorized")),
    "fails": saying(answer(b"", "503 Busy")),
    "redirects": saying(answer(b"", "302 Found", ["Location: https://elsewhere.example/"])),
}

PROXIES: dict[str, Callable[[Line], None]] = {
    "drops the connection": dropping,
    "is silent": silent,
    "says what is not HTTP": saying(b"\x01\x02 no HTTP\r\n\r\n"),
    "wants other credentials": saying(answer(b"", "407 Proxy Authentication Required")),
    "is busy": saying(answer(b"", "503 Busy")),
    "opens a tunnel to nowhere": saying(b"HTTP/1.1 200 Connection established\r\n\r\nthis is not TLS"),
}


@contextlib.asynccontextmanager
async def watched(caplog: pytest.LogCaptureFixture) -> AsyncIterator[list[BaseException]]:
    """Catch what is raised, and check it and the log."""
    raised: list[BaseException] = []
    with caplog.at_level(logging.DEBUG):
        yield raised
    (error,) = raised
    assert isinstance(error, LagoError | asyncio.CancelledError | TimeoutError)
    shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=False).format())
    assert not [secret for secret in SECRETS if secret in shown + caplog.text]
    assert leaks(error) == []


async def caught(face: Face, raised: list[BaseException], body: Mapping[str, Any] = WALLET) -> None:
    try:
        await face("wallets.create", body)
    except BaseException as error:  # noqa: BLE001 - every kind is checked
        raised.append(error)


def test_the_walk_finds_what_the_frames_of_a_library_hold() -> None:
    library: dict[str, Any] = {}
    exec(compile("def write(data):\n    raise OSError('lost')\n", "library.py", "exec"), library)
    try:
        try:
            library["write"](f"Authorization: Bearer {KEY}".encode())
        except OSError as lost:
            raise LagoError("wrapped") from lost
    except LagoError as error:
        assert [way.partition("<")[2] for way in leaks(error)] == [f"library.py:2 data> has {KEY}"]
    assert leaks(LagoError({"headers": [b"x", f"Bearer {KEY}".encode()]}))
    assert leaks(LagoError("nothing")) == []


@pytest.mark.parametrize("fault", SERVERS)
@pytest.mark.parametrize("size", [10, 3_000_000])
async def test_no_failure_of_the_server_leads_to_the_key(
    new_face: NewFace, caplog: pytest.LogCaptureFixture, fault: str, size: int
) -> None:
    with Wire(SERVERS[fault]) as wire:
        face = await new_face(
            api_key=KEY,
            base_url=wire.url,
            max_retries=ONCE,
            timeout=Timeout(total=5, read=0.2),
            max_response_bytes=100_000,
        )
        async with watched(caplog) as raised:
            await caught(face, raised, {**WALLET, "name": "n" * size})


@pytest.mark.parametrize(
    "fault", ["refuses connections", "has no name", "is not trusted", "was given up", "was closed"]
)
async def test_no_failure_around_a_call_leads_to_the_key(
    new_face: NewFace, caplog: pytest.LogCaptureFixture, fault: str
) -> None:
    with Wire(silent) as wire:
        urls = {"refuses connections": "http://127.0.0.1:1", "has no name": "https://lago.invalid"}
        urls["is not trusted"] = wire.url.replace("http:", "https:")
        face = await new_face(
            api_key=KEY, base_url=urls.get(fault, wire.url), max_retries=ONCE, timeout=Timeout(total=5, read=1)
        )
        async with watched(caplog) as raised:
            call = asyncio.ensure_future(caught(face, raised))
            if fault in ("was given up", "was closed"):
                while not wire.requests:
                    await asyncio.sleep(0)
                if fault == "was closed" or face.name == "sync":
                    await face.run(face.client.close)
                else:
                    call.cancel()
            await call


@pytest.mark.parametrize("fault", PROXIES)
@pytest.mark.parametrize("base_url", ["https://lago.example", "http://lago.example"])
async def test_no_failure_of_a_proxy_leads_to_its_password(
    new_face: NewFace, caplog: pytest.LogCaptureFixture, fault: str, base_url: str
) -> None:
    with Wire(PROXIES[fault]) as wire:
        face = await new_face(
            api_key=KEY,
            base_url=base_url,
            allow_insecure_http=True,
            proxy=f"http://user:PW-SECRET%3A%25%2F%C3%A9@127.0.0.1:{wire.port}",
            max_retries=ONCE,
            timeout=Timeout(total=5, read=0.2),
        )
        async with watched(caplog) as raised:
            await caught(face, raised)
        assert f"Proxy-Authorization: Basic {BASIC}".encode() in wire.requests[0]
        assert wire.requests[0].count(KEY.encode()) == (0 if base_url.startswith("https:") else 1)
    (error,) = raised
    if base_url.startswith("https:"):
        assert isinstance(error, LagoConnectionError)
        assert f"through the proxy http://127.0.0.1:{wire.port}" in str(error)
        assert not error.maybe_applied
