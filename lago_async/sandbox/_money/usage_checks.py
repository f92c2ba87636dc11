"""What follows from usage: thresholds that it passes, and wallets that it empties."""

from lago_async.sandbox._money import progressive, top_ups
from lago_async.sandbox._state.store import Store


def look(store: Store) -> None:
    """Look at the usage of the customers for whom something has happened.

    A top-up of a wallet is something that happens, so that its customer is looked at once more, and only once.
    """
    for _ in range(2):
        found, store.flagged = list(store.flagged.values()), {}
        for customer in found:
            for subscription in list(store.subscriptions_of(customer)):
                progressive.check(store, subscription)
            for wallet in list(store.wallets):
                if wallet.customer is customer:
                    top_ups.apply_threshold_rules(store, wallet)
    store.flagged.clear()
