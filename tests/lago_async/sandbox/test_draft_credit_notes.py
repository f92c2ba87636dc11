"""The credit note of a draft is computed again with it, and becomes final with it."""

from datetime import UTC, datetime
from typing import Any

import pytest

from lago_async.sandbox import Sandbox


@pytest.fixture
def world() -> Any:
    """Return a sandbox in which a plan in advance has ended while its first invoice is a draft."""
    sandbox: Any = Sandbox(now=datetime(2026, 1, 1, tzinfo=UTC), premium=True)
    sandbox.perform("create_tax", {"name": "VAT", "code": "vat", "rate": "20", "applied_to_organization": True})
    plan = {"name": "P", "code": "p", "interval": "monthly", "amount_cents": 3100, "amount_currency": "EUR"}
    sandbox.perform("create_plan", {**plan, "pay_in_advance": True})
    settings = {"invoice_grace_period": 20}
    sandbox.perform("create_customer", {"external_id": "acme", "billing_configuration": settings})
    given = {"external_customer_id": "acme", "external_id": "main", "plan_code": "p"}
    sandbox.perform("create_subscription", given)
    sandbox.advance(to=datetime(2026, 1, 11, 12, tzinfo=UTC))
    return sandbox


def _end(world: Any, choice: str = "credit") -> None:
    world.perform("destroy_subscription", {"on_termination_credit_note": choice}, "main")


def _note(world: Any) -> Any:
    (listed,) = world.perform("find_all_credit_notes")
    return world.perform("find_credit_note", None, listed["lago_id"])


def _money(note: Any) -> dict[str, int]:
    names = ("credit", "refund", "offset", "balance", "taxes", "total")
    return {name: note[f"{name}_amount_cents"] for name in names}


def _final(world: Any) -> None:
    world.advance(to=datetime(2026, 2, 1, tzinfo=UTC))


FIRST = {"credit": 2400, "refund": 0, "offset": 0, "balance": 2400, "taxes": 400, "total": 2400}


def test_a_credit_note_of_a_draft_keeps_its_part_of_a_fee_with_another_price(world: Any) -> None:
    _end(world)
    assert _money(_note(world)) == FIRST
    world.perform("update_plan", {"amount_cents": 6200}, "p")
    assert _money(_note(world)) == FIRST
    world.perform("refresh_invoice", None, _note(world)["lago_invoice_id"])
    twice = {name: 2 * cents for name, cents in FIRST.items()}
    assert _money(_note(world)) == twice
    _final(world)
    assert _money(_note(world)) == twice


def test_a_credit_note_of_a_draft_has_the_taxes_and_coupons_of_the_final_invoice(world: Any) -> None:
    _end(world)
    world.perform("update_tax", {"rate": "10"}, "vat")
    coupon = {"name": "Off", "code": "off", "coupon_type": "percentage", "percentage_rate": "50"}
    world.perform("create_coupon", {**coupon, "frequency": "once", "expiration": "no_expiration"})
    world.perform("apply_coupon", {"external_customer_id": "acme", "coupon_code": "off"})
    _final(world)
    note = _note(world)
    assert _money(note) == {"credit": 1100, "refund": 0, "offset": 0, "balance": 1100, "taxes": 100, "total": 1100}
    assert (note["coupons_adjustment_amount_cents"], note["sub_total_excluding_taxes_amount_cents"]) == (1000, 1000)
    assert note["applied_taxes"][0]["tax_rate"] == 10


def test_an_offset_against_a_draft_becomes_credit_when_it_is_computed_again(world: Any) -> None:
    _end(world, "offset")
    assert _money(_note(world)) == FIRST | {"credit": 0, "offset": 2400, "balance": 0}
    _final(world)
    assert _money(_note(world)) == FIRST | {"offset": 2400}


def test_what_the_credit_note_of_a_draft_gives_back_is_not_given_back_again(world: Any) -> None:
    _end(world)
    _final(world)
    note = _note(world)
    invoice = world.perform("find_invoice", None, note["lago_invoice_id"])
    assert note["number"] == f"{invoice['number']}-CN001"
    (item,) = note["items"]
    assert item["fee"]["lago_id"] == invoice["fees"][0]["lago_id"]
    with pytest.raises(ValueError, match="higher_than_remaining_fee_amount"):
        world.perform(
            "create_credit_note",
            {
                "invoice_id": invoice["lago_id"],
                "reason": "other",
                "credit_amount_cents": 1440,
                "items": [{"fee_id": invoice["fees"][0]["lago_id"], "amount_cents": 1200}],
            },
        )
