"""Downloads keep the rules of calls, on both faces: exact URLs, retries, no mixture of attempts, no way inwards."""

import gzip
import io
import logging
import os
import signal
import socket
import subprocess
import sys
import textwrap
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lago_async
from lago_async import LagoArgumentError, LagoFileError, RetryPolicy
from lago_async._net.addresses import Zone, is_loopback, zone_of
from lago_async._net.file_url import FileUrl
from lago_async._net.urls import MalformedUrlError
from lago_async.sandbox import RawResponse, Sandbox
from tests.conftest import Face, NewFace
from tests.wire import Line, Wire, answering

PDF = b"%PDF-1.4\n" + bytes(range(256)) * 2_000
SIGNATURE = "SIGNATURE%2Fthat%7Emust%3Dstay%40hidden"
SECRET_PARTS = ("SIGNATURE", "stay%40hidden", "secret-path")


def head(status: str = "200 OK", *headers: str, length: int | None = len(PDF)) -> bytes:
    lines = [f"HTTP/1.1 {status}", *headers, *([] if length is None else [f"Content-Length: {length}"])]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"


def pdf(number: int, request: bytes) -> bytes:
    return head() + PDF


def paths(wire: Wire) -> list[str]:
    return [request.split(b" ")[1].decode() for request in wire.requests]


async def download(face: Face, url: str, to: Any, **options: Any) -> Any:
    return await face.run(face.client.download_file, url, to, **options)


# -- The URL ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        "/a%27b.pdf?sig=abc%2Fdef%7E%3D&x=%40",
        "/a%2fb/%2E%2E/c?x=%20+%2B&y=&&z",
        "/a//b/../c;d=e?u=https://x/?y=[1]",
        "/%F0%9F%92%B8?%ff=%00",
    ],
)
async def test_a_signed_url_is_sent_byte_for_byte_also_after_a_redirect(face: Face, path: str, tmp_path: Path) -> None:
    def reply(number: int, request: bytes) -> bytes:
        return head("302 Found", f"Location: {wire.url}{path}", length=0) if number == 1 else head() + PDF

    with answering(reply) as wire:
        await download(face, wire.url + path + "#part", tmp_path / "x.pdf")
    assert paths(wire) == [path, path]


@pytest.mark.parametrize(
    ("location", "path"),
    [("/b?x=%7E", "/b?x=%7E"), ("c%2Fd", "/folder/c%2Fd"), ("?y=%27", "/folder/a?y=%27"), ("/\u00fc", "/%C3%BC")],
)
async def test_a_relative_redirect_starts_from_the_url_and_keeps_its_escapes(
    face: Face, tmp_path: Path, location: str, path: str
) -> None:
    moved = b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location.encode() + b"\r\n\r\n"
    with answering(lambda number, request: moved if number == 1 else head() + PDF) as wire:
        await download(face, wire.url + "/folder/a", tmp_path / "x.pdf")
    assert paths(wire) == ["/folder/a", path]


BAD_URLS = [
    None,
    5,
    b"https://files.example.com/x",
    "",
    "x.pdf",
    "//files.example.com/x",
    "https://",
    "https://[::1",
    "https://[x]/y",
    "https://files.example.com:port/x",
    "https://files.example.com:0/x",
    "https://files.example.com:99999/x",
    "https://user:pass@files.example.com/x",
    "https://good.example.com\\@evil.example.com/x",
    "https://files.example.com/x\r\nHost: evil.example.com",
    "https://files.example.com/x\0",
    "https://\u00fc.example.com/x",
    "https://files.example.com/\ud800",
    "https://0x7f.1/x",
    "file:///etc/passwd",
    "http://files.example.com/x",
]


@pytest.mark.parametrize("url", BAD_URLS)
async def test_a_url_that_is_not_one_to_fetch_from_is_an_argument_error_of_ours(
    face: Face, tmp_path: Path, url: Any
) -> None:
    with pytest.raises(LagoArgumentError, match="^download_file: file_url ") as failure:
        await download(face, url, tmp_path / "x.pdf")
    assert "pass@" not in str(failure.value)
    assert list(tmp_path.iterdir()) == []


