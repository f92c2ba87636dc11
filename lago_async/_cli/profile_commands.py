"""The commands ``lago profiles list``, ``add``, ``use`` and ``remove``. A key is never an argument or an option."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from lago_async._cli.access import Access
from lago_async._cli.confirmation import confirm
from lago_async._cli.exit_codes import ExitCode
from lago_async._cli.keys import key_file_of, read_key, remove_key, store_key
from lago_async._cli.options import complete_profile, yes_option
from lago_async._cli.output import FORMATS, Output, default_format
from lago_async._cli.profiles import Profile, checked_name, config_file, load_profiles, save_profiles
from lago_async._net.configuration import api_key_of
from lago_async._net.options import Secret
from lago_async._net.urls import base_url_of
from lago_async._streams import input_stream, is_terminal, say_error
from lago_async.errors import LagoConfigError
from lago_async.settings import EU, US

if TYPE_CHECKING:
    from lago_async.models import Json

_NAMED: Final = {"us": US, "eu": EU}
_LONGEST_KEY: Final = 10_000  # bytes


def profiles_command() -> click.Group:
    """Return the group of commands."""
    group = click.Group("profiles", help="List, add, choose and remove profiles: servers with their keys.")
    group.add_command(
        click.Command(
            "list",
            params=[click.Option(["format", "-o", "--format"], type=click.Choice(list(FORMATS)))],
            callback=_list,
            help="List the profiles. No key is shown.",
        )
    )
    group.add_command(
        click.Command(
            "add",
            params=[
                click.Argument(["name"]),
                click.Option(["--url"], default="us", show_default=True, help="us, eu, or the URL of your own server."),
                click.Option(["--ingest-url"], help="Another URL for events."),
                click.Option(["--key-file"], type=click.Path(dir_okay=False), help="A file of yours that has the key."),
                click.Option(["--keyring"], is_flag=True, help="Keep the key in the keyring of the operating system."),
                click.Option(
                    ["--allow-insecure-http"], is_flag=True, help="Send the key over plain http, in a trusted network."
                ),
                click.Option(["--replace"], is_flag=True, help="Replace a profile of that name."),
            ],
            callback=_add,
            help="Add a profile. The key is asked for without echo, or read from standard input.",
        )
    )
    group.add_command(
        click.Command("use", params=[_name_argument()], callback=_use, help="Use a profile where none is named.")
    )
    group.add_command(
        click.Command(
            "remove", params=[_name_argument(), yes_option()], callback=_remove, help="Remove a profile and its key."
        )
    )
    return group


def _name_argument() -> click.Argument:
    return click.Argument(["name"], shell_complete=complete_profile)


def _list(**values: Any) -> int:
    profiles = load_profiles()
    rows: list[Json] = [
        {
            "name": name,
            "current": name == profiles.current,
            "url": profile.url,
            "ingest_url": profile.ingest_url,
            "key": "keyring" if profile.key == "keyring" else str(key_file_of(name, profile)),
        }
        for name, profile in sorted(profiles.profiles.items())
    ]
    columns = ("name", "current", "url", "ingest_url", "key")
    Output(values["format"] or default_format(), columns=columns).write(rows)
    return ExitCode.DONE


def _add(**values: Any) -> int:
    name = checked_name(values["name"])
    profiles = load_profiles()
    if name in profiles.profiles and not values["replace"]:
        raise LagoConfigError(f"there is a profile {name} already: add --replace to replace it")
    if values["keyring"] and values["key_file"]:
        raise click.UsageError("--keyring and --key-file are two places for one key: give one of them")
    insecure = bool(values["allow_insecure_http"])
    given: str = values["url"]
    url = _NAMED.get(given, given)
    base_url_of(url, name="--url", allow_insecure_http=insecure)
    if values["ingest_url"] is not None:
        base_url_of(values["ingest_url"], name="--ingest-url", allow_insecure_http=insecure)
    key_file = None if values["key_file"] is None else str(Path(values["key_file"]).absolute())
    profile = Profile(
        url=url,
        ingest_url=values["ingest_url"],
        key="keyring" if values["keyring"] else "file",
        key_file=key_file,
        allow_insecure_http=insecure,
    )
    if key_file is None:
        store_key(name, profile, _asked_key(name))
    else:
        try:
            read_key(key_file_of(name, profile))
        except FileNotFoundError:
            raise LagoConfigError(f"there is no file {key_file}") from None
    old = profiles.profiles.get(name)
    save_profiles(profiles.with_profile(name, profile))
    if old is not None and (old.key, old.key_file) != (profile.key, profile.key_file):
        remove_key(name, old)
    say_error(f"the profile {name} is in {config_file()}; try it: lago --profile {name} doctor\n")
    return ExitCode.DONE


def _asked_key(name: str) -> Secret:
    """Return the key that the user types without echo, or that is the first line of standard input."""
    if is_terminal("stdin"):
        text = Secret(getpass.getpass(f"API key of the profile {name} (not shown): ").strip())
    else:
        text = Secret(input_stream().readline(_LONGEST_KEY).decode("ascii", "replace").strip())
    if not text:
        raise LagoConfigError("no API key was given: type it, or write it to standard input")
    return api_key_of(text)


def _use(*, name: str) -> int:
    profiles = load_profiles()
    profiles.find(name)
    save_profiles(profiles.using(name))
    say_error(f"the profile {name} is used where none is named\n")
    return ExitCode.DONE


def _remove(*, name: str, yes: bool) -> int:
    profiles = load_profiles()
    profile = profiles.find(name)
    access = Access(origin=f"the profile {name}", name=name, profile=profile)
    confirm("lago profiles remove", "removes the key too", access, yes=yes)
    save_profiles(profiles.without(name))
    remove_key(name, profile)
    say_error(f"the profile {name} is removed\n")
    return ExitCode.DONE
