# GENERATED from tests/contract/api/webhooks.json by `python -m tools.generate`. Do not edit.
"""A class for each type of webhook, and the union of all."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, Literal, TypeAlias

from lago_async.webhooks._received import KnownWebhook, UnknownWebhook, webhook_model

if TYPE_CHECKING:
    from lago_async.models import (
        BillableMetric,
        CreditNote,
        CreditNotePaymentProviderRefundError,
        Customer,
        CustomerCheckoutUrl,
        CustomerIntegrationError,
        CustomerPaymentProviderError,
        CustomerTaxProviderError,
        CustomerWithViesCheck,
        DunningCampaignFinished,
        EventError,
        EventsErrors,
        Feature,
        Fee,
        FeeTaxProviderError,
        IntegrationProviderError,
        Invoice,
        InvoicePaymentDisputeLost,
        InvoicePaymentFailure,
        Order,
        OrderForm,
        Payment,
        PaymentProviderError,
        PaymentReceipt,
        PaymentRequest,
        PaymentRequestPaymentFailure,
        Plan,
        Quote,
        SubscriptionWithCustomer,
        TriggeredAlert,
        Wallet,
        WalletTransaction,
        WalletTransactionPaymentFailure,
    )

__all__ = [
    "AlertTriggeredWebhook",
    "BillableMetricCreatedWebhook",
    "BillableMetricDeletedWebhook",
    "BillableMetricUpdatedWebhook",
    "CreditNoteCreatedWebhook",
    "CreditNoteGeneratedWebhook",
    "CreditNoteRefundFailureWebhook",
    "CustomerAccountingProviderCreatedWebhook",
    "CustomerAccountingProviderErrorWebhook",
    "CustomerCheckoutUrlGeneratedWebhook",
    "CustomerCreatedWebhook",
    "CustomerCrmProviderCreatedWebhook",
    "CustomerCrmProviderErrorWebhook",
    "CustomerPaymentProviderCreatedWebhook",
    "CustomerPaymentProviderErrorWebhook",
    "CustomerTaxProviderErrorWebhook",
    "CustomerUpdatedWebhook",
    "CustomerViesCheckWebhook",
    "DunningCampaignFinishedWebhook",
    "EventErrorWebhook",
    "EventsErrorsWebhook",
    "FeatureCreatedWebhook",
    "FeatureDeletedWebhook",
    "FeatureUpdatedWebhook",
    "FeeCreatedWebhook",
    "FeeTaxProviderErrorWebhook",
    "IntegrationProviderErrorWebhook",
    "InvoiceCreatedWebhook",
    "InvoiceDeletedWebhook",
    "InvoiceDraftedWebhook",
    "InvoiceGeneratedWebhook",
    "InvoiceOneOffCreatedWebhook",
    "InvoicePaidCreditAddedWebhook",
    "InvoicePaymentDisputeLostWebhook",
    "InvoicePaymentFailureWebhook",
    "InvoicePaymentOverdueWebhook",
    "InvoicePaymentStatusUpdatedWebhook",
    "InvoiceReadyToFinalizeWebhook",
    "InvoiceResyncedWebhook",
    "InvoiceVoidedWebhook",
    "OrderCreatedWebhook",
    "OrderExecutedWebhook",
    "OrderFormCreatedWebhook",
    "OrderFormExpiredWebhook",
    "OrderFormSignedWebhook",
    "OrderFormVoidedWebhook",
    "PaymentProviderErrorWebhook",
    "PaymentReceiptCreatedWebhook",
    "PaymentReceiptGeneratedWebhook",
    "PaymentRequestCreatedWebhook",
    "PaymentRequestPaymentFailureWebhook",
    "PaymentRequestPaymentStatusUpdatedWebhook",
    "PaymentRequiresActionWebhook",
    "PaymentSucceededWebhook",
    "PlanCreatedWebhook",
    "PlanDeletedWebhook",
    "PlanUpdatedWebhook",
    "QuoteApprovedWebhook",
    "QuoteCreatedWebhook",
    "QuoteVoidedWebhook",
    "SubscriptionCanceledWebhook",
    "SubscriptionIncompleteWebhook",
    "SubscriptionStartedWebhook",
    "SubscriptionTerminatedWebhook",
    "SubscriptionTerminationAlertWebhook",
    "SubscriptionTrialEndedWebhook",
    "SubscriptionUpdatedWebhook",
    "SubscriptionUsageThresholdReachedWebhook",
    "WalletCreatedWebhook",
    "WalletDepletedOngoingBalanceWebhook",
    "WalletTerminatedWebhook",
    "WalletTransactionCreatedWebhook",
    "WalletTransactionPaymentFailureWebhook",
    "WalletTransactionUpdatedWebhook",
    "WalletUpdatedWebhook",
    "Webhook",
    "WebhookType",
]


@webhook_model
class AlertTriggeredWebhook(KnownWebhook):
    """The webhook ``alert.triggered``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["alert.triggered"]] = "alert.triggered"
    object_type: ClassVar[str] = "triggered_alert"
    payload: TriggeredAlert


