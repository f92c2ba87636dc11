"""Quotes, order forms and orders. People draft quotes in Lago's app; no operation does."""

from collections.abc import Sequence
from typing import Any

from tests.live.stories import _make
from tests.live.trial import NOWHERE, Refusal, Trial

WHY = "only people make quotes, in Lago's app"
NO_QUOTE = Refusal(404, "quote_not_found", WHY, is_gate=False)
NO_VERSION = Refusal(404, "quote_version_not_found", WHY, is_gate=False)
NO_FORM = Refusal(404, "order_form_not_found", WHY, is_gate=False)
NO_ORDER = Refusal(404, "order_not_found", WHY, is_gate=False)


async def quotes(trial: Trial) -> None:
    """Take a customer's quotes to orders, if they can be drafted; else call the operations without an object.

    The ids in a list are used only if quotes were drafted here: a server that ignores the filter shows those of others.
    """
    await _make.add_on(trial)
    customer = await _make.customer(trial)
    drafted = [await trial.draft_quote(trial.code("cus")) for _ in range(3)]
    listed = await trial.call("quotes.find_all", external_customer_id=[trial.code("cus")], per_page=3)
    found = ids(listed, drafted)
    await trial.call("quotes.find", found[0], refusals=(NO_QUOTE,))
    versions: list[Any] = []
    for quote in found:
        of_quote = await trial.call("quotes.find_all_versions", quote, per_page=1, refusals=(NO_QUOTE,))
        versions += ids(of_quote, drafted[:1])
    await trial.call("quote_versions.find", versions[0], refusals=(NO_VERSION,))
    copy = await trial.call("quote_versions.clone", versions[0], refusals=(NO_VERSION,))
    await trial.call("quote_versions.void", copy.lago_id or NOWHERE, refusals=(NO_VERSION,))
    for version in versions[1:]:
        await trial.call("quote_versions.approve", version, refusals=(NO_VERSION,))
    own: dict[str, Any] = {"customer_id": [customer.lago_id], "per_page": 2}
    forms = ids(await trial.call("order_forms.find_all", **own), drafted[1:])
    await trial.call("order_forms.find", forms[0], refusals=(NO_FORM,))
    await trial.call("order_forms.mark_as_signed", forms[0], {"execution_mode": "order_only"}, refusals=(NO_FORM,))
    await trial.call("order_forms.void", forms[1], refusals=(NO_FORM,))
    (order,) = ids(await trial.call("orders.find_all", **own), drafted[:1])
    await trial.call("orders.find", order, refusals=(NO_ORDER,))
    await trial.call("orders.execute", order, {"execution_mode": "order_only"}, refusals=(NO_ORDER,))


def ids(listed: Any, drafted: Sequence[bool]) -> list[Any]:
    """Return as many ids as were drafted: those of a list, or of no object."""
    return [item.lago_id for item in listed] if all(drafted) and listed else [NOWHERE] * len(drafted)
