"""The errors of a running Lago: nothing of a refusal is lost, and its line says each field with its codes."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from lago_async import LagoApiError
from lago_async._printable import LONGEST
from lago_async._registry import ENDPOINTS
from lago_async._table.door import PlainOperation
from lago_async._table.messages import Request, Response
from lago_async._table.refusals import api_error
from tests.contract.recordings import Exchange, exchanges


def error_of(exchange: Exchange) -> LagoApiError:
    operation = ENDPOINTS.get(exchange.operation) or PlainOperation("GET", "/x", "v1", ())
    request = Request(operation, exchange.target, None, False)
    return api_error(Response(request, exchange.status, exchange.headers, exchange.body, "id", 1, False))


def refusals() -> list[Exchange]:
    return [exchange for exchange in exchanges() if not 200 <= exchange.status < 300]


def texts_in(json: Any) -> Iterator[str]:
    """Yield every text in JSON."""
    if isinstance(json, dict):
        for value in json.values():
            yield from texts_in(value)
    elif isinstance(json, list):
        for value in json:
            yield from texts_in(value)
    elif isinstance(json, str):
        yield json


def codes_in(details: Any) -> Iterator[tuple[str, list[str]]]:
    """Yield the fields of the three shapes that the server has for fields, each with its codes."""
    for name, value in details.items() if isinstance(details, dict) else ():
        if isinstance(value, list):
            yield name, value
        elif "params" not in value:
            yield from ((f"{name}.{inner}", codes) for inner, codes in value.items())


def test_every_recorded_error_keeps_all_that_the_server_said() -> None:
    for exchange in refusals():
        error, body = error_of(exchange), exchange.response
        assert (error.status_code, error.body) == (exchange.status, exchange.body)
        if not isinstance(body, dict):
            assert body is None
            assert (error.code, error.error, error.error_details, error.extra) == (None, None, None, {})
            continue
        said = {"status": error.status_code, "code": error.code, "error": error.error, **error.extra}
        if error.error_details is not None:
            said["error_details"] = error.error_details
        assert {name: value for name, value in said.items() if value is not None} == body


def test_the_line_of_every_recorded_error_says_each_field_and_code() -> None:
    shapes: Counter[str] = Counter()
    for exchange in refusals():
        error, body = error_of(exchange), exchange.response
        line = str(error)
        assert line.isprintable()
        assert len(line) < 2 * LONGEST
        assert line.startswith(f"{exchange.status} ")
        if not isinstance(body, dict):
            continue
        assert (body.get("code") or body["error"])[:100] in line
        said = {name: body[name] for name in body.keys() - {"error"}}
        fields = dict(codes_in(error.error_details))
        cut = "..." in line
        for place, codes in fields.items():
            assert f"{place} {', '.join(codes)}" in line or cut
        assert all(text in line for text in texts_in(said)) or cut or "Validation errors: " in str(body)
        shapes[type(error.error_details).__name__] += 1
        shapes["by field"] += bool(fields) and not any("." in place for place in fields)
        shapes["by index"] += any(place.split(".")[0].isdigit() for place in error.fields)
        shapes["cut"] += cut
        assert {place: error.fields[place] for place in fields} == fields
    assert shapes["by field"] > 500
    assert shapes["by index"] >= 8
    assert shapes["str"] == 2
    assert shapes["cut"] < 20


def test_a_refused_batch_of_alerts_names_the_alert_and_its_field() -> None:
    found = [exchange for exchange in refusals() if "Validation errors: " in str(exchange.response)]
    assert {exchange.operation for exchange in found} == {"create_subscription_alert", "create_customer_wallet_alert"}
    for exchange in found:
        error = error_of(exchange)
        assert error.fields == {"1.alert_type": ["invalid_type"]}
        assert f"{exchange.operation} " in str(error)
        assert ": 1.alert_type invalid_type; 1.params.alert_type nothing; " in str(error)


def test_every_recorded_refusal_for_a_gate_says_what_is_missing() -> None:
    closed = [exchange for exchange in refusals() if exchange.status == 403]
    assert len(closed) > 100
    for exchange in closed:
        assert "; the operation needs " in str(error_of(exchange)) or "; the call needs " in str(error_of(exchange))


def test_the_gates_of_an_operation_are_those_that_a_server_without_a_licence_has() -> None:
    free: dict[str, set[int]] = {}
    for exchange in exchanges():
        if exchange.story.startswith("free/") and exchange.operation in ENDPOINTS:
            free.setdefault(exchange.operation, set()).add(exchange.status)
    assert len(free) > 150
    for operation, statuses in free.items():
        gates = ENDPOINTS[operation].gates
        if 403 in statuses and not any(status < 300 for status in statuses):
            assert gates, operation
        if any(status < 300 for status in statuses):
            assert gates == (), operation
