"""From a refusal to its exception: the type by the status, and every word of the message."""

import json
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lago_async import ENDPOINTS, errors
from lago_async._codec.parsing import UndecodableError
from lago_async._table.messages import Request, Response
from lago_async._table.refusals import (
    api_error,
    check_status,
    describe,
    is_no_route,
    misplaced,
    summarize_details,
    undecodable,
)

FIND = ENDPOINTS["find_customer"].encode(("cus 1",), {})


def response(
    status: int, body: bytes | object = b"", *, request: Request = FIND, uncertain: bool = False, **headers: str
) -> Response:
    wire = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Response(request, status, headers, wire, "req_1", 2, uncertain)


@pytest.mark.parametrize("status", [200, 201, 204, 299])
def test_a_success_raises_nothing(status: int) -> None:
    check_status(response(status))


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (100, errors.LagoApiError),
        (199, errors.LagoApiError),
        (300, errors.LagoApiError),
        (400, errors.BadRequestError),
        (401, errors.UnauthorizedError),
        (402, errors.LagoApiError),
        (403, errors.ForbiddenError),
        (404, errors.NotFoundError),
        (405, errors.NotAllowedError),
        (409, errors.LagoApiError),
        (422, errors.ValidationError),
        (429, errors.RateLimitError),
        (499, errors.LagoApiError),
        (500, errors.ServerError),
        (503, errors.ServerError),
        (599, errors.ServerError),
    ],
)
def test_the_status_decides_the_type(status: int, kind: type[errors.LagoApiError]) -> None:
    with pytest.raises(errors.LagoApiError) as caught:
        check_status(response(status))
    assert type(caught.value) is kind
    assert caught.value.status_code == status


KEY = "; check the API key (api_key= or LAGO_API_KEY) and that it belongs to the organisation behind the base URL"
NOT_FOLLOWED = "404 object_not_found: find_customer 'cus 1' (request req_1)"
NOT_LAGO = "; a Lago server would name what is missing: check base_url, and the proxies in between"
NO_ROUTE = "; the server has no such route, or does not name what is missing: check base_url and the ids"
WRITE = ENDPOINTS["create_customer"].encode(({"external_id": "x"},), {})
PAYMENT = Request(ENDPOINTS["create_payment"], "/payments", b"{}", repeatable=False)
DELETE = ENDPOINTS["destroy_customer"].encode(("cus 1",), {})
LOST = "; the response to an earlier attempt was lost, and "


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (404, {"code": "object_not_found", "error": "Not Found"}, NOT_FOLLOWED),
        (404, {"error": "Not Found"}, f"404 Not Found: find_customer 'cus 1' (request req_1){NOT_LAGO}"),
        (
            404,
            {"code": "resource_not_found"},
            f"404 resource_not_found: find_customer 'cus 1' (request req_1){NO_ROUTE}",
        ),
        *[
            (404, body, f"404 without a JSON body: find_customer 'cus 1' (request req_1){NOT_LAGO}")
            for body in (b"<html>", b"")
        ],
        *[
            (404, body, f"404 without a code: find_customer 'cus 1' (request req_1){NOT_LAGO}")
            for body in (["code"], {}, {"status": 404, "code": None, "error_details": None}, "code", 5)
        ],
        # Of a gateway.
        (
            404,
            {"code": 5, "error": ["x"], "message": "no route"},
            f"404 without a code: find_customer 'cus 1': error x; code 5; message no route (request req_1){NOT_LAGO}",
        ),
        # Of the payment provider, by way of the server.
        (
            422,
            {
                "status": 422,
                "code": "provider_error",
                "error_details": {"code": None, "message": "No card"},
                "provider": {"code": "eu"},
            },
            "422 provider_error: find_customer 'cus 1': code null; message No card; provider.code eu (request req_1)",
        ),
        (
            400,
            b"[" * 100_000,
            "400 with JSON that is nested too deeply to be read: find_customer 'cus 1' (request req_1)",
        ),
        (
            422,
            {"code": "validation_errors", "error_details": {"name": ["too_long", "odd"], "email": ["invalid"]}},
            "422 validation_errors: find_customer 'cus 1': name too_long, odd; email invalid (request req_1)",
        ),
        (422, {"code": "x", "error_details": {}}, "422 x: find_customer 'cus 1' (request req_1)"),
        (401, {"error": "Unauthorized"}, f"401 Unauthorized: find_customer 'cus 1' (request req_1){KEY}"),
        (401, b"", f"401 without a JSON body: find_customer 'cus 1' (request req_1){KEY}"),
        # Lago passes a payment provider's refusal on as a 401; our own key is not the matter.
        (401, {"error": "Stripe says no"}, "401 Stripe says no: find_customer 'cus 1' (request req_1)"),
        (
            429,
            {"code": "too_many", "error": "Stripe says no"},
            "429 too_many: find_customer 'cus 1' (request req_1); send fewer calls, or raise max_retries or timeout",
        ),
    ],
)
def test_the_message_names_code_call_details_request_and_remedy(status: int, body: Any, message: str) -> None:
    assert str(api_error(response(status, body))) == message
    for uncertain in (False, True):  # a read has no effect that could be in doubt
        error = api_error(response(status, body, uncertain=uncertain))
        assert (str(error), error.maybe_applied) == (message, False)


