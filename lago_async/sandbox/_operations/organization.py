"""The organization."""

from lago_async.sandbox._operations.billing_entities import assigned, new_entity
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.taxes import tax_json
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.plain_objects import PlainObject

_ORGANIZATION_TEXTS = (
    "country",
    "default_currency",
    "address_line1",
    "address_line2",
    "state",
    "zipcode",
    "email",
    "city",
    "legal_name",
    "legal_number",
    "document_numbering",
    "document_number_prefix",
    "tax_identification_number",
    "timezone",
)


@handles("update_organization")
def update_organization(call: OperationCall) -> JsonObject:
    """Change the organization; this does not affect the customers of a sandbox."""
    store, given = call.store, call.envelope("organization")
    if "organization" not in store.plain_objects:
        values = {**new_entity(store, "organization", "Sandbox").values, "webhook_url": None, "slug": "sandbox"}
        store.plain_objects["organization"]["organization"] = PlainObject(created_at=store.now, values=values)
    organization = store.plain_objects["organization"]["organization"]
    changed = assigned(store, organization.values, given)
    for name in ("webhook_url", "slug"):
        if given.has(name):
            changed[name] = given.text(name)
    organization.values = changed
    texts: dict[str, Json] = {name: changed[name] for name in _ORGANIZATION_TEXTS}
    url = changed["webhook_url"]
    return {
        "lago_id": store.organization_id,
        "name": changed["name"],
        "slug": changed["slug"],
        "created_at": to_iso(organization.created_at),
        "webhook_url": url,
        "webhook_urls": [] if url is None else [url],
        **texts,
        "document_numbering": "per_customer"
        if changed["document_numbering"] != "per_organization"
        else "per_organization",
        "net_payment_term": changed["net_payment_term"],
        "email_settings": changed["email_settings"],
        "finalize_zero_amount_invoice": changed["finalize_zero_amount_invoice"],
        "events_store": "postgres",
        "billing_configuration": {
            "invoice_footer": changed["invoice_footer"],
            "invoice_grace_period": changed["invoice_grace_period"],
            "document_locale": changed["document_locale"],
        },
        "taxes": [tax_json(tax) for tax in store.organization_taxes()],
    }
