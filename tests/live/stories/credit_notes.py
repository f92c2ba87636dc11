"""Credit notes, which need a premium licence to be made."""

from typing import Any

from tests.live.stories import _make
from tests.live.stories.invoices import NO_EMAIL, NO_SENDER, RECIPIENT
from tests.live.trial import NOWHERE, Refusal, Trial

NONE = Refusal(404, "credit_note_not_found", "needs a credit note, and so a premium licence")


async def credit_notes(trial: Trial) -> None:
    """Make, read, change and void a credit note, with metadata and documents."""
    one = await _make.invoiced(trial)
    fee = next(iter(one.fees), one)
    items = [{"fee_id": fee.lago_id, "amount_cents": 100}]
    given = {"invoice_id": one.lago_id, "items": items}
    estimate = await trial.call("credit_notes.estimate", given)
    amount = estimate.max_creditable_amount_cents or 100  # with the taxes of the organization
    made = await trial.call("credit_notes.create", {**given, "credit_amount_cents": amount, "metadata": {"a": "1"}})
    note: Any = made.lago_id or NOWHERE
    await trial.call("credit_notes.find", note, refusals=(NONE,))
    await trial.call("credit_notes.find_all", external_customer_id=trial.code("cus"), per_page=1)
    await trial.call("credit_notes.replace_metadata", note, {"a": "2", "b": "3"}, refusals=(NONE,))
    await trial.call("credit_notes.merge_metadata", note, {"b": "4"}, refusals=(NONE,))
    await trial.call("credit_notes.delete_metadata_key", note, "b", refusals=(NONE,))
    await trial.call("credit_notes.delete_all_metadata", note, refusals=(NONE,))
    await trial.call("credit_notes.download", note, refusals=(NONE,))
    await trial.call("credit_notes.download_pdf", note, refusals=(NONE,))
    await trial.call("credit_notes.download_xml", note, refusals=(NONE,))
    await trial.call("credit_notes.resend_email", note, RECIPIENT, refusals=(NONE, NO_EMAIL, NO_SENDER))
    await trial.call("credit_notes.update", note, {"refund_status": "succeeded"}, refusals=(NONE,))
    await trial.call("credit_notes.void", note, refusals=(NONE,))
