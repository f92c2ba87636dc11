"""Files on both faces: the client waits for them, downloads them completely or not at all, and never sends the key."""

import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from lago_async import LagoArgumentError, LagoFileError, NotFoundError, RetryPolicy, Timeout
from lago_async.sandbox import Latency, RawResponse, Sandbox
from tests.conftest import Face

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 4_000


class Place:
    """The server of files, which is not Lago."""

    def __init__(self) -> None:
        self.requests: list[web.Request] = []
        self.failures = 0
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.requests.append(request)
        if self.failures:
            self.failures -= 1
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        match request.path:
            case "/moved":
                return web.Response(status=302, headers={"Location": "/invoice.pdf?signature=x"})
            case "/insecure":
                return web.Response(status=302, headers={"Location": "http://files.example.com/invoice.pdf"})
            case "/circle":
                return web.Response(status=302, headers={"Location": "/circle"})
            case "/expired":
                return web.Response(status=403, text="<Error>Request has expired</Error>")
            case "/broken" | "/endless":
                response = web.StreamResponse()
                if request.path == "/broken":
                    response.content_length = len(PDF)
                await response.prepare(request)
                await response.write(PDF[:100_000])
                if request.path == "/broken":
                    assert request.transport is not None
                    request.transport.close()
                    return response
                for _ in range(100):
                    await response.write(PDF)
                return response
            case _:
                return web.Response(body=PDF, content_type="application/pdf")


@pytest.fixture
async def place() -> AsyncIterator[Place]:
    place = Place()
    runner = web.ServerRunner(web.Server(place.answer, access_log=None))  # type: ignore[arg-type]
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    place.url = f"http://{host}:{port}"
    yield place
    await runner.cleanup()


async def download(face: Face, url: str, to: Any, **options: Any) -> Any:
    return await face.run(face.client.download_file, url, to, **options)


@pytest.mark.parametrize("path", ["/invoice.pdf", "/moved"])
async def test_a_file_comes_whole_to_its_path_with_progress(
    face: Face, place: Place, tmp_path: Path, path: str
) -> None:
    seen: list[tuple[int, int | None]] = []
    target = tmp_path / "invoice.pdf"
    size = await download(face, place.url + path, target, on_progress=lambda done, of: seen.append((done, of)))
    assert target.read_bytes() == PDF
    assert size == len(PDF)
    assert seen[-1] == (len(PDF), len(PDF))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert len(seen) > 1
    assert [found.name for found in tmp_path.iterdir()] == ["invoice.pdf"]


async def test_a_file_may_go_to_an_open_file(face: Face, place: Place) -> None:
    target = io.BytesIO()
    await download(face, f"{place.url}/invoice.pdf", target)
    assert target.getvalue() == PDF


async def test_the_key_stays_at_home(face: Face, place: Place, tmp_path: Path, sandbox: Sandbox) -> None:
    await download(face, f"{place.url}/moved", tmp_path / "x.pdf")
    assert len(place.requests) == 2
    for request in place.requests:
        assert "Authorization" not in request.headers
        assert sandbox.api_key not in repr(request.headers)


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/expired", "responded with 403; its link may have expired"),
        ("/circle", "redirects more than 5 times"),
        ("/broken", r"download failed after \d+ bytes"),
        ("/endless", "more than max_bytes=2000000"),
    ],
)
async def test_what_cannot_be_fetched_whole_leaves_what_was_there(
    face: Face, place: Place, tmp_path: Path, path: str, reason: str
) -> None:
    target = tmp_path / "invoice.pdf"
    target.write_bytes(b"the old one")
    with pytest.raises(LagoFileError, match=reason):
        await download(face, place.url + path, target, max_bytes=2_000_000)
    assert target.read_bytes() == b"the old one"
    assert [found.name for found in tmp_path.iterdir()] == ["invoice.pdf"]


