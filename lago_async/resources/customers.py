# More than 400 lines in one module, because a resource group is one module of the endpoint table.
"""Customers, with their usage, portal and checkout links, and applied coupons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, cast

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, member, post

if TYPE_CHECKING:
    from lago_async.models import (
        AccountType,
        AppliedCoupon,
        AppliedCouponStatus,
        CreditNote,
        CreditNoteReason,
        CreditNoteType,
        CreditStatus,
        Customer,
        CustomerCheckoutUrl,
        CustomerInput,
        CustomerInputDict,
        CustomerPortalUrl,
        CustomerProjectedUsage,
        CustomerType,
        CustomerUsage,
        Invoice,
        InvoiceType,
        ListedInvoiceStatus,
        Payment,
        PaymentRequest,
        PaymentStatus,
        RefundStatus,
        SettlementType,
        Subscription,
        SubscriptionStatus,
        UsagePeriod,
    )

__all__ = ["Customers"]


def _only_replaces(customer: object) -> bool:
    """Tell whether creating a customer a second time has the same result as once.

    The server replaces what the customer has, except for parts that it makes once more each time: it refuses the second
    pair of metadata with a key, and would make a second counterpart at an integration or a payment provider.
    """
    billing = member(customer, "billing_configuration")
    return (
        _all_have_ids(member(customer, "metadata"))
        and _all_have_ids(member(customer, "integration_customers"))
        and member(billing, "sync_with_provider") in (None, False)
    )


def _all_have_ids(items: object) -> bool:
    return not isinstance(items, Sequence) or all(
        member(item, "id") is not None for item in cast("Sequence[object]", items)
    )


class Customers(Resource):
    """Customers, with their usage, portal and checkout links, and applied coupons."""

    @post("create_customer", "/customers", root="customer", idempotent=_only_replaces)
    async def create(self, customer: CustomerInput | CustomerInputDict, /) -> Customer:
        """Create a customer, or update the one that already has this ``external_id``.

        An update changes the given fields and leaves the others; None clears a field. The client does not repeat the
        call by itself if the server would not treat a repeat as the same: with ``metadata`` or
        ``integration_customers`` without their ``id``, or with ``sync_with_provider``.

        Args:
            customer: A ``CustomerInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused. ``billing_configuration`` is handled after the customer has been
                saved, so an error about it does not mean that nothing was saved.
            NotFoundError: ``billing_entity_not_found`` or ``tax_not_found``; nothing was saved.

        API operation: createCustomer.
        """

    @get("find_customer", "/customers/{external_customer_id}", root="customer")
    async def find(self, external_customer_id: str) -> Customer:
        """Find a customer by your own id.

        Raises:
            NotFoundError: ``customer_not_found``.

        API operation: findCustomer.
        """

    @get("find_all_customers", "/customers", root="customers")
    def find_all(
        self,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        search_term: str | None = None,
        external_id: str | None = None,
        account_type: Sequence[AccountType] | None = None,
        customer_type: CustomerType | None = None,
        has_customer_type: bool | None = None,
        has_tax_identification_number: bool | None = None,
        billing_entity_codes: Sequence[str] | None = None,
        countries: Sequence[str] | None = None,
        currencies: Sequence[str] | None = None,
        states: Sequence[str] | None = None,
        zipcodes: Sequence[str] | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> AsyncPager[Customer]:
        """List customers, the newest first, without deleted ones.

        Args:
            page: Number of the first page to fetch.
            per_page: Customers per page; by default 100.
            search_term: Part of a name, an ``external_id`` or an email, case-insensitive; ignored if ``external_id`` is
                given.
            external_id: Exactly this id.
            account_type: Any of these.
            customer_type: Exactly this type.
            has_customer_type: True: only customers with a type; False: only those without.
            has_tax_identification_number: True: only customers with such a number; False: only those without.
            billing_entity_codes: Any of these entities; an unknown code raises ``NotFoundError``.
            countries: Any of these, ISO 3166-1 alpha-2 in capitals.
            currencies: Any of these, ISO 4217.
            states: Any of these.
            zipcodes: Any of these.
            metadata: All these pairs; an empty value selects customers without the key.

        Raises:
            ValidationError: A filter was refused.
            NotFoundError: ``billing_entity_not_found``.

        API operation: findAllCustomers.
        """

    @delete("destroy_customer", "/customers/{external_customer_id}", root="customer", risk="moves_money")
    async def destroy(self, external_customer_id: str) -> Customer:
        """Delete a customer, and return them as they were.

        The server then ends their subscriptions, coupons and wallets and finalises their draft invoices. It asks for no
        confirmation, and this cannot be undone. The ``external_id`` can be used again.

        Raises:
            NotFoundError: ``customer_not_found``; also for a customer that was deleted before.

        API operation: destroyCustomer.
        """

    @get("find_customer_current_usage", "/customers/{external_customer_id}/current_usage", root="customer_usage",
         deprecated={
             "filter_by_charge_id": "charge_id",
             "filter_by_charge_code": "charge_code",
             "filter_by_group": "group",
         })  # fmt: skip
    async def find_current_usage(
        self,
        external_customer_id: str,
        *,
        external_subscription_id: str,
        apply_taxes: bool | None = None,
        charge_id: str | None = None,
        charge_code: str | None = None,
        billable_metric_code: str | None = None,
        group: Mapping[str, str] | None = None,
        full_usage: bool | None = None,
        filter_by_presentation: str | None = None,
        skip_grouping: bool | None = None,
        filter_by_charge_id: str | None = None,
        filter_by_charge_code: str | None = None,
        filter_by_metric_code: str | None = None,
        filter_by_group: Mapping[str, str] | None = None,
    ) -> CustomerUsage:
        """Return an active subscription's usage in the running billing period, as it would be billed now.

        Args:
            external_customer_id: Your id of the customer.
            external_subscription_id: Your id of the subscription.
            apply_taxes: False omits taxes, and saves a call to a tax provider.
            charge_id: Only the charge with this Lago id; overrides ``charge_code``.
            charge_code: Only the charge with this code; overrides ``billable_metric_code``.
            billable_metric_code: Only charges of this metric.
            group: Only this group: a value for each grouping key.
            full_usage: Usage since the start of the subscription instead of the period. Needs a premium licence and a
                charge.
            filter_by_presentation: Keys to break units down by, as a JSON array.
            skip_grouping: True leaves ``grouped_usage`` empty.
            filter_by_charge_id: Deprecated name of ``charge_id``.
            filter_by_charge_code: Deprecated name of ``charge_code``.
            filter_by_metric_code: Alias of ``billable_metric_code``, which overrides it.
            filter_by_group: Deprecated name of ``group``.

        Raises:
            NotAllowedError: ``no_active_subscription``, also for an unknown subscription; ``full_usage_not_allowed``.
            NotFoundError: ``charge_not_found``; ``resource_not_found`` means the customer.
            RateLimitError: ``too_many_provider_requests``: the server cannot reach the tax provider.

        API operation: findCustomerCurrentUsage.
        """

    @get("find_all_customer_past_usage", "/customers/{external_customer_id}/past_usage", root="usage_periods",
         disables_paging="periods_count")  # fmt: skip
    def find_all_past_usage(
        self,
        external_customer_id: str,
        *,
        external_subscription_id: str,
        billable_metric_code: str | None = None,
        periods_count: PositiveInt | None = None,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
    ) -> AsyncPager[UsagePeriod]:
        """List the billed usage of past periods, the newest first; none for an unknown customer or subscription.

        Each period has the amounts of its **whole** invoice, which may bill several subscriptions: count each
        ``lago_invoice_id`` once. Drafts and voided invoices are among them, and taxes are rounded fee by fee.

        Args:
            external_customer_id: Your id of the customer.
            external_subscription_id: Your id of the subscription, which may have ended.
            billable_metric_code: Only charges of this metric; the amounts are still those of the whole invoice.
            periods_count: Only this many periods, the newest. They come on one page, whose ``meta`` counts all existing
                periods; to fetch page after page, give ``per_page`` instead.
            page: Number of the first page to fetch.
            per_page: Periods per page; by default 100. A period with many charges, filters and groups takes
                megabytes: use a small number then.

        Raises:
            NotFoundError: ``billable_metric_not_found``.

        API operation: findAllCustomerPastUsage.
        """

    @get("find_customer_projected_usage", "/customers/{external_customer_id}/projected_usage",
         root="customer_projected_usage", gates=("premium", "projected_usage"))  # fmt: skip
    async def find_projected_usage(
        self, external_customer_id: str, *, external_subscription_id: str, apply_taxes: bool | None = None
    ) -> CustomerProjectedUsage:
        """Return an active subscription's usage in the running billing period, and its projection to the period's end.

        Needs a premium licence and the integration ``projected_usage``.

        Args:
            external_customer_id: Your id of the customer.
            external_subscription_id: Your id of the subscription.
            apply_taxes: False omits taxes, and saves a call to a tax provider.

        Raises:
            ForbiddenError: ``projected_usage_not_enabled``: the licence or the integration is missing.
            NotAllowedError: ``no_active_subscription``, also for an unknown subscription.
            NotFoundError: ``resource_not_found`` means the customer.
            RateLimitError: ``too_many_provider_requests``: the server cannot reach the tax provider.

        API operation: findCustomerProjectedUsage.
        """

    @get("get_customer_portal_url", "/customers/{external_customer_id}/portal_url", root="customer")
    async def get_portal_url(self, external_customer_id: str) -> CustomerPortalUrl:
        """Create a link to the customer portal, valid for 12 hours; every call creates a new one.

        Raises:
            NotFoundError: ``customer_not_found``.

        API operation: getCustomerPortalUrl.
        """

    # The server stores nothing and no customer is charged, but the provider opens a session each time: no automatic
    # repeat.
    @post("generate_customer_checkout_url", "/customers/{external_customer_id}/checkout_url", root="customer")
    async def generate_checkout_url(self, external_customer_id: str) -> CustomerCheckoutUrl:
        """Create a link to the payment provider's page where the customer stores a payment method.

        Raises:
            ValidationError: ``base: no_linked_payment_provider``, or the provider refused.
            NotAllowedError: ``feature_not_supported``: this provider has no such page.
            NotFoundError: ``customer_not_found``.
            UnauthorizedError: The provider refused Lago's credentials; your API key is valid.

        API operation: generateCustomerCheckoutURL.
        """

    @get("find_all_customer_subscriptions", "/customers/{external_customer_id}/subscriptions", root="subscriptions")
    def find_all_subscriptions(
        self,
        external_customer_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        plan_code: str | None = None,
        status: Sequence[SubscriptionStatus] | None = None,
        billing_entity_codes: Sequence[str] | None = None,
        overriden: bool | None = None,
        overridden: bool | None = None,
        currency: str | None = None,
        external_id: str | None = None,
    ) -> AsyncPager[Subscription]:
        """List the subscriptions of a customer; by default only active ones.

        Args:
            external_customer_id: Your id of the customer.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            plan_code: Only this plan.
            status: Any of these; by default ``active``.
            billing_entity_codes: Any of these entities; an unknown code raises ``NotFoundError``.
            overriden: A misspelt alias of ``overridden``, which the server also accepts.
            overridden: True: only those with a plan of their own; False: only those without.
            currency: Only this currency, ISO 4217.
            external_id: Only the subscription with this id of yours.

        Raises:
            NotFoundError: ``customer_not_found`` or ``billing_entity_not_found``.

        API operation: findAllCustomerSubscriptions.
        """

    @get("find_all_customer_invoices", "/customers/{external_customer_id}/invoices", root="invoices")
    def find_all_invoices(
        self,
        external_customer_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        amount_from: int | None = None,
        amount_to: int | None = None,
        issuing_date_from: date | None = None,
        issuing_date_to: date | None = None,
        status: ListedInvoiceStatus | None = None,
        payment_status: PaymentStatus | None = None,
        payment_overdue: bool | None = None,
        search_term: str | None = None,
        payment_dispute_lost: bool | None = None,
        invoice_type: InvoiceType | None = None,
        self_billed: bool | None = None,
        metadata: Mapping[str, str] | None = None,
        billing_entity_codes: Sequence[str] | None = None,
        currency: str | None = None,
        partially_paid: bool | None = None,
        payment_statuses: Sequence[PaymentStatus] | None = None,
        purchase_order_number: str | None = None,
        settlements: Sequence[SettlementType] | None = None,
        statuses: Sequence[ListedInvoiceStatus] | None = None,
    ) -> AsyncPager[Invoice]:
        """List the invoices of a customer, the newest first, without their fees.

        Args:
            external_customer_id: Your id of the customer.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            amount_from: At least this many cents.
            amount_to: At most this many cents.
            issuing_date_from: Issued on this day or later.
            issuing_date_to: Issued on this day or earlier.
            status: Like ``statuses``, with a single status.
            payment_status: Like ``payment_statuses``, with a single status.
            payment_overdue: True: only overdue invoices; False: only the others.
            search_term: Part of a name, number, id or email.
            payment_dispute_lost: True: only invoices with a lost dispute; False: only those without.
            invoice_type: Exactly this type.
            self_billed: True: only those that the partner pays; False: only the others.
            metadata: All these pairs; an empty value selects items without the key.
            billing_entity_codes: Any of these entities; an unknown code raises ``NotFoundError``.
            currency: Only this currency, ISO 4217.
            partially_paid: True: only invoices that are paid in part.
            payment_statuses: Any of these.
            purchase_order_number: Exactly this number.
            settlements: Any of these kinds of settlement.
            statuses: Any of these.

        Raises:
            NotFoundError: ``customer_not_found`` or ``billing_entity_not_found``.
            ValidationError: A filter was refused.

        API operation: findAllCustomerInvoices.
        """

    @get("find_all_customer_credit_notes", "/customers/{external_customer_id}/credit_notes", root="credit_notes")
    def find_all_credit_notes(
        self,
        external_customer_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        issuing_date_from: date | None = None,
        issuing_date_to: date | None = None,
        search_term: str | None = None,
        reason: CreditNoteReason | None = None,
        credit_status: CreditStatus | None = None,
        refund_status: RefundStatus | None = None,
        invoice_number: str | None = None,
        amount_from: int | None = None,
        amount_to: int | None = None,
        self_billed: bool | None = None,
        billing_entity_codes: Sequence[str] | None = None,
        currency: str | None = None,
        purchase_order_number: str | None = None,
        types: Sequence[CreditNoteType] | None = None,
    ) -> AsyncPager[CreditNote]:
        """List the credit notes of a customer, the newest first.

        Args:
            external_customer_id: Your id of the customer.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            issuing_date_from: Issued on this day or later.
            issuing_date_to: Issued on this day or earlier.
            search_term: Part of a name, number, id or email.
            reason: Exactly this reason.
            credit_status: Exactly this status of the credit.
            refund_status: Exactly this status of the refund.
            invoice_number: Only for the invoice with this number.
            amount_from: At least this many cents.
            amount_to: At most this many cents.
            self_billed: True: only those that the partner pays; False: only the others.
            billing_entity_codes: Any of these entities; an unknown code raises ``NotFoundError``.
            currency: Only this currency, ISO 4217.
            purchase_order_number: Exactly this number.
            types: Any of these kinds.

        Raises:
            NotFoundError: ``customer_not_found`` or ``billing_entity_not_found``.
            ValidationError: A filter was refused.

        API operation: findAllCustomerCreditNotes.
        """

    @get("find_all_customer_payments", "/customers/{external_customer_id}/payments", root="payments")
    def find_all_payments(
        self,
        external_customer_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        invoice_id: str | None = None,
    ) -> AsyncPager[Payment]:
        """List the payments of a customer, the newest first.

        Args:
            external_customer_id: Your id of the customer.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            invoice_id: Only for the invoice with this ``lago_id``.

        Raises:
            NotFoundError: ``customer_not_found``.

        API operation: findAllCustomerPayments.
        """

    @get("find_all_customer_payment_requests", "/customers/{external_customer_id}/payment_requests",
         root="payment_requests")  # fmt: skip
    def find_all_payment_requests(
        self,
        external_customer_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        payment_status: PaymentStatus | None = None,
        billing_entity_codes: Sequence[str] | None = None,
        currency: str | None = None,
    ) -> AsyncPager[PaymentRequest]:
        """List the payment requests of a customer, the newest first.

        Args:
            external_customer_id: Your id of the customer.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            payment_status: Exactly this status.
            billing_entity_codes: Any of these entities; an unknown code raises ``NotFoundError``.
            currency: Only this currency, ISO 4217.

        Raises:
            NotFoundError: ``customer_not_found`` or ``billing_entity_not_found``.

        API operation: findAllCustomerPaymentRequests.
        """

    @get("find_all_customer_applied_coupons", "/customers/{external_customer_id}/applied_coupons",
         root="applied_coupons")  # fmt: skip
    def find_all_applied_coupons(
        self,
        external_customer_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        status: AppliedCouponStatus | None = None,
        coupon_code: Sequence[str] | None = None,
    ) -> AsyncPager[AppliedCoupon]:
        """List the coupons of a customer, the newest first, with the discounts that they gave.

        Args:
            external_customer_id: Your id of the customer.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            status: Active or ended coupons; by default both.
            coupon_code: Any of these coupons.

        Raises:
            NotFoundError: ``customer_not_found``.

        API operation: findAllCustomerAppliedCoupons.
        """

    @delete("delete_applied_coupon", "/customers/{external_customer_id}/applied_coupons/{applied_coupon_id}",
            root="applied_coupon", risk="moves_money")  # fmt: skip
    async def delete_applied_coupon(self, external_customer_id: str, applied_coupon_id: str) -> AppliedCoupon:
        """End a coupon that was applied to a customer. A coupon that has already ended stays as it is.

        Args:
            external_customer_id: Your id of the customer.
            applied_coupon_id: The ``lago_id`` of the applied coupon.

        Raises:
            NotFoundError: ``customer_not_found`` or ``applied_coupon_not_found``.

        API operation: deleteAppliedCoupon.
        """
