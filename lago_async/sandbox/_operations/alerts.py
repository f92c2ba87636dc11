"""Alerts on the usage of subscriptions and on wallets. They show the value that they last saw; no webhook is sent."""

from collections.abc import Callable
from decimal import Decimal
from math import isfinite

from lago_async.sandbox._money.alerts import wallet_value
from lago_async.sandbox._operations import subscriptions, wallets
from lago_async.sandbox._operations.billable_metrics import plain_json
from lago_async.sandbox._operations.registry import Handler, OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import NoBody, PagedList, PlainList, Value
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import to_iso, to_iso_or_null
from lago_async.sandbox._protocol.wire import Json, JsonObject, decimal_text, encode
from lago_async.sandbox._state.alerts import Alert
from lago_async.sandbox._state.catalogue import BillableMetric
from lago_async.sandbox._state.store import Store
from lago_async.sandbox._state.subscriptions import Subscription
from lago_async.sandbox._state.wallets import Wallet

_METRIC_TYPES = (
    "billable_metric_current_usage_amount",
    "billable_metric_current_usage_units",
    "billable_metric_lifetime_usage_units",
)

_SUBSCRIPTION_TYPES = ("current_usage_amount", "lifetime_usage_amount", *_METRIC_TYPES)

_WALLET_TYPES = (
    "wallet_balance_amount",
    "wallet_credits_balance",
    "wallet_ongoing_balance_amount",
    "wallet_credits_ongoing_balance",
)

_LIFETIME_TYPES = ("lifetime_usage_amount", "billable_metric_lifetime_usage_units")
_THRESHOLDS_MAX = 20


def _alert_json(store: Store, watched: Subscription | Wallet, alert: Alert) -> JsonObject:
    on_wallet = isinstance(watched, Wallet)
    external_id = None if isinstance(watched, Wallet) else watched.external_id
    return {
        "lago_id": alert.lago_id,
        "lago_organization_id": store.organization_id,
        "external_subscription_id": external_id,
        "subscription_external_id": external_id,
        "lago_wallet_id": watched.lago_id if on_wallet else None,
        "wallet_code": watched.code if isinstance(watched, Wallet) else None,
        "billable_metric": None if alert.metric is None else plain_json(alert.metric),
        "alert_type": alert.alert_type,
        "code": alert.code,
        "name": alert.name,
        "direction": "decreasing" if on_wallet else "increasing",
        "previous_value": decimal_text(alert.previous_value),
        "last_processed_at": to_iso_or_null(alert.last_processed_at),
        "thresholds": [{**threshold} for threshold in alert.thresholds],
        "created_at": to_iso(alert.created_at),
    }


def _is_number(value: Json) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return False
    try:
        return isfinite(float(value))
    except (ValueError, OverflowError):
        return False


def _check_thresholds(wanted: list[Fields]) -> None:
    """Refuse thresholds; only the first error is reported."""
    pairs = [(str(item.raw("value")), bool(item.boolean("recurring"))) for item in wanted]
    if len(set(pairs)) < len(pairs):
        raise refusals.invalid_field("thresholds", "duplicate_threshold_values")
    for holds, code in _RULES:
        if not all(holds(item) for item in wanted):
            raise refusals.invalid_field("thresholds:value", code)


def _has_value(item: Fields) -> bool:
    return item.raw("value") is not None


def _has_number(item: Fields) -> bool:
    return _is_number(item.raw("value"))


def _is_above_zero_if_recurring(item: Fields) -> bool:
    return not item.boolean("recurring") or (item.decimal("value") or 0) > 0


_RULES = (
    (_has_value, "value_is_mandatory"),
    (_has_number, "value_is_invalid"),
    (_is_above_zero_if_recurring, "recurring_value_is_negative"),
)


def _thresholds(wanted: list[Fields]) -> list[JsonObject]:
    return [
        {
            "code": item.text("code"),
            "recurring": bool(item.boolean("recurring")),
            "value": decimal_text(item.decimal("value") or Decimal(0)),
        }
        for item in wanted
    ]


def _metric(store: Store, given: Fields) -> BillableMetric | None:
    code = given.text("billable_metric_code")
    metric = store.billable_metrics.find(code)
    if code is not None and metric is None:
        raise refusals.not_found("billable_metric")
    return metric


def _new(
    store: Store, given: Fields, taken: dict[str, Alert], types: tuple[str, ...], watched: Subscription | Wallet
) -> Alert:
    """Return an alert; the rules stand in the server's order."""
    alert_type, wanted = given.filled("alert_type"), given.list_of_fields("thresholds") or []
    if alert_type in _LIFETIME_TYPES and not store.premium:
        raise refusals.invalid_field("alert_type", "feature_not_available")
    if alert_type is None:
        raise refusals.invalid({"alert_type": ["value_is_mandatory", "value_is_invalid"]})
    if alert_type not in types:
        raise refusals.invalid_field("alert_type", "invalid_type")
    if not wanted:
        raise refusals.invalid_field("thresholds", "value_is_mandatory")
    if len(wanted) > _THRESHOLDS_MAX:
        raise refusals.invalid_field("thresholds", "too_many_thresholds")
    _check_thresholds(wanted)
    metric, code = _metric(store, given), given.filled("code")
    found = refusals.FieldErrors()
    if code is None:
        found.add("code", "value_is_mandatory")
    if (metric is not None) is not (alert_type in _METRIC_TYPES):
        found.add("billable_metric", "value_is_mandatory" if metric is None else "value_must_be_blank")
    found.refuse()
    pair_taken = any(other.alert_type == alert_type and other.metric is metric for other in taken.values())
    # Of two broken rules, the database reports that of the code for subscriptions, and the other one for wallets.
    if code in taken and not (pair_taken and isinstance(watched, Wallet)):
        raise refusals.invalid_field("code", "value_already_exist")
    if pair_taken:
        raise refusals.invalid_field("base", "alert_already_exists")
    return Alert(
        created_at=store.now,
        code=code or "",
        name=given.text("name"),
        alert_type=alert_type,
        metric=metric,
        thresholds=_thresholds(wanted),
    )


