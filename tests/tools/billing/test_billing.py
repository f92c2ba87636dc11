"""Every billing story of a running Lago is right on the sandbox, and worlds that break an invariant are reported."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from lago_async.sandbox import Sandbox
from tests.billing import STORIES, BillingStory
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
    invoice = {f"{name}_amount_cents": 0 for name in amounts} | {"number": "N", "applied_taxes": [], "fees": []}
    totals = ("fees", "sub_total_excluding_taxes", "sub_total_including_taxes", "total")
    right = invoice | {f"{name}_amount_cents": 0 for name in totals}
    assert list(sums({"invoices": [right]})) == []
    assert list(sums({"invoices": [right | {"total_amount_cents": 5}]})) == [
        "invoice N: total_amount_cents is 5, not 0"
    ]


def test_a_gap_between_windows_and_an_overlap_are_reported() -> None:
    days = [START.replace(day=day) for day in (1, 2, 3)]
    touching = [(days[0], days[1].replace(second=0)), (days[1].replace(second=1), days[2])]
    assert list(windows({"windows": {("s", "", "p"): touching}})) == []
    apart = [(days[0], days[1]), (days[2], days[2])]
    overlapping = [(days[0], days[2]), (days[1], days[2])]
    for found in (apart, overlapping):
        assert len(list(windows({"windows": {("s", "", "p"): found}}))) == 1
