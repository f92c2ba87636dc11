"""Every operation of the API can be called, and answers what the contract says: kind, root and fields."""

import logging
import re
from urllib.parse import quote

import pytest

from lago_async.endpoint import ENDPOINTS, Answer, Request
from lago_async.sandbox import Sandbox

from .conftest import START, Caller
from .test_contract import CONTRACT, of_fields
from .world import build

OPERATIONS = CONTRACT["operations"]
METADATA = {"k": "v"}

ALERT = {"code": "new", "alert_type": "lifetime_usage_amount", "thresholds": [{"value": "1"}]}
WALLET_ALERT = {**ALERT, "alert_type": "wallet_credits_balance"}
COUPON = {
    "name": "N",
    "code": "new",
    "coupon_type": "percentage",
    "percentage_rate": "1",
    "frequency": "once",
    "expiration": "no_expiration",
}
PLAN = {"name": "N", "code": "new", "interval": "monthly", "amount_cents": 1, "amount_currency": "EUR"}
PLAN["pay_in_advance"] = False
FILTER = {"values": {"region": ["us"]}, "properties": {"amount": "3"}}
WALLET = {"rate_amount": "1", "currency": "EUR", "external_customer_id": "cus", "metadata": METADATA}
EVENT = {"code": "calls", "external_subscription_id": "sub", "transaction_id": "new", "properties": {"region": "eu"}}
RENAMED = {"name": "Renamed"}
ENTITLEMENTS = {"entitlements": {"seats": {"max": 7}}}


# What stands in the path, in its order; a word in capitals is an id that the world knows.
PATHS = {
    "billing_entities": ["sandbox"],
    "add_ons": ["setup"],
    "billable_metrics": ["calls"],
    "features": ["seats", "max"],
    "coupons": ["coupon"],
    "credit_notes": ["NOTE", "k"],
    "events": ["t0"],
    "fees": ["PAID_FEE"],
    "invoices": ["INVOICE"],
    "payment_receipts": ["RECEIPT"],
    "payment_requests": ["ASKED"],
    "payments": ["PAYMENT"],
    "taxes": ["vat"],
    "wallets": ["WALLET", "k"],
    "wallet_transactions": ["BOUGHT"],
    "webhook_endpoints": ["HOOK"],
    "activity_logs": ["ACTIVITY"],
    "api_logs": ["REQUEST"],
    "customers": ["cus"],
    "plans": ["plan"],
    "subscriptions": ["sub"],
}
BELOW = {
    "applied_coupons": ["APPLIED"],
    "payment_methods": ["METHOD"],
    "wallets": ["main"],
    "alerts": ["alert"],
    "metadata": ["k"],
    "charges": ["calls"],
    "fixed_charges": ["setup"],
    "filters": ["FILTER"],
    "entitlements": ["seats"],
    "privileges": ["max"],
}
# Operations that need another object than the usual one.
OTHER_PATHS = {
    "finalize_invoice": ["DRAFT"],
    "refresh_invoice": ["DRAFT"],
    "delete_invoice": ["DRAFT"],
    "retry_invoice": ["FAILED"],
    "delete_fee": ["LOOSE_FEE"],
    "find_all_wallet_transaction_consumptions": ["GRANTED"],
    "find_all_wallet_transaction_fundings": ["CONSUMED"],
}
QUERIES = {
    "find_customer_current_usage": "external_subscription_id=sub",
    "find_customer_projected_usage": "external_subscription_id=sub",
    "find_all_customer_past_usage": "external_subscription_id=sub",
}


