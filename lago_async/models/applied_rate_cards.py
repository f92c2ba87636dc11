"""Models of the rate cards that plans have."""

from decimal import Decimal

from lago_async.models._base import UNSET, Timestamp, UnsetType, input_model, response_model

__all__ = ["AppliedRateCard", "AppliedRateCardInput", "AppliedRateCardUpdateInput"]


@response_model
class AppliedRateCard:
    """A rate card that a plan has.

    Attributes:
        units: None if none were given.
    """

    lago_id: str
    plan_code: str
    rate_card_code: str
    units: Decimal | None
    rate_phases_count: int
    created_at: Timestamp
    updated_at: Timestamp


@input_model
class AppliedRateCardInput:
    """A rate card to apply to a plan.

    Attributes:
        rate_card_code: A card in the plan's currency. A plan has one card per product, and one per filter.
        units: Not negative.
    """

    rate_card_code: str
    units: Decimal | None | UnsetType = UNSET


@input_model
class AppliedRateCardUpdateInput:
    """Changes to a rate card of a plan."""

    units: Decimal | None | UnsetType = UNSET
