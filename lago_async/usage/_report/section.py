"""The section of one currency: a sentence, its charts and its tables."""

from __future__ import annotations

from lago_async.usage._report.chart import Chart
from lago_async.usage._report.month_charts import bills_by_month, growth
from lago_async.usage._report.multiples import customer_multiples
from lago_async.usage._report.ranking_charts import bills_by_customer, customer_changes, usage_by_metric
from lago_async.usage._report.tables import bill_table, customer_table, metric_table, month_table, plan_table
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

    def draw(chart: Chart | None) -> None:
        if chart is not None:
            charts.append(chart)
            parts.append(chart.figure())

    if totals.months:
        draw(bills_by_month(key, totals))
        draw(growth(key, totals))
    if totals.bills:
        draw(bills_by_customer(key, totals))
        parts.append(customer_multiples(key, totals))
        draw(customer_changes(key, totals))
    draw(usage_by_metric(key, totals))
    if totals.listed:
        parts.append(customer_table(key, totals))
    if totals.months:
        parts.append(month_table(totals))
    if totals.plans_count > 1 or (totals.plans and totals.plans[0].code):
        parts.append(plan_table(totals))
    if totals.metrics:
        parts.append(metric_table(totals))
    if totals.rows:
        parts.append(bill_table(key, totals))
    parts.append("</section>")
    return "\n".join(part for part in parts if part), charts
