"""The endpoint table's grammar: the decorators that make a row, the record it compiles to, and the registry of all.

A row is a typed stub in ``lago_async.resources``; its signature says everything that it can. Nothing but the rows knows
a path, a method or a root: both faces, the sandbox, the command line and the contract test read them from here.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
import typing
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property, update_wrapper
from types import GenericAlias, MappingProxyType, NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypeAlias, TypeVar, Union, cast, get_args, get_origin
from urllib.parse import quote, unquote
from weakref import WeakKeyDictionary

import attrs
from msgspec import Meta

from lago_async import codec
from lago_async.caller import warn_caller
from lago_async.errors import LagoArgumentError, LagoDecodeError, api_error_type, summarize_details
from lago_async.pager import AsyncPager, Page, PageMeta

if TYPE_CHECKING:
    import asyncio

    from lago_async.pager import Sender

__all__ = ["ENDPOINTS", "Endpoint"]

_F = TypeVar("_F", bound=Callable[..., Any])
HttpMethod: TypeAlias = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

_DECODING: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Lock] = WeakKeyDictionary()

_IN_PASSING = 65_536  # bytes, which take 0.4 ms; of larger answers, as many as are there would make up one turn
_PIECES_BEFORE_COLLECTION = 16  # 4 MB, which it walks in 4 ms, and in 10 if it lies all over the memory

_SAME = "\0 the root of the answer"  # a default that no envelope can be called

Count: TypeAlias = Annotated[int, Meta(ge=1)]
"""A page number or size. The server takes 0 and less for something else, or fails at it."""


class Resource:
    """A group of operations, bound to a client."""

    __slots__ = ("_client",)

    def __init__(self, client: Sender) -> None:
        self._client = client

    @staticmethod
    def method_of(row: Row) -> Callable[..., Any]:
        """The method that a row becomes; its ``row`` is how the blocking face finds the endpoint again."""

        def pager(self: Resource, *args: Any, **kwargs: Any) -> AsyncPager[Any]:
            return AsyncPager(self._client, row.endpoint, args, kwargs)

        async def call(self: Resource, *args: Any, **kwargs: Any) -> Any:
            endpoint = row.endpoint
            return await endpoint.adecode(await self._client.send(endpoint.encode(args, kwargs)))

        method: Any = pager if row.paged else call
        method.row = row
        return cast("Callable[..., Any]", method)


# --- what travels -----------------------------------------------------------------------------------------------------


@attrs.define(slots=True)
class Request:
    """One call, ready to send: nothing in it depends on a connection or a loop.

    Attributes:
        target: Path and query below the base URL, percent-encoded.
        repeatable: Sending it twice has the same effect as sending it once.
    """

    endpoint: Endpoint
    target: str
    body: bytes | None
    repeatable: bool


@attrs.define(slots=True)
class Answer:
    """What came back for a request, whatever its status.

    Attributes:
        attempts: How many times the request was tried.
        uncertain: An earlier attempt may have been carried out: its answer was lost.
    """

    request: Request
    status_code: int
    headers: Mapping[str, str]
    body: bytes
    request_id: str
    attempts: int
    uncertain: bool


# --- the record -------------------------------------------------------------------------------------------------------


class _Kind(StrEnum):
    TEXT = "a string"
    COUNT = "an integer of 1 or more"
    INTEGER = "an integer"
    BOOLEAN = "True or False"
    MOMENT = "a datetime with a time zone"
    DATE = "a date"
    TEXTS = "a list of strings, not empty"
    TEXTS_OR_NUMBERS = "a list of strings or integers, not empty"
    MAPPING = "a mapping of strings to strings"


@attrs.frozen
class Query:
    """One query parameter: ``name`` in Python, ``wire`` on the wire."""

    name: str
    wire: str
    kind: _Kind
    required: bool
    _key: str = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(lambda self: f"{_quote(self.wire)}=", takes_self=True)
    )

    def pairs(self, value: object) -> Iterator[str]:
        """The same as ``encode``, percent-encoded; what most values are, without much ado."""
        plain = (
            _PLAIN_SEGMENT(cast("str", value))
            if value.__class__ is str and self.kind is _Kind.TEXT
            else value.__class__ is int and self.kind is _Kind.COUNT and cast("int", value) >= 1
        )
        if plain:
            yield f"{self._key}{value}"
        else:
            for key, text in self.encode(value):
                yield f"{_quote(key)}={_quote(text)}"

    def encode(self, value: object) -> Iterator[tuple[str, str]]:
        """The pairs of name and value that the server expects.

        Raises:
            ValueError: The value is of another type, or one that the server would misread.
        """
        match self.kind, value:
            case _Kind.TEXT, str() if value or not self.required:
                yield self.wire, value
            case _Kind.INTEGER | _Kind.COUNT, int() if not isinstance(value, bool):
                if self.kind is _Kind.COUNT and value < 1:
                    raise ValueError
                yield self.wire, str(value)
            case _Kind.BOOLEAN, bool():
                yield self.wire, "true" if value else "false"
            case _Kind.MOMENT, datetime() if value.tzinfo is not None:
                yield self.wire, value.isoformat()
            case _Kind.DATE, date() if not isinstance(value, datetime):
                yield self.wire, value.isoformat()
            case _Kind.TEXTS, Sequence() if value and not isinstance(value, str | bytes):
                # A scalar where the server expects a list, or a list of nothing, is dropped: the filter would be
                # gone, and everything come back.
                for item in cast("Sequence[object]", value):
                    yield self.wire, _text(item)
            case _Kind.TEXTS_OR_NUMBERS, Sequence() if value and not isinstance(value, str | bytes):
                for item in cast("Sequence[object]", value):
                    yield self.wire, str(item) if item.__class__ is int else _text(item)
            case _Kind.MAPPING, Mapping():
                for key, item in cast("Mapping[object, object]", value).items():
                    yield f"{self.wire.removesuffix('[key]')}[{_text(key)}]", _text(item)
            case _:
                raise ValueError


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError  # noqa: TRY004 - `Query.encode` has one way to refuse
    return value


_Sorted: TypeAlias = tuple[tuple[object, ...], object, tuple[object, ...], tuple[object, ...]]


@attrs.frozen(eq=False)
class Endpoint:
    """A row of the table, compiled.

    Attributes:
        name: The API's name of the operation, in snake case.
        path: Below ``/api/v1``, with path parameters in braces.
        query: The query parameters.
        body: What the body is: a model, a list of models, or a dictionary; None without one.
        body_optional: The body may be left out.
        request_root: The envelope of the body; None for a body that has none.
        root: The envelope of the answer; None for an answer that has none.
        returns: The declared result: ``Customer``, ``AsyncPager[Customer]``, ``list[Fee]``, ``None``, ``str``.
        idempotent: Repeating the call changes nothing; or a function of the body that tells.
        beside: Further members of the request, next to the body's envelope: each a name and a model.
        answer_beside: A member of the answer next to its envelope, which becomes the result's field of that name.
        bare: Some servers send the result without its envelope.
        deprecated: What to use instead of the operation; or, by name, instead of some of its parameters.
        unpaged_by: The query parameter that breaks the server's paging: with it, only the first page is right.
        bind: Sorts the arguments of a call into path, body, query and what stands beside the body.
    """

    name: str
    method: HttpMethod
    path: str
    path_params: tuple[str, ...]
    query: tuple[Query, ...]
    body: Any
    body_optional: bool
    request_root: str | None
    root: str | None
    returns: Any
    idempotent: bool | Callable[[Any], bool]
    beside: tuple[tuple[str, type], ...]
    answer_beside: str | None
    bare: bool
    deprecated: str | Mapping[str, str] | None
    unpaged_by: str | None
    bind: Callable[..., _Sorted] = attrs.field(repr=False)

    @cached_property
    def _literals(self) -> tuple[str, ...]:
        """The path without its parameters."""
        return tuple(re.split(r"\{\w+\}", self.path))

    @property
    def paged(self) -> bool:
        """Whether the result comes in pages."""
        return get_origin(self.returns) is AsyncPager

    def encode(self, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Request:
        """The request for the arguments of a call.

        Raises:
            LagoArgumentError: An argument that must not be sent.
            TypeError: Arguments that do not fit the signature.
        """
        path_values, body, query_values, beside = self.bind(*args, **kwargs)
        if isinstance(self.deprecated, str):
            warn_caller(f"{self.name} is deprecated: use {self.deprecated}", DeprecationWarning)
        literals = self._literals
        target = literals[0]
        for index, value in enumerate(path_values):
            plain = isinstance(value, str) and _PLAIN_SEGMENT(value)
            target += (plain.string if plain else self._path_segment(index, value)) + literals[index + 1]
        if self.query:
            target += self._query_string(query_values)
        if self.body is None or (body is None and self.body_optional):
            return Request(self, target, None, self.idempotent is True)
        try:
            wire = codec.write(body, self.body, self.request_root)
            for (name, model), value in zip(self.beside, beside, strict=True):
                if value is not None:
                    wire = wire[:-1] + b"," + codec.write(value, model, name)[1:]
        except codec.UnwritableError as error:
            raise LagoArgumentError(f"{self.name}: {error}") from None
        return Request(self, target, wire, self.idempotent(body) if callable(self.idempotent) else self.idempotent)

    def decode(self, answer: Answer) -> Any:
        """The declared result from an answer.

        Raises:
            LagoApiError: The status is no success.
            LagoDecodeError: It is, but the body is no JSON or lacks its envelope.
        """
        if len(answer.body) <= codec.LARGE:
            _check_status(answer)
            try:
                return self._read(answer.body)
            except codec.UndecodableError as error:
                raise _undecodable(answer, error) from error
        steps = self._decode_in_steps(answer)
        while True:  # between two steps, the interpreter may turn to another thread
            try:
                next(steps)
            except StopIteration as end:
                return end.value

    async def adecode(self, answer: Answer) -> Any:
        """The same as ``decode``, but the loop has a turn after each answer, and after each piece of a large one."""
        if len(answer.body) <= _IN_PASSING:
            return self.decode(answer)
        import asyncio

        steps = self._decode_in_steps(answer)
        value, done = None, False
        async with _DECODING.setdefault(asyncio.get_running_loop(), asyncio.Lock()):  # one after another
            await asyncio.sleep(0)  # a turn apart from what was done with the one before
            while not done:
                # The collector has its way seldom: it would walk again and again what is half-read and all in use, and
                # soon everything else that the program holds, too, which takes longer than anything here.
                with codec.collector_paused():
                    for _ in range(_PIECES_BEFORE_COLLECTION):
                        try:
                            next(steps)
                        except StopIteration as end:
                            value, done = end.value, True
                            break
                        await asyncio.sleep(0)
                await asyncio.sleep(0)  # a turn for the collector, apart from what is done with the value
        return value

    def _decode_in_steps(self, answer: Answer) -> Generator[None, None, Any]:
        _check_status(answer)
        envelope = self._envelope
        if envelope is None or answer.body.isspace():
            return self._read(answer.body)
        try:
            content, meta = yield from envelope.read_in_steps(answer.body)
        except codec.UndecodableError as error:
            raise _undecodable(answer, error) from error
        return Page(content, meta) if self.paged else content

    @cached_property
    def _envelope(self) -> codec.Envelope[Any] | None:
        """The reader for the declared result; made once, as it costs half a millisecond."""
        if self.returns in (None, NoneType, str):
            return None
        if self.root is None:
            raise TypeError(f"{self.name}: a result of {self.returns} needs a root")
        if self.paged:
            (item,) = get_args(self.returns)
            return codec.Envelope(self.root, GenericAlias(list, item), meta=PageMeta)
        return codec.Envelope(self.root, self.returns, beside=self.answer_beside, bare=self.bare)

    @cached_property
    def _read(self) -> Callable[[bytes], Any]:
        envelope = self._envelope
        if envelope is None:
            return (lambda body: body.decode("utf-8", "replace")) if self.returns is str else (lambda _: None)
        if self.paged:
            return lambda body: Page(*envelope.read(body))
        if NoneType in get_args(self.returns):
            return lambda body: envelope.read(body)[0] if body.strip() else None
        return lambda body: envelope.read(body)[0]

    def _path_segment(self, index: int, value: object) -> str:
        name = self.path_params[index]
        if isinstance(value, str):
            if value not in ("", ".", ".."):
                try:
                    # Lago's router takes a bare dot for the start of a format: DELETE /customers/john@acme.com would
                    # destroy john@acme.
                    return quote(value, safe="").replace(".", "%2E")
                except UnicodeEncodeError:
                    raise LagoArgumentError(
                        f"{self.name}: {name} has a lone surrogate, which no URL can hold"
                    ) from None
            # An empty segment is squeezed out of the path, and what is left is another operation.
            raise LagoArgumentError(f"{self.name}: {name} must not be {value!r}; give the id of an existing object")
        raise LagoArgumentError(f"{self.name}: {name} must be a string, not {type(value).__name__}")

    def _query_string(self, values: tuple[object, ...]) -> str:
        pairs: list[str] = []
        for parameter, value in zip(self.query, values, strict=True):
            if value is None and not parameter.required:
                continue
            if self.deprecated is not None and not isinstance(self.deprecated, str):
                self._warn_of(parameter.name, self.deprecated)
            try:
                pairs += parameter.pairs(value)
            except ValueError:  # a lone surrogate's UnicodeEncodeError is one, too
                remedy = " and not empty" if parameter.required and value == "" else f", not {value!r}"
                raise LagoArgumentError(f"{self.name}: {parameter.name} must be {parameter.kind}{remedy}") from None
        return "?" + "&".join(pairs) if pairs else ""

    def _warn_of(self, parameter: str, deprecated: Mapping[str, str]) -> None:
        if parameter in deprecated:
            warn_caller(f"{self.name}: use {deprecated[parameter]} instead of {parameter}", DeprecationWarning)


_PLAIN_SEGMENT = re.compile(r"[A-Za-z0-9_~-]+").fullmatch


def _quote(text: str) -> str:
    return quote(text, safe="[]")


def describe(request: Request) -> str:
    """The call in an error's words: ``find_customer 'cus_1'``."""
    endpoint = request.endpoint
    if not endpoint.path_params:
        return endpoint.name
    pattern = re.sub(r"\\\{\w+\\\}", "([^/]*)", re.escape(endpoint.path))
    found = re.match(pattern, request.target.partition("?")[0])
    return " ".join([endpoint.name, *(repr(unquote(value)) for value in (found.groups() if found else ()))])


