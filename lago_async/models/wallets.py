# More than 400 lines in one module, because the models of a resource group are in one module, like its operations.
"""Models of wallets, which hold prepaid credits, and of their transactions."""

from decimal import Decimal
from typing import Literal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models._date_or_datetime import DateOrDatetime
from lago_async.models.enums import BillingInterval, PaymentProvider
from lago_async.models.invoice_custom_sections import AppliedInvoiceCustomSection, InvoiceCustomSectionsInput
from lago_async.models.payment_methods import PaymentMethodReference, PaymentMethodReferenceInput

__all__ = [
    "CreditsStatus",
    "RecurringMethod",
    "RecurringTrigger",
    "TransactionSource",
    "TransactionStatus",
    "TransactionType",
    "Wallet",
    "WalletFeeType",
    "WalletInput",
    "WalletLimits",
    "WalletLimitsInput",
    "WalletRecurringTransactionRule",
    "WalletRecurringTransactionRuleInput",
    "WalletRecurringTransactionRuleUpdateInput",
    "WalletStatus",
    "WalletTransaction",
    "WalletTransactionConsumption",
    "WalletTransactionFunding",
    "WalletTransactionInput",
    "WalletTransactionMetadata",
    "WalletTransactionMetadataInput",
    "WalletTransactionPaymentUrl",
    "WalletUpdateInput",
]

WalletStatus = Literal["active", "terminated"]
WalletFeeType = Literal["charge", "subscription", "commitment"]
RecurringTrigger = Literal["interval", "threshold"]
RecurringMethod = Literal["fixed", "target"]
TransactionStatus = Literal["pending", "settled", "failed"]
TransactionSource = Literal["manual", "interval", "threshold"]
CreditsStatus = Literal["purchased", "granted", "voided", "invoiced"]
TransactionType = Literal["inbound", "outbound"]


@response_model
class WalletTransactionMetadata:
    """One of a wallet transaction's own key-value pairs."""

    key: str
    value: str


@response_model
class WalletLimits:
    """The fees that a wallet pays for; all fees if both lists are empty."""

    fee_types: list[Open[WalletFeeType]]
    billable_metric_codes: list[str]


@response_model
class WalletRecurringTransactionRule:
    """A rule that tops up a wallet repeatedly: at intervals, or when its balance falls to a threshold.

    Attributes:
        method: ``fixed`` adds the same number of credits each time; ``target`` adds the credits that are missing.
        interval: Only for the trigger ``interval``.
        threshold_credits: The balance in credits, only for the trigger ``threshold``.
        paid_credits: The credits that are billed.
        granted_credits: The credits that are free.
        grants_target_top_up: For ``target``: whether the missing credits are free.
        target_ongoing_balance: The balance in credits to reach, for ``target``.
        invoice_requires_successful_payment: True: the invoice is created only after the payment.
        transaction_name: The name that is printed on its invoices.
    """

    lago_id: str
    trigger: Open[RecurringTrigger]
    method: Open[RecurringMethod]
    interval: Open[BillingInterval] | None
    status: Open[WalletStatus] | None
    threshold_credits: Decimal | None
    paid_credits: Decimal
    granted_credits: Decimal
    grants_target_top_up: bool
    started_at: Timestamp | None
    target_ongoing_balance: Decimal | None
    created_at: Timestamp
    expiration_at: Timestamp | None
    invoice_requires_successful_payment: bool
    transaction_metadata: list[WalletTransactionMetadata] | None
    transaction_name: str | None
    ignore_paid_top_up_limits: bool
    applied_invoice_custom_sections: list[AppliedInvoiceCustomSection]
    payment_method: PaymentMethodReference | None
    purchase_order_number: str | None


