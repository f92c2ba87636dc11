"""The responses of the benchmarks' server: customers, past usage and lists of subscriptions as Lago sends them.

The same at all times.
"""

from __future__ import annotations

import json
import random
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import attrs

JsonObject: TypeAlias = dict[str, Any]


@attrs.frozen(kw_only=True)
class Shape:
    """The parts of a page of past usage.

    Attributes:
        charges: Charges per period. Every second one has filters, and some of the others are grouped.
        filters: Filters of a charge that has filters, without the default bucket.
        groups: Groups of a grouped charge.
        group_filters: Filters of each group, without the default bucket.
        grouped: Whether all charges are grouped, and none has filters of its own.
    """

    periods: int = 12
    charges: int = 14
    filters: int = 4
    groups: int = 4
    group_filters: int = 2
    grouped: bool = False


LARGE = Shape()
"""400 KB: a year of a customer of some size. What is measured with one page of usage is measured with this."""

SMALL = Shape(periods=3, charges=4, filters=5)
"""36 KB: a quarter of a year, of a smaller one."""

HUGE = Shape(periods=1, charges=5, groups=240, group_filters=20, grouped=True)
"""6 MB: a single period of 5 charges, each with 240 groups of 20 filters."""

_METRICS = (
    ("API calls", "api_calls", "count_agg"),
    ("Storage in GB", "storage_gb", "weighted_sum_agg"),
    ("Active users", "active_users", "unique_count_agg"),
    ("Compute seconds", "compute_seconds", "sum_agg"),
)
_MODELS = ("standard", "graduated", "package", "volume")
_PLACES = ("eu-west", "eu-central", "us-east", "us-west", "ap-south", "sa-east")
_REGIONS = tuple(f"{place}-{number}" for number in range(1, 5) for place in _PLACES)


