"""Models of add-ons."""

from lago_async.models._base import UNSET, Timestamp, UnsetType, input_model, response_model
from lago_async.models.taxes import Tax

__all__ = ["AddOn", "AddOnInput", "AddOnUpdateInput"]


@response_model
class AddOn:
    """An item that is billed once, on a one-off invoice, or every period by a fixed charge.

    Attributes:
        amount_cents: Unit price, taxes excluded.
    """

    lago_id: str
    name: str
    invoice_display_name: str | None
    code: str
    amount_cents: int
    amount_currency: str
    description: str | None
    created_at: Timestamp
    taxes: list[Tax]


@input_model
class AddOnInput:
    """An add-on to create.

    Attributes:
        code: Your code of the add-on, unique in the organisation.
        amount_cents: Unit price, taxes excluded.
        amount_currency: ISO 4217.
    """

    name: str
    code: str
    amount_cents: int
    amount_currency: str
    invoice_display_name: str | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    tax_codes: list[str] | UnsetType = UNSET


@input_model
class AddOnUpdateInput:
    """Changes to an add-on.

    Attributes:
        code: Your code of the add-on, unique in the organisation.
        amount_cents: Unit price, taxes excluded.
        amount_currency: ISO 4217.
        tax_codes: Replaces all taxes.
    """

    name: str | UnsetType = UNSET
    invoice_display_name: str | None | UnsetType = UNSET
    code: str | UnsetType = UNSET
    amount_cents: int | UnsetType = UNSET
    amount_currency: str | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    tax_codes: list[str] | UnsetType = UNSET
