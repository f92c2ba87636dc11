"""The consequences of usage: thresholds that it passes, alerts that see it, and wallets that it empties."""

from lago_async.sandbox._money import alerts, progressive, top_ups
from lago_async.sandbox._money.ongoing import ongoing_usage
from lago_async.sandbox._state.customers import Customer
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.wallets import Wallet


def _refresh(store: Store, customer: Customer) -> None:
    """Note on the open wallets of a customer what their usage will cost, and do what follows from that."""
    changed: list[Wallet] = []
    used = ongoing_usage(store, customer)
    mine = [item for item in store.wallets if item.lago_id in used]
    for wallet in mine:
        usage, left = used[wallet.lago_id], wallet.balance_cents - used[wallet.lago_id]
        if (wallet.ongoing_usage_cents, wallet.ongoing_cents) != (usage, left):
            changed.append(wallet)
        wallet.ongoing_usage_cents, wallet.ongoing_cents = usage, left
    if customer.awaits_refresh:
        customer.awaits_refresh, customer.updated_at = False, store.now
    for wallet in mine:
        if wallet.ongoing_cents <= 0 and not wallet.depleted:
            store.emit("wallet.depleted_ongoing_balance", wallet)
        wallet.depleted = wallet.ongoing_cents <= 0
        if wallet in changed:
            top_ups.apply_threshold_rules(store, wallet)
        store.watched[wallet.lago_id] = wallet


def look(store: Store) -> None:
    """Look at what has happened to usage and wallets.

    A top-up of a wallet is something that happens, so that its customer is looked at once more, and only once.
    """
    for _ in range(2):
        active, store.active = list(store.active.values()), {}
        for subscription in active:
            progressive.check(store, subscription)
            if store.premium:
                alerts.look_at_usage(store, subscription)
        flagged, store.flagged = list(store.flagged.values()), {}
        for customer in flagged:
            _refresh(store, customer)
        watched, store.watched = list(store.watched.values()), {}
        for wallet in watched:
            if store.premium and wallet.terminated_at is None:
                alerts.look_at_wallet(store, wallet)
        if not flagged:
            return
    store.flagged.clear()
    store.active.clear()
