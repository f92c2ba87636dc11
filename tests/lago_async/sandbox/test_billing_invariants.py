"""Invariants of billing, held in worlds that are drawn at random."""

import random
from collections import defaultdict
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

import pytest

from tests.lago_async.sandbox.random_worlds import Story, everything

SEEDS = range(24)
MINUTES = (1, 7, 60, 360, 1440, 5000)


def in_one_jump(sandbox, until):
    sandbox.advance(to=until)


def in_many_jumps(seed):
    """Return a way to reach a time that takes another number of jumps for each seed."""
    rng = random.Random(seed)

    def advance(sandbox, until):
        while sandbox.now < until:
            sandbox.advance(to=min(until, sandbox.now + timedelta(minutes=rng.choice(MINUTES))))

    return advance


@pytest.fixture(scope="module")
def worlds():
    return {seed: everything(Story(seed, in_one_jump).tell()) for seed in SEEDS}


def test_one_jump_of_the_clock_bills_what_many_jumps_bill(worlds):
    for seed in SEEDS:
        assert everything(Story(seed, in_many_jumps(seed)).tell()) == worlds[seed], seed


def test_the_worlds_have_invoices_of_all_kinds(worlds):
    kinds = {item["invoice_type"] for world in worlds.values() for item in world["invoices"]}
    assert {"subscription", "one_off", "credit"} <= kinds
    assert sum(len(world["invoices"]) for world in worlds.values()) > 200


def test_an_invoice_is_the_sum_of_its_fees_less_what_reduces_it_plus_taxes(worlds):
    for item in (item for world in worlds.values() for item in world["invoices"]):
        fees = sum(fee["amount_cents"] for fee in item["fees"])
        reduced = item["coupons_amount_cents"] + item["progressive_billing_credit_amount_cents"]
        taxed = fees - reduced + item["taxes_amount_cents"]
        paid = item["credit_notes_amount_cents"] + item["prepaid_credit_amount_cents"]
        assert item["fees_amount_cents"] == fees
        assert item["sub_total_excluding_taxes_amount_cents"] == fees - reduced
        assert item["sub_total_including_taxes_amount_cents"] == taxed
        assert item["total_amount_cents"] == taxed - paid >= 0
        assert abs(item["taxes_amount_cents"] - sum(tax["amount_cents"] for tax in item["applied_taxes"])) <= 1


def test_a_fee_is_its_exact_amount_rounded(worlds):
    for fee in (fee for world in worlds.values() for fee in world["fees"]):
        # A true-up fee is the minimum less the rounded fee.
        if fee["item"]["type"] in {"subscription", "fixed_charge"} or fee["events_count"]:
            assert abs(Decimal(fee["precise_amount"]) * 100 - fee["amount_cents"]) <= Decimal("0.500001"), fee


def test_no_usage_is_billed_twice_or_never(worlds):
    """The windows of usage of an external id follow each other to the second."""
    closing = {"subscription_periodic", "subscription_terminating"}
    for world in worlds.values():
        windows = defaultdict(list)
        for item in world["invoices"]:
            for period in item["billing_periods"]:
                start, end = period["charges_from_datetime"], period["charges_to_datetime"]
                if period["invoicing_reason"] in closing and start is not None and start != end:
                    windows[period["external_subscription_id"]].append((start, end))
        for found in windows.values():
            ordered = sorted(found)
            assert len(set(ordered)) == len(ordered)
            assert all(earlier[1] <= later[0] for earlier, later in pairwise(ordered)), ordered


def test_wallets_never_pay_more_than_they_have(worlds):
    for wallet in (wallet for world in worlds.values() for wallet in world["wallets"]):
        assert wallet["balance_cents"] >= 0
        assert Decimal(wallet["credits_balance"]) > Decimal("-0.0001")