@webhook_model
class BillableMetricCreatedWebhook(KnownWebhook):
    """The webhook ``billable_metric.created``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["billable_metric.created"]] = "billable_metric.created"
    object_type: ClassVar[str] = "billable_metric"
    payload: BillableMetric


@webhook_model
class BillableMetricDeletedWebhook(KnownWebhook):
    """The webhook ``billable_metric.deleted``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["billable_metric.deleted"]] = "billable_metric.deleted"
    object_type: ClassVar[str] = "billable_metric"
    payload: BillableMetric


@webhook_model
class BillableMetricUpdatedWebhook(KnownWebhook):
    """The webhook ``billable_metric.updated``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["billable_metric.updated"]] = "billable_metric.updated"
    object_type: ClassVar[str] = "billable_metric"
    payload: BillableMetric


@webhook_model
class CreditNoteCreatedWebhook(KnownWebhook):
    """The webhook ``credit_note.created``.

    Includes customer, items, applied_taxes.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["credit_note.created"]] = "credit_note.created"
    object_type: ClassVar[str] = "credit_note"
    payload: CreditNote


@webhook_model
class CreditNoteGeneratedWebhook(KnownWebhook):
    """The webhook ``credit_note.generated``.

    Includes customer.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["credit_note.generated"]] = "credit_note.generated"
    object_type: ClassVar[str] = "credit_note"
    payload: CreditNote


@webhook_model
class CreditNoteRefundFailureWebhook(KnownWebhook):
    """The webhook ``credit_note.refund_failure``.

    Lago lists it as ``credit_note.provider_refund_failure``; endpoints with that filter never get it.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["credit_note.refund_failure"]] = "credit_note.refund_failure"
    object_type: ClassVar[str] = "credit_note_payment_provider_refund_error"
    payload: CreditNotePaymentProviderRefundError


@webhook_model
class CustomerAccountingProviderCreatedWebhook(KnownWebhook):
    """The webhook ``customer.accounting_provider_created``.

    Includes integration_customers.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["customer.accounting_provider_created"]] = "customer.accounting_provider_created"
    object_type: ClassVar[str] = "customer"
    payload: Customer


@webhook_model
class CustomerAccountingProviderErrorWebhook(KnownWebhook):
    """The webhook ``customer.accounting_provider_error``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["customer.accounting_provider_error"]] = "customer.accounting_provider_error"
    object_type: ClassVar[str] = "accounting_provider_customer_error"
    payload: CustomerIntegrationError


@webhook_model
class CustomerCheckoutUrlGeneratedWebhook(KnownWebhook):
    """The webhook ``customer.checkout_url_generated``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["customer.checkout_url_generated"]] = "customer.checkout_url_generated"
    object_type: ClassVar[str] = "payment_provider_customer_checkout_url"
    payload: CustomerCheckoutUrl


@webhook_model
class CustomerCreatedWebhook(KnownWebhook):
    """The webhook ``customer.created``.

    Includes integration_customers.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["customer.created"]] = "customer.created"
    object_type: ClassVar[str] = "customer"
    payload: Customer


@webhook_model
class CustomerCrmProviderCreatedWebhook(KnownWebhook):
    """The webhook ``customer.crm_provider_created``.

    Includes integration_customers.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["customer.crm_provider_created"]] = "customer.crm_provider_created"
    object_type: ClassVar[str] = "customer"
    payload: Customer


@webhook_model
class CustomerCrmProviderErrorWebhook(KnownWebhook):
    """The webhook ``customer.crm_provider_error``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["customer.crm_provider_error"]] = "customer.crm_provider_error"
    object_type: ClassVar[str] = "crm_provider_customer_error"
    payload: CustomerIntegrationError


@webhook_model
class CustomerPaymentProviderCreatedWebhook(KnownWebhook):
    """The webhook ``customer.payment_provider_created``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["customer.payment_provider_created"]] = "customer.payment_provider_created"
    object_type: ClassVar[str] = "customer"
    payload: Customer


@webhook_model
class CustomerPaymentProviderErrorWebhook(KnownWebhook):
    """The webhook ``customer.payment_provider_error``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["customer.payment_provider_error"]] = "customer.payment_provider_error"
    object_type: ClassVar[str] = "payment_provider_customer_error"
    payload: CustomerPaymentProviderError