def _create_batch(
    store: Store, given: list[Json], taken: dict[str, Alert], types: tuple[str, ...], watched: Subscription | Wallet
) -> list[Alert]:
    """Create all alerts of a batch, or none; every invalid one is reported by its position."""
    made: dict[str, Alert] = {}
    wrong: JsonObject = {}
    for position, item in enumerate(given):
        params = item if isinstance(item, dict) else {}
        try:
            alert = _new(store, Fields(params), {**taken, **made}, types, watched)
        except refusals.RefusalError as refusal:
            details = encode(refusal.body.get("error_details")).decode()
            wrong[str(position)] = {"params": params, "errors": f"Validation errors: {details}"}
        else:
            made[alert.code] = alert
    if wrong:
        raise refusals.invalid(wrong)
    taken.update(made)
    return list(made.values())


def _register(
    *,
    get: str,
    create: str,
    delete: str,
    watched: Callable[[OperationCall], Subscription | Wallet],
    types: tuple[str, ...],
) -> None:
    """Register the six operations on the alerts of subscriptions, or of wallets."""

    def alerts(call: OperationCall) -> dict[str, Alert]:
        one = watched(call)
        return call.store.alerts[one.external_id if isinstance(one, Subscription) else one.lago_id]

    def shown(call: OperationCall, alert: Alert) -> JsonObject:
        return _alert_json(call.store, watched(call), alert)

    def find(call: OperationCall) -> Alert:
        alert = alerts(call).get(call.path_params[-1])
        if alert is None:
            raise refusals.not_found("alert")
        return alert

    def list_all(call: OperationCall) -> PagedList:
        newest_first = list(reversed(alerts(call).values()))
        return Window.of(call.params).page(newest_first, lambda alert: encode(shown(call, alert)))

    def begin(call: OperationCall, made: list[Alert]) -> None:
        """Let new alerts see what they watch: a wallet's balance at once, usage after the response."""
        one = watched(call)
        if isinstance(one, Subscription):
            if one.status == "active":
                call.store.watch(one)
            return
        for alert in made:
            alert.previous_value = wallet_value(one, alert)
        call.store.watched[one.lago_id] = one

    def create_one_or_many(call: OperationCall) -> Value | PlainList:
        kept, batch = alerts(call), call.params.raw("alerts")
        if isinstance(batch, list) and batch:
            made = _create_batch(call.store, batch, kept, types, watched(call))
            begin(call, made)
            return PlainList([encode(shown(call, alert)) for alert in made], root="alerts")
        alert = _new(call.store, call.envelope("alert"), kept, types, watched(call))
        kept[alert.code] = alert
        begin(call, [alert])
        return Value(shown(call, alert), root="alert")

    def find_one(call: OperationCall) -> JsonObject:
        return shown(call, find(call))

    def update(call: OperationCall) -> JsonObject:
        alert, kept, given = find(call), alerts(call), call.envelope("alert")
        wanted = given.list_of_fields("thresholds") or []
        if len(wanted) > _THRESHOLDS_MAX:
            raise refusals.invalid_field("thresholds", "too_many_thresholds")
        _check_thresholds(wanted)
        metric = _metric(call.store, given) or alert.metric
        code = given.filled("code") if given.has("code") else alert.code
        found = refusals.FieldErrors()
        if code is None:
            found.add("code", "value_is_mandatory")
        if metric is not None and alert.alert_type not in _METRIC_TYPES:
            found.add("billable_metric", "value_must_be_blank")
        found.refuse()
        if code != alert.code and code in kept:
            raise refusals.invalid_field("code", "value_already_exist")
        alert.metric, code = metric, code or ""
        alert.thresholds = _thresholds(wanted) if wanted else alert.thresholds
        alert.name = given.text("name") if given.has("name") else alert.name
        del kept[alert.code]
        alert.code = code
        kept[code] = alert
        return shown(call, alert)

    def delete_one(call: OperationCall) -> JsonObject:
        alert = find(call)
        del alerts(call)[alert.code]
        alert.thresholds = []
        return shown(call, alert)

    def delete_all(call: OperationCall) -> NoBody:
        alerts(call).clear()
        return NoBody()

    operations: dict[str, Handler] = {
        f"{get}_alerts": list_all,
        f"{get}_alert": find_one,
        f"{create}_alert": create_one_or_many,
        f"update_{delete}_alert": update,
        f"delete_{delete}_alert": delete_one,
        f"delete_all_{delete}_alerts": delete_all,
    }
    for operation, handler in operations.items():
        handles(operation)(handler)


_register(
    get="get_subscription",
    create="create_subscription",
    delete="subscription",
    watched=subscriptions.find,
    types=_SUBSCRIPTION_TYPES,
)
_register(
    get="get_customer_wallet",
    create="create_customer_wallet",
    delete="customer_wallet",
    watched=wallets.find,
    types=_WALLET_TYPES,
)
