"""The risk of each operation: everything that moves money or destroys something says so in the table."""

import re

from lago_async import ENDPOINTS
from tests.test_repeatable import REPLACES, REVIEWED

RISKS = {row.name: row.risk for row in ENDPOINTS.rows if not row.overload}

MOVES_MONEY = {
    "apply_coupon",
    "create_credit_note",
    "create_customer_wallet",
    "create_invoice",
    "create_payment",
    "create_payment_request",
    "create_subscription",  # plans in advance are billed at once
    "create_wallet",  # paid credits are billed at once
    "create_wallet_transaction",
    "delete_applied_coupon",
    "delete_fee",
    "destroy_customer",  # ends the subscriptions, which bills them
    "destroy_customer_wallet",
    "destroy_subscription",
    "destroy_wallet",
    "execute_order",
    "finalize_invoice",
    "lose_dispute_invoice",
    "retry_invoice",
    "retry_payment",
    "update_credit_note",  # of a refund
    "update_fee",
    "update_invoice",  # of its payment status
    "update_subscription",
    "void_credit_note",
    "void_invoice",
}

HARMLESS = {
    "estimate_credit_note": "computes and stores nothing",
    "download_credit_note": "makes a file",
    "download_credit_note_pdf": "makes a file",
    "download_credit_note_xml": "makes a file",
    "download_invoice": "makes a file",
    "download_invoice_pdf": "makes a file",
    "download_invoice_xml": "makes a file",
    "invoice_payment_url": "makes a link, and the customer decides",
    "invoice_preview": "computes and stores nothing",
    "merge_credit_note_metadata": "changes notes",
    "merge_customer_wallet_metadata": "changes notes",
    "merge_wallet_metadata": "changes notes",
    "payment_method_set_as_default": "changes a setting",
    "refresh_invoice": "computes a draft again",
    "resend_credit_note_email": "sends an email",
    "resend_invoice_email": "sends an email",
    "resend_payment_receipt_email": "sends an email",
    "sync_invoice_salesforce_id": "changes a note",
    "update_customer_wallet": "changes settings",
    "update_wallet": "changes settings",
    "create_customer_wallet_alert": "makes an alert",
    "update_customer_wallet_alert": "changes an alert",
    "wallet_transaction_payment_url": "makes a link, and the customer decides",
}


def test_the_operations_that_move_money_are_those_that_were_reviewed() -> None:
    assert {name for name, risk in RISKS.items() if risk == "moves_money"} == MOVES_MONEY


def test_every_delete_and_every_replacement_destroys_something() -> None:
    for row in ENDPOINTS.rows:
        if row.method == "DELETE":
            assert row.risk is not None, row.name
        if REVIEWED.get(row.name) == REPLACES:
            assert row.risk == "destroys", row.name


def test_no_operation_that_only_reads_has_a_risk() -> None:
    assert [row.name for row in ENDPOINTS.rows if row.method == "GET" and row.risk is not None] == []


def test_a_new_operation_on_money_has_a_risk_or_a_reason_to_have_none() -> None:
    """A name of these objects, or a verb that ends something, is a change of money until a reviewer has looked."""
    delicate = re.compile(r"invoice|payment|credit_note|wallet|refund|void|terminate|finali|execute|replace")
    unseen = {
        row.name
        for row in ENDPOINTS.rows
        if row.method != "GET" and row.risk is None and delicate.search(row.name) and row.name not in HARMLESS
    }
    assert unseen == set()
    assert set(RISKS) >= set(HARMLESS)


def test_both_methods_of_one_operation_have_one_risk() -> None:
    assert [row.name for row in ENDPOINTS.rows if row.overload and row.risk != RISKS[row.name]] == []
