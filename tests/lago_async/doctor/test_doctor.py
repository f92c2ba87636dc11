"""The command `doctor` says what is wrong, with an exit code for each cause, and never shows the key."""

from __future__ import annotations

import asyncio
import json
import threading
from contextlib import contextmanager
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import pytest
from aiohttp import web

from lago_async import LagoClient
from lago_async.__main__ import main
from lago_async._doctor.checks import examine
from lago_async.sandbox import RateLimits, Sandbox
from lago_sync import LagoClient as BlockingClient

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

KEY = "the-secret-key-of-this-test"
ORGANIZATION = {"organization": {"lago_id": "1a", "name": "Acme\x1b[31m", "created_at": "2026-01-01T00:00:00Z"}}
EMPTY = {"meta": {"current_page": 1, "next_page": None, "prev_page": None, "total_pages": 0, "total_count": 0}}

Reply = web.Response


def listed(path: str) -> web.Response:
    root = path.rpartition("/")[2]
    return web.json_response({root: [], "applied_coupons": [], **EMPTY})


def refusal(status: int, code: str | None = None) -> web.Response:
    body = {"status": status, "error": "Refused", **({} if code is None else {"code": code})}
    return web.json_response(body, status=status)


class Script:
    """The responses of a server by path; all others are lists that are empty."""

    def __init__(self, **replies: Callable[[], web.Response]) -> None:
        self.replies: dict[str, Callable[[], web.Response]] = {
            "/api/v1/organizations": lambda: web.json_response(ORGANIZATION),
            "/health": lambda: web.json_response({"version": "v1.55.0", "message": "Success"}),
            **{f"/{name.replace('__', '/')}": reply for name, reply in replies.items()},
        }
        self.date = formatdate(usegmt=True)
        self.keys: dict[str, str | None] = {}

    async def respond(self, request: web.Request) -> web.StreamResponse:
        self.keys[request.path] = request.headers.get("Authorization")
        reply = self.replies.get(request.path)
        response = listed(request.path) if reply is None else reply()
        response.headers["Date"] = self.date
        return response


@contextmanager
def served(script: Script) -> Iterator[str]:
    """Serve on a thread, because the command runs its own event loop."""
    ready, stop = threading.Event(), threading.Event()
    url: list[str] = []

    async def serve() -> None:
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", script.respond)
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        url.append(f"http://127.0.0.1:{runner.addresses[0][1]}")
        ready.set()
        await asyncio.to_thread(stop.wait)
        await runner.cleanup()

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    assert ready.wait(60)
    try:
        yield url[0]
    finally:
        stop.set()
        thread.join(60)


class Ran:
    def __init__(self, code: int, shown: str) -> None:
        self.code = code
        self.findings: list[dict[str, str]] = json.loads(shown)["findings"]
        assert json.loads(shown)["exit_code"] == code

    def of(self, check: str) -> list[tuple[str, str]]:
        return [(each["level"], each["text"]) for each in self.findings if each["check"] == check]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    def run(url: str | None = None, key: str | None = KEY) -> Ran:
        for name, value in (("LAGO_API_URL", url), ("LAGO_API_KEY", key)):
            monkeypatch.delenv(name, raising=False) if value is None else monkeypatch.setenv(name, value)
        code = main(["doctor", "--json"])
        as_json = capsys.readouterr().out
        assert main(["doctor"]) == code
        as_text = capsys.readouterr()
        if key is not None:
            assert key not in as_json + as_text.out + as_text.err
        assert "\x1b" not in as_json + as_text.out
        ran = Ran(code, as_json)
        assert [line.split()[0] for line in as_text.out.splitlines() if line[:1] != " "] == [
            each["level"] for each in ran.findings
        ]
        assert all(each["remedy"] for each in ran.findings if each["level"] in {"warning", "failed"})
        return ran

    return run


def test_a_sandbox_is_healthy(run: Callable[..., Ran]) -> None:
    with Sandbox(rate_limits=RateLimits(others=500)) as sandbox:
        ran = run(sandbox.url, sandbox.api_key)
        assert {request.method for request in sandbox.requests} == {"GET"}
        assert all(request.status in {200, 403, 404} for request in sandbox.requests)
    assert ran.code == 0
    assert {each["level"] for each in ran.findings} == {"ok", "note"}
    assert ran.of("settings") == [("ok", f"LAGO_API_KEY is set; the URL is {sandbox.url}/api/v1")]
    assert ran.of("rate limits")[0][1].startswith("500 calls per ")
    assert "customers" in ran.of("permissions")[0][1]
    assert ("note", "quotes needs the feature flag order_forms") in ran.of("permissions")
    assert ran.of("webhooks") == [("note", "there are no endpoints")]