@given(st.text() | st.builds("https://{}".format, st.text()) | st.builds("https://h/{}".format, st.text()))
def test_any_text_is_a_url_that_can_be_sent_or_refused(text: str) -> None:
    settings = lago_async.LagoClient(api_key="key")._state.settings
    try:
        made = FileUrl.of(text, settings)
    except MalformedUrlError:
        return
    line = made.url.raw_path_qs
    assert line.isascii()
    assert line.isprintable()
    assert " " not in line
    if text.isascii() and " " not in text:
        assert text.partition("#")[0].removesuffix("?").endswith(line.removeprefix("/"))


# -- Attempts ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["500 Error", "502 Bad Gateway", "503 Busy", "520 Unknown", "429 Slow", "408 Late"])
async def test_a_failure_of_the_files_server_is_tried_again(face: Face, tmp_path: Path, status: str) -> None:
    with answering(lambda number, request: head(status, length=0) if number < 4 else head() + PDF) as wire:
        assert await download(face, wire.url + "/x", tmp_path / "x.pdf") == len(PDF)
    assert len(wire.requests) == 4
    assert (tmp_path / "x.pdf").read_bytes() == PDF


@pytest.mark.parametrize("said", [None, b"", b"HTTP/1.1 200 OK\r\nContent-Le", head() + PDF[:70_000]])
@pytest.mark.parametrize("retries", [0, 2])
async def test_one_attempt_is_one_request(face: Face, tmp_path: Path, said: bytes | None, retries: int) -> None:
    def talk(line: Line) -> None:
        line.read()
        line.send(said or b"")

    impatient = face.with_options(max_retries=RetryPolicy(max_retries=retries, base_delay=0.001))
    with Wire(talk) as wire, pytest.raises(LagoFileError, match=r"the download failed after \d+ bytes"):
        await download(impatient, wire.url + "/x", tmp_path / "x.pdf")
    assert len(wire.requests) == retries + 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["path", "memory", "file"])
async def test_bytes_of_two_attempts_never_mix(face: Face, tmp_path: Path, kind: str) -> None:
    """The second attempt has another, shorter file: nothing of the first may be left behind it."""

    def talk(line: Line) -> None:
        line.read()
        line.send(head() + b"x" * 300_000 if line.number == 1 else head(length=5) + b"short")

    path = tmp_path / "x.pdf"
    before = b"" if kind == "path" else b"before:"
    with Wire(talk) as wire:
        if kind == "path":
            await download(face, wire.url + "/x", path)
        else:
            with io.BytesIO() if kind == "memory" else path.open("w+b") as file:
                file.write(before)
                assert await download(face, wire.url + "/x", file) == 5
                file.seek(0)
                path.write_bytes(file.read())
    assert path.read_bytes() == before + b"short"
    assert len(wire.requests) == 2


async def test_a_file_that_cannot_be_rewound_gets_the_bytes_of_one_attempt(face: Face) -> None:
    class Pipe:
        def __init__(self) -> None:
            self.got = b""

        def write(self, piece: bytes) -> None:
            self.got += piece

    def talk(line: Line) -> None:
        line.read()
        line.send(head("503 Busy", length=0) if line.number == 1 else head() + PDF[:300_000])

    pipe = Pipe()
    with Wire(talk) as wire, pytest.raises(LagoFileError, match="cannot be rewound: pass a path"):
        await download(face, wire.url + "/x", pipe)
    assert PDF.startswith(pipe.got)
    assert len(wire.requests) == 2


