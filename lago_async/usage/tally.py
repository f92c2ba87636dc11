"""What finished exports add up to: bills by customer and month, usage by metric, each currency for itself."""

from __future__ import annotations

import csv
import importlib
import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType, ModuleType

# pyarrow has no types of its own; what this module hands out has.
from typing import Any, cast

import attrs

from lago_async.errors import LagoError

__all__ = ["CurrencyTally", "CustomerTally", "MetricTally", "MonthTally", "Move", "ReportError", "Tally", "tally"]

MOST_MONTHS = 60
MOST_CUSTOMERS = 20
MOST_METRICS = 12
MOST_MOVES = 8

# In the order in which a folder that holds one export in several formats is read: the fastest first.
FORMATS = MappingProxyType({".parquet": "parquet", ".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson"})

_TEXT = (
    "external_customer_id",
    "external_subscription_id",
    "lago_invoice_id",
    "currency",
    "billable_metric_code",
    "billable_metric_name",
    "amount_currency",
)
_MOMENTS = ("from_datetime", "to_datetime")
_WHOLE = ("period_total_amount_cents", "events_count", "amount_cents")
_COLUMNS = (*_TEXT, *_MOMENTS, *_WHOLE, "units")
_NEVER_NULL = ("external_customer_id", "external_subscription_id")

_PERIOD = ("external_customer_id", "external_subscription_id", "lago_invoice_id", "from_datetime", "currency")
_METRIC = ("amount_currency", "billable_metric_code")

_BLOCK, _LARGEST_BLOCK = 4 << 20, 1 << 30
_BATCH_ROWS = 1 << 16
_READ_AHEAD = 4
_PARTIAL_ROWS = 1 << 19

_UNITS_DIGITS = 38  # on each side of the point
_UNITS = Context(prec=2 * _UNITS_DIGITS, rounding=ROUND_HALF_EVEN)
_UNITS_STEP = Decimal(1).scaleb(-_UNITS_DIGITS)


class ReportError(LagoError):
    """No report can be made: of these files, or in this environment; the message names the remedy."""


@attrs.frozen
class MonthTally:
    """One month, by the day on which the billed periods began, in UTC.

    Attributes:
        month: Months since the year 0: ``12 * year + month - 1``.
        full: False if the export ends before the month does.
    """

    month: int
    billed: int
    bills: int
    full: bool


@attrs.frozen
class CustomerTally:
    """What one customer was billed, in all and in each of ``CurrencyTally.months``."""

    external_customer_id: str
    billed: int
    bills: int
    by_month: tuple[int, ...]


@attrs.frozen
class Move:
    """What one customer was billed in the last full month, and in the one before it."""

    external_customer_id: str
    before: int
    after: int


@attrs.frozen
class MetricTally:
    """Usage of one billable metric, without taxes; ``code`` is None for usage that names no metric."""

    code: str | None
    name: str | None
    amount: int
    units: Decimal
    events: int


@attrs.frozen
class CurrencyTally:
    """All that was billed in one currency, in its smallest unit.

    Attributes:
        currency: The code; empty where the export has none.
        billed: All bills, taxes included.
        customers: How many customers have a bill with an amount.
        bills: How many bills have an amount; the others are counted by ``bills_without_amount``.
        undated: What was billed for periods without a beginning.
        months: Every month from the first to the last, the latest 60 of them; what was billed earlier is ``earlier``.
        largest: The customers billed most.
        moves: The customers that grew most and those that shrank most, between the last two full months.
        used: Usage of all metrics; ``metrics`` are the largest of ``metrics_count``.
    """

    currency: str
    billed: int
    customers: int
    bills: int
    bills_without_amount: int
    undated: int
    earlier: int
    months: tuple[MonthTally, ...]
    largest: tuple[CustomerTally, ...]
    growing: tuple[Move, ...]
    shrinking: tuple[Move, ...]
    used: int
    metrics: tuple[MetricTally, ...]
    metrics_count: int


@attrs.frozen
class Tally:
    """What the exports hold, in all and by currency, the one with most bills first.

    Attributes:
        running: How many of the periods are on no invoice, as those of current usage are.
    """

    files: tuple[Path, ...]
    rows: int
    customers: int
    subscriptions: int
    periods: int
    running: int
    shared_bills: int
    months: tuple[int, ...]
    currencies: tuple[CurrencyTally, ...]


