"""Events, what they would cost, and the usage that they make."""

from typing import Any

from tests.live.stories import _make
from tests.live.trial import Refusal, Trial

NOT_YET = Refusal(404, "event_not_found", "the events of an organization with ClickHouse arrive later", is_gate=False)


async def events(trial: Trial) -> None:
    """Send events, read them, and ask what others would cost."""
    calls = await _make.metric(trial)
    charge = {"billable_metric_id": calls.lago_id, "charge_model": "standard", "properties": {"amount": "2"}}
    await _make.plan(trial, charges=[{**charge, "pay_in_advance": True}])
    await _make.customer(trial)
    await _make.subscription(trial)
    event: dict[str, Any] = {"external_subscription_id": trial.code("sub"), "code": trial.code("calls")}
    event |= {"properties": {"region": "eu"}}
    trial.leave(f"2 events of the subscription {trial.code('sub')}: no operation deletes an event")
    await trial.call("events.create", {**event, "transaction_id": trial.code("t1")})
    await trial.call("events.create_batch", [{**event, "transaction_id": trial.code("t2")}])
    await trial.until(bool, "events.find", trial.code("t1"), refusals=(NOT_YET,))
    await trial.call("events.find_all", external_subscription_id=trial.code("sub"), per_page=1)
    await trial.call("events.estimate_fees", event)
    await trial.call("events.estimate_instant_fees", {**event, "transaction_id": trial.code("t3")})
    await trial.call("events.batch_estimate_instant_fees", [{**event, "transaction_id": trial.code("t4")}])


async def usage(trial: Trial) -> None:
    """Read the usage of a subscription."""
    await _make.subscribed(trial)
    cus, sub = trial.code("cus"), trial.code("sub")
    await trial.call("customers.find_current_usage", cus, external_subscription_id=sub)
    await trial.call("customers.find_projected_usage", cus, external_subscription_id=sub)
    await trial.call("customers.find_all_past_usage", cus, external_subscription_id=sub, per_page=1)
