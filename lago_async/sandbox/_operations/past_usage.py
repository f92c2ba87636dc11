"""Past usage of a customer."""

from lago_async.sandbox._money.past_periods import usage_period
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._state.subscriptions import UsagePeriod


def _positive(params: Fields, name: str) -> int | None:
    """Return a positive number; the server answers 500 to any other value."""
    if params.raw(name) is None:
        return None
    number = params.integer(name)
    if number is None or number < 1:
        raise refusals.crashed()
    return number


@handles("find_all_customer_past_usage")
def find_all_customer_past_usage(call: OperationCall) -> PagedList:
    """List billed periods, newest first.

    An unknown customer or subscription has none. A filter by metric does not change the amounts of a period.
    ``periods_count`` replaces the page size after the offset was computed with ``per_page``, as on the server: only the
    first page is right, and ``meta`` does not lead to the others.
    """
    store, params = call.store, call.params
    external_id = params.filled("external_subscription_id")
    if external_id is None:
        raise refusals.invalid_field("external_subscription_id", "value_is_mandatory")
    metric_code = params.filled("billable_metric_code")
    if metric_code is not None and store.billable_metrics.find(metric_code) is None:
        raise refusals.not_found("billable_metric")
    customer = store.customers.find(call.identifier)
    periods: list[UsagePeriod] = []
    if customer is not None:
        mine = (item for item in store.subscriptions.get(external_id, ()) if item.customer is customer)
        found = (usage_period(item) for subscription in mine for item in store.history(subscription).periods)
        periods = [period for period in found if period is not None]
    periods.sort(key=lambda period: (period.charges_from, period.created_at, period.order), reverse=True)
    window = Window.of(params)
    limit = _positive(params, "periods_count")
    if limit is not None:
        window = Window(window.offset, limit)
    return window.page(periods, lambda period: period.json(metric_code))