async def test_a_file_that_says_it_is_too_large_is_not_begun(face: Face, place: Place, tmp_path: Path) -> None:
    with pytest.raises(LagoFileError, match=f"has {len(PDF)} bytes, more than max_bytes=1000"):
        await download(face, f"{place.url}/invoice.pdf", tmp_path / "x.pdf", max_bytes=1_000)


async def test_a_connection_lost_before_the_first_byte_is_tried_again(face: Face, place: Place, tmp_path: Path) -> None:
    place.failures = 2
    assert await download(face, f"{place.url}/invoice.pdf", tmp_path / "x.pdf") == len(PDF)
    assert len(place.requests) >= 3


@pytest.mark.parametrize(
    "url",
    ["http://files.example.com/x.pdf", "ftp://files.example.com/x.pdf", "https://u:p@files.example.com/x", "x.pdf", ""],
)
async def test_a_link_that_is_none_to_follow_is_refused(face: Face, tmp_path: Path, url: str) -> None:
    with pytest.raises(LagoArgumentError, match="https"):
        await download(face, url, tmp_path / "x.pdf")
    assert list(tmp_path.iterdir()) == []


async def test_a_redirect_to_plain_http_is_not_followed(face: Face, place: Place, tmp_path: Path) -> None:
    with pytest.raises(LagoFileError, match=r"redirects .* https, not from http://files\.example\.com"):
        await download(face, f"{place.url}/insecure", tmp_path / "x.pdf")


async def test_a_file_that_is_being_made_is_waited_for(face: Face, sandbox: Sandbox, monkeypatch: Any) -> None:
    monkeypatch.setattr("lago_async._net.files._FIRST_WAIT", 0.001)
    for body in (b"", b'{"invoice":{"lago_id":"i","file_url":null}}'):
        sandbox.inject(RawResponse(status=200, body=body), operation="download_invoice")
    ready = RawResponse(status=200, body=b'{"invoice":{"lago_id":"i","file_url":"https://files.example.com/i.pdf"}}')
    sandbox.inject(ready, operation="download_invoice")
    invoice = await face.run(face.client.wait_for_file, face.operation("invoices.download"), "i")
    assert invoice.file_url == "https://files.example.com/i.pdf"
    assert len(sandbox.requests) == 3


async def test_a_file_that_is_never_made_is_waited_for_only_so_long(face: Face, sandbox: Sandbox) -> None:
    sandbox.inject(RawResponse(status=200, body=b""), operation="download_invoice", times=None)
    hurried = face.with_options(timeout=Timeout(0.2))
    with pytest.raises(LagoFileError, match=r"download_invoice: no file within 0\.2 s"):
        await hurried.run(hurried.client.wait_for_file, hurried.operation("invoices.download"), "i")


async def test_waiting_ends_in_time_even_in_the_middle_of_a_call(face: Face, sandbox: Sandbox) -> None:
    sandbox.inject(RawResponse(status=200, body=b""), operation="download_invoice")
    sandbox.inject(Latency(seconds=30), operation="download_invoice", times=None)
    hurried = face.with_options(timeout=Timeout(0.9))
    # The call's own timeout would be reached later than the wait's, with another error.
    with pytest.raises(LagoFileError, match=r"no file within 0\.9 s"):
        await hurried.run(hurried.client.wait_for_file, hurried.operation("invoices.download"), "i")


async def test_waiting_ends_with_the_error_of_the_call(face: Face, sandbox: Sandbox) -> None:
    answer = RawResponse(status=404, body=b'{"status":404,"error":"Not Found","code":"invoice_not_found"}')
    sandbox.inject(answer, operation="download_invoice")
    with pytest.raises(NotFoundError, match="invoice_not_found"):
        await face.run(face.client.wait_for_file, face.operation("invoices.download"), "i")


async def test_retries_of_a_view_are_those_of_its_downloads(face: Face, place: Place, tmp_path: Path) -> None:
    place.failures = 50
    once = face.with_options(max_retries=RetryPolicy(max_retries=0))
    with pytest.raises(LagoFileError, match="download failed after 0 bytes"):
        await download(once, f"{place.url}/invoice.pdf", tmp_path / "x.pdf")
