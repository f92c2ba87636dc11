"""Models of taxes."""

from lago_async.models.base import Timestamp, response_model

__all__ = ["Tax"]


@response_model
class Tax:
    """A tax that is applied to customers, plans, charges, add-ons or whole billing entities.

    Attributes:
        rate: Percent: 20.0 is 20 %.
        applied_to_organization: Deprecated by ``applied_to_billing_entities_codes``.
        applied_to_billing_entities_codes: Sent by the tax operations only, empty where a tax is embedded.
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
