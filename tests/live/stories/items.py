"""The parts of plans and invoices: taxes, add-ons, billable metrics, features and coupons."""

from tests.live.stories import _make
from tests.live.trial import Trial

RENAMED = {"name": "Live, renamed"}


async def taxes(trial: Trial) -> None:
    """Make, read, change and delete a tax."""
    await _make.tax(trial)
    code = trial.code("vat")
    await trial.call("taxes.find", code)
    await trial.call("taxes.find_all", per_page=1)
    await trial.call("taxes.update", code, RENAMED)
    await trial.call("taxes.destroy", code)


async def add_ons(trial: Trial) -> None:
    """Make, read, change and delete an add-on."""
    await _make.add_on(trial)
    code = trial.code("setup")
    await trial.call("add_ons.find", code)
    await trial.call("add_ons.find_all", per_page=1)
    await trial.call("add_ons.update", code, RENAMED)
    await trial.call("add_ons.destroy", code)


async def billable_metrics(trial: Trial) -> None:
    """Make, read, change and delete a metric, and evaluate an expression."""
    await _make.metric(trial)
    code = trial.code("calls")
    await trial.call("billable_metrics.find", code)
    await trial.call("billable_metrics.find_all", per_page=1)
    await trial.call("billable_metrics.update", code, RENAMED)
    event = {"code": code, "properties": {"gb": 2}}
    await trial.call("billable_metrics.evaluate_expression", {"expression": "event.properties.gb + 1", "event": event})
    await trial.call("billable_metrics.destroy", code)


async def features(trial: Trial) -> None:
    """Make, read, change and delete a feature and a privilege."""
    await _make.feature(trial)
    code = trial.code("seats")
    await trial.call("features.find", code)
    await trial.call("features.find_all", per_page=1, search_term=code)
    await trial.call("features.update", code, RENAMED)
    await trial.call("features.delete_privilege", code, "sso")
    await trial.call("features.destroy", code)


async def coupons(trial: Trial) -> None:
    """Make, read, change and delete a coupon."""
    await _make.coupon(trial)
    code = trial.code("ten")
    await trial.call("coupons.find", code)
    await trial.call("coupons.find_all", per_page=1)
    await trial.call("coupons.update", code, RENAMED)
    await trial.call("coupons.destroy", code)