@webhook_model
class CustomerTaxProviderErrorWebhook(KnownWebhook):
    """The webhook ``customer.tax_provider_error``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["customer.tax_provider_error"]] = "customer.tax_provider_error"
    object_type: ClassVar[str] = "tax_provider_customer_error"
    payload: CustomerTaxProviderError


@webhook_model
class CustomerUpdatedWebhook(KnownWebhook):
    """The webhook ``customer.updated``.

    Includes integration_customers.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["customer.updated"]] = "customer.updated"
    object_type: ClassVar[str] = "customer"
    payload: Customer


@webhook_model
class CustomerViesCheckWebhook(KnownWebhook):
    """The webhook ``customer.vies_check``.

    Includes vies_check.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["customer.vies_check"]] = "customer.vies_check"
    object_type: ClassVar[str] = "customer"
    payload: CustomerWithViesCheck


@webhook_model
class DunningCampaignFinishedWebhook(KnownWebhook):
    """The webhook ``dunning_campaign.finished``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["dunning_campaign.finished"]] = "dunning_campaign.finished"
    object_type: ClassVar[str] = "dunning_campaign"
    payload: DunningCampaignFinished


@webhook_model
class EventErrorWebhook(KnownWebhook):
    """The webhook ``event.error``.

    Deprecated.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["event.error"]] = "event.error"
    object_type: ClassVar[str] = "event_error"
    payload: EventError


@webhook_model
class EventsErrorsWebhook(KnownWebhook):
    """The webhook ``events.errors``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["events.errors"]] = "events.errors"
    object_type: ClassVar[str] = "events_errors"
    payload: EventsErrors


@webhook_model
class FeatureCreatedWebhook(KnownWebhook):
    """The webhook ``feature.created``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["feature.created"]] = "feature.created"
    object_type: ClassVar[str] = "feature"
    payload: Feature


@webhook_model
class FeatureDeletedWebhook(KnownWebhook):
    """The webhook ``feature.deleted``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["feature.deleted"]] = "feature.deleted"
    object_type: ClassVar[str] = "feature"
    payload: Feature


@webhook_model
class FeatureUpdatedWebhook(KnownWebhook):
    """The webhook ``feature.updated``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["feature.updated"]] = "feature.updated"
    object_type: ClassVar[str] = "feature"
    payload: Feature


@webhook_model
class FeeCreatedWebhook(KnownWebhook):
    """The webhook ``fee.created``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["fee.created"]] = "fee.created"
    object_type: ClassVar[str] = "fee"
    payload: Fee


@webhook_model
class FeeTaxProviderErrorWebhook(KnownWebhook):
    """The webhook ``fee.tax_provider_error``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["fee.tax_provider_error"]] = "fee.tax_provider_error"
    object_type: ClassVar[str] = "tax_provider_fee_error"
    payload: FeeTaxProviderError


@webhook_model
class IntegrationProviderErrorWebhook(KnownWebhook):
    """The webhook ``integration.provider_error``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["integration.provider_error"]] = "integration.provider_error"
    object_type: ClassVar[str] = "provider_error"
    payload: IntegrationProviderError


@webhook_model
class InvoiceCreatedWebhook(KnownWebhook):
    """The webhook ``invoice.created``.

    Includes customer, subscriptions, billing_periods, fees, credits, applied_taxes, applied_invoice_custom_sections.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["invoice.created"]] = "invoice.created"
    object_type: ClassVar[str] = "invoice"
    payload: Invoice


@webhook_model
class InvoiceDeletedWebhook(KnownWebhook):
    """The webhook ``invoice.deleted``.

    Includes customer, billing_periods, subscriptions, fees, credits, applied_taxes.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["invoice.deleted"]] = "invoice.deleted"
    object_type: ClassVar[str] = "invoice"
    payload: Invoice


@webhook_model
class InvoiceDraftedWebhook(KnownWebhook):
    """The webhook ``invoice.drafted``.

    Includes customer, subscriptions, billing_periods, fees, credits, applied_taxes, error_details.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["invoice.drafted"]] = "invoice.drafted"
    object_type: ClassVar[str] = "invoice"
    payload: Invoice


@webhook_model
class InvoiceGeneratedWebhook(KnownWebhook):
    """The webhook ``invoice.generated``.

    Includes customer.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["invoice.generated"]] = "invoice.generated"
    object_type: ClassVar[str] = "invoice"
    payload: Invoice


@webhook_model
class InvoiceOneOffCreatedWebhook(KnownWebhook):
    """The webhook ``invoice.one_off_created``.

    Includes customer, fees, applied_taxes, applied_invoice_custom_sections.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["invoice.one_off_created"]] = "invoice.one_off_created"
    object_type: ClassVar[str] = "invoice"
    payload: Invoice


@webhook_model
class InvoicePaidCreditAddedWebhook(KnownWebhook):
    """The webhook ``invoice.paid_credit_added``.

    Includes customer, fees, applied_taxes, applied_invoice_custom_sections.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["invoice.paid_credit_added"]] = "invoice.paid_credit_added"
    object_type: ClassVar[str] = "invoice"
    payload: Invoice


