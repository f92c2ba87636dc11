"""The schema of a model for pydantic, so that FastAPI and fields of pydantic models take our models as they are.

Nothing here needs pydantic to be installed: pydantic calls `schema_of` through the method that it looks for.
"""

from __future__ import annotations

import inspect
from datetime import date, datetime
from types import NoneType
from typing import TYPE_CHECKING, Annotated, Any, Union, cast, get_args, get_origin

import attrs
from msgspec import Meta, UnsetType

from lago_async._datetimes import NAIVE
from lago_async._plain_json import is_input, plain_json

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
    from pydantic.json_schema import JsonSchemaValue
    from pydantic_core import CoreSchema

__all__ = ["json_schema_of", "schema_of"]


def schema_of(model: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
    """Return the schema: an instance is taken as it is, and a mapping is checked field by field.

    A response may lack any field, as when it comes from an older server, and unknown fields are ignored. An input must
    have what a request must have, and an unknown field is refused.
    """
    from pydantic_core import core_schema

    strict = is_input(model)
    declared = attrs.fields(attrs.resolve_types(model))
    fields = core_schema.typed_dict_schema(
        {
            field.name: core_schema.typed_dict_field(
                handler.generate_schema(_hint_for_pydantic(field.type)), required=field.default is attrs.NOTHING
            )
            for field in declared
        },
        extra_behavior="forbid" if strict else "ignore",
    )
    aliases = {field.name: str(field.alias) for field in declared}

    def validate(value: object, check: Callable[[object], object]) -> object:
        if isinstance(value, model):
            return value
        if not strict and isinstance(value, dict):  # null is read like a missing field
            given = cast("dict[object, object]", value)
            value = {name: member for name, member in given.items() if member is not None}
        members = cast("dict[str, object]", check(value))
        return model(**{aliases[name]: member for name, member in members.items()})

    return core_schema.no_info_wrap_validator_function(
        validate,
        fields,
        ref=f"{model.__module__}.{model.__qualname__}:{id(model)}",
        serialization=core_schema.plain_serializer_function_ser_schema(plain_json),
    )


def json_schema_of(model: Any, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
    """Return the JSON schema, with the name and the description of the model.

    The JSON that a response is written to has every field; the JSON that it is read from needs none.
    """
    json = handler(schema)
    described = handler.resolve_ref_schema(json)
    described["title"] = model.__name__
    described["description"] = inspect.getdoc(model) or ""
    if handler.mode == "serialization" and not is_input(model):
        described["required"] = [field.name for field in attrs.fields(model)]
    return json


def _hint_for_pydantic(hint: Any) -> Any:
    """Return the hint of a field as pydantic knows it: without ``UNSET``, and times with a time zone."""
    if get_origin(hint) is Annotated:
        inner, *notes = get_args(hint)
        return _annotated(inner, [note for note in notes if isinstance(note, Meta)])
    members = get_args(hint)
    if UnsetType in members:
        kept = [_hint_for_pydantic(member) for member in members if member is not UnsetType]
        return Union[tuple(kept)]  # noqa: UP007 - the members are run-time values
    if NoneType in members:
        return Union[tuple(map(_hint_for_pydantic, members))]  # noqa: UP007 - likewise
    return hint


def _annotated(inner: Any, notes: list[Meta]) -> Any:
    from pydantic import AwareDatetime, BeforeValidator

    if any(note.pattern is not None for note in notes):  # the text of a date or a datetime
        return AwareDatetime | Annotated[date, BeforeValidator(_without_time)]
    return AwareDatetime if any(note.tz for note in notes) else inner


def _without_time(value: object) -> object:
    """Refuse a time where a day is read: pydantic would take a midnight without a time zone for the day."""
    if isinstance(value, datetime) or (isinstance(value, str) and len(value) > len("2026-01-31")):
        raise ValueError(NAIVE)
    return value
