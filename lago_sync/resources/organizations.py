# GENERATED from lago_async/resources/organizations.py by `python -m tools.generate`. Do not edit.
"""The organisation that the API key belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.organizations import Organizations as AsyncOrganizations
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from lago_async.models import GrpcToken, Organization, OrganizationUpdateInput, OrganizationUpdateInputDict

__all__ = ["Organizations"]


class Organizations(Resource[AsyncOrganizations]):
    """The organisation that the API key belongs to."""

    def find(self) -> Organization:
        """Find the organisation. ``taxes`` is empty here: only ``update`` returns the taxes.

        API operation: findOrganization.
        """
        return self._run(self._async.find)

    def create_grpc_token(self) -> GrpcToken:
        """Create a token for the gRPC interface of the organisation.

        The token is a secret: ``grpc_token`` holds it, and the repr hides it. Each call creates another one.

        API operation: createGrpcToken.
        """
        return self._run(self._async.create_grpc_token)

    def update(self, organization: OrganizationUpdateInput | OrganizationUpdateInputDict, /) -> Organization:
        """Change the organisation; fields that are not given stay as they are.

        Args:
            organization: An ``OrganizationUpdateInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused.

        API operation: updateOrganization.
        """
        return self._run(self._async.update, organization)
