"""The reach of downloads: no URL that a server names leads into the private network or the machine of the client.

A ``file_url`` comes from Lago, and each redirect from a storage. Without this rule, either could make the client fetch
what only the client can reach: a service on this machine, or the credentials that a cloud serves on a link-local
address. The rule looks at the addresses that are connected to, so a name that changes its address does not get around.
"""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING, Final

import aiohttp
from aiohttp.abc import AbstractResolver

from lago_async._net.addresses import Zone, zone_of
from lago_async._net.failures import AttemptError, Failure
from lago_async._net.retry import NoResponse
from lago_async._net.urls import split

if TYPE_CHECKING:
    from aiohttp.abc import ResolveResult

    from lago_async._net.options import Settings

# For each zone, the zones of an API that may lead there.
_HOMES: Final = {
    Zone.PRIVATE: frozenset({Zone.PRIVATE, Zone.LOOPBACK}),
    Zone.LINK_LOCAL: frozenset({Zone.LINK_LOCAL}),
    Zone.LOOPBACK: frozenset({Zone.LOOPBACK}),
}


class Reach(AbstractResolver):
    """The resolver of a download, which returns only addresses that the download may reach."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._names = aiohttp.ThreadedResolver()
        self._home: frozenset[Zone] | None = None
        self.proxy: str | None = None  # the host of the proxy, which the user chose and may be anywhere

    async def check(self, host: str) -> None:
        """Check a host that is an address, which needs no resolving, or that a proxy resolves.

        Raises:
            AttemptError: The download may not reach it.
        """
        zone = Zone.LOOPBACK if host.rstrip(".") == "localhost" else zone_of(host)
        if zone is not None and not await self._may_reach(zone):
            raise _out_of_reach(host, zone)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Return the addresses of a host.

        Raises:
            AttemptError: The download may reach none of them.
        """
        found = await self._names.resolve(host, port, family)
        if host == self.proxy:
            return found
        kept: list[ResolveResult] = []
        refused: Zone = Zone.PRIVATE
        for result in found:
            zone = zone_of(result["host"]) or Zone.PRIVATE
            if await self._may_reach(zone):
                kept.append(result)
            else:
                refused = zone
        if found and not kept:
            raise _out_of_reach(host, refused)
        return kept

    async def close(self) -> None:
        """Close the resolver below."""
        await self._names.close()

    async def _may_reach(self, zone: Zone) -> bool:
        if zone is Zone.PUBLIC:
            return True
        if self._home is None:
            self._home = await self._zones_of_the_api()
        return not self._home.isdisjoint(_HOMES[zone])

    async def _zones_of_the_api(self) -> frozenset[Zone]:
        host = split(self._settings.base_url)[0].host
        zone = Zone.LOOPBACK if host == "localhost" else zone_of(host)
        if zone is not None:
            return frozenset({zone})
        if self._settings.proxy is not None:
            return frozenset()  # only the proxy knows
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, None, type=socket.SOCK_STREAM)
        except OSError:
            return frozenset()
        return frozenset(zone for result in found if (zone := zone_of(str(result[4][0]))) is not None)


def _out_of_reach(host: str, zone: Zone) -> AttemptError:
    return AttemptError(
        Failure(
            kind=NoResponse.NOT_SENT,
            reason=f"{host} has a {zone.value} address",
            hopeless=True,
            advice="only a base_url with such an address may name files there; correct the URL of Lago's file storage, "
            "or fetch the file with an HTTP client of your own if you trust it",
        )
    )
