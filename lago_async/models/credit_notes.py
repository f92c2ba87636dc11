"""Models of credit notes."""

from datetime import date
from decimal import Decimal
from typing import Literal

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models.customers import Customer, ErrorDetail
from lago_async.models.fees import Fee
from lago_async.models.taxes import AppliedTax

__all__ = [
    "CreditNote",
    "CreditNoteAppliedTax",
    "CreditNoteEstimate",
    "CreditNoteEstimateInput",
    "CreditNoteEstimateItem",
    "CreditNoteEstimateTax",
    "CreditNoteInput",
    "CreditNoteItem",
    "CreditNoteItemInput",
    "CreditNoteReason",
    "CreditNoteType",
    "CreditNoteUpdateInput",
    "CreditStatus",
    "RefundStatus",
]

CreditNoteReason = Literal[
    "duplicated_charge", "product_unsatisfactory", "order_change", "order_cancellation", "fraudulent_charge", "other"
]
CreditStatus = Literal["available", "consumed", "voided"]
RefundStatus = Literal["pending", "succeeded", "failed"]
CreditNoteType = Literal["credit", "refund", "offset"]


@response_model
class CreditNoteAppliedTax(AppliedTax):
    """A tax that was applied to a credit note.

    Attributes:
        base_amount_cents: The amount that the tax was computed from.
    """

    lago_credit_note_id: str
    base_amount_cents: int


@response_model
class CreditNoteItem:
    """The part of a fee that is credited.

    Attributes:
        amount_cents: Taxes excluded.
        precise_amount_cents: Cents with all digits; not in Lago's public description, the server sends it.
    """

    lago_id: str
    amount_cents: int
    amount_currency: str
    fee: Fee
    precise_amount_cents: Decimal | None


@response_model
class CreditNote:
    """A correction that takes back an invoice, in whole or in part. All amounts are cents of ``currency``.

    Attributes:
        sequential_id: Its number among the invoice's credit notes.
        number: The printed number.
        credit_status: None without a credit.
        refund_status: None without a refund.
        total_amount_cents: Taxes included.
        taxes_rate: The sum of all tax rates, in percent.
        balance_amount_cents: The credit that is left.
        credit_amount_cents: The amount that is kept as a credit.
        refund_amount_cents: The amount that is refunded.
        offset_amount_cents: The amount that is deducted from the same invoice.
        coupons_adjustment_amount_cents: Its share of the invoice's coupons.
        file_url: The PDF; None until it is generated.
        items: Empty in some responses.
        self_billed: True: the partner pays.
        customer: Some responses lack it.
        metadata: Your own key-value pairs; None without any.
        purchase_order_number: Not in Lago's public description; the server sends it, like ``xml_url`` and the precise
            amounts, cents with all digits.
    """

    lago_id: str
    billing_entity_code: str
    sequential_id: int
    number: str
    lago_invoice_id: str
    invoice_number: str
    issuing_date: date
    credit_status: Open[CreditStatus] | None
    refund_status: Open[RefundStatus] | None
    reason: Open[CreditNoteReason]
    description: str | None
    currency: str
    total_amount_cents: int
    taxes_amount_cents: int
    taxes_rate: float
    sub_total_excluding_taxes_amount_cents: int
    balance_amount_cents: int
    credit_amount_cents: int
    refund_amount_cents: int
    offset_amount_cents: int
    coupons_adjustment_amount_cents: int
    created_at: Timestamp
    updated_at: Timestamp
    file_url: str | None
    items: list[CreditNoteItem]
    applied_taxes: list[CreditNoteAppliedTax]
    self_billed: bool
    customer: Customer | None
    metadata: dict[str, str | None] | None
    error_details: list[ErrorDetail]
    purchase_order_number: str | None
    precise_total_amount_cents: Decimal | None
    precise_taxes_amount_cents: Decimal | None
    xml_url: str | None


@response_model
class CreditNoteEstimateItem:
    """The part of a fee that would be credited."""

    amount_cents: int
    lago_fee_id: str | None


@response_model
class CreditNoteEstimateTax:
    """A tax that would be applied to a credit note.

    Attributes:
        lago_id: Always None, like ``lago_credit_note_id`` and ``created_at``: nothing of an estimate is stored.
        tax_rate: Percent.
        base_amount_cents: The amount that the tax is computed from.
    """

    lago_id: str | None
    lago_credit_note_id: str | None
    lago_tax_id: str | None
    tax_name: str
    tax_code: str
    tax_rate: float
    tax_description: str | None
    base_amount_cents: int
    amount_cents: int
    amount_currency: str
    created_at: Timestamp | None


@response_model
class CreditNoteEstimate:
    """The amounts of a credit note that does not exist yet. All amounts are cents of ``currency``.

    Attributes:
        precise_taxes_amount_cents: With all digits.
        taxes_rate: The sum of all tax rates, in percent.
        max_creditable_amount_cents: The maximum that can be kept as a credit.
        max_refundable_amount_cents: The maximum that can be refunded.
        max_offsettable_amount_cents: The maximum that can be deducted from the invoice; not sent by current servers.
        coupons_adjustment_amount_cents: Its share of the invoice's coupons.
        precise_coupons_adjustment_amount_cents: With all digits.
    """

    lago_invoice_id: str
    invoice_number: str
    currency: str
    taxes_amount_cents: int
    precise_taxes_amount_cents: Decimal
    taxes_rate: float
    sub_total_excluding_taxes_amount_cents: int
    max_creditable_amount_cents: int
    max_refundable_amount_cents: int
    max_offsettable_amount_cents: int | None
    coupons_adjustment_amount_cents: int
    precise_coupons_adjustment_amount_cents: Decimal
    items: list[CreditNoteEstimateItem]
    applied_taxes: list[CreditNoteEstimateTax]


@input_model
class CreditNoteItemInput:
    """The part of a fee to credit.

    Attributes:
        amount_cents: Taxes excluded.
    """

    fee_id: str
    amount_cents: int


@input_model
class CreditNoteInput:
    """A credit note to create. Its three amounts include taxes; their sum is the total of its items with taxes.

    Attributes:
        credit_amount_cents: The amount to keep as a credit.
        refund_amount_cents: The amount to refund.
        offset_amount_cents: The amount to deduct from the same invoice.
        metadata: Your own key-value pairs: keys of at most 100 characters, values of at most 255.
    """

    invoice_id: str
    items: list[CreditNoteItemInput]
    reason: Open[CreditNoteReason] | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    credit_amount_cents: int | None | UnsetType = UNSET
    refund_amount_cents: int | None | UnsetType = UNSET
    offset_amount_cents: int | None | UnsetType = UNSET
    metadata: dict[str, str | None] | None | UnsetType = UNSET


@input_model
class CreditNoteUpdateInput:
    """Changes to a credit note.

    Attributes:
        refund_status: The status of a refund that was made outside of a provider. None removes it.
        metadata: The pairs to add or change.
    """

    refund_status: Open[RefundStatus] | None | UnsetType = UNSET
    metadata: dict[str, str | None] | UnsetType = UNSET


@input_model
class CreditNoteEstimateInput:
    """A credit note to estimate."""

    invoice_id: str
    items: list[CreditNoteItemInput]
