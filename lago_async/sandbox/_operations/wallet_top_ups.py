"""The limits of what is paid for credits."""

from lago_async.sandbox._money import prepaid
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._state.wallets import Wallet


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
