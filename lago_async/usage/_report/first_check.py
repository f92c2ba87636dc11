"""The first check of a report in words: how much was read, what it comes to, what is missing, and of when it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from lago_async.usage._report.provenance import Provenance
from lago_async.usage._report.text import format_count, format_money, format_month, printable
from lago_async.usage._report.totals import CurrencyTotals, Totals


def check_in_words(totals: Totals) -> tuple[tuple[str, str], ...]:
    """Return the check: what each part is about, and what is to be said of it."""
    said = [("Read", _read(totals))]
    said += [(f"In {printable(item.currency, 12)}" if item.currency else "Without a currency", _amounts(item))
             for item in totals.currencies]  # fmt: skip
    said.append(("Missing", " ".join(_missing(totals))))
    said.append(("Of when", " ".join(_moments(totals))))
    return tuple(said)


def _read(totals: Totals) -> str:
    span = ""
    if totals.months:
        first, last = format_month(totals.months[0]), format_month(totals.months[-1])
        span = f", that began from {first} to {last}" if first != last else f", that began in {first}"
    return (
        f"{format_count(totals.customers, 'customer')} with {format_count(totals.subscriptions, 'subscription')}: "
        f"{format_count(totals.periods, 'period')} in {format_count(totals.rows, 'row')}{span}."
    )


def _amounts(item: CurrencyTotals) -> str:
    money = item.currency
    parts = [f"{format_money(item.billed, money)} billed on {format_count(item.bills, 'invoice')}, taxes included"]
    if item.draft_bills:
        parts.append(f"{format_money(item.drafts, money)} on {format_count(item.draft_bills, 'draft')}, not billed yet")
    if item.running_bills:
        periods = format_count(item.running_bills, "running period")
        parts.append(f"{format_money(item.running, money)} so far in {periods}, on no invoice yet")
    if item.voided_bills:
        invoices = format_count(item.voided_bills, "voided invoice")
        parts.append(f"{format_money(item.voided, money)} on {invoices}, in no total")
    return "; ".join(parts) + "."


def _missing(totals: Totals) -> Iterator[str]:
    known = [item for item in totals.provenance if item.trouble is None]
    for item in totals.provenance:
        if item.trouble is not None:
            yield (
                f"{printable(item.file.name)}: {item.trouble}, so it is unknown whether subscriptions are missing, and "
                "of when it is."
            )
    failed = sum(item.missing or 0 for item in known)
    unfinished = [item for item in known if item.missing is None]
    if failed:
        yield (
            f"{format_count(failed, 'subscription is', 'subscriptions are')} missing, because the calls failed: run "
            "the export again."
        )
    for item in unfinished:
        yield f"{printable(item.file.name)}: the export has not ended."
    if known and not failed and not unfinished and len(known) == len(totals.provenance):
        yield f"No subscription of {_whose(known)} is missing."
    yield from _limits(known)
    unknown = sum(item.unknown for item in totals.currencies)
    if unknown:
        yield (
            f"The status of {format_count(unknown, 'invoice')} is unknown: they count as billed, also if they are "
            "drafts or voided."
        )
    without = sum(item.bills_without_amount for item in totals.currencies)
    if without:
        yield f"{format_count(without, 'bill has', 'bills have')} no amount, and could not be added."


def _whose(known: list[Provenance]) -> str:
    if all(item.settings.get("subscriptions") == "all" for item in known):
        return "the organisation"
    return "those that were asked for"


def _limits(known: list[Provenance]) -> Iterator[str]:
    """Yield what was not asked for, and so may be missing."""
    names = (
        ("from", "Only periods that began at {} or later were exported."),
        ("to", "Only periods that began before {} were exported."),
        ("periods", "Only the newest {} periods of each subscription were exported."),
        ("metric", "Only usage of the metric {} was exported; the bills are whole."),
    )
    for name, sentence in names:
        values = sorted({str(item.settings[name]) for item in known if item.settings.get(name) is not None})
        if values:
            yield sentence.format(", ".join(_shown(value) for value in values))


def _shown(value: str) -> str:
    try:
        return _time(datetime.fromisoformat(value)) if "T" in value else printable(value, 40)
    except ValueError:
        return printable(value, 40)


def _time(time: datetime) -> str:
    return f"{time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _moments(totals: Totals) -> Iterator[str]:
    began = [item.began for item in totals.provenance if item.began is not None]
    latest = [item.latest for item in totals.provenance if item.latest is not None]
    if not began or not latest:
        yield "Unknown."
        return
    first, last = _time(min(began)), _time(max(latest))
    yield f"Fetched at {first}." if first == last else f"Fetched from {first} to {last}."
    yield "What was billed or used later is not in it."
