"""Fixtures of all tests: a sandbox on a real socket, and a client of each face that a test uses in the same way."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import hypothesis
import pytest

import lago_async
import lago_sync
from lago_async.sandbox import Sandbox

# No test depends on the clock: an example may take any time, and so may making one. In a fresh clone, hypothesis first
# makes its table of characters, which takes a second.
hypothesis.settings.register_profile("anywhere", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow])
# The gate runs the same examples each time; a developer gets new ones.
hypothesis.settings.register_profile(
    "gate", parent=hypothesis.settings.get_profile("anywhere"), derandomize=True, print_blob=True
)
hypothesis.settings.register_profile("quick", parent=hypothesis.settings.get_profile("anywhere"), max_examples=10)

QUICK_CASES = 2  # of a parametrised test


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="a subset: no processes, few cases and examples of each test")


def pytest_configure(config: pytest.Config) -> None:
    quick = config.getoption("quick")
    hypothesis.settings.load_profile("quick" if quick else "gate" if os.environ.get("CI") else "anywhere")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """With `--quick`, deselect the tests of modules that start processes, and most cases of each parametrised test."""
    if not config.getoption("quick"):
        return
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    cases: Counter[str] = Counter()
    for item in items:
        module = item.getparent(pytest.Module)
        test = item.nodeid.partition("[")[0]
        cases[test] += 1
        starts_processes = module is not None and "subprocess" in vars(module.obj)
        (left if starts_processes or cases[test] > QUICK_CASES else kept).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


class Face:
    """A client of either face; ``await face("customers.find", "cus_1")`` calls both in the same way."""

    def __init__(self, name: str, client: lago_async.LagoClient | lago_sync.LagoClient) -> None:
        self.name = name
        self.client = client

    def operation(self, path: str) -> Callable[..., Any]:
        resource, _, method = path.partition(".")
        operation: Callable[..., Any] = getattr(getattr(self.client, resource), method)
        return operation

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
    """Remove the developer's own settings and proxies from the environment."""
    for name in tuple(os.environ):
        if name.startswith("LAGO_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)


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
    """Return a function that makes clients of the face with given settings; all are closed after the test."""
    made: list[Face] = []

    async def make(**settings: Any) -> Face:
        face = Face(face_name, (lago_async if face_name == "async" else lago_sync).LagoClient(**settings))
        made.append(face)
        return face

    yield make
    for face in made:
        await face.run(face.client.close)


# Fast enough for a test, and still with all attempts.
IMPATIENT = lago_async.RetryPolicy(max_retries=3, base_delay=0.001, max_delay=2.0)


@pytest.fixture
def settings(sandbox: Sandbox) -> Mapping[str, Any]:
    return {"api_key": sandbox.api_key, "base_url": sandbox.url, "max_retries": IMPATIENT}


@pytest.fixture
async def face(new_face: NewFace, settings: Mapping[str, Any]) -> Face:
    """Return a client of the sandbox, once for each face."""
    return await new_face(**settings)