@pytest.mark.parametrize(
    ("request_", "status", "code", "uncertain", "says"),
    [
        (WRITE, 422, "x", False, None),
        (WRITE, 422, "x", True, LOST + "the server may have acted on that attempt"),
        (DELETE, 404, "customer_not_found", False, None),
        (DELETE, 404, "customer_not_found", True, LOST + "that attempt has most likely deleted what is missing now"),
        (DELETE, 404, "resource_not_found", True, NO_ROUTE + LOST + "the server may have acted on that attempt"),
        (DELETE, 404, None, True, NOT_LAGO + LOST + "the server may have acted on that attempt"),
        (DELETE, 405, "x", True, LOST + "the server may have acted on that attempt"),
        (WRITE, 404, "tax_not_found", True, LOST + "the server may have acted on that attempt"),
        *[(PAYMENT, status, None, False,
           "; it MAY HAVE BEEN CARRIED OUT and was not repeated: look it up before you call again")
          for status in (408, 500, 502, 503, 504, 520, 521, 522, 523, 524, 530, 599)],
        *[(WRITE, status, None, uncertain, "; the call may have been carried out; you can repeat it safely")
          for status in (408, 500, 503) for uncertain in (False, True)],
        *[(PAYMENT, status, "x", False, None)
          for status in (400, 404, 407, 409, 422, 425, 499, 501, 505, 511, 525, 526)],
        *[(FIND, status, "x", uncertain, None) for status in (408, 500, 503) for uncertain in (False, True)],
    ],
)  # fmt: skip
def test_a_write_of_unknown_outcome_is_said_to_be_maybe_applied(
    request_: Request, status: int, code: str | None, uncertain: bool, says: str | None
) -> None:
    error = api_error(response(status, {"code": code}, request=request_, uncertain=uncertain))
    assert error.maybe_applied is (says is not None)
    assert str(error).partition("(request req_1)")[2] == (says or "")


def test_a_note_on_an_earlier_attempt_takes_the_place_of_the_general_sentence() -> None:
    noted = response(422, {"code": "x"}, request=WRITE, uncertain=True)
    noted.note = "it is there"
    assert str(api_error(noted)).endswith("(request req_1); it is there")


def test_a_success_that_cannot_be_read_was_carried_out() -> None:
    assert undecodable(response(200), UndecodableError("x")).maybe_applied


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters()), inner),
)