@webhook_model
class InvoicePaymentDisputeLostWebhook(KnownWebhook):
    """The webhook ``invoice.payment_dispute_lost``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["invoice.payment_dispute_lost"]] = "invoice.payment_dispute_lost"
    object_type: ClassVar[str] = "payment_dispute_lost"
    payload: InvoicePaymentDisputeLost


@webhook_model
class InvoicePaymentFailureWebhook(KnownWebhook):
    """The webhook ``invoice.payment_failure``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["invoice.payment_failure"]] = "invoice.payment_failure"
    object_type: ClassVar[str] = "payment_provider_invoice_payment_error"
    payload: InvoicePaymentFailure


@webhook_model
class InvoicePaymentOverdueWebhook(KnownWebhook):
    """The webhook ``invoice.payment_overdue``.

    Includes customer, fees, applied_taxes.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["invoice.payment_overdue"]] = "invoice.payment_overdue"
    object_type: ClassVar[str] = "invoice"
    payload: Invoice


@webhook_model
class InvoicePaymentStatusUpdatedWebhook(KnownWebhook):
    """The webhook ``invoice.payment_status_updated``.

    Includes customer, fees.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["invoice.payment_status_updated"]] = "invoice.payment_status_updated"
    object_type: ClassVar[str] = "invoice"
    payload: Invoice


@webhook_model
class InvoiceReadyToFinalizeWebhook(KnownWebhook):
    """The webhook ``invoice.ready_to_finalize``.

    Includes customer, subscriptions, billing_periods, fees, credits, applied_taxes, error_details.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["invoice.ready_to_finalize"]] = "invoice.ready_to_finalize"
    object_type: ClassVar[str] = "invoice"
    payload: Invoice


@webhook_model
class InvoiceResyncedWebhook(KnownWebhook):
    """The webhook ``invoice.resynced``.

    Includes customer, billing_periods, integration_customers, subscriptions, fees, credits, applied_taxes.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["invoice.resynced"]] = "invoice.resynced"
    object_type: ClassVar[str] = "invoice"
    payload: Invoice


@webhook_model
class InvoiceVoidedWebhook(KnownWebhook):
    """The webhook ``invoice.voided``.

    Includes customer, billing_periods, subscriptions, fees, credits, applied_taxes.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["invoice.voided"]] = "invoice.voided"
    object_type: ClassVar[str] = "invoice"
    payload: Invoice


@webhook_model
class OrderCreatedWebhook(KnownWebhook):
    """The webhook ``order.created``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["order.created"]] = "order.created"
    object_type: ClassVar[str] = "order"
    payload: Order


@webhook_model
class OrderExecutedWebhook(KnownWebhook):
    """The webhook ``order.executed``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["order.executed"]] = "order.executed"
    object_type: ClassVar[str] = "order"
    payload: Order


@webhook_model
class OrderFormCreatedWebhook(KnownWebhook):
    """The webhook ``order_form.created``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["order_form.created"]] = "order_form.created"
    object_type: ClassVar[str] = "order_form"
    payload: OrderForm


@webhook_model
class OrderFormExpiredWebhook(KnownWebhook):
    """The webhook ``order_form.expired``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["order_form.expired"]] = "order_form.expired"
    object_type: ClassVar[str] = "order_form"
    payload: OrderForm


@webhook_model
class OrderFormSignedWebhook(KnownWebhook):
    """The webhook ``order_form.signed``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["order_form.signed"]] = "order_form.signed"
    object_type: ClassVar[str] = "order_form"
    payload: OrderForm


@webhook_model
class OrderFormVoidedWebhook(KnownWebhook):
    """The webhook ``order_form.voided``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["order_form.voided"]] = "order_form.voided"
    object_type: ClassVar[str] = "order_form"
    payload: OrderForm


@webhook_model
class PaymentRequiresActionWebhook(KnownWebhook):
    """The webhook ``payment.requires_action``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["payment.requires_action"]] = "payment.requires_action"
    object_type: ClassVar[str] = "payment"
    payload: Payment


@webhook_model
class PaymentSucceededWebhook(KnownWebhook):
    """The webhook ``payment.succeeded``.

    Includes payment_method.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["payment.succeeded"]] = "payment.succeeded"
    object_type: ClassVar[str] = "payment"
    payload: Payment


@webhook_model
class PaymentProviderErrorWebhook(KnownWebhook):
    """The webhook ``payment_provider.error``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["payment_provider.error"]] = "payment_provider.error"
    object_type: ClassVar[str] = "payment_provider_error"
    payload: PaymentProviderError


