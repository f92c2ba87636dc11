"""The settings of a customer that fall back to those of its billing entity."""

from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.store import Store

_ENTITIES = "billing_entities"
KEEP_ANCHOR = "keep_anchor"


def _entity(store: Store, customer: Customer) -> JsonObject:
    found = store.plain_objects[_ENTITIES].get(customer.billing_entity_code)
    return {} if found is None else found.values


def _setting(store: Store, customer: Customer, name: str) -> Json:
    own = customer.billing.get(name)
    if own is None:
        own = customer.columns.get(name)
    return _entity(store, customer).get(name) if own is None else own


def grace_days(store: Store, customer: Customer) -> int:
    """Return for how many days an invoice stays a draft."""
    days = _setting(store, customer, "invoice_grace_period")
    return days if isinstance(days, int) else 0


def payment_term_days(store: Store, customer: Customer) -> int:
    """Return in how many days an invoice is due."""
    days = _setting(store, customer, "net_payment_term")
    return days if isinstance(days, int) else 0


def adjustment(store: Store, customer: Customer) -> str:
    """Return whether the issuing date of a draft stays when it is finalized."""
    found = _setting(store, customer, "subscription_invoice_issuing_date_adjustment")
    return found if isinstance(found, str) else "align_with_finalization_date"


def issuing_delay_days(store: Store, customer: Customer, *, recurring: bool) -> int:
    """Return by how many days the issuing date of a draft differs from the day on which it was made."""
    grace = grace_days(store, customer)
    if not recurring:
        return grace
    keeps = adjustment(store, customer) == KEEP_ANCHOR
    if _setting(store, customer, "subscription_invoice_issuing_date_anchor") == "current_period_end":
        return -1 if keeps or not grace else grace
    return 0 if keeps else grace


def number_prefix(store: Store, customer: Customer) -> str:
    """Return what the numbers of invoices begin with; customers keep the prefix that their slug began with."""
    prefix = _entity(store, customer).get("document_number_prefix")
    return prefix if isinstance(prefix, str) else store.document_number_prefix


def finalizes_zero(store: Store, customer: Customer) -> bool:
    """Return whether an invoice of nothing is finalized; otherwise it is closed, and no list shows it."""
    own = customer.columns.get("finalize_zero_amount_invoice")
    if own in {None, "inherit"}:
        return _entity(store, customer).get("finalize_zero_amount_invoice") is not False
    return own == "finalize"
