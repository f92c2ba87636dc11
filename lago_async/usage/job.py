"""One export as both faces see it: what is asked for, where its outcomes go, and how far it is."""

from __future__ import annotations

import sys
import time
from collections.abc import AsyncIterable, Callable, Collection, Iterable, Sequence
from datetime import UTC, datetime
from os import fspath
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

import attrs

from lago_async._bulk.walks import PastUsage
from lago_async.errors import (
    ForbiddenError,
    LagoApiError,
    LagoArgumentError,
    LagoClosedError,
    LagoError,
    NotAllowedError,
    UnauthorizedError,
)
from lago_async.usage.formats import Format, target_of
from lago_async.usage.journal import Pair, Settings
from lago_async.usage.schema import SCHEMA_VERSION
from lago_async.usage.selection import describe
from lago_async.usage.sink import Sink

if TYPE_CHECKING:
    import os

    from lago_async.bulk import Outcome, SubscriptionIds
    from lago_async.models.customer_usage import CustomerUsage

__all__ = ["Kind", "Progress"]

Kind: TypeAlias = Literal["past", "current"]

OnProgress: TypeAlias = "Callable[[Progress], None]"

_TELL_EVERY: Final = 0.1

_KINDS: Final = get_args(Kind)


@attrs.frozen(kw_only=True)
class Progress:
    """How far an export is.

    Attributes:
        subscriptions: How many it is done with, those of earlier runs and those that failed included.
        total: How many there are, where that is known; roughly, if all of the organisation are asked for.
        skipped: Those of them that an earlier run had done.
        failures: Those of them that failed in this run.
        rows: In the file so far.
        seconds: Since this run began.
    """

    subscriptions: int
    total: int | None
    skipped: int
    failures: int
    rows: int
    seconds: float

    @property
    def rate(self) -> float:
        """Subscriptions a second in this run."""
        return (self.subscriptions - self.skipped) / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Seconds to go, if it goes on like this; None while that can't be told."""
        if self.total is None or not self.rate:
            return None
        return max(0, self.total - self.subscriptions) / self.rate


@attrs.frozen
class Job:
    """What is to be exported, and where to."""

    _path: Path
    _form: Format
    _settings: Settings
    _given: list[Pair] | None
    _everyone: bool

    @classmethod
    def of(
        cls,
        base_url: str,
        out: str | os.PathLike[str],
        format: str | None,  # noqa: A002 - as the callers' callers know it
        kind: Kind,
        subscriptions: Iterable[Pair] | AsyncIterable[Pair] | None,
        from_datetime: datetime | None,
        to_datetime: datetime | None,
        periods_count: int | None,
        billable_metric_code: str | None,
        per_page: int | None,
    ) -> Job:
        """A job whose arguments go together; each for itself, ``lago_async.bulk`` looks at them.

        Raises:
            LagoArgumentError: They don't.
        """
        if kind not in _KINDS:
            raise LagoArgumentError(f"kind is one of {', '.join(_KINDS)}, not {kind!r}")
        if kind == "current" and (from_datetime or to_datetime or periods_count or per_page):
            raise LagoArgumentError(
                "current usage is that of one period: "
                "from_datetime, to_datetime, periods_count and per_page are for past usage"
            )
        text = fspath(out)
        path, form = target_of(Path(text), folder=text.endswith(_SLASHES), name=format)
        given = list(dict.fromkeys(map(_pair, subscriptions))) if isinstance(subscriptions, Collection) else None
        settings = {
            "schema version": SCHEMA_VERSION,
            "format": form.name,
            "server": base_url,
            "kind": kind,
            "from": _text(from_datetime),
            "to": _text(to_datetime),
            "periods": periods_count,
            "metric": billable_metric_code,
            "subscriptions": describe(given) if given is not None else "all" if subscriptions is None else "given",
        }
        return cls(path, form, settings, given, subscriptions is None)

    def open(self, *, overwrite: bool) -> Sink:
        """The export on disk; see `Sink` for what it raises."""
        return Sink(self._path, self._form, self._settings, overwrite=overwrite)

    def left(self, sink: Sink) -> list[Pair] | None:
        """The subscriptions that are left to do, where they are known beforehand."""
        missing = sink.missing
        if missing is None and self._given is not None:
            missing = self._given
        return None if missing is None else [pair for pair in missing if not sink.is_known(pair)]

    def take(
        self, sink: Sink, outcome: Outcome[SubscriptionIds, PastUsage] | Outcome[SubscriptionIds, CustomerUsage]
    ) -> None:
        """Put an outcome where it belongs.

        Raises:
            LagoError: It concerns all subscriptions.
        """
        error = outcome.error
        if error is None:
            value = outcome.value
            if isinstance(value, PastUsage):
                sink.add(outcome.input, value.periods, last=value.last)
            else:
                sink.add(outcome.input, (value,))
        elif self._everyone and _ended(error):
            sink.add(outcome.input, ())
            sink.ended += 1
        elif _concerns_all(error):
            raise error
        else:
            sink.fail(outcome.input, error)


_SLASHES: Final = ("/", "\\") if sys.platform == "win32" else ("/",)


def _pair(given: Sequence[str]) -> Pair:
    customer, subscription = given
    return customer, subscription


def _text(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).isoformat()


def _ended(error: Exception) -> bool:
    """Whether a subscription was active when it was listed, and no longer is: it has no current usage."""
    return isinstance(error, NotAllowedError) and error.code == "no_active_subscription"


def _concerns_all(error: Exception) -> bool:
    return (
        isinstance(error, UnauthorizedError | ForbiddenError | LagoClosedError)
        or not isinstance(error, LagoError)
        or (isinstance(error, LagoApiError) and error.code == "billable_metric_not_found")
    )


class Telling:
    """Tells somebody how far an export is, now and then."""

    def __init__(self, sink: Sink, on_progress: OnProgress | None) -> None:
        self._sink = sink
        self._on_progress = on_progress
        self._began = time.monotonic()
        self._next = self._began

    def tell(self, total: int | None) -> None:
        """Tell, if it is time to."""
        now = time.monotonic()
        if self._on_progress is not None and now >= self._next:
            self._next = now + _TELL_EVERY
            self._on_progress(self._progress(total))

    def tell_all(self) -> None:
        """Tell that it is done."""
        if self._on_progress is not None:
            progress = self._progress(None)
            self._on_progress(attrs.evolve(progress, total=progress.subscriptions))

    def _progress(self, total: int | None) -> Progress:
        sink = self._sink
        return Progress(
            subscriptions=sink.skipped + sink.finished + sink.failures,
            total=total,
            skipped=sink.skipped,
            failures=sink.failures,
            rows=sink.rows,
            seconds=time.monotonic() - self._began,
        )
