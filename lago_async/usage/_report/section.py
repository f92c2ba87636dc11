"""The section of one currency: a sentence, its charts and its tables."""

from __future__ import annotations

from lago_async.usage._report.chart import Chart
from lago_async.usage._report.month_charts import bills_by_month, growth
from lago_async.usage._report.ranking_charts import bills_by_customer, customer_changes, usage_by_metric
from lago_async.usage._report.tables import customer_table, metric_table, month_table
from lago_async.usage._report.text import escape, format_count, format_money, printable
from lago_async.usage._report.totals import CurrencyTotals


def currency_name(currency: str) -> str:
    """Return the heading of a currency."""
    return printable(currency, 12) if currency else "No currency given"


def currency_section(number: int, totals: CurrencyTotals, *, alone: bool) -> tuple[str, list[Chart]]:
    """Return the HTML of a currency's section, and the charts in it.

    Args:
        number: The position of the currency on the page.
        totals: The totals of the currency.
        alone: Whether it is the only currency on the page.
    """
    key = f"c{number}"
    name = currency_name(totals.currency)
    parts = [f'<section id="{key}" aria-label="{escape(name)}">']
    if not alone or not totals.currency:
        parts.append(f"<h2>{escape(name)}</h2>")
    sentence = (
        f"{format_count(totals.customers, 'customer was', 'customers were')} "
        f"billed {format_money(totals.billed, totals.currency)} "
        f"on {format_count(totals.bills, 'bill')}, taxes included."
    )
    if totals.bills_without_amount:
        more = format_count(totals.bills_without_amount, "more bill has", "more bills have")
        sentence += f" {more} no amount and could not be added."
    if totals.undated:
        sentence += f" {format_money(totals.undated, totals.currency)} of it belongs to no known month."
    if not totals.currency:
        sentence += " Without a currency, amounts are shown in its smallest unit."
    parts.append(f"<p>{escape(sentence)}</p>")
    charts: list[Chart] = []
    if totals.bills:
        drawn = [bills_by_month(key, totals), growth(key, totals)] if totals.months else []
        drawn += [bills_by_customer(key, totals), customer_changes(key, totals)]
        charts += [chart for chart in drawn if chart is not None]
    if (metric := usage_by_metric(key, totals)) is not None:
        charts.append(metric)
    parts += [chart.figure() for chart in charts]
    if totals.bills:
        parts.append(customer_table(totals))
    if totals.months:
        parts.append(month_table(totals))
    if totals.metrics:
        parts.append(metric_table(totals))
    parts.append("</section>")
    return "\n".join(parts), charts
