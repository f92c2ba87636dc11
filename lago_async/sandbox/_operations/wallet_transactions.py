"""Wallet transactions: credits that are purchased, granted or voided, and what consumed them."""

from collections.abc import Iterable
from decimal import Decimal

from lago_async.sandbox._money import prepaid, rounding, top_ups
from lago_async.sandbox._operations.customer_billing import linked_provider, payment_page
from lago_async.sandbox._operations.enumeration_filters import taken
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._operations.simulation import refuse_unsimulated
from lago_async.sandbox._operations.wallet_rules import valid_payment_method
from lago_async.sandbox._operations.wallet_top_ups import check_limits
from lago_async.sandbox._operations.wallet_views import transaction_json
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList, PlainList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text, encode
from lago_async.sandbox._state.wallets import Consumption, WalletTransaction


@handles("create_wallet_transaction")
def create_wallet_transaction(call: OperationCall) -> PlainList:
    """Purchase, grant or void credits: one transaction for each of the three amounts."""
    store, given = call.store, call.envelope("wallet_transaction")
    refuse_unsimulated(store, "wallet_transaction", given)
    wallet = store.wallets.find(given.filled("wallet_id"))
    if wallet is None:
        raise refusals.invalid_field("wallet_id", "wallet_not_found")
    if wallet.terminated_at is not None:
        raise refusals.invalid_field("wallet_id", "wallet_is_terminated")
    found = refusals.FieldErrors()
    for name in ("paid_credits", "granted_credits", "voided_credits"):
        amount = given.decimal(name)
        if given.filled(name) is not None and (amount is None or amount < 0):
            found.add(name, f"invalid_{name}")
    voided = given.decimal("voided_credits") or Decimal(0)
    if prepaid.credits_to_cents(wallet, voided) > wallet.balance_cents:
        found.add("voided_credits", "insufficient_credits")
    if not valid_payment_method(store, given):
        found.add("payment_method", "invalid_payment_method")
    found.refuse()
    if not given.boolean("ignore_paid_top_up_limits"):
        check_limits(wallet, given)
    metadata = given.raw("metadata")
    made = top_ups.top_up(
        store,
        wallet,
        paid=given.decimal("paid_credits") or Decimal(0),
        granted=given.decimal("granted_credits") or Decimal(0),
        name=given.filled("name"),
        metadata=metadata if isinstance(metadata, list) else [],
        priority=given.integer("priority") or 50,
        requires_payment=given.boolean("invoice_requires_successful_payment"),
        order_number=given.text("purchase_order_number"),
    )
    _assign_payment_method(made, given.fields("payment_method"))
    voided = rounding.floor_credits(voided)
    if voided:
        cents = prepaid.credits_to_cents(wallet, voided)
        prepaid.take(store, wallet, cents, transaction_status="voided", number=voided)
        made.append(wallet.transactions[-1])
    # The server's job makes the invoice for purchased credits after the response.
    return PlainList([encode({**transaction_json(item), "lago_invoice_id": None}) for item in made])


def _assign_payment_method(made: Iterable[WalletTransaction], method: Fields) -> None:
    """Keep how the purchased credits are to be paid."""
    for transaction in made:
        if transaction.transaction_status == "purchased" and method.has("payment_method_type"):
            transaction.payment_method_type = method.filled("payment_method_type") or "provider"
            transaction.payment_method_id = method.filled("payment_method_id")


def _find(call: OperationCall) -> WalletTransaction:
    transaction = call.store.wallet_transactions.find(call.identifier)
    if transaction is None:
        raise refusals.not_found("wallet_transaction")
    return transaction


@handles("find_wallet_transaction")
def find_wallet_transaction(call: OperationCall) -> JsonObject:
    """Return one wallet transaction."""
    return {**transaction_json(_find(call)), "applied_invoice_custom_sections": []}


@handles("find_all_wallet_transactions")
def find_all_wallet_transactions(call: OperationCall) -> PagedList:
    """List the transactions of a wallet that match, newest first."""
    params, wallet = call.params, call.store.wallets.find(call.identifier)
    if wallet is None:
        raise refusals.not_found("wallet")
    wanted = {name: taken(call, name) for name in ("status", "transaction_status", "transaction_type")}
    metadata = params.mapping("metadata") or {}

    def matches(transaction: WalletTransaction) -> bool:
        pairs: list[Json] = [{"key": key, "value": value} for key, value in metadata.items()]
        return all(not values or getattr(transaction, name) in values for name, values in wanted.items()) and all(
            pair in transaction.metadata for pair in pairs
        )

    found = [item for item in reversed(wallet.transactions) if matches(item)]
    return Window.of(params).page(found, lambda item: encode(transaction_json(item)))


def _part_json(part: Consumption, other: WalletTransaction) -> JsonObject:
    return {
        "lago_id": part.lago_id,
        "amount_cents": part.amount_cents,
        "credit_amount": decimal_text(prepaid.cents_to_credits(other.wallet, part.amount_cents)),
        "created_at": to_iso(part.created_at),
        "wallet_transaction": transaction_json(other),
    }


@handles("find_all_wallet_transaction_consumptions")
def find_all_wallet_transaction_consumptions(call: OperationCall) -> PagedList:
    """List the transactions that consumed these credits."""
    transaction = _find(call)
    if transaction.transaction_type != "inbound":
        raise refusals.invalid_field("transaction_type", "invalid_transaction_type")
    found = [part for part in reversed(call.store.consumptions) if part.inbound is transaction]
    return Window.of(call.params).page(found, lambda part: encode(_part_json(part, part.outbound)))


@handles("find_all_wallet_transaction_fundings")
def find_all_wallet_transaction_fundings(call: OperationCall) -> PagedList:
    """List the transactions whose credits this one consumed."""
    transaction = _find(call)
    if transaction.transaction_type != "outbound":
        raise refusals.invalid_field("transaction_type", "invalid_transaction_type")
    found = [part for part in reversed(call.store.consumptions) if part.outbound is transaction]
    return Window.of(call.params).page(found, lambda part: encode(_part_json(part, part.inbound)))


@handles("wallet_transaction_payment_url")
def wallet_transaction_payment_url(call: OperationCall) -> JsonObject:
    """Return a link to the provider's page for credits that are not paid yet."""
    transaction = _find(call)
    customer = transaction.wallet.customer
    kind = linked_provider(customer)
    if transaction.status != "pending" or transaction.invoice is None:
        raise refusals.invalid_field("base", "invalid_wallet_transaction_status")
    return {
        "lago_customer_id": customer.lago_id,
        "lago_wallet_transaction_id": transaction.lago_id,
        "external_customer_id": customer.external_id,
        "payment_provider": kind,
        "payment_url": payment_page(kind, transaction.lago_id),
    }
