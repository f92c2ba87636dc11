"""The logs of requests, of activities and of security; all need a licence."""

import re

from lago_async.sandbox._operations.registry import OperationCall, handles
from lago_async.sandbox._protocol import refusals
from lago_async.sandbox._protocol.envelopes import PagedList
from lago_async.sandbox._protocol.paging import Window
from lago_async.sandbox._protocol.params import Fields
from lago_async.sandbox._protocol.timestamps import parse_timestamp, to_iso
from lago_async.sandbox._protocol.wire import JsonObject, decode, encode
from lago_async.sandbox._state.api_logs import ApiLog

_ACTIVITY_LISTS = ("activity_type", "activity_source", "resource_id", "resource_type")
_SINGULARS = {"billing_entities": "billing_entity", "product_categories": "product_category", "taxes": "tax"}
_ACTIVITIES = {"POST": "created", "PUT": "updated", "PATCH": "updated", "DELETE": "deleted"}


def _check(call: OperationCall) -> None:
    if not call.store.premium:
        raise refusals.forbidden("feature_unavailable")


def _api_log_json(log: ApiLog) -> JsonObject:
    return {
        "request_id": log.request_id,
        "api_version": _version(log),
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


def _version(log: ApiLog) -> str:
    """Return the version of the API in the path: ``/api/v1/plans``."""
    return log.request_path.split("/")[2]


def _has_path(log: ApiLog, path: str) -> bool:
    """Tell whether a request has a path, in which a star stands for any text."""
    pattern = ".*".join(re.escape(part) for part in path.split("*"))
    return re.fullmatch(pattern, log.request_path) is not None


def _recent(params: Fields, log: ApiLog) -> bool:
    since, until = parse_timestamp(params.raw("from_date")), parse_timestamp(params.raw("to_date"))
    return (since is None or log.created_at >= since) and (until is None or log.created_at <= until)


@handles("find_all_api_logs")
def find_all_api_logs(call: OperationCall) -> PagedList:
    """List the requests that changed something, or tried to; last first."""
    _check(call)
    params = call.params
    methods, statuses = params.strings("http_methods"), params.strings("http_statuses")
    paths, clients = params.strings("request_paths") or [], params.strings("clients")
    one_path = params.filled("request_paths")
    if one_path is not None:
        paths = [one_path]
    version = params.filled("api_version")

    def matches(log: ApiLog) -> bool:
        outcome = "succeeded" if log.http_status < 400 else "failed"
        return (
            (not methods or log.http_method.lower() in methods)
            and (not statuses or str(log.http_status) in statuses or outcome in statuses)
            and (not paths or any(_has_path(log, path) for path in paths))
            and (not clients or log.client in clients)
            and version in {None, _version(log)}
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


def _kind(log: ApiLog) -> str:
    """Return what a request changed, by its path: ``/api/v1/plans/startup`` is a plan."""
    resource = log.request_path.split("/")[3] if log.request_path.count("/") > 2 else "organization"
    return _SINGULARS.get(resource, resource.removesuffix("s"))


def _resource(log: ApiLog) -> JsonObject:
    """Return the object in a response; empty if it has none."""
    try:
        body = decode(log.request_response.encode())
    except ValueError:
        return {}
    content = next(iter(body.values()), None) if isinstance(body, dict) else None
    return content if isinstance(content, dict) else {}


def _activity_json(call: OperationCall, log: ApiLog) -> JsonObject:
    kind, resource = _kind(log), _resource(log)
    customer_id = resource.get("external_id" if kind == "customer" else "external_customer_id")
    subscription_id = resource.get("external_id" if kind == "subscription" else "external_subscription_id")
    return {
        "activity_id": log.lago_id,
        "user_email": None,
        "activity_type": f"{kind}.{_ACTIVITIES[log.http_method]}",
        "activity_source": "api",
        "activity_object": {},
        "activity_object_changes": {},
        "external_customer_id": customer_id,
        "external_subscription_id": subscription_id,
        "resource_id": resource.get("lago_id", log.lago_id),
        "resource_type": kind.title().replace("_", ""),
        "organization_id": call.store.organization_id,
        "logged_at": to_iso(log.created_at),
        "created_at": to_iso(log.created_at),
    }


@handles("find_all_activity_logs")
def find_all_activity_logs(call: OperationCall) -> PagedList:
    """List an activity per request that changed something. Simplified: it does not show the changes."""
    _check(call)
    params = call.params
    accepted = {name: params.strings(f"{name}s") for name in _ACTIVITY_LISTS}
    # Users act in Lago's app, which the sandbox lacks: no activity has a user.
    users = params.strings("user_emails")
    ids = {name: params.filled(name) for name in ("external_customer_id", "external_subscription_id")}

    def matches(activity: JsonObject) -> bool:
        listed = all(not values or activity[name] in values for name, values in accepted.items())
        return listed and not users and all(wanted in (None, activity[name]) for name, wanted in ids.items())

    logs = (log for log in reversed(call.store.api_logs) if log.http_status < 400 and _recent(params, log))
    found = [activity for log in logs if matches(activity := _activity_json(call, log))]
    return Window.of(params).page(found, encode)


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
