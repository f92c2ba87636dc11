"""The balance of wallets: credits come in, invoices consume them, and each consumption records its source."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeAlias

from lago_async._currencies import exponent
from lago_async.sandbox._money import amounts, rounding
from lago_async.sandbox._money.rounding import to_cents
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.invoices import Invoice
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.wallets import Consumption, Wallet, WalletTransaction

FeeKey: TypeAlias = tuple[str, str | None]
"""What wallets can be limited to: a kind of fee, and a metric."""


def credits_to_cents(wallet: Wallet, number: Decimal) -> int:
    """Return the value of credits."""
    return to_cents(number * wallet.rate_amount, exponent(wallet.currency))


def cents_to_credits(wallet: Wallet, amount_cents: int | Decimal) -> Decimal:
    """Return the credits that an amount is worth."""
    amount = Decimal(amount_cents).scaleb(-exponent(wallet.currency))
    return rounding.to_credits(rounding.divided_exactly(amount, wallet.rate_amount))


def settle(store: Store, transaction: WalletTransaction) -> None:
    """Add the credits of a transaction to its wallet."""
    wallet = transaction.wallet
    transaction.status, transaction.settled_at = "settled", store.now
    transaction.remaining_cents = transaction.amount_cents
    wallet.balance_cents += transaction.amount_cents
    wallet.credits += transaction.credits
    wallet.synced_at = store.now
    store.refresh(wallet.customer)
    store.emit("wallet.updated", wallet)


def _take(store: Store, outbound: WalletTransaction) -> dict[str, int]:
    """Consume inbound credits: by priority, granted before purchased, old before new."""
    wallet, left = outbound.wallet, outbound.amount_cents
    taken: dict[str, int] = {}
    sources = [
        transaction
        for transaction in wallet.transactions
        if transaction.transaction_type == "inbound" and transaction.remaining_cents
    ]
    sources.sort(
        key=lambda transaction: (
            transaction.priority,
            transaction.transaction_status != "granted",
            transaction.created_at,
            transaction.order,
        )
    )
    for source in sources:
        part = min(left, source.remaining_cents or 0)
        if part <= 0:
            break
        source.remaining_cents = (source.remaining_cents or 0) - part
        left -= part
        taken[source.transaction_status] = taken.get(source.transaction_status, 0) + part
        store.consumptions.append(
            Consumption(created_at=store.now, inbound=source, outbound=outbound, amount_cents=part)
        )
    wallet.balance_cents -= outbound.amount_cents
    wallet.credits -= outbound.credits
    wallet.consumed_cents += outbound.amount_cents
    wallet.consumed_credits += outbound.credits
    wallet.synced_at = wallet.consumed_at = store.now
    if outbound.invoice is None:
        store.flag(wallet.customer)
    store.refresh(wallet.customer)
    store.emit("wallet.updated", wallet)
    store.emit("wallet_transaction.created", outbound)
    return taken


def take(
    store: Store,
    wallet: Wallet,
    amount_cents: int,
    *,
    transaction_status: str,
    invoice: Invoice | None = None,
    number: Decimal | None = None,
) -> dict[str, int]:
    """Create an outbound transaction; return the amounts taken from granted and from purchased credits."""
    outbound = WalletTransaction(
        created_at=store.now,
        wallet=wallet,
        transaction_type="outbound",
        transaction_status=transaction_status,
        credits=cents_to_credits(wallet, amount_cents) if number is None else number,
        amount_cents=amount_cents,
        settled_at=store.now,
        invoice=invoice,
    )
    wallet.transactions.append(outbound)
    store.wallet_transactions.add(outbound)
    return _take(store, outbound)


def covers(wallet: Wallet, key: FeeKey) -> bool:
    """Return whether a wallet may pay such fees."""
    if not wallet.fee_types and not wallet.metric_codes:
        return True
    return key[0] in wallet.fee_types or key[1] in wallet.metric_codes


def in_order(store: Store, customer: Customer, currency: str) -> list[Wallet]:
    """Return the open wallets of a customer as they pay: by priority, old before new."""
    mine = [
        item
        for item in store.wallets
        if item.customer is customer and item.terminated_at is None and item.currency == currency
    ]
    return sorted(mine, key=lambda item: (item.priority, item.created_at, item.order))


def _payable(invoice: Invoice) -> dict[FeeKey, Decimal]:
    """Return what is to be paid for each kind of fee, the most first."""
    payable: dict[FeeKey, Decimal] = {}
    for fee in invoice.fees:
        cap = fee.taxed_cents + amounts.precise_taxes_cents(fee) - fee.credit_notes_cents
        if not fee.taxed_cents or cap <= 0:
            continue
        key = (fee.kind, None if fee.charge is None else fee.charge.metric.code)
        payable[key] = payable.get(key, Decimal(0)) + cap
    ordered = dict(sorted(payable.items(), key=lambda item: -item[1]))
    # The difference that rounding makes to the invoice goes to the largest.
    missing = amounts.total_cents(invoice) - sum(ordered.values(), Decimal(0))
    if ordered and 0 < missing <= len(ordered):
        ordered[next(iter(ordered))] += missing
    return ordered


def _allocated(wallets: Iterable[Wallet], invoice: Invoice) -> list[tuple[Wallet, int]]:
    """Return what each wallet pays."""
    payable, left = _payable(invoice), Decimal(amounts.total_cents(invoice))
    found: list[tuple[Wallet, int]] = []
    for wallet in wallets:
        used = Decimal(0)
        for key, amount in payable.items():
            if amount <= 0 or not covers(wallet, key):
                continue
            part = min(amount, wallet.balance_cents - used, left)
            if part > 0:
                payable[key] -= part
                left -= part
                used += part
        if int(used) > 0:
            found.append((wallet, int(used)))
    return found


def consume(store: Store, invoice: Invoice) -> None:
    """Pay an invoice from the customer's wallets as far as possible."""
    wallets = [item for item in in_order(store, invoice.customer, invoice.currency) if item.balance_cents > 0]
    for wallet, amount in _allocated(wallets, invoice):
        taken = take(store, wallet, amount, transaction_status="invoiced", invoice=invoice)
        invoice.prepaid_granted_cents += taken.get("granted", 0)
        invoice.prepaid_purchased_cents += amount - taken.get("granted", 0)


def give_back(store: Store, invoice: Invoice) -> None:
    """Return to the wallets the credits that an invoice consumed."""
    taken = [
        transaction
        for transaction in store.wallet_transactions
        if transaction.invoice is invoice
        and transaction.transaction_status == "invoiced"
        and transaction.wallet.terminated_at is None
    ]
    for outbound in taken:
        wallet = outbound.wallet
        returned = WalletTransaction(
            created_at=store.now,
            wallet=wallet,
            transaction_type="inbound",
            transaction_status="granted",
            credits=outbound.credits,
            amount_cents=outbound.amount_cents,
            invoice=invoice,
        )
        wallet.transactions.append(returned)
        store.wallet_transactions.add(returned)
        settle(store, returned)
        wallet.consumed_credits = max(wallet.consumed_credits - outbound.credits, Decimal(0))
        wallet.consumed_cents = max(wallet.consumed_cents - outbound.amount_cents, 0)


def terminate(store: Store, wallet: Wallet) -> None:
    """Close a wallet, and end its rules; a closed one stays as it is."""
    if wallet.terminated_at is None:
        wallet.terminated_at = store.now
        store.flag(wallet.customer)
        store.emit("wallet.terminated", wallet)
        wallet.rules.clear()
