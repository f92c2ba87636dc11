"""Fields that the server does not require are optional on both faces, against the sandbox."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from lago_async import (
    EventInput,
    LagoArgumentError,
    PaymentInput,
    PaymentRequestInput,
    SubscriptionInput,
    WalletInput,
    WebhookEndpointInput,
    WebhookEndpointUpdateInput,
)
from lago_async.sandbox import Sandbox
from tests.conftest import Face, NewFace
from tests.lago_async.sandbox.conftest import START
from tests.lago_async.sandbox.world import build


@pytest.fixture
async def world() -> AsyncIterator[tuple[Sandbox, dict[str, str]]]:
    async with Sandbox(now=START, premium=True, features={"order_forms"}) as sandbox:
        yield sandbox, build(sandbox)


@pytest.fixture
async def face(world: tuple[Sandbox, dict[str, str]], new_face: NewFace) -> Face:
    sandbox, _ = world
    return await new_face(api_key=sandbox.api_key, base_url=sandbox.url)


async def test_the_wallets_of_all_customers_are_one_list(face: Face) -> None:
    before = {wallet.lago_id for wallet in await face.items("wallets.find_all")}
    await face("customers.create", {"external_id": "other", "currency": "USD"})
    wallet = await face("wallets.create", WalletInput(rate_amount=Decimal(1), external_customer_id="other"))
    assert wallet.currency == "USD"  # the customer's
    assert {each.lago_id for each in await face.items("wallets.find_all")} == {*before, wallet.lago_id}
    (own,) = await face.items("wallets.find_all", external_customer_id="other")
    assert own == wallet


@pytest.mark.parametrize(
    ("paid_at", "created_at"),
    [
        (date(2025, 12, 24), datetime(2025, 12, 24, tzinfo=UTC)),
        (datetime(2025, 12, 24, 18, 30, tzinfo=UTC), datetime(2025, 12, 24, 18, 30, tzinfo=UTC)),
        ("2025-12-24", datetime(2025, 12, 24, tzinfo=UTC)),
        (None, None),
    ],
    ids=["date", "datetime", "text", "null"],
)
async def test_a_payment_was_made_on_a_day_or_at_a_time(
    paid_at: date | str | None, created_at: datetime | None, face: Face, world: tuple[Sandbox, dict[str, str]]
) -> None:
    sandbox, ids = world
    payment = await face(
        "payments.create", PaymentInput(invoice_id=ids["paid"], amount_cents=1, reference="r", paid_at=paid_at)
    )
    assert payment.created_at == (created_at or sandbox.now)


async def test_a_subscription_starts_and_ends_on_a_day(face: Face) -> None:
    days = {"subscription_at": date(2025, 12, 1), "ending_at": "2027-12-01"}
    subscription = await face(
        "subscriptions.create", {"external_customer_id": "cus", "plan_code": "plan", "external_id": "new", **days}
    )
    assert subscription.subscription_at == datetime(2025, 12, 1, tzinfo=UTC)
    assert subscription.ending_at == datetime(2027, 12, 1, tzinfo=UTC)
    with pytest.raises(LagoArgumentError, match="subscription_at: the datetime has no time zone"):
        await face(
            "subscriptions.create",
            SubscriptionInput(
                external_customer_id="cus",
                plan_code="plan",
                external_id="new",
                subscription_at=datetime(2025, 12, 1),  # noqa: DTZ001 - the subject
            ),
        )


async def test_an_event_without_a_time_happens_when_it_arrives(
    face: Face, world: tuple[Sandbox, dict[str, str]]
) -> None:
    sandbox, _ = world
    given = EventInput(transaction_id="n1", external_subscription_id="sub", code="calls", timestamp=None)
    assert (await face("events.create", given)).timestamp == sandbox.now
    (event,) = await face("events.create_batch", [{**EVENT, "timestamp": None}])
    assert event.timestamp == sandbox.now


EVENT = {"transaction_id": "n2", "external_subscription_id": "sub", "code": "calls"}


async def test_a_request_for_payment_goes_to_the_customers_own_address(
    face: Face, world: tuple[Sandbox, dict[str, str]]
) -> None:
    _, ids = world
    await face("customers.create", {"external_id": "cus", "email": "own@example.com"})
    given = PaymentRequestInput(external_customer_id="cus", lago_invoice_ids=[ids["paid"]])
    assert (await face("payment_requests.create", given)).email == "own@example.com"


async def test_an_endpoint_of_webhooks_keeps_its_address(face: Face) -> None:
    made = await face("webhook_endpoints.create", WebhookEndpointInput(webhook_url="https://hooks.example/x"))
    changed = await face("webhook_endpoints.update", made.lago_id, WebhookEndpointUpdateInput(name="N"))
    assert (changed.webhook_url, changed.name) == ("https://hooks.example/x", "N")