def _context(answer: Answer) -> dict[str, Any]:
    from multidict import CIMultiDict

    return {
        "operation": answer.request.endpoint.name,
        "method": answer.request.endpoint.method,
        "path": answer.request.target,
        "request_id": answer.request_id,
        "attempts": answer.attempts,
        "status_code": answer.status_code,
        "headers": CIMultiDict(answer.headers),  # a copy that can be pickled
        "body": answer.body,
    }


def _check_status(answer: Answer) -> None:
    if not 200 <= answer.status_code < 300:
        raise api_error(answer)


def _undecodable(answer: Answer, error: codec.UndecodableError) -> LagoDecodeError:
    return LagoDecodeError(
        f"{answer.status_code} with {error}: {describe(answer.request)} (request {answer.request_id}); "
        "the call has most likely been carried out, the error's body holds the answer",
        **_context(answer),
    )


def api_error(answer: Answer) -> Exception:
    """The exception for an answer that is no success, whatever its body is made of."""
    code = error = None
    details: Any = None
    try:
        whole = codec.parse(answer.body)
    except codec.UndecodableError:
        whole = None  # an HTML page of a proxy, or nothing: the status says enough
    if isinstance(whole, dict):
        code, error, details = whole.get("code"), whole.get("error"), whole.get("error_details")
    code = code if isinstance(code, str) else None
    error = error if isinstance(error, str) else None
    error_type = api_error_type(answer.status_code)
    parts = [f"{answer.status_code} {code or error or 'without a JSON body'}: {describe(answer.request)}"]
    if summary := summarize_details(details):
        parts.append(f": {summary}")
    parts.append(f" (request {answer.request_id})")
    if 300 <= answer.status_code < 400:
        parts.append(f"; redirects are not followed: set base_url to where {_location(answer)} points")
    elif error_type.remedy and (answer.status_code != 401 or error in (None, "Unauthorized")):
        parts.append(f"; {error_type.remedy}")
    if answer.uncertain:
        parts.append("; the answer to an earlier attempt was lost, and that one may have been carried out")
    return error_type("".join(parts), **_context(answer), code=code, error=error, error_details=details)


