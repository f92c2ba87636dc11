"""Proxies on both faces: the environment's are used only if that is asked for, and named if they would have helped."""

import base64
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from lago_async import LagoConfigError, LagoConnectionError, NotFoundError
from lago_async._net.proxies import environment_proxy
from lago_async.sandbox import Sandbox
from tests.conftest import NewFace
from tests.wire import Wire, answer, answering

KEY = "key-that-must-stay-hidden"


@pytest.fixture
def proxy() -> Iterator[Wire]:
    """Run a proxy that refuses every tunnel."""
    with answering(lambda number, request: answer(b"", "403 Forbidden")) as wire:
        yield wire


def host_of(url: str) -> str:
    return url.removeprefix("http://")


async def refusal(new_face: NewFace, **settings: Any) -> str:
    face = await new_face(**{"api_key": KEY, "base_url": "https://lago.invalid", "max_retries": 0, **settings})
    with pytest.raises(LagoConnectionError) as failure:
        await face("customers.find", "cus_1")
    assert failure.value.maybe_applied is False
    return str(failure.value)


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])
@pytest.mark.parametrize("prefix", ["http://", ""])
@pytest.mark.parametrize("how", ["argument", "LAGO_TRUST_ENV"])
async def test_the_environments_proxy_is_used_if_that_is_asked_for(
    new_face: NewFace, proxy: Wire, monkeypatch: pytest.MonkeyPatch, variable: str, prefix: str, how: str
) -> None:
    monkeypatch.setenv(variable, f"{prefix}us%40er:pass-word@{host_of(proxy.url)}")
    settings: Mapping[str, Any] = {"trust_env": True}
    if how != "argument":
        settings = {}
        monkeypatch.setenv(how, "1")
    said = await refusal(new_face, **settings)
    assert "pass-word" not in said
    assert "is set but not used" not in said
    (request,) = proxy.requests
    assert request.startswith(b"CONNECT lago.invalid:443 HTTP/1.1\r\n")
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"us@er:pass-word") + b"\r\n" in request
    assert KEY.encode() not in request


@pytest.mark.parametrize("settings", [{}, {"trust_env": False}])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY"])
async def test_a_proxy_of_the_environment_that_is_not_used_is_named_in_the_error(
    new_face: NewFace, proxy: Wire, monkeypatch: pytest.MonkeyPatch, settings: Mapping[str, Any], variable: str
) -> None:
    monkeypatch.setenv(variable, f"http://user:pass-word@{host_of(proxy.url)}")
    said = await refusal(new_face, **settings)
    assert f"{variable} is set but not used: pass trust_env=True, or proxy=" in said
    assert "pass-word" not in said
    assert proxy.requests == []


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"HTTP_PROXY": "http://127.0.0.1:9"},
        {"HTTPS_PROXY": ""},
        {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "lago.invalid"},
        {"HTTPS_PROXY": "http://127.0.0.1:9", "no_proxy": "other.example.com, .invalid"},
        {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "*"},
    ],
)
async def test_no_proxy_is_named_or_used_where_the_environment_names_none_for_the_host(
    new_face: NewFace, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str]
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert "proxy" not in (await refusal(new_face)).lower()
    assert "proxy" not in (await refusal(new_face, trust_env=True)).lower()


async def test_this_machine_is_reached_directly_whatever_the_environment_says(
    new_face: NewFace, sandbox: Sandbox, proxy: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, proxy.url)
        monkeypatch.setenv(name.lower(), proxy.url)
    face = await new_face(api_key=sandbox.api_key, base_url=sandbox.url, trust_env=True)
    with pytest.raises(NotFoundError):
        await face("customers.find", "cus_1")
    assert proxy.requests == []


async def test_a_given_proxy_has_precedence_over_the_environments(
    new_face: NewFace, proxy: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "*")
    await refusal(new_face, proxy=proxy.url, trust_env=True)
    assert len(proxy.requests) == 1


@pytest.mark.parametrize("value", ["socks5://127.0.0.1:1080", "http://user:pass-word@h:x", "http://h/path"])
async def test_a_proxy_of_the_environment_is_checked_as_a_given_one_and_its_variable_named(
    new_face: NewFace, monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("ALL_PROXY", value)
    with pytest.raises(LagoConfigError, match="^ALL_PROXY ") as failure:
        await new_face(api_key=KEY, trust_env=True)
    assert "pass-word" not in str(failure.value)


async def test_plain_http_through_a_proxy_of_the_environment_needs_permission(
    new_face: NewFace, proxy: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    permitted = {"allow_insecure_http": True, "trust_env": True, "base_url": "http://lago.invalid"}
    face = await new_face(api_key=KEY, max_retries=0, **permitted)
    with pytest.raises(Exception, match="403"):
        await face("customers.find", "cus_1")
    assert proxy.requests[0].startswith(b"GET http://lago.invalid/api/v1/customers/cus_1 HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("url", "proxy"),
    [
        ("http://a.example.com/x", "http://plain:1"),
        ("https://a.example.com/x", "http://secure:2"),
        ("https://a.example.com:8443/x", None),
        ("https://b.example.com/x", None),
        ("https://sub.b.example.com/x", None),
        ("https://localhost/x", None),
        ("https://[::1]/x", None),
    ],
)
def test_the_proxy_is_chosen_by_scheme_host_and_port(
    monkeypatch: pytest.MonkeyPatch, url: str, proxy: str | None
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://plain:1")
    monkeypatch.setenv("HTTPS_PROXY", "secure:2")
    monkeypatch.setenv("ALL_PROXY", "http://any:3")
    monkeypatch.setenv("NO_PROXY", "b.example.com,a.example.com:8443")
    assert environment_proxy(url) == proxy
