"""Bodies as dictionaries: type checkers see a typo or a wrong type in them. `make check` reads this; it never runs."""

from datetime import UTC, datetime
from decimal import Decimal

import lago_async
import lago_sync
from lago_async import AddressInput, ChargeInput, CustomerInputDict


async def async_face(client: lago_async.LagoClient, text: str) -> None:
    await client.customers.create({"external_id": "cus_1", "name": None, "shipping_address": {"city": "Paris"}})
    await client.customers.create({"external_id": text, "shipping_address": AddressInput(city="Paris")})
    await client.customers.create({"external_id": "cus_1", "nmae": "x"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.customers.create({"name": "x"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.customers.create({"external_id": 1})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.customers.create(
        {"external_id": "cus_1", "shipping_address": {"ctiy": "x"}}  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    )
    await client.customers.create({"external_id": "cus_1", "tax_codes": ["vat"]})
    await client.customers.create({"external_id": "cus_1", "tax_codes": ("vat",)})
    await client.customers.create({"external_id": "cus_1", "tax_codes": "vat"})  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.events.create_batch(
        [
            {
                "transaction_id": "t",
                "external_subscription_id": "s",
                "code": "c",
                "timestamp": datetime.now(UTC),
                "precise_total_amount_cents": "0.1",
                "properties": {"gb": 10, "nested": {"at": datetime.now(UTC)}},
            },
            {"transaction_id": "t", "external_subscription_id": "s", "code": "c", "properties": {text: text}},
        ]
    )


def sync_face(client: lago_sync.LagoClient, properties: dict[str, str]) -> None:
    body: CustomerInputDict = {"external_id": "cus_1"}
    body["currency"] = "EUR"
    body["crurency"] = "EUR"  # type: ignore[typeddict-unknown-key]  # pyright: ignore[reportGeneralTypeIssues]
    client.customers.create(body)
    client.wallets.create({"rate_amount": Decimal(1), "external_customer_id": "cus_1", "granted_credits": 10})
    client.plans.create(
        {
            "name": "Pro",
            "code": "pro",
            "interval": "monthly",
            "amount_cents": 100,
            "amount_currency": "EUR",
            "charges": [
                {"billable_metric_id": "m", "charge_model": "standard", "properties": {"amount": "1"}},
                ChargeInput(billable_metric_id="m", charge_model="standard"),
            ],
        }
    )
    client.events.create({
        "transaction_id": "t", "external_subscription_id": "s", "code": "c", "properties": properties,
    })  # fmt: skip