def _location(answer: Answer) -> str:
    location = answer.headers.get("Location", "the server")
    return location.partition("?")[0][:200]


# --- rows -------------------------------------------------------------------------------------------------------------


@attrs.define(slots=False, kw_only=True)
class Row:
    """A decorated stub, and the endpoint that it compiles to when it is first used."""

    function: Callable[..., Any]
    name: str
    method: HttpMethod
    path: str
    root: str | None
    request_root: str | None
    wire: Mapping[str, str]
    idempotent: bool | Callable[[Any], bool]
    answer_beside: str | None
    bare: bool
    deprecated: str | Mapping[str, str] | None
    unpaged_by: str | None

    @cached_property
    def endpoint(self) -> Endpoint:
        """The record. Compiled late, because it needs the models, and they load when they are needed."""
        hints = typing.get_type_hints(self.function, localns=_MODELS, include_extras=True)
        signature = inspect.signature(self.function)
        path_params = tuple(re.findall(r"\{(\w+)\}", self.path))
        body_name: str | None = None
        body: Any = None
        body_optional = False
        beside: list[tuple[str, type]] = []
        query: list[Query] = []
        parameters = list(signature.parameters.values())[1:]
        for parameter in parameters:
            if parameter.name in path_params:
                continue
            if parameter.kind is parameter.POSITIONAL_ONLY:
                body_name, body = parameter.name, _body_of(hints[parameter.name])
                body_optional = parameter.default is None
            elif model := _model_of(hints[parameter.name]):
                beside.append((parameter.name, model))
            elif parameter.kind is not parameter.KEYWORD_ONLY:
                raise TypeError(f"{self.name}: the query parameter {parameter.name!r} must be keyword-only")
            else:
                kind = _kind_of(hints[parameter.name])
                suffix = {_Kind.TEXTS: "[]", _Kind.TEXTS_OR_NUMBERS: "[]", _Kind.MAPPING: "[key]"}.get(kind, "")
                wire = self.wire.get(parameter.name, parameter.name) + suffix
                query.append(Query(parameter.name, wire, kind, parameter.default is parameter.empty))
        positional = [parameter.name for parameter in parameters if parameter.name in path_params]
        if sorted(positional) == sorted(path_params) and positional != list(path_params):
            raise TypeError(f"{self.name}: the path has its parameters in another order: {', '.join(path_params)}")
        if missing := set(path_params) - signature.parameters.keys():
            raise TypeError(f"{self.name}: no parameter for {', '.join(sorted(missing))} in the path")
        return Endpoint(
            name=self.name,
            method=self.method,
            path=self.path,
            path_params=path_params,
            query=tuple(query),
            body=body,
            body_optional=body_optional,
            request_root=self.request_root if body else None,
            root=self.root,
            returns=hints["return"],
            idempotent=self.idempotent,
            beside=tuple(beside),
            answer_beside=self.answer_beside,
            bare=self.bare,
            deprecated=self.deprecated,
            unpaged_by=self.unpaged_by,
            bind=_binder(
                self.function.__qualname__,
                parameters,
                path_params,
                body_name,
                [each.name for each in query],
                [name for name, _ in beside],
            ),
        )

    @property
    def paged(self) -> bool:
        """Whether the row returns a pager, told without loading a model."""
        return not inspect.iscoroutinefunction(self.function)


