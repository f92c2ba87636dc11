"""The organisation that the API key belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources._base import Resource, get, put

if TYPE_CHECKING:
    from lago_async.models import (
        GrpcToken,
        Organization,
        OrganizationUpdateInput,
        OrganizationUpdateInputDict,
    )

__all__ = ["Organizations"]


class Organizations(Resource):
    """The organisation that the API key belongs to."""

    @get("find_organization", "/organizations", root="organization")
    async def find(self) -> Organization:
        """Find the organisation. ``taxes`` is empty here: only ``update`` returns the taxes.

        API operation: findOrganization.
        """

    @get("create_grpc_token", "/organizations/grpc_token", root="organization")
    async def create_grpc_token(self) -> GrpcToken:
        """Create a token for the gRPC interface of the organisation.

        The token is a secret: ``grpc_token`` holds it, and the repr hides it. Each call creates another one.

        API operation: createGrpcToken.
        """

    @put("update_organization", "/organizations", root="organization")
    async def update(self, organization: OrganizationUpdateInput | OrganizationUpdateInputDict, /) -> Organization:
        """Change the organisation; fields that are not given stay as they are.

        Args:
            organization: An ``OrganizationUpdateInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused.

        API operation: updateOrganization.
        """