def bodies(ids):
    """The smallest request that is valid, by operation."""
    items = [{"fee_id": ids["paid_fee"], "amount_cents": 100}]
    note = {"invoice_id": ids["paid"], "items": items}
    return {
        "create_billing_entity": {"billing_entity": {"code": "new", "name": "N"}},
        "update_billing_entity": {"billing_entity": RENAMED},
        "create_add_on": {"add_on": {"name": "N", "code": "new", "amount_cents": 1, "amount_currency": "EUR"}},
        "update_add_on": {"add_on": RENAMED},
        "apply_coupon": {"applied_coupon": {"external_customer_id": "cus", "coupon_code": "coupon"}},
        "create_billable_metric": {
            "billable_metric": {"name": "N", "code": "new", "aggregation_type": "count_agg"},
        },
        "evaluate_billable_metric_expression": {
            "expression": "event.properties.a + 1",
            "event": {"code": "calls", "properties": {"a": 2}},
        },
        "update_billable_metric": {"billable_metric": RENAMED},
        "create_feature": {"feature": {"code": "new"}},
        "update_feature": {"feature": RENAMED},
        "create_coupon": {"coupon": COUPON},
        "update_coupon": {"coupon": RENAMED},
        "create_credit_note": {"credit_note": {**note, "credit_amount_cents": 120, "metadata": METADATA}},
        "update_credit_note": {"credit_note": {"refund_status": "succeeded"}},
        "estimate_credit_note": {"credit_note": note},
        "create_customer": {"customer": {"external_id": "new"}},
        "create_customer_wallet": {"wallet": WALLET},
        "update_customer_wallet": {"wallet": RENAMED},
        "create_customer_wallet_alert": {"alert": WALLET_ALERT},
        "update_customer_wallet_alert": {"alert": RENAMED},
        "create_event": {"event": EVENT},
        "create_batch_events": {"events": [EVENT]},
        "event_estimate_fees": {"event": EVENT},
        "event_estimate_instant_fees": {"event": EVENT},
        "event_batch_estimate_instant_fees": {"events": [EVENT]},
        "update_fee": {"fee": {"payment_status": "succeeded"}},
        "create_invoice": {"invoice": {"external_customer_id": "cus", "fees": [{"add_on_code": "setup"}]}},
        "update_invoice": {"invoice": {"payment_status": "succeeded"}},
        "invoice_preview": {"customer": {"external_id": "cus"}, "plan_code": "plan"},
        "update_organization": {"organization": {"legal_name": "N"}},
        "create_payment_request": {
            "payment_request": {
                "external_customer_id": "cus",
                "email": "a@b.example",
                "lago_invoice_ids": [ids["paid"]],
            }
        },
        "create_payment": {"payment": {"invoice_id": ids["paid"], "amount_cents": 1, "reference": "r"}},
        "create_plan": {"plan": PLAN},
        "update_plan": {"plan": RENAMED},
        "create_entitlement": ENTITLEMENTS,
        "update_entitlement": ENTITLEMENTS,
        "update_subscription_entitlements": ENTITLEMENTS,
        "create_plan_charge": {"charge": {"billable_metric_id": ids["metric"], "charge_model": "standard"}},
        "update_plan_charge": {"charge": {"invoice_display_name": "N"}},
        "create_plan_charge_filter": {"filter": FILTER},
        "update_plan_charge_filter": {"filter": FILTER},
        "create_plan_fixed_charge": {"fixed_charge": {"add_on_id": ids["add_on"]}},
        "update_plan_fixed_charge": {"fixed_charge": {"units": "4"}},
        "create_subscription": {
            "subscription": {"external_customer_id": "cus", "external_id": "new", "plan_code": "plan"}
        },
        "update_subscription": {"subscription": RENAMED},
        "update_subscription_lifetime_usage": {"lifetime_usage": {"external_historical_usage_amount_cents": 1}},
        "create_subscription_alert": {"alert": ALERT},
        "update_subscription_alert": {"alert": RENAMED},
        "override_subscription_charge": {"charge": {"invoice_display_name": "N"}},
        "create_subscription_charge_filter": {"filter": FILTER},
        "update_subscription_charge_filter": {"filter": FILTER},
        "override_subscription_fixed_charge": {"fixed_charge": {"units": "4"}},
        "create_tax": {"tax": {"name": "N", "code": "new", "rate": "1"}},
        "update_tax": {"tax": RENAMED},
        "create_wallet": {"wallet": WALLET},
        "update_wallet": {"wallet": RENAMED},
        "create_wallet_transaction": {"wallet_transaction": {"wallet_id": ids["wallet"], "granted_credits": "1"}},
        "create_webhook_endpoint": {"webhook_endpoint": {"webhook_url": "https://hooks.example/new"}},
        "update_webhook_endpoint": {"webhook_endpoint": RENAMED},
        **{
            f"{verb}_{owner}_metadata": {"metadata": {"new": "v"}}
            for verb in ("replace", "merge")
            for owner in ("plan", "wallet", "customer_wallet", "credit_note")
        },
    }


