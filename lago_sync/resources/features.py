# GENERATED from lago_async/resources/features.py by `python -m tools.generate`. Do not edit.
"""Features and their privileges, which plans can grant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.features import Features as AsyncFeatures
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from lago_async._table.query import PositiveInt
    from lago_async.models import Feature, FeatureInput, FeatureInputDict, FeatureUpdateInput, FeatureUpdateInputDict
    from lago_sync.pager import Pager

__all__ = ["Features"]


class Features(Resource[AsyncFeatures]):
    """Features and their privileges, which plans can grant."""

    def create(self, feature: FeatureInput | FeatureInputDict, /) -> Feature:
        """Create a feature.

        Args:
            feature: A ``FeatureInput``, or a mapping with its fields.

        Raises:
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createFeature.
        """
        return self._run(self._async.create, feature)

    def find(self, code: str) -> Feature:
        """Find a feature by its code.

        Raises:
            NotFoundError: ``feature_not_found``.

        API operation: findFeature.
        """
        return self._run(self._async.find, code)

    def find_all(
        self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None, search_term: str | None = None
    ) -> Pager[Feature]:
        """List features, the newest first.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.
            search_term: Part of a name, a code or a description.

        API operation: findAllFeatures.
        """
        return self._page(self._async.find_all, page=page, per_page=per_page, search_term=search_term)

    def update(self, code: str, feature: FeatureUpdateInput | FeatureUpdateInputDict, /) -> Feature:
        """Change a feature; fields that are not given stay as they are.

        Args:
            code: The code of the feature.
            feature: A ``FeatureUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``feature_not_found``.
            ValidationError: A field was refused.

        API operation: updateFeature.
        """
        return self._run(self._async.update, code, feature)

    def destroy(self, code: str) -> Feature:
        """Delete a feature, and return it as it was. Plans and subscriptions lose it.

        Raises:
            NotFoundError: ``feature_not_found``.

        API operation: destroyFeature.
        """
        return self._run(self._async.destroy, code)

    def delete_privilege(self, code: str, privilege_code: str) -> Feature:
        """Delete a privilege. Plans and subscriptions lose it.

        Args:
            code: The code of the feature.
            privilege_code: The code of the privilege.

        Raises:
            NotFoundError: ``feature_not_found`` or ``privilege_not_found``.

        API operation: deleteFeaturePrivilege.
        """
        return self._run(self._async.delete_privilege, code, privilege_code)
