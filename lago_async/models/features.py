"""Models of features and their privileges."""

from lago_async.models._base import UNSET, Open, Timestamp, UnsetType, input_model, response_model
from lago_async.models.enums import PrivilegeType

__all__ = [
    "Feature",
    "FeatureInput",
    "FeatureUpdateInput",
    "Privilege",
    "PrivilegeConfig",
    "PrivilegeConfigInput",
    "PrivilegeInput",
]


@response_model
class PrivilegeConfig:
    """What a privilege may be set to.

    Attributes:
        select_options: The values of a ``select``; empty for other types.
    """

    select_options: list[str]


@response_model
class Privilege:
    """A setting of a feature that each plan gives a value: a number of seats, a region."""

    code: str
    name: str | None
    value_type: Open[PrivilegeType]
    config: PrivilegeConfig


@response_model
class Feature:
    """Something of your product that plans grant."""

    code: str
    name: str | None
    description: str | None
    privileges: list[Privilege]
    created_at: Timestamp


@input_model
class PrivilegeConfigInput:
    """What a privilege may be set to.

    Attributes:
        select_options: The values of a ``select``.
    """

    select_options: list[str] | UnsetType = UNSET


@input_model
class PrivilegeInput:
    """A privilege to create, or to change if the feature has one with this code.

    Attributes:
        value_type: ``string`` unless given; cannot be changed.
    """

    code: str
    name: str | None | UnsetType = UNSET
    value_type: Open[PrivilegeType] | UnsetType = UNSET
    config: PrivilegeConfigInput | UnsetType = UNSET


@input_model
class FeatureInput:
    """A feature to create.

    Attributes:
        code: Your name of the feature, unique in the organisation.
    """

    code: str
    name: str | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    privileges: list[PrivilegeInput] | UnsetType = UNSET


@input_model
class FeatureUpdateInput:
    """What to change of a feature.

    Attributes:
        privileges: Privileges to add or to change; those not listed stay.
    """

    name: str | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    privileges: list[PrivilegeInput] | UnsetType = UNSET
