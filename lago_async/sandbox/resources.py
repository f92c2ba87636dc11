"""The catalogue's resources, all found, listed and deleted in the same way."""

from collections.abc import Callable
from typing import Generic, TypeVar

import attrs

from lago_async.sandbox import errors
from lago_async.sandbox.catalog import add_on_json, billable_metric_json, full_tax_json
from lago_async.sandbox.coupons import coupon_json
from lago_async.sandbox.entitlements import feature_json
from lago_async.sandbox.handlers import Call, Handler, Page
from lago_async.sandbox.paging import Window
from lago_async.sandbox.plans import plan_json
from lago_async.sandbox.records import Record
from lago_async.sandbox.routing import Route
from lago_async.sandbox.store import Collection, Store
from lago_async.sandbox.wire import JsonObject, encode

_Kind = TypeVar("_Kind", bound=Record)


@attrs.frozen
class Resource(Generic[_Kind]):
    """A collection whose members go by one path parameter, and how they are shown."""

    root: str
    plural: str
    records: Callable[[Store], Collection[_Kind]]
    render: Callable[[Store, _Kind], JsonObject]

    def handler(self, route: Route) -> Handler | None:
        """The handler, if this operation only finds, lists or deletes."""
        handlers: dict[str, Handler] = {
            f"find_{self.root}": self._find,
            f"find_all_{self.plural}": self._list,
            f"destroy_{self.root}": self._destroy,
        }
        return handlers.get(route.name)

    def _record(self, call: Call) -> _Kind:
        record = self.records(call.store).find(call.identifier)
        if record is None:
            raise errors.not_found(self.root)
        return record

    def _find(self, call: Call) -> JsonObject:
        return self.render(call.store, self._record(call))

    def _list(self, call: Call) -> Page:
        rows = self.records(call.store).newest_first()
        return Window.of(call.params).page(rows, lambda record: encode(self.render(call.store, record)))

    def _destroy(self, call: Call) -> JsonObject:
        record = self._record(call)
        self.records(call.store).discard(record, call.store.now)
        return self.render(call.store, record)


_RESOURCES = (
    Resource("tax", "taxes", lambda store: store.taxes, full_tax_json),
    Resource("billable_metric", "billable_metrics", lambda store: store.billable_metrics, billable_metric_json),
    Resource("add_on", "add_ons", lambda store: store.add_ons, add_on_json),
    Resource("feature", "features", lambda store: store.features, feature_json),
    Resource("plan", "plans", lambda store: store.plans, plan_json),
    Resource("coupon", "coupons", lambda store: store.coupons, lambda _, coupon: coupon_json(coupon)),
)


def resource_handler(route: Route) -> Handler | None:
    """The handler of an operation that finds, lists or deletes in the catalogue."""
    for resource in _RESOURCES:
        handler = resource.handler(route)
        if handler is not None:
            return handler
    return None
