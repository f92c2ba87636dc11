"""One input of a bulk run as the engine sees it, and the arrival of each of its calls."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

import attrs

from lago_async._bulk.outcome import Outcome

if TYPE_CHECKING:
    import asyncio

    from lago_async._bulk.walks import Walk
    from lago_async._table.messages import Request, Response

_In = TypeVar("_In")
_T = TypeVar("_T")

Send: TypeAlias = "Callable[[Request], Awaitable[Response]]"


@attrs.frozen(eq=False)
class Job(Generic[_In, _T]):
    """One input: its walk, and the function that sends its requests.

    Attributes:
        input: The input of the outcomes.
        send: Sends a request; called on the event loop.
        walk: Chooses the requests.
    """

    input: _In
    send: Send
    walk: Walk[_T]

    def first(self) -> Request | Exception:
        """Return the first request, or the error of encoding it, which goes to the input's outcome."""
        try:
            return self.walk.first()
        except Exception as error:  # noqa: BLE001 - the outcome has it
            return error


class Arrival(Generic[_In, _T]):
    """The response to one request, undecoded, or the error of the call.

    The bytes take little memory and the decoded objects much more. So the reader decodes each arrival just before it
    hands out the outcome, and the objects are gone before the garbage collector has to visit them twice.

    The engine waits until the reader calls `finish`, and then continues with ``following``.

    Attributes:
        job: The job that it belongs to.
        result: The response, or the error.
        done: The future that `finish` completes with the next request.
        following: The next request of the walk, once this arrival is decoded; None if there is none.
    """

    __slots__ = ("done", "following", "job", "result")

    def __init__(self, job: Job[_In, _T], result: Response | Exception, done: asyncio.Future[Request | None]) -> None:
        self.job: Job[_In, _T] = job
        self.result: Response | Exception = result
        self.done: asyncio.Future[Request | None] = done
        self.following: Request | None = None

    def finish(self) -> None:
        """Let the walk continue; on the event loop."""
        if not self.done.done():  # cancelled, if the run was closed
            self.done.set_result(self.following)

    # --- on the calling thread ----------------------------------------------------------------------------------------

    def read(self) -> tuple[_T, ...]:
        """Decode on this thread, and return the values.

        Raises:
            Exception: There is no response, or it says that the call failed, or it cannot be decoded.
        """
        response = self._response()
        return self._walk_on(response, response.request.endpoint.decode(response))

    def outcome(self) -> Outcome[_In, _T] | None:
        """Decode on this thread, and return the outcome; None if this response has no value."""
        try:
            return self._outcome(self.read())
        except Exception as error:  # noqa: BLE001 - the outcome has it
            return Outcome(self.job.input, error)

    # --- on the event loop --------------------------------------------------------------------------------------------

    async def aread(self) -> tuple[_T, ...]:
        """Like `read`; the event loop has turns between the pieces of a large response."""
        response = self._response()
        return self._walk_on(response, await response.request.endpoint.adecode(response))

    async def aoutcome(self) -> Outcome[_In, _T] | None:
        """Like `outcome`; the event loop has turns between the pieces of a large response."""
        try:
            return self._outcome(await self.aread())
        except Exception as error:  # noqa: BLE001 - the outcome has it
            return Outcome(self.job.input, error)

    # ------------------------------------------------------------------------------------------------------------------

    def _response(self) -> Response:
        if isinstance(self.result, Exception):
            raise self.result
        return self.result

    def _walk_on(self, response: Response, decoded: Any) -> tuple[_T, ...]:
        values, self.following = self.job.walk.after(response, decoded)
        return values

    def _outcome(self, values: tuple[_T, ...]) -> Outcome[_In, _T] | None:
        return Outcome(self.job.input, None, values[0]) if values else None
