"""Every billing story of a running Lago is right on the sandbox, and worlds that break an invariant are reported."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import attrs
import pytest

from lago_async.sandbox import Sandbox
from tests.billing import STORIES, BillingStory
from tests.lago_async.sandbox.billed_lives import BilledLife
from tests.lago_async.sandbox.conftest import START
from tests.lago_async.sandbox.invariants import sums, windows
from tools.billing.stories import all_told, told
from tools.billing.worlds import broken


async def test_every_story_is_right() -> None:
    found = {f"{each.story.title}: {each.verdict}": each.problems for each in await all_told(STORIES)}
    assert len(found) == 77
    assert {title: problems for title, problems in found.items() if not title.endswith(": right")} == {}


async def _wrong(world: Any) -> None:
    world.eq("a", 1, 1)
    world.eq("b", 1, 2)


async def _refused(world: Any) -> None:
    world.eq("a", 1, 1)
    await world.customer(account_type="partner")


async def _failed(world: Any) -> None:
    await world.c.customers.find("nobody")


@pytest.mark.parametrize(
    ("tell", "verdict", "problem"),
    [
        (_wrong, "wrong", "b: 1, not 2"),
        (_refused, "refused", "account_type"),
        (_failed, "failed", "customer_not_found"),
    ],
    ids=["wrong", "refused", "failed"],
)
async def test_a_story_that_is_not_right_says_why(
    tell: Callable[[Any], Awaitable[None]], verdict: str, problem: str
) -> None:
    story = BillingStory(theme="t", title="t", source="s", now=START, premium=True, tell=tell)
    found = await told(story)
    assert found.verdict == verdict
    assert problem in found.problems[0]


def test_worlds_are_reported_in_the_order_of_their_seeds() -> None:
    assert list(broken(range(100, 102), 1)) == [(100, []), (101, [])]


def test_a_world_that_fails_is_reported_and_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(sandbox: Sandbox, **_: object) -> None:
        raise RuntimeError("broken clock")

    monkeypatch.setattr(Sandbox, "advance", fail)
    ((seed, [problem]),) = broken([3], 1)
    assert seed == 3
    assert "broken clock" in problem


def test_an_invoice_that_is_no_sum_is_reported() -> None:
    amounts = ("coupons", "progressive_billing_credit", "taxes", "credit_notes", "prepaid_credit")
    invoice: dict[str, Any] = {f"{name}_amount_cents": 0 for name in amounts} | {
        "number": "N",
        "applied_taxes": [],
        "fees": [],
    }
    totals = ("fees", "sub_total_excluding_taxes", "sub_total_including_taxes", "total")
    right = invoice | {f"{name}_amount_cents": 0 for name in totals}
    assert list(sums({"invoices": [right]})) == []
    assert list(sums({"invoices": [right | {"total_amount_cents": 5}]})) == [
        "invoice N: total_amount_cents is 5, not 0"
    ]


DAYS = [START.replace(day=day) for day in range(1, 8)]
SECOND = timedelta(seconds=1)
WHOLE = BilledLife(
    name="s",
    plan="p",
    began=DAYS[0],
    known_from=DAYS[0],
    ended=DAYS[4],
    runs_from=None,
    periodic=[(DAYS[0], DAYS[2] - SECOND), (DAYS[2], DAYS[3] - SECOND)],
    last=(DAYS[3], DAYS[4]),
    asked=None,
    computed=None,
    ended_without_usage=False,
)
RUNS = attrs.evolve(WHOLE, ended=None, last=None, runs_from=DAYS[3])
# The server has closed a period before the end, and the change is of the other kind when its invoice is computed.
TWICE = attrs.evolve(WHOLE, asked="upgrade", computed="downgrade", last=(DAYS[2], DAYS[3] - SECOND))
NEVER = attrs.evolve(WHOLE, asked="downgrade", computed="upgrade", last=(DAYS[4], DAYS[4]))


@pytest.mark.parametrize(
    ("life", "count"),
    [
        (WHOLE, 0),
        (RUNS, 0),
        (attrs.evolve(WHOLE, periodic=[], last=(DAYS[0], DAYS[4] - SECOND)), 0),
        (attrs.evolve(RUNS, periodic=[], runs_from=DAYS[0]), 0),
        (attrs.evolve(WHOLE, last=None, ended_without_usage=True), 0),
        (TWICE, 0),
        (NEVER, 0),
        (attrs.evolve(WHOLE, periodic=WHOLE.periodic[:1]), 1),
        (attrs.evolve(WHOLE, periodic=WHOLE.periodic[1:]), 1),
        (attrs.evolve(WHOLE, last=None), 1),
        (attrs.evolve(WHOLE, last=None, periodic=[]), 1),
        (attrs.evolve(WHOLE, last=(DAYS[2], DAYS[4])), 1),
        (attrs.evolve(RUNS, runs_from=DAYS[4]), 1),
        (attrs.evolve(RUNS, periodic=[]), 1),
        (attrs.evolve(TWICE, computed="upgrade"), 2),
        (attrs.evolve(NEVER, computed="downgrade"), 1),
        (attrs.evolve(TWICE, last=WHOLE.last), 1),
        (attrs.evolve(NEVER, last=WHOLE.last), 1),
    ],
    ids=[
        "whole", "runs", "one_window", "not_billed_yet", "only_fixed_charges", "billed_twice_there", "never_there",
        "gap", "late_start", "no_end", "nothing", "overlap", "gap_before_now", "gap_since_start",
        "twice_without_cause", "never_without_cause", "not_as_twice_there", "not_as_never_there",
    ],
)  # fmt: skip
def test_usage_that_is_billed_twice_or_never_is_reported_unless_the_servers_rule_says_so(
    life: BilledLife, count: int
) -> None:
    assert len(list(windows({"lives": [life]}))) == count
