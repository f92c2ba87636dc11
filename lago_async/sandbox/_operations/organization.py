"""The organization, and the one billing entity that a sandbox begins with."""

from lago_async.sandbox._money import currencies
from lago_async.sandbox._operations.registry import Call, Listing, handles
from lago_async.sandbox._operations.taxes import find_taxes, tax_json
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode
from lago_async.sandbox._protocol.wire import iso as iso_text
from lago_async.sandbox._state.records import Thing
from lago_async.sandbox._state.store import Store

_ENTITIES = "billing_entities"
_TEXTS = (
    "name",
    "default_currency",
    "document_numbering",
    "document_number_prefix",
    "address_line1",
    "address_line2",
    "city",
    "state",
    "country",
    "zipcode",
    "email",
    "phone",
    "legal_name",
    "legal_number",
    "tax_identification_number",
    "timezone",
    "logo_url",
    "subscription_invoice_issuing_date_anchor",
    "subscription_invoice_issuing_date_adjustment",
)
_FLAGS = ("finalize_zero_amount_invoice", "eu_tax_management", "einvoicing")


def _default(store: Store, code: str, name: str) -> Thing:
    now = iso_text(store.now)
    values: JsonObject = {
        **dict.fromkeys(_TEXTS),
        **dict.fromkeys(_FLAGS, False),
        "code": code,
        "name": name,
        "default_currency": "USD",
        "document_numbering": "per_customer",
        "document_number_prefix": store.document_number_prefix,
        "document_locale": "en",
        "finalize_zero_amount_invoice": True,
        "invoice_footer": None,
        "invoice_grace_period": 0,
        "subscription_invoice_issuing_date_anchor": "next_period_start",
        "subscription_invoice_issuing_date_adjustment": "align_with_finalization_date",
        "is_default": code == store.billing_entity_code,
        "net_payment_term": 0,
        "timezone": "UTC",
        "email_settings": [],
        "taxes": [],
        "created_at": now,
        "updated_at": now,
    }
    return Thing(created_at=store.now, values=values)


def _entities(store: Store) -> dict[str, Thing]:
    entities = store.things[_ENTITIES]
    if not entities:
        entities[store.billing_entity_code] = _default(store, store.billing_entity_code, "Sandbox")
    return entities


def _listed_json(entity: Thing) -> JsonObject:
    shown: JsonObject = {"lago_id": entity.lago_id, **entity.values}
    del shown["taxes"]
    return shown


def _entity_json(entity: Thing) -> JsonObject:
    return {**_listed_json(entity), "taxes": entity.values["taxes"], "selected_invoice_custom_sections": []}


def _assign(store: Store, values: JsonObject, given: Fields) -> JsonObject:
    """The values with what was sent; grace periods and time zones need a licence."""
    changed = dict(values)
    for name in _TEXTS:
        if given.has(name) and (name != "timezone" or store.premium):
            changed[name] = given.text(name)
    for name in _FLAGS:
        if given.has(name):
            changed[name] = bool(given.boolean(name))
    if given.has("net_payment_term"):
        changed["net_payment_term"] = given.integer("net_payment_term") or 0
    if given.strings("email_settings") is not None:
        changed["email_settings"] = given.raw("email_settings")
    codes = given.strings("tax_codes")
    if codes is not None:
        changed["taxes"] = [tax_json(tax) for tax in find_taxes(store, codes)]
    settings = given.fields("billing_configuration")
    for name in ("invoice_footer", "document_locale"):
        if settings.has(name):
            changed[name] = settings.text(name)
    if settings.has("invoice_grace_period") and store.premium:
        changed["invoice_grace_period"] = settings.integer("invoice_grace_period") or 0
    _check(changed)
    changed["updated_at"] = iso_text(store.now)
    return changed


def _check(values: JsonObject) -> None:
    found = refusals.Errors()
    if values["default_currency"] not in currencies.CURRENCIES:
        found.add("default_currency", "value_is_invalid")
    if values["country"] is not None and values["country"] not in currencies.COUNTRIES:
        found.add("country", "not_a_valid_country_code")
    if values["document_locale"] not in currencies.LOCALES:
        found.add("document_locale", "not_a_valid_language_code")
    found.refuse()


def _find(call: Call) -> Thing:
    entity = _entities(call.store).get(call.identifier)
    if entity is None:
        raise refusals.not_found("billing_entity")
    return entity


@handles("list_billing_entities")
def list_billing_entities(call: Call) -> Listing:
    """All billing entities."""
    return Listing([encode(_listed_json(entity)) for entity in _entities(call.store).values()])


@handles("get_billing_entity")
def get_billing_entity(call: Call) -> JsonObject:
    """One billing entity."""
    return _entity_json(_find(call))


@handles("create_billing_entity")
def create_billing_entity(call: Call) -> JsonObject:
    """Create a billing entity, which takes a licence. Customers stay with the default one."""
    store, given = call.store, call.envelope("billing_entity")
    if not store.premium:
        raise refusals.forbidden("feature_unavailable")
    code, name = given.filled("code"), given.filled("name")
    found = refusals.Errors()
    for field, value in (("code", code), ("name", name)):
        if value is None:
            found.add(field, "value_is_mandatory")
    if code in _entities(store):
        found.add("code", "value_already_exist")
    found.refuse()
    entity = _default(store, code or "", name or "")
    entity.values = _assign(store, entity.values, given)
    _entities(store)[code or ""] = entity
    return _listed_json(entity)


@handles("update_billing_entity")
def update_billing_entity(call: Call) -> JsonObject:
    """Change a billing entity."""
    entity = _find(call)
    entity.values = _assign(call.store, entity.values, call.envelope("billing_entity"))
    return _entity_json(entity)


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
def update_organization(call: Call) -> JsonObject:
    """Change the organization; nothing of it reaches the customers of a sandbox."""
    store, given = call.store, call.envelope("organization")
    if "organization" not in store.things:
        values = {**_default(store, "organization", "Sandbox").values, "webhook_url": None, "slug": "sandbox"}
        store.things["organization"]["organization"] = Thing(created_at=store.now, values=values)
    organization = store.things["organization"]["organization"]
    changed = _assign(store, organization.values, given)
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
        "created_at": iso_text(organization.created_at),
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