def tally(sources: Sequence[Path]) -> Tally:
    """Read exports once, batch by batch, and add them up; memory grows with their periods, not with their rows.

    Raises:
        ReportError: A source is no export, or two of them hold the same period.
    """
    pa, pc = needed("pyarrow"), needed("pyarrow.compute")
    files = export_files(sources)
    rows = 0
    per_file: list[Any] = []
    metrics: list[Any] = []
    for number, file in enumerate(files):
        count, file_periods, file_metrics = _read_with_room(file)
        rows += count
        source = pa.repeat(pa.scalar(number, pa.int32()), file_periods.num_rows)
        per_file.append(file_periods.append_column("source", source))
        metrics.append(file_metrics)

    if len(files) > 1:
        periods = _group(
            pa.concat_tables(per_file), _PERIOD, total=("total", "max"), until=("until", "max"),
            source=("source", "min"), last_source=("source", "max"),
        )  # fmt: skip
        _refuse_twice(periods, files)
    else:
        (periods,) = per_file
    del per_file

    customers = _group(periods, ("external_customer_id",)).num_rows
    subscriptions = _group(periods, ("external_customer_id", "external_subscription_id")).num_rows
    bills, shared_bills = _bills(periods)
    until: datetime | None = pc.max(periods["until"]).as_py()
    metric_totals = _metric_totals(pa.concat_tables(metrics))
    codes = {code or "" for table in (bills, metric_totals) for code in pc.unique(table["currency"]).to_pylist()}
    currencies = [_currency(code, bills, metric_totals, _months_ended(until)) for code in codes]
    # By bills: amounts of two currencies cannot be compared.
    currencies.sort(key=lambda one: (-one.bills, -one.metrics_count, one.currency))
    return Tally(
        files=tuple(files),
        rows=rows,
        customers=customers,
        subscriptions=subscriptions,
        periods=periods.num_rows,
        running=periods["lago_invoice_id"].null_count,
        shared_bills=shared_bills,
        months=tuple(sorted(pc.unique(bills["month"].drop_null()).to_pylist())),
        currencies=tuple(currencies),
    )


# --- which files ------------------------------------------------------------------------------------------------------


def export_files(sources: Sequence[Path]) -> list[Path]:
    """The files to read: those given, and in a folder all exports, once where one is there in several formats."""
    files: list[Path] = []
    for source in sources:
        if source.is_dir():
            found: dict[str, Path] = {}
            for suffix in FORMATS:
                for file in sorted(source.glob(f"*{suffix}")):
                    # An export lists its failures in such a file; all else that it keeps ends in something else.
                    failures = f".{file.stem}".endswith(".failures")
                    if file.is_file() and not failures and not file.name.startswith("."):
                        found.setdefault(file.stem, file)
            if not found:
                raise ReportError(f"{source}: no export in this folder; expected files that end in {_endings()}")
            files += [found[stem] for stem in sorted(found)]
        elif not source.exists():
            raise ReportError(
                f"{source}: no such file; make it with `python -m lago_async usage export --out {source}`"
            )
        elif source.suffix.lower() not in FORMATS:
            raise ReportError(f"{source}: not an export; the name of an export ends in {_endings()}")
        else:
            files.append(source)
    if not files:
        raise ReportError("no export was given; name one or several files, or a folder of them")
    seen: set[Path] = set()
    for file in files:
        if (real := file.resolve()) in seen:
            raise ReportError(f"{file} was given twice; name it once")
        seen.add(real)
    return files


def _endings() -> str:
    return ", ".join(FORMATS)


# --- reading ----------------------------------------------------------------------------------------------------------


