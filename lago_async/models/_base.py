"""The parts of every model: the decorators, ``UNSET``, open enumerations, JSON values and timestamps."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar, dataclass_transform, get_origin

import attrs
from msgspec import UNSET, Meta, UnsetType

from lago_async._datetime_hints import are_replaced, with_real_classes
from lago_async.models._date_or_datetime import as_text, takes_date_or_datetime

__all__ = ["UNSET", "Json", "Open", "Timestamp", "UnsetType"]

_T = TypeVar("_T")


if TYPE_CHECKING:
    Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
    # An enumeration that a newer server may extend. Type checkers and editors see the known values ...
    Open: TypeAlias = _T | str
else:
    Json = Any

    class Open:
        """... and any text is accepted at run time, because a new value must not make a response unreadable."""

        def __class_getitem__(cls, known: object) -> type[str]:
            return str


# The server sends UTC with `Z`, or an offset. Writing a naive time raises; reading one falls back to the tolerant
# reader, which takes it as UTC.
if TYPE_CHECKING:
    Timestamp = Annotated[datetime, Meta(tz=True)]
else:
    Timestamp = with_real_classes(Annotated[datetime, Meta(tz=True)])


_IDS = {"lago_id": 0, "external_id": 1}


def _absent_defaults(_: type, fields: "list[attrs.Attribute[Any]]") -> "list[attrs.Attribute[Any]]":
    """Give every field of a response a default: an empty list for a list, None for everything else.

    The repr shows the ids of the object first, although the fields of a base class come before those of a class.
    """
    return [
        field.evolve(default=attrs.Factory(list) if get_origin(field.type) is list else None)
        if field.default is attrs.NOTHING
        else field
        for field in sorted(fields, key=lambda field: _IDS.get(field.name, len(_IDS)))
    ]


def _unset_defaults(cls: type, fields: "list[attrs.Attribute[Any]]") -> "list[attrs.Attribute[Any]]":
    """Check that every optional field of an input defaults to ``UNSET``, so that only the given fields are sent.

    A field that takes a date or a datetime keeps its text.
    """
    for field in fields:
        if field.default not in (attrs.NOTHING, UNSET):
            raise TypeError(f"{cls.__name__}.{field.name}: an input field is required or UNSET, nothing else")
    return [field.evolve(converter=as_text) if takes_date_or_datetime(field.type) else field for field in fields]


@dataclass_transform(kw_only_default=True, field_specifiers=(attrs.field,))
def response_model(cls: type[_T], /) -> type[_T]:
    """Turn a class of annotations into a model of an object that the server sends.

    Any field may be missing at run time, even if its annotation does not allow None: an older server may not know it
    yet, and a newer one may have dropped it. The annotation says what known servers send. A number that the annotated
    type cannot hold, such as a part of a cent in an ``int``, is a ``Decimal`` at run time, and is logged.
    """
    return _model(cls, _absent_defaults)


@dataclass_transform(kw_only_default=True, field_specifiers=(attrs.field,))
def camel_case_response_model(cls: type[_T], /) -> type[_T]:
    """Turn a class of annotations into a response model whose names the server spells in camel case.

    The attributes of the class are ``add_ons``, and those of attrs are ``addOns``: all readers use the names of attrs.
    """
    spellings = {name: camel_case(name) for name in cls.__annotations__}
    cls.__annotations__ = {spellings[name]: hint for name, hint in cls.__annotations__.items()}

    def in_snake_case(model: type, fields: "list[attrs.Attribute[Any]]") -> "list[attrs.Attribute[Any]]":
        names = {spelling: name for name, spelling in spellings.items()}
        return [field.evolve(alias=names[field.name]) for field in _absent_defaults(model, fields)]

    model = _model(cls, in_snake_case)
    for name, spelling in spellings.items():
        setattr(model, name, getattr(model, spelling))  # a second name for the same slot
    return model


def camel_case(name: str) -> str:
    """Return ``addOns`` for ``add_ons``."""
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


@dataclass_transform(kw_only_default=True, field_specifiers=(attrs.field,))
def input_model(cls: type[_T], /) -> type[_T]:
    """Turn a class of annotations into a model of an object to send: ``UNSET`` is omitted, None is sent as null."""
    return _model(cls, _unset_defaults)


def _model(cls: type[_T], field_transformer: Any) -> type[_T]:
    if are_replaced():
        cls.__annotations__ = {name: with_real_classes(hint) for name, hint in cls.__annotations__.items()}
    # Leaving out the slot for weak references saves 8 bytes per object; one shared repr saves a quarter of the time
    # that defining a class takes.
    define = attrs.define(kw_only=True, weakref_slot=False, repr=False, field_transformer=field_transformer)
    model: type[_T] = define(cls)
    for name, method in _METHODS.items():
        setattr(model, name, method)
    return model


def _show(self: Any) -> str:
    """Return the repr: the fields that do not have their default. It hides the values of those with ``repr=False``."""
    shown: list[str] = []
    model: type[Any] = self.__class__
    for field in attrs.fields(model):
        value = getattr(self, field.name)
        if value != ([] if isinstance(field.default, _FACTORY) else field.default):
            shown.append(f"{field.alias}={value!r}" if field.repr else f"{field.alias}=<hidden>")
    return f"{model.__name__}({', '.join(shown)})"


_FACTORY: Any = attrs.Factory


def _pydantic_schema(cls: Any, _source: Any, handler: Any) -> Any:
    """Return the schema for pydantic, which alone calls this."""
    from lago_async._pydantic import schema_of

    return schema_of(cls, handler)


def _pydantic_json_schema(cls: Any, schema: Any, handler: Any) -> Any:
    from lago_async._pydantic import json_schema_of

    return json_schema_of(cls, schema, handler)


_METHODS: Any = {
    "__repr__": _show,
    "__get_pydantic_core_schema__": classmethod(_pydantic_schema),
    "__get_pydantic_json_schema__": classmethod(_pydantic_json_schema),
}
"""The methods of every model. No name of a field can be one of these."""
