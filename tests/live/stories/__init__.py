"""The stories: which operations are called, in which order, and on what."""

from collections.abc import Mapping

from tests.live.stories import (
    catalogue,
    credit_notes,
    customers,
    drafts,
    events,
    invoices,
    items,
    organization,
    payments,
    plans,
    quotes,
    subscriptions,
    wallets,
)
from tests.live.trial import Story

STORIES: Mapping[str, Story] = {
    story.__name__: story
    for story in (
        items.taxes,
        items.add_ons,
        items.billable_metrics,
        items.features,
        items.coupons,
        organization.organization,
        organization.webhook_endpoints,
        organization.logs,
        organization.analytics,
        plans.plans,
        plans.charges,
        plans.fixed_charges,
        plans.entitlements,
        customers.customers,
        customers.coupons_of_a_customer,
        subscriptions.subscriptions,
        subscriptions.alerts,
        subscriptions.overrides,
        subscriptions.entitlements_of_a_subscription,
        events.events,
        events.usage,
        invoices.invoices,
        invoices.documents,
        drafts.drafts,
        drafts.fees,
        payments.payments,
        payments.payment_requests,
        credit_notes.credit_notes,
        wallets.wallets,
        wallets.wallets_of_a_customer,
        quotes.quotes,
        catalogue.catalogue,
    )
}

NOT_CALLED: Mapping[str, str] = {
    "billing_entities.create": "no operation deletes a billing entity",
    "billing_entities.update": "it would change how the organization bills",
    "organizations.update": "it would change the organization",
}
"""The operations that no story calls, each with the reason."""