async def test_a_download_that_fails_leaves_an_open_file_as_it_was(face: Face) -> None:
    file = io.BytesIO()
    file.write(b"before")

    def talk(line: Line) -> None:
        line.read()
        line.send(head() + PDF[:100_000])

    with Wire(talk) as wire, pytest.raises(LagoFileError, match=r"failed after \d+ bytes"):
        await download(face.with_options(max_retries=0), wire.url + "/x", file)
    assert file.getvalue() == b"before"


async def test_a_total_time_limit_is_for_all_attempts_together(face: Face, tmp_path: Path) -> None:
    def talk(line: Line) -> None:
        line.read()
        line.send(head() + PDF[:10])
        line.read()  # until the client gives up

    hurried = face.with_options(timeout=0.2)
    with Wire(talk) as wire, pytest.raises(LagoFileError, match=r"no data in time \(total=0\.2 s\); raise timeout="):
        await download(hurried, wire.url + "/x", tmp_path / "x.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 204, 206, 304, 300])
async def test_an_error_has_the_status_and_the_remedy(face: Face, tmp_path: Path, status: int) -> None:
    with (
        answering(lambda number, request: head(f"{status} X", length=0)) as wire,
        pytest.raises(LagoFileError, match=f"responded with {status}; its link may have expired") as failure,
    ):
        await download(face, wire.url + "/x", tmp_path / "x.pdf")
    assert failure.value.status_code == status
    assert len(wire.requests) == 1


# -- Bodies ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("coding", ["gzip", "x-gzip"])
async def test_progress_has_one_unit_also_for_a_compressed_file(face: Face, tmp_path: Path, coding: str) -> None:
    packed = gzip.compress(PDF)
    seen: list[tuple[int, int | None]] = []
    with answering(lambda *_: head("200 OK", f"Content-Encoding: {coding}", length=len(packed)) + packed) as wire:
        size = await download(
            face, wire.url + "/x", tmp_path / "x.pdf", on_progress=lambda done, of: seen.append((done, of))
        )
    assert b"\r\nAccept-Encoding: identity\r\n" in wire.requests[0]
    assert size == len(PDF)
    assert (tmp_path / "x.pdf").read_bytes() == PDF
    assert seen[-1] == (len(PDF), None)


async def test_a_compressed_file_is_bounded_by_its_real_size(face: Face, tmp_path: Path) -> None:
    packed = gzip.compress(bytes(50_000_000))
    with (
        answering(lambda *_: head("200 OK", "Content-Encoding: gzip", length=len(packed)) + packed) as wire,
        pytest.raises(LagoFileError, match="the file has more than max_bytes=1000000"),
    ):
        await download(face, wire.url + "/x", tmp_path / "x.pdf", max_bytes=1_000_000)
    assert len(wire.requests) == 1


async def test_a_coding_that_was_not_asked_for_is_not_written_as_the_file(face: Face, tmp_path: Path) -> None:
    with (
        answering(lambda *_: head("200 OK", "Content-Encoding: snappy") + PDF) as wire,
        pytest.raises(LagoFileError, match="coding 'snappy', which was not asked for"),
    ):
        await download(face, wire.url + "/x", tmp_path / "x.pdf")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("error", [OSError("of the caller"), TimeoutError("of the caller"), KeyError("x")])
async def test_an_error_of_the_callers_own_function_is_not_taken_for_one_of_the_network(
    face: Face, tmp_path: Path, error: Exception
) -> None:
    def fail(*_: object) -> None:
        raise error

    with answering(pdf) as wire, pytest.raises(type(error)) as failure:
        await download(face, wire.url + "/x", tmp_path / "x.pdf", on_progress=fail)
    assert str(failure.value) == str(error)
    assert len(wire.requests) == 1
    assert list(tmp_path.iterdir()) == []


# -- Targets -----------------------------------------------------------------------------------------------------------


def folder(path: Path) -> None:
    path.mkdir()


def pipe(path: Path) -> None:
    os.mkfifo(path)


def unix_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def device_link(path: Path) -> None:
    path.symlink_to("/dev/null")


def identity(path: Path) -> tuple[int, int, int, int]:
    """Return the facts that replacing or writing a file changes. Following a link changes its time of access."""
    found = path.lstat()
    return found.st_mode, found.st_ino, found.st_size, found.st_mtime_ns


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of these")
@pytest.mark.parametrize("make", [folder, pipe, unix_socket, device_link])
async def test_what_is_not_a_file_is_refused_and_not_replaced(
    face: Face, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[Path], None]
) -> None:
    monkeypatch.chdir(tmp_path)  # the name of a socket must be short
    make(Path("x.pdf"))
    before = identity(Path("x.pdf"))
    with answering(pdf) as wire, pytest.raises(LagoArgumentError, match="download_file: the path .* is a "):
        await download(face, wire.url + "/x", tmp_path / "x.pdf")
    assert wire.requests == []
    assert identity(Path("x.pdf")) == before
    assert len(list(tmp_path.iterdir())) == 1