@webhook_model
class PaymentReceiptCreatedWebhook(KnownWebhook):
    """The webhook ``payment_receipt.created``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["payment_receipt.created"]] = "payment_receipt.created"
    object_type: ClassVar[str] = "payment_receipt"
    payload: PaymentReceipt


@webhook_model
class PaymentReceiptGeneratedWebhook(KnownWebhook):
    """The webhook ``payment_receipt.generated``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["payment_receipt.generated"]] = "payment_receipt.generated"
    object_type: ClassVar[str] = "payment_receipt"
    payload: PaymentReceipt


@webhook_model
class PaymentRequestCreatedWebhook(KnownWebhook):
    """The webhook ``payment_request.created``.

    Includes customer, invoices.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["payment_request.created"]] = "payment_request.created"
    object_type: ClassVar[str] = "payment_request"
    payload: PaymentRequest


@webhook_model
class PaymentRequestPaymentFailureWebhook(KnownWebhook):
    """The webhook ``payment_request.payment_failure``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["payment_request.payment_failure"]] = "payment_request.payment_failure"
    object_type: ClassVar[str] = "payment_provider_payment_request_payment_error"
    payload: PaymentRequestPaymentFailure


@webhook_model
class PaymentRequestPaymentStatusUpdatedWebhook(KnownWebhook):
    """The webhook ``payment_request.payment_status_updated``.

    Includes customer, invoices.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["payment_request.payment_status_updated"]] = "payment_request.payment_status_updated"
    object_type: ClassVar[str] = "payment_request"
    payload: PaymentRequest


@webhook_model
class PlanCreatedWebhook(KnownWebhook):
    """The webhook ``plan.created``.

    Includes charges, usage_thresholds, taxes, minimum_commitment, entitlements.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["plan.created"]] = "plan.created"
    object_type: ClassVar[str] = "plan"
    payload: Plan


@webhook_model
class PlanDeletedWebhook(KnownWebhook):
    """The webhook ``plan.deleted``.

    Includes charges, usage_thresholds, taxes, minimum_commitment.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["plan.deleted"]] = "plan.deleted"
    object_type: ClassVar[str] = "plan"
    payload: Plan


@webhook_model
class PlanUpdatedWebhook(KnownWebhook):
    """The webhook ``plan.updated``.

    Includes charges, usage_thresholds, taxes, minimum_commitment, entitlements.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["plan.updated"]] = "plan.updated"
    object_type: ClassVar[str] = "plan"
    payload: Plan


@webhook_model
class QuoteApprovedWebhook(KnownWebhook):
    """The webhook ``quote.approved``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["quote.approved"]] = "quote.approved"
    object_type: ClassVar[str] = "quote"
    payload: Quote


@webhook_model
class QuoteCreatedWebhook(KnownWebhook):
    """The webhook ``quote.created``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["quote.created"]] = "quote.created"
    object_type: ClassVar[str] = "quote"
    payload: Quote


@webhook_model
class QuoteVoidedWebhook(KnownWebhook):
    """The webhook ``quote.voided``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["quote.voided"]] = "quote.voided"
    object_type: ClassVar[str] = "quote"
    payload: Quote


@webhook_model
class SubscriptionCanceledWebhook(KnownWebhook):
    """The webhook ``subscription.canceled``.

    Includes plan, customer.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["subscription.canceled"]] = "subscription.canceled"
    object_type: ClassVar[str] = "subscription"
    payload: SubscriptionWithCustomer


@webhook_model
class SubscriptionIncompleteWebhook(KnownWebhook):
    """The webhook ``subscription.incomplete``.

    Includes plan, customer.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["subscription.incomplete"]] = "subscription.incomplete"
    object_type: ClassVar[str] = "subscription"
    payload: SubscriptionWithCustomer


@webhook_model
class SubscriptionStartedWebhook(KnownWebhook):
    """The webhook ``subscription.started``.

    Includes plan, customer, entitlements.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["subscription.started"]] = "subscription.started"
    object_type: ClassVar[str] = "subscription"
    payload: SubscriptionWithCustomer


@webhook_model
class SubscriptionTerminatedWebhook(KnownWebhook):
    """The webhook ``subscription.terminated``.

    Includes plan, customer.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["subscription.terminated"]] = "subscription.terminated"
    object_type: ClassVar[str] = "subscription"
    payload: SubscriptionWithCustomer


@webhook_model
class SubscriptionTerminationAlertWebhook(KnownWebhook):
    """The webhook ``subscription.termination_alert``.

    Includes plan, customer.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["subscription.termination_alert"]] = "subscription.termination_alert"
    object_type: ClassVar[str] = "subscription"
    payload: SubscriptionWithCustomer


