"""One call in flight: the state that its attempts share, and the time of the next attempt."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import TYPE_CHECKING, Any, Final, TypedDict

from multidict import CIMultiDict

from lago_async._net.failures import Failure, limit_hit
from lago_async._net.retry import random_fraction, retry_after_of, retry_delay
from lago_async._table.messages import Response
from lago_async._table.refusals import describe, outcome_is_unknown
from lago_async.errors import LagoConnectionError, LagoDecodeError, LagoTimeoutError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from lago_async._net.destination import Destination
    from lago_async._net.hooks import AttemptFacts
    from lago_async._net.options import Options
    from lago_async._table.messages import Request
    from lago_async.errors import LagoCallError

_MAX_FORGIVEN: Final = 10  # 429s that one bulk call survives without spending a retry


class Call:
    """The state that the attempts of one call share.

    Attributes:
        request: The request that every attempt sends.
        options: The options of the client's view.
        request_id: The ``X-Request-Id`` of every attempt.
        deadline: The time by which the call must have ended, by the loop's clock.
        attempts: How many times the request was tried.
        forgiven: The number of attempts that got a 429 and do not count as retries.
        uncertain: Whether the response to an attempt was lost, and the server may have acted on that attempt.
        headers: The headers of every attempt.
        waited: The seconds that the present attempt has waited for the rate limit.
    """

    __slots__ = (
        "attempts", "deadline", "forgiven", "headers", "options", "request", "request_id", "uncertain", "waited",
    )  # fmt: skip

    def __init__(self, request: Request, options: Options, request_id: str, deadline: float) -> None:
        self.request = request
        self.options = options
        self.request_id = request_id
        self.deadline = deadline
        self.attempts = 0
        self.forgiven = 0
        self.uncertain = False
        self.waited = 0.0
        self.headers = {"X-Request-Id": request_id, **options.headers}
        if request.body is not None:
            self.headers["Content-Type"] = "application/json"

    def read_deadline(self, now: float) -> float:
        """Return the time until which to wait for the server's next bytes."""
        read = self.options.timeout.read
        return self.deadline if read is None else min(self.deadline, now + read)

    def wait_too_long(self, seconds: float) -> bool:
        """Tell whether a wait for the rate limit is longer than the call accepts."""
        return seconds > self.options.retries.max_delay or self.too_late(seconds)

    def too_late(self, delay: float) -> bool:
        """Tell whether the call, or a scope of anyio's around it, would be out of time after a delay."""
        then = asyncio.get_running_loop().time() + delay
        if then >= self.deadline:
            return True
        anyio: Any = sys.modules.get("anyio")  # if it was never imported, no such scope exists
        return anyio is not None and then >= anyio.current_effective_deadline()

    def response(self, status: int, headers: Mapping[str, str], body: bytes) -> Response:
        """Return the response to this call."""
        return Response(self.request, status, headers, body, self.request_id, self.attempts, self.uncertain)

    def delay(self, ended: Response | Failure) -> float | None:
        """Return the seconds until the next attempt, or None to give up."""
        response = None if isinstance(ended, Failure) else ended
        if isinstance(ended, Failure) and ended.hopeless:
            return None
        outcome = ended.kind if isinstance(ended, Failure) else ended.status_code
        retries, retry_after = self.options.retries, None
        patient = outcome == 429 and self.options.flow is not None and self.forgiven < _MAX_FORGIVEN
        if response is not None:
            retry_after = retry_after_of(response.status_code, response.headers, time.time())
            # The gateway's answer took the place of the server's, which the caller of a later attempt has to know.
            self.uncertain |= outcome_is_unknown(self.request.endpoint.method, response.status_code)
        if patient:
            # The server did nothing, no user waits for bulk work, and the budget delays the next attempt as needed.
            self.forgiven += 1
            retry_after = None if retry_after is None else min(retry_after, retries.max_delay)
        seconds = retry_delay(
            retries,
            repeatable=self.request.repeatable,
            attempt=max(1, self.attempts - self.forgiven),
            outcome=outcome,
            retry_after=retry_after,
            jitter=random_fraction(),
        )
        if patient and seconds is not None:
            self.deadline += seconds
        return seconds

    def no_response(self, failure: Failure, destination: Destination) -> LagoCallError:
        """Return the error of the call when it ends without a complete response."""
        request = self.request
        tried = f"{self.attempts} attempt{'s' if self.attempts > 1 else ''}"
        place = f"{describe(request)} at {destination} ({tried}, request {self.request_id})"
        partial = failure.partial
        status = None if partial is None else partial.status_code
        if partial is not None and failure.limit is None:
            advice = failure.advice or "the server has most likely carried out the call; the error holds what arrived"
            return LagoDecodeError(
                f"{status} with a body that cannot be used ({failure.reason}): {place}; {advice}",
                **self.description(),
                maybe_applied=True,
                status_code=partial.status_code,
                headers=CIMultiDict(partial.headers),  # a copy that can be pickled
                body=partial.body,
            )
        late = failure.limit is not None
        what = "no response" if status is None else f"{status}, but not all of the response"
        what += (
            f" in time ({limit_hit(failure.limit, self.options.timeout)})" if failure.limit else f" ({failure.reason})"
        )
        if failure.advice is not None:
            advice = failure.advice
        elif not self.uncertain:
            advice = f"nothing was sent: check {destination.setting} and the network{destination.hint}"
        elif request.repeatable:
            advice = "you can repeat the call safely"
        else:
            advice = "it MAY HAVE BEEN CARRIED OUT and was not repeated: look it up before you call again"
        return (LagoTimeoutError if late else LagoConnectionError)(
            f"{what}: {place}; {advice}", **self.description(), maybe_applied=self.uncertain, status_code=status
        )

    def facts(self) -> AttemptFacts:
        """Return the facts of the present attempt for hooks and logs: the path is that of the table, without values."""
        endpoint = self.request.endpoint
        return {
            "operation": endpoint.name,
            "method": endpoint.method,
            "path": endpoint.path,
            "attempt": self.attempts,
            "request_id": self.request_id,
        }

    def description(self) -> CallDescription:
        """Return the arguments that describe the call in an error."""
        return {
            "operation": self.request.endpoint.name,
            "method": self.request.endpoint.method,
            "path": self.request.target,
            "request_id": self.request_id,
            "attempts": self.attempts,
        }


class CallDescription(TypedDict):
    """The keyword arguments that every error of a call takes."""

    operation: str
    method: str
    path: str
    request_id: str
    attempts: int