def needed(name: str) -> ModuleType:
    """A module of the extra `report`, imported when it is first needed."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        package = name.partition(".")[0]
        raise ReportError(
            f"a report needs {package}, which is not installed: pip install 'lago-async[report]'"
        ) from error


def _read_with_room(file: Path) -> tuple[int, Any, Any]:
    """Add up one file; a row that is larger than a block makes it begin again with larger ones."""
    pa = needed("pyarrow")
    block = _BLOCK
    while True:
        try:
            return _read(file, block)
        except pa.ArrowException as error:
            if "straddling" in str(error) and block < _LARGEST_BLOCK:
                block *= 16
                continue
            raise _no_export(file, _first_line(error)) from error
        except UnicodeDecodeError as error:
            raise _no_export(file, "it is not text in UTF-8") from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _no_export(file: Path, why: str) -> ReportError:
    return ReportError(f"{file}: cannot be read as an export ({why}); export it again, or leave it out")


def _read(file: Path, block: int) -> tuple[int, Any, Any]:
    """The number of rows, the periods, and usage by metric."""
    read: Callable[[Path, int], Iterator[Any]]
    read = {"parquet": _parquet, "csv": _csv, "ndjson": _ndjson}[FORMATS[file.suffix.lower()]]
    pa = needed("pyarrow")
    rows = 0
    periods = _Partials(_periods, _PERIOD, total=("total", "max"), until=("until", "max"))
    metrics = _Partials(
        _metrics, _METRIC, currency=("currency", "max"), name=("name", "max"), units=("units", "sum"),
        events=("events", "sum"), amount=("amount", "sum"),
    )  # fmt: skip
    for batch in read(file, block):
        columns = _columns(file, batch)
        table = pa.table(columns)
        rows += table.num_rows
        periods.add(table)
        metrics.add(table)
    if not rows:
        empty = pa.table({name: pa.array([], kind) for name, kind in _kinds(text=False).items()})
        periods.add(empty)
        metrics.add(empty)
    return rows, periods.whole(), metrics.whole()


def _kinds(*, text: bool) -> dict[str, Any]:
    """The columns that are read, and their types: as they stand in text, or as they are worked with."""
    pa = needed("pyarrow")
    kinds: dict[str, Any] = dict.fromkeys(_COLUMNS, pa.string())
    kinds.update(dict.fromkeys(_WHOLE, pa.int64()))
    if not text:
        kinds.update(dict.fromkeys(_MOMENTS, pa.timestamp("s")))
        kinds["units"] = pa.decimal256(2 * _UNITS_DIGITS, _UNITS_DIGITS)
    return kinds


def _ndjson(file: Path, block: int) -> Iterator[Any]:
    pa, pajson, dataset = needed("pyarrow"), needed("pyarrow.json"), needed("pyarrow.dataset")
    with file.open("rb") as lines:
        first = next((line for line in lines if line.strip()), b"")
    if not first:
        return
    try:
        row: Any = json.loads(first)
    except ValueError as error:
        raise _no_export(file, "its first line is not JSON") from error
    _require(file, list(cast("dict[str, Any]", row)) if isinstance(row, dict) else [])
    kinds = _kinds(text=True)
    schema = pa.schema(list(kinds.items()))
    fragment = dataset.JsonFileFormat(
        read_options=pajson.ReadOptions(block_size=block),
        parse_options=pajson.ParseOptions(explicit_schema=schema, unexpected_field_behavior="ignore"),
    ).make_fragment(str(file), filesystem=needed("pyarrow.fs").LocalFileSystem())
    yield from fragment.scanner(schema=schema, columns=list(kinds), batch_readahead=_READ_AHEAD).to_batches()


def _csv(file: Path, block: int) -> Iterator[Any]:
    pacsv = needed("pyarrow.csv")
    with file.open(encoding="utf-8", newline="") as lines:
        header = next(csv.reader(lines), None)
    if header is None:
        return
    _require(file, header)
    kinds = _kinds(text=True)
    yield from pacsv.open_csv(
        str(file),
        read_options=pacsv.ReadOptions(block_size=block),
        parse_options=pacsv.ParseOptions(newlines_in_values=True),
        convert_options=pacsv.ConvertOptions(
            include_columns=list(kinds), column_types=kinds, null_values=[""], strings_can_be_null=True
        ),
    )


def _parquet(file: Path, _block: int) -> Iterator[Any]:
    with needed("pyarrow.parquet").ParquetFile(str(file)) as parquet:
        names = parquet.schema_arrow.names
        _require(file, names)
        columns = [*_COLUMNS, *({"exact"}.intersection(names))]
        yield from parquet.iter_batches(batch_size=_BATCH_ROWS, columns=columns)


def _require(file: Path, found: Sequence[str]) -> None:
    missing = [name for name in _COLUMNS if name not in found]
    if missing:
        raise _no_export(file, f"it lacks the columns {', '.join(missing)}")


def _columns(file: Path, batch: Any) -> dict[str, Any]:
    """The columns of one batch, each of the type it is worked with."""
    pa = needed("pyarrow")
    kinds = _kinds(text=False)
    columns: dict[str, Any] = {}
    for name in _COLUMNS:
        column = batch.column(name)
        if name in _MOMENTS:
            # By way of UTC's seconds: calendar functions on a type with a zone look for the system's zone files.
            column = column.cast(pa.timestamp("s", "UTC")).cast(pa.int64()).cast(kinds[name])
        elif name == "units":
            column = _exact_units(batch, column)
        elif not column.type.equals(kinds[name]):
            column = column.cast(kinds[name])
        columns[name] = column
    for name in _NEVER_NULL:
        if columns[name].null_count:
            raise _no_export(file, f"a row has no {name}")
    return columns


def _exact_units(batch: Any, column: Any) -> Any:
    """Units with all their digits, rounded half even where there are more than can be."""
    pa = needed("pyarrow")
    kind = pa.decimal256(2 * _UNITS_DIGITS, _UNITS_DIGITS)
    exact: list[str | None] = batch.column("exact").to_pylist() if "exact" in batch.schema.names else []
    if not any(exact) and not _may_wrap_around(column):
        try:
            return column.cast(kind)
        except pa.ArrowInvalid:  # one value has more digits; the others are kept too, by the slower way below
            pass
    values: list[Decimal | None] = []
    for position, value in enumerate(column.to_pylist()):
        more = exact[position] if exact else None
        text: Any = json.loads(more).get("units", value) if more else value
        try:
            values.append(None if text is None else Decimal(text).quantize(_UNITS_STEP, context=_UNITS))
        except InvalidOperation as error:
            raise pa.ArrowInvalid(
                f"units are not a decimal of at most {_UNITS_DIGITS} digits before the point: {text!r}"
            ) from error
    return pa.array(values, kind)


def _may_wrap_around(column: Any) -> bool:
    """Whether it has a text so long that Arrow's cast might take it for another number, see `formats`."""
    pa, pc = needed("pyarrow"), needed("pyarrow.compute")
    if not pa.types.is_string(column.type):
        return False
    longest: int | None = pc.max(pc.utf8_length(column)).as_py()
    return longest is not None and longest > _UNITS_DIGITS


