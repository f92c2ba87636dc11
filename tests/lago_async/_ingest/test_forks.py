"""A forked child has a sink of its own: what the parent has in hand is sent by the parent, once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.failing_lago import failing_lago

ROOT = Path(__file__).parents[3]

BLOCKING = """
import os
from lago_sync import EventSink, LagoClient

def usage(name):
    return {"transaction_id": name, "code": "calls", "external_subscription_id": "sub_1"}

client = LagoClient(api_key="key", base_url=os.environ["SERVER"])
sink = EventSink(client, linger=60)
sink.add(usage("before"))
child = os.fork()
sink.add(usage("of the child" if child == 0 else "of the parent"))
counted = sink.counters.accepted
made = sink.add({"code": "calls", "external_subscription_id": "sub_1"})
sink.close()
client.close()
assert counted == (1 if child == 0 else 2), counted
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""

ASYNC = """
import asyncio, os
from lago_async import EventSink, LagoClient

def usage(name):
    return {"transaction_id": name, "code": "calls", "external_subscription_id": "sub_1"}

client = LagoClient(api_key="key", base_url=os.environ["SERVER"])
sink = EventSink(client, linger=60)

async def before():
    await sink.add(usage("before"))

async def after(name):
    await sink.add(usage(name))
    await sink.add({"code": "calls", "external_subscription_id": "sub_1"})
    await sink.aclose()
    await client.close()

asyncio.run(before())
child = os.fork()
asyncio.run(after("of the child" if child == 0 else "of the parent"))
if child == 0:
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
@pytest.mark.parametrize("script", [BLOCKING, ASYNC], ids=["sync", "async"])
def test_each_process_sends_its_own_events_once(script: str) -> None:
    with failing_lago() as (lago, wire):
        ran = subprocess.run(
            [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", "-c", script],
            env={**os.environ, "SERVER": wire.url, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert set(lago.stored.values()) == {1}
    ids = {transaction_id for _, transaction_id in lago.stored}
    assert {"before", "of the child", "of the parent"} < ids
    assert len(ids) == 5, "the ids that the two have made differ"
    assert sum(len(batch) for batch in lago.batches) == 5
