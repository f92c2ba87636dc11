"""The papers of a quote on the agenda of the clock: forms expire, and orders that have a time are executed."""

from datetime import datetime

from lago_async.sandbox._money.job_times import next_hour
from lago_async.sandbox._state.periods import local_date, midnight
from lago_async.sandbox._state.quotes import Order, OrderForm
from lago_async.sandbox._state.store import Store


def form_expires(store: Store, form: OrderForm) -> datetime | None:
    """Return when an unsigned form expires: when its day begins, where the customer is."""
    if form.status != "generated" or form.expires_at is None:
        return None
    zone = form.version.quote.customer.zone
    begins = midnight(local_date(form.expires_at, zone), zone)
    return begins if begins >= store.now else next_hour(store.now)


def expire_form(store: Store, form: OrderForm) -> None:
    """Void a form that the customer has not signed in time."""
    form.void("expired", "expired", store.now)
    store.emit("order_form.expired", form)
    store.emit("quote.voided", form.version)


def order_executes(store: Store, order: Order) -> datetime | None:
    """Return when an order is executed that has a time."""
    if order.status != "created" or order.execute_at is None or store.execute_order is None:
        return None
    return next_hour(max(order.execute_at, store.now))


def execute(store: Store, order: Order) -> None:
    """Execute an order whose time has come."""
    if store.execute_order is not None:
        store.execute_order(store, order)