@response_model
class Wallet:
    """Prepaid credits of a customer.

    Attributes:
        code: Your code of the wallet, unique among the customer's wallets.
        priority: 1 pays first, 50 pays last.
        rate_amount: The price of one credit, in units of the currency.
        credits_balance: The balance in credits.
        balance_cents: The same in cents of ``currency``.
        consumed_credits: The credits used so far.
        last_balance_sync_at: When it was last topped up.
        terminated_at: In UTC to the millisecond.
        invoice_requires_successful_payment: True: the invoice of a top-up is created only after the payment.
        recurring_transaction_rules: At most one; empty in some webhooks.
        ongoing_balance_cents: Balance after the usage of the running period, in cents.
        ongoing_usage_balance_cents: Usage of the running period and of drafts, taxes included, in cents.
        credits_ongoing_balance: The same as ``ongoing_balance_cents``, in credits.
        credits_ongoing_usage_balance: The same as ``ongoing_usage_balance_cents``, in credits.
        paid_top_up_min_amount_cents: The minimum amount of one paid top-up.
        paid_top_up_max_amount_cents: The maximum amount of one paid top-up.
        applies_to: The fees that it pays for; empty lists mean all. Absent in webhooks.
        metadata: Your own key-value pairs; None without any.
    """

    lago_id: str
    lago_customer_id: str
    external_customer_id: str
    billing_entity_code: str
    status: Open[WalletStatus]
    currency: str
    name: str | None
    code: str | None
    priority: int
    rate_amount: Decimal
    credits_balance: Decimal
    balance_cents: int
    consumed_credits: Decimal
    created_at: Timestamp
    expiration_at: Timestamp | None
    last_balance_sync_at: Timestamp | None
    last_consumed_credit_at: Timestamp | None
    terminated_at: Timestamp | None
    invoice_requires_successful_payment: bool
    applies_to: WalletLimits | None
    recurring_transaction_rules: list[WalletRecurringTransactionRule]
    ongoing_balance_cents: int
    ongoing_usage_balance_cents: int
    credits_ongoing_balance: Decimal
    credits_ongoing_usage_balance: Decimal
    paid_top_up_min_amount_cents: int | None
    paid_top_up_max_amount_cents: int | None
    applied_invoice_custom_sections: list[AppliedInvoiceCustomSection]
    payment_method: PaymentMethodReference | None
    purchase_order_number: str | None
    metadata: dict[str, str | None] | None


@response_model
class WalletTransaction:
    """A transaction that added credits to a wallet or took credits from it.

    Attributes:
        lago_voided_invoice_id: The voided invoice that returned the credits.
        status: Whether it has been settled.
        source: The cause of the transaction.
        transaction_status: What happened to the credits.
        amount: In units of the currency.
        credit_amount: In credits.
        remaining_amount_cents: The part of added credits that is left, in cents; only for traceable wallets.
        remaining_credit_amount: The same in credits.
        priority: 1 is used first.
        name: The name that is printed on its invoice.
        billing_entity_code: Not in Lago's public description; single transactions have it.
        wallet: Sent only in webhooks.
    """

    lago_id: str
    lago_wallet_id: str
    lago_invoice_id: str | None
    lago_credit_note_id: str | None
    lago_voided_invoice_id: str | None
    status: Open[TransactionStatus]
    source: Open[TransactionSource]
    transaction_status: Open[CreditsStatus]
    transaction_type: Open[TransactionType]
    amount: Decimal
    credit_amount: Decimal
    invoice_requires_successful_payment: bool
    metadata: list[WalletTransactionMetadata] | None
    remaining_amount_cents: int | None
    remaining_credit_amount: Decimal | None
    priority: int
    settled_at: Timestamp | None
    failed_at: Timestamp | None
    created_at: Timestamp
    name: str | None
    applied_invoice_custom_sections: list[AppliedInvoiceCustomSection]
    payment_method: PaymentMethodReference
    purchase_order_number: str | None
    billing_entity_code: str | None
    wallet: Wallet | None


@response_model
class WalletTransactionConsumption:
    """The part of one transaction's added credits that another transaction used.

    Attributes:
        credit_amount: In credits.
    """

    lago_id: str
    amount_cents: int
    credit_amount: Decimal
    created_at: Timestamp
    wallet_transaction: WalletTransaction


@response_model
class WalletTransactionFunding:
    """The part of the credits used by one transaction, and the transaction that had added it.

    Attributes:
        credit_amount: In credits.
    """

    lago_id: str
    amount_cents: int
    credit_amount: Decimal
    created_at: Timestamp
    wallet_transaction: WalletTransaction


@response_model
class WalletTransactionPaymentUrl:
    """A link to the payment provider's page where the customer pays a top-up."""

    lago_customer_id: str | None
    lago_wallet_transaction_id: str
    external_customer_id: str | None
    payment_provider: Open[PaymentProvider] | None
    payment_url: str | None


@input_model
class WalletTransactionMetadataInput:
    """One of a wallet transaction's own key-value pairs."""

    key: str
    value: str


@input_model
class WalletLimitsInput:
    """The fees that a wallet pays for; by default all fees."""

    fee_types: list[Open[WalletFeeType]] | None | UnsetType = UNSET
    billable_metric_codes: list[str] | None | UnsetType = UNSET


