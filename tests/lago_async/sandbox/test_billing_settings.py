"""Settings that customers have from the billing entity, and their effect on invoices that exist."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.lago_async.sandbox.test_billing_stories import World


@pytest.fixture
def world() -> World:
    world = World("2026-01-10T00:00:00")
    world.customer()
    world.plan(3100)
    return world


def entity(world: World, **fields: object) -> Any:
    return world.do("update_billing_entity", fields, "sandbox")


def draft(world: World) -> Any:
    (invoice,) = world.do("find_all_invoices")
    return invoice


@pytest.mark.parametrize(
    "change",
    [
        lambda world: entity(world, timezone="America/New_York"),
        lambda world: world.do("update_organization", {"timezone": "America/New_York"}),
    ],
)
def test_periods_begin_at_midnight_of_the_billing_entity(world: World, change: Callable[[World], object]) -> None:
    change(world)
    world.subscribe()
    world.to("2026-02-01T04:59:59")
    assert world.do("find_all_invoices") == []
    world.to("2026-02-01T05:00:00")
    assert (draft(world)["issuing_date"], draft(world)["fees_amount_cents"]) == ("2026-02-01", 2300)
    assert world.do("find_customer", None, "cus")["applicable_timezone"] == "America/New_York"


def test_taxes_of_the_billing_entity_replace_those_of_the_organization(world: World) -> None:
    world.tax(10, "all")
    world.tax(20, "own", everyone=False)
    assert [tax["code"] for tax in world.do("get_billing_entity", None, "sandbox")["taxes"]] == ["all"]
    changed = entity(world, tax_codes=["own"])
    assert [tax["code"] for tax in changed["taxes"]] == ["own"]
    world.subscribe()
    world.to("2026-02-01T00:00:00")
    assert draft(world)["taxes_amount_cents"] == 440


def test_more_days_of_grace_move_the_drafts(world: World) -> None:
    entity(world, billing_configuration={"invoice_grace_period": 3}, net_payment_term=5)
    world.subscribe()
    world.to("2026-02-02T00:00:00")
    assert (draft(world)["issuing_date"], draft(world)["payment_due_date"]) == ("2026-02-04", "2026-02-09")
    entity(world, billing_configuration={"invoice_grace_period": 6})
    assert (draft(world)["issuing_date"], draft(world)["payment_due_date"]) == ("2026-02-07", "2026-02-12")
    world.customer(net_payment_term=1)
    assert draft(world)["payment_due_date"] == "2026-02-08"
    world.to("2026-02-06T23:59:59")
    assert draft(world)["status"] == "draft"
    world.to("2026-02-07T00:00:00")
    assert draft(world)["status"] == "finalized"


def test_less_grace_finalizes_the_drafts_of_a_customer(world: World) -> None:
    world.customer(billing_configuration={"invoice_grace_period": 10})
    world.subscribe()
    world.to("2026-02-03T00:00:00")
    assert draft(world)["status"] == "draft"
    world.customer(billing_configuration={"invoice_grace_period": 1})
    assert (draft(world)["status"], draft(world)["number"]) == ("finalized", "SAN-0001-001-001")


def test_numbers_begin_with_the_prefix_of_the_billing_entity(world: World) -> None:
    entity(world, document_number_prefix="acme")
    world.subscribe()
    world.to("2026-02-01T00:00:00")
    assert draft(world)["number"] == "ACME-001-001"