async def test_a_link_is_replaced_and_the_file_that_it_points_to_is_left_alone(face: Face, tmp_path: Path) -> None:
    (tmp_path / "other").write_bytes(b"other")
    for target in ("other", "nothing"):
        link = tmp_path / f"{target}.pdf"
        link.symlink_to(tmp_path / target)
        with answering(pdf) as wire:
            await download(face, wire.url + "/x", link)
        assert not link.is_symlink()
        assert link.read_bytes() == PDF
    assert (tmp_path / "other").read_bytes() == b"other"
    assert not (tmp_path / "nothing").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
async def test_a_file_that_is_replaced_keeps_its_permissions(face: Face, tmp_path: Path) -> None:
    path = tmp_path / "x.pdf"
    path.touch(mode=0o600)
    with answering(pdf) as wire:
        await download(face, wire.url + "/x", path)
    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_name_of_any_length_has_room_beside_it(face: Face, tmp_path: Path) -> None:
    path = tmp_path / ("x" * 255)
    with answering(pdf) as wire:
        await download(face, wire.url + "/x", path)
    assert path.read_bytes() == PDF


class OnlyReads(io.RawIOBase):
    def readable(self) -> bool:
        return True


def closed() -> io.BytesIO:
    file = io.BytesIO()
    file.close()
    return file


