"""Profiles: the servers that a user works with, in a TOML file. It has no key; see `lago_async/_cli/keys.py`."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final, Literal, TypeAlias

import click
import msgspec

from lago_async._cli.private_files import TRUSTED, read_private, write_private
from lago_async._printable import printable
from lago_async.errors import LagoConfigError

KeyStore: TypeAlias = Literal["file", "keyring"]

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_HEADER: Final = "# Written by `lago profiles`, which keeps no comments. The keys are elsewhere.\n"


class Profile(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A server, and where its key is.

    Attributes:
        url: The base URL.
        ingest_url: Another URL for events; None if there is none.
        key: Where the key is: in a file or in the keyring of the operating system.
        key_file: The file with the key; None for the one that `lago profiles add` has made.
        allow_insecure_http: Whether the key may be sent over plain http to another machine.
    """

    url: str
    ingest_url: str | None = None
    key: KeyStore = "file"
    key_file: str | None = None
    allow_insecure_http: bool = False


class Profiles(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The content of the file.

    Attributes:
        current: The profile that is used if no other is named.
        profiles: The profiles by name.
    """

    current: str | None = None
    profiles: dict[str, Profile] = msgspec.field(default_factory=dict[str, Profile])

    def with_profile(self, name: str, profile: Profile) -> Profiles:
        """Return these profiles with another one. The first one becomes the current one."""
        return Profiles(current=self.current or name, profiles={**self.profiles, name: profile})

    def using(self, name: str) -> Profiles:
        """Return these profiles with another current one."""
        return Profiles(current=name, profiles=self.profiles)

    def without(self, name: str) -> Profiles:
        """Return these profiles without one."""
        rest = {other: profile for other, profile in self.profiles.items() if other != name}
        return Profiles(current=None if self.current == name else self.current, profiles=rest)

    def find(self, name: str) -> Profile:
        """Return a profile.

        Raises:
            LagoConfigError: There is none of that name.
        """
        if name in self.profiles:
            return self.profiles[name]
        known = ", ".join(sorted(self.profiles)) or "none"
        raise LagoConfigError(
            f"there is no profile {printable(name)!r} (there is {known}): run lago profiles add {printable(name)}"
        )


def config_folder() -> Path:
    """Return the folder of the configuration: below XDG_CONFIG_HOME or ~/.config, or where the platform has it."""
    return Path(click.get_app_dir("lago"))


def config_file() -> Path:
    """Return the file with the profiles."""
    return config_folder() / "config.toml"


def checked_name(name: str) -> str:
    """Return the name of a new profile.

    Raises:
        LagoConfigError: It has characters that a name cannot have.
    """
    if not _NAME.fullmatch(name):
        raise LagoConfigError("the name of a profile is made of 1 to 64 letters, digits, _ and -")
    return name


def load_profiles() -> Profiles:
    """Return the profiles; none if there is no file.

    Raises:
        LagoConfigError: The file cannot be used.
    """
    path = config_file()
    try:
        content = read_private(path, TRUSTED, "the configuration")
    except FileNotFoundError:
        return Profiles()
    try:
        return msgspec.convert(tomllib.loads(content.decode()), Profiles)
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, msgspec.ValidationError) as error:
        raise LagoConfigError(f"the configuration {path} is damaged: {printable(str(error))}") from None


def save_profiles(profiles: Profiles) -> None:
    """Write the profiles.

    Raises:
        LagoConfigError: The file system refuses.
    """
    tables: list[str] = [_HEADER]
    if profiles.current is not None:
        tables.append(f"current = {_text(profiles.current)}\n")
    for name, profile in sorted(profiles.profiles.items()):
        fields: Mapping[str, str | bool] = msgspec.to_builtins(profile)
        lines = [f"{key} = {_text(value) if isinstance(value, str) else 'true'}" for key, value in fields.items()]
        tables.append("\n".join([f"\n[profiles.{name}]", *lines, ""]))
    write_private(config_file(), "".join(tables).encode())


def _text(value: str) -> str:
    """Return a basic string of TOML: that of JSON, in which TOML wants DEL escaped, too."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