# --- adding up --------------------------------------------------------------------------------------------------------


def _group(table: Any, keys: Sequence[str], **results: tuple[str, str]) -> Any:
    """Group a table by its keys; each result is named after what it is made of: ``total=("cents", "sum")``.

    On one thread: the order of the groups is that of their first rows then, each time.
    """
    grouped = table.group_by(list(keys), use_threads=False).aggregate(list(results.values()))
    return grouped.select([*keys, *(f"{column}_{how}" for column, how in results.values())]).rename_columns(
        [*keys, *results]
    )


class _Partials:
    """Groups of many batches, put together whenever they have become many."""

    def __init__(self, first: Callable[[Any], Any], keys: Sequence[str], **results: tuple[str, str]) -> None:
        self._first = first
        self._keys = keys
        self._results = results
        self._tables: list[Any] = []
        self._rows = 0
        self._most = _PARTIAL_ROWS

    def add(self, table: Any) -> None:
        partial = _group(self._first(table), self._keys, **self._results)
        self._tables.append(partial)
        self._rows += partial.num_rows
        if self._rows > self._most:
            self._tables = [self.whole()]
            self._rows = self._tables[0].num_rows
            self._most = _PARTIAL_ROWS + 2 * self._rows

    def whole(self) -> Any:
        return _group(needed("pyarrow").concat_tables(self._tables), self._keys, **self._results)


def _periods(table: Any) -> Any:
    """What a period says of itself on each of its rows."""
    return table.select([*_PERIOD, "period_total_amount_cents", "to_datetime"]).rename_columns(
        [*_PERIOD, "total", "until"]
    )


