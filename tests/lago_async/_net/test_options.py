"""Settings: the normal form of base URLs, well-formed keys, and errors that name the reason."""

import pickle
import traceback

import pytest

import lago_sync
from lago_async import EU, US, LagoClient, LagoConfigError, RetryPolicy, Timeout
from lago_async._net.options import Secret
from lago_async._net.urls import base_url_of

KEY = "5a3f9c1e-key-that-must-stay-hidden"


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        (US, "https://api.getlago.com/api/v1"),
        (EU, "https://api.eu.getlago.com/api/v1"),
        ("https://lago.example.com", "https://lago.example.com/api/v1"),
        ("https://lago.example.com/", "https://lago.example.com/api/v1"),
        ("https://lago.example.com/api/v1", "https://lago.example.com/api/v1"),
        ("https://lago.example.com/api/v1/", "https://lago.example.com/api/v1"),
        ("https://LAGO.example.com:8443/billing", "https://lago.example.com:8443/billing/api/v1"),
        ("https://lago.example.com/billing/api/v1//", "https://lago.example.com/billing/api/v1"),
        (" https://lago.example.com ", None),
        ("http://localhost:3000", "http://localhost:3000/api/v1"),
        ("http://127.0.0.1:3000/api/v1", "http://127.0.0.1:3000/api/v1"),
        ("http://[::1]:3000", "http://[::1]:3000/api/v1"),
        ("HTTPS://lago.example.com:/", "https://lago.example.com/api/v1"),
        ("https://lago.example.com./api/v1", "https://lago.example.com./api/v1"),
        ("https://lago.example.com/api/api/v1", "https://lago.example.com/api/api/v1"),
        ("https://lago.example.com/v1/api/v1", "https://lago.example.com/v1/api/v1"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example/api/v1"),
        ("https://10.1.2.3/a.b/c_d~e", "https://10.1.2.3/a.b/c_d~e/api/v1"),
    ],
)
def test_a_base_url_normalises_to_one_form(given: str, normal: str | None) -> None:
    if normal is None:
        with pytest.raises(LagoConfigError):
            base_url_of(given)
    else:
        assert base_url_of(given) == normal
        assert base_url_of(normal) == normal


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("http://lago.example.com", "plain http"),
        ("http://127.evil.example.com", "plain http"),
        ("http://localhost.example.com", "plain http"),
        ("http://127.0.0.1.5", "host that is neither"),
        ("https://user:pass@lago.example.com", "credentials"),
        ("https://user@lago.example.com", "credentials"),
        ("lago.example.com", "https://"),
        ("ftp://lago.example.com", "https://"),
        ("https://", "name a host"),
        ("https://lago.example.com?x=1", "query"),
        ("https://lago.example.com#x", "fragment"),
        ("https://lago.example.com?", "query"),
        ("https://lago.example.com/#", "fragment"),
        ("https://lago.example.com:port", "not a URL"),
        ("https://lago.example.com:65536", "not a URL"),
        ("https://lago.example.com:0", "port 0"),
        ("https://[::1", "not a URL"),
        ("https://[v1.x]", "host|not a URL"),
        ("https://[fe80::1%25eth0]", "host|path|character|not a URL"),
        ("https://lago..example.com", "host"),
        ("https://-lago.example.com", "host"),
        ("https://2130706433", "host"),
        ("https://0x7f.1", "host"),
        ("https://lago.exämple.com", "xn--"),
        ("https://lago.example.com/api", r"write https://lago\.example\.com/api/v1, or .*/api/api/v1 if a proxy"),
        ("https://lago.example.com/api/", "unclear"),
        ("https://lago.example.com/v1", "unclear"),
        ("https://lago.example.com/billing/api", "unclear"),
        ("https://lago.example.com/api/v1/customers", "continues after /api/v1"),
        ("https://lago.example.com/API/V1", "continues after /api/v1"),
        ("https://lago.example.com/api/v1/api/v1", "continues after /api/v1"),
        ("https://lago.example.com/../x", "path"),
        ("https://lago.example.com/a/./b", "path"),
        ("https://lago.example.com/a//b", "path"),
        ("https://lago.example.com/<x>", "path"),
        ("https://lago.example.com/a%2Fb", "path"),
        ("https://lago.example.com/{x}", "path"),
        ("https://lago.example.com/a\nb", "character"),
        ("", "https://"),
        ("https://lago.example.com\\@evil.example.com", "credentials|host"),
        ("https://lago.example.com/a b", "character"),
    ],
)
def test_a_base_url_that_no_key_should_go_to_is_refused_with_the_reason(given: str, reason: str) -> None:
    with pytest.raises(LagoConfigError, match=reason) as refusal:
        LagoClient(api_key=KEY, base_url=given)
    assert "pass@" not in str(refusal.value)


