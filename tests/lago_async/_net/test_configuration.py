"""Settings are checked where they are given: they work, or an error of ours names the setting and shows no secret."""

import base64
import math
import ssl
import traceback
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from yarl import URL

import lago_async
import lago_sync
from lago_async import LagoConfigError, RetryPolicy, Timeout
from lago_async._net.configuration import settings_of
from lago_async._net.destination import Destination
from lago_async._net.options import Options, Secret, headers_of, hidden, retries_of, timeout_of

KEY = "5a3f9c1e-key-that-must-stay-hidden"
PASSWORD = "pw-that-must-stay-hidden"

FACES = pytest.mark.parametrize("face", [lago_async.LagoClient, lago_sync.LagoClient])

# The setting, a value that cannot be right, and a part of the remedy.
REFUSED: list[tuple[str, Any, str]] = [
    *[
        ("timeout", value, "timeout: total must be a number of seconds")
        for value in ("5", True, math.nan, list[Any](), b"5")
    ],
    ("timeout", math.inf, "timeout: total .* pass None for no limit"),
    ("timeout", 10**400, "timeout: total .* pass None for no limit"),
    ("timeout", Decimal(5), "timeout: total .* type Decimal"),
    *[("max_retries", value, "max_retries must be a whole number") for value in (1.5, True, "3", -1, math.nan, 10**30)],
    ("headers", {"X": 1}, "headers: the value of X must be text"),
    ("headers", {"X": None}, "headers: the value of X must be text"),
    ("headers", {1: "x"}, "headers: a name is not that of a header"),
    ("headers", {"": "x"}, "headers: a name is not"),
    ("headers", {"X\r\nY": "x"}, "headers: a name is not"),
    ("headers", {"X:": "x"}, "headers: a name is not"),
    ("headers", {"X": "a\r\nY: b"}, "headers: the value of X has a character"),
    ("headers", {"X": "\N{EURO SIGN}"}, "headers: the value of X .* percent-encode"),
    ("headers", {"X": "\xfc"}, "headers: the value of X .* percent-encode"),
    ("headers", {"X-A": "1", "x-a": "2"}, "headers: x-a is given twice"),
    ("headers", {"Proxy-Authorization": "Basic x"}, "headers: .*proxy="),
    ("headers", [("X", "1")], "headers must be a mapping"),
    ("headers", "X: 1", "headers must be a mapping"),
    *[
        ("max_connections", value, "max_connections must be a whole number, 1")
        for value in (0, True, -1, 1.0, "9", None)
    ],
    *[("max_response_bytes", value, "max_response_bytes must be a whole") for value in (0, True, 1e6, None)],
    *[("rate_share", value, "rate_share must be a number") for value in (0.0, -0.5, 1.5, True, math.nan, "1", None)],
    ("proxy", "notaurl", "proxy must begin with https?://"),
    ("proxy", "proxy.example.com:3128", "proxy must begin with https?://"),
    ("proxy", "", "proxy must begin with"),
    ("proxy", "socks5://127.0.0.1:1080", "proxy is a SOCKS proxy"),
    ("proxy", "ftp://proxy.example.com", "proxy must begin with http:// or https://"),
    ("proxy", "http://proxy.example.com:0", "proxy has the port 0"),
    ("proxy", "http://proxy.example.com:x", "proxy is not a URL"),
    ("proxy", "http://proxy.example.com/path", "proxy must end after host and port"),
    ("proxy", "http://proxy.example.com?x", "proxy must end after host and port"),
    ("proxy", "http://proxy.example.com#", "proxy must end after host and port"),
    ("proxy", "http://pro xy.example.com", "proxy has a character"),
    ("proxy", 3128, "proxy must be text .* type int"),
    ("proxy", URL("http://proxy.example.com"), "proxy must be text .* type URL"),
    *[("trust_env", value, "trust_env must be True or False") for value in ("yes", 1, 0.0)],
    *[("allow_insecure_http", value, "allow_insecure_http must be True or False") for value in ("no", 1, None)],
    ("ssl_context", "x", "ssl_context must be an ssl.SSLContext"),
    ("ssl_context", False, "ssl_context must be an ssl.SSLContext"),
    ("ssl_context", ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), "ssl_context is one for servers"),
    ("base_url", 5, "base_url must be text"),
    ("base_url", b"https://lago.example.com", "base_url must be text"),
    ("ingest_url", 5, "ingest_url must be text .*, such as https://ingest.getlago.com"),
    ("ingest_url", "", "ingest_url must begin with https://"),
    ("ingest_url", "https://user:pass@lago.example.com", "ingest_url must not hold credentials"),
    ("ingest_url", "https://lago.example.com/api", "ingest_url ends in '/api'"),
    ("api_key", b"key", "api_key must be text .* type bytes"),
    ("api_key", 5, "api_key must be text .* type int"),
]


