"""Whatever a server sends with a success: each operation reads it, or raises `LagoDecodeError` with the response."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lago_async import ENDPOINTS, LagoDecodeError
from lago_async._codec.scheduling import finish
from lago_async._table.endpoint import Endpoint
from lago_async._table.messages import Request, Response

OPERATIONS = sorted(ENDPOINTS)
ROOTS = sorted({endpoint.root for endpoint in ENDPOINTS.values() if endpoint.root is not None})


def decode(endpoint: Endpoint, body: bytes, *, in_steps: bool) -> None:
    """Decode a body; nothing but a result or a `LagoDecodeError` may come of it."""
    response = Response(Request(endpoint, "/", None, False), 200, {"X-It": "1"}, body, "request", 1, uncertain=False)
    try:
        with pytest.MonkeyPatch.context() as patch:
            if in_steps:
                patch.setattr("lago_async._codec.envelope.LARGE", 0)
                patch.setattr("lago_async._codec.pieces.PIECE", 8)
                finish(endpoint._decode_in_steps(response))
            else:
                endpoint.decode(response)
    except LagoDecodeError as error:
        assert (error.status_code, error.body, error.headers["x-it"]) == (200, body, "1")
        assert error.operation == endpoint.name


DEEP = [b"[" * depth + b"]" * depth for depth in (200, 900, 5_000, 20_000)] + [
    b'{"a":' * depth + b"1.5" + b"}" * depth for depth in (200, 900, 5_000, 20_000)
]
ODD_VALUES = [
    b"null", b"true", b"0", b"-1.5", b"1e400", b"1e-400", b"1" * 5_000, b"1e99999999999999999999", b'""', b'"text"',
    b"[]",
    b"{}", b"[null]", b"[[]]", b"[{}]", b'{"":null}', b"NaN", b'"\\ud83d"', b'"\xff"', b"253402300800",
    b'"9999-99-99"', *DEEP,
]  # fmt: skip


@pytest.mark.parametrize("in_steps", [False, True], ids=["at once", "in steps"])
@pytest.mark.parametrize("value", ODD_VALUES, ids=lambda value: value[:12].decode("latin-1"))
def test_every_operation_reads_an_odd_value_in_any_place_or_raises_an_error_of_ours(
    value: bytes, in_steps: bool
) -> None:
    for name in OPERATIONS:
        endpoint = ENDPOINTS[name]
        root = (endpoint.root or "it").encode()
        for body in (value, b'{"%b":%b}' % (root, value), b'{"%b":{"lago_id":%b,"x":1}}' % (root, value)):
            decode(endpoint, body, in_steps=in_steps)


@pytest.mark.parametrize("depth", [100, 900, 3_000, 50_000])
@pytest.mark.parametrize("odd", [b'"lago_id":7,', b"", b'"created_at":NaN,'])
def test_deep_json_of_any_form_beside_an_odd_field_is_read_or_an_error_of_ours(odd: bytes, depth: int) -> None:
    nested = b'{"a":' * depth + b"1.5" + b"}" * depth
    for name, field in [
        ("find_event", b"properties"),
        ("find_activity_log", b"activity_object"),
        ("find_invoice", b"error_details"),
    ]:
        endpoint = ENDPOINTS[name]
        body = b'{"%b":{%b"%b":%b}}' % ((endpoint.root or "").encode(), odd, field, nested)
        for in_steps in (False, True):
            decode(endpoint, body, in_steps=in_steps)


TEXT = st.text(max_size=6)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | st.sampled_from(ROOTS), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_any_json_is_read_or_an_error_of_ours(data: st.DataObject) -> None:
    endpoint = ENDPOINTS[data.draw(st.sampled_from(OPERATIONS))]
    root = endpoint.root or "it"
    fields = fields_of(endpoint)
    content = st.dictionaries(st.sampled_from(fields), JSON, max_size=5) if fields else JSON
    whole: Any = data.draw(
        st.fixed_dictionaries(
            {root: content | st.lists(content, max_size=3) | JSON}, optional={"meta": JSON, "x": JSON}
        )
        | JSON
    )
    body = json.dumps(whole).encode()
    for in_steps in (False, True):
        decode(endpoint, body, in_steps=in_steps)


@given(st.sampled_from(OPERATIONS), st.binary(max_size=40), st.booleans())
@example("find_customer", b"\xff", True)
def test_any_bytes_are_read_or_an_error_of_ours(name: str, noise: bytes, in_steps: bool) -> None:
    endpoint = ENDPOINTS[name]
    root = (endpoint.root or "it").encode()
    for body in (noise, b'{"%b":%b}' % (root, noise), b'{"%b":{"lago_id":"%b"}}' % (root, noise)):
        decode(endpoint, body, in_steps=in_steps)


def fields_of(endpoint: Endpoint) -> list[str]:
    """Return the names of the fields of the model that an operation returns."""
    import attrs

    from lago_async._codec.hints import members_of

    models = [kind for kind in (endpoint.returns, *members_of(endpoint.returns)) if attrs.has(kind)]
    return [field.name for model in models for field in attrs.fields(model)]
