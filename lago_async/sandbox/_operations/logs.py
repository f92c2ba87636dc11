"""The logs of requests, of activities and of security; all need a licence."""

from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp, to_iso
from lago_async.sandbox._protocol.wire import JsonObject, encode
from lago_async.sandbox._state.api_logs import ApiLog

_ACTIVITIES = {"POST": "created", "PUT": "updated", "PATCH": "updated", "DELETE": "deleted"}


def _check(call: OperationCall) -> None:
    if not call.store.premium:
        raise refusals.forbidden("feature_unavailable")


def _api_log_json(log: ApiLog) -> JsonObject:
    return {
        "request_id": log.request_id,
        "api_version": "v1",
        "client": log.client,
        "http_method": log.http_method.lower(),
        "http_status": log.http_status,
        "logged_at": to_iso(log.created_at),
        "created_at": to_iso(log.created_at),
        "request_body": log.request_body,
        "request_origin": "127.0.0.1",
        "request_path": log.request_path,
        "request_response": log.request_response,
    }


def _recent(params: Fields, log: ApiLog) -> bool:
    since, until = parse_timestamp(params.raw("from_date")), parse_timestamp(params.raw("to_date"))
    return (since is None or log.created_at >= since) and (until is None or log.created_at <= until)


@handles("find_all_api_logs")
def find_all_api_logs(call: OperationCall) -> PagedList:
    """List the requests that changed something, or tried to; last first."""
    _check(call)
    params = call.params
    methods, statuses = params.strings("http_methods"), params.strings("http_statuses")

    def matches(log: ApiLog) -> bool:
        outcome = "succeeded" if log.http_status < 400 else "failed"
        return (
            (not methods or log.http_method.lower() in methods)
            and (not statuses or str(log.http_status) in statuses or outcome in statuses)
            and _recent(params, log)
        )

    found = [log for log in reversed(call.store.api_logs) if matches(log)]
    return Window.of(params).page(found, lambda log: encode(_api_log_json(log)))


@handles("find_api_log")
def find_api_log(call: OperationCall) -> JsonObject:
    """Return the request with this id."""
    _check(call)
    for log in reversed(call.store.api_logs):
        if log.request_id == call.identifier:
            return _api_log_json(log)
    raise refusals.not_found("api_log")


def _activity_json(call: OperationCall, log: ApiLog) -> JsonObject:
    resource = log.request_path.split("/")[3] if log.request_path.count("/") > 2 else "organization"
    kind = resource.removesuffix("s")
    return {
        "activity_id": log.lago_id,
        "user_email": None,
        "activity_type": f"{kind}.{_ACTIVITIES[log.http_method]}",
        "activity_source": "api",
        "activity_object": {},
        "activity_object_changes": {},
        "external_customer_id": None,
        "external_subscription_id": None,
        "resource_id": log.lago_id,
        "resource_type": kind.title().replace("_", ""),
        "organization_id": call.store.organization_id,
        "logged_at": to_iso(log.created_at),
        "created_at": to_iso(log.created_at),
    }


@handles("find_all_activity_logs")
def find_all_activity_logs(call: OperationCall) -> PagedList:
    """List an activity per request that changed something. Simplified: it does not name the object."""
    _check(call)
    found = [log for log in reversed(call.store.api_logs) if log.http_status < 400 and _recent(call.params, log)]
    return Window.of(call.params).page(found, lambda log: encode(_activity_json(call, log)))


@handles("find_activity_log")
def find_activity_log(call: OperationCall) -> JsonObject:
    """Return one activity."""
    _check(call)
    for log in call.store.api_logs:
        if log.lago_id == call.identifier and log.http_status < 400:
            return _activity_json(call, log)
    raise refusals.not_found("activity_log")


@handles("find_all_security_logs")
@handles("find_security_log")
def refuse_security_logs(call: OperationCall) -> JsonObject:
    """Refuse, as for an organization without the integration ``security_logs``: the sandbox has no such log."""
    _check(call)
    raise refusals.forbidden("forbidden")
