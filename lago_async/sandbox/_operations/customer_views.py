"""Customers as responses show them."""

from lago_async.sandbox._operations.taxes import tax_json
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.customers import Customer, CustomerMetadata


def _metadata_json(item: CustomerMetadata) -> JsonObject:
    return {
        "lago_id": item.lago_id,
        "key": item.key,
        "value": item.value,
        "display_in_invoice": item.display_in_invoice,
        "created_at": to_iso(item.created_at),
    }


def listed_json(customer: Customer) -> JsonObject:
    """Return a customer as lists show it."""
    columns = customer.columns
    return {
        "lago_id": customer.lago_id,
        "billing_entity_code": customer.billing_entity_code,
        "external_id": customer.external_id,
        "account_type": "customer",
        "name": columns["name"],
        "firstname": columns["firstname"],
        "lastname": columns["lastname"],
        "customer_type": columns["customer_type"],
        "sequential_id": customer.sequential_id,
        "slug": customer.slug,
        "created_at": to_iso(customer.created_at),
        "updated_at": to_iso(customer.updated_at),
        "country": columns["country"],
        "address_line1": columns["address_line1"],
        "address_line2": columns["address_line2"],
        "state": columns["state"],
        "zipcode": columns["zipcode"],
        "email": columns["email"],
        "city": columns["city"],
        "url": columns["url"],
        "phone": columns["phone"],
        "logo_url": columns["logo_url"],
        "legal_name": columns["legal_name"],
        "legal_number": columns["legal_number"],
        "currency": columns["currency"],
        "tax_identification_number": columns["tax_identification_number"],
        "timezone": columns["timezone"],
        "applicable_timezone": customer.applicable_timezone,
        "net_payment_term": columns["net_payment_term"],
        "external_salesforce_id": columns["external_salesforce_id"],
        "finalize_zero_amount_invoice": columns["finalize_zero_amount_invoice"],
        "billing_configuration": {**customer.billing, **(customer.provider or {})},
        "shipping_address": {**customer.shipping},
        "skip_invoice_custom_sections": columns["skip_invoice_custom_sections"],
        "metadata": [_metadata_json(item) for item in customer.metadata],
        "taxes": [tax_json(tax) for tax in customer.taxes],
        "integration_customers": [],
    }


def customer_json(customer: Customer) -> JsonObject:
    """Return a customer as all responses except lists show it."""
    return {**listed_json(customer), "applicable_invoice_custom_sections": [], "error_details": []}


def plain_json(customer: Customer) -> JsonObject:
    """Return a customer as a payment request contains it."""
    shown = embedded_json(customer)
    del shown["integration_customers"]
    return shown


def embedded_json(customer: Customer) -> JsonObject:
    """Return a customer as an invoice or a credit note contains it."""
    shown = listed_json(customer)
    del shown["taxes"]
    return shown