@webhook_model
class SubscriptionTrialEndedWebhook(KnownWebhook):
    """The webhook ``subscription.trial_ended``.

    Includes plan, customer.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["subscription.trial_ended"]] = "subscription.trial_ended"
    object_type: ClassVar[str] = "subscription"
    payload: SubscriptionWithCustomer


@webhook_model
class SubscriptionUpdatedWebhook(KnownWebhook):
    """The webhook ``subscription.updated``.

    Includes plan, customer, entitlements.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["subscription.updated"]] = "subscription.updated"
    object_type: ClassVar[str] = "subscription"
    payload: SubscriptionWithCustomer


@webhook_model
class SubscriptionUsageThresholdReachedWebhook(KnownWebhook):
    """The webhook ``subscription.usage_threshold_reached``.

    Includes plan, customer, usage_threshold, applicable_usage_thresholds.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["subscription.usage_threshold_reached"]] = "subscription.usage_threshold_reached"
    object_type: ClassVar[str] = "subscription"
    payload: SubscriptionWithCustomer


@webhook_model
class WalletCreatedWebhook(KnownWebhook):
    """The webhook ``wallet.created``.

    Includes recurring_transaction_rules.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["wallet.created"]] = "wallet.created"
    object_type: ClassVar[str] = "wallet"
    payload: Wallet


@webhook_model
class WalletDepletedOngoingBalanceWebhook(KnownWebhook):
    """The webhook ``wallet.depleted_ongoing_balance``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["wallet.depleted_ongoing_balance"]] = "wallet.depleted_ongoing_balance"
    object_type: ClassVar[str] = "wallet"
    payload: Wallet


@webhook_model
class WalletTerminatedWebhook(KnownWebhook):
    """The webhook ``wallet.terminated``.

    Includes recurring_transaction_rules.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["wallet.terminated"]] = "wallet.terminated"
    object_type: ClassVar[str] = "wallet"
    payload: Wallet


@webhook_model
class WalletUpdatedWebhook(KnownWebhook):
    """The webhook ``wallet.updated``.

    Includes recurring_transaction_rules.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["wallet.updated"]] = "wallet.updated"
    object_type: ClassVar[str] = "wallet"
    payload: Wallet


@webhook_model
class WalletTransactionCreatedWebhook(KnownWebhook):
    """The webhook ``wallet_transaction.created``.

    Includes wallet.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["wallet_transaction.created"]] = "wallet_transaction.created"
    object_type: ClassVar[str] = "wallet_transaction"
    payload: WalletTransaction


@webhook_model
class WalletTransactionPaymentFailureWebhook(KnownWebhook):
    """The webhook ``wallet_transaction.payment_failure``."""

    __slots__ = ()
    webhook_type: ClassVar[Literal["wallet_transaction.payment_failure"]] = "wallet_transaction.payment_failure"
    object_type: ClassVar[str] = "payment_provider_wallet_transaction_payment_error"
    payload: WalletTransactionPaymentFailure


@webhook_model
class WalletTransactionUpdatedWebhook(KnownWebhook):
    """The webhook ``wallet_transaction.updated``.

    Includes wallet.
    """

    __slots__ = ()
    webhook_type: ClassVar[Literal["wallet_transaction.updated"]] = "wallet_transaction.updated"
    object_type: ClassVar[str] = "wallet_transaction"
    payload: WalletTransaction


WebhookType: TypeAlias = Literal[
    "alert.triggered",
    "billable_metric.created",
    "billable_metric.deleted",
    "billable_metric.updated",
    "credit_note.created",
    "credit_note.generated",
    "credit_note.refund_failure",
    "customer.accounting_provider_created",
    "customer.accounting_provider_error",
    "customer.checkout_url_generated",
    "customer.created",
    "customer.crm_provider_created",
    "customer.crm_provider_error",
    "customer.payment_provider_created",
    "customer.payment_provider_error",
    "customer.tax_provider_error",
    "customer.updated",
    "customer.vies_check",
    "dunning_campaign.finished",
    "event.error",
    "events.errors",
    "feature.created",
    "feature.deleted",
    "feature.updated",
    "fee.created",
    "fee.tax_provider_error",
    "integration.provider_error",
    "invoice.created",
    "invoice.deleted",
    "invoice.drafted",
    "invoice.generated",
    "invoice.one_off_created",
    "invoice.paid_credit_added",
    "invoice.payment_dispute_lost",
    "invoice.payment_failure",
    "invoice.payment_overdue",
    "invoice.payment_status_updated",
    "invoice.ready_to_finalize",
    "invoice.resynced",
    "invoice.voided",
    "order.created",
    "order.executed",
    "order_form.created",
    "order_form.expired",
    "order_form.signed",
    "order_form.voided",
    "payment.requires_action",
    "payment.succeeded",
    "payment_provider.error",
    "payment_receipt.created",
    "payment_receipt.generated",
    "payment_request.created",
    "payment_request.payment_failure",
    "payment_request.payment_status_updated",
    "plan.created",
    "plan.deleted",
    "plan.updated",
    "quote.approved",
    "quote.created",
    "quote.voided",
    "subscription.canceled",
    "subscription.incomplete",
    "subscription.started",
    "subscription.terminated",
    "subscription.termination_alert",
    "subscription.trial_ended",
    "subscription.updated",
    "subscription.usage_threshold_reached",
    "wallet.created",
    "wallet.depleted_ongoing_balance",
    "wallet.terminated",
    "wallet.updated",
    "wallet_transaction.created",
    "wallet_transaction.payment_failure",
    "wallet_transaction.updated",
]
"""The types of webhooks that this version knows."""

