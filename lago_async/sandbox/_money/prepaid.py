"""The balance of wallets: credits come in, invoices consume them, and each consumption records its source."""

from datetime import datetime
from decimal import Decimal

from lago_async._currencies import exponent
from lago_async.sandbox._money import amounts, usage
from lago_async.sandbox._money.rounding import to_cents, to_credits
from lago_async.sandbox._state.invoices import Invoice, InvoiceFee
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.wallets import Consumption, Wallet, WalletTransaction


def credits_to_cents(wallet: Wallet, number: Decimal) -> int:
    """Return the value of credits."""
    return to_cents(number * wallet.rate_amount, exponent(wallet.currency))


def cents_to_credits(wallet: Wallet, amount_cents: int) -> Decimal:
    """Return the credits that an amount is worth."""
    amount = Decimal(amount_cents).scaleb(-exponent(wallet.currency)) / wallet.rate_amount
    return to_credits(amount)


def settle(store: Store, transaction: WalletTransaction) -> None:
    """Add the credits of a transaction to its wallet."""
    transaction.status, transaction.settled_at = "settled", store.now
    transaction.remaining_cents = transaction.amount_cents
    transaction.wallet.balance_cents += transaction.amount_cents
    transaction.wallet.synced_at = store.now


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
    wallet.synced_at = store.now
    return taken


def take(
    store: Store, wallet: Wallet, amount_cents: int, *, transaction_status: str, invoice: Invoice | None = None
) -> dict[str, int]:
    """Create an outbound transaction; return the amounts taken from granted and from purchased credits."""
    outbound = WalletTransaction(
        created_at=store.now,
        wallet=wallet,
        transaction_type="outbound",
        transaction_status=transaction_status,
        credits=cents_to_credits(wallet, amount_cents),
        amount_cents=amount_cents,
        settled_at=store.now,
        invoice=invoice,
    )
    wallet.transactions.append(outbound)
    store.wallet_transactions.add(outbound)
    return _take(store, outbound)


def _covers(wallet: Wallet, fee: InvoiceFee) -> bool:
    """Return whether a wallet may pay a fee."""
    if not wallet.fee_types and not wallet.metric_codes:
        return True
    of_metric = fee.charge is not None and fee.charge.metric.code in wallet.metric_codes
    return fee.kind in wallet.fee_types or of_metric


def consume(store: Store, invoice: Invoice) -> None:
    """Pay an invoice from the customer's wallets as far as possible: by priority, old before new."""
    mine = [item for item in store.wallets if item.customer is invoice.customer and item.terminated_at is None]
    for wallet in sorted(mine, key=lambda item: (item.priority, item.created_at, item.order)):
        if wallet.currency != invoice.currency:
            continue
        covered = sum(fee.amount_cents + amounts.fee_taxes_cents(fee) for fee in invoice.fees if _covers(wallet, fee))
        amount = min(wallet.balance_cents, amounts.total_cents(invoice), covered)
        if amount <= 0:
            continue
        taken = take(store, wallet, amount, transaction_status="invoiced", invoice=invoice)
        invoice.prepaid_granted_cents += taken.get("granted", 0)
        invoice.prepaid_purchased_cents += amount - taken.get("granted", 0)
        wallet.consumed_cents += amount
        wallet.consumed_at = store.now


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
        returned = WalletTransaction(
            created_at=store.now,
            wallet=outbound.wallet,
            transaction_type="inbound",
            transaction_status="granted",
            credits=outbound.credits,
            amount_cents=outbound.amount_cents,
            invoice=invoice,
        )
        outbound.wallet.transactions.append(returned)
        store.wallet_transactions.add(returned)
        settle(store, returned)


def expire(store: Store, now: datetime) -> None:
    """Terminate the wallets that have expired."""
    for wallet in store.wallets:
        if wallet.terminated_at is None and wallet.expiration_at is not None and wallet.expiration_at <= now:
            wallet.terminated_at = wallet.expiration_at


def running_usage_cents(store: Store, wallet: Wallet) -> int:
    """Return the usage of the customer's active subscriptions in their running periods, with taxes."""
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
        for charge_usage in usage.charge_usages(store, subscription, charges, period):
            total += sum(fee.amount_cents + fee.taxes_amount_cents for fee in charge_usage.fees)
    return total
