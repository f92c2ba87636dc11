"""What every model is made of: the two decorators, ``UNSET``, open enumerations, JSON values and timestamps."""

from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, TypeVar, dataclass_transform, get_origin

import attrs
from msgspec import UNSET, Meta, UnsetType

__all__ = ["UNSET", "Json", "Open", "Timestamp", "UnsetType"]

_T = TypeVar("_T")


if TYPE_CHECKING:
    Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
    # An enumeration that a newer server may extend: the known values for the type checkers and editors ...
    Open: TypeAlias = _T | str
else:
    Json = Any

    class Open:
        """... and any text at run time, because a response must not be lost for a value that is new."""

        def __class_getitem__(cls, known: object) -> type[str]:
            return str


# The server sends UTC with `Z`, or an offset. A naive time is refused when writing; when reading it goes to the
# tolerant reader, which takes it as UTC.
Timestamp = Annotated[datetime, Meta(tz=True)]


def _absent_defaults(_: type, fields: "list[attrs.Attribute[Any]]") -> "list[attrs.Attribute[Any]]":
    """Let every field of a response be absent: a list becomes empty, all else None."""
    return [
        field.evolve(default=attrs.Factory(list) if get_origin(field.type) is list else None)
        if field.default is attrs.NOTHING
        else field
        for field in fields
    ]


def _unset_defaults(cls: type, fields: "list[attrs.Attribute[Any]]") -> "list[attrs.Attribute[Any]]":
    """Hold every optional field of an input to ``UNSET``, so that nothing is sent that was not given."""
    for field in fields:
        if field.default not in (attrs.NOTHING, UNSET):
            raise TypeError(f"{cls.__name__}.{field.name}: an input field is required or UNSET, nothing else")
    return fields


@dataclass_transform(kw_only_default=True, field_specifiers=(attrs.field,))
def response_model(cls: type[_T], /) -> type[_T]:
    """Make a class of typed names the model of something that the server sends.

    Every field may be missing at run time, whatever its annotation: an older server does not know it yet, a newer one
    no longer. The annotation says what the server is known to send.
    """
    return _model(cls, _absent_defaults)


@dataclass_transform(kw_only_default=True, field_specifiers=(attrs.field,))
def input_model(cls: type[_T], /) -> type[_T]:
    """Make a class of typed names the model of something that is sent: ``UNSET`` is left out, None is sent as null."""
    return _model(cls, _unset_defaults)


def _model(cls: type[_T], field_transformer: Any) -> type[_T]:
    # No slot for weak references saves 8 bytes an object; one repr for all saves a quarter of a class's definition.
    define = attrs.define(kw_only=True, weakref_slot=False, repr=False, field_transformer=field_transformer)
    model: type[_T] = define(cls)
    setattr(model, "__repr__", _show)  # noqa: B010 - it is no attribute that a type checker would let us assign
    return model


def _show(self: Any) -> str:
    """What an object has: fields that are absent, or were not given, are left out."""
    shown: list[str] = []
    model: type[Any] = self.__class__
    for field in attrs.fields(model):
        value = getattr(self, field.name)
        if value != ([] if isinstance(field.default, _FACTORY) else field.default):
            shown.append(f"{field.name}={value!r}")
    return f"{model.__name__}({', '.join(shown)})"


_FACTORY: Any = attrs.Factory