Webhook: TypeAlias = (
    AlertTriggeredWebhook
    | BillableMetricCreatedWebhook
    | BillableMetricDeletedWebhook
    | BillableMetricUpdatedWebhook
    | CreditNoteCreatedWebhook
    | CreditNoteGeneratedWebhook
    | CreditNoteRefundFailureWebhook
    | CustomerAccountingProviderCreatedWebhook
    | CustomerAccountingProviderErrorWebhook
    | CustomerCheckoutUrlGeneratedWebhook
    | CustomerCreatedWebhook
    | CustomerCrmProviderCreatedWebhook
    | CustomerCrmProviderErrorWebhook
    | CustomerPaymentProviderCreatedWebhook
    | CustomerPaymentProviderErrorWebhook
    | CustomerTaxProviderErrorWebhook
    | CustomerUpdatedWebhook
    | CustomerViesCheckWebhook
    | DunningCampaignFinishedWebhook
    | EventErrorWebhook
    | EventsErrorsWebhook
    | FeatureCreatedWebhook
    | FeatureDeletedWebhook
    | FeatureUpdatedWebhook
    | FeeCreatedWebhook
    | FeeTaxProviderErrorWebhook
    | IntegrationProviderErrorWebhook
    | InvoiceCreatedWebhook
    | InvoiceDeletedWebhook
    | InvoiceDraftedWebhook
    | InvoiceGeneratedWebhook
    | InvoiceOneOffCreatedWebhook
    | InvoicePaidCreditAddedWebhook
    | InvoicePaymentDisputeLostWebhook
    | InvoicePaymentFailureWebhook
    | InvoicePaymentOverdueWebhook
    | InvoicePaymentStatusUpdatedWebhook
    | InvoiceReadyToFinalizeWebhook
    | InvoiceResyncedWebhook
    | InvoiceVoidedWebhook
    | OrderCreatedWebhook
    | OrderExecutedWebhook
    | OrderFormCreatedWebhook
    | OrderFormExpiredWebhook
    | OrderFormSignedWebhook
    | OrderFormVoidedWebhook
    | PaymentRequiresActionWebhook
    | PaymentSucceededWebhook
    | PaymentProviderErrorWebhook
    | PaymentReceiptCreatedWebhook
    | PaymentReceiptGeneratedWebhook
    | PaymentRequestCreatedWebhook
    | PaymentRequestPaymentFailureWebhook
    | PaymentRequestPaymentStatusUpdatedWebhook
    | PlanCreatedWebhook
    | PlanDeletedWebhook
    | PlanUpdatedWebhook
    | QuoteApprovedWebhook
    | QuoteCreatedWebhook
    | QuoteVoidedWebhook
    | SubscriptionCanceledWebhook
    | SubscriptionIncompleteWebhook
    | SubscriptionStartedWebhook
    | SubscriptionTerminatedWebhook
    | SubscriptionTerminationAlertWebhook
    | SubscriptionTrialEndedWebhook
    | SubscriptionUpdatedWebhook
    | SubscriptionUsageThresholdReachedWebhook
    | WalletCreatedWebhook
    | WalletDepletedOngoingBalanceWebhook
    | WalletTerminatedWebhook
    | WalletUpdatedWebhook
    | WalletTransactionCreatedWebhook
    | WalletTransactionPaymentFailureWebhook
    | WalletTransactionUpdatedWebhook
    | UnknownWebhook
)
"""A webhook of any type: compare its ``webhook_type``, and type checkers know its payload."""

