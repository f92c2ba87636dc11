"""Find what webhooks would have said while their endpoint was down; it only reads.

python examples/webhook_catch_up.py 2026-03-01T00:00:00+00:00
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from lago_async import LagoClient
from lago_async.models import CreditNote, Customer, Invoice, Payment


async def new_invoices(client: LagoClient, since: datetime, *, grace_days: int = 0) -> AsyncIterator[Invoice]:
    """Yield the invoices that were issued since then: ``invoice.created`` and ``invoice.one_off_created``.

    The server filters by day, in the time zone of the customer, so the walk begins two days earlier. If invoices keep
    their issuing date (``keep_anchor``), pass the longest grace period: they are finalized that long after it.
    """
    first = (since - timedelta(days=2 + grace_days)).date()
    async for invoice in client.invoices.find_all(issuing_date_from=first).stable():
        if invoice.updated_at >= since:
            yield invoice


async def changed_invoices(client: LagoClient, since: datetime) -> AsyncIterator[Invoice]:
    """Yield all invoices that have changed since then, such as those whose payment has succeeded.

    The server has no filter for that, so this reads the whole list.
    """
    async for invoice in client.invoices.find_all().stable():
        if invoice.updated_at >= since:
            yield invoice


async def new_payments(client: LagoClient, since: datetime) -> AsyncIterator[Payment]:
    """Yield the payments that were made since then. The list has no filter, and begins with the newest."""
    async for payment in client.payments.find_all():
        if payment.created_at < since:
            return
        yield payment


async def new_credit_notes(client: LagoClient, since: datetime, *, grace_days: int = 0) -> AsyncIterator[CreditNote]:
    """Yield the credit notes that were issued or changed since then, of those issued in the last days before.

    That of a draft invoice keeps the day on which it was made, so pass the longest grace period.
    """
    first = (since - timedelta(days=2 + grace_days)).date()
    async for note in client.credit_notes.find_all(issuing_date_from=first).stable():
        if note.updated_at >= since:
            yield note


async def new_customers(client: LagoClient, since: datetime) -> AsyncIterator[Customer]:
    """Yield the customers that were created since then. The list has no filter, and begins with the newest."""
    async for customer in client.customers.find_all():
        if customer.created_at < since:
            return
        yield customer


async def main(since: datetime) -> None:
    """Print what happened since then."""
    async with LagoClient() as client:
        async for invoice in changed_invoices(client, since):
            print(f"invoice {invoice.number}: {invoice.status}, payment {invoice.payment_status}")
        async for payment in new_payments(client, since):
            print(f"payment {payment.lago_id}: {payment.amount_cents} {payment.amount_currency}")
        async for note in new_credit_notes(client, since):
            print(f"credit note {note.number}: {note.total_amount_cents} {note.currency}")
        async for customer in new_customers(client, since):
            print(f"customer {customer.external_id}")


if __name__ == "__main__":
    asyncio.run(main(datetime.fromisoformat(sys.argv[1]).astimezone()))  # a time without a zone is of this machine