@given(JSON, JSON, JSON, st.text(st.characters()), st.integers(300, 599), st.booleans())
def test_whatever_a_refusal_holds_its_error_is_one_printable_line(
    code: Any, error: Any, details: Any, location: str, status: int, uncertain: bool
) -> None:
    body = json.dumps({"code": code, "error": error, "error_details": details}).encode()
    raised = api_error(response(status, body, request=WRITE, uncertain=uncertain, Location=location))
    assert str(raised).isprintable()
    assert len(str(raised)) < 1_000
    assert (raised.status_code, raised.body) == (status, body)


@given(st.binary(), st.integers(300, 599))
def test_whatever_bytes_a_refusal_holds_its_error_keeps_them(body: bytes, status: int) -> None:
    error = api_error(response(status, body))
    assert (error.status_code, error.body) == (status, body)


@pytest.mark.parametrize("depth", [100, 900, 990, 5_000, 200_000])
@pytest.mark.parametrize(("opened", "closed"), [(b"[", b"]"), (b'{"k":', b"}"), (b'[1,{"k":', b"}]")])
def test_details_of_any_depth_are_an_error_of_ours(depth: int, opened: bytes, closed: bytes) -> None:
    body = b'{"code":"c","error_details":%b1%b}' % (opened * depth, closed * depth)
    error = api_error(response(422, body))
    assert (type(error), error.body) == (errors.ValidationError, body)
    assert len(str(error)) < 1_000


def test_long_details_are_not_walked_to_their_end() -> None:
    assert len(summarize_details({"k" * 10_000: ["x" * 10_000] * 10_000})) == 300
    assert summarize_details({str(number): ["x"] for number in range(10**5)}).startswith("0 x; 1 x; 2 x")


@pytest.mark.parametrize(
    ("headers", "place"),
    [
        ({}, "the server"),
        ({"Location": "https://other.example/api?token=secret"}, "https://other.example/api"),
        ({"Location": "x" * 200}, "x" * 200),
        ({"Location": "x" * 201}, "x" * 197 + "..."),
        ({"Location": "https://other.example/\x1b[31m"}, r"https://other.example/\x1b[31m"),
    ],
)
@pytest.mark.parametrize("status", [300, 301, 399])
def test_a_redirect_says_where_it_points_without_its_query(status: int, headers: dict[str, Any], place: str) -> None:
    assert str(api_error(response(status, **headers))) == (
        f"{status} without a JSON body: find_customer 'cus 1' (request req_1); "
        f"redirects are not followed: set base_url to where {place} points"
    )


def test_only_a_redirect_points_elsewhere() -> None:
    for status in (299, 400):
        assert "redirects" not in str(api_error(response(status, Location="https://other.example")))


def test_the_exception_knows_the_call() -> None:
    error = api_error(response(422, {"code": "c", "error": "e", "error_details": {"a": ["b"]}}, Retry="5"))
    assert (error.code, error.error, error.error_details) == ("c", "e", {"a": ["b"]})
    assert (error.operation, error.method, error.path) == ("find_customer", "GET", "/customers/cus%201")
    assert (error.request_id, error.attempts, error.status_code) == ("req_1", 2, 422)
    assert error.headers["rEtRy"] == "5"
    assert json.loads(error.body)["code"] == "c"


def test_a_body_that_cannot_be_read_is_an_error_that_holds_it() -> None:
    error = undecodable(response(200, b"<html>", Retry="5"), UndecodableError("a response that is not JSON"))
    assert str(error) == (
        "200 with a response that is not JSON: find_customer 'cus 1' (request req_1); "
        "the server has most likely carried out the call; the error's body holds the response"
    )
    assert (error.operation, error.status_code, error.body) == ("find_customer", 200, b"<html>")
    assert error.headers["Retry"] == "5"


