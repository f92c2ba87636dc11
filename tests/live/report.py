"""The report of a run: the result of each operation on each face, and the text that a person reads."""

from collections import Counter
from collections.abc import Iterator
from enum import Enum

import attrs

from tests.live.answers import Difference


class Result(Enum):
    """How a step ended; the later ones matter more when an operation is called several times."""

    NOT_REACHED = "not reached"
    REFUSED = "refused"
    OK = "ok"
    FAILED = "FAILED"


_ORDER = list(Result)
FACES = {"async": "lago_async", "sync": "lago_sync"}


@attrs.frozen
class Step:
    """A call of an operation on one face, or a story that broke outside of a call.

    Attributes:
        operation: Its path on a client: ``taxes.create``.
        note: Why it was refused, failed or not reached.
        is_gate: Whether a gate refused it: a licence, a feature flag, ClickHouse, a payment provider.
    """

    operation: str
    face: str
    result: Result
    note: str = ""
    is_gate: bool = False


class Report:
    """Everything that a run has to tell.

    Attributes:
        steps: All steps, in order.
        differences: How often a response and its model differed, by operation and place.
        left_behind: What could not be deleted, each with a reason.
    """

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.differences: Counter[tuple[str, Difference]] = Counter()
        self.left_behind: list[str] = []

    def of(self, operation: str, face: str) -> Step | None:
        """Return the step that counts for an operation on a face."""
        steps = [step for step in self.steps if (step.operation, step.face) == (operation, face)]
        return max(steps, key=lambda step: _ORDER.index(step.result), default=None)

    @property
    def failures(self) -> list[Step]:
        """All steps that failed."""
        return [step for step in self.steps if step.result is Result.FAILED]

    @property
    def not_reached(self) -> list[Step]:
        """The operations that were never called on a face, because something before them failed or came too late."""
        names = dict.fromkeys((step.operation, step.face) for step in self.steps)
        steps = [step for name in names if (step := self.of(*name)) is not None]
        return [step for step in steps if step.result is Result.NOT_REACHED]

    @property
    def wrong_models(self) -> list[str]:
        """The differences that are mistakes of the models."""
        return sorted(
            {
                f"{operation}: {difference.place}: {difference.kind}"
                for operation, difference in self.differences
                if difference.is_failure
            }
        )

    @property
    def has_failed(self) -> bool:
        """Whether the server and the client do not fit, or were not tried completely."""
        return bool(self.failures or self.not_reached or self.wrong_models)

    def lines(self) -> Iterator[str]:
        """Return the report as text."""
        operations = list(dict.fromkeys(step.operation for step in self.steps))
        width = max(map(len, operations), default=0)
        yield f"{'operation':{width}}  {'  '.join(f'{name:11}' for name in FACES.values())}".rstrip()
        for operation in operations:
            steps = [self.of(operation, face) for face in FACES]
            results = "  ".join(f"{_result(step):11}" for step in steps)
            notes = dict.fromkeys(step.note for step in steps if step is not None and step.note)
            yield f"{operation:{width}}  {results}  {'; '.join(notes)}".rstrip()
        yield ""
        yield from self._summary(operations)

    def _summary(self, operations: list[str]) -> Iterator[str]:
        results = Counter(
            _result(step) for operation in operations for face in FACES if (step := self.of(operation, face))
        )
        counts = ", ".join(f"{results[name]} {name}" for name in (*_RESULTS, "") if results[name])
        yield f"{len(operations)} methods on {len(FACES)} faces: {counts or 'nothing was called'}."
        yield from _section("Failed", [f"{step.operation} ({FACES[step.face]}): {step.note}" for step in self.failures])
        missed = [f"{step.operation} ({FACES[step.face]}): {step.note}" for step in self.not_reached]
        yield from _section("Not reached", missed)
        gates = [step for step in self._that_count(operations) if step.is_gate]
        yield from _section("Refused by a gate", [f"{step.operation}: {step.note}" for step in gates])
        kinds = {
            "null": "Null, but never null by the model",
            "lost": "Could not be read as the model says",
            "unknown": "Sent by the server, and unknown to the model",
            "absent": "Not sent by the server, but always there by the model",
        }
        for kind, title in kinds.items():
            found: dict[str, list[str]] = {}
            for operation, difference in self.differences:
                if difference.kind == kind:
                    found.setdefault(difference.place, []).append(operation)
            yield from _section(
                title, [f"{place} (in {', '.join(sorted(set(where)))})" for place, where in sorted(found.items())]
            )
        yield from _section("Left behind", self.left_behind or ["nothing"])

    def _that_count(self, operations: list[str]) -> Iterator[Step]:
        for operation in operations:
            steps = [self.of(operation, face) for face in FACES]
            yield from [step for step in steps if step is not None and step.result is Result.REFUSED][:1]


_RESULTS = (*(result.value for result in Result), "gate")


def _result(step: Step | None) -> str:
    return "-" if step is None else "gate" if step.is_gate else step.result.value


def _section(title: str, lines: list[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"{title}:"
        yield from (f"  {line}" for line in lines)