def target(operation, ids):
    """Path and query; each parameter is what the segment before it says."""
    path = OPERATIONS[operation]["path"]
    segments = path.strip("/").split("/")
    other = iter(OTHER_PATHS.get(operation, ()))
    built = []
    for position, segment in enumerate(segments):
        if not segment.startswith("{"):
            built.append(segment)
            continue
        before = segments[position - 1]
        given = next(other, None) or (PATHS[before] if position == 1 else BELOW[before])[0]
        built.append(quote(ids[given.lower()] if given.isupper() else given, safe="").replace(".", "%2E"))
    query = QUERIES.get(operation)
    return f"/api/v1/{'/'.join(built)}" + (f"?{query}" if query else "")


def fields_of(schema):
    """The fields of the object that a schema names, or of its elements."""
    found = CONTRACT["objects"].get(schema.removeprefix("array<").removesuffix(">").removeprefix("ref:"))
    return {} if found is None else found["fields"]


def element_fields(operation):
    """The fields of the object that an operation answers, or of the elements of its list."""
    response = OPERATIONS[operation]["response"]
    schema, root = (response["schema"] or "").partition("|")[0], (response["root"] or "").partition("|")[0]
    wrapper = response.get("fields") or fields_of(schema)
    # Some answers are described without their envelope, and one list as the object that its elements are.
    inner = wrapper.get(root) or wrapper.get(root.removesuffix("s"))
    if inner is None:
        return wrapper
    return inner.get("fields") or fields_of(inner["type"])


EMPTIED = {
    f"{verb}_{owner}_metadata": {
        "replace": {"new": "v"},
        "merge": {"k": "v", "l": "v", "new": "v"},
        "delete_all": None,
    }[verb]
    for verb in ("replace", "merge", "delete_all")
    for owner in ("plan", "wallet", "customer_wallet", "credit_note")
}

# Where an answer is otherwise than the contract's description, and why. Patterns of "operation.path problem".
EXCEPTIONS = {
    # The description is wrong: these are null on the server, or of another type.
    r".*\.payment_method\.payment_method_id is null": "no method is chosen",
    r".*\.billing_configuration\.\w+ is null": "most customers have none of it",
    r".*\.billing_configuration\.(sync|sync_with_provider|provider_\w+) is missing": "only with a provider; sync never",
    r".*\.file_url is null": "until the document is made",
    r".*\.pricing_unit_details is null": "without pricing units, as usage has it",
    r".*alerts?\.(billable_metric|external_subscription_id|lago_wallet_id|wallet_code) is null": "of the other kind",
    r".*alerts?\.previous_value: '0\.0' is no number": "a decimal, and so a string",
    r".*units: '\d+\.0' is no number": "a decimal, and so a string",
    r".*\.(from|to)_date: '\S+\+00:00' is no datetime": "the bounds of a fee are written with an offset",
    r".*\.charges_usage\[\]\.filters\[\]\.(values|invoice_display_name) is null": "the default bucket has none",
    r"find_customer_projected_usage\.charges_usage\[\]\.charge\.invoice_display_name is null": "it has none",
    r"find_customer_projected_usage\.projected_amount_cents: '\d+\.0' is no integer": "a sum of decimals is one",
    r"find_all_\w+\.amount_cents: \d+\.0 is no integer": "analytics send floats",
    r"estimate_credit_note\.precise_\w+: '\S+' is no number": "a decimal, and so a string",
    r"estimate_credit_note\.applied_taxes\[\]\.tax_description is null": "the tax has none",
    r"create_(batch_events|event)\.lago_customer_id is null": "not matched with a customer yet",
    r"event_\w*estimate_instant_fees\.\S+ is null": "what is not stored has no id and no times",
    r"event_\w*estimate_instant_fees\.\w+: '\S+' is no (number|integer)": "a raw hash of decimals",
    r"fetch_json_public_key\.public_key: .* is no string": "base64 in lines; the pattern knows one line only",
    # What is passed through has only what was sent.
    r".*amount_details\.\w+ is missing": "a column of free JSON, empty here",
    r".*properties\.\w+ is missing": "only what was sent, or what the model knows",
    r".*properties\.amount: '\d+' is no decimal": "as it was sent",
    r".*config\.select_options is missing": "only a select has options",
    # What lists and what is embedded leave out.
    r".*taxes\[\]\.applied_to_billing_entities_codes is missing": "embedded taxes say nothing of billing entities",
    r".*(subscriptions|subscriptions\[\])\.(plan|applicable_usage_thresholds) is missing": "not in lists",
}
USED = set()
CALLED = set()