def test_endpoints_with_jwts_or_without_tls_are_warned_of(run: Callable[..., Ran]) -> None:
    with Sandbox() as sandbox:
        with BlockingClient(api_key=sandbox.api_key, base_url=sandbox.url) as client:
            client.webhook_endpoints.create(
                {"webhook_url": "https://u:secret@a.test/h?token=x", "signature_algo": "jwt"}
            )
            client.webhook_endpoints.create({"webhook_url": "http://127.0.0.1:9/h", "signature_algo": "hmac"})
            client.webhook_endpoints.create({"webhook_url": "https://c.test/h", "signature_algo": "hmac"})
        ran = run(sandbox.url, sandbox.api_key)
    assert ran.code == 6
    assert sorted(ran.of("webhooks")) == [
        ("warning", "http://127.0.0.1:9/h is not https"),
        ("warning", "https://a.test/h is signed with JWTs, which repeat the payload in a header"),
    ]


@pytest.mark.parametrize(("key", "url"), [(None, None), ("a b", None), (KEY, "ftp://x"), (KEY, "http://lago.example")])
def test_settings_that_are_missing_or_invalid_are_2(key: str | None, url: str | None, run: Callable[..., Ran]) -> None:
    ran = run(url, key)
    assert ran.code == 2
    ((level, _),) = ran.of("settings")
    assert level == "failed"


def test_a_server_that_cannot_be_reached_is_3(run: Callable[..., Ran]) -> None:
    import socket

    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))  # and it does not listen
        ran = run(f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert ran.code == 3
    assert ran.of("server")[0][0] == "failed"


FAILURES: dict[str, tuple[Callable[[], web.Response], int]] = {
    "an unknown key": (lambda: refusal(401), 4),
    "a page of the app": (lambda: web.Response(text="<html>", content_type="text/html"), 5),
    "JSON of another service": (lambda: web.json_response({"hello": 1}), 5),
    "no such path": (lambda: refusal(404, "resource_not_found"), 5),
    "a crash": (lambda: refusal(500), 5),
    "a redirect": (lambda: web.Response(status=302, headers={"Location": "https://app.test/"}), 5),
}


@pytest.mark.parametrize("cause", FAILURES)
def test_each_failure_has_an_exit_code_and_ends_the_checks(cause: str, run: Callable[..., Ran]) -> None:
    reply, code = FAILURES[cause]
    with served(Script(api__v1__organizations=reply)) as url:
        ran = run(url)
    assert ran.code == code
    assert ran.findings[-1]["level"] == "failed"
    assert ran.of("permissions") == []


def test_permissions_that_are_missing_are_named_and_the_rest_is_checked(run: Callable[..., Ran]) -> None:
    script = Script(
        api__v1__organizations=lambda: refusal(403, "read_action_not_allowed_for_organization"),
        api__v1__customers=lambda: refusal(403, "read_action_not_allowed_for_customer"),
        api__v1__plans=lambda: refusal(403, "forbidden"),
        api__v1__taxes=lambda: refusal(500),
        api__v1__webhook_endpoints=lambda: refusal(403, "read_action_not_allowed_for_webhook_endpoint"),
    )
    with served(script) as url:
        ran = run(url)
    assert ran.code == 6
    assert "may not read its organisation" in ran.of("organisation")[0][1]
    texts = {text: level for level, text in ran.of("permissions")}
    assert texts["the key may not read: customers, webhook_endpoints"] == "warning"
    assert texts["plans: refused (forbidden)"] == "note"
    assert any(level == "warning" and text.startswith("taxes: ") for text, level in texts.items())
    assert ran.of("webhooks")[0][0] == "note"


def test_the_version_is_asked_for_without_the_key(run: Callable[..., Ran]) -> None:
    script = Script()
    with served(script) as url:
        assert run(url).of("version") == [("ok", "the server is Lago v1.55.0")]
    assert script.keys["/health"] is None
    assert script.keys["/api/v1/organizations"] == f"Bearer {KEY}"
    for page in ("<html>", '{"version": 1}', "x" * 100_000):
        with served(Script(health=lambda page=page: web.Response(text=page))) as url:  # type: ignore[misc]
            assert run(url).of("version") == [("note", "the server does not tell its version")]


@pytest.mark.parametrize(
    ("ahead", "level", "text"),
    [
        (0.0, "ok", "differ by 5 s or less"),
        (-4.0, "ok", "differ by 5 s or less"),
        (90.0, "warning", "this clock is 90 s ahead of the server's"),
        (-7200.0, "warning", "this clock is 7200 s behind the server's"),
    ],
)
async def test_a_clock_that_is_wrong_is_warned_of(ahead: float, level: str, text: str) -> None:
    script = Script()
    script.date = formatdate(1_800_000_000, usegmt=True)
    with served(script) as url:
        async with LagoClient(api_key=KEY, base_url=url) as client:
            findings: list[Any] = await examine(client, lambda: 1_800_000_000 + ahead)
    (clock,) = [each for each in findings if each.check == "clock"]
    assert clock.level == level
    assert text in clock.text
