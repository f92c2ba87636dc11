"""Drafts that are computed again by themselves, within five minutes after a change that the server's job looks for."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lago_async.sandbox import Sandbox
from tests.lago_async.sandbox.invariants import ManyJumps, in_one_jump
from tests.lago_async.sandbox.random_worlds import without_ids
from tests.lago_async.sandbox.test_running_clock import Source

IN_JANUARY = datetime(2026, 1, 15, tzinfo=UTC).timestamp()
MADE = datetime(2026, 2, 1, tzinfo=UTC)
CHANGED = datetime(2026, 2, 3, 12, 2, tzinfo=UTC)
TICK = CHANGED.replace(minute=5)
BILLED = (3100 + 300) * 120 // 100  # the plan and three calls, with VAT
WITH_LATE_CALL = BILLED + 120

Change = Callable[["World"], object]


@attrs.frozen
class World:
    """A sandbox in which January of a monthly plan is billed by a draft, and a call of January is late.

    So a draft that was computed again shows one call more, even if the change has no effect on amounts.
    """

    sandbox: Any
    metric: str = ""
    charge: str = ""

    def do(self, operation: str, sent: object = None, *path: str) -> Any:
        return self.sandbox.perform(operation, sent, *path)

    def call(self, name: str) -> None:
        event = {"transaction_id": name, "external_subscription_id": "main", "code": "calls"}
        self.do("create_event", {**event, "timestamp": IN_JANUARY, "properties": {"region": "eu"}})

    def to(self, time: datetime) -> None:
        self.sandbox.advance(to=time)

    @property
    def draft(self) -> Any:
        """The invoice for January; it may be final already."""
        return self.invoice_of("acme")

    def invoice_of(self, customer: str) -> Any:
        """Return the invoice of a customer for January."""
        listed = self.do("find_all_invoices", {"external_customer_id": customer})
        return self.do("find_invoice", None, listed[-1]["lago_id"])

    @property
    def updated_at(self) -> datetime:
        return datetime.fromisoformat(self.draft["updated_at"])

    @property
    def alive(self) -> bool:
        """Whether the subscription is active."""
        return bool(self.do("find_all_subscriptions", {"external_customer_id": "acme"}))

    @property
    def total(self) -> int:
        return int(self.draft["total_amount_cents"])


def _charge(world: World, amount: str = "1") -> dict[str, object]:
    of_eu = {"values": {"region": ["eu"]}, "properties": {"amount": amount}}
    priced = {"billable_metric_id": world.metric, "charge_model": "standard", "properties": {"amount": "9"}}
    return {**priced, "code": "calls", "filters": [of_eu], **({"id": world.charge} if world.charge else {})}


def _before(sandbox: Any) -> World:
    """Return a world before anything is billed, with two customers, whose plans and taxes are others."""
    world = World(sandbox)
    world.do("create_tax", {"name": "VAT", "code": "vat", "rate": "20", "applied_to_organization": True})
    for code in ("low", "unused", "of_plan", "of_other"):
        world.do("create_tax", {"name": code, "code": code, "rate": "10"})
    filters = [{"key": "region", "values": ["eu", "us"]}]
    metric = {"name": "Calls", "code": "calls", "aggregation_type": "count_agg", "filters": filters}
    world = attrs.evolve(world, metric=world.do("create_billable_metric", metric)["lago_id"])
    plan = {"interval": "monthly", "amount_cents": 3100, "amount_currency": "EUR", "pay_in_advance": False}
    made = world.do(
        "create_plan", {"name": "P", "code": "p", **plan, "charges": [_charge(world)], "metadata": {"k": "v"}}
    )
    other = world.do("create_billable_metric", {"name": "Other", "code": "other", "aggregation_type": "count_agg"})
    charge = {"billable_metric_id": other["lago_id"], "charge_model": "standard", "properties": {"amount": "1"}}
    world.do("create_plan", {"name": "Other", "code": "other", **plan, "charges": [charge]})
    world.do("create_customer", {"external_id": "acme", "billing_configuration": {"invoice_grace_period": 20}})
    world.do("create_subscription", {"external_customer_id": "acme", "external_id": "main", "plan_code": "p"})
    given = {"external_id": "other", "billing_configuration": {"invoice_grace_period": 20}, "tax_codes": ["of_other"]}
    world.do("create_customer", given)
    world.do("create_subscription", {"external_customer_id": "other", "external_id": "second", "plan_code": "other"})
    return attrs.evolve(world, charge=made["charges"][0]["lago_id"])


def _billed(world: World) -> World:
    for number in range(3):
        world.call(f"call {number}")
    world.to(MADE)
    assert (world.draft["status"], world.total) == ("draft", BILLED)
    world.to(CHANGED)
    return world


@pytest.fixture(scope="module")
def plain() -> World:
    """Return the world that the tests fork."""
    return _billed(_before(Sandbox(now=datetime(2026, 1, 1, tzinfo=UTC), premium=True)))


@pytest.fixture
def world(plain: World) -> World:
    return attrs.evolve(plain, sandbox=plain.sandbox.fork())


def _own_plan(world: World) -> object:
    return world.do("update_subscription", {"plan_overrides": {"amount_cents": 4000}}, "main")


def _own_plan_again(world: World) -> object:
    _own_plan(world)
    return world.do("update_subscription", {"plan_overrides": {"amount_cents": 5000, "tax_codes": ["low"]}}, "main")


def _of_plan_taxed(world: World) -> World:
    """Return a world in which only the plan has a tax."""
    world.do("destroy_tax", None, "vat")
    world.do("update_plan", {"tax_codes": ["of_plan"]}, "p")
    world.to(TICK)
    assert world.total == (3100 + 300) * 110 // 100
    return world


FLAGGING: dict[str, tuple[Change, int]] = {
    "the price of its plan": (lambda w: w.do("update_plan", {"amount_cents": 6200}, "p"), (6200 + 400) * 120 // 100),
    "the charges of its plan, in an update of the plan": (
        lambda w: w.do("update_plan", {"charges": [_charge(w, "2")]}, "p"),
        (3100 + 800) * 120 // 100,
    ),
    "the name of its plan": (lambda w: w.do("update_plan", {"name": "New"}, "p"), WITH_LATE_CALL),
    "the metadata of its plan": (
        lambda w: w.do("replace_plan_metadata", {"k": "w"}, "p"),
        WITH_LATE_CALL,
    ),
    "a key of the metadata of its plan": (
        lambda w: w.do("merge_plan_metadata", {"l": "w"}, "p"),
        WITH_LATE_CALL,
    ),
    "no metadata of its plan any more": (lambda w: w.do("delete_all_plan_metadata", None, "p"), WITH_LATE_CALL),
    "the plan that only its subscription has": (_own_plan_again, (5000 + 400) * 110 // 100),
    "the rate of its tax": (lambda w: w.do("update_tax", {"rate": "30"}, "vat"), 3500 * 130 // 100),
    "the name of its tax": (lambda w: w.do("update_tax", {"name": "Tax"}, "vat"), WITH_LATE_CALL),
    "a tax that is nobody's, of the organization from now on": (
        lambda w: w.do("update_tax", {"applied_to_organization": True}, "unused"),
        3500 * 130 // 100,
    ),
    "its tax, of the organization no more": (
        lambda w: w.do("update_tax", {"applied_to_organization": False}, "vat"),
        3500,
    ),
    "a new tax of the organization": (
        lambda w: w.do("create_tax", {"name": "N", "code": "n", "rate": "5", "applied_to_organization": True}),
        3500 * 125 // 100,
    ),
    "its tax, deleted": (lambda w: w.do("destroy_tax", None, "vat"), 3500),
    "the taxes of its billing entity": (
        lambda w: w.do("update_billing_entity", {"tax_codes": ["low"]}, "sandbox"),
        3500 * 110 // 100,
    ),
    "the taxes of its customer": (
        lambda w: w.do("create_customer", {"external_id": "acme", "tax_codes": ["low"]}),
        3500 * 110 // 100,
    ),
    "the values of a filter of its metric": (
        lambda w: w.do("update_billable_metric", {"filters": [{"key": "region", "values": ["eu"]}]}, "calls"),
        WITH_LATE_CALL,
    ),
    "its metric, deleted": (lambda w: w.do("destroy_billable_metric", None, "calls"), 3100 * 120 // 100),
}


# A change of a billing entity flags the drafts of all its customers.
FLAGGING_ALL = {
    "a tax that is nobody's, of the organization from now on",
    "its tax, of the organization no more",
    "a new tax of the organization",
    "its tax, deleted",
    "the taxes of its billing entity",
}


@pytest.mark.parametrize("name", FLAGGING)
def test_a_change_that_flags_a_draft_has_it_computed_again_within_five_minutes(world: World, name: str) -> None:
    change, total = FLAGGING[name]
    world.call("late")
    change(world)
    world.to(TICK - timedelta(seconds=1))
    assert (world.total, world.updated_at) == (BILLED, MADE)
    world.to(TICK)
    assert (world.total, world.updated_at, world.draft["status"]) == (total, TICK, "draft")
    world.to(TICK + timedelta(days=1))
    assert world.updated_at == TICK
    others = world.invoice_of("other")["updated_at"]
    assert datetime.fromisoformat(others) == (TICK if name in FLAGGING_ALL else MADE)


COUPON = {"name": "C", "code": "c", "coupon_type": "percentage", "percentage_rate": "50", "frequency": "forever"}

SILENT: dict[str, Change] = {
    "nothing but the late call": lambda w: None,
    "a coupon": lambda w: (
        w.do("create_coupon", {**COUPON, "expiration": "no_expiration"}),
        w.do("apply_coupon", {"external_customer_id": "acme", "coupon_code": "c"}),
    ),
    "a wallet": lambda w: w.do(
        "create_wallet", {"external_customer_id": "acme", "rate_amount": "1", "currency": "EUR", "granted_credits": "9"}
    ),
    "the price of a charge by itself": lambda w: w.do("update_plan_charge", _charge(w, "2"), "p", "calls"),
    "a charge deleted by itself": lambda w: w.do("destroy_plan_charge", None, "p", "calls"),
    "the first plan of its own for its subscription": _own_plan,
    "the plan that a plan of its own was made from": lambda w: (
        _own_plan(w),
        w.do("update_plan", {"amount_cents": 1}, "p"),
    ),
    "another plan": lambda w: w.do("update_plan", {"amount_cents": 1}, "other"),
    "a tax that nobody has": lambda w: w.do("update_tax", {"rate": "50"}, "unused"),
    "a new tax that nobody has": lambda w: w.do("create_tax", {"name": "N", "code": "n", "rate": "5"}),
    "the name of its metric": lambda w: w.do("update_billable_metric", {"name": "Requests"}, "calls"),
    "no filters of its metric any more": lambda w: w.do("update_billable_metric", {"filters": []}, "calls"),
    "a key of the metadata of its plan, deleted": lambda w: w.do("delete_plan_metadata_key", None, "p", "k"),
    "the name of its customer": lambda w: w.do("create_customer", {"external_id": "acme", "name": "Acme"}),
    "the name of its billing entity": lambda w: w.do("update_billing_entity", {"name": "Entity"}, "sandbox"),
    "the taxes of another customer": lambda w: w.do("create_customer", {"external_id": "other", "tax_codes": ["low"]}),
    "the tax of another customer": lambda w: w.do("update_tax", {"rate": "50"}, "of_other"),
}


@pytest.mark.parametrize("name", SILENT)
def test_a_change_that_the_server_does_not_look_for_waits_until_the_draft_is_computed(world: World, name: str) -> None:
    world.call("late")
    SILENT[name](world)
    world.to(CHANGED + timedelta(days=1))
    assert (world.total, world.updated_at) == (BILLED, MADE)
    world.do("refresh_invoice", None, world.draft["lago_id"])
    assert world.total != BILLED


def test_a_new_rate_of_a_tax_that_only_the_plan_has_waits_until_the_draft_is_computed(world: World) -> None:
    _of_plan_taxed(world)
    world.do("update_tax", {"rate": "30"}, "of_plan")
    world.to(TICK + timedelta(days=1))
    assert world.total == 3400 * 110 // 100
    world.do("refresh_invoice", None, world.draft["lago_id"])
    assert world.total == 3400 * 130 // 100


@pytest.mark.parametrize(("operation", "sent"), [("update_tax", {"rate": "50"}), ("destroy_tax", None)])
def test_a_changed_tax_of_one_customer_has_only_its_own_drafts_computed_again(
    world: World, operation: str, sent: object
) -> None:
    world.do(operation, sent, "of_other")
    world.to(TICK)
    assert datetime.fromisoformat(world.invoice_of("other")["updated_at"]) == TICK
    assert world.updated_at == MADE


def test_a_draft_whose_subscriptions_have_all_ended_waits_until_it_is_final(world: World) -> None:
    world.do("destroy_subscription", None, "main")
    world.do("update_plan", {"amount_cents": 6200}, "p")
    world.to(TICK + timedelta(days=1))
    assert (world.total, world.updated_at) == (BILLED, MADE)
    world.to(datetime(2026, 2, 21, tzinfo=UTC))
    assert (world.draft["status"], world.total) == ("finalized", (6200 + 300) * 120 // 100)


def test_a_draft_is_computed_again_before_its_subscription_ends_at_the_same_time(world: World) -> None:
    midnight = datetime(2026, 2, 10, tzinfo=UTC)
    world.do("update_subscription", {"ending_at": midnight.isoformat()}, "main")
    world.to(midnight - timedelta(minutes=2))
    world.do("update_plan", {"amount_cents": 6200}, "p")
    world.to(midnight + timedelta(minutes=1))
    assert not world.alive
    assert (world.total, world.updated_at) == ((6200 + 300) * 120 // 100, midnight)


def test_a_change_at_the_minute_of_the_job_waits_for_the_next_one(world: World) -> None:
    world.to(TICK)
    world.do("update_plan", {"amount_cents": 6200}, "p")
    world.to(TICK + timedelta(minutes=4, seconds=59))
    assert world.total == BILLED
    world.to(TICK + timedelta(minutes=5))
    assert world.updated_at == TICK + timedelta(minutes=5)


def test_several_changes_have_a_draft_computed_once(world: World) -> None:
    world.do("update_plan", {"amount_cents": 6200}, "p")
    world.to(CHANGED + timedelta(minutes=2))
    world.do("update_tax", {"rate": "30"}, "vat")
    world.to(TICK)
    assert (world.total, world.updated_at) == ((6200 + 300) * 130 // 100, TICK)
    world.to(TICK + timedelta(minutes=5))
    assert world.updated_at == TICK


@pytest.mark.parametrize("operation", ["refresh_invoice", "finalize_invoice"])
def test_a_draft_that_a_request_computes_is_not_computed_again(world: World, operation: str) -> None:
    world.do("update_plan", {"amount_cents": 6200}, "p")
    world.do(operation, None, world.draft["lago_id"])
    world.call("later")
    world.to(TICK)
    assert (world.total, world.updated_at) == ((6200 + 300) * 120 // 100, CHANGED)


def test_no_webhook_tells_of_a_draft_that_is_computed_again(world: World) -> None:
    world.do("create_webhook_endpoint", {"webhook_url": "http://127.0.0.1:9/hooks", "signature_algo": "hmac"})
    world.do("update_plan", {"amount_cents": 6200}, "p")
    world.to(TICK)
    assert world.updated_at == TICK
    assert [told.type for told in world.sandbox.webhooks] == ["plan.updated"]


def test_a_wallet_knows_the_new_amount_of_a_draft(world: World) -> None:
    given = {"external_customer_id": "acme", "rate_amount": "1", "currency": "EUR", "granted_credits": "100"}
    wallet = world.do("create_wallet", given)["lago_id"]
    assert world.do("find_wallet", None, wallet)["ongoing_balance_cents"] == 10_000 - BILLED
    world.do("update_plan", {"amount_cents": 6200}, "p")
    world.to(TICK)
    assert world.do("find_wallet", None, wallet)["ongoing_balance_cents"] == 10_000 - world.total == 2200


def test_a_saved_world_keeps_what_waits(world: World, tmp_path: Any) -> None:
    world.do("update_plan", {"amount_cents": 6200}, "p")
    world.sandbox.save(tmp_path / "saved.world")
    opened = attrs.evolve(world, sandbox=Sandbox.open(tmp_path / "saved.world"))
    opened.to(TICK)
    assert (opened.total, opened.updated_at) == ((6200 + 300) * 120 // 100, TICK)


async def test_a_running_clock_computes_a_draft_again_between_requests() -> None:
    source = Source()
    start = datetime(2026, 1, 1, tzinfo=UTC)
    async with Sandbox(now=start, premium=True, clock_speed=1, time_source=source) as sandbox:
        world = _billed(_before(sandbox))
        world.do("update_plan", {"amount_cents": 6200}, "p")
        source.seconds += 179
        assert world.total == BILLED
        source.seconds += 1
        assert world.total == (6200 + 300) * 120 // 100


# Each may come more than once, in any order, and after the subscription has ended.
CHANGES: tuple[Change, ...] = (
    lambda w: w.do("update_plan", {"amount_cents": 6200}, "p"),
    lambda w: w.do("update_tax", {"rate": "30"}, "vat"),
    lambda w: w.do("create_customer", {"external_id": "acme", "tax_codes": ["low"]}),
    lambda w: w.call(f"late {len(w.do('find_all_events'))}"),
    lambda w: w.alive and w.do("destroy_subscription", None, "main"),
    lambda w: w.alive and _own_plan_again(w),
)


def _told(plain: World, changes: list[tuple[int, int]], advance: Callable[[Sandbox, datetime], None]) -> object:
    """Return what a world has and tells at the end, if the clock moves in this way between the changes."""
    world = attrs.evolve(plain, sandbox=plain.sandbox.fork())
    world.do("create_webhook_endpoint", {"webhook_url": "http://127.0.0.1:9/hooks", "signature_algo": "hmac"})
    rule = {"trigger": "threshold", "threshold_credits": "30", "granted_credits": "7"}
    wallet = {"external_customer_id": "acme", "rate_amount": "1", "currency": "EUR", "granted_credits": "70"}
    world.do("create_wallet", {**wallet, "recurring_transaction_rules": [rule]})
    for minutes, change in changes:
        advance(world.sandbox, world.sandbox.now + timedelta(minutes=minutes))
        CHANGES[change](world)
    seen = [world.draft]
    for end in (datetime(2026, 2, 20, 23, 59, tzinfo=UTC), datetime(2026, 3, 22, tzinfo=UTC)):
        advance(world.sandbox, max(end, world.sandbox.now))
        seen += [world.do("find_invoice", None, one["lago_id"]) for one in world.do("find_all_invoices")]
    told = [(one.type, one.created_at) for one in world.sandbox.webhooks]
    return without_ids(seen), without_ids(world.do("find_all_wallets")), told


@settings(max_examples=20)
@given(
    changes=st.lists(st.tuples(st.integers(0, 12), st.integers(0, len(CHANGES) - 1)), min_size=1, max_size=5),
    seed=st.integers(0, 1000),
)
def test_one_jump_refreshes_what_many_jumps_refresh(plain: World, changes: list[tuple[int, int]], seed: int) -> None:
    assert _told(plain, changes, ManyJumps(seed)) == _told(plain, changes, in_one_jump)
