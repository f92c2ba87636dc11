"""What past usage does not say: the status of its invoices, and the names of its customers and plans.

Each comes from one list of the organisation, never from a call per customer or invoice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal, Protocol, TypeAlias, TypeVar, get_args

import attrs

from lago_async.errors import ForbiddenError, NotFoundError

if TYPE_CHECKING:
    from lago_async._table.pages import Page
    from lago_async.bulk import Outcome
    from lago_async.usage._export.pairs import Pair
    from lago_async.usage._export.request import ExportRequest

ListName: TypeAlias = Literal["invoices", "customers", "subscriptions", "plans"]
Described: TypeAlias = tuple[str | None, str | None, str | None, str | None]
"""The values of the columns ``invoice_status``, ``customer_name``, ``plan_code`` and ``plan_name``."""

UNKNOWN: Final[Described] = (None, None, None, None)

FEW_CUSTOMERS: Final = 20
"""For at most this many given customers, only their own invoices and subscriptions are listed."""

_PER_PAGE: Final = 100
_PAGES_AT_ONCE: Final = 1_000
_LONG_AGO: Final = datetime(1, 1, 1, tzinfo=UTC)
_ZONES: Final = timedelta(days=2)  # a day of a customer may begin earlier than that of UTC

_Call = TypeVar("_Call")


@attrs.define(eq=False)
class _Listing:
    """One list: what to ask for, and how far it was read."""

    name: ListName
    arguments: Mapping[str, object]
    asked: int = 0
    wanted: int = 1

    def pages(self) -> range:
        """Return the pages that are asked for next, and count them as asked for."""
        first, self.asked = self.asked + 1, min(self.wanted, self.asked + _PAGES_AT_ONCE)
        return range(first, self.asked + 1)


class _HasList(Protocol):
    @property
    def find_all(self) -> Callable[..., object]: ...


class _HasLists(Protocol):
    """A client of either face."""

    @property
    def invoices(self) -> _HasList: ...
    @property
    def customers(self) -> _HasList: ...
    @property
    def subscriptions(self) -> _HasList: ...
    @property
    def plans(self) -> _HasList: ...


def operations_of(client: _HasLists) -> Mapping[ListName, Callable[..., object]]:
    """Return the operations of a client that list, by the name of the list."""
    return {
        "invoices": client.invoices.find_all,
        "customers": client.customers.find_all,
        "subscriptions": client.subscriptions.find_all,
        "plans": client.plans.find_all,
    }


class Directory:
    """The statuses and names that lists of the organisation tell.

    The pages of a list are fetched concurrently once the first one says how many there are. An invoice that is created
    meanwhile may be missed: its status is unknown then, as is everything that the key may not list.
    """

    def __init__(self) -> None:
        self._statuses: dict[str, str] = {}
        self._customers: dict[str, str | None] = {}
        self._plans: dict[str, str | None] = {}
        self._subscriptions: dict[Pair, list[tuple[datetime, str]]] = {}
        self._listings: list[_Listing] = []
        self._waiting: dict[object, _Listing] = {}

    def want(self, request: ExportRequest, left: Sequence[Pair] | None) -> None:
        """Note which lists an export needs.

        Args:
            request: The export.
            left: The subscriptions that are left to fetch; None if they are not known.
        """
        if not request.names or (left is not None and not left):
            return
        from lago_async.models import SubscriptionStatus

        begin: datetime | None = getattr(request.query, "from_datetime", None)
        issued = {} if begin is None else {"issuing_date_from": (begin - _ZONES).date()}
        statuses = {"status": get_args(SubscriptionStatus)}
        customers = None if left is None else list(dict.fromkeys(customer for customer, _ in left))
        past = request.settings["kind"] == "past"
        if customers is None or len(customers) > FEW_CUSTOMERS:
            whose: list[tuple[Mapping[str, object], Mapping[str, object]]] = [({}, {})]
        else:
            whose = [({"external_customer_id": one}, {"external_id": one}) for one in customers]
        for customer, itself in whose:
            if past:
                self._listings.append(_Listing("invoices", {**issued, **customer}))
            self._listings.append(_Listing("subscriptions", {**statuses, **customer}))
            self._listings.append(_Listing("customers", itself))
        self._listings.append(_Listing("plans", {}))

    def calls(self, prepare: Callable[..., _Call], operations: Mapping[ListName, Callable[..., object]]) -> list[_Call]:
        """Return the calls that are to be sent next; none when all lists are complete.

        Args:
            prepare: Prepares a call of the face.
            operations: The operations of the face that list, by the name of the list.
        """
        self._waiting.clear()
        calls: list[_Call] = []
        for listing in self._listings:
            for page in listing.pages():
                arguments = {**listing.arguments, "page": page, "per_page": _PER_PAGE}
                call = prepare(operations[listing.name], (), arguments)
                self._waiting[call] = listing
                calls.append(call)
        return calls

    def take(self, outcome: Outcome[Any, Any]) -> None:
        """Take a page of a list. What the key may not read stays unknown.

        Raises:
            LagoError: The error of the call.
        """
        if isinstance(outcome.error, ForbiddenError | NotFoundError):
            return
        page: Page[Any] = outcome.value
        listing = self._waiting[outcome.input]
        following = page.meta.next_page
        if following is not None and page.items:
            # The server's count of pages may be half an hour old: the last page tells whether there are more.
            listing.wanted = max(listing.wanted, page.meta.total_pages or 0, following)
        for item in page.items:
            self._add(listing.name, item)

    def _add(self, name: ListName, item: Any) -> None:
        # Reading is tolerant: any value may be None, against its annotation.
        match name:
            case "invoices":
                if item.lago_id and item.status:
                    self._statuses[item.lago_id] = item.status
            case "customers":
                self._customers[item.external_id] = item.name or None
            case "plans":
                # The newest comes first; an older one with the same code was replaced by it.
                self._plans.setdefault(item.code, item.name or None)
            case "subscriptions":
                if item.plan_code:
                    pair = item.external_customer_id, item.external_id
                    begin = item.started_at or item.subscription_at or _LONG_AGO
                    self._subscriptions.setdefault(pair, []).append((begin, item.plan_code))

    def describe(self, pair: Pair, usage: Any) -> Described:
        """Return what is known of a period of a subscription."""
        status = self._statuses.get(usage.lago_invoice_id) if usage.lago_invoice_id else None
        plan = self._plan(pair, usage.from_datetime, usage.to_datetime)
        return status, self._customers.get(pair[0]), plan, None if plan is None else self._plans.get(plan)

    def _plan(self, pair: Pair, begin: datetime | None, end: datetime | None) -> str | None:
        """Return the plan of a subscription in a period: an upgrade ends one with the same id and starts another."""
        held = self._subscriptions.get(pair)
        if not held:
            return None
        if len(held) == 1 or begin is None:
            return max(held)[1]
        # Of those that had started, the one that ran when the period began; else the one that started in the period.
        started = [one for one in held if one[0] <= begin]
        inside = [one for one in held if end is not None and begin < one[0] <= end]
        return max(started)[1] if started else min(inside or held)[1]
