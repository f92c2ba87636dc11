"""Payments by hand, their receipts, and requests for payment."""

from tests.live.stories import _make
from tests.live.stories.invoices import NO_EMAIL, NO_SENDER, RECIPIENT
from tests.live.trial import NOWHERE, Refusal, Trial

NO_RECEIPT = Refusal(404, "_not_found", "receipts need a premium licence and a payment")
NO_RECEIPT_TO_SEND = Refusal(404, "invoice_not_found", "receipts need a premium licence and a payment")
NOT_OVERDUE = Refusal(405, "invoices_not_overdue", "no invoice is overdue yet", is_gate=False)
NO_REQUEST = Refusal(404, "payment_request_not_found", "there is no request for payment", is_gate=False)
NO_PAYMENT = Refusal(404, "payment_not_found", "payments by hand need a premium licence")


async def payments(trial: Trial) -> None:
    """Pay an invoice by hand, and read the payment and its receipt."""
    one = await _make.invoiced(trial)
    given = {"invoice_id": one.lago_id, "amount_cents": 100, "reference": trial.tag}
    made = await trial.call("payments.create", given)
    await trial.call("payments.find", made.lago_id or NOWHERE, refusals=(NO_PAYMENT,))
    await trial.call("payments.find_all", external_customer_id=trial.code("cus"), per_page=1)
    receipts = await trial.call("payment_receipts.find_all", invoice_id=one.lago_id, per_page=1)
    # A server that ignores the filter shows others' receipts.
    receipt = next((item.lago_id for item in receipts if item.payment.lago_id == made.lago_id), NOWHERE)
    await trial.call("payment_receipts.find", receipt, refusals=(NO_RECEIPT,))
    allowed = (NO_EMAIL, NO_SENDER, NO_RECEIPT_TO_SEND)
    await trial.call("payment_receipts.resend_email", receipt, RECIPIENT, refusals=allowed)


async def payment_requests(trial: Trial) -> None:
    """Ask a customer to pay."""
    one = await _make.invoiced(trial)
    given = {"external_customer_id": trial.code("cus"), "email": "live@example.com", "lago_invoice_ids": [one.lago_id]}
    made = await trial.call("payment_requests.create", given, refusals=(NOT_OVERDUE,))
    await trial.call("payment_requests.find", made.lago_id or NOWHERE, refusals=(NO_REQUEST,))
    await trial.call("payment_requests.find_all", external_customer_id=trial.code("cus"), per_page=1)
