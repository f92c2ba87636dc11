"""A sandbox and its clients for the tests of a program: the base of the pytest fixtures, and a mixin for unittest."""

from __future__ import annotations

import asyncio
import os
import unittest
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, ClassVar, Final, overload
from unittest import mock

import lago_sync
from lago_async.client import LagoClient
from lago_async.sandbox import Sandbox
from lago_async.webhooks import parse
from lago_sync.webhooks import WebhookVerifier

if TYPE_CHECKING:
    from datetime import datetime

    from lago_async.webhooks import Webhook

__all__ = ["LagoSandboxMixin", "ReceivedWebhooks", "client_of", "collect_webhooks", "running_sandbox"]

_ELSEWHERE: Final = ("LAGO_INGEST_URL", "LAGO_TRUST_ENV")
"""Variables that could lead the program's own clients to another place than the sandbox."""


@contextmanager
def running_sandbox(*, premium: bool = False, start: datetime | None = None) -> Generator[Sandbox]:
    """Run a sandbox on a thread of its own, and let every client that the program makes meanwhile reach it.

    ``LAGO_API_KEY`` and ``LAGO_API_URL`` are those of the sandbox inside the block, so a client that is made without
    arguments cannot reach the real Lago.

    Args:
        premium: Whether the sandbox has a premium licence.
        start: The start of its clock, aware; the real time by default.
    """
    with Sandbox(premium=premium, now=start) as sandbox, mock.patch.dict(os.environ):
        for name in _ELSEWHERE:
            os.environ.pop(name, None)
        os.environ.update(LAGO_API_KEY=sandbox.api_key, LAGO_API_URL=sandbox.url)
        yield sandbox


@contextmanager
def client_of(sandbox: Sandbox) -> Generator[LagoClient]:
    """Make an asynchronous client of a sandbox, and close it at the end, whatever loops it was used on."""
    client = LagoClient(api_key=sandbox.api_key, base_url=sandbox.url)
    try:
        yield client
    finally:
        # The test's own loop has ended, or is not running: a loop of ours, which is never the current one.
        loop = asyncio.new_event_loop()
        try:
            loop.run_until_complete(client.close())
        finally:
            loop.close()


class ReceivedWebhooks(Sequence["Webhook"]):
    """The webhooks that a sandbox has sent, verified and typed, oldest first.

    Looking at them waits until everything that is due has been sent, so a test needs no waiting of its own. If another
    endpoint of the sandbox is served by the test's own loop, first ``await sandbox.webhooks.settled()``.
    """

    def __init__(self, sandbox: Sandbox, received: Sequence[tuple[bytes, Mapping[str, str]]]) -> None:
        self._sandbox = sandbox
        self._received = received
        self._verifier = WebhookVerifier(hmac_key=sandbox.hmac_key)

    def _read(self) -> list[Webhook]:
        self._sandbox.webhooks.wait_until_settled()
        for body, headers in self._received:
            self._verifier.verify(body, headers)
        return [parse(body) for body, _ in self._received]

    def of_type(self, webhook_type: str) -> list[Webhook]:
        """Return the webhooks of one type, such as ``invoice.created``."""
        return [webhook for webhook in self._read() if webhook.webhook_type == webhook_type]

    def __len__(self) -> int:
        return len(self._read())

    def __iter__(self) -> Iterator[Webhook]:
        return iter(self._read())

    @overload
    def __getitem__(self, index: int) -> Webhook: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Webhook]: ...
    def __getitem__(self, index: int | slice) -> Webhook | Sequence[Webhook]:
        return self._read()[index]

    def __repr__(self) -> str:
        return f"<ReceivedWebhooks: {', '.join(str(webhook.webhook_type) for webhook in self)}>"


@contextmanager
def collect_webhooks(sandbox: Sandbox) -> Generator[ReceivedWebhooks]:
    """Create a webhook endpoint in a sandbox, on this machine, and collect what it receives."""
    received: list[tuple[bytes, Mapping[str, str]]] = []

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.append((body, dict(self.headers.items())))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the signature of the base
            """Write nothing: standard error belongs to the test."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, name="lago-webhooks", daemon=True)
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_address[1]}"
            sandbox.perform("create_webhook_endpoint", {"webhook_url": url, "signature_algo": "hmac"})
            yield ReceivedWebhooks(sandbox, received)
        finally:
            server.shutdown()
            thread.join()


class LagoSandboxMixin(unittest.TestCase):
    """A sandbox for each test of a ``unittest.TestCase``, also of Django's: put it before the other base class.

    Attributes:
        lago_premium: Whether the sandbox has a premium licence; set it in your class.
        lago_start: The start of its clock, aware; the real time by default. Set it in your class.
        lago_sandbox: The sandbox.
        lago_client: An asynchronous client of it.
        lago_sync_client: A blocking client of it.
        lago_webhooks: The webhooks that it has sent.
    """

    lago_premium: ClassVar[bool] = False
    lago_start: ClassVar[datetime | None] = None

    lago_sandbox: Sandbox
    lago_client: LagoClient
    lago_sync_client: lago_sync.LagoClient
    lago_webhooks: ReceivedWebhooks

    def setUp(self) -> None:
        """Start the sandbox, and make its clients."""
        self.lago_sandbox = self.enterContext(running_sandbox(premium=self.lago_premium, start=self.lago_start))
        self.lago_client = self.enterContext(client_of(self.lago_sandbox))
        key, url = self.lago_sandbox.api_key, self.lago_sandbox.url
        self.lago_sync_client = self.enterContext(lago_sync.LagoClient(api_key=key, base_url=url))
        self.lago_webhooks = self.enterContext(collect_webhooks(self.lago_sandbox))
        super().setUp()
