"""An embedded Lago for tests and first steps: a real HTTP server on a loopback port, with its state in memory.

    async with Sandbox() as sandbox:
        ... sandbox.url, sandbox.api_key ...

Its routes come from the endpoint table, and its responses follow Lago's server. Its clock stands still until
`Sandbox.advance` moves it.
"""

from lago_async.sandbox._command import main
from lago_async.sandbox._demo import DEMO_CUSTOMER, DEMO_HISTORY, DEMO_SUBSCRIPTION, add_demo_data
from lago_async.sandbox._protocol.route import Route, RouteQuery
from lago_async.sandbox._server.faults import (
    DropConnection,
    Fault,
    Injection,
    Latency,
    RateLimited,
    RawResponse,
    ServerFailure,
    TruncatedBody,
)
from lago_async.sandbox._server.limits import RateLimits
from lago_async.sandbox._server.messages import ReceivedRequest
from lago_async.sandbox._server.server import Sandbox
from lago_async.sandbox._server.webhooks import SandboxWebhooks, WebhookDelivery
from lago_async.sandbox._state.outbox import WebhookAttempt, WebhookStatus
from lago_async.sandbox._state.world_file import WorldFileError

__all__ = [
    "DEMO_CUSTOMER",
    "DEMO_HISTORY",
    "DEMO_SUBSCRIPTION",
    "DropConnection",
    "Fault",
    "Injection",
    "Latency",
    "RateLimited",
    "RateLimits",
    "RawResponse",
    "ReceivedRequest",
    "Route",
    "RouteQuery",
    "Sandbox",
    "SandboxWebhooks",
    "ServerFailure",
    "TruncatedBody",
    "WebhookAttempt",
    "WebhookDelivery",
    "WebhookStatus",
    "WorldFileError",
    "add_demo_data",
    "main",
]
