"""Credits that come into wallets."""

from decimal import Decimal

from lago_async.sandbox._money import invoicing, prepaid
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._state.invoices import InvoiceFee
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.wallets import Wallet, WalletTransaction


def check_limits(wallet: Wallet, given: Fields) -> None:
    """Refuse a purchase outside the limits of the wallet."""
    paid = given.decimal("paid_credits")
    if not paid:
        return
    amount = prepaid.credits_to_cents(wallet, paid)
    if wallet.top_up_min_cents is not None and amount < wallet.top_up_min_cents:
        raise refusals.invalid_field("paid_credits", "amount_below_minimum")
    if wallet.top_up_max_cents is not None and amount > wallet.top_up_max_cents:
        raise refusals.invalid_field("paid_credits", "amount_above_maximum")


def _inbound(store: Store, wallet: Wallet, *, kind: str, number: Decimal, given: Fields) -> WalletTransaction:
    """Create an inbound transaction that is still pending."""
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
    """Create the invoice for purchased credits; they are settled when it is paid. Credits are not taxed."""
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
    invoice = invoicing.new_invoice(store, wallet.customer, invoice_type="credit", currency=wallet.currency, fees=[fee])
    transaction.invoice = invoice


def top_up(store: Store, wallet: Wallet, amounts: Fields, given: Fields) -> list[WalletTransaction]:
    """Add purchased credits, which wait until their invoice is paid, and granted credits, which are settled at once."""
    made: list[WalletTransaction] = []
    paid, granted = amounts.decimal("paid_credits"), amounts.decimal("granted_credits")
    if paid:
        made.append(_inbound(store, wallet, kind="purchased", number=paid, given=given))
        _invoice(store, made[-1])
    if granted:
        made.append(_inbound(store, wallet, kind="granted", number=granted, given=given))
        prepaid.settle(store, made[-1])
    return made
