"""The objects that most stories need first. Each function returns one, and has it deleted at the end."""

from typing import Any

from tests.live.trial import Trial


async def tax(trial: Trial) -> Any:
    """Make a tax of 20 %."""
    code = trial.code("vat")
    given = {"name": "Live VAT", "code": code, "rate": "20"}
    return await trial.call("taxes.create", given, undo=("taxes.destroy", code))


async def metric(trial: Trial, name: str = "calls", **fields: object) -> Any:
    """Make a billable metric that counts events, with a filter by region."""
    code = trial.code(name)
    given: dict[str, Any] = {"name": "Live calls", "code": code, "aggregation_type": "count_agg"}
    given |= {"filters": [{"key": "region", "values": ["eu", "us"]}], **fields}
    return await trial.call("billable_metrics.create", given, undo=("billable_metrics.destroy", code))


async def add_on(trial: Trial) -> Any:
    """Make an add-on of 100.00 EUR."""
    code = trial.code("setup")
    given = {"name": "Live setup", "code": code, "amount_cents": 10_000, "amount_currency": "EUR"}
    return await trial.call("add_ons.create", given, undo=("add_ons.destroy", code))


async def feature(trial: Trial) -> Any:
    """Make a feature with two privileges."""
    code = trial.code("seats")
    privileges = [{"code": "max", "value_type": "integer"}, {"code": "sso", "value_type": "boolean"}]
    given = {"name": "Live seats", "code": code, "privileges": privileges}
    return await trial.call("features.create", given, undo=("features.destroy", code))


async def coupon(trial: Trial) -> Any:
    """Make a coupon of 10 %."""
    code = trial.code("ten")
    given = {"name": "Live coupon", "code": code, "coupon_type": "percentage", "percentage_rate": "10"}
    given |= {"frequency": "forever", "expiration": "no_expiration"}
    return await trial.call("coupons.create", given, undo=("coupons.destroy", code))


async def plan(trial: Trial, name: str = "plan", **fields: object) -> Any:
    """Make a plan of 31.00 EUR per month, in arrears."""
    code = trial.code(name)
    given = {"name": "Live plan", "code": code, "interval": "monthly", "amount_cents": 3100, "amount_currency": "EUR"}
    given |= {"pay_in_advance": False, **fields}
    return await trial.call("plans.create", given, undo=("plans.destroy", code))


async def customer(trial: Trial, name: str = "cus", **fields: object) -> Any:
    """Make a customer who pays in EUR."""
    external_id = trial.code(name)
    given = {"external_id": external_id, "name": "Live customer", "email": "live@example.com", "currency": "EUR"}
    return await trial.call("customers.create", given | fields, undo=("customers.destroy", external_id))


async def subscription(trial: Trial, *, customer: str = "cus", plan: str = "plan") -> Any:
    """Subscribe a customer to a plan."""
    external_id = trial.code("sub")
    given = {
        "external_customer_id": trial.code(customer),
        "external_id": external_id,
        "plan_code": trial.code(plan),
    }
    return await trial.call("subscriptions.create", given, undo=("subscriptions.destroy", external_id))


async def subscribed(trial: Trial, *, pay_in_advance: bool = False) -> Any:
    """Make a customer with a subscription to a plan with a charge and a fixed charge, and return the plan."""
    calls = await metric(trial)
    setup = await add_on(trial)
    charge = {
        "billable_metric_id": calls.lago_id,
        "code": "calls",
        "charge_model": "standard",
        "properties": {"amount": "2"},
        "pay_in_advance": pay_in_advance,
        "filters": [{"values": {"region": ["eu"]}, "properties": {"amount": "3"}}],
    }
    fixed = {"add_on_id": setup.lago_id, "code": "setup", "charge_model": "standard", "units": "2"}
    made = await plan(trial, charges=[charge], fixed_charges=[{**fixed, "properties": {"amount": "5"}}])
    await customer(trial)
    await subscription(trial)
    return made


async def invoice(trial: Trial) -> Any:
    """Make a one-off invoice. The customer and the add-on are there."""
    given = {"external_customer_id": trial.code("cus"), "currency": "EUR"}
    return await trial.call("invoices.create", {**given, "fees": [{"add_on_code": trial.code("setup")}]})


async def invoiced(trial: Trial) -> Any:
    """Make a customer with a one-off invoice, and return the invoice."""
    await add_on(trial)
    await customer(trial)
    return await invoice(trial)