@pytest.mark.parametrize(
    "target",
    ["", "/", ".", "..", "a/..", "folder/", "a\0b", b"x.pdf", None, 5, io.StringIO(), OnlyReads(), closed(), object()],
    ids=lambda target: repr(target).partition(" ")[0],
)
async def test_a_target_that_cannot_be_written_is_an_argument_error_of_ours(
    face: Face, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    with answering(pdf) as wire, pytest.raises(LagoArgumentError, match="^download_file: "):
        await download(face, wire.url + "/x", target)
    assert wire.requests == []
    assert list(tmp_path.iterdir()) == []


async def test_a_text_file_is_refused(face: Face, tmp_path: Path) -> None:
    with (
        answering(pdf) as wire,
        (tmp_path / "x").open("w") as file,
        pytest.raises(LagoArgumentError, match="open for text: open it with mode 'wb'"),
    ):
        await download(face, wire.url + "/x", file)
    with (
        answering(pdf) as wire,
        (tmp_path / "x").open("rb") as file,
        pytest.raises(LagoArgumentError, match="not open for writing: open it with mode 'wb'"),
    ):
        await download(face, wire.url + "/x", file)


async def test_a_folder_that_is_missing_is_an_error_of_ours(face: Face, tmp_path: Path) -> None:
    with answering(pdf) as wire, pytest.raises(LagoFileError, match="could not be written: No such file"):
        await download(face, wire.url + "/x", tmp_path / "missing" / "x.pdf")
    assert wire.requests == []


@pytest.mark.parametrize("value", [0, -1, True, 1.5, "9", None])
async def test_a_largest_size_is_a_whole_number(face: Face, tmp_path: Path, value: Any) -> None:
    with pytest.raises(LagoArgumentError, match="download_file: max_bytes must be a whole number, 1 or more"):
        await download(face, "https://files.example.com/x", tmp_path / "x.pdf", max_bytes=value)


async def test_a_file_without_a_buffer_gets_every_byte(face: Face) -> None:
    class Slow(io.RawIOBase):
        """Takes at most 1,000 bytes at a time, as a file of the operating system may."""

        def __init__(self) -> None:
            self.got = b""

        def writable(self) -> bool:
            return True

        def write(self, piece: Any) -> int:
            self.got += bytes(piece[:1000])
            return min(len(piece), 1000)

    file = Slow()
    with answering(pdf) as wire:
        await download(face, wire.url + "/x", file)
    assert file.got == PDF


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
@pytest.mark.parametrize("package", ["lago_async", "lago_sync"])
def test_a_download_that_is_killed_leaves_the_file_that_was_there(tmp_path: Path, package: str) -> None:
    def talk(line: Line) -> None:
        line.read()
        line.send(head() + PDF[:300_000])
        line.read()

    target = tmp_path / "x.pdf"
    target.write_bytes(b"the old one")
    wait = "await " if package == "lago_async" else ""
    body = f"""
    client = LagoClient(api_key="key", base_url=sys.argv[1])
    {wait}client.download_file(sys.argv[1] + "/x", sys.argv[2], on_progress=lambda *_: print("begun", flush=True))
    """
    body = textwrap.indent(textwrap.dedent(body), "    ")
    run = f"async def main():\n{body}\nasyncio.run(main())" if wait else f"def main():\n{body}\nmain()"
    source = f"import asyncio, sys\nfrom {package} import LagoClient\n{run}"
    with Wire(talk) as wire:
        command = [sys.executable, "-c", source, wire.url, str(target)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"begun\n"
            child.send_signal(signal.SIGKILL)
    assert target.read_bytes() == b"the old one"


# -- Reach -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Return the addresses of names, which a test may fill; no other name is known."""
    known: dict[str, str] = {}
    real = socket.getaddrinfo

    def lookup(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        if isinstance(host, str) and host in known:
            host = known[host]
        elif isinstance(host, str) and zone_of(host) is None and host != "localhost":
            raise socket.gaierror(socket.EAI_NONAME, "unknown name")
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    return known


PUBLIC_API = {"api_key": "key", "base_url": "https://93.184.216.34", "allow_insecure_http": True, "max_retries": 0}


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "0.0.0.0", "files.example.com"])
@pytest.mark.parametrize("base_url", ["https://93.184.216.34", "https://10.1.2.3", "https://unknown.example.com"])
async def test_no_server_can_name_a_file_on_the_clients_machine(
    new_face: NewFace, tmp_path: Path, names: dict[str, str], host: str, base_url: str
) -> None:
    names["files.example.com"] = "127.0.0.1"
    face = await new_face(**{**PUBLIC_API, "base_url": base_url})
    with answering(pdf) as wire:
        url = f"http://{host}:{wire.port}/x"
        with pytest.raises(LagoFileError, match=r"has a loopback address; only a base_url with such an address"):
            await download(face, url, tmp_path / "x.pdf")
    assert wire.connections == 0
    assert list(tmp_path.iterdir()) == []


async def test_a_redirect_leads_no_further_inwards_than_a_url(
    new_face: NewFace, tmp_path: Path, names: dict[str, str]
) -> None:
    face = await new_face(api_key="key", base_url="http://127.0.0.1:9", allow_insecure_http=True, max_retries=0)
    with (
        answering(lambda *_: head("302 Found", "Location: http://169.254.169.254/latest/meta-data", length=0)) as wire,
        pytest.raises(LagoFileError, match=r"169\.254\.169\.254 has a link-local address"),
    ):
        await download(face, wire.url + "/x", tmp_path / "x.pdf")
    assert len(wire.requests) == 1


async def test_an_api_on_this_machine_may_name_files_here_by_any_name(
    new_face: NewFace, tmp_path: Path, names: dict[str, str]
) -> None:
    names["lago.example.com"] = names["files.example.com"] = "127.0.0.1"
    face = await new_face(api_key="key", base_url="https://lago.example.com", allow_insecure_http=True)
    with answering(pdf) as wire:
        await download(face, f"http://files.example.com:{wire.port}/x", tmp_path / "x.pdf")
    assert len(wire.requests) == 1


def test_a_redirect_from_https_to_http_is_refused_even_where_http_is_allowed() -> None:
    settings = lago_async.LagoClient(api_key="key", allow_insecure_http=True)._state.settings
    start = FileUrl.of("https://files.example.com/x", settings)
    assert start.redirected("https://other.example.com/y", settings).url.host == "other.example.com"
    with pytest.raises(MalformedUrlError, match="https, not from http://files"):
        start.redirected("http://files.example.com/x", settings)


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        ("8.8.8.8", Zone.PUBLIC),
        ("2606:4700::1111", Zone.PUBLIC),
        ("::ffff:8.8.8.8", Zone.PUBLIC),
        ("64:ff9b::808:808", Zone.PUBLIC),
        ("127.0.0.1", Zone.LOOPBACK),
        ("127.9.9.9", Zone.LOOPBACK),
        ("0.0.0.0", Zone.LOOPBACK),
        ("::", Zone.LOOPBACK),
        ("::1", Zone.LOOPBACK),
        ("::ffff:127.0.0.1", Zone.LOOPBACK),
        ("64:ff9b::7f00:1", Zone.LOOPBACK),
        ("2002:7f00:1::", Zone.LOOPBACK),
        ("169.254.169.254", Zone.LINK_LOCAL),
        ("fe80::1%eth0", Zone.LINK_LOCAL),
        ("::ffff:169.254.169.254", Zone.LINK_LOCAL),
        ("10.0.0.1", Zone.PRIVATE),
        ("172.16.0.1", Zone.PRIVATE),
        ("192.168.1.1", Zone.PRIVATE),
        ("100.64.0.1", Zone.PRIVATE),
        ("fd00:ec2::254", Zone.PRIVATE),
        ("224.0.0.1", Zone.PRIVATE),
        ("ff02::1", Zone.PRIVATE),
        ("255.255.255.255", Zone.PRIVATE),
        ("2002:a00:1::", Zone.PRIVATE),
        ("localhost", None),
        ("files.example.com", None),
        ("127.1", None),
    ],
)
def test_an_address_belongs_to_one_zone(address: str, zone: Zone | None) -> None:
    assert zone_of(address) is zone