def _metrics(table: Any) -> Any:
    """Usage; a row of a period without charges has none."""
    pa, pc = needed("pyarrow"), needed("pyarrow.compute")
    usage = table.filter(pc.or_(pc.is_valid(table["billable_metric_code"]), pc.is_valid(table["amount_cents"])))
    currency = pc.coalesce(usage["amount_currency"], usage["currency"])
    return pa.table(
        {
            "amount_currency": currency,
            "currency": currency,
            "billable_metric_code": usage["billable_metric_code"],
            "name": usage["billable_metric_name"],
            "units": usage["units"],
            # As decimals: a sum of int64 that is too large goes wrong without a word.
            "events": usage["events_count"].cast(pa.decimal128(38, 0)),
            "amount": usage["amount_cents"].cast(pa.decimal128(38, 0)),
        }
    )


def _metric_totals(table: Any) -> Any:
    return _group(
        table, _METRIC, currency=("currency", "max"), name=("name", "max"), units=("units", "sum"),
        events=("events", "sum"), amount=("amount", "sum"),
    )  # fmt: skip


def _refuse_twice(periods: Any, files: Sequence[Path]) -> None:
    """The same period from two files would count its usage twice."""
    pc = needed("pyarrow.compute")
    twice = periods.filter(pc.not_equal(periods["source"], periods["last_source"]))
    if twice.num_rows:
        row = twice.slice(0, 1).to_pylist()[0]
        raise ReportError(
            f"{files[row['source']]} and {files[row['last_source']]} both hold the period from "
            f"{row['from_datetime']} of subscription {row['external_subscription_id']!r} "
            f"(and {twice.num_rows - 1:,} more): its usage would count twice; give only one of them"
        )


def _bills(periods: Any) -> tuple[Any, int]:
    """One row a bill, and how many of them stand on more than one period.

    Lago gives each period the amounts of its whole invoice, and an invoice may bill several subscriptions of a
    customer: what is added up is the invoice, or the period where there is none.
    """
    pa, pc = needed("pyarrow"), needed("pyarrow.compute")
    moment, invoice = periods["from_datetime"], periods["lago_invoice_id"]
    alone = pc.is_null(invoice)
    nobody = pa.scalar(None, pa.string())
    month = pc.add(pc.multiply(pc.year(moment), 12), pc.subtract(pc.month(moment), 1))
    keyed = pa.table(
        {
            "external_customer_id": periods["external_customer_id"],
            "currency": pc.fill_null(periods["currency"], ""),
            "invoice": invoice,
            "subscription": pc.if_else(alone, periods["external_subscription_id"], nobody),
            "begin": pc.if_else(alone, moment, pa.scalar(None, moment.type)),
            "month": month,
            "total": periods["total"],
        }
    )
    keys = ("external_customer_id", "currency", "invoice", "subscription", "begin")
    bills = _group(keyed, keys, month=("month", "min"), total=("total", "max"), periods=("month", "count"))
    shared = pc.sum(pc.greater(bills["periods"], 1)).as_py() or 0
    total = bills.column_names.index("total")
    return bills.set_column(total, "total", bills["total"].cast(pa.decimal128(38, 0))), shared


