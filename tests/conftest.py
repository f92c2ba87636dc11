"""What all tests share: a sandbox on a real socket, and a client of each face that reads the same to a test."""

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import hypothesis
import pytest

import lago_async
import lago_sync
from lago_async.sandbox import Sandbox

# No test depends on the clock: neither on how long an example takes, nor on how long it takes to make one, which is a
# second where hypothesis has yet to make its table of characters, as in a fresh clone.
hypothesis.settings.register_profile("anywhere", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
# The gate runs the same examples each time; whoever works on the code gets new ones.
hypothesis.settings.register_profile(
    "gate", parent=hypothesis.settings.get_profile("anywhere"), derandomize=True, print_blob=True
)
hypothesis.settings.load_profile("gate" if os.environ.get("CI") else "anywhere")


class Face:
    """One of the two clients; ``await face("customers.find", "cus_1")`` calls it, whichever it is."""

    def __init__(self, name: str, client: lago_async.LagoClient | lago_sync.LagoClient) -> None:
        self.name = name
        self.client = client

    def operation(self, path: str) -> Callable[..., Any]:
        resource, _, method = path.partition(".")
        return getattr(getattr(self.client, resource), method)

    async def __call__(self, path: str, /, *args: object, **kwargs: object) -> Any:
        return await self.run(self.operation(path), *args, **kwargs)

    async def run(self, function: Callable[..., Any], /, *args: object, **kwargs: object) -> Any:
        if isinstance(self.client, lago_async.LagoClient):
            return await function(*args, **kwargs)
        return await asyncio.to_thread(function, *args, **kwargs)

    async def items(self, path: str, /, *args: object, **kwargs: object) -> list[Any]:
        pager = self.operation(path)(*args, **kwargs)
        if isinstance(self.client, lago_async.LagoClient):
            return [item async for item in pager]
        return await asyncio.to_thread(list, pager)

    async def pages(self, path: str, /, *args: object, **kwargs: object) -> list[Any]:
        pager = self.operation(path)(*args, **kwargs)
        if isinstance(self.client, lago_async.LagoClient):
            return [page async for page in pager.pages()]
        return await asyncio.to_thread(lambda: list(pager.pages()))

    async def with_http_info(self, path: str, /, *args: object, **kwargs: object) -> Any:
        return await self.run(self.client.with_http_info, self.operation(path), *args, **kwargs)

    def with_options(self, **options: Any) -> "Face":
        return Face(self.name, self.client.with_options(**options))


NewFace = Callable[..., Awaitable[Face]]


@pytest.fixture(autouse=True)
def _no_lago_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings of whoever runs it."""
    for name in ("LAGO_API_KEY", "LAGO_API_URL", "LAGO_TIMEOUT", "LAGO_MAX_RETRIES", "LAGO_UVLOOP"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox() as running:
        yield running


@pytest.fixture(params=["async", "sync"])
def face_name(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
async def new_face(face_name: str) -> AsyncIterator[NewFace]:
    """Makes clients of the face, with their own settings, and closes them."""
    made: list[Face] = []

    async def make(**settings: Any) -> Face:
        face = Face(face_name, (lago_async if face_name == "async" else lago_sync).LagoClient(**settings))
        made.append(face)
        return face

    yield make
    for face in made:
        await face.run(face.client.close)


# Fast enough for a test, and still with every attempt.
IMPATIENT = lago_async.RetryPolicy(max_retries=3, base_delay=0.001, max_delay=2.0)


@pytest.fixture
def settings(sandbox: Sandbox) -> Mapping[str, Any]:
    return {"api_key": sandbox.api_key, "base_url": sandbox.url, "max_retries": IMPATIENT}


@pytest.fixture
async def face(new_face: NewFace, settings: Mapping[str, Any]) -> Face:
    """A client of the sandbox, once for each face."""
    return await new_face(**settings)
