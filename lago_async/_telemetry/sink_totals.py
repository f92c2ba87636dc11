"""The totals of all sinks, for the instruments that a metrics system reads at its own times, on its own thread."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final
from weakref import WeakKeyDictionary, ref

import attrs
from opentelemetry.metrics import Observation

from lago_async._ingest.counters import Tally
from lago_async._process_local import ProcessLocal
from lago_async._telemetry import conventions

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from opentelemetry.metrics import CallbackOptions, Meter, MeterProvider

    from lago_async._ingest.counters import Waiting


_COUNTS: Final[Mapping[str, Callable[[Tally], int]]] = {
    "delivered": lambda tally: tally.delivered,
    "duplicate": lambda tally: tally.duplicates,
    "rejected": lambda tally: tally.rejected,
    "dropped": lambda tally: tally.dropped,
}
"""The outcomes of events, and where a tally counts each."""


@attrs.frozen
class _Watched:
    """A sink: its tally, which outlives it, and its store, which does not."""

    tally: Tally
    store: ref[Waiting]


@attrs.define(eq=False)
class _Totals:
    """The sinks of one process, and the counts of those that are gone."""

    lock: threading.Lock = attrs.field(factory=threading.Lock)
    watched: list[_Watched] = attrs.field(factory=list[_Watched])
    gone: Tally = attrs.field(factory=Tally)

    def tallies(self) -> list[Tally]:
        """Return the counts of all sinks so far. Those of a sink that is gone stay, so that no sum decreases."""
        with self.lock:
            for sink in [sink for sink in self.watched if sink.store() is None]:
                self.watched.remove(sink)
                self.gone.delivered += sink.tally.delivered
                self.gone.duplicates += sink.tally.duplicates
                self.gone.rejected += sink.tally.rejected
                self.gone.dropped += sink.tally.dropped
                self.gone.retries += sink.tally.retries
            return [self.gone, *(sink.tally for sink in self.watched)]


class SinkTotals:
    """The sinks behind the observable instruments of one meter. A forked child counts its own sinks only."""

    def __init__(self) -> None:
        self._totals = ProcessLocal(_Totals(), lambda _: _Totals(), eager=False)

    def watch(self, tally: Tally, store: Waiting) -> None:
        """Include a sink."""
        totals = self._totals.get()
        totals.tallies()  # so that a program that makes many sinks keeps no tallies, even if nothing reads the metrics
        with totals.lock:
            totals.watched.append(_Watched(tally, ref(store)))

    def settled(self, _: CallbackOptions) -> Iterable[Observation]:
        """Return the events that need no more attempts, by their outcome."""
        tallies = self._totals.get().tallies()
        return [
            Observation(sum(map(count, tallies)), {conventions.OUTCOME: outcome}) for outcome, count in _COUNTS.items()
        ]

    def retries(self, _: CallbackOptions) -> Iterable[Observation]:
        """Return the requests that failed, and whose events are sent again."""
        return [Observation(sum(tally.retries for tally in self._totals.get().tallies()))]

    def waiting(self, _: CallbackOptions) -> Iterable[Observation]:
        """Return the events that the server has not confirmed."""
        totals = self._totals.get()
        with totals.lock:
            stores = [store for sink in totals.watched if (store := sink.store()) is not None]
        return [Observation(sum(store.waiting() for store in stores))]


class _Global:
    """The key of the global provider, which a program may set later."""


_by_provider: WeakKeyDictionary[MeterProvider | type[_Global], SinkTotals] = WeakKeyDictionary()


def sink_totals_of(provider: MeterProvider | None, meter: Meter) -> SinkTotals:
    """Return the totals for a provider, the same for each setting: a meter calls only the first callback of a name."""
    key = _Global if provider is None else provider
    totals = _by_provider.get(key)
    if totals is None:
        totals = _by_provider.setdefault(key, SinkTotals())
        meter.create_observable_counter(
            conventions.SETTLED_METRIC,
            [totals.settled],
            unit="{event}",
            description="Events of sinks that need no more attempts, by their outcome.",
        )
        meter.create_observable_counter(
            conventions.BATCH_RETRIES_METRIC,
            [totals.retries],
            unit="{request}",
            description="Requests of sinks that failed, and whose events are sent again.",
        )
        meter.create_observable_up_down_counter(
            conventions.WAITING_METRIC,
            [totals.waiting],
            unit="{event}",
            description="Events of sinks that the server has not confirmed.",
        )
    return totals
