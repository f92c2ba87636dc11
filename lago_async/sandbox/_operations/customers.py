"""Customers: upsert, lists, deletion."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from uuid import uuid4
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lago_async.sandbox._money import billing, currencies
from lago_async.sandbox._operations.coupons import terminate_applied_coupon
from lago_async.sandbox._operations.registry import Call, Page, handles
from lago_async.sandbox._operations.taxes import find_taxes, tax_json
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, encode
from lago_async.sandbox._protocol.wire import iso as iso_text
from lago_async.sandbox._state.invoice_records import PaymentMethod
from lago_async.sandbox._state.records import Customer, Metadata
from lago_async.sandbox._state.store import Store

_ADDRESS = ("address_line1", "address_line2", "city", "zipcode", "state", "country")
_TEXTS = (
    "name",
    "firstname",
    "lastname",
    "customer_type",
    "country",
    "address_line1",
    "address_line2",
    "state",
    "zipcode",
    "email",
    "city",
    "url",
    "phone",
    "logo_url",
    "legal_name",
    "legal_number",
    "currency",
    "tax_identification_number",
    "timezone",
    "external_salesforce_id",
)
_ANCHORS = ("current_period_end", "next_period_start")
_ADJUSTMENTS = ("keep_anchor", "align_with_finalization_date")
_BILLING = (
    "invoice_grace_period",
    "payment_provider",
    "payment_provider_code",
    "document_locale",
    "subscription_invoice_issuing_date_anchor",
    "subscription_invoice_issuing_date_adjustment",
)
_WITH_PROVIDER_CUSTOMER = {"stripe", "gocardless", "cashfree", "adyen", "moneyhash"}
_EMAIL = re.compile(r"[^@\s,]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"))


def _metadata_json(item: Metadata) -> JsonObject:
    return {
        "lago_id": item.lago_id,
        "key": item.key,
        "value": item.value,
        "display_in_invoice": item.display_in_invoice,
        "created_at": iso_text(item.created_at),
    }


def _listed_json(customer: Customer) -> JsonObject:
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
        "created_at": iso_text(customer.created_at),
        "updated_at": iso_text(customer.updated_at),
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
    """A customer as all answers but lists carry it."""
    return {**_listed_json(customer), "applicable_invoice_custom_sections": [], "error_details": []}


def embedded_json(customer: Customer) -> JsonObject:
    """A customer inside an invoice, a credit note or a payment request."""
    shown = _listed_json(customer)
    del shown["taxes"]
    return shown


def find(store: Store, external_id: str | None) -> Customer:
    """The customer with this external id, or a 404."""
    customer = store.customers.find(external_id)
    if customer is None:
        raise refusals.not_found("customer")
    return customer


def new_customer(store: Store, external_id: str) -> Customer:
    """A customer with the next sequential id, not yet in the store; deleted ones keep their numbers."""
    sequential_id = store.customers.ever_added + 1
    columns: JsonObject = dict.fromkeys(_TEXTS)
    columns |= {
        "net_payment_term": None,
        "finalize_zero_amount_invoice": "inherit",
        "skip_invoice_custom_sections": False,
    }
    return Customer(
        created_at=store.now,
        updated_at=store.now,
        external_id=external_id,
        sequential_id=sequential_id,
        slug=f"{store.document_number_prefix}-{sequential_id:03d}",
        billing_entity_code=store.billing_entity_code,
        columns=columns,
        shipping=dict.fromkeys(_ADDRESS),
        billing=dict.fromkeys(_BILLING),
    )


def _check_before_saving(given: Fields) -> None:
    """The checks that come before all others; the first that fails is answered alone."""
    if len(given.list_of_fields("metadata") or []) > 5:
        raise refusals.invalid_field("metadata", "invalid_count")
    finalize = given.raw("finalize_zero_amount_invoice")
    if isinstance(finalize, bool):
        raise refusals.crashed()
    if finalize is not None and finalize not in {"inherit", "skip", "finalize"}:
        raise refusals.invalid_field("finalize_zero_amount_invoice", "invalid_value")
    types = [each.text("integration_type") for each in given.list_of_fields("integration_customers") or []]
    if len(types) != len(set(types)):
        raise refusals.invalid_field("integration_customers", "invalid_count_per_integration_type")
    codes = given.strings("invoice_custom_section_codes")
    if codes is not None and given.boolean("skip_invoice_custom_sections"):
        raise refusals.invalid_field("invoice_custom_sections", "skip_sections_and_selected_ids_sent_together")


def _without_invisible(text: str) -> str:
    return "".join(char for char in text if unicodedata.category(char) not in {"Cf", "Cc"}).translate(_DASHES).strip()


def _assign_address(target: dict[str, Json], given: Fields) -> None:
    """Blank parts become null; countries are kept in capitals."""
    for name in _ADDRESS:
        if given.has(name):
            value = given.filled(name)
            target[name] = value.upper() if value is not None and name == "country" else value


def _assigned_columns(store: Store, customer: Customer, given: Fields) -> dict[str, Json]:
    """The columns as they would be; what is absent stays, and what needs premium is silently left alone."""
    columns = dict(customer.columns)
    for name in _TEXTS:
        if given.has(name) and name not in _ADDRESS and (name != "timezone" or store.premium):
            columns[name] = given.text(name)
    for name in ("customer_type", "currency", "timezone"):
        columns[name] = columns[name] or None
    email = columns["email"]
    if isinstance(email, str):
        columns["email"] = _without_invisible(email)
    _assign_address(columns, given)
    if given.has("net_payment_term"):
        columns["net_payment_term"] = given.integer("net_payment_term")
    if given.has("finalize_zero_amount_invoice"):
        columns["finalize_zero_amount_invoice"] = given.text("finalize_zero_amount_invoice") or "inherit"
    if given.has("skip_invoice_custom_sections"):
        columns["skip_invoice_custom_sections"] = bool(given.boolean("skip_invoice_custom_sections"))
    elif given.strings("invoice_custom_section_codes") is not None:
        columns["skip_invoice_custom_sections"] = False
    return columns


def _known_timezone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _check_columns(given: Fields, columns: Mapping[str, Json], shipping: Mapping[str, Json], grace: int | None) -> None:
    found = refusals.Errors()

    def check(field: str, value: Json, code: str, accepts: Callable[[str], bool]) -> None:
        if isinstance(value, str) and value and not accepts(value):
            found.add(field, code)

    if given.filled("external_id") is None:
        found.add("external_id", "value_is_mandatory")
    check("currency", columns["currency"], "value_is_invalid", currencies.CURRENCIES.__contains__)
    check("country", columns["country"], "not_a_valid_country_code", currencies.COUNTRIES.__contains__)
    check("shipping_country", shipping["country"], "not_a_valid_country_code", currencies.COUNTRIES.__contains__)
    check("timezone", columns["timezone"], "invalid_timezone", _known_timezone)
    check("customer_type", columns["customer_type"], "value_is_invalid", {"company", "individual"}.__contains__)
    check("account_type", given.text("account_type"), "value_is_invalid", {"customer", "partner"}.__contains__)
    check("name", columns["name"], "value_is_too_long", lambda name: len(name) <= 255)
    check(
        "email",
        columns["email"],
        "invalid_email_format",
        lambda text: all(_EMAIL.fullmatch(address.strip()) for address in text.split(",")),
    )
    term = columns["net_payment_term"]
    if isinstance(term, int) and term < 0:
        found.add("net_payment_term", "value_is_out_of_range")
    if grace is not None and grace < 0:
        found.add("invoice_grace_period", "value_is_out_of_range")
    found.refuse()


def _assigned_metadata(store: Store, customer: Customer, given: Fields) -> list[Metadata]:
    """Full replacement by id: items with a known id change, items without are new, all others go."""
    items = given.list_of_fields("metadata")
    if items is None:
        return customer.metadata
    known = {item.lago_id: item for item in customer.metadata}
    assigned: list[Metadata] = []
    # The server creates before it destroys, so a key is taken even by an item that is about to go.
    taken = {item.key: item.lago_id for item in customer.metadata}
    for item in items:
        old = known.get(item.text("id") or "")
        # An item that is changed keeps what is not sent.
        key = old.key if old is not None and not item.has("key") else item.text("key") or ""
        value = old.value if old is not None and not item.has("value") else item.text("value") or ""
        display = (
            old.display_in_invoice
            if old is not None and not item.has("display_in_invoice")
            else item.boolean("display_in_invoice")
        )
        found = refusals.Errors()
        for field, text, longest in (("key", key, 20), ("value", value, 100)):
            if not text.strip():
                found.add(field, "value_is_mandatory")
            elif len(text) > longest:
                found.add(field, "value_is_too_long")
        changed = Metadata(created_at=store.now, key=key, value=value, display_in_invoice=bool(display))
        if old is not None:
            changed.lago_id, changed.created_at, changed.order = old.lago_id, old.created_at, old.order
        if taken.get(key, changed.lago_id) != changed.lago_id:
            found.add("key", "value_already_exist")
        found.refuse()
        taken[key] = changed.lago_id
        assigned.append(changed)
    return assigned


@handles("create_customer")
def create_customer(call: Call) -> JsonObject:
    """Create, or update the customer who has this external id."""
    store, given = call.store, call.envelope()
    entity = given.filled("billing_entity_code")
    if entity not in {None, store.billing_entity_code}:
        raise refusals.not_found("billing_entity")
    _check_before_saving(given)
    external_id = (given.text("external_id") or "").strip()
    existing = store.customers.find(external_id)
    customer = existing or new_customer(store, external_id)
    settings = given.fields("billing_configuration")
    columns = _assigned_columns(store, customer, given)
    shipping = dict(customer.shipping)
    _assign_address(shipping, given.fields("shipping_address"))
    grace = settings.integer("invoice_grace_period") if store.premium else None
    _check_columns(given, columns, shipping, grace)
    codes = given.strings("tax_codes")
    taxes = customer.taxes if codes is None else find_taxes(store, codes)
    metadata = _assigned_metadata(store, customer, given)

    customer.columns, customer.shipping, customer.taxes, customer.metadata = columns, shipping, taxes, metadata
    customer.updated_at = store.now
    if store.premium and settings.has("invoice_grace_period"):
        customer.billing["invoice_grace_period"] = grace
    if existing is None:
        store.customers.add(customer)
    # Here the server has committed: what is refused from now on leaves the customer saved.
    _configure_billing(store, customer, settings)
    return customer_json(customer)


def _configure_billing(store: Store, customer: Customer, settings: Fields) -> None:
    found = refusals.Errors()
    for name, accepted, code in (
        ("document_locale", currencies.LOCALES, "not_a_valid_language_code"),
        ("subscription_invoice_issuing_date_anchor", _ANCHORS, "value_is_invalid"),
        ("subscription_invoice_issuing_date_adjustment", _ADJUSTMENTS, "value_is_invalid"),
    ):
        if not settings.has(name):
            continue
        value = settings.filled(name)
        if value is None or value in accepted:
            customer.billing[name] = value
        else:
            found.add(name, code)
    found.refuse()
    _connect_provider(store, customer, settings)


def _connect_provider(store: Store, customer: Customer, settings: Fields) -> None:
    if not settings.has("payment_provider") and customer.provider is None:
        return
    wanted = settings.filled("payment_provider") if settings.has("payment_provider") else None
    if customer.provider is not None and settings.has("payment_provider"):
        if wanted not in set(store.payment_providers.values()):
            customer.provider = None
            customer.billing["payment_provider"] = customer.billing["payment_provider_code"] = None
            return
    elif customer.provider is not None:
        wanted = str(customer.billing["payment_provider"])
    sync = settings.boolean("sync_with_provider")
    provider_customer_id = settings.filled("provider_customer_id")
    if customer.provider is None and (wanted is None or not (sync or provider_customer_id)):
        return  # ignored without a word: the provider stays null
    codes = [code for code, kind in store.payment_providers.items() if kind == wanted]
    code = settings.filled("payment_provider_code") or customer.billing["payment_provider_code"]
    if code is None and len(codes) > 1:
        raise refusals.invalid_field("base", "payment_provider_code_missing")
    if not codes or (code is not None and code not in codes):
        raise refusals.invalid_field("base", "payment_provider_not_found")
    customer.billing["payment_provider"] = wanted
    customer.billing["payment_provider_code"] = code or codes[0]
    if customer.provider is None and wanted in _WITH_PROVIDER_CUSTOMER:
        # The provider would tell later how the customer pays.
        method = PaymentMethod(
            created_at=store.now,
            customer=customer,
            is_default=not any(each.customer is customer for each in store.payment_methods),
            provider_code=code or codes[0],
            provider_kind=str(wanted),
            provider_method_id=f"pm_{uuid4().hex[:14]}",
        )
        store.payment_methods.add(method)
    customer.provider = _provider_customer(customer, str(wanted), settings)


def _provider_customer(customer: Customer, kind: str, settings: Fields) -> dict[str, Json]:
    """What is known of the customer at the provider. The server asks the provider later, the sandbox makes it up."""
    before = customer.provider or {}
    if kind not in _WITH_PROVIDER_CUSTOMER:
        return {}
    generated = f"cus_{uuid4().hex[:14]}"
    linked: dict[str, Json] = {
        "provider_customer_id": settings.filled("provider_customer_id")
        or before.get("provider_customer_id")
        or generated,
    }
    sync = settings.boolean("sync_with_provider")
    if sync is not None or "sync_with_provider" in before:
        linked["sync_with_provider"] = sync if sync is not None else before["sync_with_provider"]
    if kind == "stripe":
        methods = settings.strings("provider_payment_methods")
        linked["provider_payment_methods"] = (
            list[Json](methods) if methods else before.get("provider_payment_methods", ["card"])
        )
    return linked


@handles("find_customer")
def find_customer(call: Call) -> JsonObject:
    """One customer."""
    return customer_json(find(call.store, call.identifier))


_FLAGS = {"true": True, "false": False}


def _list_conditions(call: Call) -> list[Callable[[Customer], bool]]:
    """What the query asks of each customer; refuses the values that the server refuses."""
    params, conditions = call.params, list[Callable[[Customer], bool]]()

    def column_in(column: str, accepted: list[str]) -> None:
        conditions.append(lambda customer: customer.columns[column] in accepted)

    kind = params.filled("customer_type")
    has_kind = _flag(params, "has_customer_type")
    if kind is not None:
        if has_kind is False:
            raise refusals.invalid_field("customer_type", "must be nil when has_customer_type is false")
        column_in("customer_type", [kind])
    if has_kind is not None:
        conditions.append(lambda customer: (customer.columns["customer_type"] is not None) is has_kind)
    has_number = _flag(params, "has_tax_identification_number")
    if has_number is not None:
        conditions.append(lambda customer: bool(customer.columns["tax_identification_number"]) is has_number)
    countries = params.strings("countries")
    if countries:
        unknown = [position for position, code in enumerate(countries) if code not in currencies.COUNTRIES]
        if unknown:
            sentence = f"must be one of: {', '.join(currencies.COUNTRIES)}"
            raise refusals.invalid({"countries": {str(position): [sentence] for position in unknown}})
    for name, column in (
        ("countries", "country"),
        ("currencies", "currency"),
        ("states", "state"),
        ("zipcodes", "zipcode"),
    ):
        accepted = params.strings(name)
        if accepted:
            column_in(column, accepted)
    account_types = params.strings("account_type")
    if account_types:
        conditions.append(lambda _: "customer" in account_types)
    entities = params.strings("billing_entity_codes")
    if entities and any(code != call.store.billing_entity_code for code in entities):
        raise refusals.not_found("billing_entity")
    conditions += _metadata_conditions(params.mapping("metadata") or {})
    external_id, term = params.filled("external_id"), params.filled("search_term")
    if external_id is not None:
        conditions.append(lambda customer: customer.external_id == external_id)
    elif term is not None:
        conditions.append(lambda customer: _mentions(customer, term.lower()))
    return conditions


def _flag(params: Fields, name: str) -> bool | None:
    text = params.filled(name)
    if text is None:
        return None
    if text not in _FLAGS:
        raise refusals.invalid_field(name, "must be one of: true, false")
    return _FLAGS[text]


def _mentions(customer: Customer, term: str) -> bool:
    searched = (customer.columns[name] for name in ("name", "firstname", "lastname", "legal_name", "email"))
    return any(term in str(text).lower() for text in (customer.external_id, *searched) if text is not None)


def _metadata_conditions(wanted: Mapping[str, Json]) -> list[Callable[[Customer], bool]]:
    """Each key must have its value; an empty value means that the key must not be there."""
    nested = {key: ["must be a string"] for key, value in wanted.items() if not isinstance(value, str)}
    if nested:
        raise refusals.invalid({"metadata": {key: list[Json](codes) for key, codes in nested.items()}})

    def condition(key: str, value: Json) -> Callable[[Customer], bool]:
        return lambda customer: {item.key: item.value for item in customer.metadata}.get(key) == (value or None)

    return [condition(key, value) for key, value in wanted.items()]


@handles("find_all_customers")
def find_all_customers(call: Call) -> Page:
    """The customers that match, newest first."""
    conditions = _list_conditions(call)
    found = [each for each in call.store.customers.newest_first() if all(matches(each) for matches in conditions)]
    return Window.of(call.params).page(found, lambda customer: encode(_listed_json(customer)))


@handles("destroy_customer")
def destroy_customer(call: Call) -> JsonObject:
    """Delete softly, and end what hangs off the customer: at once here, a moment later on the server."""
    store = call.store
    customer = find(store, call.identifier)
    store.customers.discard(customer, store.now)
    for subscription in store.all_subscriptions():
        if subscription.customer is not customer:
            continue
        if subscription.status == "active":
            billing.terminate(store, subscription)
        elif subscription.status == "pending":
            billing.cancel(store, subscription)
    for applied_coupon in store.applied_coupons.values():
        if applied_coupon.customer is customer:
            terminate_applied_coupon(store, applied_coupon)
    for wallet in store.wallets:
        if wallet.customer is customer:
            wallet.terminated_at = wallet.terminated_at or store.now
    return customer_json(customer)
