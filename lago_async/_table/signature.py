"""The reader of a row's signature: path parameters, body, query, and a function that sorts the arguments of a call."""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from types import GenericAlias, NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, cast, get_args, get_origin

import attrs

from lago_async._datetime_hints import with_real_classes
from lago_async._table.query import ParameterType, PositiveInt, QueryParameter

if TYPE_CHECKING:
    from lago_async._table.endpoint import Sorted


@attrs.frozen(kw_only=True)
class Signature:
    """The facts of a row's signature; ``Endpoint`` describes the attributes."""

    path_params: tuple[str, ...]
    query: tuple[QueryParameter, ...]
    body: Any
    body_optional: bool
    siblings: tuple[tuple[str, type], ...]
    returns: Any
    bind: Callable[..., Sorted]


def read_signature(function: Callable[..., Any], *, name: str, path: str, wire: Mapping[str, str]) -> Signature:
    """Read the signature of a stub.

    Args:
        function: The stub, which is a method.
        name: The operation, for errors.
        path: The path, with its parameters in braces.
        wire: Wire names of query parameters that Python spells differently.

    Raises:
        TypeError: The signature breaks a rule of rows.
    """
    hints = typing.get_type_hints(function, localns=_MODELS, include_extras=True)
    signature = inspect.signature(function)
    path_params = tuple(re.findall(r"\{(\w+)\}", path))
    body_name: str | None = None
    body: Any = None
    body_optional = False
    siblings: list[tuple[str, type]] = []
    query: list[QueryParameter] = []
    parameters = list(signature.parameters.values())[1:]
    for parameter in parameters:
        if parameter.name in path_params:
            continue
        if parameter.kind is parameter.POSITIONAL_ONLY:
            body_name, body = parameter.name, _body_of(hints[parameter.name])
            body_optional = parameter.default is None
        elif model := _model_of(hints[parameter.name]):
            siblings.append((parameter.name, model))
        elif parameter.kind is not parameter.KEYWORD_ONLY:
            raise TypeError(f"{name}: the query parameter {parameter.name!r} must be keyword-only")
        else:
            kind = _type_of(hints[parameter.name])
            wire_name = wire.get(parameter.name, parameter.name) + kind.suffix
            required = parameter.default is parameter.empty
            values = _values_of(hints[parameter.name])
            query.append(QueryParameter(parameter.name, wire_name, kind, required, values=values))
    positional = [parameter.name for parameter in parameters if parameter.name in path_params]
    if sorted(positional) == sorted(path_params) and positional != list(path_params):
        raise TypeError(f"{name}: the path has its parameters in another order: {', '.join(path_params)}")
    if missing := set(path_params) - signature.parameters.keys():
        raise TypeError(f"{name}: no parameter for {', '.join(sorted(missing))} in the path")
    return Signature(
        path_params=path_params,
        query=tuple(query),
        body=body,
        body_optional=body_optional,
        siblings=tuple(siblings),
        returns=hints["return"],
        bind=_binder(
            function.__qualname__,
            parameters,
            [path_params, [parameter.name for parameter in query], [sibling for sibling, _ in siblings]],
            body_name,
        ),
    )


def _binder(
    qualname: str, parameters: Sequence[inspect.Parameter], groups: Sequence[Sequence[str]], body: str | None
) -> Callable[..., Sorted]:
    """Return a function with the row's own signature that sorts its arguments.

    The interpreter binds arguments ten times faster than ``inspect.Signature.bind``, and its errors for wrong
    arguments are familiar.
    """
    stripped = inspect.Signature([parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters])
    path, query, siblings = ("(" + "".join(f"{name}, " for name in names) + ")" for names in groups)
    namespace: dict[str, Any] = {}
    source = f"def bind{stripped}: return {path}, {body}, {query}, {siblings}"
    exec(source, namespace)  # noqa: S102 - the source is made only of a signature in this package
    bind = namespace["bind"]
    bind.__name__ = qualname.rpartition(".")[2]
    bind.__qualname__ = qualname
    return cast("Callable[..., Sorted]", bind)


def _model_of(hint: Any) -> type | None:
    """Return the attrs class among the members of a hint, if there is one."""
    return next((member for member in _members_of(hint) if attrs.has(member)), None)


def _body_of(hint: Any) -> Any:
    """Return the type of a body: a model, ``list[Model]`` for a sequence of them, or else a dictionary."""
    if model := _model_of(hint):
        return model
    (kind,) = (member for member in _members_of(hint) if member is not NoneType)
    if get_origin(kind) is Sequence:
        return GenericAlias(list, _model_of(get_args(kind)[0]))
    return _as_dict(kind)


def _as_dict(kind: Any) -> Any:
    if get_origin(kind) is not Mapping:
        return kind
    key, value = get_args(kind)
    return GenericAlias(dict, (key, _as_dict(value)))


def _members_of(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in (Union, UnionType) else (hint,)


def _type_of(hint: Any) -> ParameterType:
    members = [member for member in get_args(hint) if member is not NoneType]
    inner = members[0] if get_origin(hint) in (Union, UnionType) else hint
    if inner == PositiveInt:
        return ParameterType.POSITIVE_INT
    if get_origin(inner) is Annotated:
        inner = get_args(inner)[0]
    if get_origin(inner) is Sequence and int in _members_of(get_args(inner)[0]):
        return ParameterType.STRINGS_OR_INTEGERS
    return _TYPES[with_real_classes(get_origin(inner) or inner)]


def _values_of(hint: Any) -> tuple[str, ...]:
    """Return the values of the enumeration in a hint, or of the items of a list; none for any other type."""
    arguments: tuple[Any, ...] = get_args(hint)
    if get_origin(hint) is Literal:
        return arguments
    found: tuple[str, ...] = ()
    for argument in arguments:
        found = found or _values_of(argument)
    return found


_TYPES: Mapping[Any, ParameterType] = {
    str: ParameterType.STRING,
    Literal: ParameterType.STRING,
    int: ParameterType.INTEGER,
    bool: ParameterType.BOOLEAN,
    with_real_classes(datetime): ParameterType.DATETIME,
    with_real_classes(date): ParameterType.DATE,
    Sequence: ParameterType.STRINGS,
    Mapping: ParameterType.MAPPING,
}


class _ModelNames(dict[str, Any]):
    """Names of models, looked up when an annotation asks for one."""

    def __missing__(self, name: str) -> Any:
        if name.endswith("InputDict"):
            return Mapping  # only type checkers know the keys
        from lago_async import models

        try:
            return getattr(models, name)
        except AttributeError:
            raise KeyError(name) from None


_MODELS = _ModelNames()
