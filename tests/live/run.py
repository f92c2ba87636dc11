"""A run of all stories on both faces: the settings of a server, its surroundings, and the report."""

import asyncio
from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import lago_async
import lago_sync
from lago_async.sandbox import Sandbox
from tests.conftest import Face
from tests.live.report import FACES, Report
from tests.live.stories import STORIES
from tests.live.trial import Surroundings, Trial

_CLIENTS: dict[str, type[lago_async.LagoClient | lago_sync.LagoClient]] = {
    "async": lago_async.LagoClient,
    "sync": lago_sync.LagoClient,
}


class RealServer:
    """Around a real server, time passes by itself, and quotes cannot be drafted."""

    patience = 30

    async def wait(self) -> None:
        """Wait a second."""
        await asyncio.sleep(1)

    async def draft_quote(self, external_customer_id: str) -> bool:
        """Return False."""
        return False


class AroundSandbox:
    """Around a sandbox, the clock moves when it is told to, and quotes can be drafted."""

    patience = 40

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    async def wait(self) -> None:
        """Advance the clock of the sandbox by a day: its billing runs with the clock."""
        self._sandbox.advance(by=timedelta(days=1))

    async def draft_quote(self, external_customer_id: str) -> bool:
        """Draft a quote of one add-on."""
        add_ons: Any = self._sandbox.perform("find_all_add_ons")
        add_on = add_ons[0]
        payload = {"code": add_on["code"], "units": 1, "unitAmountCents": 900, "totalAmountCents": 900}
        items: dict[str, Any] = {
            "addOns": [{"id": add_on["lago_id"], "localId": "1", "type": "add_on", "payload": payload}]
        }
        self._sandbox.draft_quote(external_customer_id, billing_items=items)
        return True


def new_tag() -> str:
    """Return what the codes of a run begin with."""
    return f"live-{uuid4().hex[:8]}"


async def run(
    *,
    url: str,
    api_key: str,
    around: Surroundings,
    tag: str,
    stories: Iterable[str] = STORIES,
    faces: Iterable[str] = FACES,
    report: Report | None = None,
    retries: lago_async.RetryPolicy | None = None,
    tell: Callable[[str], None] = lambda line: None,
) -> Report:
    """Run stories on faces, one after the other.

    Args:
        url: The base URL of the server.
        api_key: A key with all permissions.
        around: Its surroundings.
        tag: What the codes of the run begin with.
        stories: The names of the stories.
        faces: The names of the faces.
        report: Where to note what happens; it can be read also if the run is stopped.
        retries: The retry policy; by default the client's.
        tell: Takes a line for each story as it ends.
    """
    report = report or Report()
    for face_name in faces:
        face = Face(face_name, _CLIENTS[face_name](api_key=api_key, base_url=url, max_retries=retries))
        try:
            for story in stories:
                before = len(report.steps)
                await Trial(face, report, around, f"{tag}-{face_name}-{story}").tell(STORIES[story])
                tell(f"{FACES[face_name]:10}  {story:30}  {_counted(report, before)}")
        finally:
            await face.run(face.client.close)
    return report


def _counted(report: Report, since: int) -> str:
    steps = report.steps[since:]
    results = dict.fromkeys(step.result for step in steps)
    return ", ".join(f"{sum(step.result is result for step in steps)} {result.value}" for result in results)
