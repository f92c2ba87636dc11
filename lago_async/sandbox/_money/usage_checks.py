"""The consequences of usage: thresholds that it passes, alerts that see it, and wallets that it empties."""

from lago_async.sandbox._money import alerts, progressive, top_ups
from lago_async.sandbox._money.ongoing import ongoing_usage
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.wallets import Wallet


def _look_whether_depleted(store: Store, wallet: Wallet) -> None:
    """Tell once that a wallet has no ongoing balance left."""
    left = wallet.balance_cents - ongoing_usage(store, wallet.customer).get(wallet.lago_id, 0)
    if left <= 0 and not wallet.depleted:
        store.emit("wallet.depleted_ongoing_balance", wallet)
    wallet.depleted = left <= 0


def look(store: Store) -> None:
    """Look at what has happened to usage and wallets.

    A top-up of a wallet is something that happens, so that its customer is looked at once more, and only once.
    """
    for _ in range(2):
        active, store.active = list(store.active.values()), {}
        flagged, store.flagged = store.flagged, {}
        for subscription in active:
            progressive.check(store, subscription)
            if store.premium:
                alerts.look_at_usage(store, subscription)
        if not flagged:
            return
        for wallet in list(store.wallets):
            if wallet.customer.lago_id in flagged and wallet.terminated_at is None:
                if store.premium and flagged[wallet.customer.lago_id]:
                    wallet.customer.updated_at = store.now
                top_ups.apply_threshold_rules(store, wallet)
                _look_whether_depleted(store, wallet)
                if store.premium:
                    alerts.look_at_wallet(store, wallet)
    store.flagged.clear()
    store.active.clear()
