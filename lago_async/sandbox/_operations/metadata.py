"""Metadata of plans, wallets and credit notes: one object of keys and values that is replaced, merged or emptied."""

from collections.abc import Callable
from typing import TypeAlias

from lago_async.sandbox._money import drafts
from lago_async.sandbox._operations import credit_notes, wallets
from lago_async.sandbox._operations.item_metadata import checked
from lago_async.sandbox._operations.plans import PLANS
from lago_async.sandbox._operations.registry import Handler, OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import Value
from lago_async.sandbox._protocol.wire import JsonObject
from lago_async.sandbox._state.invoices import CreditNote
from lago_async.sandbox._state.plans import Plan
from lago_async.sandbox._state.wallets import Wallet

Owner: TypeAlias = Plan | Wallet | CreditNote


def _given(call: OperationCall) -> JsonObject | None:
    """Return the metadata of a request; None if no object was sent, which changes nothing."""
    return call.params.mapping("metadata")


def _of_a_note(call: OperationCall) -> JsonObject:
    """Return the metadata for a credit note: those that were not sent count as none; the server fails on a text."""
    if call.params.raw("metadata") is not None and call.params.mapping("metadata") is None:
        raise refusals.crashed()
    return call.params.mapping("metadata") or {}


def _keep(owner: Owner, metadata: JsonObject | None) -> Value:
    """Keep metadata; none at all are something else than no keys."""
    owner.metadata = checked(metadata)
    return Value(owner.metadata)


def _told(call: OperationCall, owner: Owner, metadata: JsonObject | None) -> Value:
    """Keep metadata, and tell of it."""
    kept = _keep(owner, metadata)
    if isinstance(owner, Wallet):
        call.store.emit("wallet.updated", owner)
    elif isinstance(owner, Plan):
        # The server takes it for any other update of the plan.
        drafts.flag(call.store, drafts.of_plan(call.store, owner))
        call.store.emit("plan.updated", owner)
    return kept


def _register(
    name: str, owner: Callable[[OperationCall], Owner], given: Callable[[OperationCall], JsonObject | None] = _given
) -> None:
    def replace(call: OperationCall) -> Value:
        one, sent = owner(call), given(call)
        return _told(call, one, one.metadata if sent is None else sent)

    def merge(call: OperationCall) -> Value:
        one, sent = owner(call), given(call)
        return _told(call, one, {**(one.metadata or {}), **sent} if sent else one.metadata)

    def delete_all(call: OperationCall) -> Value:
        return _told(call, owner(call), None)

    def delete_key(call: OperationCall) -> Value:
        one = owner(call)
        if one.metadata is None:
            raise refusals.not_found("metadata")
        # The server tells of no key that is gone.
        return _keep(one, {key: value for key, value in one.metadata.items() if key != call.path_params[-1]})

    operations: dict[str, Handler] = {
        f"replace_{name}_metadata": replace,
        f"merge_{name}_metadata": merge,
        f"delete_all_{name}_metadata": delete_all,
        f"delete_{name}_metadata_key": delete_key,
    }
    for operation, handler in operations.items():
        handles(operation)(handler)


_register("plan", PLANS.record)
_register("wallet", wallets.find)
_register("customer_wallet", wallets.find)
_register("credit_note", credit_notes.find, _of_a_note)