def test_an_address_for_every_interface_is_not_this_machine_alone() -> None:
    assert not is_loopback("0.0.0.0")
    assert is_loopback("127.0.0.1")


# -- Proxies, secrets --------------------------------------------------------------------------------------------------


async def test_a_download_goes_through_the_proxy_for_its_own_host(
    new_face: NewFace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with answering(pdf) as proxy, answering(pdf) as direct:
        monkeypatch.setenv("http_proxy", f"http://user:pass-word@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "lago.example.com")
        face = await new_face(
            api_key="key", base_url="http://lago.example.com", trust_env=True, allow_insecure_http=True
        )
        await download(face, "http://files.example.com/x?y=%2F", tmp_path / "x.pdf")
    assert paths(proxy) == ["http://files.example.com/x?y=%2F"]
    assert b"\r\nProxy-Authorization: Basic " in proxy.requests[0]
    assert direct.requests == []


async def test_a_proxy_does_not_carry_a_download_inwards(new_face: NewFace, tmp_path: Path) -> None:
    with answering(pdf) as proxy:
        face = await new_face(**PUBLIC_API, proxy=proxy.url)
        with pytest.raises(LagoFileError, match="has a link-local address"):
            await download(face, "http://169.254.169.254/x", tmp_path / "x.pdf")
    assert proxy.connections == 0


async def test_a_proxy_that_wants_credentials_is_named_as_such(new_face: NewFace, tmp_path: Path) -> None:
    with answering(lambda *_: head("407 Who are you", length=0)) as proxy:
        face = await new_face(**PUBLIC_API, proxy=proxy.url.replace("//", "//user:pass-word@"))
        for scheme in ("http", "https"):
            with pytest.raises(LagoFileError, match="the proxy refused with 407") as failure:
                await download(face, f"{scheme}://files.example.com/x", tmp_path / "x.pdf")
            assert "pass-word" not in str(failure.value)


FAULTS: list[bytes | None] = [
    None,
    b"",
    b"nonsense\r\n\r\n",
    head("403 Forbidden", length=0),
    head("302 Found", f"Location: ftp://x/?{SIGNATURE}", length=0),
    head("302 Found", f"Location: http://127.0.0.1:1/secret-path?{SIGNATURE}", length=0),
    head("302 Found", f"Location: /secret-path?{SIGNATURE}", length=0),
    head() + PDF[:1000],
    head("200 OK", "Content-Encoding: gzip") + PDF,
    head("200 OK", "Transfer-Encoding: chunked", length=None) + b"zz\r\n",
    head("200 OK", "Content-Length: x", length=None),
]


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_error_and_no_log_shows_the_signature_of_a_url(
    face: Face, tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: bytes | None
) -> None:
    caplog.set_level(logging.DEBUG)

    def talk(line: Line) -> None:
        line.read()
        line.send(fault or b"")

    with Wire(talk) as wire:
        url = f"{wire.url}/secret-path?{SIGNATURE}"
        with pytest.raises(LagoFileError) as failure:
            await download(face, url, tmp_path / "x.pdf")
    shown = "".join(traceback.format_exception(failure.value)) + caplog.text
    error: BaseException | None = failure.value
    while error is not None:
        # The frames of the library, and not those of this test, which has the URL.
        frames = traceback.TracebackException.from_exception(error, capture_locals=True, lookup_lines=False)
        shown += repr(
            [frame.locals for frame in frames.stack if "lago_" in frame.filename or "aiohttp" in frame.filename]
        )
        error = error.__cause__ or error.__context__
    assert [part for part in SECRET_PARTS if part in shown] == []


@pytest.fixture(autouse=True)
def _quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


# -- Waiting -----------------------------------------------------------------------------------------------------------


async def test_an_operation_without_a_file_is_not_waited_for(face: Face, sandbox: Sandbox) -> None:
    sandbox.inject(RawResponse(status=200, body=b'{"customer":{"lago_id":"1","external_id":"c"}}'), times=None)
    with pytest.raises(LagoArgumentError, match="wait_for_file: find_customer has no file_url"):
        await face.run(face.client.wait_for_file, face.operation("customers.find"), "cus_1")
    with pytest.raises(LagoArgumentError, match="expected an operation of a client"):
        await face.run(face.client.wait_for_file, print)
    assert list(sandbox.requests) == []


@pytest.mark.parametrize("concurrency", [0, -1, True, 1.5, "2", None])
async def test_sending_nothing_at_a_time_is_refused(face: Face, concurrency: Any) -> None:
    with pytest.raises(LagoArgumentError, match="send_all: concurrency must be a whole number, 1 or more"):
        await face.run(face.client.send_all, [], concurrency=concurrency)


def test_without_a_loop_of_asyncio_every_coroutine_says_so() -> None:
    client = lago_async.LagoClient(api_key="key")
    coroutines = [
        client.customers.find("cus_1"),
        client.download_file("https://files.example.com/x", "x.pdf"),
        client.wait_for_file(client.invoices.download, "x"),
        client.__aenter__(),
    ]
    for coroutine in coroutines:
        with pytest.raises(lago_async.LagoConfigError, match="runs on asyncio"):
            coroutine.send(None)
