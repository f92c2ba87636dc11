"""The organization, which is only read; webhook endpoints, logs and analytics."""

from datetime import UTC, datetime, timedelta

from tests.live.trial import NO_CLICKHOUSE, NOWHERE, Refusal, Trial

NO_DATA_API = Refusal(500, "", "answers 500 without Lago's data service")


async def organization(trial: Trial) -> None:
    """Read the organization, its billing entities, and the keys that sign webhooks."""
    await trial.call("organizations.find")
    await trial.call("organizations.create_grpc_token")
    entity = await trial.first("billing_entities.find_all")
    await trial.call("billing_entities.find", entity.code)
    await trial.call("webhooks.fetch_json_public_key")
    await trial.call("webhooks.fetch_public_key")


async def webhook_endpoints(trial: Trial) -> None:
    """Make, read, change and delete an endpoint. No host below .invalid receives anything."""
    url = f"https://{trial.code('hooks')}.invalid/"
    made = await trial.call(
        "webhook_endpoints.create",
        {"webhook_url": url, "signature_algo": "hmac"},
        undo=lambda endpoint: ("webhook_endpoints.destroy", endpoint.lago_id),
    )
    await trial.call("webhook_endpoints.find", made.lago_id)
    await trial.call("webhook_endpoints.find_all", per_page=1)
    await trial.call("webhook_endpoints.update", made.lago_id, {"webhook_url": f"{url}2", "signature_algo": "jwt"})
    await trial.call("webhook_endpoints.destroy", made.lago_id)


async def logs(trial: Trial) -> None:
    """Read logs. Without ClickHouse there are none."""
    none = Refusal(404, "_not_found", "there is no log yet", is_gate=False)
    activity = await trial.call("activity_logs.find_all", per_page=1)
    first = next(iter(activity), None)
    await trial.call("activity_logs.find", first.activity_id if first else NOWHERE, refusals=(none, NO_CLICKHOUSE))
    requests = await trial.call("api_logs.find_all", per_page=1)
    latest = next(iter(requests), None)
    await trial.call("api_logs.find", latest.request_id if latest else NOWHERE, refusals=(none, NO_CLICKHOUSE))
    today = datetime.now(UTC)
    entries = await trial.call("security_logs.find_all", per_page=1, to_date=today + timedelta(days=1))
    entry = next(iter(entries), None)
    await trial.call("security_logs.find", entry.log_id if entry else NOWHERE, refusals=(none, NO_CLICKHOUSE))
    await trial.call("events.find_all_enriched", per_page=1)


async def analytics(trial: Trial) -> None:
    """Read the sums of the organization."""
    await trial.call("analytics.find_all_gross_revenues", currency="EUR", months=1)
    await trial.call("analytics.find_all_invoice_collections", currency="EUR", months=1)
    await trial.call("analytics.find_all_invoiced_usages", currency="EUR", months=1)
    await trial.call("analytics.find_all_mrrs", currency="EUR", months=1)
    await trial.call("analytics.find_all_overdue_balances", currency="EUR", months=1)
    await trial.call("analytics.find_all_usages", time_granularity="monthly", refusals=(NO_DATA_API,))
