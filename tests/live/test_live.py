"""The live suite against the sandbox, and against the server that the environment names, if it names one."""

import ast
import asyncio
import inspect
import json
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from lago_async import ENDPOINTS
from lago_async.sandbox import DropConnection, Latency, RawResponse, Sandbox, ServerFailure
from tests.conftest import IMPATIENT
from tests.lago_async.sandbox.conftest import START
from tests.lago_async.sandbox.world import build, path_values
from tests.live import __main__ as command
from tests.live.report import FACES, Report, Result
from tests.live.run import AroundSandbox, RealServer, new_tag, run
from tests.live.stories import NOT_CALLED, STORIES, _make
from tests.live.trial import ROWS, Trial

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # operations that are deprecated are called, too

SERVER = [os.environ.get(name) for name in command.VARIABLES]  # before a fixture removes them


def operations_in(node: ast.AST) -> Iterator[str]:
    """Yield the operations that code calls."""
    for each in ast.walk(node):
        if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute):
            position = {"call": 0, "first": 0, "until": 1}.get(each.func.attr)
            if position is not None and ast.unparse(each.func.value) == "trial":
                yield ast.literal_eval(each.args[position])


def called_in(story: str) -> set[str]:
    """Return the operations that the text of a story calls."""
    return set(operations_in(ast.parse(inspect.getsource(STORIES[story]))))


# --- completeness -----------------------------------------------------------------------------------------------------


def test_every_row_of_the_table_has_a_live_step_or_a_reason_to_have_none() -> None:
    made = set(operations_in(ast.parse(inspect.getsource(_make))))  # every function of it is used below
    called = made.union(*map(called_in, STORIES))
    assert called == ROWS.keys() - NOT_CALLED.keys()
    assert all(NOT_CALLED.values())
    assert len(NOT_CALLED) < 10


def test_the_page_shows_a_run_of_as_many_methods_as_are_called() -> None:
    page = (Path(__file__).parents[2] / "docs" / "contributing.md").read_text(encoding="utf-8")
    ((methods, *results),) = re.findall(
        r"^(\d+) methods on 2 faces: (\d+) refused, (\d+) ok, (\d+) gate\.$", page, re.MULTILINE
    )
    assert int(methods) == len(ROWS) - len(NOT_CALLED)
    assert sum(map(int, results)) == len(FACES) * int(methods)


# --- against the sandbox ----------------------------------------------------------------------------------------------


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with Sandbox(premium=True, features={"order_forms"}) as running:
        yield running


async def told(sandbox: Sandbox, *names: str, faces: tuple[str, ...] = tuple(FACES)) -> Report:
    return await run(
        url=sandbox.url,
        api_key=sandbox.api_key,
        around=AroundSandbox(sandbox),
        tag=new_tag(),
        stories=names,
        faces=faces,
        retries=IMPATIENT,
    )


@pytest.mark.parametrize("story", STORIES)
async def test_a_story_ends_well_on_both_faces_of_the_sandbox(story: str, sandbox: Sandbox) -> None:
    report = await told(sandbox, story)
    assert report.failures == []
    assert report.wrong_models == []
    assert report.not_reached == []
    for face in FACES:
        assert {step.operation for step in report.steps if step.face == face} >= called_in(story)
    left = [line for line in report.left_behind if not line.startswith(("invoices of", "2 events of"))]
    assert left == []


async def test_without_a_licence_the_gates_are_told_and_nothing_fails() -> None:
    async with Sandbox() as free:
        report = await told(free, *STORIES, faces=("async",))
    assert report.failures == []
    assert report.not_reached == []
    gated = {step.operation for step in report.steps if step.is_gate}
    assert {"quotes.find_all", "activity_logs.find_all", "subscriptions.override_charge"} <= gated
    lines = list(report.lines())
    assert any(line.startswith("Refused by a gate:") for line in lines)
    assert "  quotes.find_all: 403 feature_unavailable: needs the feature flag order_forms" in lines


# --- what goes wrong --------------------------------------------------------------------------------------------------


def taxes_of(sandbox: Sandbox) -> Any:
    return sandbox.perform("find_all_taxes")


@pytest.mark.parametrize("face", FACES)
async def test_a_step_that_fails_is_told_and_what_was_made_is_deleted(face: str, sandbox: Sandbox) -> None:
    sandbox.inject(ServerFailure(status=500), operation="update_tax", times=None)
    sandbox.inject(ServerFailure(status=500), operation="find_tax", times=None)
    sandbox.inject(RawResponse(status=422, body=b"{}"), operation="destroy_tax")  # the story's own; not the cleaning up
    report = await told(sandbox, "taxes", faces=(face,))
    assert [step.operation for step in report.failures] == ["taxes.find", "taxes.update", "taxes.destroy"]
    assert taxes_of(sandbox) == []
    assert report.left_behind == []
    assert report.has_failed
    assert any("taxes.update" in line and "FAILED" in line for line in report.lines())


