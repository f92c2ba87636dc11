"""Plans, and all that is below a plan."""

from tests.live.stories import _make
from tests.live.trial import Trial


async def plans(trial: Trial) -> None:
    """Make, read, change and delete a plan, with metadata."""
    await _make.tax(trial)
    await _make.plan(trial, metadata={"a": "1"}, tax_codes=[trial.code("vat")])
    code = trial.code("plan")
    await trial.call("plans.find", code)
    await trial.call("plans.find_all", per_page=1)
    await trial.call("plans.update", code, {"name": "Live, renamed"})
    await trial.call("plans.replace_metadata", code, {"a": "2", "b": "3"})
    await trial.call("plans.merge_metadata", code, {"b": "4"})
    await trial.call("plans.delete_metadata_key", code, "b")
    await trial.call("plans.delete_all_metadata", code)
    await trial.call("plans.destroy", code)


async def charges(trial: Trial) -> None:
    """Make, read, change and delete a charge of a plan and a filter of the charge."""
    calls = await _make.metric(trial)
    await _make.plan(trial)
    code = trial.code("plan")
    charge = {"billable_metric_id": calls.lago_id, "code": "calls", "charge_model": "standard"}
    await trial.call("plans.create_charge", code, {**charge, "properties": {"amount": "2"}})
    await trial.call("plans.find_charge", code, "calls")
    await trial.call("plans.find_all_charges", code, per_page=1)
    # An update replaces the model and the properties of a charge, also if it omits them.
    await trial.call("plans.update_charge", code, "calls", {"charge_model": "standard", "properties": {"amount": "3"}})
    price = {"values": {"region": ["eu"]}, "properties": {"amount": "3"}}
    made = await trial.call("plans.create_charge_filter", code, "calls", price)
    await trial.call("plans.find_charge_filter", code, "calls", made.lago_id)
    await trial.call("plans.find_all_charge_filters", code, "calls", per_page=1)
    await trial.call("plans.update_charge_filter", code, "calls", made.lago_id, {"invoice_display_name": "Europe"})
    await trial.call("plans.destroy_charge_filter", code, "calls", made.lago_id)
    await trial.call("plans.destroy_charge", code, "calls")


async def fixed_charges(trial: Trial) -> None:
    """Make, read, change and delete a fixed charge of a plan."""
    setup = await _make.add_on(trial)
    await _make.plan(trial)
    code = trial.code("plan")
    price = {"charge_model": "standard", "units": "2", "properties": {"amount": "5"}}
    await trial.call("plans.create_fixed_charge", code, {**price, "add_on_id": setup.lago_id, "code": "setup"})
    await trial.call("plans.find_fixed_charge", code, "setup")
    await trial.call("plans.find_all_fixed_charges", code, per_page=1)
    await trial.call("plans.update_fixed_charge", code, "setup", {**price, "units": "3"})
    await trial.call("plans.destroy_fixed_charge", code, "setup")


async def entitlements(trial: Trial) -> None:
    """Make, read, change and delete what a plan entitles to."""
    await _make.feature(trial)
    await _make.plan(trial)
    code, seats = trial.code("plan"), trial.code("seats")
    await trial.call("entitlements.create", code, {seats: {"max": 5, "sso": True}})
    await trial.call("entitlements.find", code, seats)
    await trial.call("entitlements.find_all", code)
    await trial.call("entitlements.update", code, {seats: {"max": 6}})
    await trial.call("entitlements.remove_privilege", code, seats, "sso")
    await trial.call("entitlements.destroy", code, seats)
