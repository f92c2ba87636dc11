"""Events: accepted one at a time or in batches, even if customer, subscription or metric do not exist."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from lago_async.sandbox._money import in_advance
from lago_async.sandbox._money.expressions import ExpressionError, evaluate, event_variables
from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList, PlainList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import far_iso_ms, parse_timestamp, to_iso, to_iso_ms
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text, encode
from lago_async.sandbox._state.events import Event
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription

BATCH_MAX = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_YEAR = 294276  # of a timestamp in PostgreSQL


def event_json(event: Event) -> JsonObject:
    """Return an event, without the subscription and the customer that the server finds for it when it bills."""
    return {
        "lago_id": event.lago_id,
        "transaction_id": event.transaction_id,
        "lago_customer_id": None,
        "code": event.code,
        "timestamp": event.far_timestamp or to_iso_ms(event.timestamp),
        "precise_total_amount_cents": event.precise_total_amount_cents,
        "properties": event.properties,
        "lago_subscription_id": None,
        "external_subscription_id": event.external_subscription_id,
        "created_at": to_iso(event.created_at),
    }


def event_time(store: Store, given: Fields) -> datetime | None:
    """Return the timestamp from seconds since 1970; now if none was sent, None if it is invalid.

    The server takes milliseconds for seconds, too: such an event is billed in the year 57982. Here its time is the last
    one that there is.
    """
    value = given.raw("timestamp")
    if value is None or value == "":
        return store.now
    seconds = given.decimal("timestamp")
    if seconds is None:
        return None
    try:
        return _EPOCH + timedelta(microseconds=int(seconds * 1_000_000))
    except OverflowError:
        return None if seconds < 0 else datetime.max.replace(tzinfo=UTC)


def _far_timestamp(given: Fields, at: datetime) -> str | None:
    """Return a timestamp after the year 9999 as the server writes it."""
    seconds = given.decimal("timestamp") if at == datetime.max.replace(tzinfo=UTC) else None
    if seconds is None:
        return None
    text, year = far_iso_ms(seconds)
    if year > _LAST_YEAR:
        raise refusals.crashed()  # the database refuses it
    return text


def _evaluated(store: Store, code: str, at: datetime, properties: JsonObject) -> JsonObject:
    """Return the properties with the value of the metric's expression."""
    metric = store.billable_metrics.find(code)
    if metric is None or metric.expression is None or metric.field_name is None:
        return properties
    try:
        value = evaluate(metric.expression, event_variables(code, int(at.timestamp()), properties))
    except ExpressionError as error:
        raise refusals.invalid(f"expression_evaluation_failed: {error}") from error
    return {**properties, metric.field_name: decimal_text(value) if isinstance(value, Decimal) else value}


def _event(store: Store, given: Fields) -> Event | refusals.Details:
    """Return the event, or the details of what is wrong with it."""
    timestamp = event_time(store, given)
    if timestamp is None:
        return {"timestamp": ["invalid_format"]}
    transaction_id, code = given.filled("transaction_id"), given.filled("code")
    if transaction_id is None or code is None:
        missing = {"transaction_id": transaction_id, "code": code}
        return {field: ["value_is_mandatory"] for field, value in sorted(missing.items()) if value is None}
    external_subscription_id = given.text("external_subscription_id")
    if store.events.holds(external_subscription_id, transaction_id):
        return {"transaction_id": ["value_already_exist"]}
    precise = given.decimal("precise_total_amount_cents")
    if precise is None and given.text("precise_total_amount_cents") is not None:
        precise = Decimal(0)  # what the database makes of a text that is not a number
    properties = _evaluated(store, code, timestamp, given.mapping("properties") or {})
    return Event(
        created_at=store.now,
        transaction_id=transaction_id,
        external_subscription_id=external_subscription_id,
        code=code,
        timestamp=timestamp,
        far_timestamp=_far_timestamp(given, timestamp),
        properties=properties,
        precise_total_amount_cents=None if precise is None else decimal_text(precise),
    )


