"""Columns do not move, and the page that describes them is up to date."""

from pathlib import Path

import pytest

import lago_async.usage
from lago_async.__main__ import main
from lago_async.usage import COLUMNS
from lago_async.usage._readme import as_markdown
from tests.lago_async.usage.worlds import NAMES


def test_the_names_and_kinds_of_the_columns_are_as_they_always_were() -> None:
    kinds = {"text": "t", "integer": "i", "decimal": "d", "timestamp": "s", "date": "a", "json": "j"}
    assert "".join(kinds[column.type] for column in COLUMNS) == "tttssatiiitttttttttttttjjtddiititdj"
    assert NAMES == [
        "external_customer_id", "external_subscription_id", "lago_invoice_id", "from_datetime", "to_datetime",
        "issuing_date", "currency", "period_amount_cents", "period_taxes_amount_cents", "period_total_amount_cents",
        "invoice_status", "customer_name", "plan_code", "plan_name", "level", "lago_charge_id", "charge_code",
        "charge_model", "charge_display_name", "lago_billable_metric_id",
        "billable_metric_code", "billable_metric_name", "aggregation_type", "grouped_by", "filter_values",
        "filter_display_name", "units", "total_aggregated_units", "events_count", "amount_cents", "amount_currency",
        "pricing_unit_amount_cents", "pricing_unit_short_name", "pricing_unit_conversion_rate",
        "presentation_breakdowns",
    ]  # fmt: skip


def test_the_page_of_the_columns_is_as_it_would_be_written_now(capsys: pytest.CaptureFixture[str]) -> None:
    page = Path(lago_async.usage.__file__).with_name("README.md").read_text("utf-8")
    assert page == as_markdown(), "run `python -m lago_async usage schema --markdown > lago_async/usage/README.md`"
    assert main(["usage", "schema", "--markdown"]) == 0
    assert capsys.readouterr().out == page
    assert main(["usage", "schema"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [*NAMES, "exact"]
