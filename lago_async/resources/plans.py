# More than 400 lines in one module, because a resource group is one module of the endpoint table.
"""Plans, with their charges, fixed charges and metadata."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from lago_async._table.query import PositiveInt
from lago_async.pager import AsyncPager
from lago_async.resources._base import Resource, delete, get, patch, post, put

if TYPE_CHECKING:
    from lago_async.models import (
        Charge,
        ChargeDestroyInput,
        ChargeDestroyInputDict,
        ChargeFilter,
        ChargeFilterCreateInput,
        ChargeFilterCreateInputDict,
        ChargeFilterDestroyInput,
        ChargeFilterDestroyInputDict,
        ChargeFilterUpdateInput,
        ChargeFilterUpdateInputDict,
        ChargeInput,
        ChargeInputDict,
        ChargeUpdateInput,
        ChargeUpdateInputDict,
        FixedCharge,
        FixedChargeDestroyInput,
        FixedChargeDestroyInputDict,
        FixedChargeInput,
        FixedChargeInputDict,
        FixedChargeUpdateInput,
        FixedChargeUpdateInputDict,
        Plan,
        PlanInput,
        PlanInputDict,
        PlanUpdateInput,
        PlanUpdateInputDict,
    )

__all__ = ["Plans"]


class Plans(Resource):
    """Plans, with their charges, fixed charges and metadata."""

    @post("create_plan", "/plans", root="plan")
    async def create(self, plan: PlanInput | PlanInputDict, /) -> Plan:
        """Create a plan, with its charges.

        Args:
            plan: A ``PlanInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``billable_metrics_not_found``, ``add_ons_not_found`` or ``tax_not_found``; nothing was
                saved.
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createPlan.
        """

    @get("find_plan", "/plans/{code}", root="plan")
    async def find(self, code: str) -> Plan:
        """Find a plan by its code, with its charges.

        Raises:
            NotFoundError: ``plan_not_found``.

        API operation: findPlan.
        """

    @get("find_all_plans", "/plans", root="plans")
    def find_all(self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None) -> AsyncPager[Plan]:
        """List plans, the newest first, without their fixed charges.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        API operation: findAllPlans.
        """

    @put("update_plan", "/plans/{code}", root="plan")
    async def update(self, code: str, plan: PlanUpdateInput | PlanUpdateInputDict, /) -> Plan:
        """Change a plan; fields that are not given stay as they are.

        Given lists of charges and thresholds replace the old ones.

        Args:
            code: The code of the plan.
            plan: A ``PlanUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``plan_not_found`` or ``billable_metrics_not_found`` or ``add_ons_not_found`` or
                ``tax_not_found``.
            ValidationError: A field was refused.

        API operation: updatePlan.
        """

    @delete("destroy_plan", "/plans/{code}", root="plan")
    async def destroy(self, code: str) -> Plan:
        """Delete a plan, and return it as it was. The server first ends and bills its subscriptions.

        Raises:
            NotFoundError: ``plan_not_found``.

        API operation: destroyPlan.
        """

    @post("create_plan_charge", "/plans/{code}/charges", root="charge")
    async def create_charge(self, code: str, charge: ChargeInput | ChargeInputDict, /) -> Charge:
        """Add a charge for usage to a plan.

        Args:
            code: The code of the plan.
            charge: A ``ChargeInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``plan_not_found`` or ``billable_metric_not_found`` or ``tax_not_found``.
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createPlanCharge.
        """

    @get("find_plan_charge", "/plans/{code}/charges/{charge_code}", root="charge")
    async def find_charge(self, code: str, charge_code: str) -> Charge:
        """Find a charge of a plan by its code.

        Args:
            code: The code of the plan.
            charge_code: The code of the charge.

        Raises:
            NotFoundError: ``plan_not_found`` or ``charge_not_found``.

        API operation: findPlanCharge.
        """

    @get("find_all_plan_charges", "/plans/{code}/charges", root="charges")
    def find_all_charges(
        self, code: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> AsyncPager[Charge]:
        """List the charges of a plan, the newest first.

        Args:
            code: The code of the plan.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``plan_not_found``.

        API operation: findAllPlanCharges.
        """

    @put("update_plan_charge", "/plans/{code}/charges/{charge_code}", root="charge")
    async def update_charge(
        self, code: str, charge_code: str, charge: ChargeUpdateInput | ChargeUpdateInputDict, /
    ) -> Charge:
        """Change a charge; fields that are not given stay as they are.

        Args:
            code: The code of the plan.
            charge_code: The code of the charge.
            charge: A ``ChargeUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``plan_not_found`` or ``charge_not_found`` or ``tax_not_found``.
            ValidationError: A field was refused.

        API operation: updatePlanCharge.
        """

    @delete("destroy_plan_charge", "/plans/{code}/charges/{charge_code}", root="charge")
    async def destroy_charge(
        self, code: str, charge_code: str, charge: ChargeDestroyInput | ChargeDestroyInputDict | None = None, /
    ) -> Charge:
        """Remove a charge from a plan, and return it as it was.

        Args:
            code: The code of the plan.
            charge_code: The code of the charge.
            charge: A ``ChargeDestroyInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``plan_not_found`` or ``charge_not_found``.

        API operation: destroyPlanCharge.
        """

    @post("create_plan_charge_filter", "/plans/{code}/charges/{charge_code}/filters", root="filter")
    async def create_charge_filter(
        self, code: str, charge_code: str, charge_filter: ChargeFilterCreateInput | ChargeFilterCreateInputDict, /
    ) -> ChargeFilter:
        """Add a filter to a charge: a price for events with certain property values.

        Args:
            code: The code of the plan.
            charge_code: The code of the charge.
            charge_filter: A ``ChargeFilterCreateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``plan_not_found`` or ``charge_not_found``.
            ValidationError: A field was refused.

        API operation: createPlanChargeFilter.
        """

    @get("find_plan_charge_filter", "/plans/{code}/charges/{charge_code}/filters/{filter_id}", root="filter")
    async def find_charge_filter(self, code: str, charge_code: str, filter_id: str) -> ChargeFilter:
        """Find a filter of a charge.

        Args:
            code: The code of the plan.
            charge_code: The code of the charge.
            filter_id: The ``lago_id`` of the filter.

        Raises:
            NotFoundError: ``plan_not_found`` or ``charge_not_found`` or ``charge_filter_not_found``.

        API operation: findPlanChargeFilter.
        """

    @get("find_all_plan_charge_filters", "/plans/{code}/charges/{charge_code}/filters", root="filters")
    def find_all_charge_filters(
        self, code: str, charge_code: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> AsyncPager[ChargeFilter]:
        """List the filters of a charge, the least recently changed first.

        Args:
            code: The code of the plan.
            charge_code: The code of the charge.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``plan_not_found`` or ``charge_not_found``.

        API operation: findAllPlanChargeFilters.
        """

    @put("update_plan_charge_filter", "/plans/{code}/charges/{charge_code}/filters/{filter_id}", root="filter")
    async def update_charge_filter(
        self,
        code: str,
        charge_code: str,
        filter_id: str,
        charge_filter: ChargeFilterUpdateInput | ChargeFilterUpdateInputDict,
        /,
    ) -> ChargeFilter:
        """Change a filter of a charge; fields that are not given stay as they are.

        Args:
            code: The code of the plan.
            charge_code: The code of the charge.
            filter_id: The ``lago_id`` of the filter.
            charge_filter: A ``ChargeFilterUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``plan_not_found`` or ``charge_not_found`` or ``charge_filter_not_found``.
            ValidationError: A field was refused.

        API operation: updatePlanChargeFilter.
        """

    @delete("destroy_plan_charge_filter", "/plans/{code}/charges/{charge_code}/filters/{filter_id}", root="filter")
    async def destroy_charge_filter(
        self,
        code: str,
        charge_code: str,
        filter_id: str,
        charge_filter: ChargeFilterDestroyInput | ChargeFilterDestroyInputDict | None = None,
        /,
    ) -> ChargeFilter:
        """Remove a filter from a charge, and return it as it was.

        Args:
            code: The code of the plan.
            charge_code: The code of the charge.
            filter_id: The ``lago_id`` of the filter.
            charge_filter: A ``ChargeFilterDestroyInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``plan_not_found`` or ``charge_not_found`` or ``charge_filter_not_found``.

        API operation: destroyPlanChargeFilter.
        """

    @post("create_plan_fixed_charge", "/plans/{code}/fixed_charges", root="fixed_charge")
    async def create_fixed_charge(
        self, code: str, fixed_charge: FixedChargeInput | FixedChargeInputDict, /
    ) -> FixedCharge:
        """Add a fixed charge to a plan.

        Args:
            code: The code of the plan.
            fixed_charge: A ``FixedChargeInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``plan_not_found`` or ``add_on_not_found`` or ``tax_not_found``.
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createPlanFixedCharge.
        """

    @get("find_plan_fixed_charge", "/plans/{code}/fixed_charges/{fixed_charge_code}", root="fixed_charge")
    async def find_fixed_charge(self, code: str, fixed_charge_code: str) -> FixedCharge:
        """Find a fixed charge of a plan by its code.

        Args:
            code: The code of the plan.
            fixed_charge_code: The code of the fixed charge.

        Raises:
            NotFoundError: ``plan_not_found`` or ``fixed_charge_not_found``.

        API operation: findPlanFixedCharge.
        """

    @get("find_all_plan_fixed_charges", "/plans/{code}/fixed_charges", root="fixed_charges")
    def find_all_fixed_charges(
        self, code: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> AsyncPager[FixedCharge]:
        """List the fixed charges of a plan, the newest first.

        Args:
            code: The code of the plan.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``plan_not_found``.

        API operation: findAllPlanFixedCharges.
        """

    @put("update_plan_fixed_charge", "/plans/{code}/fixed_charges/{fixed_charge_code}", root="fixed_charge")
    async def update_fixed_charge(
        self, code: str, fixed_charge_code: str, fixed_charge: FixedChargeUpdateInput | FixedChargeUpdateInputDict, /
    ) -> FixedCharge:
        """Change a fixed charge; fields that are not given stay as they are.

        Args:
            code: The code of the plan.
            fixed_charge_code: The code of the fixed charge.
            fixed_charge: A ``FixedChargeUpdateInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``plan_not_found`` or ``fixed_charge_not_found`` or ``tax_not_found``.
            ValidationError: A field was refused.

        API operation: updatePlanFixedCharge.
        """

    @delete("destroy_plan_fixed_charge", "/plans/{code}/fixed_charges/{fixed_charge_code}", root="fixed_charge")
    async def destroy_fixed_charge(
        self,
        code: str,
        fixed_charge_code: str,
        fixed_charge: FixedChargeDestroyInput | FixedChargeDestroyInputDict | None = None,
        /,
    ) -> FixedCharge:
        """Remove a fixed charge from a plan, and return it as it was.

        Args:
            code: The code of the plan.
            fixed_charge_code: The code of the fixed charge.
            fixed_charge: A ``FixedChargeDestroyInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``plan_not_found`` or ``fixed_charge_not_found``.

        API operation: destroyPlanFixedCharge.
        """

    @post("replace_plan_metadata", "/plans/{code}/metadata", root="metadata", idempotent=True, risk="destroys")
    async def replace_metadata(self, code: str, metadata: Mapping[str, str | None], /) -> dict[str, str | None] | None:
        """Replace all key-value pairs of a plan, and return them.

        Args:
            code: The code of the plan.
            metadata: Keys of at most 100 characters, values of at most 255 or None.

        Raises:
            NotFoundError: ``plan_not_found``.
            ValidationError: A field was refused.

        API operation: replacePlanMetadata.
        """

    @patch("merge_plan_metadata", "/plans/{code}/metadata", root="metadata")
    async def merge_metadata(self, code: str, metadata: Mapping[str, str | None], /) -> dict[str, str | None] | None:
        """Add or change key-value pairs of a plan, and return all pairs; the others stay.

        Args:
            code: The code of the plan.
            metadata: Keys of at most 100 characters, values of at most 255 or None.

        Raises:
            NotFoundError: ``plan_not_found``.
            ValidationError: A field was refused.

        API operation: mergePlanMetadata.
        """

    @delete("delete_all_plan_metadata", "/plans/{code}/metadata", root="metadata")
    async def delete_all_metadata(self, code: str) -> dict[str, str | None] | None:
        """Remove all key-value pairs of a plan; the metadata is then None.

        Raises:
            NotFoundError: ``plan_not_found``.

        API operation: deleteAllPlanMetadata.
        """

    @delete("delete_plan_metadata_key", "/plans/{code}/metadata/{key}", root="metadata")
    async def delete_metadata_key(self, code: str, key: str) -> dict[str, str | None] | None:
        """Remove one key-value pair of a plan, and return the others.

        Args:
            code: The code of the plan.
            key: The key of the pair to remove.

        Raises:
            NotFoundError: ``plan_not_found`` or ``metadata_item_not_found``.

        API operation: deletePlanMetadataKey.
        """
