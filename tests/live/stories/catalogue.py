"""The catalogue of products: categories, products and filters, rate cards and rates, and those of a plan."""

from tests.live.stories import _make
from tests.live.trial import Trial

RENAMED = {"name": "Live, renamed"}
RATE = {"rate_model": "standard", "rate_properties": {"amount": "10"}, "billing_interval_unit": "month"}


async def catalogue(trial: Trial) -> None:
    """Make, read, change and delete each of them."""
    await _make.metric(trial)
    await _make.plan(trial)
    plan, category, product, card = map(trial.code, ("plan", "category", "product", "card"))

    given = {"name": "Live category", "code": category}
    await trial.call("product_categories.create", given, undo=("product_categories.destroy", category))
    await trial.call("product_categories.find", category)
    await trial.call("product_categories.find_all", per_page=1)
    await trial.call("product_categories.update", category, RENAMED)

    given = {"name": "Live product", "code": product, "product_type": "usage"}
    given |= {"billable_metric_code": trial.code("calls"), "product_category_code": category}
    await trial.call("products.create", given, undo=("products.destroy", product))
    await trial.call("products.find", product)
    await trial.call("products.find_all", per_page=1)
    await trial.call("products.update", product, RENAMED)
    values = [{"key": "region", "value": "eu"}]
    await trial.call("products.create_filter", product, {"name": "Live", "code": "eu", "values": values})
    await trial.call("products.find_filter", product, "eu")
    await trial.call("products.find_all_filters", product, per_page=1)
    await trial.call("products.update_filter", product, "eu", RENAMED)
    await trial.call("products.destroy_filter", product, "eu")

    given = {"name": "Live card", "code": card, "product_code": product, "currency": "EUR"}
    await trial.call("rate_cards.create", given, undo=("rate_cards.destroy", card))
    await trial.call("rate_cards.find", card)
    await trial.call("rate_cards.find_all", per_page=1)
    await trial.call("rate_cards.update", card, RENAMED)
    now = {**RATE, "code": "now", "effective_from": "2026-01-01T00:00:00Z"}
    await trial.call("rate_cards.create_rate", card, now)
    await trial.call(
        "rate_cards.create_rate", card, {**RATE, "code": "later", "effective_from": "2099-01-01T00:00:00Z"}
    )
    await trial.call("rate_cards.find_rate", card, "later")
    await trial.call("rate_cards.find_all_rates", card, per_page=1)
    await trial.call("rate_cards.update_rate", card, "later", {"rate_properties": {"amount": "11"}})
    await trial.call("rate_cards.destroy_rate", card, "later")

    await trial.call("applied_rate_cards.create", plan, {"rate_card_code": card})
    trial.undo("applied_rate_cards.destroy", plan, card)
    await trial.call("applied_rate_cards.find", plan, card)
    await trial.call("applied_rate_cards.find_all", plan, per_page=1)
    await trial.call("applied_rate_cards.update", plan, card, {"units": "2"})
    await trial.call("applied_rate_cards.destroy", plan, card)
    await trial.call("rate_cards.destroy", card)
    await trial.call("products.destroy", product)
    await trial.call("product_categories.destroy", category)
