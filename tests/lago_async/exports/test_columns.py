"""Every list of the table has columns from its model, and any of its objects fits into every format."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_origin

import attrs
import pyarrow.parquet as pq
import pytest

from lago_async import ENDPOINTS, to_dict
from lago_async._codec.hints import unless_null
from lago_async.exports._columns import column_type, model_of, schema_of
from lago_async.exports._request import is_list, list_name
from lago_async.exports._rows import RowMaker
from lago_async.usage._columns import EXACT
from lago_async.usage._export.disk import Disk
from lago_async.usage._export.spool import Spool
from lago_async.usage._formats.choice import format_of
from lago_async.usage._paths import ExportPaths

LISTS = [name for name, endpoint in ENDPOINTS.items() if is_list(endpoint)]

TIME = datetime(2025, 1, 31, 23, 59, 59, 123456, tzinfo=UTC)
VALUES: dict[str, Any] = {
    "text": '=a;"b"\nc',
    "integer": 7,
    "decimal": Decimal("0.1"),
    "number": 0.25,
    "boolean": True,
    "timestamp": TIME,
    "date": date(2025, 1, 31),
}


def example(model: Any, depth: int = 0) -> Any:
    """Return an object with a value in every field, and objects in it two levels deep."""
    attrs.resolve_types(model)
    return model(**{field.alias: value_of(field.type, depth) for field in attrs.fields(model)})


def value_of(hint: Any, depth: int) -> Any:
    inner = unless_null(hint)
    if attrs.has(inner):
        return example(inner, depth + 1) if depth < 2 else None
    if get_origin(inner) is list:
        item = value_of(get_args(inner)[0], depth)
        return [] if item is None else [item]
    kind = column_type(inner)
    return VALUES.get(kind, {"key": "värde"})


def test_there_are_lists_and_each_has_a_name_of_its_own() -> None:
    assert {"find_all_invoices", "find_all_fees", "find_all_wallets", "find_all_customers"} <= set(LISTS)
    assert len(LISTS) > 55
    assert len({list_name(name) for name in LISTS}) == len(LISTS)


def test_every_list_has_columns_that_every_format_holds(tmp_path: Path) -> None:
    for name in LISTS:
        endpoint = ENDPOINTS[name]
        schema = schema_of(endpoint, list_name(name))
        assert EXACT.name not in schema.names
        model = model_of(endpoint)
        assert schema.names == tuple(field.name for field in attrs.fields(model))
        maker, item = RowMaker(schema, model.__name__), example(model)
        empty = model(**dict.fromkeys(field.alias for field in attrs.fields(model)))
        rows = [maker.row(item), maker.row(empty)]
        assert maker.key(item) == maker.key(example(model)) != maker.key(empty)
        written = [json.loads(line) for line in format_of("ndjson", schema).encode(rows).splitlines()]
        full = to_dict(item)
        for column in schema.columns:
            found, sent = written[0][column.name], full[column.name]
            assert found == sent or column.type in {"timestamp", "decimal"}, (name, column)
            assert written[1][column.name] is None
        plain = format_of("csv", schema, raw_text=True)
        cells = list(csv.DictReader(io.StringIO((plain.begin() + plain.encode(rows)).decode(), newline="")))
        for column in schema.columns:
            expected = written[0][column.name]
            cell = cells[0][column.name]
            if column.type in {"json", "boolean", "number", "integer"}:
                assert json.loads(cell) == expected
            else:
                assert cell == expected
            assert cells[1][column.name] == ""
        read = parquet(tmp_path / f"{name}.parquet", schema, rows)
        for column in schema.columns:
            value = read[0][column.name]
            expected = getattr(item, column.name)
            assert (json.loads(value) == full[column.name]) if column.type == "json" else value == expected
            assert read[1][column.name] is None
        assert read[0]["exact"] is None


def parquet(path: Path, schema: Any, rows: list[Any]) -> list[dict[str, Any]]:
    form = format_of("parquet", schema)
    spool = Spool(ExportPaths(path), form, Disk())
    spool.append([form.encode(rows)])
    spool.publish(lambda mark: None)
    read: list[dict[str, Any]] = pq.read_table(path).to_pylist()
    return read


@pytest.mark.parametrize("name", ["csv", "ndjson", "parquet"])
def test_a_number_that_its_type_cannot_hold_keeps_all_its_digits(name: str, tmp_path: Path) -> None:
    endpoint = ENDPOINTS["find_all_invoices"]
    schema = schema_of(endpoint, "invoices")
    item = example(model_of(endpoint))
    object.__setattr__(item, "total_amount_cents", Decimal("98765.4"))
    object.__setattr__(item, "version_number", 10**30)
    row = RowMaker(schema, "Invoice").row(item)
    if name == "parquet":
        (read,) = parquet(tmp_path / "invoices.parquet", schema, [row])
        assert (read["total_amount_cents"], read["version_number"]) == (None, None)
        assert json.loads(read["exact"]) == {"total_amount_cents": "98765.4", "version_number": str(10**30)}
        return
    form = format_of(name, schema)
    text = (form.begin() + form.encode([row])).decode()
    if name == "ndjson":
        found = json.loads(text)
        assert (found["total_amount_cents"], found["version_number"]) == ("98765.4", 10**30)
        assert isinstance(found["fees"], list)
    else:
        (cells,) = csv.DictReader(io.StringIO(text, newline=""))
        assert (cells["total_amount_cents"], cells["version_number"]) == ("98765.4", str(10**30))
