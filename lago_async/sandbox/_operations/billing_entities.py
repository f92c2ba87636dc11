"""Billing entities. A sandbox begins with one."""

from lago_async.sandbox._money import drafts, invoicing
from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._operations.countries import COUNTRIES, LOCALES
from lago_async.sandbox._operations.customer_fields import known_timezone, valid_emails, without_invisible
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.simulation import refuse_unsimulated
from lago_async.sandbox._operations.taxes import find_taxes, tax_json
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PlainList
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.plain_objects import PlainObject
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
)

_ISSUING = ("subscription_invoice_issuing_date_anchor", "subscription_invoice_issuing_date_adjustment")
_UPPER = {"country", "default_currency", "document_number_prefix"}
_NUMBERINGS = ("per_customer", "per_organization", "per_billing_entity")
_EMAIL_SETTINGS = ("invoice.finalized", "credit_note.created", "payment_receipt.created")
_PREFIX_LENGTH = 10
_FOOTER_LENGTH = 600
_FLAGS = ("finalize_zero_amount_invoice", "eu_tax_management", "einvoicing")


def new_entity(store: Store, code: str, name: str) -> PlainObject:
    """Return a billing entity with default values."""
    now = to_iso(store.now)
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
        "created_at": now,
        "updated_at": now,
    }
    return PlainObject(created_at=store.now, values=values)


def _entities(store: Store) -> dict[str, PlainObject]:
    entities = store.plain_objects[_ENTITIES]
    if not entities:
        entities[store.billing_entity_code] = new_entity(store, store.billing_entity_code, "Sandbox")
    return entities


def entity_codes(store: Store) -> list[str]:
    """Return the codes of all billing entities."""
    return list(_entities(store))


def check_entity(store: Store, given: Fields) -> None:
    """Refuse the code of a billing entity that does not exist with a 404."""
    code = given.filled("billing_entity_code")
    if code is not None and code not in _entities(store):
        raise refusals.not_found("billing_entity")


def default_entity(store: Store) -> PlainObject:
    """Return the billing entity with which the sandbox begins."""
    return _entities(store)[store.billing_entity_code]


def entity_of(store: Store, customer: Customer) -> JsonObject:
    """Return the values of the billing entity of a customer."""
    return _entities(store)[customer.billing_entity_code].values


def _listed_json(entity: PlainObject) -> JsonObject:
    return {"lago_id": entity.lago_id, **entity.values}


def _entity_json(store: Store, entity: PlainObject) -> JsonObject:
    taxes: list[Json] = [tax_json(tax) for tax in store.entity_taxes(str(entity.values["code"]))]
    return {**_listed_json(entity), "taxes": taxes, "selected_invoice_custom_sections": []}


def assigned(store: Store, values: JsonObject, given: Fields) -> JsonObject:
    """Return the values with those that were sent; grace periods and time zones need a licence."""
    refuse_unsimulated(store, "billing_entity", given)
    changed = dict(values)
    for name in _TEXTS:
        if given.has(name) and (name != "timezone" or store.premium):
            changed[name] = _upper(given.text(name)) if name in _UPPER else given.text(name)
    email = changed["email"]
    if isinstance(email, str):
        changed["email"] = without_invisible(email)
    for name in _FLAGS:
        if given.has(name):
            changed[name] = bool(given.boolean(name))
    if given.has("net_payment_term"):
        changed["net_payment_term"] = given.integer("net_payment_term")
    if given.strings("email_settings") is not None and store.premium:
        changed["email_settings"] = given.raw("email_settings")
    settings = given.fields("billing_configuration")
    for name in ("invoice_footer", "document_locale", *_ISSUING):
        if settings.has(name):
            changed[name] = settings.text(name)
    if settings.has("invoice_grace_period") and store.premium:
        changed["invoice_grace_period"] = settings.integer("invoice_grace_period") or 0
    _check(changed)
    changed["updated_at"] = to_iso(store.now)
    return changed


