# GENERATED from lago_async/resources/customers.py by `python -m tools.generate`. Do not edit.
"""Customers, with their usage, portal and checkout links, and applied coupons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.customers import Customers as AsyncCustomers
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from lago_async._table.query import PositiveInt
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
    from lago_sync.pager import Pager

__all__ = ["Customers"]


class Customers(Resource[AsyncCustomers]):
    """Customers, with their usage, portal and checkout links, and applied coupons."""

    def create(self, customer: CustomerInput | CustomerInputDict, /) -> Customer:
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
        return self._run(self._async.create, customer)

    def find(self, external_customer_id: str) -> Customer:
        """Find a customer by your own id.

        Raises:
            NotFoundError: ``customer_not_found``.

        API operation: findCustomer.
        """
        return self._run(self._async.find, external_customer_id)

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
    ) -> Pager[Customer]:
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
        return self._page(
            self._async.find_all,
            page=page,
            per_page=per_page,
            search_term=search_term,
            external_id=external_id,
            account_type=account_type,
            customer_type=customer_type,
            has_customer_type=has_customer_type,
            has_tax_identification_number=has_tax_identification_number,
            billing_entity_codes=billing_entity_codes,
            countries=countries,
            currencies=currencies,
            states=states,
            zipcodes=zipcodes,
            metadata=metadata,
        )

    def destroy(self, external_customer_id: str) -> Customer:
        """Delete a customer, and return them as they were.

        The server then ends their subscriptions, coupons and wallets and finalises their draft invoices. It asks for no
        confirmation, and this cannot be undone. The ``external_id`` can be used again.

        Raises:
            NotFoundError: ``customer_not_found``; also for a customer that was deleted before.

        API operation: destroyCustomer.
        """
        return self._run(self._async.destroy, external_customer_id)

    def find_current_usage(
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
        return self._run(
            self._async.find_current_usage,
            external_customer_id,
            external_subscription_id=external_subscription_id,
            apply_taxes=apply_taxes,
            charge_id=charge_id,
            charge_code=charge_code,
            billable_metric_code=billable_metric_code,
            group=group,
            full_usage=full_usage,
            filter_by_presentation=filter_by_presentation,
            skip_grouping=skip_grouping,
            filter_by_charge_id=filter_by_charge_id,
            filter_by_charge_code=filter_by_charge_code,
            filter_by_metric_code=filter_by_metric_code,
            filter_by_group=filter_by_group,
        )

    def find_all_past_usage(
        self,
        external_customer_id: str,
        *,
        external_subscription_id: str,
        billable_metric_code: str | None = None,
        periods_count: PositiveInt | None = None,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
    ) -> Pager[UsagePeriod]:
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
        return self._page(
            self._async.find_all_past_usage,
            external_customer_id,
            external_subscription_id=external_subscription_id,
            billable_metric_code=billable_metric_code,
            periods_count=periods_count,
            page=page,
            per_page=per_page,
        )

    def find_projected_usage(
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
        return self._run(
            self._async.find_projected_usage,
            external_customer_id,
            external_subscription_id=external_subscription_id,
            apply_taxes=apply_taxes,
        )

    def get_portal_url(self, external_customer_id: str) -> CustomerPortalUrl:
        """Create a link to the customer portal, valid for 12 hours; every call creates a new one.

        Raises:
            NotFoundError: ``customer_not_found``.

        API operation: getCustomerPortalUrl.
        """
        return self._run(self._async.get_portal_url, external_customer_id)

    def generate_checkout_url(self, external_customer_id: str) -> CustomerCheckoutUrl:
        """Create a link to the payment provider's page where the customer stores a payment method.

        Raises:
            ValidationError: ``base: no_linked_payment_provider``, or the provider refused.
            NotAllowedError: ``feature_not_supported``: this provider has no such page.
            NotFoundError: ``customer_not_found``.
            UnauthorizedError: The provider refused Lago's credentials; your API key is valid.

        API operation: generateCustomerCheckoutURL.
        """
        return self._run(self._async.generate_checkout_url, external_customer_id)

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
    ) -> Pager[Subscription]:
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
        return self._page(
            self._async.find_all_subscriptions,
            external_customer_id,
            page=page,
            per_page=per_page,
            plan_code=plan_code,
            status=status,
            billing_entity_codes=billing_entity_codes,
            overriden=overriden,
            overridden=overridden,
            currency=currency,
            external_id=external_id,
        )

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
    ) -> Pager[Invoice]:
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
        return self._page(
            self._async.find_all_invoices,
            external_customer_id,
            page=page,
            per_page=per_page,
            amount_from=amount_from,
            amount_to=amount_to,
            issuing_date_from=issuing_date_from,
            issuing_date_to=issuing_date_to,
            status=status,
            payment_status=payment_status,
            payment_overdue=payment_overdue,
            search_term=search_term,
            payment_dispute_lost=payment_dispute_lost,
            invoice_type=invoice_type,
            self_billed=self_billed,
            metadata=metadata,
            billing_entity_codes=billing_entity_codes,
            currency=currency,
            partially_paid=partially_paid,
            payment_statuses=payment_statuses,
            purchase_order_number=purchase_order_number,
            settlements=settlements,
            statuses=statuses,
        )

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
    ) -> Pager[CreditNote]:
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
        return self._page(
            self._async.find_all_credit_notes,
            external_customer_id,
            page=page,
            per_page=per_page,
            issuing_date_from=issuing_date_from,
            issuing_date_to=issuing_date_to,
            search_term=search_term,
            reason=reason,
            credit_status=credit_status,
            refund_status=refund_status,
            invoice_number=invoice_number,
            amount_from=amount_from,
            amount_to=amount_to,
            self_billed=self_billed,
            billing_entity_codes=billing_entity_codes,
            currency=currency,
            purchase_order_number=purchase_order_number,
            types=types,
        )

    def find_all_payments(
        self,
        external_customer_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        invoice_id: str | None = None,
    ) -> Pager[Payment]:
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
        return self._page(
            self._async.find_all_payments,
            external_customer_id,
            page=page,
            per_page=per_page,
            invoice_id=invoice_id,
        )

    def find_all_payment_requests(
        self,
        external_customer_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        payment_status: PaymentStatus | None = None,
        billing_entity_codes: Sequence[str] | None = None,
        currency: str | None = None,
    ) -> Pager[PaymentRequest]:
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
        return self._page(
            self._async.find_all_payment_requests,
            external_customer_id,
            page=page,
            per_page=per_page,
            payment_status=payment_status,
            billing_entity_codes=billing_entity_codes,
            currency=currency,
        )

    def find_all_applied_coupons(
        self,
        external_customer_id: str,
        *,
        page: PositiveInt | None = None,
        per_page: PositiveInt | None = None,
        status: AppliedCouponStatus | None = None,
        coupon_code: Sequence[str] | None = None,
    ) -> Pager[AppliedCoupon]:
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
        return self._page(
            self._async.find_all_applied_coupons,
            external_customer_id,
            page=page,
            per_page=per_page,
            status=status,
            coupon_code=coupon_code,
        )

    def delete_applied_coupon(self, external_customer_id: str, applied_coupon_id: str) -> AppliedCoupon:
        """End a coupon that was applied to a customer. A coupon that has already ended stays as it is.

        Args:
            external_customer_id: Your id of the customer.
            applied_coupon_id: The ``lago_id`` of the applied coupon.

        Raises:
            NotFoundError: ``customer_not_found`` or ``applied_coupon_not_found``.

        API operation: deleteAppliedCoupon.
        """
        return self._run(self._async.delete_applied_coupon, external_customer_id, applied_coupon_id)
