"""Rules that hold in every billed world, for the tests and for `make billing`."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from lago_async.sandbox import Sandbox
from tests.lago_async.sandbox.billed_lives import wrong_windows
from tests.lago_async.sandbox.random_worlds import Story, everything

_MINUTES = (1, 7, 60, 360, 1440, 5000)


def in_one_jump(sandbox: Sandbox, until: datetime) -> None:
    """Move the clock at once."""
    sandbox.advance(to=until)


class ManyJumps:
    """Move the clock in a number of jumps that another seed makes another number."""

    def __init__(self, seed: int) -> None:
        self._rng = random.Random(seed)

    def __call__(self, sandbox: Sandbox, until: datetime) -> None:
        while sandbox.now < until:
            sandbox.advance(to=min(until, sandbox.now + timedelta(minutes=self._rng.choice(_MINUTES))))


def problems_of_seed(seed: int) -> list[str]:
    """Tell the story of a seed with one jump and with many between two steps, and return all that does not hold."""
    world = everything(Story(seed, in_one_jump).tell())
    found = [*sums(world), *roundings(world), *windows(world), *wallets(world)]
    other = everything(Story(seed, ManyJumps(seed)).tell())
    found += [f"one jump and many jumps differ in {part}" for part in world if world[part] != other[part]]
    return found


def sums(world: dict[str, Any]) -> Iterator[str]:
    """Yield the invoices that are not the sum of fees, coupons, taxes and credits."""
    for item in world["invoices"]:
        fees = sum(fee["amount_cents"] for fee in item["fees"])
        reduced = item["coupons_amount_cents"] + item["progressive_billing_credit_amount_cents"]
        taxed = fees - reduced + item["taxes_amount_cents"]
        paid = item["credit_notes_amount_cents"] + item["prepaid_credit_amount_cents"]
        expected = {
            "fees_amount_cents": fees,
            "sub_total_excluding_taxes_amount_cents": fees - reduced,
            "sub_total_including_taxes_amount_cents": taxed,
            "total_amount_cents": taxed - paid,
        }
        for field, amount in expected.items():
            if item[field] != amount:
                yield f"invoice {item['number']}: {field} is {item[field]}, not {amount}"
        if item["total_amount_cents"] < 0:
            yield f"invoice {item['number']} has the total {item['total_amount_cents']}"
        taxes = sum(tax["amount_cents"] for tax in item["applied_taxes"])
        if abs(item["taxes_amount_cents"] - taxes) > 1:
            yield f"invoice {item['number']}: {item['taxes_amount_cents']} of taxes, of which {taxes} are applied"


def roundings(world: dict[str, Any]) -> Iterator[str]:
    """Yield the fees that are not their exact amount, rounded."""
    for fee in world["fees"]:
        # A true-up fee is the minimum less the rounded fee.
        exact = fee["item"]["type"] in {"subscription", "fixed_charge"} or fee["events_count"]
        if exact and abs(Decimal(fee["precise_amount"]) * 100 - fee["amount_cents"]) > Decimal("0.500001"):
            yield f"fee of {fee['item']['code']}: {fee['precise_amount']} became {fee['amount_cents']} cents"


def windows(world: dict[str, Any]) -> Iterator[str]:
    """Yield the windows of usage that are billed twice or never."""
    for life in world["lives"]:
        yield from wrong_windows(life)


def wallets(world: dict[str, Any]) -> Iterator[str]:
    """Yield the wallets that paid more than they had."""
    for wallet in world["wallets"]:
        if wallet["balance_cents"] < 0 or Decimal(wallet["credits_balance"]) <= Decimal("-0.0001"):
            yield f"a wallet has {wallet['balance_cents']} cents and {wallet['credits_balance']} credits"