@FACES
@pytest.mark.parametrize(("name", "value", "remedy"), REFUSED)
def test_a_setting_that_cannot_be_right_is_refused_by_name_with_the_remedy(
    face: Callable[..., Any], name: str, value: Any, remedy: str
) -> None:
    with pytest.raises(LagoConfigError, match=remedy):
        face(**{"api_key": KEY, name: value})


@FACES
@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [row for row in REFUSED if row[0] in {"timeout", "max_retries", "headers"}] + [("background", "yes", "background")],
)
def test_a_view_checks_its_options_as_a_client_does(
    face: Callable[..., Any], name: str, value: Any, remedy: str
) -> None:
    client = face(api_key=KEY)
    with pytest.raises(LagoConfigError, match=remedy):
        client.with_options(**{name: value})
    if face is lago_sync.LagoClient:
        client.close()


@pytest.mark.parametrize("name", ["total", "connect", "read"])
@pytest.mark.parametrize("value", [0, -1, "5", True, math.nan, math.inf])
def test_a_time_limit_is_checked_where_it_is_made(name: str, value: Any) -> None:
    with pytest.raises(LagoConfigError, match=f"timeout: {name} must be"):
        Timeout(**{name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("max_retries", value) for value in (-1, 1.5, "1", True, None)],
        *[(name, value) for name in ("base_delay", "max_delay") for value in (-1, "1", True, None, math.nan, math.inf)],
    ],
)
def test_a_retry_policy_is_checked_where_it_is_made(name: str, value: Any) -> None:
    with pytest.raises(LagoConfigError, match=f"{name} must be"):
        RetryPolicy(**{name: value})


@pytest.mark.parametrize("value", ["no", 1, None])
def test_uvloop_is_on_or_off(value: Any) -> None:
    with pytest.raises(LagoConfigError, match="uvloop must be True or False"):
        lago_sync.LagoClient(api_key=KEY, uvloop=value)


def test_uvloop_that_is_not_installed_is_refused_when_the_client_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lago_sync.client.find_spec", lambda _: None)
    monkeypatch.setenv("LAGO_UVLOOP", "false")
    lago_sync.LagoClient(api_key=KEY).close()
    monkeypatch.setenv("LAGO_UVLOOP", "1")
    with pytest.raises(LagoConfigError, match="uvloop is not installed: pip install"):
        lago_sync.LagoClient(api_key=KEY)


def test_a_header_of_a_view_replaces_the_one_of_the_client_whatever_its_case() -> None:
    client = lago_async.LagoClient(api_key=KEY, headers={"X-Tenant": "a", "X-Other": "c"})
    view = client.with_options(headers={"x-tenant": "b"})
    assert dict(view._options.headers) == {"X-Other": "c", "x-tenant": "b"}


# -- Property: any value gives a setting that works, or an error of ours that names the setting ----------------------


class Opaque:
    """An object whose repr is a secret, or fails."""

    def __repr__(self) -> str:
        raise RuntimeError(KEY)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([10**400, -(10**5000), 2**63]),
    st.floats(),
    st.decimals(),
    st.text(),
    st.binary(),
    st.builds(Opaque),
    st.sampled_from([KEY, f"http://user:{PASSWORD}@h", f"{KEY}\n"]),
)
ANYTHING = SCALARS | st.lists(SCALARS, max_size=2) | st.dictionaries(st.text() | st.integers(), SCALARS, max_size=2)
URL_TEXTS = st.builds(
    "".join,
    st.lists(
        st.sampled_from([
            "http", "https", "socks5", "://", ":", "/", "//", "@", "?", "#", "..", ".", "%", "%2F", "%ff", "[", "]",
            "::1", "localhost", "127.0.0.1", "lago.example.com", "0", "8080", "99999", "\\", "<", "\u00e4", " ", "\n",
            "\0", "/api", "/api/v1", "/v1", "user", PASSWORD, "-", "_", "~", ";", "*",
        ]),
        max_size=9,
    ),
)  # fmt: skip

FIXED: dict[str, Any] = {
    "base_url": "https://lago.example.com",
    "ingest_url": None,
    "max_connections": 100,
    "max_response_bytes": 1,
    "rate_share": 1.0,
    "proxy": None,
    "trust_env": None,
    "ssl_context": None,
    "allow_insecure_http": False,
    "hooks": None,
}


def attempt(name: str, make: Callable[[], Any], *, secrets: bool = True) -> Any:
    """Return what was made, or None if it was refused as it should be."""
    try:
        return make()
    except LagoConfigError as refusal:
        shown = str(refusal)
        assert name in shown
        assert shown.isprintable()
        assert len(shown) < 400
        if secrets:
            whole = "".join(traceback.format_exception(refusal))
            assert KEY not in whole
            assert PASSWORD not in whole
            assert refusal.__cause__ is None
        return None


