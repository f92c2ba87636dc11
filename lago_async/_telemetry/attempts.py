"""The recorder of attempts: it stands before the hooks of a program, and knows the call by the context."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import attrs

from lago_async._net.hooks import Hooks
from lago_async._telemetry.calls import CallSpan, current_call
from lago_async._telemetry.recorder import log_failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from lago_async._net.hooks import AttemptEnded, AttemptStarted, RetryScheduled

_EventT = TypeVar("_EventT")


@attrs.frozen
class AttemptRecorder(Hooks):
    """The hooks of a program, and the recording of attempts before each."""

    def started(self, event: AttemptStarted) -> None:
        """Record an attempt that begins."""
        _record(CallSpan.attempt_started, event)
        super().started(event)

    def ended(self, event: AttemptEnded) -> None:
        """Record an attempt that has ended."""
        _record(CallSpan.attempt_ended, event)
        super().ended(event)

    def retrying(self, event: RetryScheduled) -> None:
        """Record that another attempt follows."""
        _record(CallSpan.retry_scheduled, event)
        super().retrying(event)


def recording(hooks: Hooks | None) -> Hooks:
    """Return hooks that record attempts, and then call those of the program."""
    return AttemptRecorder(None, None, None) if hooks is None else AttemptRecorder(*attrs.astuple(hooks, recurse=False))


def _record(method: Callable[[CallSpan, _EventT], None], event: _EventT) -> None:
    call = current_call()
    if call is None:  # its tracer has failed
        return
    try:
        method(call, event)
    except Exception:  # noqa: BLE001 - a program's own meter must not take the place of a response
        log_failure()
