# GENERATED from tests/contract/api/webhooks.json by `python -m tools.generate`. Do not edit.
"""The typed registration of handlers: one overload for each type of webhook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar, overload

from lago_async.webhooks._registry import HandlerRegistry

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Literal, TypeAlias

    from lago_async.webhooks import _types as webhooks

    _WebhookT = TypeVar("_WebhookT")
    _T = TypeVar("_T")
    _Decorator: TypeAlias = Callable[[Callable[[_WebhookT], _T]], Callable[[_WebhookT], _T]]

_ResultT = TypeVar("_ResultT")


class TypedRegistry(HandlerRegistry[_ResultT]):
    """The handlers by type; ``on`` knows what each of them is called with."""

    @overload
    def on(
        self, webhook_type: Literal["alert.triggered"], /
    ) -> _Decorator[webhooks.AlertTriggeredWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["billable_metric.created"], /
    ) -> _Decorator[webhooks.BillableMetricCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["billable_metric.deleted"], /
    ) -> _Decorator[webhooks.BillableMetricDeletedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["billable_metric.updated"], /
    ) -> _Decorator[webhooks.BillableMetricUpdatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["credit_note.created"], /
    ) -> _Decorator[webhooks.CreditNoteCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["credit_note.generated"], /
    ) -> _Decorator[webhooks.CreditNoteGeneratedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["credit_note.refund_failure"], /
    ) -> _Decorator[webhooks.CreditNoteRefundFailureWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["customer.accounting_provider_created"], /
    ) -> _Decorator[webhooks.CustomerAccountingProviderCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["customer.accounting_provider_error"], /
    ) -> _Decorator[webhooks.CustomerAccountingProviderErrorWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["customer.checkout_url_generated"], /
    ) -> _Decorator[webhooks.CustomerCheckoutUrlGeneratedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["customer.created"], /
    ) -> _Decorator[webhooks.CustomerCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["customer.crm_provider_created"], /
    ) -> _Decorator[webhooks.CustomerCrmProviderCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["customer.crm_provider_error"], /
    ) -> _Decorator[webhooks.CustomerCrmProviderErrorWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["customer.payment_provider_created"], /
    ) -> _Decorator[webhooks.CustomerPaymentProviderCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["customer.payment_provider_error"], /
    ) -> _Decorator[webhooks.CustomerPaymentProviderErrorWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["customer.tax_provider_error"], /
    ) -> _Decorator[webhooks.CustomerTaxProviderErrorWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["customer.updated"], /
    ) -> _Decorator[webhooks.CustomerUpdatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["customer.vies_check"], /
    ) -> _Decorator[webhooks.CustomerViesCheckWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["dunning_campaign.finished"], /
    ) -> _Decorator[webhooks.DunningCampaignFinishedWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["event.error"], /) -> _Decorator[webhooks.EventErrorWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["events.errors"], /) -> _Decorator[webhooks.EventsErrorsWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["feature.created"], /
    ) -> _Decorator[webhooks.FeatureCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["feature.deleted"], /
    ) -> _Decorator[webhooks.FeatureDeletedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["feature.updated"], /
    ) -> _Decorator[webhooks.FeatureUpdatedWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["fee.created"], /) -> _Decorator[webhooks.FeeCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["fee.tax_provider_error"], /
    ) -> _Decorator[webhooks.FeeTaxProviderErrorWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["integration.provider_error"], /
    ) -> _Decorator[webhooks.IntegrationProviderErrorWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["invoice.created"], /
    ) -> _Decorator[webhooks.InvoiceCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["invoice.deleted"], /
    ) -> _Decorator[webhooks.InvoiceDeletedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["invoice.drafted"], /
    ) -> _Decorator[webhooks.InvoiceDraftedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["invoice.generated"], /
    ) -> _Decorator[webhooks.InvoiceGeneratedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["invoice.one_off_created"], /
    ) -> _Decorator[webhooks.InvoiceOneOffCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["invoice.paid_credit_added"], /
    ) -> _Decorator[webhooks.InvoicePaidCreditAddedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["invoice.payment_dispute_lost"], /
    ) -> _Decorator[webhooks.InvoicePaymentDisputeLostWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["invoice.payment_failure"], /
    ) -> _Decorator[webhooks.InvoicePaymentFailureWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["invoice.payment_overdue"], /
    ) -> _Decorator[webhooks.InvoicePaymentOverdueWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["invoice.payment_status_updated"], /
    ) -> _Decorator[webhooks.InvoicePaymentStatusUpdatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["invoice.ready_to_finalize"], /
    ) -> _Decorator[webhooks.InvoiceReadyToFinalizeWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["invoice.resynced"], /
    ) -> _Decorator[webhooks.InvoiceResyncedWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["invoice.voided"], /) -> _Decorator[webhooks.InvoiceVoidedWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["order.created"], /) -> _Decorator[webhooks.OrderCreatedWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["order.executed"], /) -> _Decorator[webhooks.OrderExecutedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["order_form.created"], /
    ) -> _Decorator[webhooks.OrderFormCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["order_form.expired"], /
    ) -> _Decorator[webhooks.OrderFormExpiredWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["order_form.signed"], /
    ) -> _Decorator[webhooks.OrderFormSignedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["order_form.voided"], /
    ) -> _Decorator[webhooks.OrderFormVoidedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["payment.requires_action"], /
    ) -> _Decorator[webhooks.PaymentRequiresActionWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["payment.succeeded"], /
    ) -> _Decorator[webhooks.PaymentSucceededWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["payment_provider.error"], /
    ) -> _Decorator[webhooks.PaymentProviderErrorWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["payment_receipt.created"], /
    ) -> _Decorator[webhooks.PaymentReceiptCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["payment_receipt.generated"], /
    ) -> _Decorator[webhooks.PaymentReceiptGeneratedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["payment_request.created"], /
    ) -> _Decorator[webhooks.PaymentRequestCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["payment_request.payment_failure"], /
    ) -> _Decorator[webhooks.PaymentRequestPaymentFailureWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["payment_request.payment_status_updated"], /
    ) -> _Decorator[webhooks.PaymentRequestPaymentStatusUpdatedWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["plan.created"], /) -> _Decorator[webhooks.PlanCreatedWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["plan.deleted"], /) -> _Decorator[webhooks.PlanDeletedWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["plan.updated"], /) -> _Decorator[webhooks.PlanUpdatedWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["quote.approved"], /) -> _Decorator[webhooks.QuoteApprovedWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["quote.created"], /) -> _Decorator[webhooks.QuoteCreatedWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["quote.voided"], /) -> _Decorator[webhooks.QuoteVoidedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["subscription.canceled"], /
    ) -> _Decorator[webhooks.SubscriptionCanceledWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["subscription.incomplete"], /
    ) -> _Decorator[webhooks.SubscriptionIncompleteWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["subscription.started"], /
    ) -> _Decorator[webhooks.SubscriptionStartedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["subscription.terminated"], /
    ) -> _Decorator[webhooks.SubscriptionTerminatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["subscription.termination_alert"], /
    ) -> _Decorator[webhooks.SubscriptionTerminationAlertWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["subscription.trial_ended"], /
    ) -> _Decorator[webhooks.SubscriptionTrialEndedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["subscription.updated"], /
    ) -> _Decorator[webhooks.SubscriptionUpdatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["subscription.usage_threshold_reached"], /
    ) -> _Decorator[webhooks.SubscriptionUsageThresholdReachedWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["wallet.created"], /) -> _Decorator[webhooks.WalletCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["wallet.depleted_ongoing_balance"], /
    ) -> _Decorator[webhooks.WalletDepletedOngoingBalanceWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["wallet.terminated"], /
    ) -> _Decorator[webhooks.WalletTerminatedWebhook, _ResultT]: ...

    @overload
    def on(self, webhook_type: Literal["wallet.updated"], /) -> _Decorator[webhooks.WalletUpdatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["wallet_transaction.created"], /
    ) -> _Decorator[webhooks.WalletTransactionCreatedWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["wallet_transaction.payment_failure"], /
    ) -> _Decorator[webhooks.WalletTransactionPaymentFailureWebhook, _ResultT]: ...

    @overload
    def on(
        self, webhook_type: Literal["wallet_transaction.updated"], /
    ) -> _Decorator[webhooks.WalletTransactionUpdatedWebhook, _ResultT]: ...

    def on(self, webhook_type: webhooks.WebhookType, /) -> Callable[[Any], Any]:
        """Register a handler for a type of webhook: ``@hooks.on("invoice.created")``.

        A type has one handler. The decorator returns the function as it is.

        Raises:
            LagoArgumentError: This version does not know the type, or the type has a handler.
        """
        return self.register(webhook_type)