@given(name=st.sampled_from(sorted(FIXED.keys() - {"proxy"})), value=ANYTHING | URL_TEXTS)
@example(name="base_url", value=f"user:{PASSWORD}@h")
@example(name="base_url", value=f"https://user:{PASSWORD}")
@example(name="base_url", value=f"https://user:{PASSWORD}@h:x")
@example(name="ingest_url", value=f"https://user:{PASSWORD}@h:x")
def test_any_value_of_a_setting_works_or_is_refused_by_name(name: str, value: Any) -> None:
    made = attempt(name, lambda: settings_of(api_key=Secret(KEY), **{**FIXED, name: value}))
    if made is not None:
        for text in (made.base_url, made.ingest_url):
            assert URL(text, encoded=True).host
            assert str(URL(text)) == text
            assert text.endswith("/api/v1")
        assert made.max_connections >= 1
        assert 0 < made.rate_share <= 1


@given(value=ANYTHING | URL_TEXTS | st.builds("http://{}:{}@h:1".format, st.text(), st.text()))
@example(value=f"user:{PASSWORD}@proxy.example.com:80")
@example(value=f"http://user:{PASSWORD}")
@example(value=f"http://user:{PASSWORD}/x@proxy.example.com")
@example(value=f"http://user:{PASSWORD}%@proxy.example.com")
@example(value=f"http://us%3Aer:{PASSWORD}@proxy.example.com")
@example(value=f"http://user:{PASSWORD}%ff@proxy.example.com")
def test_any_proxy_works_or_is_refused_without_a_word_of_its_password(value: Any) -> None:
    made = attempt("proxy", lambda: settings_of(api_key=Secret(KEY), **{**FIXED, "proxy": hidden(value)}))
    if made is not None and made.proxy is not None:
        way = Destination.of(made)["api"]
        assert way.proxy is not None
        assert way.proxy.host
        assert way.proxy.user is None
        assert PASSWORD not in str(way) + repr(way) + repr(made)


@given(value=ANYTHING)
@example(value=[KEY])
def test_any_key_works_or_is_refused_without_a_word_of_it(value: Any) -> None:
    made = attempt("key", lambda: settings_of(api_key=hidden(value), **FIXED), secrets=False)
    if made is not None:
        assert made.api_key == value


@given(value=ANYTHING)
def test_any_time_limit_works_or_is_refused(value: Any) -> None:
    made = attempt("timeout", lambda: timeout_of(value))
    assert made is None or made == Timeout() or 0 < made.total <= 1e9


@given(value=ANYTHING)
def test_any_number_of_retries_works_or_is_refused(value: Any) -> None:
    made = attempt("max_retries", lambda: retries_of(value))
    assert made is None or made == RetryPolicy() or made.max_retries >= 0


@given(value=ANYTHING | st.dictionaries(st.text(), st.text()))
def test_any_headers_can_be_sent_or_are_refused(value: Any) -> None:
    made = attempt("headers", lambda: headers_of(value))
    if made is not None:
        for name, text in made.items():
            assert f"{name}: {text}".encode("ascii").decode().isprintable()


@given(timeout=ANYTHING, max_retries=ANYTHING, headers=ANYTHING, background=ANYTHING)
def test_any_options_of_a_view_work_or_are_refused(**options: Any) -> None:
    attempt("", lambda: Options().with_changes(**options))


# -- Plain http and proxies --------------------------------------------------------------------------------------------


@FACES
@pytest.mark.parametrize("proxy", ["http://proxy.example.com:3128", "http://127.0.0.1:3128"])
@pytest.mark.parametrize("base_url", ["http://localhost:3000", "http://127.0.0.1:3000", "http://[::1]:3000"])
def test_a_proxy_gets_no_key_over_plain_http_even_for_this_machine(
    face: Callable[..., Any], base_url: str, proxy: str
) -> None:
    with pytest.raises(LagoConfigError, match=r"proxy: with a base_url of plain http.*allow_insecure_http=True"):
        face(api_key=KEY, base_url=base_url, proxy=proxy)
    client = face(api_key=KEY, base_url=base_url, proxy=proxy, allow_insecure_http=True)
    assert client.base_url == f"{base_url}/api/v1"
    if face is lago_sync.LagoClient:
        client.close()


@FACES
def test_a_traceback_with_local_variables_shows_no_password_of_a_proxy(face: Callable[..., Any]) -> None:
    for proxy in (f"http://user:{PASSWORD}@h:x", [PASSWORD], f"http://user:{PASSWORD}/@h"):

        def open_client(held: list[Any]) -> None:
            face(api_key=KEY, proxy=held.pop())

        try:
            open_client([proxy])
        except LagoConfigError as error:
            shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
            # The frame of this test holds the value itself.
            assert PASSWORD not in shown.partition("in open_client")[2]


def test_credentials_of_a_proxy_reach_it_decoded() -> None:
    made = settings_of(api_key=Secret(KEY), **{**FIXED, "proxy": hidden("http://us%40er:p%3A%2F%C3%BC@h:1")})
    header = Destination.of(made)["api"].proxy_headers["Proxy-Authorization"]
    assert base64.b64decode(header.removeprefix("Basic ")).decode() == "us@er:p:/\xfc"
