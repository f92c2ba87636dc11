"""Customers, what is listed below them, and their coupons."""

from tests.live.stories import _make
from tests.live.trial import NO_PROVIDER, NOWHERE, Refusal, Trial

NO_METHOD = Refusal(404, "payment_method_not_found", "only a payment provider makes payment methods")


async def customers(trial: Trial) -> None:
    """Make, read and delete a customer."""
    await _make.customer(trial)
    cus = trial.code("cus")
    await trial.call("customers.find", cus)
    await trial.call("customers.find_all", per_page=1, search_term=cus)
    await trial.call("customers.get_portal_url", cus)
    await trial.call("customers.generate_checkout_url", cus, refusals=(NO_PROVIDER,))
    await trial.call("customers.find_all_subscriptions", cus, per_page=1)
    await trial.call("customers.find_all_invoices", cus, per_page=1)
    await trial.call("customers.find_all_credit_notes", cus, per_page=1)
    await trial.call("customers.find_all_payments", cus, per_page=1)
    await trial.call("customers.find_all_payment_requests", cus, per_page=1)
    methods = await trial.call("payment_methods.find_all", cus, per_page=1)
    method = next((item.lago_id for item in methods), NOWHERE)
    await trial.call("payment_methods.set_as_default", cus, method, refusals=(NO_METHOD,))
    await trial.call("payment_methods.destroy", cus, method, refusals=(NO_METHOD,))
    await trial.call("customers.destroy", cus)


async def coupons_of_a_customer(trial: Trial) -> None:
    """Apply a coupon to a customer, and take it back."""
    await _make.coupon(trial)
    await _make.customer(trial)
    cus = trial.code("cus")
    applied = await trial.call("coupons.apply", {"external_customer_id": cus, "coupon_code": trial.code("ten")})
    await trial.call("coupons.find_all_applied", external_customer_id=cus)
    await trial.call("customers.find_all_applied_coupons", cus, per_page=1)
    await trial.call("customers.delete_applied_coupon", cus, applied.lago_id)
