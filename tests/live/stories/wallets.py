"""Wallets, by id and below a customer; their transactions, metadata and alerts."""

from typing import Any

from tests.live.stories import _make
from tests.live.trial import NO_PROVIDER, Refusal, Trial

NO_FUNDING = Refusal(422, "invalid_transaction_type", "no credits have been spent", is_gate=False)
NO_INVOICE = Refusal(422, "wallet_transaction_has_no_attached_invoice", "its invoice is made later", is_gate=False)
NOT_TRACED = Refusal(422, "", "the server does not trace the credits of this wallet", is_gate=False)


async def wallets(trial: Trial) -> None:
    """Make, read, change and end a wallet, and look at its transactions."""
    await _make.customer(trial)
    cus = trial.code("cus")
    given = {"name": "Live", "rate_amount": "1", "currency": "EUR", "external_customer_id": cus, "metadata": {"a": "1"}}
    made = await trial.call("wallets.create", given)
    wallet = made.lago_id
    trial.undo("wallets.destroy", wallet)
    await trial.call("wallets.find", wallet)
    await trial.call("wallets.find_all", external_customer_id=cus, per_page=1)
    await trial.call("wallets.update", wallet, {"name": "Live, renamed"})
    await trial.call("wallets.create_transaction", {"wallet_id": wallet, "granted_credits": "5"})
    bought = await trial.call("wallets.create_transaction", {"wallet_id": wallet, "paid_credits": "5"})
    paid = next(iter(bought), bought)
    granted: Any = await trial.until(_granted, "wallets.find_all_transactions", wallet)
    await trial.call("wallets.find_transaction", granted.lago_id)
    await trial.call("wallets.find_all_transaction_consumptions", granted.lago_id, refusals=(NOT_TRACED,))
    await trial.call("wallets.find_all_transaction_fundings", granted.lago_id, refusals=(NO_FUNDING,))
    await trial.call("wallets.transaction_payment_url", paid.lago_id, refusals=(NO_PROVIDER, NO_INVOICE))
    await trial.call("wallets.replace_metadata", wallet, {"a": "2", "b": "3"})
    await trial.call("wallets.merge_metadata", wallet, {"b": "4"})
    await trial.call("wallets.delete_metadata_key", wallet, "b")
    await trial.call("wallets.delete_all_metadata", wallet)
    await trial.call("wallets.destroy", wallet)


def _granted(transactions: Any) -> Any:
    return next((item for item in transactions if item.transaction_status == "granted"), None)


async def wallets_of_a_customer(trial: Trial) -> None:
    """The same below a customer, and alerts."""
    await _make.customer(trial)
    cus, main = trial.code("cus"), trial.code("main")
    given = {"name": "Live", "code": main, "rate_amount": "1", "currency": "EUR"}
    await trial.call("wallets.create_customer_wallet", cus, given)
    trial.undo("wallets.destroy_customer_wallet", cus, main)
    await trial.call("wallets.find_customer_wallet", cus, main)
    await trial.call("wallets.find_all_customer_wallets", cus, per_page=1)
    await trial.call("wallets.update_customer_wallet", cus, main, {"name": "Live, renamed"})
    await trial.call("wallets.replace_customer_wallet_metadata", cus, main, {"a": "2", "b": "3"})
    await trial.call("wallets.merge_customer_wallet_metadata", cus, main, {"b": "4"})
    await trial.call("wallets.delete_customer_wallet_metadata_key", cus, main, "b")
    await trial.call("wallets.delete_all_customer_wallet_metadata", cus, main)
    alert = {"code": "low", "alert_type": "wallet_balance_amount", "thresholds": [{"value": "100", "code": "warn"}]}
    await trial.call("wallets.create_customer_wallet_alert", cus, main, alert)
    await trial.call("wallets.get_customer_wallet_alert", cus, main, "low")
    await trial.call("wallets.get_customer_wallet_alerts", cus, main, per_page=1)
    await trial.call("wallets.update_customer_wallet_alert", cus, main, "low", {"name": "Live, renamed"})
    await trial.call("wallets.delete_customer_wallet_alert", cus, main, "low")
    await trial.call("wallets.create_customer_wallet_alerts", cus, main, [alert])
    await trial.call("wallets.delete_all_customer_wallet_alerts", cus, main)
    await trial.call("wallets.destroy_customer_wallet", cus, main)