@input_model
class WalletRecurringTransactionRuleInput:
    """A rule that tops up a wallet repeatedly: at intervals, or when its balance falls to a threshold.

    Attributes:
        paid_credits: The credits to bill.
        granted_credits: The credits that are free.
        grants_target_top_up: For ``target``: whether the missing credits are free.
        method: ``fixed`` adds the same number of credits each time; ``target`` adds the credits that are missing.
        interval: Only for the trigger ``interval``.
        threshold_credits: The balance in credits, only for the trigger ``threshold``.
        target_ongoing_balance: The balance in credits to reach, for ``target``.
        invoice_requires_successful_payment: True: create the invoice only after the payment.
        transaction_name: The name that is printed on its invoices.
        ignore_paid_top_up_limits: Whether top-ups may exceed the wallet's limits.
    """

    trigger: Open[RecurringTrigger]
    paid_credits: Decimal | None | UnsetType = UNSET
    granted_credits: Decimal | None | UnsetType = UNSET
    grants_target_top_up: bool | None | UnsetType = UNSET
    method: Open[RecurringMethod] | None | UnsetType = UNSET
    interval: Open[BillingInterval] | None | UnsetType = UNSET
    started_at: DateOrDatetime | None | UnsetType = UNSET
    expiration_at: DateOrDatetime | None | UnsetType = UNSET
    threshold_credits: Decimal | None | UnsetType = UNSET
    target_ongoing_balance: Decimal | None | UnsetType = UNSET
    invoice_requires_successful_payment: bool | UnsetType = UNSET
    transaction_metadata: list[WalletTransactionMetadataInput] | None | UnsetType = UNSET
    transaction_name: str | None | UnsetType = UNSET
    purchase_order_number: str | None | UnsetType = UNSET
    ignore_paid_top_up_limits: bool | UnsetType = UNSET
    invoice_custom_section: InvoiceCustomSectionsInput | None | UnsetType = UNSET
    payment_method: PaymentMethodReferenceInput | None | UnsetType = UNSET


@input_model
class WalletRecurringTransactionRuleUpdateInput:
    """A rule of a wallet to update: an existing rule, identified by its ``lago_id``, or a new one.

    Attributes:
        lago_id: The ``lago_id`` of an existing rule.
        method: ``fixed`` adds the same number of credits each time; ``target`` adds the credits that are missing.
        interval: Only for the trigger ``interval``.
        threshold_credits: The balance in credits, only for the trigger ``threshold``.
        paid_credits: The credits to bill.
        granted_credits: The credits that are free.
        grants_target_top_up: For ``target``: whether the missing credits are free.
        target_ongoing_balance: The balance in credits to reach, for ``target``.
        invoice_requires_successful_payment: True: create the invoice only after the payment.
        transaction_name: The name that is printed on its invoices.
        ignore_paid_top_up_limits: Whether top-ups may exceed the wallet's limits.
    """

    lago_id: str | None | UnsetType = UNSET
    trigger: Open[RecurringTrigger] | UnsetType = UNSET
    method: Open[RecurringMethod] | UnsetType = UNSET
    interval: Open[BillingInterval] | UnsetType = UNSET
    threshold_credits: Decimal | None | UnsetType = UNSET
    paid_credits: Decimal | None | UnsetType = UNSET
    granted_credits: Decimal | None | UnsetType = UNSET
    grants_target_top_up: bool | None | UnsetType = UNSET
    started_at: DateOrDatetime | None | UnsetType = UNSET
    expiration_at: DateOrDatetime | None | UnsetType = UNSET
    target_ongoing_balance: Decimal | UnsetType = UNSET
    invoice_requires_successful_payment: bool | UnsetType = UNSET
    transaction_metadata: list[WalletTransactionMetadataInput] | UnsetType = UNSET
    transaction_name: str | None | UnsetType = UNSET
    purchase_order_number: str | None | UnsetType = UNSET
    invoice_custom_section: InvoiceCustomSectionsInput | UnsetType = UNSET
    payment_method: PaymentMethodReferenceInput | UnsetType = UNSET
    ignore_paid_top_up_limits: bool | UnsetType = UNSET


