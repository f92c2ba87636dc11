"""The columns of a list: one per field of the model of its objects."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, get_args, get_origin

import attrs

from lago_async._codec.hints import unless_null
from lago_async._datetime_hints import with_real_classes
from lago_async.usage._columns import Column, ColumnType, TableSchema

if TYPE_CHECKING:
    from lago_async._table.endpoint import Endpoint

_TYPES: Final[dict[Any, ColumnType]] = {
    str: "text",
    Literal: "text",
    bool: "boolean",
    int: "integer",
    float: "number",
    Decimal: "decimal",
    with_real_classes(datetime): "timestamp",
    with_real_classes(date): "date",
}

_DESCRIPTIONS: Final[dict[ColumnType, str]] = {
    "text": "text",
    "integer": "an integer",
    "decimal": "a decimal with all its digits",
    "number": "a number",
    "boolean": "true or false",
    "timestamp": "a time in UTC",
    "date": "a day",
    "json": "JSON: an object, a list, or any value",
}


def model_of(endpoint: Endpoint) -> Any:
    """Return the model of the objects in a list."""
    (model,) = get_args(endpoint.returns)
    return model


def schema_of(endpoint: Endpoint, stem: str) -> TableSchema:
    """Return the columns of a list.

    Args:
        endpoint: The list operation.
        stem: The name of a file in a folder.
    """
    model = model_of(endpoint)
    attrs.resolve_types(model)
    columns = tuple(
        Column(field.name, kind, nullable=True, description=_DESCRIPTIONS[kind])
        for field in attrs.fields(model)
        for kind in (column_type(field.type),)
    )
    # A file that a version of this library with other models has begun is not continued with these columns.
    version = blake2b(repr([(column.name, column.type) for column in columns]).encode(), digest_size=6).hexdigest()
    return TableSchema(stem=stem, columns=columns, version=version, json_values=True, microseconds=True)


def column_type(hint: Any) -> ColumnType:
    """Return the type of the column of a field; everything except single values is JSON."""
    inner = unless_null(hint)
    if get_origin(inner) is Annotated:
        inner = get_args(inner)[0]
    return _TYPES.get(with_real_classes(get_origin(inner) or inner), "json")