@pytest.mark.parametrize(
    ("operation", "args", "query", "text"),
    [
        ("find_customer", ("a/b.c ü",), {}, "find_customer 'a/b.c ü'"),
        ("find_customer", ("it's",), {}, 'find_customer "it\'s"'),
        ("find_customer", ("a\nb\u202e",), {}, r"find_customer 'a\nb\u202e'"),
        ("find_customer", ("x" * 200,), {}, "find_customer '" + "x" * 116 + "..."),
        ("find_all_customers", (), {"page": 2}, "find_all_customers"),
        ("find_customer_current_usage", ("c",), {"external_subscription_id": "s/t"}, "find_customer_current_usage 'c'"),
    ],
)
def test_a_call_is_described_by_its_operation_and_ids(
    operation: str, args: tuple[str, ...], query: dict[str, object], text: str
) -> None:
    assert describe(ENDPOINTS[operation].encode(args, query)) == text


def test_each_id_of_a_path_is_named_in_its_order() -> None:
    endpoint = next(each for each in ENDPOINTS.values() if len(each.path_params) == 2 and each.body is None)
    request = Request(
        endpoint, endpoint.path.replace("{" + endpoint.path_params[0] + "}", "a%20b"), None, repeatable=True
    )
    request.target = request.target.replace("{" + endpoint.path_params[1] + "}", "c")
    assert describe(request) == f"{endpoint.name} 'a b' 'c'"
    assert describe(Request(endpoint, "/elsewhere", None, repeatable=True)) == endpoint.name


@pytest.mark.parametrize(
    ("details", "summary"),
    [
        (None, ""),
        ({}, ""),
        ([], ""),
        ("plain", "plain"),
        (5, "5"),
        (["a", "b"], "a, b"),
        ({"a": "x"}, "a x"),
        ({"a": None, "b": "y"}, "a null; b y"),
        ({"external_id": ["value_is_mandatory"], "metadata": ["invalid_count"]},
         "external_id value_is_mandatory; metadata invalid_count"),
        ({"a": {"b": {"c": ["x", 5, True, None]}}}, "a.b.c x, 5, true, null"),
        ({"a": [{"b": ["x"]}, {"c": "y"}, "z"]}, "a.b x; a.c y; a z"),
        ([{"b": "x"}, ["y", "z"]], "y, z; b x"),
        ({"note": "long", "email": ["invalid"]}, "email invalid; note long"),
        ({"statuses": {"0": ["is unknown"]}, "from": ["must be a date"]}, "statuses.0 is unknown; from must be a date"),
        ({"1": {"params": {"x": "b"}, "errors": 'Validation errors: {"type":["odd"]}'}}, "1.type odd; 1.params.x b"),
        ({"1": {"params": {"code": "b"}, "errors": "alert_not_found"}}, "1 alert_not_found; 1.params.code b"),
        ({"1": {"params": {}, "errors": "Validation errors: {"}}, "1 Validation errors: {; 1.params"),
        ({"1": {"params": 5, "errors": ["x"]}}, "1.errors x; 1.params 5"),
        ({"0": {"event": ["missing"]}}, "0.event missing"),
        ({"a": []}, "a"),
        ({"a": {}}, "a"),
    ],
)  # fmt: skip
def test_details_are_summarized_in_one_line(details: Any, summary: str) -> None:
    assert summarize_details(details) == summary