def take_effect(store: Store, entity: PlainObject, values: JsonObject, given: Fields) -> None:
    """Change a billing entity, and so what its customers have from it."""
    codes, code = given.strings("tax_codes"), str(values["code"])
    taxes = [] if codes is None else find_taxes(store, codes)
    with invoicing.drafts_follow(store):
        entity.values = values
    zone = values["timezone"]
    store.billing_defaults(code).timezone = zone if isinstance(zone, str) else "UTC"
    if codes is not None:
        for tax in store.taxes:
            others = tuple(one for one in tax.entity_codes if one != code)
            tax.entity_codes = (*others, code) if tax in taxes else others
        drafts.flag(store, drafts.of_entity(store, code))


def _upper(text: str | None) -> str | None:
    return None if text is None else text.upper()


def _check(values: JsonObject) -> None:
    found = refusals.FieldErrors()
    if values["document_numbering"] not in _NUMBERINGS:
        found.add("document_numbering", "value_is_invalid")
    email, term, prefix = values["email"], values["net_payment_term"], values["document_number_prefix"]
    if isinstance(email, str) and email and not valid_emails(email):
        found.add("email", "invalid_email_format")
    if not isinstance(term, int) or term < 0:
        found.add("net_payment_term", "value_is_out_of_range")
    if not isinstance(prefix, str) or not prefix:
        found.add("document_number_prefix", "value_is_too_short")
    elif len(prefix) > _PREFIX_LENGTH:
        found.add("document_number_prefix", "value_is_too_long")
    settings, zone = values["email_settings"], values["timezone"]
    if not isinstance(settings, list) or not {str(one) for one in settings} <= {*_EMAIL_SETTINGS}:
        found.add("email_settings", "unsupported_value")
    if isinstance(zone, str) and not known_timezone(zone):
        found.add("timezone", "invalid_timezone")
    if len(str(values["invoice_footer"] or "")) > _FOOTER_LENGTH:
        found.add("invoice_footer", "value_is_too_long")
    if values["default_currency"] not in CURRENCIES:
        found.add("default_currency", "value_is_invalid")
    if values["country"] is not None and values["country"] not in COUNTRIES:
        found.add("country", "not_a_valid_country_code")
    if values["document_locale"] not in LOCALES:
        found.add("document_locale", "not_a_valid_language_code")
    found.refuse()


def _find(call: OperationCall) -> PlainObject:
    entity = _entities(call.store).get(call.identifier)
    if entity is None:
        raise refusals.not_found("billing_entity")
    return entity


@handles("list_billing_entities")
def list_billing_entities(call: OperationCall) -> PlainList:
    """List all billing entities."""
    return PlainList([encode(_listed_json(entity)) for entity in _entities(call.store).values()])


@handles("get_billing_entity")
def get_billing_entity(call: OperationCall) -> JsonObject:
    """Return one billing entity."""
    return _entity_json(call.store, _find(call))


@handles("create_billing_entity")
def create_billing_entity(call: OperationCall) -> JsonObject:
    """Create a billing entity; this needs a licence. Customers stay where they are."""
    store, given = call.store, call.envelope("billing_entity")
    if not store.premium:
        raise refusals.forbidden("feature_unavailable")
    code, name = given.filled("code"), given.filled("name")
    found = refusals.FieldErrors()
    for field, value in (("code", code), ("name", name)):
        if value is None:
            found.add(field, "value_is_mandatory")
    if code in _entities(store):
        found.add("code", "value_already_exist")
    found.refuse()
    entity = new_entity(store, code or "", name or "")
    prefix = entity.values["document_number_prefix"]
    if given.raw("document_number_prefix") is None:
        given = Fields({**dict(given.items()), "document_number_prefix": prefix})
    take_effect(store, entity, assigned(store, entity.values, given), given)
    _entities(store)[code or ""] = entity
    return _listed_json(entity)


@handles("update_billing_entity")
def update_billing_entity(call: OperationCall) -> JsonObject:
    """Change a billing entity."""
    store, entity, given = call.store, _find(call), call.envelope("billing_entity")
    values = assigned(store, entity.values, given)
    take_effect(store, entity, values, given)
    return _entity_json(store, entity)
