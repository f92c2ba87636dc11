"""Links for customers: to their portal, and to their payment provider's form."""

import base64
from urllib.parse import quote
from uuid import uuid4

from lago_async.sandbox._operations.customer_billing import payment_page
from lago_async.sandbox._operations.customers import find
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.wire import JsonObject

_WITH_CHECKOUT = {"stripe", "gocardless", "adyen", "moneyhash"}


@handles("get_customer_portal_url")
def get_customer_portal_url(call: OperationCall) -> JsonObject:
    """Return a link with a new token each time."""
    customer = find(call.store, call.identifier)
    message = base64.urlsafe_b64encode(customer.lago_id.encode()).decode()
    token = quote(f"{message}--{uuid4().hex}", safe="")
    return {"portal_url": f"{call.store.front_url}/customer-portal/{token}"}


@handles("generate_customer_checkout_url")
def generate_customer_checkout_url(call: OperationCall) -> JsonObject:
    """Return a link to the payment provider's form; nothing is stored."""
    customer = find(call.store, call.identifier)
    kind = customer.billing["payment_provider"]
    if not isinstance(kind, str) or customer.provider is None:
        raise refusals.invalid_field("base", "no_linked_payment_provider")
    if kind not in _WITH_CHECKOUT:
        raise refusals.not_allowed("feature_not_supported")
    methods = customer.provider.get("provider_payment_methods")
    if isinstance(methods, list) and not set(map(str, methods)) - {"crypto", "customer_balance"}:
        raise refusals.invalid_field("provider_payment_methods", "no_payment_methods_to_setup_available")
    return {
        "lago_customer_id": customer.lago_id,
        "external_customer_id": customer.external_id,
        "payment_provider": kind,
        "payment_provider_code": customer.billing["payment_provider_code"],
        "checkout_url": payment_page(kind, uuid4().hex),
    }
