"""The organisation that the API key belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lago_async.resources._base import Resource, put

if TYPE_CHECKING:
    from lago_async.models import Organization, OrganizationUpdateInput

__all__ = ["Organizations"]


class Organizations(Resource):
    """The organisation that the API key belongs to."""

    @put("update_organization", "/organizations", root="organization")
    async def update(self, organization: OrganizationUpdateInput | Mapping[str, object], /) -> Organization:
        """Change the organisation; fields that are not given stay as they are.

        Args:
            organization: An ``OrganizationUpdateInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused.

        API operation: updateOrganization.
        """
