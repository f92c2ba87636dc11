"""What follows from usage: thresholds that it passes, alerts that see it, and wallets that it empties."""

from lago_async.sandbox._money import alerts, progressive, top_ups
from lago_async.sandbox._state.store import Store


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
                top_ups.apply_threshold_rules(store, wallet)
                if store.premium:
                    alerts.look_at_wallet(store, wallet)
    store.flagged.clear()
    store.active.clear()
