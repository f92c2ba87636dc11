"""Profiles: the key comes from a place that only the user can read, and is shown nowhere."""

import os
import stat
import string
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import hypothesis.strategies as st
import pytest
from hypothesis import HealthCheck, given, settings

from lago_async._cli.access import access_of
from lago_async._cli.keys import key_of
from lago_async._cli.profiles import Profile, Profiles, config_file, config_folder, load_profiles, save_profiles
from lago_async.errors import LagoConfigError
from lago_async.sandbox import Sandbox
from tests.lago_async._cli.conftest import KEY, Lago

posix = pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")


def test_the_key_is_read_from_standard_input_and_kept_in_a_file_that_only_the_user_can_read(lago: Lago) -> None:
    added = lago("profiles", "add", "prod", "--url", "eu", stdin=f"{KEY}\n".encode())
    assert (added.code, added.out) == (0, "")
    assert KEY not in added.err
    path = config_folder() / "keys" / "prod.key"
    assert path.read_text() == f"{KEY}\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(config_folder().stat().st_mode) == 0o700
    assert KEY not in config_file().read_text()
    assert key_of("prod", load_profiles().find("prod")) == KEY
    assert load_profiles().current == "prod"


def test_on_a_terminal_the_key_is_asked_for_without_echo(lago: Lago, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def typed(prompt: str) -> str:
        asked.append(prompt)
        return KEY

    monkeypatch.setattr("lago_async._cli.profile_commands.is_terminal", lambda name: True)
    monkeypatch.setattr("getpass.getpass", typed)
    assert lago("profiles", "add", "prod").code == 0
    assert asked == ["API key of the profile prod (not shown): "]
    assert key_of("prod", load_profiles().find("prod")) == KEY


def test_profiles_are_listed_chosen_and_removed_with_their_key(lago: Lago) -> None:
    for name in ("one", "two"):
        lago("profiles", "add", name, "--url", f"https://{name}.example", stdin=KEY.encode())
    listed = lago("profiles", "list", "-o", "csv")
    keys = config_folder() / "keys"
    assert listed.out == (
        "name,current,url,ingest_url,key\n"
        f"one,true,https://one.example,,{keys / 'one.key'}\n"
        f"two,false,https://two.example,,{keys / 'two.key'}\n"
    )
    assert lago("profiles", "use", "two").code == 0
    assert access_of(None).name == "two"
    assert lago("profiles", "remove", "two").code == 12  # no user can be asked
    assert (keys / "two.key").exists()
    assert lago("profiles", "remove", "two", "--yes").code == 0
    assert not (keys / "two.key").exists()
    assert load_profiles() == Profiles(current=None, profiles={"one": Profile(url="https://one.example")})
    assert lago("profiles", "use", "two").code == 2


@posix
@pytest.mark.parametrize("mode", [0o604, 0o640, 0o660, 0o644, 0o601])
def test_a_key_file_that_others_can_read_is_refused(mode: int, lago: Lago, tmp_path: Path, sandbox: Sandbox) -> None:
    lago("profiles", "add", "prod", "--url", sandbox.url, stdin=KEY.encode())
    path = config_folder() / "keys" / "prod.key"
    path.chmod(mode)
    refused = lago("--profile", "prod", "customers", "find-all")
    assert refused.code == 2
    assert f"has the mode {mode:03o}" in refused.err
    assert f"run chmod 600 {path}" in refused.err
    assert list(sandbox.requests) == []
    own = tmp_path / "own.key"
    own.write_text(KEY)
    own.chmod(mode)
    assert lago("profiles", "add", "other", "--key-file", str(own)).code == 2
    assert "other" not in load_profiles().profiles
    own.chmod(0o400)
    assert lago("profiles", "add", "other", "--key-file", str(own), "--url", sandbox.url).code == 0
    assert lago("--profile", "other", "customers", "find-all").code == 0
    assert lago("profiles", "remove", "other", "--yes").code == 0
    assert own.exists()  # it is the user's


@posix
def test_a_configuration_that_others_can_change_is_refused(lago: Lago) -> None:
    """They could send the key to a server of theirs."""
    lago("profiles", "add", "prod", stdin=KEY.encode())
    config_file().chmod(0o664)
    refused = lago("profiles", "list")
    assert refused.code == 2
    assert "so other users can change it" in refused.err


@posix
@pytest.mark.parametrize("kind", ["folder", "pipe", "empty", "binary", "two lines"])
def test_a_key_file_that_is_something_else_is_refused(kind: str, lago: Lago, tmp_path: Path) -> None:
    path = tmp_path / "key"
    if kind == "folder":
        path.mkdir(mode=0o700)
    elif kind == "pipe":
        os.mkfifo(path, 0o600)
    else:
        path.write_bytes({"empty": b"\n", "binary": b"\xff\x00", "two lines": b"a\nb\n"}[kind])
        path.chmod(0o600)
    assert lago("profiles", "add", "prod", "--key-file", str(path)).code == 2
    assert lago("profiles", "add", "prod", "--key-file", str(tmp_path / "missing")).code == 2
    assert load_profiles().profiles == {}


@pytest.mark.parametrize(
    ("arguments", "stdin", "problem"),
    [
        (["../up"], KEY, "letters, digits"),
        (["a.b"], KEY, "letters, digits"),
        (["prod", "--url", "ftp://x"], KEY, "--url"),
        (["prod", "--url", "http://lago.example"], KEY, "plain http"),
        (["prod", "--url", "https://u:pw@lago.example"], KEY, "must not hold credentials"),
        (["prod", "--keyring", "--key-file", "x"], KEY, "two places"),
        (["prod"], "", "no API key was given"),
        (["prod"], "a b", "a key cannot have"),
        (["prod", "--api-key", KEY], KEY, "No such option"),
    ],
    ids=lambda value: "-".join(value)[:30] if isinstance(value, list) else "",
)
def test_a_profile_that_cannot_work_is_refused(arguments: list[str], stdin: str, problem: str, lago: Lago) -> None:
    refused = lago("profiles", "add", *arguments, stdin=stdin.encode())
    assert (refused.code, refused.out) == (2, "")
    assert problem in refused.err
    assert not config_file().exists()
    assert not (config_folder() / "keys").exists()


def test_a_profile_is_replaced_only_on_request(lago: Lago) -> None:
    lago("profiles", "add", "prod", stdin=b"first")
    assert lago("profiles", "add", "prod", stdin=b"second").code == 2
    assert key_of("prod", load_profiles().find("prod")) == "first"
    assert lago("profiles", "add", "prod", "--replace", stdin=b"second").code == 0
    assert key_of("prod", load_profiles().find("prod")) == "second"


def test_the_key_of_one_place_never_goes_to_the_server_of_another(
    lago: Lago, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A profile that is named wins over the environment, with its own URLs, those for events included."""
    with Sandbox(api_key="key-of-the-profile") as other:
        monkeypatch.setenv("LAGO_INGEST_URL", sandbox.url)
        lago("profiles", "add", "other", "--url", other.url, stdin=b"key-of-the-profile")
        assert lago("customers", "find-all").code == 0  # LAGO_API_KEY wins over the current profile
        assert len(sandbox.requests) == 1
        event = '{"transaction_id": "t", "code": "c", "external_subscription_id": "s"}'
        for arguments in (
            ["--profile", "other", "customers", "find-all"],
            ["customers", "find-all", "--profile", "other"],
        ):
            assert lago(*arguments).code == 0
        assert lago("events", "create", "--json", event, "--profile", "other").code == 0
        monkeypatch.setenv("LAGO_PROFILE", "other")
        assert lago("customers", "find-all").code == 0
        assert (len(sandbox.requests), len(other.requests)) == (1, 4)


def test_without_a_key_the_remedy_is_named_and_nothing_is_sent(lago: Lago) -> None:
    ended = lago("customers", "find-all")
    assert (ended.code, ended.out) == (2, "")
    assert "run lago profiles add NAME, or set LAGO_API_KEY" in ended.err
    assert lago("customers", "find-all", "--dry-run").code == 0  # a dry run needs none


def test_the_commands_of_python_m_get_the_settings_of_the_profile(
    lago: Lago, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    lago("profiles", "add", "here", "--url", sandbox.url, stdin=KEY.encode())
    monkeypatch.setenv("LAGO_API_KEY", "wrong")
    monkeypatch.setenv("LAGO_API_URL", "https://elsewhere.example")
    ended = lago("--profile", "here", "doctor")
    assert sandbox.url in ended.out
    assert ended.code in (0, 6)
    assert KEY not in ended.out + ended.err


class MemoryKeyring(ModuleType):
    """The functions of keyring that we use."""

    def __init__(self, *, locked: bool = False) -> None:
        super().__init__("keyring")
        self.locked = locked
        self.keys: dict[tuple[str, str], str] = {}

    def _open(self) -> None:
        if self.locked:
            from keyring.errors import KeyringLocked

            raise KeyringLocked("it is \x1b[31mlocked")

    def get_password(self, service: str, name: str) -> str | None:
        self._open()
        return self.keys.get((service, name))

    def set_password(self, service: str, name: str, key: str) -> None:
        self._open()
        self.keys[service, name] = key

    def delete_password(self, service: str, name: str) -> None:
        self._open()
        del self.keys[service, name]


def test_a_key_in_the_keyring_is_in_no_file(
    lago: Lago, sandbox: Sandbox, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = MemoryKeyring()
    monkeypatch.setattr("lago_async._cli.keys._keyring", lambda: ring)
    assert lago("profiles", "add", "prod", "--keyring", "--url", sandbox.url, stdin=KEY.encode()).code == 0
    assert [path for path in home.rglob("*") if path.is_file() and KEY in path.read_text()] == []
    assert lago("customers", "find-all", "--profile", "prod").code == 0
    assert lago("profiles", "add", "prod", "--replace", "--url", sandbox.url, stdin=KEY.encode()).code == 0
    assert ring.keys == {}  # it is in a file now
    lago("profiles", "add", "ring", "--keyring", stdin=KEY.encode())
    assert lago("profiles", "remove", "ring", "-y").code == 0
    assert ring.keys == {}


def test_a_keyring_that_refuses_is_an_error_with_a_remedy(lago: Lago, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lago_async._cli.keys._keyring", lambda: MemoryKeyring(locked=True))
    refused = lago("profiles", "add", "prod", "--keyring", stdin=KEY.encode())
    assert refused.code == 2
    assert refused.err == (
        "lago: the keyring refuses: it is \\x1b[31mlocked; without a keyring, use lago profiles add without --keyring, "
        "which keeps the key in a file\n"
    )
    assert not config_file().exists()


def test_without_the_extra_keyring_the_remedy_is_named(lago: Lago, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "keyring", None)
    refused = lago("profiles", "add", "prod", "--keyring", stdin=KEY.encode())
    assert refused.code == 2
    assert "pip install 'lago-async[keyring]'" in refused.err


@pytest.mark.parametrize(
    "text", ["current = 1", "x = 1", "[profiles.a]", "nonsense", '[profiles.a]\nurl="x"\nkey="env"']
)
def test_a_damaged_configuration_is_named(text: str, lago: Lago) -> None:
    config_folder().mkdir(parents=True, mode=0o700)
    config_file().write_text(text)
    config_file().chmod(0o600)
    refused = lago("profiles", "list")
    assert (refused.code, refused.out) == (2, "")
    assert f"the configuration {config_file()} is damaged" in refused.err


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    profiles=st.dictionaries(
        st.text(string.ascii_letters + string.digits + "_-", min_size=1, max_size=8),
        st.builds(
            Profile,
            url=st.text(st.characters(exclude_categories=["Cs"])),
            ingest_url=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
            key=st.sampled_from(["file", "keyring"]),
            key_file=st.none() | st.text(st.characters(exclude_categories=["Cs"])),
            allow_insecure_http=st.booleans(),
        ),
        max_size=3,
    ),
    data=st.data(),
)
def test_what_is_written_is_read_again(profiles: dict[str, Profile], data: st.DataObject) -> None:
    current = data.draw(st.none() | st.sampled_from(sorted(profiles))) if profiles else None
    written = Profiles(current=current, profiles=profiles)
    save_profiles(written)
    assert load_profiles() == written
    tomllib.loads(config_file().read_text(encoding="utf-8"))


def test_a_profile_that_is_not_there_is_an_error_with_those_that_are(lago: Lago) -> None:
    lago("profiles", "add", "prod", stdin=KEY.encode())
    with pytest.raises(LagoConfigError, match=r"no profile 'x' \(there is prod\)"):
        access_of("x")
