"""Models of objects that only webhooks carry."""

from decimal import Decimal
from typing import Literal

from lago_async.models._base import Json, Open, Timestamp, response_model
from lago_async.models.alerts import AlertThreshold, AlertType
from lago_async.models.customers import Customer
from lago_async.models.enums import PaymentProvider
from lago_async.models.events import Event
from lago_async.models.invoices import Invoice
from lago_async.models.plans import UsageThreshold
from lago_async.models.subscriptions import Subscription

__all__ = [
    "CreditNotePaymentProviderRefundError",
    "CustomerIntegrationError",
    "CustomerPaymentProviderError",
    "CustomerTaxProviderError",
    "CustomerWithViesCheck",
    "DunningCampaignFinished",
    "EventError",
    "EventsErrors",
    "FeeTaxProviderError",
    "IntegrationProvider",
    "IntegrationProviderError",
    "InvoicePaymentDisputeLost",
    "InvoicePaymentFailure",
    "OverdueBalancePerCurrency",
    "PaymentProviderError",
    "PaymentRequestPaymentFailure",
    "SubscriptionWithCustomer",
    "TriggeredAlert",
    "ViesCheck",
    "WalletTransactionPaymentFailure",
]

IntegrationProvider = Literal["anrok", "avalara", "hubspot", "netsuite", "okta", "salesforce", "xero"]


@response_model
class TriggeredAlert:
    """An alert that was triggered.

    Attributes:
        lago_id: The id of this event; the alert's id is ``lago_alert_id``.
        current_value: Cents, credits or units, depending on the type of the alert.
        crossed_thresholds: The crossed thresholds; a recurring one is listed with each value.
        lago_wallet_id: Not in Lago's public description; set for alerts on wallets.
        subscription_external_id: Deprecated alias of ``external_subscription_id``, like ``customer_external_id``.
    """

    lago_id: str
    lago_organization_id: str
    lago_alert_id: str
    lago_subscription_id: str | None
    external_subscription_id: str | None
    external_customer_id: str
    billable_metric_code: str | None
    alert_type: Open[AlertType]
    alert_code: str
    alert_name: str | None
    current_value: Decimal
    previous_value: Decimal
    triggered_at: Timestamp
    crossed_thresholds: list[AlertThreshold] | None
    lago_wallet_id: str | None
    subscription_external_id: str | None
    customer_external_id: str | None


@response_model
class OverdueBalancePerCurrency:
    """The overdue balance in one currency."""

    amount_cents: int
    currency: str


@response_model
class DunningCampaignFinished:
    """A dunning campaign has sent its last reminder.

    Attributes:
        customer_external_id: Deprecated alias of ``external_customer_id``.
    """

    external_customer_id: str
    dunning_campaign_code: str
    overdue_balance_cents: int
    overdue_balance_currency: str | None
    overdue_balances: list[OverdueBalancePerCurrency]
    customer_external_id: str | None


@response_model
class EventError:
    """An event was refused. Deprecated by ``EventsErrors``.

    Attributes:
        status: 422.
        message: The problem, as JSON in a string.
    """

    status: int
    error: str
    message: Json
    event: Event


@response_model
class EventsErrors:
    """Events of the last hours that could not be billed, by their ``transaction_id``.

    Attributes:
        missing_group_key: Deprecated.
    """

    invalid_code: list[str] | None
    missing_aggregation_property: list[str] | None
    invalid_filter_values: list[str] | None
    missing_group_key: list[str] | None


@response_model
class FeeTaxProviderError:
    """A tax provider could not compute the taxes of a fee.

    Attributes:
        provider_error: The provider's error.
    """

    tax_provider_code: str
    lago_charge_id: str | None
    event_transaction_id: str | None
    provider_error: Json


@response_model
class CustomerIntegrationError:
    """An accounting or CRM system refused a customer.

    Attributes:
        accounting_provider: The accounting or CRM system.
        provider_error: The provider's error.
    """

    lago_customer_id: str
    external_customer_id: str
    accounting_provider: Open[IntegrationProvider]
    accounting_provider_code: str
    provider_error: Json


@response_model
class CustomerTaxProviderError:
    """A tax provider refused a customer.

    Attributes:
        provider_error: The provider's error.
    """

    lago_customer_id: str
    external_customer_id: str
    tax_provider: Open[IntegrationProvider]
    tax_provider_code: str
    provider_error: Json


@response_model
class CustomerPaymentProviderError:
    """A payment provider refused a customer.

    Attributes:
        provider_error: The provider's error.
    """

    lago_customer_id: str
    external_customer_id: str
    payment_provider: Open[PaymentProvider] | None
    payment_provider_code: str | None
    provider_error: Json


@response_model
class PaymentProviderError:
    """A payment provider could not be set up.

    Attributes:
        source: The provider.
        action: The attempted action.
        provider_error: The provider's error.
    """

    lago_payment_provider_id: str
    payment_provider_name: str
    payment_provider_code: str
    source: str
    action: str | None
    provider_error: Json


@response_model
class IntegrationProviderError:
    """A connected system reported an error.

    Attributes:
        provider_error: The provider's error.
    """

    lago_integration_id: str
    provider: str
    provider_code: str
    provider_error: Json


@response_model
class InvoicePaymentFailure:
    """A payment of an invoice failed.

    Attributes:
        provider_error: The provider's error.
        error_details: Not in Lago's public description; the server sends it.
    """

    lago_invoice_id: str
    lago_customer_id: str
    external_customer_id: str
    provider_customer_id: str | None
    payment_provider: Open[PaymentProvider] | None
    payment_provider_code: str | None
    provider_error: Json
    error_details: Json


@response_model
class PaymentRequestPaymentFailure:
    """A payment of a payment request failed.

    Attributes:
        provider_error: The provider's error.
    """

    lago_payment_request_id: str
    lago_invoice_ids: list[str]
    lago_customer_id: str
    external_customer_id: str
    provider_customer_id: str | None
    payment_provider: Open[PaymentProvider] | None
    payment_provider_code: str | None
    provider_error: Json


@response_model
class WalletTransactionPaymentFailure:
    """A payment of a top-up failed.

    Attributes:
        provider_error: The provider's error.
    """

    lago_wallet_transaction_id: str
    lago_customer_id: str
    external_customer_id: str
    provider_customer_id: str | None
    payment_provider: Open[PaymentProvider] | None
    payment_provider_code: str | None
    provider_error: Json


@response_model
class CreditNotePaymentProviderRefundError:
    """A refund failed.

    Attributes:
        provider_error: The provider's error.
    """

    lago_credit_note_id: str
    lago_customer_id: str
    external_customer_id: str
    provider_customer_id: str | None
    payment_provider: Open[PaymentProvider] | None
    payment_provider_code: str | None
    provider_error: Json


@response_model
class InvoicePaymentDisputeLost:
    """A dispute about the payment of an invoice was lost.

    Attributes:
        provider_error: The provider's error.
    """

    invoice: Invoice
    provider_error: Json


@response_model
class ViesCheck:
    """The result of checking a VAT number with the European Union's service.

    Attributes:
        valid: None if the service could not be reached.
    """

    valid: bool | None


@response_model
class CustomerWithViesCheck(Customer):
    """A customer whose VAT number was checked."""

    vies_check: ViesCheck | None


@response_model
class SubscriptionWithCustomer(Subscription):
    """A subscription, with its customer.

    Attributes:
        usage_threshold: The threshold that was reached, if the webhook is about one.
    """

    customer: Customer
    usage_threshold: UsageThreshold | None
