"""Repeats that the server refuses because of our own first attempt: how they are recognised, and what is returned."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import datetime
from math import isclose
from typing import TYPE_CHECKING, Final, TypeAlias, cast

import attrs
import msgspec

from lago_async._codec.parsing import DECODING_ERRORS, UndecodableError, parse
from lago_async._concurrency import side_by_side
from lago_async._printable import printable
from lago_async._table.refusals import summarize_details
from lago_async.errors import LagoError

if TYPE_CHECKING:
    from lago_async._table.messages import Request, Response
    from lago_async.models import Json

__all__ = ["StoredOnce"]

Send: TypeAlias = "Callable[[Request], Awaitable[Response]]"

_THERE_ALREADY: Final = "value_already_exist"
_LOOKUPS: Final = 10  # at a time
_NAMED: Final = 10  # objects of a batch that a message names
_MILLISECOND: Final = 0.001 + 1e-6  # seconds, with the rounding of a time as a float
_ROUNDING: Final = 1e-14  # of a number, by the ways between JSON, the database and back
_LOST: Final = "the response to an earlier attempt was lost"


@attrs.frozen
class StoredOnce:
    """The rule for objects that the server stores once: it refuses a second one with the same id.

    If the response to an attempt is lost after the server has stored the object, the client's own repeat is refused.
    Then the object is looked up. If it is the one that was sent, the call has succeeded, and returns it.

    Attributes:
        field: The field with the id: ``transaction_id``.
        find: Returns the request that finds an object by that id.
        root: The envelope of the response to that request.
    """

    field: str
    find: Callable[[str], Request]
    root: str

    async def settle(self, response: Response, send: Send, /) -> Response:
        """Return a success if the server has what was sent, or the refusal with a note of what is known."""
        if response.status_code != 422:
            return response
        try:
            whole, body = parse(response.body), parse(response.request.body or b"")
        except UndecodableError:
            return response
        details = whole.get("error_details") if isinstance(whole, dict) else None
        if not isinstance(details, dict) or not isinstance(body, dict):
            return response
        ((root, sent),) = body.items()
        if isinstance(sent, list):
            return await self._settle_batch(response, send, root, sent, details)
        if not self._is_there_already(details):
            return response
        found = await self._look_up(sent, send)
        if isinstance(found, str):
            return attrs.evolve(response, note=f"{_LOST}, and {found}")
        return _success(response, found.headers, b'{"%b":%b}' % (root.encode(), found.json))

    async def _settle_batch(
        self, response: Response, send: Send, root: str, sent: list[Json], details: dict[str, Json]
    ) -> Response:
        """Settle a batch, of which the server stores all or nothing and names the refused by their index."""
        others = {index: why for index, why in details.items() if not self._is_there_already(why)}
        there = [index for index in details if index not in others]
        if not there:
            return response
        if others:
            note = f"{_LOST}, which may explain {_THERE_ALREADY}, but not the rest: {summarize_details(others)}"
        elif set(there) != {str(index) for index in range(len(sent))}:
            note = f"{_LOST}; the server stores all or nothing, and has {root} {_names(there)} but none of the others"
        else:
            results = await side_by_side(lambda item: self._look_up(item, send), sent, _LOOKUPS)
            found = [result for result in results if not isinstance(result, str)]
            if len(found) == len(sent):
                whole = b'{"%b":[%b]}' % (root.encode(), b",".join(item.json for item in found))
                return _success(response, found[-1].headers, whole)
            doubts = {str(index): result for index, result in enumerate(results) if isinstance(result, str)}
            note = f"{_LOST}; of {root} {_names(doubts)}: {next(iter(doubts.values()))}"
        return attrs.evolve(response, note=note)

    def _is_there_already(self, complaints: Json) -> bool:
        """Tell whether the server's only complaint about an object is that it has one with this id."""
        return complaints == {self.field: [_THERE_ALREADY]}

    async def _look_up(self, sent: Json, send: Send) -> _Found | str:
        """Return the stored object if it is the one that was sent; if not, what is known of it."""
        known = f"the server has an object with this {self.field}"
        fields = cast("Mapping[str, Json]", sent)
        try:
            response = await send(self.find(str(fields[self.field])))
        except LagoError as error:
            return f"{known}, which could not be looked up ({type(error).__name__}): find it before you repeat the call"
        if response.status_code != 200:
            return f"{known}, which was not found ({response.status_code}): find it before you repeat the call"
        try:
            raw = bytes(msgspec.json.decode(response.body, type=dict[str, msgspec.Raw])[self.root])
            found = cast("dict[str, Json]", parse(raw))
            differing = _differing(fields, found)
        except (KeyError, AttributeError, UndecodableError, *DECODING_ERRORS):  # AttributeError: not an object
            return f"{known}, which could not be read: find it before you repeat the call"
        if differing:
            return f"{known}, but it differs in {differing} from the one that was sent: compare them"
        return _Found(raw, response.headers)


@attrs.frozen
class _Found:
    json: bytes
    headers: Mapping[str, str]


def _success(refusal: Response, headers: Mapping[str, str], body: bytes) -> Response:
    return attrs.evolve(refusal, status_code=200, headers=headers, body=body)


def _names(indexes: Iterable[str]) -> str:
    """Return the objects of a batch by their index: ``0, 3``."""
    names = list(indexes)
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return printable(", ".join(names[:_NAMED])) + more


def _differing(sent: Mapping[str, Json], stored: Mapping[str, Json]) -> str:
    """Return the names of the fields in which a stored object differs from the one that was sent."""
    return printable(", ".join(name for name, value in sent.items() if not _is_stored_as(value, stored.get(name))))


def _is_stored_as(sent: Json, found: Json) -> bool:
    """Tell whether the server gives a value back for one that was sent; it may write it differently or add to it."""
    if isinstance(sent, dict):
        return isinstance(found, dict) and all(_is_stored_as(value, found.get(key)) for key, value in sent.items())
    if isinstance(sent, list):
        return isinstance(found, list) and len(found) == len(sent) and all(map(_is_stored_as, sent, found))
    if sent is None:
        return found is None or found == {}
    if sent == found:
        return isinstance(sent, bool) == isinstance(found, bool)
    number = _number(sent)
    if number is None:
        return False
    stored = _number(found)
    if stored is not None:
        return isclose(number, stored, rel_tol=_ROUNDING)
    time = _time(found)
    return time is not None and abs(number - time) < _MILLISECOND


def _number(value: object) -> float | None:
    """Return a number, or a text with a number."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _time(value: object) -> float | None:
    """Return a text with a time in seconds since 1970; the server writes times with three digits of a second."""
    try:
        return datetime.fromisoformat(value).timestamp() if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
