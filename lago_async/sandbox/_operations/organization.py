"""The organization."""

from base64 import urlsafe_b64encode
from uuid import uuid4

from lago_async.sandbox._operations import webhook_endpoints
from lago_async.sandbox._operations.billing_entities import assigned, default_entity, new_entity, take_effect
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.taxes import tax_json
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode
from lago_async.sandbox._state.plain_objects import PlainObject
from lago_async.sandbox._state.store import Store

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


def _organization(store: Store) -> PlainObject:
    """Return the organization; it is made when it is first asked for."""
    if "organization" not in store.plain_objects:
        values = {**new_entity(store, "organization", "Sandbox").values, "slug": store.slug}
        store.plain_objects["organization"]["organization"] = PlainObject(created_at=store.created_at, values=values)
    return store.plain_objects["organization"]["organization"]


@handles("find_organization")
def find_organization(call: OperationCall) -> JsonObject:
    """Return the organization, like the server without its taxes."""
    return _organization_json(call.store, _organization(call.store), webhook_endpoints.urls(call.store))


@handles("update_organization")
def update_organization(call: OperationCall) -> JsonObject:
    """Change the organization, and with it the default billing entity."""
    store, given = call.store, call.envelope("organization")
    organization = _organization(store)
    # The server shows the webhook URLs of before the change.
    urls = webhook_endpoints.urls(store)
    changed = assigned(store, organization.values, given)
    take_effect(store, default_entity(store), assigned(store, default_entity(store).values, given), given)
    store.document_number_prefix = str(changed["document_number_prefix"])
    if given.has("webhook_url"):
        webhook_endpoints.set_first_url(store, given)
    if given.has("slug"):
        changed["slug"] = store.slug = (given.text("slug") or "").strip().lower()
    organization.values = changed
    taxes: list[Json] = [tax_json(tax) for tax in store.entity_taxes(store.billing_entity_code)]
    return {**_organization_json(store, organization, urls), "taxes": taxes}


@handles("create_grpc_token")
def create_grpc_token(call: OperationCall) -> JsonObject:
    """Return a token in the form of a JWT. Nothing accepts it."""
    claims: list[JsonObject] = [{"alg": "none"}, {"sub": call.store.organization_id, "jti": str(uuid4())}]
    parts = [*map(encode, claims), uuid4().bytes]
    return {"grpc_token": ".".join(urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)}


def _organization_json(store: Store, organization: PlainObject, urls: list[str]) -> JsonObject:
    values = organization.values
    texts: dict[str, Json] = {name: values[name] for name in _ORGANIZATION_TEXTS}
    return {
        "lago_id": store.organization_id,
        "name": values["name"],
        "slug": values["slug"],
        "created_at": to_iso(organization.created_at),
        "webhook_url": urls[0] if urls else "",
        "webhook_urls": list[Json](urls),
        **texts,
        "document_numbering": "per_customer"
        if values["document_numbering"] != "per_organization"
        else "per_organization",
        "net_payment_term": values["net_payment_term"],
        "email_settings": values["email_settings"],
        "finalize_zero_amount_invoice": values["finalize_zero_amount_invoice"],
        "events_store": "postgres",
        "billing_configuration": {
            "invoice_footer": values["invoice_footer"],
            "invoice_grace_period": values["invoice_grace_period"],
            "document_locale": values["document_locale"],
        },
    }
