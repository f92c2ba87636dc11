"""The ways in which customers pay at their provider."""

from lago_async.sandbox._operations import customers
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.payments import PaymentMethod


def _method_json(method: PaymentMethod) -> JsonObject:
    return {
        "lago_id": method.lago_id,
        "is_default": method.is_default,
        "payment_provider_code": method.provider_code,
        "payment_provider_name": method.provider_kind.capitalize(),
        "payment_provider_type": method.provider_kind,
        "provider_method_id": method.provider_method_id,
        "created_at": to_iso(method.created_at),
    }


def _methods(call: OperationCall) -> list[PaymentMethod]:
    customer = customers.find(call.store, call.identifier)
    return [method for method in call.store.payment_methods.newest_first() if method.customer is customer]


def _method(call: OperationCall) -> PaymentMethod:
    for method in _methods(call):
        if method.lago_id == call.path_params[1]:
            return method
    raise refusals.not_found("payment_method")


@handles("find_all_customers_payment_methods")
def find_all_customers_payment_methods(call: OperationCall) -> PagedList:
    """List a customer's payment methods; the first is created with the customer's payment provider."""
    return Window.of(call.params).page(_methods(call), lambda method: encode(_method_json(method)))


@handles("payment_method_set_as_default")
def payment_method_set_as_default(call: OperationCall) -> JsonObject:
    """Make this method the default one."""
    chosen = _method(call)
    for method in _methods(call):
        method.is_default = method is chosen
    return _method_json(chosen)


@handles("destroy_payment_method")
def destroy_payment_method(call: OperationCall) -> JsonObject:
    """Delete a payment method."""
    method = _method(call)
    call.store.payment_methods.discard(method, call.store.now)
    method.is_default = False
    return _method_json(method)
