"""One-off invoices, their documents, and a preview."""

from tests.live.stories import _make
from tests.live.trial import NO_PROVIDER, Refusal, Trial

NOT_FAILED = Refusal(405, "invalid_status", "only a failure of a tax provider makes a failed invoice")
PAID = Refusal(405, "invalid_status", "there is no payment to repeat", is_gate=False)
NO_EMAIL = Refusal(405, "email_settings_disabled", "the emails are switched off for the billing entity", is_gate=False)
NO_SENDER = Refusal(422, "must have email configured", "the billing entity has no email address", is_gate=False)
NO_SALESFORCE = Refusal(404, "integration_not_found", "needs the integration with Salesforce")
RECIPIENT = {"to": ["live@example.com"]}


async def invoices(trial: Trial) -> None:
    """Make, read, change and void invoices."""
    one = await _make.invoiced(trial)
    await trial.call("invoices.find", one.lago_id)
    await trial.call("invoices.find_all", external_customer_id=trial.code("cus"), per_page=1)
    await trial.call("invoices.payment_url", one.lago_id, refusals=(NO_PROVIDER,))
    await trial.call("invoices.retry", one.lago_id, refusals=(NOT_FAILED,))
    await trial.call("invoices.retry_payment", one.lago_id, refusals=(PAID,))
    note = {"external_id": trial.code("sf"), "integration_code": trial.code("salesforce")}
    await trial.call("invoices.sync_salesforce_id", one.lago_id, note, refusals=(NO_SALESFORCE,))
    await trial.call("invoices.update", one.lago_id, {"metadata": [{"key": "live", "value": trial.tag}]})
    await trial.call("invoices.void", one.lago_id)
    other = await _make.invoice(trial)
    await trial.call("invoices.lose_dispute", other.lago_id)
    await _make.plan(trial)
    preview = {"customer": {"external_id": trial.code("cus")}, "plan_code": trial.code("plan")}
    await trial.call("invoices.preview", preview)


async def documents(trial: Trial) -> None:
    """Ask for the documents of an invoice. The server makes them later, and answers nothing until then."""
    one = await _make.invoiced(trial)
    await trial.call("invoices.download", one.lago_id)
    await trial.call("invoices.download_pdf", one.lago_id)
    await trial.call("invoices.download_xml", one.lago_id)
    await trial.call("invoices.resend_email", one.lago_id, RECIPIENT, refusals=(NO_EMAIL, NO_SENDER))
