"""Wallet transactions: credits bought, granted or voided, and who took which."""

from decimal import Decimal

from lago_async.sandbox._money import invoicing, prepaid, usage
from lago_async.sandbox._operations.invoice_actions import provider
from lago_async.sandbox._operations.registry import Call, Listing, Page, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text, encode, iso, iso_or_null
from lago_async.sandbox._state.invoice_records import Consumption, InvoiceFee, Wallet, WalletTransaction
from lago_async.sandbox._state.store import Store


def transaction_json(transaction: WalletTransaction) -> JsonObject:
    """A wallet transaction; inbound ones know what is left of them."""
    wallet, invoice = transaction.wallet, transaction.invoice
    left = transaction.remaining_cents
    voids = transaction.transaction_status == "granted" and invoice is not None
    return {
        "lago_id": transaction.lago_id,
        "lago_wallet_id": wallet.lago_id,
        "lago_invoice_id": None if invoice is None or voids else invoice.lago_id,
        "lago_credit_note_id": None,
        "lago_voided_invoice_id": invoice.lago_id if voids and invoice is not None else None,
        "billing_entity_code": wallet.customer.billing_entity_code,
        "status": transaction.status,
        "source": "manual",
        "transaction_status": transaction.transaction_status,
        "transaction_type": transaction.transaction_type,
        "amount": decimal_text(transaction.credits * wallet.rate_amount),
        "credit_amount": decimal_text(transaction.credits),
        "invoice_requires_successful_payment": transaction.invoice_requires_successful_payment,
        "metadata": transaction.metadata,
        "remaining_amount_cents": left,
        "remaining_credit_amount": None if left is None else decimal_text(prepaid.cents_to_credits(wallet, left)),
        "priority": transaction.priority,
        "settled_at": iso_or_null(transaction.settled_at),
        "failed_at": iso_or_null(transaction.failed_at),
        "created_at": iso(transaction.created_at),
        "name": transaction.name,
        "purchase_order_number": transaction.purchase_order_number,
        "applied_invoice_custom_sections": [],
        "payment_method": {
            "payment_method_type": wallet.payment_method_type,
            "payment_method_id": wallet.payment_method_id,
        },
    }


def running_usage_cents(store: Store, wallet: Wallet) -> int:
    """What the customer's active subscriptions have used of their running periods, with taxes."""
    total = 0
    for subscription in store.all_subscriptions():
        plan = subscription.plan
        mine = subscription.customer is wallet.customer and subscription.status == "active"
        if not mine or plan.amount_currency != wallet.currency:
            continue
        charges = plan.charges
        if wallet.metric_codes and "charge" not in wallet.fee_types:
            charges = [charge for charge in charges if charge.metric.code in wallet.metric_codes]
        period = subscription.charges_period_at(store.now)
        for each in usage.charge_usages(store, subscription, charges, period.start, period.end):
            total += sum(fee.amount_cents + fee.taxes_amount_cents for fee in each.fees)
    return total


def check_limits(wallet: Wallet, given: Fields) -> None:
    """Refuse to sell fewer or more credits at once than the wallet allows."""
    paid = given.decimal("paid_credits")
    if not paid:
        return
    amount = prepaid.credits_to_cents(wallet, paid)
    if wallet.top_up_min_cents is not None and amount < wallet.top_up_min_cents:
        raise refusals.invalid_field("paid_credits", "amount_below_minimum")
    if wallet.top_up_max_cents is not None and amount > wallet.top_up_max_cents:
        raise refusals.invalid_field("paid_credits", "amount_above_maximum")


def _inbound(store: Store, wallet: Wallet, kind: str, number: Decimal, given: Fields) -> WalletTransaction:
    requires = given.boolean("invoice_requires_successful_payment")
    metadata = given.raw("metadata")
    transaction = WalletTransaction(
        created_at=store.now,
        wallet=wallet,
        transaction_type="inbound",
        transaction_status=kind,
        credits=number,
        amount_cents=prepaid.credits_to_cents(wallet, number),
        name=given.text("name"),
        status="pending",
        metadata=metadata if isinstance(metadata, list) else [],
        priority=given.integer("priority") or 50,
        invoice_requires_successful_payment=wallet.invoice_requires_successful_payment
        if requires is None
        else requires,
        purchase_order_number=given.text("purchase_order_number"),
    )
    wallet.transactions.append(transaction)
    store.wallet_transactions.add(transaction)
    return transaction


def _invoice(store: Store, transaction: WalletTransaction) -> None:
    """The invoice that credits are bought with; they come in when it is paid. Credits are not taxed."""
    wallet = transaction.wallet
    fee = InvoiceFee(
        created_at=store.now,
        kind="credit",
        customer=wallet.customer,
        currency=wallet.currency,
        amount_cents=transaction.amount_cents,
        units=transaction.credits,
        unit_amount=wallet.rate_amount,
        taxes=[],
        item={
            "type": "credit",
            "code": "credit",
            "name": transaction.name or "credit",
            "description": None,
            "invoice_display_name": transaction.name or "credit",
            "filters": None,
            "filter_invoice_display_name": None,
            "lago_item_id": transaction.lago_id,
            "item_type": "WalletTransaction",
            "grouped_by": {},
        },
    )
    invoice = invoicing.new_invoice(store, wallet.customer, "credit", wallet.currency, [fee])
    invoice.wallet_transaction, transaction.invoice = transaction, invoice


