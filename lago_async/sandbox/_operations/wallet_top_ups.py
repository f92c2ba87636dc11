"""The limits of what is paid for credits."""

from lago_async.sandbox._money import prepaid
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._state.wallets import RecurringRule, Wallet


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


def within_limits(wallet: Wallet, rule: RecurringRule) -> bool:
    """Return whether what a rule purchases each time is within the limits of the wallet, or need not be."""
    paid = rule.number("paid_credits")
    if rule.text("method") != "fixed" or not paid or rule.flag("ignore_paid_top_up_limits"):
        return True
    amount, least, most = prepaid.credits_to_cents(wallet, paid), wallet.top_up_min_cents, wallet.top_up_max_cents
    return (least is None or amount >= least) and (most is None or amount <= most)
