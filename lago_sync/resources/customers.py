# GENERATED from lago_async/resources/customers.py by `python -m lago_sync.generate`. Do not edit.
"""Customers and what hangs off them: usage, portal and checkout links, applied coupons."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.customers import Customers as AsyncCustomers
from lago_sync.endpoint import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lago_async.endpoint import Count
    from lago_async.models import (
        AccountType,
        AppliedCoupon,
        Customer,
        CustomerCheckoutUrl,
        CustomerInput,
        CustomerPortalUrl,
        CustomerType,
        CustomerUsage,
        Open,
        UsagePeriod,
    )
    from lago_sync.pager import Pager

__all__ = ["Customers"]


class Customers(Resource[AsyncCustomers]):
    """Customers and what hangs off them: usage, portal and checkout links, applied coupons."""

    def create(self, customer: CustomerInput | Mapping[str, object], /) -> Customer:
        """Create a customer, or update the one that already has this ``external_id``.

        An update changes what is given and leaves the rest; None clears a field. It may be repeated safely.

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
        """Find a customer by your own id of them.

        Raises:
            NotFoundError: ``customer_not_found``.

        API operation: findCustomer.
        """
        return self._run(self._async.find, external_customer_id)

    def find_all(
        self,
        *,
        page: Count | None = None,
        per_page: Count | None = None,
        search_term: str | None = None,
        external_id: str | None = None,
        account_type: Sequence[Open[AccountType]] | None = None,
        customer_type: Open[CustomerType] | None = None,
        has_customer_type: bool | None = None,
        has_tax_identification_number: bool | None = None,
        billing_entity_codes: Sequence[str] | None = None,
        countries: Sequence[str] | None = None,
        currencies: Sequence[str] | None = None,
        states: Sequence[str] | None = None,
        zipcodes: Sequence[str] | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> Pager[Customer]:
        """List customers, the newest first; deleted ones are left out.

        Args:
            page: Number of the page to begin with.
            per_page: Customers on a page, 100 unless given.
            search_term: Part of a name, an ``external_id`` or an email, in any case; ignored beside ``external_id``.
            external_id: Exactly this id.
            account_type: Any of these.
            customer_type: Exactly this type.
            has_customer_type: Only customers with a type, or only those without.
            has_tax_identification_number: Only customers with such a number, or only those without.
            billing_entity_codes: Any of these entities; an unknown one is a ``NotFoundError``.
            countries: Any of these, ISO 3166-1 alpha-2 in capitals.
            currencies: Any of these, ISO 4217.
            states: Any of these.
            zipcodes: Any of these.
            metadata: All of these pairs; an empty value selects customers without the key.

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

        The server then ends their subscriptions, coupons and wallets and finalises their draft invoices. Nothing
        prevents it and nothing undoes it. The ``external_id`` is free again.

        Raises:
            NotFoundError: ``customer_not_found``, for one that was deleted before, too.

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
        """Usage of an active subscription in the billing period that is running, as it would be billed now.

        Args:
            external_customer_id: Your id of the customer.
            external_subscription_id: Your id of the subscription.
            apply_taxes: False leaves taxes out, and spares a call to a tax provider.
            charge_id: Only the charge with this Lago id; goes before ``charge_code``.
            charge_code: Only the charge with this code; goes before ``billable_metric_code``.
            billable_metric_code: Only charges of this metric.
            group: Only this group: a value for each grouping key.
            full_usage: Since the start of the subscription instead of the period. Needs a premium licence and a charge.
            filter_by_presentation: Keys to break units down by, as a JSON array.
            skip_grouping: True leaves ``grouped_usage`` empty.
            filter_by_charge_id: Deprecated name of ``charge_id``.
            filter_by_charge_code: Deprecated name of ``charge_code``.
            filter_by_metric_code: Twin of ``billable_metric_code``, which goes before it.
            filter_by_group: Deprecated name of ``group``.

        Raises:
            NotAllowedError: ``no_active_subscription``, for an unknown subscription too; ``full_usage_not_allowed``.
            NotFoundError: ``charge_not_found``; ``resource_not_found`` is the customer.
            RateLimitError: ``too_many_provider_requests``: the tax provider is out of reach.

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
        periods_count: Count | None = None,
        page: Count | None = None,
        per_page: Count | None = None,
    ) -> Pager[UsagePeriod]:
        """Billed usage of past periods, the newest first. An unknown customer or subscription has none.

        Args:
            external_customer_id: Your id of the customer.
            external_subscription_id: Your id of the subscription, which may have ended.
            billable_metric_code: Only charges of this metric; the amounts stay those of the whole invoice.
            periods_count: The newest so many periods. One page holds them all, and ``meta`` counts all periods there
                are; to walk through pages, give ``per_page`` instead.
            page: Number of the page to begin with.
            per_page: Periods on a page, 100 unless given. A period with many charges, filters and groups takes
                megabytes: keep it small then.

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

    def get_portal_url(self, external_customer_id: str) -> CustomerPortalUrl:
        """Make a link to the customer portal. It works for 12 hours; every call makes a new one.

        Raises:
            NotFoundError: ``customer_not_found``.

        API operation: getCustomerPortalUrl.
        """
        return self._run(self._async.get_portal_url, external_customer_id)

    def generate_checkout_url(self, external_customer_id: str) -> CustomerCheckoutUrl:
        """Make a link to the payment provider's page on which the customer stores a payment method.

        Raises:
            ValidationError: ``base: no_linked_payment_provider``, or the provider refused.
            NotAllowedError: ``feature_not_supported`` by this provider.
            NotFoundError: ``customer_not_found``.
            UnauthorizedError: The provider refused Lago's credentials; the API key is in order.

        API operation: generateCustomerCheckoutURL.
        """
        return self._run(self._async.generate_checkout_url, external_customer_id)

    def delete_applied_coupon(self, external_customer_id: str, applied_coupon_id: str) -> AppliedCoupon:
        """End a coupon that was applied to a customer. One that has ended already stays as it is.

        Args:
            external_customer_id: Your id of the customer.
            applied_coupon_id: The ``lago_id`` of the applied coupon.

        Raises:
            NotFoundError: ``customer_not_found`` or ``applied_coupon_not_found``.

        API operation: deleteAppliedCoupon.
        """
        return self._run(self._async.delete_applied_coupon, external_customer_id, applied_coupon_id)