def _details(found: refusals.Details) -> dict[str, Json]:
    return {field: list[Json](codes) for field, codes in found.items()}


@handles("create_event")
def create_event(call: OperationCall) -> JsonObject:
    """Accept one event."""
    event = _event(call.store, call.envelope())
    if not isinstance(event, Event):
        raise refusals.invalid(_details(event))
    call.store.events.add(event)
    in_advance.process(call.store, event)
    return event_json(event)


@handles("create_batch_events")
def create_batch_events(call: OperationCall) -> PlainList:
    """Accept all events of a batch, or none; every invalid one is reported by its position."""
    store = call.store
    given = call.params.list_of_fields(call.route.request_root or call.route.root or "") or []
    if not given:
        raise refusals.invalid_field("events", "no_events")
    if len(given) > BATCH_MAX:
        raise refusals.invalid_field("events", "too_many_events")
    events: list[Event] = []
    wrong: dict[str, Json] = {}
    batch: set[tuple[str | None, str]] = set()
    for position, fields in enumerate(given):
        event = _event(store, fields)
        if isinstance(event, Event):
            key = (event.external_subscription_id, event.transaction_id)
            if key not in batch:
                batch.add(key)
                events.append(event)
                continue
            event = {"transaction_id": ["value_already_exist"]}
        wrong[str(position)] = _details(event)
    if wrong:
        raise refusals.invalid(wrong)
    for event in events:
        store.events.add(event)
        in_advance.process(store, event)
    return PlainList([encode(event_json(event)) for event in events])


@handles("find_event")
def find_event(call: OperationCall) -> JsonObject:
    """Return the event with this transaction id; of several, the one that arrived last."""
    for event in call.store.events.newest_first():
        if event.transaction_id == call.identifier:
            return event_json(event)
    raise refusals.not_found("event")


def _given_time(params: Fields, name: str) -> datetime | None:
    value = params.raw(name)
    at = parse_timestamp(value)
    if at is None and value not in {None, ""}:
        raise refusals.invalid_field(name, "invalid_date")
    return at


@handles("find_all_events")
def find_all_events(call: OperationCall) -> PagedList:
    """List the events that match, latest timestamp first."""
    store, params = call.store, call.params
    subscription_id, code = params.filled("external_subscription_id"), params.filled("code")
    since, until = _given_time(params, "timestamp_from"), _given_time(params, "timestamp_to")
    if params.boolean("timestamp_from_started_at"):
        if subscription_id is None:
            raise refusals.invalid_field("external_subscription_id", "required with timestamp_from_started_at")
        subscription = _last_life(store, subscription_id)
        since = since if subscription is None else subscription.started_at

    def matches(event: Event) -> bool:
        return (
            subscription_id in {None, event.external_subscription_id}
            and code in {None, event.code}
            and (since is None or event.timestamp >= since)
            and (until is None or event.timestamp <= until)
        )

    found = [event for event in store.events.newest_first() if matches(event)]
    found.sort(key=lambda event: event.transaction_id)
    found.sort(key=lambda event: event.timestamp, reverse=True)
    return Window.of(params).page(found, lambda event: encode(event_json(event)))


def _last_life(store: Store, external_id: str) -> Subscription | None:
    """Return the subscription with this id that has not ended, or else the one that ended last."""
    lives = [item for item in store.subscriptions.get(external_id, ()) if item.started_at is not None]
    return max(
        lives,
        key=lambda item: (
            item.terminated_at is None,
            item.terminated_at or item.created_at,
            item.started_at,
            item.order,
        ),
        default=None,
    )


@handles("find_all_enriched_events")
def find_all_enriched_events(_: OperationCall) -> PagedList:
    """Refuse, as for an organization whose events are in Postgres."""
    raise refusals.forbidden("endpoint_not_available")
