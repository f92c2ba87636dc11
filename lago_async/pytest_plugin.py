"""The pytest plugin: fixtures with a sandbox and its clients. It imports nothing of them before a test asks for one."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import lago_sync
    from lago_async.client import LagoClient
    from lago_async.sandbox import Sandbox
    from lago_async.testing import ReceivedWebhooks

__all__ = ["lago_client", "lago_sandbox", "lago_sync_client", "lago_webhooks", "pytest_configure"]

_PREMIUM = "lago_premium"
_START = "lago_start"


def pytest_configure(config: pytest.Config) -> None:
    """Register the markers."""
    config.addinivalue_line("markers", f"{_PREMIUM}: lago_sandbox has a premium licence")
    config.addinivalue_line(
        "markers", f"{_START}(moment): the clock of lago_sandbox starts then: '2026-01-01T00:00:00Z'"
    )


@pytest.fixture
def lago_sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """Run a sandbox for this test; ``LAGO_API_KEY`` and ``LAGO_API_URL`` lead to it while the test runs."""
    from lago_async.testing import running_sandbox

    start = _start_of(request)
    with running_sandbox(premium=request.node.get_closest_marker(_PREMIUM) is not None, start=start) as sandbox:
        yield sandbox


@pytest.fixture
def lago_client(lago_sandbox: Sandbox) -> Iterator[LagoClient]:
    """Return an asynchronous client of ``lago_sandbox``; it is closed after the test."""
    from lago_async.testing import client_of

    with client_of(lago_sandbox) as client:
        yield client


@pytest.fixture
def lago_sync_client(lago_sandbox: Sandbox) -> Iterator[lago_sync.LagoClient]:
    """Return a blocking client of ``lago_sandbox``; it is closed after the test."""
    import lago_sync

    with lago_sync.LagoClient(api_key=lago_sandbox.api_key, base_url=lago_sandbox.url) as client:
        yield client


@pytest.fixture
def lago_webhooks(lago_sandbox: Sandbox) -> Iterator[ReceivedWebhooks]:
    """Return the webhooks that ``lago_sandbox`` sends from now on, verified and typed."""
    from lago_async.testing import collect_webhooks

    with collect_webhooks(lago_sandbox) as received:
        yield received


def _start_of(request: pytest.FixtureRequest) -> datetime | None:
    """Return the time of the marker, or None.

    Raises:
        pytest.UsageError: The marker has no time, or one without a time zone.
    """
    marker = request.node.get_closest_marker(_START)
    if marker is None:
        return None
    given: object = marker.args[0] if len(marker.args) == 1 and not marker.kwargs else None
    try:
        moment = datetime.fromisoformat(given) if isinstance(given, str) else given
    except ValueError:
        moment = None
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        raise pytest.UsageError(
            f"{_START} takes one time with a time zone, such as '2026-01-01T00:00:00Z' or a datetime"
        )
    return moment
