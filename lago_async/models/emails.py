"""Models of emails that are sent again."""

from lago_async.models._base import UNSET, UnsetType, input_model

__all__ = ["ResendEmailInput"]


@input_model
class ResendEmailInput:
    """Recipients of an email that is sent again.

    Attributes:
        to: Instead of the customer.
    """

    to: list[str] | None | UnsetType = UNSET
    cc: list[str] | None | UnsetType = UNSET
    bcc: list[str] | None | UnsetType = UNSET
