"""The meaning of a response for each event of a batch: a pure rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Final, cast

import attrs
import msgspec

from lago_async._codec.parsing import DECODING_ERRORS, UndecodableError, parse
from lago_async._codec.writing import encode
from lago_async._ingest.store import EventBatch
from lago_async._table.refusals import api_error

if TYPE_CHECKING:
    from lago_async._ingest.store import PendingEvent
    from lago_async._table.messages import Response
    from lago_async.models import Json

THERE_ALREADY: Final = {"transaction_id": ["value_already_exist"]}
"""The server's complaint about an event that it has."""

_DIGITS: Final = 9  # of an index; Python refuses to read thousands of them
_TOO_MANY: Final = {"events": ["too_many_events"]}
_CONTENT: Final = frozenset({400, 413, 422})
"""Statuses that may be about one event of the batch, although they do not name it."""
_TEMPORARY: Final = frozenset({408, 425, 429})


class _Stored(msgspec.Struct, gc=False):
    transaction_id: str


class _StoredBatch(msgspec.Struct):
    events: list[_Stored]


_LIST: Final = b'{"events":[{'
_ID: Final = b'"transaction_id":'
_NEAR: Final = 512  # bytes in which the server names the first event
_STORED_ID: Final = attrgetter("transaction_id")
_decode_stored: Final = msgspec.json.Decoder(_StoredBatch).decode


@attrs.frozen(kw_only=True)
class Verdict:
    """The fate of the events of one request; each event is in one of the lists.

    Attributes:
        delivered: The server has taken them.
        duplicates: The server has had them before.
        rejected: The server refuses them permanently, each with the reason as JSON.
        again: To be sent again now, in as many requests as there are lists.
        later: To be sent again after a delay.
        too_many: Whether the server takes fewer events at a time than were sent.
        problem: Why the events of `later` are not delivered, in one line.
        ours: Whether that is about these events perhaps, and not about the server as a whole.
        mend: Whether the user has to mend it: time alone will not.
    """

    delivered: EventBatch = attrs.field(factory=EventBatch)
    duplicates: EventBatch = attrs.field(factory=EventBatch)
    rejected: Sequence[tuple[PendingEvent, bytes]] = ()
    again: Sequence[EventBatch] = ()
    later: EventBatch = attrs.field(factory=EventBatch)
    too_many: bool = False
    problem: str | None = None
    ours: bool = False
    mend: bool = False


def is_delivered(events: EventBatch, response: Response) -> bool:
    """Tell whether a response lists the events that were sent: the server has taken all of them.

    It takes all events of a batch or none. So a whole list from our first event to our last one, which is longer than
    what was sent, is its word on this batch. To see that costs a fiftieth of decoding the list, which would be the most
    expensive step of a batch. Any other body is decoded, for example one with spaces.
    """
    if not 200 <= response.status_code < 300:
        return False
    body = response.body
    if body.startswith(_LIST) and body.endswith(b"}]}") and len(body) > events.size:
        first, last = body.find(_ID, 0, _NEAR), body.rfind(_ID)
        first_id, last_id = events.end_ids
        if (
            first > 0
            and (first == last) == (len(events.keys) == 1)
            and body.startswith(first_id, first + len(_ID))
            and body.startswith(last_id, last + len(_ID))
        ):
            return True
    try:
        stored = _decode_stored(body).events
    except DECODING_ERRORS:
        return False
    return list(map(_STORED_ID, stored)) == [event.transaction_id for event in events]


def verdict_of(events: EventBatch, response: Response) -> Verdict:
    """Return the meaning of a response for the events of its batch."""
    if is_delivered(events, response):
        return Verdict(delivered=events)
    status = response.status_code
    if 200 <= status < 300:
        # A captive portal or a proxy answers 200 too. Nothing is lost by sending the events once more.
        return Verdict(later=events, problem=f"{status} with a body that does not list the events that were sent")
    details = _details_of(response.body) if status in _CONTENT else None
    if status == 422 and isinstance(details, dict) and (complaints := _by_index(details, len(events))):
        return _cut(events, complaints)
    if status in _CONTENT and (status == 413 or details is not None):
        if len(events) > 1:
            return Verdict(again=halves(events), too_many=details == _TOO_MANY)
        reason = encode({"status_code": status, "error_details": details})
        return Verdict(rejected=[(events[0], reason)])
    mend = 300 <= status < 500 and status not in _TEMPORARY
    return Verdict(later=events, problem=str(api_error(response)), ours=status == 500, mend=mend)


def halves(events: EventBatch) -> tuple[EventBatch, EventBatch]:
    """Return the two halves of a batch."""
    middle = len(events) // 2
    return events[:middle], events[middle:]


def _details_of(body: bytes) -> Json:
    """Return the details of a refusal by Lago itself; None for anything else, such as the page of a proxy."""
    try:
        whole = parse(body)
    except UndecodableError:
        return None
    if not isinstance(whole, dict) or "status" not in whole:
        return None
    details = whole.get("error_details")
    return cast("Json", whole) if details is None else details


def _by_index(details: Mapping[str, Json], count: int) -> dict[int, Json] | None:
    """Return the complaints by the index of their event; None if they are about something else."""
    if not all(key.isascii() and key.isdigit() and len(key) <= _DIGITS and int(key) < count for key in details):
        return None
    return {int(key): complaint for key, complaint in details.items()}


def _cut(events: EventBatch, complaints: Mapping[int, Json]) -> Verdict:
    """Take the events that the server complains about out of the batch; the others go again, at once."""
    times = Counter(event.transaction_id for event in events)
    known = Counter(
        events[index].transaction_id for index, complaint in complaints.items() if complaint == THERE_ALREADY
    )
    duplicates: list[int] = []
    twins: list[int] = []
    rejected: list[tuple[PendingEvent, bytes]] = []
    for index, complaint in sorted(complaints.items()):
        event = events[index]
        if complaint != THERE_ALREADY:
            rejected.append((event, encode({"status_code": 422, "error_details": complaint})))
        elif known[event.transaction_id] < times[event.transaction_id]:
            # The server means another one of this batch, of which nothing is stored yet.
            twins.append(index)
        else:
            duplicates.append(index)
    good = [index for index in range(len(events)) if index not in complaints]
    return Verdict(
        duplicates=events.picked(duplicates),
        rejected=rejected,
        again=[events.picked(part) for part in (good, twins) if part],
    )
