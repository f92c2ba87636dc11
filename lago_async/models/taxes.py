"""Models of taxes."""

from decimal import Decimal

from lago_async.models._base import UNSET, Timestamp, UnsetType, input_model, response_model

__all__ = ["AppliedTax", "Tax", "TaxInput", "TaxUpdateInput"]


@response_model
class Tax:
    """A tax that is applied to customers, plans, charges, add-ons or whole billing entities.

    Attributes:
        rate: Percent: 20.0 is 20 %.
        applied_to_organization: Deprecated; replaced by ``applied_to_billing_entities_codes``.
        applied_to_billing_entities_codes: Sent only by the tax operations; empty in a tax that is embedded in another
            object.
        add_ons_count: Always 0 on current servers, like the four other counts.
    """

    lago_id: str
    name: str
    code: str
    description: str | None
    rate: float
    applied_to_organization: bool
    applied_to_billing_entities_codes: list[str]
    add_ons_count: int
    customers_count: int
    plans_count: int
    charges_count: int
    commitments_count: int
    created_at: Timestamp


@input_model
class TaxInput:
    """A tax to create.

    Attributes:
        code: Your code of the tax, unique in the organisation.
        rate: Percent: 20 is 20 %.
        applied_to_organization: Deprecated: taxes are applied to billing entities, by their ``tax_codes``.
    """

    name: str
    code: str
    rate: Decimal
    description: str | None | UnsetType = UNSET
    applied_to_organization: bool | UnsetType = UNSET


@input_model
class TaxUpdateInput:
    """Changes to a tax; fields that are not given stay as they are.

    Attributes:
        rate: Percent: 20 is 20 %.
        applied_to_organization: Deprecated: taxes are applied to billing entities, by their ``tax_codes``.
    """

    name: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    rate: Decimal | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    applied_to_organization: bool | UnsetType = UNSET


@response_model
class AppliedTax:
    """A tax that was applied to something that is billed.

    Attributes:
        lago_id: None in a preview or an estimate.
        lago_tax_id: None if the tax was deleted or comes from a tax provider.
        tax_rate: Percent.
        created_at: None in a preview or an estimate.
    """

    lago_id: str | None
    lago_tax_id: str | None
    tax_name: str
    tax_code: str
    tax_rate: float
    tax_description: str | None
    amount_cents: int
    amount_currency: str
    created_at: Timestamp | None