def _binder(
    qualname: str,
    parameters: Sequence[inspect.Parameter],
    path_params: Sequence[str],
    body: str | None,
    query: Sequence[str],
    beside: Sequence[str],
) -> Callable[..., _Sorted]:
    """A function with a row's own signature that sorts its arguments into path, body, query and beside the body.

    The interpreter binds arguments ten times faster than ``inspect.Signature.bind``, and refuses wrong ones in words
    that everybody knows.
    """
    bare = inspect.Signature([parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters])

    def as_tuple(names: Sequence[str]) -> str:
        return "(" + "".join(f"{name}, " for name in names) + ")"

    namespace: dict[str, Any] = {}
    source = f"def bind{bare}: return {as_tuple(path_params)}, {body}, {as_tuple(query)}, {as_tuple(beside)}"
    exec(source, namespace)  # noqa: S102 - made of a signature in this package, and of nothing else
    bind = namespace["bind"]
    bind.__name__ = qualname.rpartition(".")[2]
    bind.__qualname__ = qualname
    return cast("Callable[..., _Sorted]", bind)


def _model_of(hint: Any) -> type | None:
    """The attrs class among the members of a hint, if there is one."""
    return next((each for each in _members_of(hint) if isinstance(each, type) and attrs.has(each)), None)