def to_bytes(value: JsonObject) -> bytes:
    """Return JSON as Rails writes it: compact, in UTF-8."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def customer() -> JsonObject:
    """Return the response to ``find_customer``, about 2 KB."""
    chance = random.Random(1)
    return {
        "customer": {
            "lago_id": _uuid(chance),
            "billing_entity_code": "acme-europe",
            "external_id": "cus_5eb02857-a71e-4ea2-bcf9-57d3a41bc6ba",
            "account_type": "customer",
            "name": "Gavin Belson",
            "firstname": "Gavin",
            "lastname": "Belson",
            "customer_type": "company",
            "sequential_id": 1042,
            "slug": "ACM-5B2C-1042",
            "created_at": "2025-04-29T08:59:51Z",
            "updated_at": "2026-02-11T17:20:08Z",
            "country": "US",
            "address_line1": "5230 Penfield Ave",
            "address_line2": None,
            "state": "CA",
            "zipcode": "91364",
            "email": "billing@hooli.example,dinesh@hooli.example",
            "city": "Woodland Hills",
            "url": "https://hooli.example",
            "phone": "+1-555-0171",
            "logo_url": "https://hooli.example/logo.png",
            "legal_name": "Hooli Systems, Incorporated",
            "legal_number": "49-008-2965",
            "currency": "USD",
            "tax_identification_number": "EU123456789",
            "timezone": "America/Los_Angeles",
            "applicable_timezone": "America/Los_Angeles",
            "net_payment_term": 30,
            "external_salesforce_id": None,
            "finalize_zero_amount_invoice": "inherit",
            "billing_configuration": {
                "invoice_grace_period": 3,
                "payment_provider": "stripe",
                "payment_provider_code": "stripe-eu-1",
                "document_locale": "fr",
                "subscription_invoice_issuing_date_anchor": "next_period_start",
                "subscription_invoice_issuing_date_adjustment": "align_with_finalization_date",
                "provider_customer_id": "cus_Nffrf7gDwIRE2a",
                "provider_payment_methods": ["card", "sepa_debit"],
            },
            "shipping_address": {
                "address_line1": "21 Jump Street",
                "address_line2": None,
                "city": "Los Angeles",
                "zipcode": "90001",
                "state": "CA",
                "country": "US",
            },
            "skip_invoice_custom_sections": False,
            "metadata": [
                {
                    "lago_id": _uuid(chance),
                    "key": key,
                    "value": value,
                    "display_in_invoice": True,
                    "created_at": "2025-04-29T08:59:51Z",
                }
                for key, value in (("Purchase order", "123456789"), ("Account manager", "Monica Hall"))
            ],
            "taxes": [
                {
                    "lago_id": _uuid(chance),
                    "name": "TVA",
                    "code": "french_standard_vat",
                    "rate": 20.0,
                    "description": "French standard VAT",
                    "applied_to_organization": True,
                    "applied_to_billing_entities_codes": [],
                    "add_ons_count": 0,
                    "customers_count": 0,
                    "plans_count": 0,
                    "charges_count": 0,
                    "commitments_count": 0,
                    "created_at": "2023-07-06T14:35:58Z",
                }
            ],
            "integration_customers": [],
            "applicable_invoice_custom_sections": [],
            "error_details": [],
        }
    }


def past_usage(shape: Shape = LARGE, *, page: int = 1, pages: int = 1, odd: bool = False) -> JsonObject:
    """Return the response to ``find_all_customer_past_usage``; if ``odd``, with a null amount in every charge."""
    chance = random.Random(1 + page)
    items = [_period(chance, (page - 1) * shape.periods + number, shape) for number in range(shape.periods)]
    if odd:
        for period in items:
            for charge in period["charges_usage"]:
                charge["amount_cents"] = None
    return {"usage_periods": items, "meta": _meta(page, pages, pages * shape.periods)}


def subscriptions(*, page: int, per_page: int, count: int) -> JsonObject:
    """Return the response to ``find_all_subscriptions``, with ``count`` subscriptions, each of another customer."""
    first = (page - 1) * per_page
    # Each is the same in pages of any size, as the walk through them expects.
    items = [_subscription(random.Random(number), number) for number in range(first, min(first + per_page, count))]
    return {"subscriptions": items, "meta": _meta(page, -(-count // per_page), count)}


def _meta(page: int, pages: int, count: int) -> JsonObject:
    return {
        "current_page": page,
        "next_page": page + 1 if page < pages else None,
        "prev_page": page - 1 if page > 1 else None,
        "total_pages": pages,
        "total_count": count,
    }


def _subscription(chance: random.Random, number: int) -> JsonObject:
    return {
        "lago_id": _uuid(chance),
        "external_id": f"sub_{number:08d}",
        "lago_customer_id": _uuid(chance),
        "external_customer_id": f"cus_{number:08d}",
        "billing_time": "calendar",
        "name": None,
        "plan_code": "pay_as_you_go",
        "plan_amount_cents": 4900,
        "plan_amount_currency": "EUR",
        "status": "active",
        "created_at": "2025-04-29T08:59:51Z",
        "canceled_at": None,
        "started_at": "2025-04-29T08:59:51.000Z",
        "ending_at": None,
        "subscription_at": "2025-04-29T08:59:51Z",
        "terminated_at": None,
        "previous_plan_code": None,
        "next_plan_code": None,
        "downgrade_plan_date": None,
        "trial_ended_at": None,
        "current_billing_period_started_at": "2026-01-01T00:00:00Z",
        "current_billing_period_ending_at": "2026-01-31T23:59:59Z",
        "on_termination_credit_note": None,
        "on_termination_invoice": "generate",
        "applied_invoice_custom_sections": [],
        "payment_method": {"payment_method_id": None, "payment_method_type": "provider"},
        "consolidate_invoice": True,
        "cancellation_reason": None,
        "activated_at": "2025-04-29T08:59:51.000Z",
        "activation_rules": [],
        "purchase_order_number": None,
        "progressive_billing_disabled": False,
    }


def _period(chance: random.Random, number: int, shape: Shape) -> JsonObject:
    start = datetime(2026, 1, 1, tzinfo=UTC) - timedelta(days=30 * number)
    end = start + timedelta(days=30, seconds=-1)
    usage = [_charge(chance, item, shape) for item in range(shape.charges)]
    amount = sum(charge["amount_cents"] for charge in usage)
    return {
        "from_datetime": _iso(start),
        "to_datetime": _iso(end),
        "issuing_date": end.date().isoformat(),
        "currency": "EUR",
        "amount_cents": amount,
        "total_amount_cents": amount + amount // 5,
        "taxes_amount_cents": amount // 5,
        "lago_invoice_id": _uuid(chance),
        "charges_usage": usage,
    }


def _charge(chance: random.Random, number: int, shape: Shape) -> JsonObject:
    name, code, aggregation = _METRICS[number % len(_METRICS)]
    filtered = number % 2 == 0 and not shape.grouped
    grouped = number % 6 in (1, 3) or shape.grouped
    return {
        **_amounts(chance),
        "amount_currency": "EUR",
        "charge": {
            "lago_id": _uuid(chance),
            "code": f"{code}_{number}",
            "charge_model": _MODELS[number // 4 % len(_MODELS)],
            "invoice_display_name": f"{name}, per region" if filtered else None,
        },
        "billable_metric": {
            "lago_id": _uuid(chance),
            "name": name,
            "code": code,
            "aggregation_type": aggregation,
        },
        "filters": _filters(chance, shape.filters) if filtered else [],
        "grouped_usage": [
            {
                **_amounts(chance),
                "grouped_by": {"workspace": f"workspace-{chance.randrange(10_000)}"},
                "filters": _filters(chance, shape.group_filters),
                "presentation_breakdowns": [],
            }
            for _ in range(shape.groups)
        ]
        if grouped
        else [],
        "presentation_breakdowns": [],
    }


def _filters(chance: random.Random, count: int) -> list[JsonObject]:
    """Return one entry per value, and one for the rest, which has no value."""
    chosen: list[JsonObject | None] = [{"region": [region]} for region in chance.sample(_REGIONS, count)]
    return [
        {
            **_amounts(chance),
            "invoice_display_name": None if values is None else f"Region {values['region'][0]}",
            "values": values,
            "presentation_breakdowns": [],
        }
        for values in [*chosen, None]
    ]


def _amounts(chance: random.Random) -> JsonObject:
    units = chance.randrange(2_000_000) / 100
    return {
        "units": f"{units}",
        "total_aggregated_units": f"{units + 12.5}",
        "events_count": chance.randrange(100_000),
        "amount_cents": chance.randrange(5_000_000),
        "pricing_unit_details": None,
    }


def _uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _iso(moment: datetime) -> str:
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
