"""The keys of profiles: in a file that only the user can read, or in the keyring of the operating system."""

from __future__ import annotations

from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, cast

from lago_async._cli.private_files import SECRET, read_private, write_private
from lago_async._cli.profiles import config_folder
from lago_async._net.configuration import api_key_of
from lago_async._net.options import Secret
from lago_async._printable import printable
from lago_async.errors import LagoConfigError

if TYPE_CHECKING:
    from lago_async._cli.profiles import Profile

_SERVICE: Final = "lago"


class _Keyring(Protocol):
    """The functions of the library keyring that we use."""

    def get_password(self, service: str, name: str, /) -> str | None: ...
    def set_password(self, service: str, name: str, key: str, /) -> None: ...
    def delete_password(self, service: str, name: str, /) -> None: ...


def key_of(name: str, profile: Profile) -> Secret:
    """Return the key of a profile.

    Raises:
        LagoConfigError: There is none, or others can read it.
    """
    if profile.key == "keyring":
        return _from_keyring(name)
    path = key_file_of(name, profile)
    try:
        return read_key(path)
    except FileNotFoundError:
        raise LagoConfigError(
            f"the key of the profile {name} is missing, because there is no file {path}: run lago profiles add {name} "
            "--replace"
        ) from None


def read_key(path: Path) -> Secret:
    """Return the key in a file.

    Raises:
        FileNotFoundError: There is no such file.
        LagoConfigError: It holds no key, or others can read it.
    """
    content = Secret(read_private(path, SECRET, "the key file").decode("ascii", "replace").strip())
    if not content:
        raise LagoConfigError(f"the key file {path} is empty")
    try:
        return api_key_of(content)
    except LagoConfigError:
        raise LagoConfigError(f"the key file {path} holds something else than one key") from None


def store_key(name: str, profile: Profile, key: Secret) -> None:
    """Keep the key of a profile.

    Raises:
        LagoConfigError: The file system or the keyring refuses.
    """
    if profile.key == "file":
        write_private(key_file_of(name, profile), str.__str__(key).encode() + b"\n")
        return
    try:
        _keyring().set_password(_SERVICE, name, str.__str__(key))
    except _errors() as error:
        raise _refused(error) from None


def remove_key(name: str, profile: Profile) -> None:
    """Remove the key of a profile, unless it is in a file that the user has made.

    Raises:
        LagoConfigError: The file system or the keyring refuses.
    """
    if profile.key == "keyring":
        if _from_keyring_if_any(name) is not None:
            try:
                _keyring().delete_password(_SERVICE, name)
            except _errors() as error:
                raise _refused(error) from None
    elif profile.key_file is None:
        path = key_file_of(name, profile)
        with suppress(FileNotFoundError):
            try:
                path.unlink()
            except PermissionError as error:
                raise LagoConfigError(f"the key file {path} cannot be removed: {error.strerror}") from None


def key_file_of(name: str, profile: Profile) -> Path:
    """Return the file with the key of a profile."""
    return config_folder() / "keys" / f"{name}.key" if profile.key_file is None else Path(profile.key_file)


def _from_keyring(name: str) -> Secret:
    key = _from_keyring_if_any(name)
    if key is None:
        raise LagoConfigError(f"the keyring has no key of the profile {name}: run lago profiles add {name} --replace")
    return api_key_of(key)


def _from_keyring_if_any(name: str) -> Secret | None:
    try:
        found = _keyring().get_password(_SERVICE, name)
    except _errors() as error:
        raise _refused(error) from None
    return None if found is None else Secret(found)


def _keyring() -> _Keyring:
    try:
        return cast("_Keyring", import_module("keyring"))
    except ImportError:
        raise LagoConfigError("keys in the keyring need the extra keyring: pip install 'lago-async[keyring]'") from None


def _errors() -> type[Exception]:
    return cast("type[Exception]", import_module("keyring.errors").KeyringError)


def _refused(error: Exception) -> LagoConfigError:
    return LagoConfigError(
        f"the keyring refuses: {printable(str(error)) or type(error).__name__}; without a keyring, use lago profiles "
        "add without --keyring, which keeps the key in a file"
    )
