"""Features and their privileges, which plans can grant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        Feature,
        FeatureInput,
        FeatureInputDict,
        FeatureUpdateInput,
        FeatureUpdateInputDict,
    )

__all__ = ["Features"]


class Features(Resource):
    """Features and their privileges, which plans can grant."""

    @post("create_feature", "/features", root="feature")
    async def create(self, feature: FeatureInput | FeatureInputDict, /) -> Feature:
        """Create a feature.

        Args:
            feature: A ``FeatureInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createFeature.
        """

    @get("find_feature", "/features/{code}", root="feature")
    async def find(self, code: str) -> Feature:
        """Find a feature by its code.

        Raises:
            NotFoundError: ``feature_not_found``.

        API operation: findFeature.
        """

    @get("find_all_features", "/features", root="features")
    def find_all(
        self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None, search_term: str | None = None
    ) -> AsyncPager[Feature]:
        """List features, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            search_term: Part of a name, a code or a description.

        API operation: findAllFeatures.
        """

    @put("update_feature", "/features/{code}", root="feature")
    async def update(self, code: str, feature: FeatureUpdateInput | FeatureUpdateInputDict, /) -> Feature:
        """Change a feature; fields that are not given stay as they are.

        Args:
            code: The code of the feature.
            feature: A ``FeatureUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``feature_not_found``.
            ValidationError: A field was refused.

        API operation: updateFeature.
        """

    @delete("destroy_feature", "/features/{code}", root="feature")
    async def destroy(self, code: str) -> Feature:
        """Delete a feature, and return it as it was. Plans and subscriptions lose it.

        Raises:
            NotFoundError: ``feature_not_found``.

        API operation: destroyFeature.
        """

    @delete("delete_feature_privilege", "/features/{code}/privileges/{privilege_code}", root="feature")
    async def delete_privilege(self, code: str, privilege_code: str) -> Feature:
        """Delete a privilege. Plans and subscriptions lose it.

        Args:
            code: The code of the feature.
            privilege_code: The code of the privilege.

        Raises:
            NotFoundError: ``feature_not_found`` or ``privilege_not_found``.

        API operation: deleteFeaturePrivilege.
        """