def unexcused(operation, problems):
    """What no exception excuses."""
    left = set()
    for problem in problems:
        excuses = [each for each in EXCEPTIONS if re.fullmatch(each, f"{operation}{problem}", re.DOTALL)]
        USED.update(excuses)
        left |= set() if excuses else {problem}
    return left


@pytest.fixture
async def world(session):
    async with Sandbox(now=START, premium=True) as running:
        ids = build(running)
        call = Caller(running, session)
        logged = await call.post("/taxes", {"tax": {"name": "L", "code": "logged", "rate": "1"}})
        ids["request"] = logged.headers["X-Request-Id"]
        ids["activity"] = (await call.get("/activity_logs")).body["activity_logs"][0]["activity_id"]
        yield call, ids


def test_the_requests_here_are_for_operations_of_the_contract(world):
    _, ids = world
    assert set(bodies(ids)) | set(OTHER_PATHS) | set(QUERIES) <= set(OPERATIONS)


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_every_operation_answers_with_its_kind_root_and_fields(world, operation, caplog):
    call, ids = world
    response = OPERATIONS[operation]["response"]
    if operation in {"download_invoice", "download_credit_note"}:
        assert (await call("POST", target(operation, ids))).body is None
    answer = await call(OPERATIONS[operation]["method"], target(operation, ids), bodies(ids).get(operation))
    assert answer.status == 200, answer.body
    caplog.set_level(logging.DEBUG, "lago_async.codec")
    endpoint = ENDPOINTS[operation]
    endpoint.decode(Answer(Request(endpoint, "/", None, True), 200, {}, answer.raw, "", 1, False))
    assert caplog.messages == [], "the package's own models read it at once"
    kind, root = response["kind"], response["root"]
    if kind in {"empty", "text"}:
        assert isinstance(answer.body, bytes if kind == "text" else type(None))
        return
    root = root.partition("|")[0]
    assert set(answer.body) == ({root, "meta"} if response["paginated"] else {root})
    value = answer.body[root]
    if root == "metadata":
        assert value == EMPTIED.get(operation, {"l": "v"})
        return
    assert isinstance(value, list if kind == "list" else dict)
    elements = value if kind == "list" else [value]
    assert elements, "the world has one of everything"
    found = {each for element in elements for each in of_fields(element_fields(operation), element, "")}
    assert unexcused(operation, found) == set()
    CALLED.add(operation)


def test_every_exception_is_still_needed():
    if len(CALLED) < 150:
        pytest.skip("tells only after the test above has run for all operations")
    assert set(EXCEPTIONS) - USED == set()
