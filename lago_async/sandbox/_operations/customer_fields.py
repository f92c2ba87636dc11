"""Writing a customer: checks the fields that were sent, and assigns them."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._operations.countries import COUNTRIES
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.customers import Customer, CustomerMetadata
from lago_async.sandbox._state.store import Store

ADDRESS = ("address_line1", "address_line2", "city", "zipcode", "state", "country")

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

_BILLING = (
    "invoice_grace_period",
    "payment_provider",
    "payment_provider_code",
    "document_locale",
    "subscription_invoice_issuing_date_anchor",
    "subscription_invoice_issuing_date_adjustment",
)

_EMAIL = re.compile(r"[^@\s,]+@[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+")
_DASHES = str.maketrans(dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d", "-"))


def new_customer(store: Store, external_id: str) -> Customer:
    """Return a customer with the next sequential id, not yet in the store; deleted customers keep their numbers."""
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
        shipping=dict.fromkeys(ADDRESS),
        billing=dict.fromkeys(_BILLING),
        defaults=store.billing_defaults(store.billing_entity_code),
    )


def check_before_saving(given: Fields) -> None:
    """Run the checks that come before all others; only the first failure is reported."""
    if len(given.list_of_fields("metadata") or []) > 5:
        raise refusals.invalid_field("metadata", "invalid_count")
    finalize = given.raw("finalize_zero_amount_invoice")
    if isinstance(finalize, bool):
        raise refusals.crashed()
    if finalize is not None and finalize not in {"inherit", "skip", "finalize"}:
        raise refusals.invalid_field("finalize_zero_amount_invoice", "invalid_value")
    types = [item.text("integration_type") for item in given.list_of_fields("integration_customers") or []]
    if len(types) != len(set(types)):
        raise refusals.invalid_field("integration_customers", "invalid_count_per_integration_type")
    codes = given.strings("invoice_custom_section_codes")
    if codes is not None and given.boolean("skip_invoice_custom_sections"):
        raise refusals.invalid_field("invoice_custom_sections", "skip_sections_and_selected_ids_sent_together")


def without_invisible(text: str) -> str:
    """Return an email address as the server stores it: without invisible characters, with plain dashes."""
    return "".join(char for char in text if unicodedata.category(char) not in {"Cf", "Cc"}).translate(_DASHES).strip()


def valid_emails(text: str) -> bool:
    """Return whether a text is one or several email addresses, separated by commas."""
    return all(_EMAIL.fullmatch(address.strip()) for address in text.split(","))


def assign_address(target: dict[str, Json], given: Fields) -> None:
    """Assign address fields: blank ones become null, countries become upper case."""
    for name in ADDRESS:
        if given.has(name):
            value = given.filled(name)
            target[name] = value.upper() if value is not None and name == "country" else value


def assigned_columns(store: Store, customer: Customer, given: Fields) -> dict[str, Json]:
    """Return the columns with the fields that were sent; fields that need a licence are ignored without one."""
    columns = dict(customer.columns)
    for name in _TEXTS:
        if given.has(name) and name not in ADDRESS and (name != "timezone" or store.premium):
            columns[name] = given.text(name)
    for name in ("customer_type", "currency", "timezone"):
        columns[name] = columns[name] or None
    email = columns["email"]
    if isinstance(email, str):
        columns["email"] = without_invisible(email)
    assign_address(columns, given)
    if given.has("net_payment_term"):
        columns["net_payment_term"] = given.integer("net_payment_term")
    if given.has("finalize_zero_amount_invoice"):
        columns["finalize_zero_amount_invoice"] = given.text("finalize_zero_amount_invoice") or "inherit"
    if given.has("skip_invoice_custom_sections"):
        columns["skip_invoice_custom_sections"] = bool(given.boolean("skip_invoice_custom_sections"))
    elif given.strings("invoice_custom_section_codes") is not None:
        columns["skip_invoice_custom_sections"] = False
    return columns


def known_timezone(name: str) -> bool:
    """Return whether there is such a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def check_columns(given: Fields, columns: Mapping[str, Json], shipping: Mapping[str, Json]) -> None:
    """Refuse invalid columns; all errors are reported together."""
    found = refusals.FieldErrors()

    def check(field: str, value: Json, code: str, accepts: Callable[[str], bool]) -> None:
        if isinstance(value, str) and value and not accepts(value):
            found.add(field, code)

    if given.filled("external_id") is None:
        found.add("external_id", "value_is_mandatory")
    check("currency", columns["currency"], "value_is_invalid", CURRENCIES.__contains__)
    check("country", columns["country"], "not_a_valid_country_code", COUNTRIES.__contains__)
    check("shipping_country", shipping["country"], "not_a_valid_country_code", COUNTRIES.__contains__)
    check("timezone", columns["timezone"], "invalid_timezone", known_timezone)
    check("customer_type", columns["customer_type"], "value_is_invalid", {"company", "individual"}.__contains__)
    check("name", columns["name"], "value_is_too_long", lambda name: len(name) <= 255)
    check(
        "email",
        columns["email"],
        "invalid_email_format",
        valid_emails,
    )
    term = columns["net_payment_term"]
    if isinstance(term, int) and term < 0:
        found.add("net_payment_term", "value_is_out_of_range")
    found.refuse()


def assigned_metadata(store: Store, customer: Customer, given: Fields) -> list[CustomerMetadata]:
    """Replace metadata by id: items with a known id are changed, items without one are new, all others are deleted."""
    items = given.list_of_fields("metadata")
    if items is None:
        return customer.metadata
    known = {item.lago_id: item for item in customer.metadata}
    assigned: list[CustomerMetadata] = []
    # The server creates before it deletes, so the key of an item that will be deleted is still taken.
    taken = {item.key: item.lago_id for item in customer.metadata}
    for item in items:
        old = known.get(item.text("id") or "")
        # A changed item keeps the fields that were not sent.
        key = old.key if old is not None and not item.has("key") else item.text("key") or ""
        value = old.value if old is not None and not item.has("value") else item.text("value") or ""
        display = (
            old.display_in_invoice
            if old is not None and not item.has("display_in_invoice")
            else item.boolean("display_in_invoice")
        )
        found = refusals.FieldErrors()
        for field, text, longest in (("key", key, 20), ("value", value, 100)):
            if not text.strip():
                found.add(field, "value_is_mandatory")
            elif len(text) > longest:
                found.add(field, "value_is_too_long")
        changed = CustomerMetadata(created_at=store.now, key=key, value=value, display_in_invoice=bool(display))
        if old is not None:
            changed.lago_id, changed.created_at, changed.order = old.lago_id, old.created_at, old.order
        if taken.get(key, changed.lago_id) != changed.lago_id:
            found.add("key", "value_already_exist")
        found.refuse()
        taken[key] = changed.lago_id
        assigned.append(changed)
    return assigned