TYPES: Final[dict[str, type[KnownWebhook]]] = {
    "alert.triggered": AlertTriggeredWebhook,
    "billable_metric.created": BillableMetricCreatedWebhook,
    "billable_metric.deleted": BillableMetricDeletedWebhook,
    "billable_metric.updated": BillableMetricUpdatedWebhook,
    "credit_note.created": CreditNoteCreatedWebhook,
    "credit_note.generated": CreditNoteGeneratedWebhook,
    "credit_note.refund_failure": CreditNoteRefundFailureWebhook,
    "customer.accounting_provider_created": CustomerAccountingProviderCreatedWebhook,
    "customer.accounting_provider_error": CustomerAccountingProviderErrorWebhook,
    "customer.checkout_url_generated": CustomerCheckoutUrlGeneratedWebhook,
    "customer.created": CustomerCreatedWebhook,
    "customer.crm_provider_created": CustomerCrmProviderCreatedWebhook,
    "customer.crm_provider_error": CustomerCrmProviderErrorWebhook,
    "customer.payment_provider_created": CustomerPaymentProviderCreatedWebhook,
    "customer.payment_provider_error": CustomerPaymentProviderErrorWebhook,
    "customer.tax_provider_error": CustomerTaxProviderErrorWebhook,
    "customer.updated": CustomerUpdatedWebhook,
    "customer.vies_check": CustomerViesCheckWebhook,
    "dunning_campaign.finished": DunningCampaignFinishedWebhook,
    "event.error": EventErrorWebhook,
    "events.errors": EventsErrorsWebhook,
    "feature.created": FeatureCreatedWebhook,
    "feature.deleted": FeatureDeletedWebhook,
    "feature.updated": FeatureUpdatedWebhook,
    "fee.created": FeeCreatedWebhook,
    "fee.tax_provider_error": FeeTaxProviderErrorWebhook,
    "integration.provider_error": IntegrationProviderErrorWebhook,
    "invoice.created": InvoiceCreatedWebhook,
    "invoice.deleted": InvoiceDeletedWebhook,
    "invoice.drafted": InvoiceDraftedWebhook,
    "invoice.generated": InvoiceGeneratedWebhook,
    "invoice.one_off_created": InvoiceOneOffCreatedWebhook,
    "invoice.paid_credit_added": InvoicePaidCreditAddedWebhook,
    "invoice.payment_dispute_lost": InvoicePaymentDisputeLostWebhook,
    "invoice.payment_failure": InvoicePaymentFailureWebhook,
    "invoice.payment_overdue": InvoicePaymentOverdueWebhook,
    "invoice.payment_status_updated": InvoicePaymentStatusUpdatedWebhook,
    "invoice.ready_to_finalize": InvoiceReadyToFinalizeWebhook,
    "invoice.resynced": InvoiceResyncedWebhook,
    "invoice.voided": InvoiceVoidedWebhook,
    "order.created": OrderCreatedWebhook,
    "order.executed": OrderExecutedWebhook,
    "order_form.created": OrderFormCreatedWebhook,
    "order_form.expired": OrderFormExpiredWebhook,
    "order_form.signed": OrderFormSignedWebhook,
    "order_form.voided": OrderFormVoidedWebhook,
    "payment.requires_action": PaymentRequiresActionWebhook,
    "payment.succeeded": PaymentSucceededWebhook,
    "payment_provider.error": PaymentProviderErrorWebhook,
    "payment_receipt.created": PaymentReceiptCreatedWebhook,
    "payment_receipt.generated": PaymentReceiptGeneratedWebhook,
    "payment_request.created": PaymentRequestCreatedWebhook,
    "payment_request.payment_failure": PaymentRequestPaymentFailureWebhook,
    "payment_request.payment_status_updated": PaymentRequestPaymentStatusUpdatedWebhook,
    "plan.created": PlanCreatedWebhook,
    "plan.deleted": PlanDeletedWebhook,
    "plan.updated": PlanUpdatedWebhook,
    "quote.approved": QuoteApprovedWebhook,
    "quote.created": QuoteCreatedWebhook,
    "quote.voided": QuoteVoidedWebhook,
    "subscription.canceled": SubscriptionCanceledWebhook,
    "subscription.incomplete": SubscriptionIncompleteWebhook,
    "subscription.started": SubscriptionStartedWebhook,
    "subscription.terminated": SubscriptionTerminatedWebhook,
    "subscription.termination_alert": SubscriptionTerminationAlertWebhook,
    "subscription.trial_ended": SubscriptionTrialEndedWebhook,
    "subscription.updated": SubscriptionUpdatedWebhook,
    "subscription.usage_threshold_reached": SubscriptionUsageThresholdReachedWebhook,
    "wallet.created": WalletCreatedWebhook,
    "wallet.depleted_ongoing_balance": WalletDepletedOngoingBalanceWebhook,
    "wallet.terminated": WalletTerminatedWebhook,
    "wallet.updated": WalletUpdatedWebhook,
    "wallet_transaction.created": WalletTransactionCreatedWebhook,
    "wallet_transaction.payment_failure": WalletTransactionPaymentFailureWebhook,
    "wallet_transaction.updated": WalletTransactionUpdatedWebhook,
}