@input_model
class WalletInput:
    """A wallet to create.

    Attributes:
        rate_amount: The price of one credit, in units of the currency.
        currency: ISO 4217; by default the customer's currency.
        code: Your code of the wallet, unique among the customer's wallets; by default derived from the name.
        priority: 1 pays first, 50 (the default) pays last.
        paid_credits: The credits to bill at once.
        granted_credits: The credits that are free.
        external_customer_id: Your id of the customer. ``create`` needs it; ``create_customer_wallet`` takes it as an
            argument.
        expiration_at: When the remaining credits expire.
        invoice_requires_successful_payment: True: create the invoice of a top-up only after the payment.
        transaction_metadata: The metadata of the first top-up; ``transaction_name`` and ``transaction_priority`` also
            apply to it.
        purchase_order_number: Printed on the invoices of top-ups.
        applies_to: The fees that it pays for; by default all fees.
        paid_top_up_min_amount_cents: The minimum amount of one paid top-up.
        paid_top_up_max_amount_cents: The maximum amount of one paid top-up.
        ignore_paid_top_up_limits_on_creation: Whether the first top-up may exceed the limits.
        recurring_transaction_rules: At most one.
        metadata: Your own key-value pairs: keys of at most 100 characters, values of at most 255.
        billing_entity_id: Identifies the billing entity, like ``billing_entity_code``.
    """

    rate_amount: Decimal
    currency: str | None | UnsetType = UNSET
    name: str | None | UnsetType = UNSET
    code: str | None | UnsetType = UNSET
    priority: int | None | UnsetType = UNSET
    paid_credits: Decimal | None | UnsetType = UNSET
    granted_credits: Decimal | None | UnsetType = UNSET
    external_customer_id: str | UnsetType = UNSET
    billing_entity_code: str | None | UnsetType = UNSET
    expiration_at: DateOrDatetime | None | UnsetType = UNSET
    invoice_requires_successful_payment: bool | None | UnsetType = UNSET
    transaction_metadata: list[WalletTransactionMetadataInput] | None | UnsetType = UNSET
    transaction_name: str | None | UnsetType = UNSET
    purchase_order_number: str | None | UnsetType = UNSET
    applies_to: WalletLimitsInput | None | UnsetType = UNSET
    paid_top_up_min_amount_cents: int | None | UnsetType = UNSET
    paid_top_up_max_amount_cents: int | None | UnsetType = UNSET
    ignore_paid_top_up_limits_on_creation: bool | None | UnsetType = UNSET
    invoice_custom_section: InvoiceCustomSectionsInput | None | UnsetType = UNSET
    recurring_transaction_rules: list[WalletRecurringTransactionRuleInput] | None | UnsetType = UNSET
    payment_method: PaymentMethodReferenceInput | None | UnsetType = UNSET
    metadata: dict[str, str | None] | None | UnsetType = UNSET
    billing_entity_id: str | None | UnsetType = UNSET
    transaction_priority: int | None | UnsetType = UNSET


@input_model
class WalletUpdateInput:
    """Changes to a wallet.

    Attributes:
        code: Your code of the wallet, unique among the customer's wallets; by default derived from the name.
        priority: 1 pays first, 50 (the default) pays last.
        expiration_at: When the remaining credits expire.
        invoice_requires_successful_payment: True: create the invoice of a top-up only after the payment.
        purchase_order_number: Printed on the invoices of top-ups.
        recurring_transaction_rules: Replaces the rule; to keep it, give it with its ``lago_id``.
        applies_to: The fees that it pays for; by default all fees.
        metadata: Your own key-value pairs: keys of at most 100 characters, values of at most 255.
        paid_top_up_min_amount_cents: The minimum amount of one paid top-up.
        paid_top_up_max_amount_cents: The maximum amount of one paid top-up.
    """

    name: str | None | UnsetType = UNSET
    code: str | None | UnsetType = UNSET
    priority: int | UnsetType = UNSET
    expiration_at: DateOrDatetime | None | UnsetType = UNSET
    invoice_requires_successful_payment: bool | UnsetType = UNSET
    billing_entity_code: str | None | UnsetType = UNSET
    purchase_order_number: str | None | UnsetType = UNSET
    invoice_custom_section: InvoiceCustomSectionsInput | UnsetType = UNSET
    recurring_transaction_rules: list[WalletRecurringTransactionRuleUpdateInput] | UnsetType = UNSET
    payment_method: PaymentMethodReferenceInput | UnsetType = UNSET
    applies_to: WalletLimitsInput | None | UnsetType = UNSET
    metadata: dict[str, str | None] | UnsetType = UNSET
    paid_top_up_min_amount_cents: int | None | UnsetType = UNSET
    paid_top_up_max_amount_cents: int | None | UnsetType = UNSET


@input_model
class WalletTransactionInput:
    """Credits to add to a wallet or to take from it; each of the three kinds creates a transaction of its own.

    Attributes:
        name: The name that is printed on the invoice.
        paid_credits: The credits to bill.
        granted_credits: The credits that are free.
        voided_credits: The credits to take away.
        invoice_requires_successful_payment: True: create the invoice only after the payment.
        ignore_paid_top_up_limits: Whether top-ups may exceed the wallet's limits.
        priority: 1 is used first.
        voided_transaction_id: The transaction whose credits to take away.
    """

    wallet_id: str
    name: str | None | UnsetType = UNSET
    paid_credits: Decimal | None | UnsetType = UNSET
    granted_credits: Decimal | None | UnsetType = UNSET
    voided_credits: Decimal | None | UnsetType = UNSET
    invoice_requires_successful_payment: bool | None | UnsetType = UNSET
    ignore_paid_top_up_limits: bool | None | UnsetType = UNSET
    purchase_order_number: str | None | UnsetType = UNSET
    invoice_custom_section: InvoiceCustomSectionsInput | None | UnsetType = UNSET
    payment_method: PaymentMethodReferenceInput | None | UnsetType = UNSET
    metadata: list[WalletTransactionMetadataInput] | None | UnsetType = UNSET
    priority: int | None | UnsetType = UNSET
    voided_transaction_id: str | None | UnsetType = UNSET
