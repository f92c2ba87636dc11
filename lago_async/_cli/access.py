"""Which server a command uses, and with which key: a profile, or the environment. Never a mixture of both."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import attrs

from lago_async._cli.keys import key_of
from lago_async._cli.profiles import load_profiles
from lago_async._net.options import Secret, switch_of
from lago_async.client import LagoClient
from lago_async.errors import LagoConfigError

if TYPE_CHECKING:
    from lago_async._cli.profiles import Profile

_KEY, _URL, _INGEST_URL, _INSECURE = "LAGO_API_KEY", "LAGO_API_URL", "LAGO_INGEST_URL", "LAGO_ALLOW_INSECURE_HTTP"
_NO_KEY: Final = Secret("no-key-because-nothing-is-sent")


@attrs.frozen(kw_only=True)
class Access:
    """A server and its key.

    Attributes:
        origin: Where the settings are from, for messages.
        name: The name of the profile; None for the environment.
        profile: The profile; None for the environment.
    """

    origin: str
    name: str | None
    profile: Profile | None

    def client(self, *, timeout: float | None = None, sends: bool = True) -> LagoClient:
        """Return a client.

        Args:
            timeout: The limit of a call in seconds.
            sends: Whether it will send something. If not, no key is read.

        Raises:
            LagoConfigError: The key or a setting is missing or wrong.
        """
        profile = self.profile
        if profile is None or self.name is None:
            if sends and not os.environ.get(_KEY):
                raise LagoConfigError(
                    f"no API key: run lago profiles add NAME, or set {_KEY} (keys are in Lago's dashboard, under "
                    "Developers)"
                )
            return LagoClient(
                api_key=None if sends else _NO_KEY,
                timeout=timeout,
                allow_insecure_http=switch_of("allow_insecure_http", None, _INSECURE),
            )
        return LagoClient(
            api_key=key_of(self.name, profile) if sends else _NO_KEY,
            base_url=profile.url,
            ingest_url=profile.ingest_url or profile.url,
            timeout=timeout,
            allow_insecure_http=profile.allow_insecure_http,
        )

    def enter_environment(self) -> None:
        """Put the settings of a profile into the environment of this process, for a command that reads them there.

        Raises:
            LagoConfigError: The key is missing, or others can read it.
        """
        if self.profile is None or self.name is None:
            return
        for name in (_URL, _INGEST_URL, _INSECURE):
            os.environ.pop(name, None)
        os.environ.update(self._variables(self.name, self.profile))

    def _variables(self, name: str, profile: Profile) -> Mapping[str, str]:
        found = {_KEY: str.__str__(key_of(name, profile)), _URL: profile.url}
        if profile.ingest_url is not None:
            found[_INGEST_URL] = profile.ingest_url
        if profile.allow_insecure_http:
            found[_INSECURE] = "1"
        return found


def access_of(named: str | None) -> Access:
    """Return the access of a command.

    The profile that is named has precedence, then that of LAGO_PROFILE, then LAGO_API_KEY, then the current profile.

    Args:
        named: The profile that the command names; None if it names none.

    Raises:
        LagoConfigError: There is no such profile, or the configuration cannot be used.
    """
    name = named or os.environ.get("LAGO_PROFILE") or None
    if name is None and os.environ.get(_KEY):
        return Access(origin=_KEY, name=None, profile=None)
    profiles = load_profiles()
    name = name or profiles.current
    if name is None:
        return Access(origin="the environment", name=None, profile=None)
    return Access(origin=f"the profile {name}", name=name, profile=profiles.find(name))
