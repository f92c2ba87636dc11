"""The connector: it reuses no connection that spoke while it was idle, and tells what failed before anything was sent.

aiohttp 3.14 takes bytes that arrive on an idle connection for the answer to the next request (aiohttp 13656), so one
customer's data could be read as another's. And it reports a refusal by a proxy, which concerns no request of ours yet,
like the loss of an answer.
"""

from __future__ import annotations

import asyncio
import re
import select
from functools import partial
from typing import TYPE_CHECKING, Final, cast

import aiohttp
import attrs
from aiohttp.client_proto import ResponseHandler

from lago_async._net.failures import AttemptError, CancelledBeforeSendingError, before_sending, failure_of
from lago_async._net.retry import NoResponse

if TYPE_CHECKING:
    from collections.abc import Callable

    from aiohttp import ClientRequest
    from aiohttp.abc import AbstractResolver
    from aiohttp.connector import Connection
    from aiohttp.http import RawResponseMessage
    from aiohttp.streams import StreamReader
    from aiohttp.tracing import Trace

_USUAL_LENGTH = re.compile(rb"\r\nContent-Length: ([0-9]{1,18})\r\n")  # three times as fast
_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,18})[ \t]*\r\n", re.IGNORECASE)

_UNKNOWN: Final = 0
_NO_LENGTH: Final = -1

# A call of ``super()`` costs more than the work of these methods, which run for each packet or request.
_connect = aiohttp.TCPConnector.connect
_data_received = ResponseHandler.data_received
_feed_data = ResponseHandler.feed_data


class CheckedProtocol(ResponseHandler):
    """One connection, which notices bytes that answer no request.

    Attributes:
        used: Whether a request was sent on this connection.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.used: bool = False
        self._body: StreamReader | None = None  # of the response to the last request
        self._received = 0  # bytes since that request
        self._end = _UNKNOWN  # the number of bytes that head and body have
        self._spoke = False  # bytes have arrived that answer no request
        self._arrived: Callable[[int], object] | None = None

    def begin(self) -> None:
        """Expect the response to the next request."""
        self.used = True
        self._body = None
        self._received = 0
        self._end = _UNKNOWN

    def feed_data(self, data: tuple[RawResponseMessage, StreamReader], size: int = 0) -> None:
        """Take the head of a response from the parser."""
        if data[0].code >= 200:  # others are announcements of the response
            self._body = data[1]
        _feed_data(self, data, size)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the socket. Those after the end of a response belong to no request of ours."""
        complete = self._body is not None and self._body.is_eof()
        if not data:
            if not complete:  # the parser continues after a pause; the library asks for it at each read
                _data_received(self, data)
            return
        if complete:
            self._distrust()
        end = self._end
        if end == _UNKNOWN and (head := data.find(b"\r\n\r\n")) >= 0:
            length = _USUAL_LENGTH.search(data, 0, head + 2) or _LENGTH.search(data, 0, head + 2)
            self._end = end = _NO_LENGTH if length is None else self._received + head + 4 + int(length[1])
        self._received += len(data)
        if 0 < end < self._received:
            # The parser would drop the response if it found something else than another response behind it.
            data = data[: end - self._received]
            self._distrust()
        _data_received(self, data)
        if (
            self._received != end
            and self._body is not None
            and self._body.is_eof()
            and not data.endswith(b"\r\n0\r\n\r\n")
        ):
            # The response has no length, and its last chunk was not the last that came: the parser has the rest.
            self._distrust()

    def set_exception(self, exc: BaseException, exc_cause: BaseException | None = None) -> None:  # noqa: ARG002
        """End the exchange, with an exception for which the library does not repeat the request by itself.

        It repeats a GET, PUT or DELETE once when the connection is lost. Our policy, the log and the budget would not
        know.
        """
        failure = exc.failure if isinstance(exc, AttemptError) else failure_of(exc)
        super().set_exception(AttemptError(failure))

    def is_quiet(self) -> bool:
        """Tell whether the server has neither sent anything since the last response, nor closed the connection."""
        if not self.used:
            return self.is_connected() and not self.should_close
        if self._arrived is None:
            self._arrived = _arrivals(self.transport)
        # The second looks at what the loop has not read yet. The pool has looked whether it is connected.
        return not self._spoke and not self._arrived(0)

    def _distrust(self) -> None:
        """Use this connection for no other request, whether or not the pool has it already."""
        self._spoke = True
        self.force_close()


def _arrivals(transport: asyncio.BaseTransport | None) -> Callable[[int], object]:
    """Return a function that tells, without waiting, whether the socket has bytes or an end to read."""
    # Windows and some patched worlds have no poll(); there, what the loop has read must do.
    if transport is None or not hasattr(select, "poll"):
        return lambda _: None
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
    return poll.poll


class CheckedConnector(aiohttp.TCPConnector):
    """Connections for requests: fresh ones, or idle ones on which nothing has arrived."""

    def __init__(self, resolver: AbstractResolver | None = None) -> None:
        super().__init__(limit=0, resolver=resolver)  # pyright: ignore[reportUnknownMemberType] - a type of the library's own
        # aiohttp has no public way to choose the protocol.
        make: Callable[..., ResponseHandler] = CheckedProtocol
        self._factory = partial(make, asyncio.get_running_loop())

    async def connect(
        self,
        req: ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the library's own parameter
    ) -> Connection:
        """Return a connection to send a request on.

        Raises:
            AttemptError: No connection could be opened, so nothing was sent to the API.
            CancelledBeforeSendingError: The task was cancelled before the connection was open.
        """
        try:
            while True:
                connection = await _connect(self, req, traces, timeout)
                protocol = cast("CheckedProtocol", connection.protocol)
                if protocol.is_quiet():
                    protocol.begin()
                    return connection
                connection.close()
                if not protocol.used:
                    break
        except asyncio.CancelledError as error:
            raise CancelledBeforeSendingError(*error.args) from None
        except TimeoutError:
            raise  # aiohttp names the limit
        except AttemptError as error:  # of our resolver, or of our protocol in its talk with a proxy
            raise AttemptError(attrs.evolve(error.failure, kind=NoResponse.NOT_SENT)) from None
        except Exception as error:  # noqa: BLE001 - nothing was sent, whatever it is
            raise AttemptError(before_sending(error)) from None
        raise AttemptError(
            before_sending(
                aiohttp.ClientConnectionError("the server closed the connection, or spoke, before it got a request")
            )
        )
