"""The filters of lists of customers."""

from collections.abc import Callable, Mapping

from lago_async.sandbox._money.currencies import CURRENCIES
from lago_async.sandbox._operations.billing_entities import entity_codes
from lago_async.sandbox._operations.countries import COUNTRIES
from lago_async.sandbox._operations.enumeration_filters import checked_items, checked_value, known_values
from lago_async.sandbox._operations.registry import OperationCall
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.customers import Customer

_FLAGS = {"true": True, "false": False}


def customer_conditions(call: OperationCall) -> list[Callable[[Customer], bool]]:
    """Return the conditions that the query sets; refuse the values that the server refuses."""
    params, conditions = call.params, list[Callable[[Customer], bool]]()

    def column_in(column: str, accepted: list[str]) -> None:
        conditions.append(lambda customer: customer.columns[column] in accepted)

    kind = checked_value(call, "customer_type")
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
    checked_items("countries", params.strings("countries") or [], COUNTRIES)
    checked_items("currencies", params.strings("currencies") or [], sorted(CURRENCIES))
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
        checked_items("account_type", account_types, known_values(call, "account_type"))
        conditions.append(lambda _: "customer" in account_types)
    entities = params.strings("billing_entity_codes")
    if entities:
        if not set(entities) <= set(entity_codes(call.store)):
            raise refusals.not_found("billing_entity")
        conditions.append(lambda customer: customer.billing_entity_code in entities)
    conditions += _metadata_conditions(params.mapping("metadata") or {})
    external_id, term = params.filled("external_id"), params.filled("search_term")
    if external_id is not None:
        conditions.append(lambda customer: customer.external_id == external_id)
    elif term is not None:
        conditions.append(lambda customer: mentions(customer, term))
    return conditions


def _flag(params: Fields, name: str) -> bool | None:
    """Return a boolean of the query; only "true" and "false" are accepted."""
    text = params.filled(name)
    if text is None:
        return None
    if text not in _FLAGS:
        raise refusals.invalid_field(name, "must be one of: true, false")
    return _FLAGS[text]


def mentions(customer: Customer, term: str, *texts: str) -> bool:
    """Return whether one of these texts, or a name of the customer, contains the term."""
    names = (customer.columns[name] for name in ("name", "firstname", "lastname", "legal_name", "email"))
    searched = (*texts, customer.external_id, *(name for name in names if isinstance(name, str)))
    return any(term.lower() in text.lower() for text in searched)


def _metadata_conditions(wanted: Mapping[str, Json]) -> list[Callable[[Customer], bool]]:
    """Return a condition per key: the key must have this value. An empty value means that the key must not exist."""
    nested = {key: ["must be a string"] for key, value in wanted.items() if not isinstance(value, str)}
    if nested:
        raise refusals.invalid({"metadata": {key: list[Json](codes) for key, codes in nested.items()}})

    def condition(key: str, value: Json) -> Callable[[Customer], bool]:
        return lambda customer: {item.key: item.value for item in customer.metadata}.get(key) == (value or None)

    return [condition(key, value) for key, value in wanted.items()]
