"""Drafts of invoices, and fees."""

from typing import Any

from tests.live.stories import _make
from tests.live.trial import Refusal, Trial

NO_DRAFT = Refusal(404, "invoice_not_found", "grace periods, which make drafts, need a premium licence")
NOT_DELETABLE = Refusal(405, "not_deletable", "grace periods, which make drafts, need a premium licence")
ON_INVOICE = Refusal(405, "invoiced_fee", "the fee is on an invoice", is_gate=False)


async def drafts(trial: Trial) -> None:
    """Refresh and finalize a draft, and delete another."""
    await _make.plan(trial, pay_in_advance=True)
    for number, last in enumerate(("finalize", "delete")):
        name = f"late{number}"
        await _make.customer(trial, name, billing_configuration={"invoice_grace_period": 30})
        external_id = trial.code(f"sub-{name}")
        given = {"external_customer_id": trial.code(name), "external_id": external_id, "plan_code": trial.code("plan")}
        await trial.call("subscriptions.create", given, undo=("subscriptions.destroy", external_id))
        draft = await trial.until(_first, "customers.find_all_invoices", trial.code(name))
        if last == "finalize":
            await trial.call("invoices.refresh", draft.lago_id)
            await trial.call("invoices.finalize", draft.lago_id, refusals=(NO_DRAFT,))
        else:
            await trial.call("invoices.delete", draft.lago_id, refusals=(NOT_DELETABLE, NO_DRAFT))


def _first(items: Any) -> Any:
    return next(iter(items), None)


async def fees(trial: Trial) -> None:
    """Read, change and delete the fees of an invoice, as far as the server lets them be changed."""
    one = await _make.invoiced(trial)
    await trial.call("fees.find_all", external_customer_id=trial.code("cus"), per_page=1)
    fee = next(iter(one.fees), one)
    await trial.call("fees.find", fee.lago_id)
    await trial.call("fees.update", fee.lago_id, {"payment_status": "succeeded"}, refusals=(ON_INVOICE,))
    await trial.call("fees.delete", fee.lago_id, refusals=(ON_INVOICE,))
