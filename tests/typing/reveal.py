"""The types that the type checkers infer for both faces: mypy and pyright read this in `make check`; it never runs."""

from typing import assert_type, cast

import lago_async
import lago_async.bulk as async_bulk
import lago_sync
import lago_sync.bulk as sync_bulk
from lago_async import HttpInfo
from lago_async._table.pages import Page, PageMeta
from lago_async.bulk import PastUsage, SubscriptionIds
from lago_async.models import Customer, CustomerInput, CustomerUsage, Json, UsagePeriod
from lago_async.pager import AsyncPager
from lago_sync.pager import Pager


async def async_face(client: lago_async.LagoClient) -> None:
    assert_type(await client.customers.find("cus_1"), Customer)
    assert_type(await client.customers.create(CustomerInput(external_id="cus_1")), Customer)
    assert_type(await client.customers.create({"external_id": "cus_1"}), Customer)
    usage = await client.customers.find_current_usage("cus_1", external_subscription_id="sub_1")
    assert_type(usage, CustomerUsage)
    assert_type(usage.total_amount_cents, int)
    assert_type(usage.charges_usage[0].filters[0].values, dict[str, list[str]] | None)
    pager = client.customers.find_all_past_usage("cus_1", external_subscription_id="sub_1")
    assert_type(pager, AsyncPager[UsagePeriod])
    assert_type(await pager, Page[UsagePeriod])
    assert_type(await pager.collect(limit=5), list[UsagePeriod])
    assert_type((await pager).meta, PageMeta)
    client.customers.updat  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # noqa: B018
    client.customer  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # noqa: B018
    async for period in pager:
        assert_type(period.lago_invoice_id, str)
    async for page in pager.pages():
        assert_type(page, Page[UsagePeriod])
    info = await client.with_http_info(client.customers.find, "cus_1")
    assert_type(info, HttpInfo[Customer])
    data, status_code, _ = info
    assert_type(data, Customer)
    assert_type(status_code, int)
    listed = await client.with_http_info(client.customers.find_all, per_page=5)
    assert_type(listed, HttpInfo[Page[Customer]])
    assert_type(info.extra(info.data), dict[str, Json])
    assert_type(info.json(), Json)
    async for of_page in pager.pages_with_http_info():
        assert_type(of_page, HttpInfo[Page[UsagePeriod]])
    assert_type(client.with_options(timeout=5), lago_async.LagoClient)


def sync_face(client: lago_sync.LagoClient) -> None:
    client.customers.updat  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]  # noqa: B018
    assert_type(client.customers.find("cus_1"), Customer)
    assert_type(client.customers.create(CustomerInput(external_id="cus_1")), Customer)
    pager = client.customers.find_all_past_usage("cus_1", external_subscription_id="sub_1")
    assert_type(pager, Pager[UsagePeriod])
    assert_type(pager.page(), Page[UsagePeriod])
    assert_type(pager.collect(concurrency=4), list[UsagePeriod])
    for period in pager:
        assert_type(period, UsagePeriod)
    info = client.with_http_info(client.customers.find, "cus_1")
    assert_type(info, HttpInfo[Customer])
    listed = client.with_http_info(client.customers.find_all, per_page=5)
    assert_type(listed, HttpInfo[Page[Customer]])
    for of_page in pager.pages_with_http_info():
        assert_type(of_page, HttpInfo[Page[UsagePeriod]])
    assert_type(client.with_options(timeout=5), lago_sync.LagoClient)


async def bulk_on_the_async_face(client: lago_async.LagoClient) -> None:
    call = async_bulk.prepare(client.customers.find, "cus_1")
    assert_type(call, async_bulk.Prepared[Customer])
    listed = async_bulk.prepare(client.customers.find_all, page=2)
    assert_type(listed, async_bulk.Prepared[Page[Customer]])
    assert_type(async_bulk.run([listed]), async_bulk.Outcomes[async_bulk.Prepared[Page[Customer]], Page[Customer]])
    async with async_bulk.run([call], concurrency=4, ordered=True) as outcomes:
        assert_type(outcomes.total, int | None)
        async for outcome in outcomes:
            assert_type(outcome, async_bulk.Outcome[async_bulk.Prepared[Customer], Customer])
            assert_type(outcome.value, Customer)
            assert_type(outcome.error, Exception | None)
    async for page in async_bulk.past_usage(client):
        assert_type(page.input, SubscriptionIds)
        assert_type(page.value, PastUsage)
        assert_type(page.value.periods, list[UsagePeriod])
    async for usage in async_bulk.current_usage(client, [("cus_1", "sub_1")]):
        assert_type(usage.value, CustomerUsage)


def bulk_on_the_sync_face(client: lago_sync.LagoClient) -> None:
    call = sync_bulk.prepare(client.customers.find, "cus_1")
    assert_type(call, sync_bulk.Prepared[Customer])
    listed = sync_bulk.prepare(client.customers.find_all, page=2)
    assert_type(listed, sync_bulk.Prepared[Page[Customer]])
    with sync_bulk.run([call], concurrency=4, ordered=True) as outcomes:
        assert_type(outcomes.total, int | None)
        for outcome in outcomes:
            assert_type(outcome, sync_bulk.Outcome[sync_bulk.Prepared[Customer], Customer])
            assert_type(outcome.value, Customer)
    for page in sync_bulk.past_usage(client):
        assert_type(page.input, SubscriptionIds)
        assert_type(page.value.periods, list[UsagePeriod])
    for usage in sync_bulk.current_usage(client, [("cus_1", "sub_1")]):
        assert_type(usage.value, CustomerUsage)


async def values_of_enumerations(client: lago_async.LagoClient, blocking: lago_sync.LagoClient) -> None:
    client.invoices.find_all(statuses=["draft", "voided"], payment_status="failed")
    blocking.subscriptions.find_all(status=("active", "incomplete"))
    client.invoices.find_all(status="closed")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.invoices.find_all(statuses=["finalised"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    client.invoices.find_all(settlements="payment")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.customers.find_all(customer_type="firm")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.subscriptions.destroy("sub_1", on_termination_invoice="no")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    blocking.fees.find_all(fee_type="addon")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    blocking.quotes.find_all(status=["lost"])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    newer = cast("lago_async.ListedInvoiceStatus", "disputed")  # a value that only a newer server knows
    client.invoices.find_all(status=newer)


async def wrong_calls(client: lago_async.LagoClient) -> None:
    await client.customers.find(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.customers.find()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.customers.find_all(per_pgae=5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.customers.find_current_usage("cus_1")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    CustomerInput(name="Acme")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    CustomerInput(external_id="cus_1", nmae="Acme")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.with_http_info(client.customers.find, 5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    async_bulk.prepare(client.customers.find, 5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