def top_up(store: Store, wallet: Wallet, amounts: Fields, given: Fields) -> list[WalletTransaction]:
    """Bought credits wait for their invoice to be paid; granted ones are there at once."""
    made: list[WalletTransaction] = []
    paid, granted = amounts.decimal("paid_credits"), amounts.decimal("granted_credits")
    if paid:
        made.append(_inbound(store, wallet, "purchased", paid, given))
        _invoice(store, made[-1])
    if granted:
        made.append(_inbound(store, wallet, "granted", granted, given))
        prepaid.settle(store, made[-1])
    return made


@handles("create_wallet_transaction")
def create_wallet_transaction(call: Call) -> Listing:
    """Buy, grant or void credits: one transaction for each of the three amounts."""
    store, given = call.store, call.envelope("wallet_transaction")
    wallet = store.wallets.find(given.filled("wallet_id"))
    if wallet is None:
        raise refusals.invalid_field("wallet_id", "wallet_not_found")
    if wallet.terminated_at is not None:
        raise refusals.invalid_field("wallet_id", "wallet_is_terminated")
    found = refusals.Errors()
    for name in ("paid_credits", "granted_credits", "voided_credits"):
        amount = given.decimal(name)
        if given.filled(name) is not None and (amount is None or amount < 0):
            found.add(name, f"invalid_{name}")
    voided = given.decimal("voided_credits") or Decimal(0)
    if prepaid.credits_to_cents(wallet, voided) > wallet.balance_cents:
        found.add("voided_credits", "insufficient_credits")
    found.refuse()
    if not given.boolean("ignore_paid_top_up_limits"):
        check_limits(wallet, given)
    made = top_up(store, wallet, given, given)
    if voided:
        prepaid.take(store, wallet, prepaid.credits_to_cents(wallet, voided), "voided")
        made.append(wallet.transactions[-1])
    return Listing([encode(transaction_json(each)) for each in made])


def _find(call: Call) -> WalletTransaction:
    transaction = call.store.wallet_transactions.find(call.identifier)
    if transaction is None:
        raise refusals.not_found("wallet_transaction")
    return transaction


@handles("find_wallet_transaction")
def find_wallet_transaction(call: Call) -> JsonObject:
    """One wallet transaction."""
    return transaction_json(_find(call))


@handles("find_all_wallet_transactions")
def find_all_wallet_transactions(call: Call) -> Page:
    """The transactions of a wallet that match, newest first."""
    params, wallet = call.params, call.store.wallets.find(call.identifier)
    if wallet is None:
        raise refusals.not_found("wallet")
    wanted = {
        name: value
        for name in ("status", "transaction_status", "transaction_type")
        if (value := params.filled(name)) is not None
    }
    metadata = params.mapping("metadata") or {}

    def matches(transaction: WalletTransaction) -> bool:
        pairs: list[Json] = [{"key": key, "value": value} for key, value in metadata.items()]
        return all(getattr(transaction, name) == value for name, value in wanted.items()) and all(
            pair in transaction.metadata for pair in pairs
        )

    found = [each for each in reversed(wallet.transactions) if matches(each)]
    return Window.of(params).page(found, lambda each: encode(transaction_json(each)))


def _part_json(part: Consumption, other: WalletTransaction) -> JsonObject:
    return {
        "lago_id": part.lago_id,
        "amount_cents": part.amount_cents,
        "credit_amount": decimal_text(prepaid.cents_to_credits(other.wallet, part.amount_cents)),
        "created_at": iso(part.created_at),
        "wallet_transaction": transaction_json(other),
    }


@handles("find_all_wallet_transaction_consumptions")
def find_all_wallet_transaction_consumptions(call: Call) -> Page:
    """Who took of these credits."""
    transaction = _find(call)
    if transaction.transaction_type != "inbound":
        raise refusals.invalid_field("transaction_type", "invalid_transaction_type")
    found = [part for part in reversed(call.store.consumptions) if part.inbound is transaction]
    return Window.of(call.params).page(found, lambda part: encode(_part_json(part, part.outbound)))


@handles("find_all_wallet_transaction_fundings")
def find_all_wallet_transaction_fundings(call: Call) -> Page:
    """Which credits this transaction took."""
    transaction = _find(call)
    if transaction.transaction_type != "outbound":
        raise refusals.invalid_field("transaction_type", "invalid_transaction_type")
    found = [part for part in reversed(call.store.consumptions) if part.outbound is transaction]
    return Window.of(call.params).page(found, lambda part: encode(_part_json(part, part.inbound)))


@handles("wallet_transaction_payment_url")
def wallet_transaction_payment_url(call: Call) -> JsonObject:
    """A link to the provider's page for credits that are to be paid."""
    transaction = _find(call)
    customer = transaction.wallet.customer
    kind = provider(customer)
    if transaction.status != "pending" or transaction.invoice is None:
        raise refusals.invalid_field("base", "invalid_wallet_transaction_status")
    return {
        "lago_customer_id": customer.lago_id,
        "lago_wallet_transaction_id": transaction.lago_id,
        "external_customer_id": customer.external_id,
        "payment_provider": kind,
        "payment_url": f"https://checkout.{kind}.example/c/pay/{transaction.lago_id}",
    }