@pytest.mark.parametrize(
    ("details", "fields"),
    [
        (None, {}),
        ("expression_evaluation_failed", {}),
        ({}, {}),
        (["a"], {}),
        ({"external_id": ["value_is_mandatory"]}, {"external_id": ["value_is_mandatory"]}),
        ({"base": ["a", "b"], "privilege.code": ["c"]}, {"base": ["a", "b"], "privilege.code": ["c"]}),
        ({"3": {"transaction_id": ["value_already_exist"]}}, {"3.transaction_id": ["value_already_exist"]}),
        ({"0": "expression_evaluation_failed: no x", "2": {"code": ["odd"]}},
         {"0": ["expression_evaluation_failed: no x"], "2.code": ["odd"]}),
        ({"0": None, "1": 5, "2": {}, "a": "x"}, {}),
        ({"payment_status": {"0": ["must be x"], "2": ["must be y"]}},
         {"payment_status.0": ["must be x"], "payment_status.2": ["must be y"]}),
        ({"1": {"params": {"codes": ["echo"]}, "errors": 'Validation errors: {"type":["odd"],"name":["x"]}'}},
         {"1.type": ["odd"], "1.name": ["x"], "1.params.codes": ["echo"]}),
        ({"1": {"params": {}, "errors": "alert_not_found"}}, {"1": ["alert_not_found"]}),
        ({"a": [{"b": ["x"]}, {"b": ["y"]}]}, {"a.b": ["x", "y"]}),
        ({"third_party": "avalara", "http_status": 402, "http_body": {"error": {}}}, {}),
        ({"a": [1, 2], "b": ["x", None]}, {}),
        ({"a": []}, {"a": []}),
    ],
)  # fmt: skip
def test_the_fields_of_a_refusal_have_the_servers_texts(details: Any, fields: dict[str, list[str]]) -> None:
    error = api_error(response(422, {"error_details": details}))
    assert error.fields == fields
    assert pickle.loads(pickle.dumps(error)).fields == fields
    assert error.error_details == details
    error.fields.clear()
    assert error.fields == fields


def test_everything_else_that_a_refusal_says_is_kept() -> None:
    body = {"status": 403, "code": "c", "error": "Forbidden", "message": "not available", "provider": {"code": None}}
    error = api_error(response(403, body))
    assert error.extra == {"message": "not available", "provider": {"code": None}}
    assert str(error) == ("403 c: find_customer 'cus 1': message not available; provider.code null (request req_1)")
    assert api_error(response(502, {"status": "bad", "error": {"a": "b"}, "code": 7})).extra == {
        "status": "bad", "error": {"a": "b"}, "code": 7,
    }  # fmt: skip
    assert api_error(response(502, b"<html>")).extra == {}


def test_a_response_that_echoes_the_request_is_kept_but_not_told() -> None:
    echo = {"message": "not here", "headers": {"Authorization": "Bearer key-that-must-stay-hidden"}, "path": "/x"}
    error = api_error(response(404, echo))
    assert error.extra == echo
    assert str(error).startswith("404 without a code: find_customer 'cus 1': message not here (request req_1)")
    assert "hidden" not in str(error)


def test_a_summary_has_an_end() -> None:
    assert summarize_details("x" * 300) == "x" * 300
    assert summarize_details("x" * 301) == "x" * 297 + "..."
    assert summarize_details("x" * 11, limit=10) == "x" * 7 + "..."
    assert summarize_details("x" * 10, limit=10) == "x" * 10


# --- gates ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "status", "body", "remedy"),
    [
        (
            "execute_order", 403,
            {"code": "feature_unavailable"},
            "; the operation needs a premium licence and the feature flag order_forms"
        ),
        (
            "find_all_enriched_events", 403,
            {"code": "endpoint_not_available"},
            "; the operation needs ClickHouse on the server"
        ),
        (
            "find_security_log", 403,
            {"code": "forbidden"},
            "; the operation needs a premium licence, the integration security_logs and ClickHouse on the server"
        ),
        ("execute_order", 403, {"code": "write_action_not_allowed_for_order"}, ""),  # the key's permissions
        ("execute_order", 403, b"<html>", ""),  # a proxy
        ("execute_order", 404, {"code": "order_not_found"}, ""),
        ("find_customer_projected_usage", 403, {"code": "projected_usage_not_enabled"},
         "; the operation needs a premium licence and the integration projected_usage"),
        *(
            (operation, status, {"code": code},
             "; the call needs a premium licence, or a feature or an integration that the organisation does not have")
            for operation, status, code in (
                ("update_subscription", 403, "feature_unavailable"),  # with plan_overrides
                ("update_subscription", 403, "feature_not_available"),
                ("invoice_preview", 405, "premium_integration_missing"),  # of existing subscriptions
            )
        ),
        ("update_subscription", 405, {"code": "not_voidable"}, ""),
        ("update_subscription", 403, {"code": "write_action_not_allowed_for_subscription"}, ""),
    ],
)  # fmt: skip
def test_a_closed_gate_is_named_with_its_remedy(operation: str, status: int, body: object, remedy: str) -> None:
    error = api_error(response(status, body, request=Request(ENDPOINTS[operation], "/x", None, repeatable=True)))
    assert str(error).partition("(request req_1)")[2] == (
        f"{remedy}: ask Lago or whoever runs the server" if remedy else ""
    )


