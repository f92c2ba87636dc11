"""The table of the control routes: clock, faults, received requests, webhooks, reset and worlds."""

import math
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from lago_async.sandbox._protocol.timestamps import parse_timestamp, to_iso
from lago_async.sandbox._protocol.wire import Json, JsonObject
from lago_async.sandbox._server.control import ControlCall, ControlError, ControlRoute
from lago_async.sandbox._server.fault_inputs import FAULT_PARAMS, fault_from, fault_json
from lago_async.sandbox._server.messages import OutgoingResponse, ReceivedRequest
from lago_async.sandbox._server.webhooks import WebhookDelivery

_WORLD_TYPE = "application/x-ndjson"
_SECRET = "authorization"  # noqa: S105 - the name of a header


def _invalid(message: str) -> ControlError:
    return ControlError(422, "invalid_parameter", message)


def _number(params: Mapping[str, Json], name: str) -> float:
    value = params[name]
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _invalid(f"{name} has to be a number")
    return value


def _clock(call: ControlCall) -> Json:
    return {"now": call.sandbox.now.isoformat(), "speed": call.sandbox.clock_speed}


def _run_clock(call: ControlCall) -> Json:
    if "speed" not in call.params:
        raise _invalid('give the speed, such as {"speed": 60}; 0 stands still')
    call.sandbox.set_clock_speed(_number(call.params, "speed"))
    return _clock(call)


def _time(value: Json) -> datetime:
    at = parse_timestamp(value) if isinstance(value, str) else None
    if at is None:
        raise _invalid("to has to be a time in ISO 8601, such as 2026-02-01T00:00:00Z")
    return at


def _advance(call: ControlCall) -> Json:
    given = call.params
    if len(given) != 1:
        raise _invalid('give one of to, by and days, such as {"to": "2026-02-01"}, {"by": 3600} or {"days": 31}')
    try:
        if "to" in given:
            call.sandbox.advance(to=_time(given["to"]))
        elif "by" in given:
            call.sandbox.advance(by=timedelta(seconds=_number(given, "by")))
        else:
            call.sandbox.advance(days=_number(given, "days"))
    except OverflowError:
        raise _invalid("the clock ends with the year 9999") from None
    return _clock(call)


def _faults(call: ControlCall) -> Json:
    return {
        "faults": [
            {**fault_json(item.fault), "operation": item.operation, "times": item.times} for item in call.sandbox.faults
        ]
    }


def _inject(call: ControlCall) -> Json:
    given = dict(call.params)
    given.pop("operation", None)
    times = given.pop("times", 1)
    if times is not None and (isinstance(times, bool) or not isinstance(times, int)):
        raise _invalid("times has to be a whole number, or null for always")
    call.sandbox.inject(fault_from(given), operation=call.operation(), times=times)
    return _faults(call)


def _clear_faults(call: ControlCall) -> Json:
    call.sandbox.clear_faults()
    return _faults(call)


def _request_json(request: ReceivedRequest) -> JsonObject:
    # The key itself is not shown: a caller may have sent a real one by mistake.
    headers: JsonObject = {
        name: "[hidden]" if name.lower() == _SECRET else value for name, value in request.headers.items()
    }
    shown: JsonObject = {
        "method": request.method,
        "path": request.raw_path,
        "query": [[name, value] for name, value in request.query],
        "headers": headers,
        "operation": request.operation,
        "status": request.status,
    }
    try:
        shown["body"] = request.body.decode()
    except UnicodeDecodeError:
        shown["body_base64"] = b64encode(request.body).decode()
    return shown


def _requests(call: ControlCall) -> Json:
    wanted = call.operation()
    kept = [item for item in list(call.sandbox.requests) if wanted is None or item.operation == wanted]
    return {"requests": [_request_json(item) for item in kept]}


def _forget_requests(call: ControlCall) -> Json:
    call.sandbox.requests.clear()
    return {"requests": []}


def _webhook_json(webhook: WebhookDelivery) -> JsonObject:
    attempts: list[Json] = [
        {"at": to_iso(item.at), "status": item.status, "error": item.error} for item in webhook.attempts
    ]
    return {
        "type": webhook.type,
        "url": webhook.url,
        "unique_key": webhook.unique_key,
        "created_at": to_iso(webhook.created_at),
        "status": webhook.status,
        "problem": webhook.problem,
        "attempts": attempts,
        "payload": {**webhook.payload},
    }


def _webhooks(call: ControlCall) -> Json:
    wanted = call.params.get("type")
    return {"webhooks": [_webhook_json(item) for item in call.sandbox.webhooks if wanted in {None, item.type}]}


def _reset(call: ControlCall) -> Json:
    call.sandbox.reset()
    return _clock(call)


def _world(call: ControlCall) -> OutgoingResponse:
    return OutgoingResponse(200, call.sandbox.export_world(), _WORLD_TYPE)


def _put_world(call: ControlCall) -> Json:
    call.sandbox.import_world(call.body)
    return _clock(call)


_ADVANCE = MappingProxyType(
    {
        "to": "the time to reach, in ISO 8601: everything that falls due before is done in order",
        "by": "a number of seconds",
        "days": "a number of days",
    }
)
_INJECT = MappingProxyType(
    {
        **FAULT_PARAMS,
        "operation": "the operation to hit, such as create_event; any by default",
        "times": "how many requests it hits, 1 by default; null for all until the faults are cleared",
    }
)
_OPERATION = MappingProxyType({"operation": "only requests of this operation"})
_TYPE = MappingProxyType({"type": "only webhooks of this type, such as invoice.created"})
_SPEED = MappingProxyType({"speed": "0 stands still, 1 is real time, 60 is a minute per second"})

ROUTES = (
    ControlRoute("GET", "/clock", "show the time and the speed of the clock", _clock),
    ControlRoute("PUT", "/clock", "set the speed of the clock", _run_clock, _SPEED),
    ControlRoute("POST", "/clock/advance", "move the clock forward; give one of to, by, days", _advance, _ADVANCE),
    ControlRoute("GET", "/faults", "list the faults that wait for their requests", _faults),
    ControlRoute("POST", "/faults", "inject a fault into the next requests", _inject, _INJECT),
    ControlRoute("DELETE", "/faults", "remove all faults", _clear_faults),
    ControlRoute("GET", "/requests", "list the requests that the API received, oldest first", _requests, _OPERATION),
    ControlRoute("DELETE", "/requests", "forget the received requests", _forget_requests),
    ControlRoute(
        "GET", "/webhooks", "list the webhooks, oldest first: what was sent, and the attempts", _webhooks, _TYPE
    ),
    ControlRoute("POST", "/reset", "start again: world, clock, faults and received requests", _reset),
    ControlRoute("GET", "/world", "download the world, as Sandbox.save writes it", _world),
    ControlRoute("PUT", "/world", "continue from a downloaded world, which is the body", _put_world, None),
)