async def test_what_a_lost_response_may_have_made_is_deleted(sandbox: Sandbox) -> None:
    sandbox.inject(DropConnection(when="after_handling"), operation="create_tax")
    report = await told(sandbox, "taxes", faces=("async",))
    assert report.failures[0].operation == "taxes.create"
    assert taxes_of(sandbox) == []


async def test_what_cannot_be_deleted_is_told(sandbox: Sandbox) -> None:
    sandbox.inject(RawResponse(status=422, body=b"{}"), operation="destroy_tax", times=None)
    report = await told(sandbox, "taxes", faces=("async",))
    (left,) = report.left_behind
    assert left.startswith("taxes.destroy")
    assert "-taxes-vat" in left
    assert f"  {left}" in list(report.lines())


async def test_a_story_that_breaks_is_told_and_the_next_ones_run(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(trial: Trial) -> None:
        await _make.tax(trial)
        raise RuntimeError("a mistake")

    monkeypatch.setitem(STORIES, "broken", broken)
    report = await told(sandbox, "broken", "coupons", faces=("async",))
    (failure,) = report.failures
    assert failure.operation == "the story broken"
    assert failure.note == "RuntimeError: a mistake"
    assert "coupons.destroy" in {step.operation for step in report.steps}
    assert taxes_of(sandbox) == []


async def test_what_needs_a_failed_step_is_not_called(sandbox: Sandbox) -> None:
    sandbox.inject(RawResponse(status=422, body=b"{}"), operation="create_webhook_endpoint")
    report = await told(sandbox, "webhook_endpoints", faces=("async",))
    results = {step.operation: step for step in report.steps}
    assert results["webhook_endpoints.find"].result is Result.NOT_REACHED
    assert results["webhook_endpoints.find"].note == "needs the result of webhook_endpoints.create"
    assert results["webhook_endpoints.find_all"].result is Result.OK
    missed = "  webhook_endpoints.find (lago_async): needs the result of webhook_endpoints.create"
    assert missed in list(report.lines())
    assert report.has_failed


async def test_a_run_that_is_stopped_deletes_what_it_made(sandbox: Sandbox) -> None:
    reached = asyncio.Event()

    class Stuck(AroundSandbox):
        async def wait(self) -> None:
            reached.set()
            await asyncio.Event().wait()

    meta = {"current_page": 1, "next_page": None, "prev_page": None, "total_pages": 0, "total_count": 0}
    none = RawResponse(200, body=json.dumps({"invoices": [], "meta": meta}).encode(), content_type="application/json")
    sandbox.inject(none, operation="find_all_customer_invoices")
    report = Report()
    running = asyncio.ensure_future(
        run(
            url=sandbox.url,
            api_key=sandbox.api_key,
            around=Stuck(sandbox),
            tag=new_tag(),
            stories=["drafts"],
            faces=["async"],
            report=report,
        )
    )
    waiting = asyncio.ensure_future(reached.wait())
    await asyncio.wait([running, waiting], return_when=asyncio.FIRST_COMPLETED)
    assert not running.done(), "the story never waited for its invoice"
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert sandbox.perform("find_all_plans") == []
    assert sandbox.perform("find_all_customers") == []


NOT_STORED = ("/analytics", "/activity_logs", "/api_logs", "/security_logs", "/webhooks", "/organizations/grpc_token")
READS = sorted(
    name
    for name, row in ENDPOINTS.items()
    if row.method == "GET" and not row.path.startswith(NOT_STORED) and not row.path.endswith("/portal_url")
)
"""The operations that show what is stored: neither sums of all invoices, nor logs, nor keys that are made at once."""


def objects_of(sandbox: Sandbox, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return what every read of the table shows of the objects of a world, by read and object."""
    found: dict[str, Any] = {}
    for name in READS:
        try:
            shown: Any = sandbox.perform(name, None, *path_values(name, ids))
        except ValueError:  # it needs a query, or a gate is closed
            continue
        if isinstance(shown, list):
            found |= {f"{name} {item.get('lago_id') or item['code']}": item for item in shown}
        else:
            found[name] = shown
    return found


@pytest.mark.parametrize("face", FACES)
@pytest.mark.parametrize(
    ("story", "operation"), [("taxes", "create_tax"), ("webhook_endpoints", "create_webhook_endpoint")]
)
async def test_a_run_that_is_stopped_in_a_call_deletes_what_the_call_made(
    story: str, operation: str, face: str, sandbox: Sandbox
) -> None:
    sandbox.inject(Latency(0.05), operation=operation)
    running = asyncio.ensure_future(told(sandbox, story, faces=(face,)))
    while not sandbox.requests:
        await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    done = [request.operation for request in sandbox.requests]
    assert done[-1] == operation.replace("create", "destroy")
    assert taxes_of(sandbox) == []
    assert sandbox.perform("find_all_webhook_endpoints") == []


async def test_an_object_whose_id_is_lost_is_told(sandbox: Sandbox) -> None:
    sandbox.inject(DropConnection(when="after_handling"), operation="create_webhook_endpoint")
    report = await told(sandbox, "webhook_endpoints", faces=("async",))
    assert report.left_behind == ["perhaps the object of webhook_endpoints.create, whose response was lost"]


async def test_what_others_have_is_not_touched() -> None:
    async with Sandbox(premium=True, features={"order_forms"}, now=START) as sandbox:
        ids = build(sandbox)
        before = objects_of(sandbox, ids)
        assert len({key.partition(" ")[0] for key in before}) > 0.9 * len(READS)
        still = [name for name in STORIES if name != "drafts"]  # which moves the clock, and with it the bills of others
        report = await told(sandbox, *still, faces=("async",))
        assert report.failures == []
        after = objects_of(sandbox, ids)
        assert {key: after.get(key) for key in before} == before


# --- answers that differ from the models ------------------------------------------------------------------------------


async def test_keys_without_an_attribute_are_told_and_nulls_against_the_model_fail(sandbox: Sandbox) -> None:
    tax = {"lago_id": None, "name": "N", "code": "c", "rate": "many", "shade": "blue", "description": None}
    raw = RawResponse(status=200, body=json.dumps({"tax": tax}).encode(), content_type="application/json")
    sandbox.inject(raw, operation="find_tax")
    report = await told(sandbox, "taxes", faces=("async",))
    found = {(difference.kind, difference.place) for operation, difference in report.differences}
    assert {("unknown", "Tax.shade"), ("null", "Tax.lago_id"), ("lost", "Tax.rate")} <= found
    assert ("absent", "Tax.created_at") in found
    assert report.wrong_models == ["taxes.find: Tax.lago_id: null", "taxes.find: Tax.rate: lost"]
    text = "\n".join(report.lines())
    assert "Sent by the server, and unknown to the model:\n  Tax.shade (in taxes.find)" in text
    assert "Null, but never null by the model:\n  Tax.lago_id (in taxes.find)" in text


# --- the command ------------------------------------------------------------------------------------------------------


def test_without_a_server_the_command_says_what_to_set(capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main([]) == 2
    assert "Set LAGO_LIVE_URL and LAGO_LIVE_API_KEY" in capsys.readouterr().err


def test_the_command_tells_what_happened(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with Sandbox() as sandbox:
        monkeypatch.setenv("LAGO_LIVE_URL", sandbox.url)
        monkeypatch.setenv("LAGO_LIVE_API_KEY", sandbox.api_key)
        assert command.main(["taxes", "customers"]) == 0
        out = capsys.readouterr().out
        assert "lago_sync   taxes                           5 ok" in out
        assert re.search("^taxes.create +ok +ok$", out, re.MULTILINE)
        assert re.search(
            "^customers.generate_checkout_url +gate +gate +422 validation_errors: needs", out, re.MULTILINE
        )
        assert "Left behind:\n  nothing" in out
        assert sandbox.api_key not in out
        sandbox.inject(ServerFailure(status=500), operation="find_tax", times=None)
        assert command.main(["taxes"]) == 1
        monkeypatch.setenv("LAGO_LIVE_API_KEY", "wrong")
        assert command.main(["taxes"]) == 2
        assert "The server cannot be used: 401" in capsys.readouterr().err


# --- against a real server --------------------------------------------------------------------------------------------


@pytest.mark.skipif(not all(SERVER), reason="LAGO_LIVE_URL and LAGO_LIVE_API_KEY name no server")
@pytest.mark.timeout(1800)
async def test_every_operation_fits_the_server_that_the_environment_names() -> None:
    url, api_key = SERVER
    assert url
    assert api_key
    report = await run(url=url, api_key=api_key, around=RealServer(), tag=new_tag())
    assert not report.has_failed, "\n".join(report.lines())
