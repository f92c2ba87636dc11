"""The lists of applied coupons, each with what it took off invoices."""

from lago_async.sandbox._operations import customers
from lago_async.sandbox._operations.coupons import applied_coupon_json
from lago_async.sandbox._operations.invoices import credit_json
from lago_async.sandbox._operations.registry import Call, Page, handles
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.records import AppliedCoupon
from lago_async.sandbox._state.store import Store


def _with_credits(store: Store, applied: AppliedCoupon) -> JsonObject:
    taken = [credit for invoice in store.invoices for credit in invoice.credits if credit.applied_coupon is applied]
    return {**applied_coupon_json(applied), "credits": [credit_json(credit) for credit in taken]}


def _page(call: Call, external_customer_id: str | None) -> Page:
    """Those that match, newest first. A status that does not exist is no filter."""
    status, codes = call.params.filled("status"), call.params.strings("coupon_code")

    def matches(applied: AppliedCoupon) -> bool:
        own = "active" if applied.terminated_at is None else "terminated"
        return (
            external_customer_id in {None, applied.customer.external_id}
            and (status not in {"active", "terminated"} or status == own)
            and (not codes or applied.coupon.code in codes)
        )

    found = [each for each in reversed(call.store.applied_coupons.values()) if matches(each)]
    return Window.of(call.params).page(found, lambda each: encode(_with_credits(call.store, each)))


@handles("find_all_applied_coupons")
def find_all_applied_coupons(call: Call) -> Page:
    """Applied coupons of everybody; an unknown customer has none."""
    return _page(call, call.params.filled("external_customer_id"))


@handles("find_all_customer_applied_coupons")
def find_all_customer_applied_coupons(call: Call) -> Page:
    """Applied coupons of one customer, who has to exist."""
    return _page(call, customers.find(call.store, call.identifier).external_id)