def _body_of(hint: Any) -> Any:
    """What a body is made of: a model, ``list[Model]`` for a sequence of them, or else a dictionary."""
    if model := _model_of(hint):
        return model
    (kind,) = (each for each in _members_of(hint) if each is not NoneType)
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


def _kind_of(hint: Any) -> _Kind:
    members = [each for each in get_args(hint) if each is not NoneType]
    inner = members[0] if get_origin(hint) in (Union, UnionType) else hint
    if inner == Count:
        return _Kind.COUNT
    if get_origin(inner) is Annotated:
        inner = get_args(inner)[0]
    if get_origin(inner) is Sequence and int in _members_of(get_args(inner)[0]):
        return _Kind.TEXTS_OR_NUMBERS
    kinds: dict[Any, _Kind] = {
        str: _Kind.TEXT,
        int: _Kind.INTEGER,
        bool: _Kind.BOOLEAN,
        datetime: _Kind.MOMENT,
        date: _Kind.DATE,
        Sequence: _Kind.TEXTS,
        Mapping: _Kind.MAPPING,
    }
    return kinds[get_origin(inner) or inner]


class _ModelNames(dict[str, Any]):
    """Names of models, looked up when an annotation asks for one."""

    def __missing__(self, name: str) -> Any:
        from lago_async import models

        try:
            return getattr(models, name)
        except AttributeError:
            raise KeyError(name) from None


