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
    """The allowed values of a privilege.

    Attributes:
        select_options: The values of a ``select``; empty for other types.
    """

    select_options: list[str]


@response_model
class Privilege:
    """A setting of a feature, with a value per plan: for example a number of seats, or a region."""

    code: str
    name: str | None
    value_type: Open[PrivilegeType]
    config: PrivilegeConfig


@response_model
class Feature:
    """A feature of your product that plans grant."""

    code: str
    name: str | None
    description: str | None
    privileges: list[Privilege]
    created_at: Timestamp


@input_model
class PrivilegeConfigInput:
    """The allowed values of a privilege.

    Attributes:
        select_options: The values of a ``select``.
    """

    select_options: list[str] | UnsetType = UNSET


@input_model
class PrivilegeInput:
    """A privilege to create, or to change if the feature already has one with this code.

    Attributes:
        value_type: By default ``string``; cannot be changed later.
    """

    code: str
    name: str | None | UnsetType = UNSET
    value_type: Open[PrivilegeType] | UnsetType = UNSET
    config: PrivilegeConfigInput | UnsetType = UNSET


@input_model
class FeatureInput:
    """A feature to create.

    Attributes:
        code: Your code of the feature, unique in the organisation.
    """

    code: str
    name: str | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    privileges: list[PrivilegeInput] | None | UnsetType = UNSET


@input_model
class FeatureUpdateInput:
    """Changes to a feature.

    Attributes:
        privileges: The privileges to add or change; others stay as they are.
    """

    name: str | None | UnsetType = UNSET
    description: str | None | UnsetType = UNSET
    privileges: list[PrivilegeInput] | UnsetType = UNSET
