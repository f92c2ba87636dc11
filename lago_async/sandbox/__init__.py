"""An embedded Lago for tests and first steps: a real HTTP server on a loopback port, with its state in memory.

    async with Sandbox() as sandbox:
        ... sandbox.url, sandbox.api_key ...

Its routes are those of the endpoint table, its answers those of Lago's server, and its clock stands still until it is
told to move.
"""

from lago_async.sandbox.command import main
from lago_async.sandbox.faults import (
    DropConnection,
    Fault,
    Latency,
    RateLimited,
    RawAnswer,
    ServerError,
    TruncatedBody,
)
from lago_async.sandbox.limits import RateLimits
from lago_async.sandbox.server import ReceivedRequest, Sandbox

__all__ = [
    "DropConnection",
    "Fault",
    "Latency",
    "RateLimited",
    "RateLimits",
    "RawAnswer",
    "ReceivedRequest",
    "Sandbox",
    "ServerError",
    "TruncatedBody",
    "main",
]
