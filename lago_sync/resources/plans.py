# GENERATED from lago_async/resources/plans.py by `python -m tools.generate`. Do not edit.
"""Plans, with their charges, fixed charges and metadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lago_async.resources.plans import Plans as AsyncPlans
from lago_sync._resource import Resource

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lago_async._table.query import PositiveInt
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
    from lago_sync.pager import Pager

__all__ = ["Plans"]


class Plans(Resource[AsyncPlans]):
    """Plans, with their charges, fixed charges and metadata."""

    def create(self, plan: PlanInput | PlanInputDict, /) -> Plan:
        """Create a plan, with its charges.

        Args:
            plan: A ``PlanInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``billable_metrics_not_found``, ``add_ons_not_found`` or ``tax_not_found``; nothing was
                saved.
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createPlan.
        """
        return self._run(self._async.create, plan)

    def find(self, code: str) -> Plan:
        """Find a plan by its code, with its charges.

        Raises:
            NotFoundError: ``plan_not_found``.

        API operation: findPlan.
        """
        return self._run(self._async.find, code)

    def find_all(self, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None) -> Pager[Plan]:
        """List plans, the newest first, without their fixed charges.

        Args:
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        API operation: findAllPlans.
        """
        return self._page(self._async.find_all, page=page, per_page=per_page)

    def update(self, code: str, plan: PlanUpdateInput | PlanUpdateInputDict, /) -> Plan:
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
        return self._run(self._async.update, code, plan)

    def destroy(self, code: str) -> Plan:
        """Delete a plan, and return it as it was. The server first ends and bills its subscriptions.

        Raises:
            NotFoundError: ``plan_not_found``.

        API operation: destroyPlan.
        """
        return self._run(self._async.destroy, code)

    def create_charge(self, code: str, charge: ChargeInput | ChargeInputDict, /) -> Charge:
        """Add a charge for usage to a plan.

        Args:
            code: The code of the plan.
            charge: A ``ChargeInput``, or a mapping with its fields.

        Raises:
            NotFoundError: ``plan_not_found`` or ``billable_metric_not_found`` or ``tax_not_found``.
            ValidationError: A field was refused: ``code: value_already_exist``, ...

        API operation: createPlanCharge.
        """
        return self._run(self._async.create_charge, code, charge)

    def find_charge(self, code: str, charge_code: str) -> Charge:
        """Find a charge of a plan by its code.

        Args:
            code: The code of the plan.
            charge_code: The code of the charge.

        Raises:
            NotFoundError: ``plan_not_found`` or ``charge_not_found``.

        API operation: findPlanCharge.
        """
        return self._run(self._async.find_charge, code, charge_code)

    def find_all_charges(
        self, code: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> Pager[Charge]:
        """List the charges of a plan, the newest first.

        Args:
            code: The code of the plan.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``plan_not_found``.

        API operation: findAllPlanCharges.
        """
        return self._page(self._async.find_all_charges, code, page=page, per_page=per_page)

    def update_charge(
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
        return self._run(self._async.update_charge, code, charge_code, charge)

    def destroy_charge(
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
        return self._run(self._async.destroy_charge, code, charge_code, charge)

    def create_charge_filter(
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
        return self._run(self._async.create_charge_filter, code, charge_code, charge_filter)

    def find_charge_filter(self, code: str, charge_code: str, filter_id: str) -> ChargeFilter:
        """Find a filter of a charge.

        Args:
            code: The code of the plan.
            charge_code: The code of the charge.
            filter_id: The ``lago_id`` of the filter.

        Raises:
            NotFoundError: ``plan_not_found`` or ``charge_not_found`` or ``charge_filter_not_found``.

        API operation: findPlanChargeFilter.
        """
        return self._run(self._async.find_charge_filter, code, charge_code, filter_id)

    def find_all_charge_filters(
        self, code: str, charge_code: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> Pager[ChargeFilter]:
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
        return self._page(self._async.find_all_charge_filters, code, charge_code, page=page, per_page=per_page)

    def update_charge_filter(
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
        return self._run(self._async.update_charge_filter, code, charge_code, filter_id, charge_filter)

    def destroy_charge_filter(
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
        return self._run(self._async.destroy_charge_filter, code, charge_code, filter_id, charge_filter)

    def create_fixed_charge(
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
        return self._run(self._async.create_fixed_charge, code, fixed_charge)

    def find_fixed_charge(self, code: str, fixed_charge_code: str) -> FixedCharge:
        """Find a fixed charge of a plan by its code.

        Args:
            code: The code of the plan.
            fixed_charge_code: The code of the fixed charge.

        Raises:
            NotFoundError: ``plan_not_found`` or ``fixed_charge_not_found``.

        API operation: findPlanFixedCharge.
        """
        return self._run(self._async.find_fixed_charge, code, fixed_charge_code)

    def find_all_fixed_charges(
        self, code: str, *, page: PositiveInt | None = None, per_page: PositiveInt | None = None
    ) -> Pager[FixedCharge]:
        """List the fixed charges of a plan, the newest first.

        Args:
            code: The code of the plan.
            page: Number of the first page to fetch.
            per_page: Items per page; by default 100.

        Raises:
            NotFoundError: ``plan_not_found``.

        API operation: findAllPlanFixedCharges.
        """
        return self._page(self._async.find_all_fixed_charges, code, page=page, per_page=per_page)

    def update_fixed_charge(
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
        return self._run(self._async.update_fixed_charge, code, fixed_charge_code, fixed_charge)

    def destroy_fixed_charge(
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
        return self._run(self._async.destroy_fixed_charge, code, fixed_charge_code, fixed_charge)

    def replace_metadata(self, code: str, metadata: Mapping[str, str | None], /) -> dict[str, str | None] | None:
        """Replace all key-value pairs of a plan, and return them.

        Args:
            code: The code of the plan.
            metadata: Keys of at most 100 characters, values of at most 255 or None.

        Raises:
            NotFoundError: ``plan_not_found``.
            ValidationError: A field was refused.

        API operation: replacePlanMetadata.
        """
        return self._run(self._async.replace_metadata, code, metadata)

    def merge_metadata(self, code: str, metadata: Mapping[str, str | None], /) -> dict[str, str | None] | None:
        """Add or change key-value pairs of a plan, and return all pairs; the others stay.

        Args:
            code: The code of the plan.
            metadata: Keys of at most 100 characters, values of at most 255 or None.

        Raises:
            NotFoundError: ``plan_not_found``.
            ValidationError: A field was refused.

        API operation: mergePlanMetadata.
        """
        return self._run(self._async.merge_metadata, code, metadata)

    def delete_all_metadata(self, code: str) -> dict[str, str | None] | None:
        """Remove all key-value pairs of a plan; the metadata is then None.

        Raises:
            NotFoundError: ``plan_not_found``.

        API operation: deleteAllPlanMetadata.
        """
        return self._run(self._async.delete_all_metadata, code)

    def delete_metadata_key(self, code: str, key: str) -> dict[str, str | None] | None:
        """Remove one key-value pair of a plan, and return the others.

        Args:
            code: The code of the plan.
            key: The key of the pair to remove.

        Raises:
            NotFoundError: ``plan_not_found`` or ``metadata_item_not_found``.

        API operation: deletePlanMetadataKey.
        """
        return self._run(self._async.delete_metadata_key, code, key)
