"""The reader of one kind of response: ``{root: T}``, from bytes to models."""

from __future__ import annotations

import logging
from collections.abc import Generator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast, get_args

import attrs
import msgspec

from lago_async._codec.collector import collector_paused
from lago_async._codec.hints import containers_of, optional
from lago_async._codec.oddities import Oddities
from lago_async._codec.parsing import DECODING_ERRORS, UndecodableError, json_type, parse
from lago_async._codec.pieces import cut_kind, join_in_steps, read_strictly, tolerantly
from lago_async._codec.repairing import repair_in_steps
from lago_async._codec.scheduling import COLLECTOR_MATTERS, LARGE
from lago_async._codec.tolerant import tolerant_reader
from lago_async._printable import printable

if TYPE_CHECKING:
    from lago_async._codec.pieces import Read
    from lago_async.models import Json

_T = TypeVar("_T")

_log = logging.getLogger("lago_async.codec")

_NULL = msgspec.Raw(b"null")


class Envelope(Generic[_T]):
    """The reader of ``{root: T}``, and of ``{root: [...], "meta": {...}}`` if ``meta`` is a class.

    If ``sibling`` names a field of T, that field is read from ``{root: T, sibling: ...}``.
    With ``envelope_optional``, it also reads a T without its envelope. ``operation`` is its name in the log. If
    ``other_root`` is given, it also reads ``{other_root: T}``, and an object there as a list of one.
    """

    def __init__(
        self,
        root: str,
        content: object,
        *,
        meta: type | None = None,
        sibling: str | None = None,
        envelope_optional: bool = False,
        operation: str = "a response",
        other_root: str | None = None,
    ) -> None:
        self.root = root
        self._content: Any = content
        self._meta: Any = meta and optional(meta)
        self._sibling = sibling
        self._envelope_optional = envelope_optional
        self._operation = operation
        self._other_root = other_root
        fields: list[tuple[str, Any] | tuple[str, Any, Any]] = [("content", content)]
        if meta is not None:
            fields.append(("meta", self._meta, None))
        if sibling is not None:
            fields.append(("sibling", self._kind_of_sibling, None))
        struct = msgspec.defstruct("Envelope", fields, rename={"content": root, "sibling": sibling or "sibling"})
        self._fast: msgspec.json.Decoder[Any] = msgspec.json.Decoder(struct, strict=False)

    def read(self, body: bytes) -> tuple[_T, Any]:
        """Return the content, and the meta or None.

        Raises:
            UndecodableError: The bytes are not JSON, or lack the envelope.
        """
        if len(body) <= COLLECTOR_MATTERS:
            return self._read(body)
        with collector_paused():
            return self._read(body)

    def _read(self, body: bytes) -> tuple[_T, Any]:
        try:
            envelope = self._fast.decode(body)
        except DECODING_ERRORS as error:
            _log.debug("the tolerant reader takes %r: %s", self.root, printable(str(error)))
        else:
            if self._sibling is not None:
                self._set_sibling(envelope.content, envelope.sibling)
            return envelope.content, None if self._meta is None else envelope.meta
        return self.read_tolerantly(body)

    def read_in_steps(self, body: bytes) -> Generator[None, None, tuple[_T, Any]]:
        """Like ``read``, as a generator that yields between the pieces of a large body.

        Abandoning the generator needs no cleanup.
        """
        if len(body) <= LARGE or cut_kind(self._content) is msgspec.Raw:
            return self.read(body)
        try:
            return (yield from self._in_steps(body, read_strictly))
        except DECODING_ERRORS as error:
            _log.debug("a large %r is not as declared: %s", self.root, printable(str(error)))
        try:
            return (yield from self._tolerantly_in_steps(body))
        except (*DECODING_ERRORS, UndecodableError) as error:
            _log.debug("a large %r is not well-formed: %s", self.root, printable(str(error)))
        repaired = yield from repair_in_steps(body)
        if repaired is not body:
            try:
                return (yield from self._tolerantly_in_steps(repaired))
            except (*DECODING_ERRORS, UndecodableError) as error:
                _log.debug("a large %r cannot be cut: %s", self.root, printable(str(error)))
        return self.read(body)

    def _tolerantly_in_steps(self, body: bytes) -> Generator[None, None, tuple[_T, Any]]:
        oddities = Oddities()
        whole = yield from self._in_steps(body, tolerantly(oddities))
        oddities.log(self._operation)
        return whole

    def _in_steps(self, body: bytes, read: Read) -> Generator[None, None, tuple[_T, Any]]:
        cut = self._cut.decode(body)
        yield
        whole = yield from join_in_steps(cut.content, self._content, read, self.root)
        if self._sibling is not None:
            self._set_sibling(whole, read(cut.sibling, self._kind_of_sibling, self._sibling))
        return whole, self._meta and read(cut.meta, self._meta, "meta")

    @cached_property
    def _cut(self) -> msgspec.json.Decoder[Any]:
        struct = msgspec.defstruct(
            "Cut",
            [("content", cut_kind(self._content)), ("meta", msgspec.Raw, _NULL), ("sibling", msgspec.Raw, _NULL)],
            rename={"content": self.root, "sibling": self._sibling or "sibling"},
        )
        return msgspec.json.Decoder(struct)

    def read_tolerantly(self, body: bytes) -> tuple[_T, Any]:
        """Like ``read``, for bytes that are not exactly as declared."""
        whole = parse(body, exact=True)
        if not isinstance(whole, dict):
            raise UndecodableError(f"a JSON {json_type(whole)} where an object with {self.root!r} belongs")
        whole = self.in_envelope(whole)
        if self.root not in whole:
            raise UndecodableError(f"no {self.root!r} in the response")
        content = whole[self.root]
        wanted = containers_of(self._content)
        if not (isinstance(content, wanted) or (content is None and type(None) in get_args(self._content))):
            raise UndecodableError(f"{self.root!r} is a JSON {json_type(content)}")
        oddities = Oddities()
        try:
            read = tolerant_reader(self._content, self.root)(content, oddities)
            if self._sibling is not None:
                sibling = tolerant_reader(self._kind_of_sibling, self._sibling)(whole.get(self._sibling), oddities)
                self._set_sibling(read, sibling)
            meta = self._meta and tolerant_reader(self._meta, "meta")(whole.get("meta"), oddities)
        except DECODING_ERRORS as error:
            raise UndecodableError(f"{self.root!r} that cannot be read ({error})") from error
        oddities.log(self._operation)
        return read, meta

    def in_envelope(self, whole: dict[str, Json]) -> dict[str, Json]:
        """Return a response in its declared envelope, although it may have come in another one or without any."""
        if self.root in whole:
            return whole
        if self._envelope_optional and "lago_id" in whole:
            return {self.root: cast("Json", whole)}
        if self._other_root is not None and self._other_root in whole:
            other = whole[self._other_root]
            return {self.root: [other] if isinstance(other, dict) else other}
        return whole

    def _set_sibling(self, content: object, sibling: object) -> None:
        if self._sibling is not None and content is not None:
            setattr(content, self._sibling, sibling)

    @property
    def _kind_of_sibling(self) -> Any:
        return getattr(attrs.fields(self._content), self._sibling or "").type
