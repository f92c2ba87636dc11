"""A wrong name is answered with the right one, on both faces; a page and a resource group show what they are."""

import copy
from typing import Any

import pytest

import lago_async
import lago_sync
from lago_async import Customer, GrpcToken, Page, PageMeta
from tests.conftest import Face, NewFace

KEY = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
async def client(new_face: NewFace) -> Any:
    return (await new_face(api_key=KEY, base_url="http://127.0.0.1:1")).client


ANSWERS = {
    "customers.update": "Customers has no 'update': use create, which updates",
    "customers.edit_customer": "use create, which updates",
    "customers.upsert": "use create",
    "customers.get": "use find",
    "customers.retrieve": "use find",
    "customers.list": "use find_all",
    "customers.findAll": "use find_all",
    "customers.get_customer": "use find",
    "customers.list_customers": "use find_all",
    "customers.delete": "use destroy",
    "customers.current_usage": "use find_current_usage",
    "customers.past_usage": "use find_all_past_usage",
    "customers.portal_url": "use get_portal_url",
    "customers.craete": "use create",
    "subscriptions.terminate": "use destroy",
    "subscriptions.cancel": "use destroy",
    "subscriptions.list_alerts": "use get_alerts",
    "subscriptions.delete_charge_filter": "use destroy_charge_filter",
    "events.send": "use create",
    "events.update": "it has batch_estimate_instant_fees, create, create_batch, ",
    "taxes.get_tax": "use find",
    "taxes.remove_taxes": "use destroy",
    "billing_entities.get_billing_entity": "use find",
    "plans.delete_charge": "use destroy_charge",
    "plans.list_charges": "use find_all_charges",
    "invoices.cancel": "use delete",
    "fees.remove": "use delete",
    "payments.frobnicate": "it has create, find, find_all",
    "wallets._private": "Wallets has no '_private'",
}

GROUPS = {
    "customer": "LagoClient has no 'customer': use customers",
    "Customers": "use customers",
    "tax": "use taxes",
    "billing_entity": "use billing_entities",
    "subcriptions": "use subscriptions",
    "find_customer": "use customers.find",
    "createCustomer": "use customers.create",
    "list_invoices": "use invoices.find_all",
    "get_invoice": "use invoices.find",
    "xyz": "its resource groups are activity_logs, add_ons, ",
    "_private": "LagoClient has no '_private'",
}


def test_a_wrong_operation_is_answered_with_the_right_one(client: Any) -> None:
    for name, answer in ANSWERS.items():
        group, _, operation = name.partition(".")
        with pytest.raises(AttributeError) as caught:
            getattr(getattr(client, group), operation)
        assert answer in str(caught.value), name


def test_a_wrong_group_is_answered_with_the_right_one(client: Any) -> None:
    for name, answer in GROUPS.items():
        with pytest.raises(AttributeError) as caught:
            getattr(client, name)
        assert answer in str(caught.value), name


def test_every_name_in_an_answer_exists(client: Any) -> None:
    """Whatever verb is tried on whatever group, the answer names operations that are there."""
    from lago_async._name_hints import _VERBS

    for group in lago_async.resources._GROUPS:
        resource = getattr(client, group)
        for name in (*_VERBS, *(f"{verb}_{group}" for verb in _VERBS)):
            if not hasattr(resource, name):
                with pytest.raises(AttributeError) as caught:
                    getattr(resource, name)
                told = str(caught.value).partition(": use ")[2].partition(",")[0]
                assert all(hasattr(resource, each) for each in told.split(" or ") if each), caught.value


def test_a_resource_group_shows_what_it_is_and_the_key_is_not_in_it(client: Any) -> None:
    assert repr(client.credit_notes) == "<CreditNotes of <LagoClient http://127.0.0.1:1/api/v1>>"
    assert KEY not in repr(client.credit_notes)
    assert repr(copy.copy(client.credit_notes)) == repr(client.credit_notes)
    assert not hasattr(client.customers, "__wrapped__")
    assert not hasattr(object.__new__(type(client)), "_options")


def test_both_packages_have_the_same_groups() -> None:
    assert lago_async.resources._GROUPS == lago_sync.resources._GROUPS


# --- pages ------------------------------------------------------------------------------------------------------------


async def test_the_page_of_a_list_operation_has_a_position(face: Face) -> None:
    await face("customers.create", {"external_id": "cus_1"})
    pager = face.client.customers.find_all()
    page = await pager if isinstance(pager, lago_async.AsyncPager) else await face.run(pager.page)
    assert page.meta.total_count == 1


def test_a_page_without_a_position_has_an_empty_one() -> None:
    assert Page([1]) == Page([1], None) == Page([1], PageMeta())
    assert Page([1], None).meta.next_page is None


def test_a_page_is_a_table_in_a_notebook_and_every_text_in_it_is_escaped() -> None:
    items = [
        Customer(external_id="<script>alert(1)</script>", name="a & b", taxes=[]),  # type: ignore[call-arg]
        Customer(external_id="cus_2", shipping_address=lago_async.Address(city="<b>")),  # type: ignore[call-arg]
        Customer(external_id="x" * 500, metadata=[lago_async.CustomerMetadata(key="<i>")]),  # type: ignore[call-arg]
    ]
    html = Page(items, PageMeta(current_page=1, total_pages=2, total_count=6))._repr_html_()
    assert "<script" not in html
    assert "<b>" not in html
    assert "<i>" not in html
    assert "<td>&lt;script&gt;alert(1)&lt;/script&gt;</td><td>a &amp; b</td>" in html
    assert "<tr><th>external_id</th><th>name</th><th>shipping_address</th><th>metadata</th></tr>" in html
    assert "<td>Address(...)</td>" in html
    assert "<td>1 item</td>" in html
    assert "x" * 100 not in html
    assert "<caption>3 items, page 1 of 2, 6 in all</caption>" in html


def test_the_table_of_a_page_hides_secrets_and_ends_after_fifty_rows() -> None:
    html = Page([GrpcToken(grpc_token="eyJ.secret")])._repr_html_()
    assert "eyJ" not in html
    assert "&lt;hidden&gt;" in html
    long = Page([Customer(external_id=str(number)) for number in range(51)])._repr_html_()  # type: ignore[call-arg]
    assert long.count("<tr>") == 51
    assert "<caption>51 items; the first 50 are shown</caption>" in long
    assert "<caption>0 items</caption>" in Page[Customer]([])._repr_html_()
    assert "<td>text</td>" in Page(["text"])._repr_html_()
    items = lago_async.QuoteBillingItems(add_ons=[lago_async.QuoteBillingItem(id="1")])  # type: ignore[call-arg]
    assert "<th>add_ons</th>" in Page([items])._repr_html_()
