"""Network addresses: whether a host is this machine, and how far from the public Internet an address is."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address


class Zone(Enum):
    """The part of the network that an address belongs to."""

    PUBLIC = "public"
    PRIVATE = "private"
    LINK_LOCAL = "link-local"
    LOOPBACK = "loopback"


def is_loopback(host: str) -> bool:
    """Tell whether a host name or an address can only mean this machine."""
    if host == "localhost":
        return True
    address = _address(host)
    return address is not None and address.is_loopback


def zone_of(host: str) -> Zone | None:
    """Return the zone of a literal IP address; None for a name, which has to be resolved first."""
    address = _address(host)
    if address is None:
        return None
    if address.is_loopback or address.is_unspecified:  # a connection to 0.0.0.0 reaches this machine
        return Zone.LOOPBACK
    if address.is_link_local:
        return Zone.LINK_LOCAL
    return Zone.PUBLIC if address.is_global and not address.is_multicast else Zone.PRIVATE


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """Parse an address. An IPv6 address that leads to an IPv4 address (mapped, 6to4, NAT64) counts as that one."""
    from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address  # a client of Lago Cloud never needs it

    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return None
    if not isinstance(address, IPv6Address):
        return address
    if address in IPv6Network("64:ff9b::/96"):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address