def _currency(code: str, all_bills: Any, all_metrics: Any, ended: int) -> CurrencyTally:
    pc = needed("pyarrow.compute")
    in_currency = all_bills.filter(pc.equal(all_bills["currency"], code))
    bills = in_currency.filter(pc.is_valid(in_currency["total"]))
    customers = _group(bills, ("external_customer_id",), billed=("total", "sum"), bills=("total", "count"))
    billed = _sum(customers["billed"])

    of_month = {
        row["month"]: (int(row["billed"]), int(row["bills"]))
        for row in _group(bills, ("month",), billed=("total", "sum"), bills=("total", "count")).to_pylist()
    }
    undated, _ = of_month.pop(None, (0, 0))
    last = max(of_month, default=-1)
    first = max(min(of_month, default=0), last - MOST_MONTHS + 1)
    months = tuple(
        MonthTally(month, *of_month.get(month, (0, 0)), full=month < ended) for month in range(first, last + 1)
    )

    largest = customers.sort_by([("billed", "descending"), ("external_customer_id", "ascending")])
    top = largest.slice(0, MOST_CUSTOMERS)
    theirs = bills.filter(
        pc.is_in(bills["external_customer_id"], value_set=top["external_customer_id"].combine_chunks())
    )
    cells = {
        (row["external_customer_id"], row["month"]): int(row["billed"])
        for row in _group(theirs, ("external_customer_id", "month"), billed=("total", "sum")).to_pylist()
    }
    growing, shrinking = _moves(bills, months)

    metrics = all_metrics.filter(pc.equal(pc.fill_null(all_metrics["currency"], ""), code))
    leading = metrics.sort_by([("amount", "descending"), ("billable_metric_code", "ascending")])
    return CurrencyTally(
        currency=code,
        billed=billed,
        customers=customers.num_rows,
        bills=bills.num_rows,
        bills_without_amount=in_currency.num_rows - bills.num_rows,
        undated=undated,
        earlier=billed - undated - sum(month.billed for month in months),
        months=months,
        largest=tuple(
            CustomerTally(
                row["external_customer_id"],
                int(row["billed"]),
                row["bills"],
                tuple(cells.get((row["external_customer_id"], month.month), 0) for month in months),
            )
            for row in top.to_pylist()
        ),
        growing=growing,
        shrinking=shrinking,
        used=_sum(metrics["amount"]),
        metrics=tuple(
            MetricTally(
                row["billable_metric_code"],
                row["name"],
                int(row["amount"] or 0),
                row["units"] or Decimal(),
                int(row["events"] or 0),
            )
            for row in leading.slice(0, MOST_METRICS).to_pylist()
        ),
        metrics_count=metrics.num_rows,
    )


def _sum(column: Any) -> int:
    return int(needed("pyarrow.compute").sum(column).as_py() or 0)


def _months_ended(until: datetime | None) -> int:
    """The first month whose end the export does not reach; a period ends in the last second before the next one."""
    if until is None:
        return 0
    try:
        after = until + timedelta(seconds=1)
    except OverflowError:
        after = until
    return 12 * after.year + after.month - 1


def _moves(bills: Any, months: Sequence[MonthTally]) -> tuple[tuple[Move, ...], tuple[Move, ...]]:
    """Who grew and who shrank most, in money, between the last two full months."""
    pa, pc = needed("pyarrow"), needed("pyarrow.compute")
    full = [month.month for month in months if month.full]
    if len(full) < 2:
        return (), ()
    nothing = pa.scalar(0, pa.decimal128(38, 0))
    month = pc.fill_null(bills["month"], -1)
    before = pc.if_else(pc.equal(month, full[-2]), bills["total"], nothing)
    after = pc.if_else(pc.equal(month, full[-1]), bills["total"], nothing)
    # A bill is of one month: what it adds to the change is one of the two, or nothing.
    change = pc.if_else(pc.equal(month, full[-2]), pc.negate(bills["total"]), after)
    sides = pa.table({"customer": bills["external_customer_id"], "before": before, "after": after, "change": change})
    sums = _group(sides, ("customer",), before=("before", "sum"), after=("after", "sum"), change=("change", "sum"))

    def most(order: str) -> tuple[Move, ...]:
        found = sums.sort_by([("change", order), ("customer", "ascending")]).slice(0, MOST_MOVES)
        return tuple(
            Move(row["customer"], int(row["before"]), int(row["after"]))
            for row in found.to_pylist()
            if (row["change"] > 0) == (order == "descending") and row["change"]
        )

    return most("descending"), most("ascending")


# --- money ------------------------------------------------------------------------------------------------------------

# Currencies whose smallest unit is not a hundredth (ISO 4217).
_NOT_HUNDREDTHS = (
    (0, "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"),
    (3, "BHD IQD JOD KWD LYD OMR TND"),
    (4, "CLF"),
)
_EXPONENTS = MappingProxyType({code: digits for digits, codes in _NOT_HUNDREDTHS for code in codes.split()})


def exponent(currency: str) -> int:
    """How many decimals a currency has; 0 where it is not known which one it is."""
    return _EXPONENTS.get(currency, 2) if currency else 0
