"""Invariants of billing, held in worlds that are drawn at random. `make billing` holds them in many more."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.lago_async.sandbox import invariants
from tests.lago_async.sandbox.random_worlds import Story, everything

# The last have several taxed fees in advance on one invoice, and a change that new prices make one of another kind.
SEEDS = (*range(24), 9786, 5821)
Worlds = dict[int, dict[str, Any]]


@pytest.fixture(scope="module")
def worlds() -> Worlds:
    return {seed: everything(Story(seed, invariants.in_one_jump).tell()) for seed in SEEDS}


def test_one_jump_of_the_clock_bills_what_many_jumps_bill(worlds: Worlds) -> None:
    for seed in SEEDS:
        assert everything(Story(seed, invariants.ManyJumps(seed)).tell()) == worlds[seed], seed


def test_the_worlds_have_invoices_of_all_kinds(worlds: Worlds) -> None:
    kinds = {item["invoice_type"] for world in worlds.values() for item in world["invoices"]}
    assert {"subscription", "one_off", "credit"} <= kinds
    assert sum(len(world["invoices"]) for world in worlds.values()) > 200
    lives = [life for world in worlds.values() for life in world["lives"]]
    assert sum(len(life.periodic) for life in lives) > 200
    assert {(life.asked, life.computed) for life in lives} == {
        (None, None),
        ("upgrade", "upgrade"),
        ("downgrade", "downgrade"),
        ("upgrade", "downgrade"),
    }


@pytest.mark.parametrize("invariant", [invariants.sums, invariants.roundings, invariants.windows, invariants.wallets])
def test_nothing_is_billed_that_breaks_an_invariant(
    invariant: Callable[[dict[str, Any]], Iterator[str]], worlds: Worlds
) -> None:
    assert {seed: found for seed, world in worlds.items() if (found := list(invariant(world)))} == {}
