"""Credits that come into wallets: purchased with an invoice, granted, or added by a rule."""

from decimal import ROUND_FLOOR, Decimal

from lago_async.sandbox._money import invoicing, prepaid, rounding
from lago_async.sandbox._protocol.wire import Json
from lago_async.sandbox._state.invoices import InvoiceFee
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.wallets import RecurringRule, Wallet, WalletTransaction

ZERO = Decimal(0)
_CREDIT = Decimal("0.00001")


def _inbound(
    store: Store,
    wallet: Wallet,
    *,
    kind: str,
    number: Decimal,
    name: str | None,
    priority: int,
    metadata: list[Json],
    requires_payment: bool,
    order_number: str | None,
    source: str,
) -> WalletTransaction:
    """Create an inbound transaction that is still pending."""
    number = number.quantize(_CREDIT, ROUND_FLOOR)
    amount = prepaid.credits_to_cents(wallet, number)
    transaction = WalletTransaction(
        created_at=store.now,
        wallet=wallet,
        transaction_type="inbound",
        transaction_status=kind,
        credits=prepaid.cents_to_credits(wallet, amount),
        amount_cents=amount,
        name=name,
        status="pending",
        source=source,
        metadata=metadata,
        priority=priority,
        invoice_requires_successful_payment=requires_payment,
        purchase_order_number=order_number,
    )
    wallet.transactions.append(transaction)
    store.wallet_transactions.add(transaction)
    store.emit("wallet_transaction.created", transaction)
    return transaction


def _invoice(store: Store, transaction: WalletTransaction) -> None:
    """Create the invoice for purchased credits; they are settled when it is paid. Credits are not taxed.

    An invoice that needs its payment stays open, and invisible, until it is paid.
    """
    wallet = transaction.wallet
    shown = transaction.name or "credit"
    fee = InvoiceFee(
        created_at=store.now,
        kind="credit",
        customer=wallet.customer,
        currency=wallet.currency,
        amount_cents=transaction.amount_cents,
        precise_cents=Decimal(transaction.amount_cents),
        units=transaction.credits,
        unit_amount=rounding.stored_binary(wallet.rate_amount),
        taxes=[],
        item={
            "type": "credit",
            "code": "credit",
            "name": shown,
            "description": "credit",
            "invoice_display_name": shown,
            "filters": None,
            "filter_invoice_display_name": None,
            "lago_item_id": transaction.lago_id,
            "item_type": "WalletTransaction",
            "grouped_by": {},
        },
    )
    invoice = invoicing.new_invoice(
        store,
        wallet.customer,
        invoice_type="credit",
        currency=wallet.currency,
        purchase_order_number=transaction.purchase_order_number,
    )
    transaction.invoice = invoice
    invoicing.add_fees(store, invoice, [fee])
    invoicing.issue_credit(store, invoice, waits=transaction.invoice_requires_successful_payment)


def top_up(
    store: Store,
    wallet: Wallet,
    *,
    paid: Decimal,
    granted: Decimal,
    name: str | None = None,
    priority: int = 50,
    metadata: list[Json] | None = None,
    requires_payment: bool | None = None,
    order_number: str | None = None,
    source: str = "manual",
) -> list[WalletTransaction]:
    """Add purchased credits, which wait until their invoice is paid, and granted credits, which are settled at once."""
    made: list[WalletTransaction] = []
    requires = wallet.invoice_requires_successful_payment if requires_payment is None else requires_payment
    for kind, number in (("purchased", paid), ("granted", granted)):
        if not number:
            continue
        transaction = _inbound(
            store,
            wallet,
            kind=kind,
            number=number,
            name=name,
            priority=priority,
            metadata=metadata or [],
            requires_payment=requires and kind == "purchased",
            order_number=order_number,
            source=source,
        )
        made.append(transaction)
        if kind == "purchased":
            _invoice(store, transaction)
        else:
            prepaid.settle(store, transaction)
    return made


def _ongoing_credits(wallet: Wallet) -> Decimal:
    return prepaid.cents_to_credits(wallet, wallet.ongoing_cents)


def _limited(wallet: Wallet, rule: RecurringRule, number: Decimal, *, lowest: bool) -> Decimal:
    """Keep a purchase within the limits of the wallet, unless the rule ignores them."""
    if rule.flag("ignore_paid_top_up_limits"):
        return number
    limit = wallet.top_up_min_cents if lowest else wallet.top_up_max_cents
    if limit is None:
        return number
    bound = prepaid.cents_to_credits(wallet, limit)
    return max(number, bound) if lowest else min(number, bound)


def _apply(store: Store, wallet: Wallet, rule: RecurringRule, *, ongoing: Decimal, pending: Decimal) -> None:
    """Top up a wallet as a rule says."""
    paid, granted = rule.number("paid_credits"), rule.number("granted_credits")
    if rule.text("method") == "target":
        gap = max(rule.number("target_ongoing_balance") - ongoing, ZERO)
        grants = rule.flag("grants_target_top_up")
        paid = ZERO if grants or not gap else _limited(wallet, rule, gap, lowest=True)
        granted = gap if grants else ZERO
    elif rule.text("trigger") == "threshold" and paid:
        gap = rule.number("threshold_credits") - ongoing - granted - pending
        if gap >= paid:
            paid = _limited(wallet, rule, paid * ((gap / paid).to_integral_value(ROUND_FLOOR) + 1), lowest=False)
    metadata = rule.values.get("transaction_metadata")
    top_up(
        store,
        wallet,
        paid=paid,
        granted=granted,
        name=rule.text("transaction_name"),
        metadata=metadata if isinstance(metadata, list) else [],
        requires_payment=rule.flag("invoice_requires_successful_payment"),
        order_number=rule.text("purchase_order_number") or wallet.purchase_order_number,
        source=rule.text("trigger") or "manual",
    )


def apply_interval_rule(store: Store, wallet: Wallet, rule: RecurringRule) -> None:
    """Top up a wallet on the day of a rule."""
    rule.applied_at = store.now
    _apply(store, wallet, rule, ongoing=_ongoing_credits(wallet), pending=ZERO)


def apply_threshold_rules(store: Store, wallet: Wallet) -> None:
    """Top up a wallet whose ongoing balance has fallen to the threshold of its rule."""
    rules = [item for item in wallet.rules if item.active(store.now) and item.text("trigger") == "threshold"]
    if wallet.terminated_at is not None or not rules:
        return
    rule = rules[0]
    ongoing = _ongoing_credits(wallet)
    pending = sum((item.credits for item in wallet.transactions if item.status == "pending"), ZERO)
    if ongoing + pending <= rule.number("threshold_credits") and ongoing <= rule.number("threshold_credits"):
        _apply(store, wallet, rule, ongoing=ongoing, pending=pending)
