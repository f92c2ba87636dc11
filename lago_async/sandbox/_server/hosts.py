"""The check of the ``Host`` header: a web page whose own name was made to resolve to this machine is refused.

Without it, any page in a browser on this machine could read a sandbox by DNS rebinding.
"""

from collections.abc import Mapping

from lago_async._net.addresses import is_loopback
from lago_async.sandbox._protocol.wire import encode
from lago_async.sandbox._server.messages import OutgoingResponse


def host_name(header: str) -> str:
    """Return the host of a ``Host`` header, without its port and without the brackets of IPv6."""
    if header.startswith("["):
        return header[1:].partition("]")[0]
    return header.partition(":")[0]


def refused(headers: Mapping[str, str]) -> OutgoingResponse | None:
    """Return the refusal of a request for another host than this machine; None for others.

    A sandbox is bound to a loopback address, so its own address is among those that are allowed.
    """
    if is_loopback(host_name(headers.get("Host", "")).lower()):
        return None
    body = encode(
        {
            "status": 403,
            "error": "The sandbox serves this machine only, and the Host header names another host, or is missing. "
            "Use localhost, 127.0.0.1 or [::1] in the URL, or send such a Host header.",
            "code": "host_not_allowed",
        }
    )
    return OutgoingResponse(403, body)