# --- what else a response tells ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "expected"),
    [
        (404, None, True),
        (404, "resource_not_found", True),
        (404, "customer_not_found", False),
        (400, None, False),
        (405, "resource_not_found", False),
    ],
)
def test_a_path_is_unknown_if_a_404_names_nothing(status: int, code: str | None, expected: bool) -> None:
    assert is_no_route(api_error(response(status, {"code": code}))) is expected


def test_the_title_and_the_detail_of_a_gateway_are_told() -> None:
    error = api_error(response(502, {"title": "Bad", "detail": "no upstream", "instance": "hidden"}))
    assert str(error).startswith("502 without a code: find_customer 'cus 1': title Bad; detail no upstream (request")


def test_a_summary_looks_at_a_thousand_details() -> None:
    for before, first in [(999, "last odd; k0 x"), (1_000, "k0 x; k1 x")]:
        details: dict[str, Any] = {f"k{number}": "x" for number in range(before)}
        assert summarize_details({**details, "last": ["odd"]}).startswith(first)


INGEST = ENDPOINTS["create_event"].encode(({"transaction_id": "t", "external_subscription_id": "s", "code": "c"},), {})
EITHER = "base_url (or ingest_url, if it is set)"


@pytest.mark.parametrize(
    ("status", "body", "remedy"),
    [
        (401, {"error": "Unauthorized"}, f"{KEY}, and ingest_url, if it is set, to the same Lago"),
        (404, {}, f"; a Lago server would name what is missing: check {EITHER}, and the proxies in between"),
        (
            404,
            {"code": "resource_not_found"},
            f"; the server has no such route, or does not name what is missing: check {EITHER} and the ids",
        ),
        (301, {}, f"; redirects are not followed: set {EITHER} to where the server points"),
        (429, {}, "; send fewer calls, or raise max_retries or timeout"),
        (422, {"code": "resource_not_found"}, ""),
        (405, {"code": "resource_not_found"}, ""),
    ],
)
def test_a_refused_event_may_have_gone_to_a_host_of_its_own(status: int, body: object, remedy: str) -> None:
    error = api_error(response(status, body, request=INGEST))
    assert str(error).partition(" (request req_1)")[2] == remedy


def test_a_line_of_just_the_right_length_does_not_hide_that_there_is_more() -> None:
    assert summarize_details({"a": ["x" * 8]}, limit=10) == "a xxxxxxxx"
    assert summarize_details({"a": ["x" * 8], "b": ["y"]}, limit=10) == "a xxxxx..."


def test_a_page_that_does_not_fit_is_an_error_with_its_remedy() -> None:
    asked = response(200, b"{}", Retry="5")
    assert str(misplaced(asked, "page 1 instead of page 2")) == (
        "200 with page 1 instead of page 2: find_customer 'cus 1' (request req_1); check whether a cache or a proxy "
        "between this client and Lago ignores the query; the error's body holds the response"
    )
    error = misplaced(asked, "no key", "pass one")
    assert str(error).endswith(" (request req_1); pass one; the error's body holds the response")
    assert (error.operation, error.status_code, error.body, error.headers["retry"]) == (
        "find_customer",
        200,
        b"{}",
        "5",
    )