_MODELS = _ModelNames()


# --- the registry -----------------------------------------------------------------------------------------------------


class _Endpoints(Mapping[str, Endpoint]):
    """All rows by operation name; the resource modules load when the table is first read."""

    def __init__(self) -> None:
        self._entered: dict[str, Row] = {}
        self._second_forms: list[Row] = []

    def enter(self, row: Row, *, second_form: bool = False) -> None:
        """Enter a row.

        Raises:
            ValueError: The operation has one already, and this is no second form of it.
        """
        if second_form:
            self._second_forms.append(row)
        elif row.name in self._entered:
            raise ValueError(f"two rows are named {row.name!r}")
        else:
            self._entered[row.name] = row

    @cached_property
    def rows(self) -> Sequence[Row]:
        """The rows as they were written, second forms too, without loading a model."""
        from lago_async import resources

        for module in sorted(found.name for found in pkgutil.iter_modules(resources.__path__)):
            importlib.import_module(f"{resources.__name__}.{module}")
        # By module and line, whichever module was imported first.
        return sorted(
            [*self._entered.values(), *self._second_forms],
            key=lambda row: (row.function.__module__, row.function.__code__.co_firstlineno),
        )

    @cached_property
    def _by_name(self) -> Mapping[str, Row]:
        return {row.name: row for row in self.rows if row not in self._second_forms}

    def __getitem__(self, name: str) -> Endpoint:
        return self._by_name[name].endpoint

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)


ENDPOINTS = _Endpoints()
"""Every operation of the API by its name, each an ``Endpoint``."""


@attrs.frozen
class Verb:
    """The decorator of one HTTP method: it makes a row of a stub."""

    method: HttpMethod

    def __call__(
        self,
        name: str,
        path: str,
        /,
        *,
        root: str | None = None,
        request_root: str | None = _SAME,
        wire: Mapping[str, str] = MappingProxyType({}),
        idempotent: bool | Callable[[Any], bool] | None = None,
        answer_beside: str | None = None,
        bare: bool = False,
        second_form: bool = False,
        deprecated: str | Mapping[str, str] | None = None,
        unpaged_by: str | None = None,
    ) -> Callable[[_F], _F]:
        """Enter the decorated stub into the table, and make it work.

        Args:
            name: The API's name of the operation, in snake case.
            path: Below ``/api/v1``, with path parameters in braces.
            root: The envelope of the answer, and of the body too unless ``request_root`` says otherwise.
            request_root: The envelope of the body; None for a body without one.
            wire: Wire names of query parameters that Python spells differently.
            idempotent: May the call be repeated? All but POST may by default. A function decides by the body.
            answer_beside: A member of the answer next to its envelope: the result's field of that name.
            bare: Some servers send the result without its envelope.
            second_form: The operation has a row already: this is another method for another shape of its body.
            deprecated: What to use instead of the operation; or, by name, instead of some of its parameters.
            unpaged_by: The query parameter that breaks the server's paging.
        """

        def enter(function: _F) -> _F:
            row = Row(
                function=function,
                name=name,
                method=self.method,
                path=path,
                root=root,
                request_root=root if request_root is _SAME else request_root,
                wire=wire,
                idempotent=self.method != "POST" if idempotent is None else idempotent,
                answer_beside=answer_beside,
                bare=bare,
                deprecated=deprecated,
                unpaged_by=unpaged_by,
            )
            ENDPOINTS.enter(row, second_form=second_form)
            return cast("_F", update_wrapper(Resource.method_of(row), function))

        return enter


def row_of(operation: Callable[..., Any]) -> Row:
    """The row behind a method such as ``client.customers.find``.

    Raises:
        LagoArgumentError: It is something else.
    """
    row = getattr(operation, "row", None)
    if isinstance(row, Row):
        return row
    raise LagoArgumentError(f"expected an operation of a client, such as client.customers.find, not {operation!r}")


get: Verb = Verb("GET")
post: Verb = Verb("POST")
put: Verb = Verb("PUT")
patch: Verb = Verb("PATCH")
delete: Verb = Verb("DELETE")