def test_plain_http_is_allowed_where_the_user_says_so() -> None:
    client = LagoClient(api_key=KEY, base_url="http://lago.internal:3000", allow_insecure_http=True)
    assert client.base_url == "http://lago.internal:3000/api/v1"


@pytest.mark.parametrize("key", ["abc\n", "ab c", "a\r\nX-Evil: 1", "ключ", "\t"])
def test_a_key_that_cannot_be_one_is_refused(key: str) -> None:
    with pytest.raises(LagoConfigError, match="line break") as refusal:
        LagoClient(api_key=key)
    assert key.strip() not in str(refusal.value) or not key.strip()


def test_without_a_key_the_error_says_where_to_put_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAGO_API_KEY", raising=False)
    with pytest.raises(LagoConfigError, match="LAGO_API_KEY"):
        LagoClient()


def test_the_environment_sets_what_no_argument_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAGO_API_KEY", KEY)
    monkeypatch.setenv("LAGO_API_URL", "https://lago.example.com")
    monkeypatch.setenv("LAGO_TIMEOUT", "7.5")
    monkeypatch.setenv("LAGO_MAX_RETRIES", "1")
    client = LagoClient()
    assert client.base_url == "https://lago.example.com/api/v1"
    assert client._options.timeout.total == 7.5
    assert client._options.retries.max_retries == 1
    assert LagoClient(base_url=EU).base_url == "https://api.eu.getlago.com/api/v1"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("LAGO_TIMEOUT", text) for text in ("soon", "nan", "inf", "0", "-1", "1e400")],
        *[("LAGO_MAX_RETRIES", text) for text in ("many", "1.5", "-1", "nan")],
        ("LAGO_TRUST_ENV", "maybe"),
    ],
)
def test_a_value_of_the_environment_that_is_not_valid_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(LagoConfigError, match=name):
        LagoClient(api_key=KEY)


@pytest.mark.parametrize("seconds", [0, -1, 0.0])
def test_a_timeout_is_more_than_nothing(seconds: float) -> None:
    with pytest.raises(LagoConfigError, match="timeout"):
        LagoClient(api_key=KEY, timeout=seconds)


@pytest.mark.parametrize(
    "headers", [{"Authorization": "x"}, {"content-TYPE": "x"}, {"X-A": "a\r\nb"}, {"X A": "b"}, {"X-Ü": "b"}]
)
def test_a_header_that_is_ours_or_none_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(LagoConfigError, match="headers"):
        LagoClient(api_key=KEY, headers=headers)


def test_a_view_changes_what_it_is_given_and_nothing_else() -> None:
    client = LagoClient(api_key=KEY, timeout=Timeout(9, 2, 3), max_retries=2, headers={"X-A": "1"})
    view = client.with_options(timeout=4).with_options(headers={"X-B": "2"}, max_retries=RetryPolicy(max_retries=7))
    assert view._options.timeout == Timeout(4)
    assert view._options.retries.max_retries == 7
    assert dict(view._options.headers) == {"X-A": "1", "X-B": "2"}
    assert client._options.timeout == Timeout(9, 2, 3)
    assert dict(client._options.headers) == {"X-A": "1"}


@pytest.mark.parametrize("face", [LagoClient, lago_sync.LagoClient])
def test_a_client_shows_its_key_nowhere_and_cannot_be_pickled(
    face: type[LagoClient] | type[lago_sync.LagoClient],
) -> None:
    client = face(api_key=KEY, base_url="https://lago.example.com")
    assert KEY not in repr(client)
    assert KEY not in repr(client.__dict__)
    with pytest.raises(TypeError, match="pickled"):
        pickle.dumps(client)
    if isinstance(client, lago_sync.LagoClient):
        client.close()


@pytest.mark.parametrize("face", [LagoClient, lago_sync.LagoClient])
def test_a_traceback_with_local_variables_does_not_show_the_key(
    face: type[LagoClient] | type[lago_sync.LagoClient],
) -> None:
    def open_client(secret: list[str]) -> None:
        face(api_key=secret.pop(), base_url="http://lago.example.com")

    shown = ""
    try:
        open_client([KEY])
    except LagoConfigError as error:
        shown = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
    assert "base_url" in shown
    assert KEY not in shown


def test_a_secret_hides_in_every_repr_and_still_is_its_text() -> None:
    secret = Secret(KEY)
    assert KEY not in repr([secret]) + f"{secret!r}" + str({"a": secret})
    assert secret == KEY
