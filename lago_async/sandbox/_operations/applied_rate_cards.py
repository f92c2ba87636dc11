"""The rate cards of plans: none, because a sandbox refuses to apply one.

Applying has no handler and answers 501: no invoice of the sandbox is made from rate cards.
"""

from lago_async.sandbox._operations.plans import PLANS
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.wire import JsonObject


@handles("find_all_applied_rate_cards")
def find_all_applied_rate_cards(call: OperationCall) -> PagedList:
    """List the rate cards of a plan: none."""
    PLANS.record(call)
    return Window.of(call.params).page([], bytes)


@handles("find_applied_rate_card")
@handles("destroy_applied_rate_card")
def find_applied_rate_card(_: OperationCall) -> JsonObject:
    """Refuse: no plan has a rate card. For an unknown plan, the server refuses with the same code."""
    raise refusals.not_found("applied_rate_card")


@handles("update_applied_rate_card")
def update_applied_rate_card(call: OperationCall) -> JsonObject:
    """Refuse: no plan has a rate card. A missing envelope is refused first."""
    call.envelope()
    raise refusals.not_found("applied_rate_card")
